-- The generation of the last change that only a deployment brings; scaling is none.
ALTER TABLE app ADD COLUMN configured BIGINT NOT NULL DEFAULT 1;
UPDATE app SET configured = generation;
