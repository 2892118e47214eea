-- The deployments that ended last are on the first page.
CREATE INDEX deployment_ended ON deployment (finished_at) WHERE finished_at IS NOT NULL;
