-- What an environment asks of a deployment to it; without a row, nothing.
CREATE TABLE environment_protection (
    environment_id BLOB NOT NULL PRIMARY KEY REFERENCES environment (id) ON DELETE CASCADE,
    approvals INTEGER NOT NULL CHECK (approvals BETWEEN 0 AND 2),
    reason_required INTEGER NOT NULL,
    branches TEXT NOT NULL,
    pushes INTEGER NOT NULL,
    rollback_without_approval INTEGER NOT NULL
) STRICT;

-- How many approvals a deployment needed when it was made.
ALTER TABLE deployment ADD COLUMN approvals INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX deployment_one_awaits ON deployment (app_id) WHERE state = 'awaiting_approval';

-- Who said yes or no. A person who left stays in the record.
CREATE TABLE approval (
    deployment_id BLOB NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    person_id BLOB NOT NULL,
    approved INTEGER NOT NULL,
    comment TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (deployment_id, person_id)
) STRICT;
