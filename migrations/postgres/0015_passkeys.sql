-- A service account is a person whom nobody is: of one team, without a password, and gone with the team.
ALTER TABLE person ADD COLUMN service_team_id UUID REFERENCES team (id) ON DELETE CASCADE
    CHECK (service_team_id IS NULL OR (password_hash IS NULL AND NOT owner));
CREATE INDEX person_service_team ON person (service_team_id) WHERE service_team_id IS NOT NULL;

-- What a person's authenticator holds the other half of. A credential belongs to one person; its counter only grows.
CREATE TABLE passkey (
    id UUID NOT NULL PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    credential BYTEA NOT NULL UNIQUE,
    name TEXT NOT NULL,
    public TEXT NOT NULL,
    counter BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX passkey_person ON passkey (person_id);

-- A challenge that waits for its answer, by the hash of the cookie of the browser that asked for it.
CREATE TABLE passkey_challenge (
    hash BYTEA NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    person_id UUID REFERENCES person (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX passkey_challenge_person ON passkey_challenge (person_id);
