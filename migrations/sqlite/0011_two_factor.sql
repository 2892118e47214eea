-- Who shows a code besides the password; asked for from `confirmed_at` on. Codes of `last_step` and before count no more.
CREATE TABLE two_factor (
    person_id BLOB NOT NULL PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL,
    last_step INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    confirmed_at TEXT
) STRICT;

CREATE TABLE recovery_code (
    person_id BLOB NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    hash BLOB NOT NULL,
    PRIMARY KEY (person_id, hash)
) STRICT;

-- Whoever showed the password, and not yet the code. It is no session.
CREATE TABLE pending_login (
    hash BLOB NOT NULL PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX pending_login_person ON pending_login (person_id);
