-- What has begun and waits for another try goes before later jobs of its key.
CREATE INDEX job_waits ON job (lock_key) WHERE status = 'queued' AND attempt > 0;
