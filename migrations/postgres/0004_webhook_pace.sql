-- Until when a webhook's quota is spent: microseconds since 1970 by the database's clock.
ALTER TABLE webhook ADD COLUMN spent_until BIGINT NOT NULL DEFAULT 0;
