-- What a domain has beside its place; NULL: nothing. JSON, as `domain/route/` reads it.
ALTER TABLE domain ADD COLUMN options TEXT;
-- Names with bcrypt hashes of their passwords; NULL: nobody is asked.
ALTER TABLE domain ADD COLUMN logins TEXT;
-- The host with or without `www.` that is sent on to this one.
ALTER TABLE domain ADD COLUMN other_host TEXT;
