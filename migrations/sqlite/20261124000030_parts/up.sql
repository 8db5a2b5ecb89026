-- Tables are other texts from here on, compressed (zstd), and never rewritten: a database that has some of before is
-- refused, because no release could follow them.
-- What stands for a table in the release's seal, in hexadecimal, comes before the body and is read without it.
CREATE TABLE release_tables_new (
    release_number INTEGER NOT NULL REFERENCES releases (number),
    basis TEXT NOT NULL,
    cohort TEXT NOT NULL,
    leaf TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (release_number, basis, cohort)
) STRICT;
INSERT INTO release_tables_new SELECT release_number, basis, cohort, NULL, body FROM release_tables;
DROP TRIGGER release_tables_stay;
DROP TABLE release_tables;
ALTER TABLE release_tables_new RENAME TO release_tables;
CREATE TRIGGER release_tables_keep BEFORE UPDATE ON release_tables
BEGIN
    SELECT RAISE(ABORT, 'a table of a release never changes');
END;
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

-- The keyed digests of a ledger, in parts: those of a large community are too long for one value. The ledger says in how
-- many.
CREATE TABLE release_footings (
    release_number INTEGER NOT NULL REFERENCES releases (number),
    basis TEXT NOT NULL,
    part INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (release_number, basis, part)
) STRICT;
DROP TABLE release_ledgers;
CREATE TABLE release_ledgers (
    release_number INTEGER NOT NULL REFERENCES releases (number),
    basis TEXT NOT NULL,
    parts INTEGER NOT NULL,
    state BLOB NOT NULL,
    stands_on TEXT NOT NULL,
    PRIMARY KEY (release_number, basis)
) STRICT;
