ALTER TABLE variable ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE variable ADD COLUMN changer_id UUID;

CREATE TABLE variable_version (
    id UUID NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    scope_id UUID NOT NULL,
    key TEXT NOT NULL,
    version BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    secret BOOLEAN NOT NULL,
    changer_id UUID,
    changed_at TIMESTAMPTZ NOT NULL,
    UNIQUE (scope, scope_id, key, version)
);
