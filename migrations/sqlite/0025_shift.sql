-- Visitors on their way to a new version: its share of them now, and when the next comes.
CREATE TABLE shift (
    deployment_id BLOB NOT NULL PRIMARY KEY REFERENCES deployment (id) ON DELETE CASCADE,
    app_id BLOB NOT NULL UNIQUE REFERENCES app (id) ON DELETE CASCADE,
    services TEXT NOT NULL,
    position INTEGER NOT NULL,
    positions INTEGER NOT NULL,
    weight INTEGER NOT NULL CHECK (weight BETWEEN 0 AND 100),
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    by_hand INTEGER NOT NULL,
    go_on INTEGER NOT NULL
) STRICT;

DROP INDEX deployment_one_runs;
CREATE UNIQUE INDEX deployment_one_runs ON deployment (app_id)
    WHERE state IN ('fetching', 'building', 'pushing', 'planning', 'applying', 'verifying', 'shifting');
