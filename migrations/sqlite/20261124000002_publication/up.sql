-- One process at a time does what must be done once. Whoever does not renew a lease in time loses it.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Every organisation as it was at the cut-off of a release that is not published yet.
CREATE TABLE release_organisations (
    release_number INTEGER NOT NULL REFERENCES releases (number),
    organisation_id TEXT NOT NULL,
    sector TEXT NOT NULL,
    size TEXT NOT NULL,
    region TEXT NOT NULL,
    control_group TEXT NOT NULL,
    platforms TEXT NOT NULL,
    standing TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (release_number, organisation_id)
) STRICT, WITHOUT ROWID;

-- SHA-256 of the ids of the snapshots that a computed release is made of, in hexadecimal.
ALTER TABLE releases ADD COLUMN inputs TEXT NOT NULL DEFAULT '';

-- The tables of a release that is not published yet may still be thrown away, and none is added afterwards.
DROP TRIGGER release_tables_stay;
CREATE TRIGGER release_tables_stay BEFORE DELETE ON release_tables
    WHEN (SELECT state FROM releases WHERE number = OLD.release_number) = 'published'
BEGIN
    SELECT RAISE(ABORT, 'a table of a release is never deleted');
END;
CREATE TRIGGER release_tables_end BEFORE INSERT ON release_tables
    WHEN (SELECT state FROM releases WHERE number = NEW.release_number) = 'published'
BEGIN
    SELECT RAISE(ABORT, 'a published release never changes');
END;
