-- Who vouches for people: for a team, or for the whole instance.
CREATE TABLE identity_provider (
    id BLOB NOT NULL PRIMARY KEY,
    team_id BLOB REFERENCES team (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client TEXT NOT NULL,
    sealed BLOB NOT NULL,
    claim TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX identity_provider_team ON identity_provider (team_id);

-- Which group of theirs is given which role where; everybody, if the group is empty.
CREATE TABLE identity_group (
    provider_id BLOB NOT NULL REFERENCES identity_provider (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    place_id BLOB NOT NULL,
    role TEXT NOT NULL,
    role_id BLOB REFERENCES team_role (id),
    PRIMARY KEY (provider_id, name, place, place_id)
) STRICT;

-- Whom they know by which name of theirs.
CREATE TABLE identity (
    provider_id BLOB NOT NULL REFERENCES identity_provider (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    person_id BLOB NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    email TEXT,
    created_at TEXT NOT NULL,
    used_at TEXT NOT NULL,
    PRIMARY KEY (provider_id, subject)
) STRICT;
CREATE INDEX identity_person ON identity (person_id);

-- The roles that a member has by a provider's word, beside those that were given by hand.
CREATE TABLE identity_role (
    provider_id BLOB NOT NULL REFERENCES identity_provider (id) ON DELETE CASCADE,
    team_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    place TEXT NOT NULL,
    place_id BLOB NOT NULL,
    role TEXT NOT NULL,
    role_id BLOB REFERENCES team_role (id),
    PRIMARY KEY (provider_id, person_id, place, place_id, role),
    FOREIGN KEY (team_id, person_id) REFERENCES member (team_id, person_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX identity_role_member ON identity_role (team_id, person_id);

-- Whoever was sent to a provider, and did not come back yet.
CREATE TABLE sign_on (
    hash BLOB NOT NULL PRIMARY KEY,
    provider_id BLOB NOT NULL REFERENCES identity_provider (id) ON DELETE CASCADE,
    person_id BLOB REFERENCES person (id) ON DELETE CASCADE,
    next TEXT NOT NULL,
    address TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;

-- What is begun by a provider's word ends with the provider.
ALTER TABLE session ADD COLUMN provider_id BLOB REFERENCES identity_provider (id) ON DELETE CASCADE;
ALTER TABLE pending_login ADD COLUMN provider_id BLOB REFERENCES identity_provider (id) ON DELETE CASCADE;

-- Other sessions do not see this team.
ALTER TABLE team ADD COLUMN sso_only INTEGER NOT NULL DEFAULT 0;
