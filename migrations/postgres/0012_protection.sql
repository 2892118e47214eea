-- What an environment asks of a deployment to it; without a row, nothing.
CREATE TABLE environment_protection (
    environment_id UUID NOT NULL PRIMARY KEY REFERENCES environment (id) ON DELETE CASCADE,
    approvals BIGINT NOT NULL CHECK (approvals BETWEEN 0 AND 2),
    reason_required BOOLEAN NOT NULL,
    branches JSONB NOT NULL,
    pushes BOOLEAN NOT NULL,
    rollback_without_approval BOOLEAN NOT NULL
);

-- How many approvals a deployment needed when it was made.
ALTER TABLE deployment ADD COLUMN approvals BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX deployment_one_awaits ON deployment (app_id) WHERE state = 'awaiting_approval';

-- Who said yes or no. A person who left stays in the record.
CREATE TABLE approval (
    deployment_id UUID NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    person_id UUID NOT NULL,
    approved BOOLEAN NOT NULL,
    comment TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (deployment_id, person_id)
);
