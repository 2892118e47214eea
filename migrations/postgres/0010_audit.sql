-- The audit log. Rows are of plain texts and numbers, so that one that was damaged can still be read.
CREATE TABLE audit_chain (
    team_id UUID NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    first_seq BIGINT NOT NULL,
    checkpoints BIGINT NOT NULL,
    oldest_checkpoint BIGINT NOT NULL,
    signed_seq BIGINT NOT NULL,
    signed_at BIGINT NOT NULL,
    swept_at BIGINT NOT NULL
);

CREATE TABLE audit_entry (
    team_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
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
);

CREATE TABLE audit_checkpoint (
    team_id UUID NOT NULL,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    oldest BIGINT NOT NULL,
    at BIGINT NOT NULL,
    signature TEXT NOT NULL,
    PRIMARY KEY (team_id, number)
);

CREATE TABLE audit_key (
    name TEXT NOT NULL PRIMARY KEY CHECK (name = 'instance'),
    public TEXT NOT NULL,
    sealed BYTEA NOT NULL
);

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END $$;

CREATE FUNCTION audit_entry_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.seq >= COALESCE((SELECT first_seq FROM audit_chain WHERE team_id = OLD.team_id), 0) THEN
        RAISE EXCEPTION 'entries of the audit log cannot be removed before their time';
    END IF;
    RETURN OLD;
END $$;

CREATE FUNCTION audit_checkpoint_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number >= COALESCE((SELECT oldest_checkpoint FROM audit_chain WHERE team_id = OLD.team_id), 0) THEN
        RAISE EXCEPTION 'checkpoints of the audit log cannot be removed before their time';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER audit_entry_stays BEFORE UPDATE ON audit_entry
FOR EACH ROW EXECUTE FUNCTION audit_refuse('entries of the audit log cannot be changed');
CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry
FOR EACH ROW EXECUTE FUNCTION audit_entry_kept();
CREATE TRIGGER audit_entry_whole BEFORE TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse('entries of the audit log cannot be removed before their time');
CREATE TRIGGER audit_checkpoint_stays BEFORE UPDATE ON audit_checkpoint
FOR EACH ROW EXECUTE FUNCTION audit_refuse('checkpoints of the audit log cannot be changed');
CREATE TRIGGER audit_checkpoint_kept BEFORE DELETE ON audit_checkpoint
FOR EACH ROW EXECUTE FUNCTION audit_checkpoint_kept();
CREATE TRIGGER audit_checkpoint_whole BEFORE TRUNCATE ON audit_checkpoint
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse('checkpoints of the audit log cannot be removed before their time');
CREATE TRIGGER audit_chain_grows BEFORE UPDATE ON audit_chain FOR EACH ROW
WHEN (NEW.team_id <> OLD.team_id OR NEW.seq < OLD.seq OR NEW.first_seq < OLD.first_seq OR NEW.checkpoints < OLD.checkpoints)
EXECUTE FUNCTION audit_refuse('a chain of the audit log only grows');
CREATE TRIGGER audit_chain_kept BEFORE DELETE ON audit_chain
FOR EACH ROW EXECUTE FUNCTION audit_refuse('a chain of the audit log cannot be removed');
CREATE TRIGGER audit_chain_whole BEFORE TRUNCATE ON audit_chain
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse('a chain of the audit log cannot be removed');
