-- The keys that values are sealed with, each sealed under the key of the file. The newest seals from `active_from` on.
CREATE TABLE data_key (
    id BYTEA NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    active_from TIMESTAMPTZ NOT NULL,
    retired_at TIMESTAMPTZ
);
