-- The replicas of the edge, as they said last of themselves. `loaded` is the version that is served there.
CREATE TABLE edge (
    id BLOB NOT NULL PRIMARY KEY,
    node TEXT NOT NULL,
    loaded TEXT,
    program TEXT NOT NULL,
    started_at TEXT NOT NULL,
    seen_at TEXT NOT NULL
) STRICT;
