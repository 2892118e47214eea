-- What a team may have at most; NULL: as much as there is.
CREATE TABLE team_quota (
    team_id UUID NOT NULL PRIMARY KEY REFERENCES team (id) ON DELETE CASCADE,
    apps BIGINT CHECK (apps >= 0),
    builds BIGINT CHECK (builds >= 1),
    nano_cpus BIGINT CHECK (nano_cpus >= 0),
    memory BIGINT CHECK (memory >= 0),
    storage BIGINT CHECK (storage >= 0)
);

-- What the tasks of a deployment may use together: the sum of their limits.
ALTER TABLE deployment ADD COLUMN claimed_cpus BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deployment ADD COLUMN claimed_memory BIGINT NOT NULL DEFAULT 0;

-- How much the volumes of a node hold, as its engine said last.
CREATE TABLE volume_use (
    node TEXT NOT NULL,
    name TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    measured_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (node, name)
);
