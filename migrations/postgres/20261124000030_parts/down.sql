-- What was published since cannot be read by a version before this.
DROP TABLE release_footings;
DROP TABLE release_ledgers;
CREATE TABLE release_ledgers (
    release_number INTEGER NOT NULL REFERENCES releases (number),
    basis TEXT NOT NULL,
    footing BYTEA NOT NULL,
    state BYTEA NOT NULL,
    stands_on TEXT NOT NULL,
    PRIMARY KEY (release_number, basis)
);
ALTER TABLE release_tables DROP COLUMN leaf;
