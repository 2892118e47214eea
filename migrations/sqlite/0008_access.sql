CREATE TABLE new_person (
    id BLOB NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    owner INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
INSERT INTO new_person SELECT id, email, password_hash, 1, created_at FROM person;

CREATE TABLE new_session (
    id BLOB NOT NULL PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES new_person (id) ON DELETE CASCADE,
    team_id BLOB REFERENCES team (id) ON DELETE SET NULL,
    hash BLOB NOT NULL UNIQUE,
    agent TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
INSERT INTO new_session SELECT s.id, s.person_id, p.team_id, s.hash, s.agent, s.created_at, s.expires_at
    FROM session s JOIN person p ON p.id = s.person_id;

CREATE TABLE new_token (
    id BLOB NOT NULL PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES new_person (id) ON DELETE CASCADE,
    team_id BLOB NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    rights TEXT,
    places TEXT,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    used_at TEXT
) STRICT;
INSERT INTO new_token SELECT t.id, t.person_id, p.team_id, t.name, t.hash, NULL, NULL, t.created_at, t.expires_at, t.used_at
    FROM token t JOIN person p ON p.id = t.person_id;

CREATE TABLE member (
    team_id BLOB NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    person_id BLOB NOT NULL REFERENCES new_person (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    PRIMARY KEY (team_id, person_id)
) STRICT;
INSERT INTO member SELECT team_id, id, created_at FROM person;

CREATE TABLE team_role (
    id BLOB NOT NULL PRIMARY KEY,
    team_id BLOB NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    rights TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (team_id, name)
) STRICT;

CREATE TABLE member_role (
    team_id BLOB NOT NULL,
    person_id BLOB NOT NULL,
    place TEXT NOT NULL,
    place_id BLOB NOT NULL,
    role TEXT NOT NULL,
    role_id BLOB REFERENCES team_role (id),
    PRIMARY KEY (team_id, person_id, place, place_id),
    FOREIGN KEY (team_id, person_id) REFERENCES member (team_id, person_id) ON DELETE CASCADE
) STRICT;
INSERT INTO member_role SELECT team_id, id, 'team', team_id, 'owner', NULL FROM person;

CREATE TABLE invitation (
    id BLOB NOT NULL PRIMARY KEY,
    team_id BLOB NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    place TEXT NOT NULL,
    place_id BLOB NOT NULL,
    role TEXT NOT NULL,
    role_id BLOB REFERENCES team_role (id),
    hash BLOB NOT NULL UNIQUE,
    inviter_id BLOB NOT NULL REFERENCES new_person (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;

DROP TABLE session;
DROP TABLE token;
DROP TABLE person;
ALTER TABLE new_person RENAME TO person;
ALTER TABLE new_session RENAME TO session;
ALTER TABLE new_token RENAME TO token;
