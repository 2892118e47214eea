CREATE TABLE setting (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE team (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE person (
    id UUID NOT NULL PRIMARY KEY,
    team_id UUID NOT NULL REFERENCES team (id),
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE session (
    id UUID NOT NULL PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    hash BYTEA NOT NULL UNIQUE,
    agent TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE token (
    id UUID NOT NULL PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash BYTEA NOT NULL UNIQUE,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    used_at TIMESTAMPTZ
);

CREATE TABLE login_failure (
    subject TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE project (
    id UUID NOT NULL PRIMARY KEY,
    team_id UUID NOT NULL REFERENCES team (id),
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (team_id, name)
);

CREATE TABLE environment (
    id UUID NOT NULL PRIMARY KEY,
    project_id UUID NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (project_id, name)
);

CREATE TABLE credential (
    id UUID NOT NULL PRIMARY KEY,
    team_id UUID NOT NULL REFERENCES team (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    host TEXT NOT NULL,
    username TEXT,
    public TEXT,
    sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE app (
    id UUID NOT NULL PRIMARY KEY,
    environment_id UUID NOT NULL REFERENCES environment (id),
    name TEXT NOT NULL,
    stack TEXT NOT NULL UNIQUE,
    source JSONB NOT NULL,
    build JSONB NOT NULL,
    settings JSONB NOT NULL,
    generation BIGINT NOT NULL,
    wanted TEXT NOT NULL,
    auto_deploy BOOLEAN NOT NULL,
    volume_node TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (environment_id, name)
);

CREATE TABLE variable (
    id UUID NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL,
    scope_id UUID NOT NULL,
    key TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    secret BOOLEAN NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (scope, scope_id, key)
);

CREATE TABLE host_key (
    team_id UUID NOT NULL REFERENCES team (id),
    host TEXT NOT NULL,
    line TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (team_id, host, line)
);

CREATE TABLE webhook (
    id UUID NOT NULL PRIMARY KEY,
    app_id UUID NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    sealed_secret BYTEA NOT NULL CHECK (octet_length(sealed_secret) > 40),
    old_secret BYTEA,
    old_until TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (app_id, provider)
);

CREATE TABLE deployment (
    id UUID NOT NULL PRIMARY KEY,
    app_id UUID NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    state TEXT NOT NULL,
    cause JSONB NOT NULL,
    reason TEXT,
    commit_sha TEXT,
    title TEXT,
    author TEXT,
    failure JSONB,
    cancel BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ,
    UNIQUE (app_id, number)
);
CREATE UNIQUE INDEX deployment_one_waits ON deployment (app_id) WHERE state = 'queued';
CREATE UNIQUE INDEX deployment_one_runs ON deployment (app_id)
    WHERE state IN ('fetching', 'building', 'pushing', 'planning', 'applying', 'verifying');
CREATE UNIQUE INDEX deployment_one_lives ON deployment (app_id) WHERE state = 'live';
CREATE INDEX deployment_open ON deployment (state) WHERE finished_at IS NULL;

CREATE TABLE deployment_step (
    deployment_id UUID NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    step TEXT NOT NULL,
    output JSONB,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    PRIMARY KEY (deployment_id, step)
);

CREATE TABLE deployment_log (
    deployment_id UUID NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    step TEXT NOT NULL,
    line TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (deployment_id, seq)
);

CREATE TABLE delivery (
    id UUID NOT NULL PRIMARY KEY,
    webhook_id UUID NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    provider_id TEXT NOT NULL,
    event TEXT NOT NULL,
    status BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    deployment_id UUID,
    headers JSONB NOT NULL,
    body BYTEA,
    received_at TIMESTAMPTZ NOT NULL,
    UNIQUE (webhook_id, provider_id)
);

CREATE TABLE release (
    id UUID NOT NULL PRIMARY KEY,
    app_id UUID NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    deployment_id UUID NOT NULL UNIQUE REFERENCES deployment (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    commit_sha TEXT,
    images JSONB NOT NULL,
    sealed_spec BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    retired_at TIMESTAMPTZ
);
CREATE INDEX release_of_app ON release (app_id, number);

CREATE TABLE domain (
    id UUID NOT NULL PRIMARY KEY,
    app_id UUID NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    host TEXT NOT NULL,
    path TEXT NOT NULL,
    strip BOOLEAN NOT NULL,
    service TEXT,
    port BIGINT NOT NULL,
    https BOOLEAN NOT NULL,
    generated BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (host, path)
);
CREATE TABLE host_owner (
    host TEXT NOT NULL PRIMARY KEY,
    app_id UUID NOT NULL REFERENCES app (id) ON DELETE CASCADE
);

CREATE TABLE route (
    app_id UUID NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    service TEXT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (app_id, service, address)
);

CREATE TABLE certificate (
    id UUID NOT NULL PRIMARY KEY,
    host TEXT NOT NULL UNIQUE,
    directory TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    chain TEXT,
    sealed_key BYTEA,
    not_before TIMESTAMPTZ,
    not_after TIMESTAMPTZ,
    tried_at TIMESTAMPTZ,
    next_try_at TIMESTAMPTZ NOT NULL,
    failures BIGINT NOT NULL
);

CREATE TABLE acme_account (
    directory TEXT NOT NULL PRIMARY KEY,
    email TEXT,
    sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE acme_challenge (
    token TEXT NOT NULL PRIMARY KEY,
    key_authorization TEXT NOT NULL,
    host TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE job (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload JSONB NOT NULL,
    lock_key TEXT NOT NULL,
    run_at TIMESTAMPTZ NOT NULL,
    status TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    leased_by TEXT,
    leased_until TIMESTAMPTZ,
    last_error TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX job_one_runs ON job (lock_key) WHERE status = 'running';
CREATE INDEX job_due ON job (run_at) WHERE status IN ('queued', 'running');
