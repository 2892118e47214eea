-- The services that a deployment was of alone, as a JSON list; none: the whole app.
ALTER TABLE deployment ADD COLUMN services JSONB;
