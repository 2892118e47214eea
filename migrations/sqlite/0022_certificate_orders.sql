-- Certificate authorities beside the one of the settings: how they are asked, and what they bear.
CREATE TABLE acme_directory (
    id BLOB NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    name TEXT NOT NULL UNIQUE,
    address TEXT NOT NULL UNIQUE,
    backup INTEGER NOT NULL,
    external_key TEXT,
    sealed_hmac BLOB,
    profile TEXT,
    key_type TEXT NOT NULL,
    limits TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

-- Who counts the orders at a directory holds its row.
CREATE TABLE acme_ledger (
    directory TEXT NOT NULL PRIMARY KEY,
    claimed_at TEXT NOT NULL
) STRICT;

-- Every order of the last days, so that no CA's limit is broken, whoever of the replicas asks.
CREATE TABLE certificate_order (
    id BLOB NOT NULL PRIMARY KEY,
    directory TEXT NOT NULL,
    host TEXT NOT NULL,
    registered TEXT NOT NULL,
    exempt INTEGER NOT NULL,
    placed_at TEXT NOT NULL,
    ended_at TEXT,
    outcome TEXT
) STRICT;
CREATE INDEX certificate_order_placed ON certificate_order (directory, placed_at);
CREATE INDEX certificate_order_registered ON certificate_order (directory, registered, placed_at);
CREATE INDEX certificate_order_host ON certificate_order (directory, host, placed_at);

-- When a certificate is renewed, what its CA says of that, and what the last try came to.
ALTER TABLE certificate ADD COLUMN renew_at TEXT;
ALTER TABLE certificate ADD COLUMN ask_at TEXT;
ALTER TABLE certificate ADD COLUMN explanation TEXT;
ALTER TABLE certificate ADD COLUMN fault TEXT;
ALTER TABLE certificate ADD COLUMN problem TEXT;
ALTER TABLE certificate ADD COLUMN issuer TEXT;
ALTER TABLE certificate ADD COLUMN chosen TEXT;
ALTER TABLE certificate ADD COLUMN passed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE certificate ADD COLUMN waits_for TEXT;
ALTER TABLE certificate ADD COLUMN forced INTEGER NOT NULL DEFAULT 0;
CREATE INDEX certificate_due ON certificate (next_try_at);
CREATE INDEX certificate_waits ON certificate (waits_for);

-- The directory of an environment's certificates, if it is not the instance's.
ALTER TABLE environment ADD COLUMN acme_directory TEXT;

-- Whether a job for a certificate is open is asked for each that is due.
CREATE INDEX job_open ON job (lock_key) WHERE status IN ('queued', 'running');
