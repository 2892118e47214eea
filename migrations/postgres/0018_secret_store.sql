-- Secret stores that a team has elsewhere. No place id: for the whole team.
CREATE TABLE secret_store (
    id UUID NOT NULL PRIMARY KEY,
    team_id UUID NOT NULL REFERENCES team (id),
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    place_id UUID,
    address TEXT NOT NULL,
    settings JSONB NOT NULL,
    sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (team_id, name)
);

-- What a deployment read from stores: its release runs with these values, and its logs hide them.
CREATE TABLE store_reading (
    deployment_id UUID NOT NULL PRIMARY KEY REFERENCES deployment (id) ON DELETE CASCADE,
    sealed BYTEA NOT NULL
);
