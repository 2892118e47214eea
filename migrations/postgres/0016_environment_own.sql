-- Whose a credential and a trusted host are: the team's (with its own id), a project's, or one environment's.
ALTER TABLE credential ADD COLUMN place TEXT NOT NULL DEFAULT 'team';
ALTER TABLE credential ADD COLUMN place_id UUID;
UPDATE credential SET place_id = team_id;
ALTER TABLE credential ALTER COLUMN place DROP DEFAULT;
ALTER TABLE credential ALTER COLUMN place_id SET NOT NULL;

ALTER TABLE host_key ADD COLUMN place TEXT NOT NULL DEFAULT 'team';
ALTER TABLE host_key ADD COLUMN place_id UUID;
UPDATE host_key SET place_id = team_id;
ALTER TABLE host_key ALTER COLUMN place DROP DEFAULT;
ALTER TABLE host_key ALTER COLUMN place_id SET NOT NULL;
ALTER TABLE host_key DROP CONSTRAINT host_key_pkey;
ALTER TABLE host_key ADD PRIMARY KEY (team_id, place, place_id, host, line);
