-- The keys that values are sealed with, each sealed under the key of the file. The newest seals from `active_from` on.
CREATE TABLE data_key (
    id BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL,
    created_at TEXT NOT NULL,
    active_from TEXT NOT NULL,
    retired_at TEXT
) STRICT;
