-- Which keys this database has been used with: never a key, only what tells one from another.
CREATE TABLE key_fingerprints (
    name TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The ATT&CK versions, bundled or imported, that no release is computed in.
CREATE TABLE attack_disabled (
    version TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO attack_disabled SELECT version FROM attack_catalogues WHERE NOT enabled;
ALTER TABLE attack_catalogues DROP COLUMN enabled;
