CREATE TABLE setting (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE team (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE person (
    id BLOB NOT NULL PRIMARY KEY,
    team_id BLOB NOT NULL REFERENCES team (id),
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE session (
    id BLOB NOT NULL PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    hash BLOB NOT NULL UNIQUE,
    agent TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;

CREATE TABLE token (
    id BLOB NOT NULL PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    used_at TEXT
) STRICT;

CREATE TABLE login_failure (
    subject TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at TEXT NOT NULL
) STRICT;

CREATE TABLE project (
    id BLOB NOT NULL PRIMARY KEY,
    team_id BLOB NOT NULL REFERENCES team (id),
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (team_id, name)
) STRICT;

CREATE TABLE environment (
    id BLOB NOT NULL PRIMARY KEY,
    project_id BLOB NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (project_id, name)
) STRICT;

CREATE TABLE credential (
    id BLOB NOT NULL PRIMARY KEY,
    team_id BLOB NOT NULL REFERENCES team (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    host TEXT NOT NULL,
    username TEXT,
    public TEXT,
    sealed BLOB NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE app (
    id BLOB NOT NULL PRIMARY KEY,
    environment_id BLOB NOT NULL REFERENCES environment (id),
    name TEXT NOT NULL,
    stack TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    build TEXT NOT NULL,
    settings TEXT NOT NULL,
    generation INTEGER NOT NULL,
    wanted TEXT NOT NULL,
    auto_deploy INTEGER NOT NULL,
    volume_node TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (environment_id, name)
) STRICT;

CREATE TABLE variable (
    id BLOB NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    scope_id BLOB NOT NULL,
    key TEXT NOT NULL,
    sealed BLOB NOT NULL,
    secret INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (scope, scope_id, key)
) STRICT;

CREATE TABLE host_key (
    team_id BLOB NOT NULL REFERENCES team (id),
    host TEXT NOT NULL,
    line TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (team_id, host, line)
) STRICT;

CREATE TABLE webhook (
    id BLOB NOT NULL PRIMARY KEY,
    app_id BLOB NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    sealed_secret BLOB NOT NULL CHECK (length(sealed_secret) > 40),
    old_secret BLOB,
    old_until TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (app_id, provider)
) STRICT;

CREATE TABLE deployment (
    id BLOB NOT NULL PRIMARY KEY,
    app_id BLOB NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    state TEXT NOT NULL,
    cause TEXT NOT NULL,
    reason TEXT,
    commit_sha TEXT,
    title TEXT,
    author TEXT,
    failure TEXT,
    cancel INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    UNIQUE (app_id, number)
) STRICT;
CREATE UNIQUE INDEX deployment_one_waits ON deployment (app_id) WHERE state = 'queued';
CREATE UNIQUE INDEX deployment_one_runs ON deployment (app_id)
    WHERE state IN ('fetching', 'building', 'pushing', 'planning', 'applying', 'verifying');
CREATE UNIQUE INDEX deployment_one_lives ON deployment (app_id) WHERE state = 'live';
CREATE INDEX deployment_open ON deployment (state) WHERE finished_at IS NULL;

CREATE TABLE deployment_step (
    deployment_id BLOB NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    step TEXT NOT NULL,
    output TEXT,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    PRIMARY KEY (deployment_id, step)
) STRICT;

CREATE TABLE deployment_log (
    deployment_id BLOB NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    step TEXT NOT NULL,
    line TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (deployment_id, seq)
) STRICT;

CREATE TABLE delivery (
    id BLOB NOT NULL PRIMARY KEY,
    webhook_id BLOB NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    provider_id TEXT NOT NULL,
    event TEXT NOT NULL,
    status INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    deployment_id BLOB,
    headers TEXT NOT NULL,
    body BLOB,
    received_at TEXT NOT NULL,
    UNIQUE (webhook_id, provider_id)
) STRICT;

CREATE TABLE release (
    id BLOB NOT NULL PRIMARY KEY,
    app_id BLOB NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    deployment_id BLOB NOT NULL UNIQUE REFERENCES deployment (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    commit_sha TEXT,
    images TEXT NOT NULL,
    sealed_spec BLOB NOT NULL,
    created_at TEXT NOT NULL,
    retired_at TEXT
) STRICT;
CREATE INDEX release_of_app ON release (app_id, number);

CREATE TABLE domain (
    id BLOB NOT NULL PRIMARY KEY,
    app_id BLOB NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    host TEXT NOT NULL,
    path TEXT NOT NULL,
    strip INTEGER NOT NULL,
    service TEXT,
    port INTEGER NOT NULL,
    https INTEGER NOT NULL,
    generated INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (host, path)
) STRICT;
CREATE TABLE host_owner (
    host TEXT NOT NULL PRIMARY KEY,
    app_id BLOB NOT NULL REFERENCES app (id) ON DELETE CASCADE
) STRICT;

CREATE TABLE route (
    app_id BLOB NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    service TEXT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (app_id, service, address)
) STRICT;

CREATE TABLE certificate (
    id BLOB NOT NULL PRIMARY KEY,
    host TEXT NOT NULL UNIQUE,
    directory TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    chain TEXT,
    sealed_key BLOB,
    not_before TEXT,
    not_after TEXT,
    tried_at TEXT,
    next_try_at TEXT NOT NULL,
    failures INTEGER NOT NULL
) STRICT;

CREATE TABLE acme_account (
    directory TEXT NOT NULL PRIMARY KEY,
    email TEXT,
    sealed BLOB NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE acme_challenge (
    token TEXT NOT NULL PRIMARY KEY,
    key_authorization TEXT NOT NULL,
    host TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;

CREATE TABLE job (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    lock_key TEXT NOT NULL,
    run_at TEXT NOT NULL,
    status TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    leased_by TEXT,
    leased_until TEXT,
    last_error TEXT,
    created_at TEXT NOT NULL,
    finished_at TEXT
) STRICT;
CREATE UNIQUE INDEX job_one_runs ON job (lock_key) WHERE status = 'running';
CREATE INDEX job_due ON job (run_at) WHERE status IN ('queued', 'running');
