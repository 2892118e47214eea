-- Who vouches for people: for a team, or for the whole instance.
CREATE TABLE identity_provider (
    id UUID NOT NULL PRIMARY KEY,
    team_id UUID REFERENCES team (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    claim TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX identity_provider_team ON identity_provider (team_id);

-- Which group of theirs is given which role where; everybody, if the group is empty.
CREATE TABLE identity_group (
    provider_id UUID NOT NULL REFERENCES identity_provider (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    place_id UUID NOT NULL,
    role TEXT NOT NULL,
    role_id UUID REFERENCES team_role (id),
    PRIMARY KEY (provider_id, name, place, place_id)
);

-- Whom they know by which name of theirs.
CREATE TABLE identity (
    provider_id UUID NOT NULL REFERENCES identity_provider (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    email TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (provider_id, subject)
);
CREATE INDEX identity_person ON identity (person_id);

-- The roles that a member has by a provider's word, beside those that were given by hand.
CREATE TABLE identity_role (
    provider_id UUID NOT NULL REFERENCES identity_provider (id) ON DELETE CASCADE,
    team_id UUID NOT NULL,
    person_id UUID NOT NULL,
    place TEXT NOT NULL,
    place_id UUID NOT NULL,
    role TEXT NOT NULL,
    role_id UUID REFERENCES team_role (id),
    PRIMARY KEY (provider_id, person_id, place, place_id, role),
    FOREIGN KEY (team_id, person_id) REFERENCES member (team_id, person_id) ON DELETE CASCADE
);
CREATE INDEX identity_role_member ON identity_role (team_id, person_id);

-- Whoever was sent to a provider, and did not come back yet.
CREATE TABLE sign_on (
    hash BYTEA NOT NULL PRIMARY KEY,
    provider_id UUID NOT NULL REFERENCES identity_provider (id) ON DELETE CASCADE,
    person_id UUID REFERENCES person (id) ON DELETE CASCADE,
    next TEXT NOT NULL,
    address TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);

-- What is begun by a provider's word ends with the provider.
ALTER TABLE session ADD COLUMN provider_id UUID REFERENCES identity_provider (id) ON DELETE CASCADE;
ALTER TABLE pending_login ADD COLUMN provider_id UUID REFERENCES identity_provider (id) ON DELETE CASCADE;

-- Other sessions do not see this team.
ALTER TABLE team ADD COLUMN sso_only BOOLEAN NOT NULL DEFAULT FALSE;
