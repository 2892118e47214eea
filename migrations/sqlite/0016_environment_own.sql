-- Whose a credential and a trusted host are: the team's (with its own id), a project's, or one environment's.
CREATE TABLE new_credential (
    id BLOB NOT NULL PRIMARY KEY,
    team_id BLOB NOT NULL REFERENCES team (id),
    place TEXT NOT NULL,
    place_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    host TEXT NOT NULL,
    username TEXT,
    public TEXT,
    sealed BLOB NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
INSERT INTO new_credential
    SELECT id, team_id, 'team', team_id, kind, title, host, username, public, sealed, created_at FROM credential;
DROP TABLE credential;
ALTER TABLE new_credential RENAME TO credential;

CREATE TABLE new_host_key (
    team_id BLOB NOT NULL REFERENCES team (id),
    place TEXT NOT NULL,
    place_id BLOB NOT NULL,
    host TEXT NOT NULL,
    line TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (team_id, place, place_id, host, line)
) STRICT;
INSERT INTO new_host_key SELECT team_id, 'team', team_id, host, line, created_at FROM host_key;
DROP TABLE host_key;
ALTER TABLE new_host_key RENAME TO host_key;
