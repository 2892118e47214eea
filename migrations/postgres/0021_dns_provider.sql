-- Where a team's names are served, and how records are put there. No place id: for the whole team.
CREATE TABLE dns_provider (
    id UUID NOT NULL PRIMARY KEY,
    team_id UUID NOT NULL REFERENCES team (id),
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    place_id UUID,
    zones JSONB NOT NULL,
    settings JSONB NOT NULL,
    sealed BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (team_id, name)
);

-- What was put there for a while: written before it is put, gone after it was taken away.
CREATE TABLE dns_record (
    id UUID NOT NULL PRIMARY KEY,
    dns_provider_id UUID NOT NULL REFERENCES dns_provider (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX dns_record_due ON dns_record (due_at);
CREATE INDEX dns_record_provider ON dns_record (dns_provider_id);

-- Domains that teams prove to be theirs; several teams may have begun with the same one.
CREATE TABLE verified_domain (
    id UUID NOT NULL PRIMARY KEY,
    team_id UUID NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    domain TEXT NOT NULL,
    token TEXT NOT NULL,
    verified_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (team_id, domain)
);
CREATE INDEX verified_domain_domain ON verified_domain (domain);

-- Certificates that teams bring along.
CREATE TABLE own_certificate (
    id UUID NOT NULL PRIMARY KEY,
    team_id UUID NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    names JSONB NOT NULL,
    issuer TEXT NOT NULL,
    chain TEXT NOT NULL,
    sealed_key BYTEA NOT NULL,
    not_before TIMESTAMPTZ NOT NULL,
    not_after TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- The instance's own authority, for private names.
CREATE TABLE internal_ca (
    name TEXT NOT NULL PRIMARY KEY,
    chain TEXT NOT NULL,
    sealed_key BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

ALTER TABLE certificate ADD COLUMN kind TEXT NOT NULL DEFAULT 'acme';
ALTER TABLE certificate ADD COLUMN challenge TEXT NOT NULL DEFAULT 'http';
