-- Visitors on their way to a new version: its share of them now, and when the next comes.
CREATE TABLE shift (
    deployment_id UUID NOT NULL PRIMARY KEY REFERENCES deployment (id) ON DELETE CASCADE,
    app_id UUID NOT NULL UNIQUE REFERENCES app (id) ON DELETE CASCADE,
    services JSONB NOT NULL,
    position BIGINT NOT NULL,
    positions BIGINT NOT NULL,
    weight BIGINT NOT NULL CHECK (weight BETWEEN 0 AND 100),
    since TIMESTAMPTZ NOT NULL,
    until TIMESTAMPTZ NOT NULL,
    by_hand BOOLEAN NOT NULL,
    go_on BOOLEAN NOT NULL
);

DROP INDEX deployment_one_runs;
CREATE UNIQUE INDEX deployment_one_runs ON deployment (app_id)
    WHERE state IN ('fetching', 'building', 'pushing', 'planning', 'applying', 'verifying', 'shifting');
