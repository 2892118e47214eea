-- How an app's containers get a variable as a file; none: in the environment.
ALTER TABLE variable ADD COLUMN file JSONB;

-- Under what the names of Swarm's secrets are made of their values.
CREATE TABLE name_key (
    name TEXT NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);
