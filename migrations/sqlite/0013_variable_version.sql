ALTER TABLE variable ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE variable ADD COLUMN changer_id BLOB;

CREATE TABLE variable_version (
    id BLOB NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    scope_id BLOB NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    secret INTEGER NOT NULL,
    changer_id BLOB,
    changed_at TEXT NOT NULL,
    UNIQUE (scope, scope_id, key, version)
) STRICT;
