-- Secret stores that a team has elsewhere. No place id: for the whole team.
CREATE TABLE secret_store (
    id BLOB NOT NULL PRIMARY KEY,
    team_id BLOB NOT NULL REFERENCES team (id),
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    place_id BLOB,
    address TEXT NOT NULL,
    settings TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (team_id, name)
) STRICT;

-- What a deployment read from stores: its release runs with these values, and its logs hide them.
CREATE TABLE store_reading (
    deployment_id BLOB NOT NULL PRIMARY KEY REFERENCES deployment (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL
) STRICT;
