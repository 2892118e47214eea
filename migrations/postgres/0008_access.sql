ALTER TABLE person ADD COLUMN owner BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE person ALTER COLUMN owner DROP DEFAULT;
ALTER TABLE person ALTER COLUMN password_hash DROP NOT NULL;

ALTER TABLE session ADD COLUMN team_id UUID REFERENCES team (id) ON DELETE SET NULL;
UPDATE session SET team_id = p.team_id FROM person p WHERE p.id = session.person_id;

ALTER TABLE token ADD COLUMN team_id UUID REFERENCES team (id) ON DELETE CASCADE;
UPDATE token SET team_id = p.team_id FROM person p WHERE p.id = token.person_id;
ALTER TABLE token ALTER COLUMN team_id SET NOT NULL;
ALTER TABLE token ADD COLUMN rights TEXT;
ALTER TABLE token ADD COLUMN places TEXT;

CREATE TABLE member (
    team_id UUID NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (team_id, person_id)
);
INSERT INTO member SELECT team_id, id, created_at FROM person;

CREATE TABLE team_role (
    id UUID NOT NULL PRIMARY KEY,
    team_id UUID NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    rights TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (team_id, name)
);

CREATE TABLE member_role (
    team_id UUID NOT NULL,
    person_id UUID NOT NULL,
    place TEXT NOT NULL,
    place_id UUID NOT NULL,
    role TEXT NOT NULL,
    role_id UUID REFERENCES team_role (id),
    PRIMARY KEY (team_id, person_id, place, place_id),
    FOREIGN KEY (team_id, person_id) REFERENCES member (team_id, person_id) ON DELETE CASCADE
);
INSERT INTO member_role SELECT team_id, id, 'team', team_id, 'owner', NULL FROM person;

CREATE TABLE invitation (
    id UUID NOT NULL PRIMARY KEY,
    team_id UUID NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    place TEXT NOT NULL,
    place_id UUID NOT NULL,
    role TEXT NOT NULL,
    role_id UUID REFERENCES team_role (id),
    hash BYTEA NOT NULL UNIQUE,
    inviter_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);

ALTER TABLE person DROP COLUMN team_id;
