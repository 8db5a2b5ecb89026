-- What is signed of a release, as a compact JWS.
ALTER TABLE releases ADD COLUMN manifest TEXT NOT NULL DEFAULT '';
