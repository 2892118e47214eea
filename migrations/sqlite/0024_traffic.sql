-- What the edges counted of a domain in `span` seconds from `at` (seconds since 1970): lines of text that
-- add up (domain/traffic/counts.rs). Each count is in one row; older rows are added up to longer spans.
CREATE TABLE traffic (
    domain_id BLOB NOT NULL REFERENCES domain (id) ON DELETE CASCADE,
    span INTEGER NOT NULL CHECK (span > 0),
    at INTEGER NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (domain_id, span, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX traffic_age ON traffic (span, at);

-- Processes of edges: the number of the last report that was taken, and until when it counts.
CREATE TABLE traffic_edge (
    edge_id BLOB NOT NULL PRIMARY KEY,
    node TEXT NOT NULL,
    seq INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    uncounted INTEGER NOT NULL,
    ended INTEGER NOT NULL
) STRICT;

-- When counts are missing, and how many requests if that is known.
CREATE TABLE traffic_gap (
    edge_id BLOB NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    node TEXT NOT NULL,
    uncounted INTEGER NOT NULL,
    PRIMARY KEY (edge_id, from_at)
) STRICT;

-- Domains of which somebody watches the requests as they end.
CREATE TABLE traffic_watch (
    domain_id BLOB NOT NULL PRIMARY KEY REFERENCES domain (id) ON DELETE CASCADE,
    until_at INTEGER NOT NULL
) STRICT;
