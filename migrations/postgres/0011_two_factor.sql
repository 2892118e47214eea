-- Who shows a code besides the password; asked for from `confirmed_at` on. Codes of `last_step` and before count no more.
CREATE TABLE two_factor (
    person_id UUID NOT NULL PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
    sealed BYTEA NOT NULL,
    last_step BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    confirmed_at TIMESTAMPTZ
);

CREATE TABLE recovery_code (
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    hash BYTEA NOT NULL,
    PRIMARY KEY (person_id, hash)
);

-- Whoever showed the password, and not yet the code. It is no session.
CREATE TABLE pending_login (
    hash BYTEA NOT NULL PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX pending_login_person ON pending_login (person_id);
