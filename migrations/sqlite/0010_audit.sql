-- The audit log. Rows are of plain texts and numbers, so that one that was damaged can still be read.
CREATE TABLE audit_chain (
    team_id BLOB NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    first_seq INTEGER NOT NULL,
    checkpoints INTEGER NOT NULL,
    oldest_checkpoint INTEGER NOT NULL,
    signed_seq INTEGER NOT NULL,
    signed_at INTEGER NOT NULL,
    swept_at INTEGER NOT NULL
) STRICT;

CREATE TABLE audit_entry (
    team_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    doer TEXT NOT NULL,
    person TEXT NOT NULL,
    called TEXT NOT NULL,
    means TEXT NOT NULL,
    means_id TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    object TEXT NOT NULL,
    name TEXT NOT NULL,
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    changes TEXT NOT NULL,
    request TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (team_id, seq)
) STRICT;

CREATE TABLE audit_checkpoint (
    team_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL,
    oldest INTEGER NOT NULL,
    at INTEGER NOT NULL,
    signature TEXT NOT NULL,
    PRIMARY KEY (team_id, number)
) STRICT;

CREATE TABLE audit_key (
    name TEXT NOT NULL PRIMARY KEY CHECK (name = 'instance'),
    public TEXT NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

CREATE TRIGGER audit_entry_stays BEFORE UPDATE ON audit_entry BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log cannot be changed');
END;

CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry
WHEN OLD.seq >= COALESCE((SELECT first_seq FROM audit_chain WHERE team_id = OLD.team_id), 0) BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log cannot be removed before their time');
END;

CREATE TRIGGER audit_checkpoint_stays BEFORE UPDATE ON audit_checkpoint BEGIN
    SELECT RAISE(ABORT, 'checkpoints of the audit log cannot be changed');
END;

CREATE TRIGGER audit_checkpoint_kept BEFORE DELETE ON audit_checkpoint
WHEN OLD.number >= COALESCE((SELECT oldest_checkpoint FROM audit_chain WHERE team_id = OLD.team_id), 0) BEGIN
    SELECT RAISE(ABORT, 'checkpoints of the audit log cannot be removed before their time');
END;

CREATE TRIGGER audit_chain_grows BEFORE UPDATE ON audit_chain
WHEN NEW.team_id <> OLD.team_id OR NEW.seq < OLD.seq OR NEW.first_seq < OLD.first_seq OR NEW.checkpoints < OLD.checkpoints BEGIN
    SELECT RAISE(ABORT, 'a chain of the audit log only grows');
END;

CREATE TRIGGER audit_chain_kept BEFORE DELETE ON audit_chain BEGIN
    SELECT RAISE(ABORT, 'a chain of the audit log cannot be removed');
END;
