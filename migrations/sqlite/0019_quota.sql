-- What a team may have at most; NULL: as much as there is.
CREATE TABLE team_quota (
    team_id BLOB NOT NULL PRIMARY KEY REFERENCES team (id) ON DELETE CASCADE,
    apps INTEGER CHECK (apps >= 0),
    builds INTEGER CHECK (builds >= 1),
    nano_cpus INTEGER CHECK (nano_cpus >= 0),
    memory INTEGER CHECK (memory >= 0),
    storage INTEGER CHECK (storage >= 0)
) STRICT;

-- What the tasks of a deployment may use together: the sum of their limits.
ALTER TABLE deployment ADD COLUMN claimed_cpus INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deployment ADD COLUMN claimed_memory INTEGER NOT NULL DEFAULT 0;

-- How much the volumes of a node hold, as its engine said last.
CREATE TABLE volume_use (
    node TEXT NOT NULL,
    name TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    measured_at TEXT NOT NULL,
    PRIMARY KEY (node, name)
) STRICT;
