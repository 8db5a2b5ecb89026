-- Tables are other texts from here on, compressed (zstd), and never rewritten: a database that has some of before is
-- refused, because no release could follow them.
-- What stands for a table in the release's seal, in hexadecimal.
ALTER TABLE release_tables ADD COLUMN leaf TEXT NOT NULL;

-- The keyed digests of a ledger, in parts: those of a large community are too long for one value. The ledger says in how
-- many.
CREATE TABLE release_footings (
    release_number INTEGER NOT NULL REFERENCES releases (number),
    basis TEXT NOT NULL,
    part INTEGER NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (release_number, basis, part)
);
DROP TABLE release_ledgers;
CREATE TABLE release_ledgers (
    release_number INTEGER NOT NULL REFERENCES releases (number),
    basis TEXT NOT NULL,
    parts INTEGER NOT NULL,
    state BYTEA NOT NULL,
    stands_on TEXT NOT NULL,
    PRIMARY KEY (release_number, basis)
);
