-- What a domain has beside its place; NULL: nothing. JSON, as `domain/route/` reads it.
ALTER TABLE domain ADD COLUMN options TEXT;
-- Names with bcrypt hashes of their passwords; NULL: nobody is asked.
ALTER TABLE domain ADD COLUMN logins TEXT;
-- The host with or without `www.` that is sent on to this one.
ALTER TABLE domain ADD COLUMN other_host TEXT;

-- Ports of the whole instance, for what is not HTTP; each leads to one app. `allow` is JSON.
CREATE TABLE public_port (
    id UUID NOT NULL PRIMARY KEY,
    app_id UUID NOT NULL REFERENCES app (id) ON DELETE CASCADE,
    protocol TEXT NOT NULL,
    public BIGINT NOT NULL,
    service TEXT,
    port BIGINT NOT NULL,
    tls TEXT,
    host TEXT,
    allow TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (protocol, public)
);
CREATE INDEX public_port_app ON public_port (app_id);
