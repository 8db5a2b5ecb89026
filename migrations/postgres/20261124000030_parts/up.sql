-- What stands for a table in the release's seal, in hexadecimal; bodies are compressed (zstd) from here on.
ALTER TABLE release_tables ADD COLUMN leaf TEXT NOT NULL DEFAULT '';

-- The keyed digests of a ledger, in parts: those of a large community are too long for one value.
CREATE TABLE release_footings (
    release_number INTEGER NOT NULL REFERENCES releases (number),
    basis TEXT NOT NULL,
    part INTEGER NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (release_number, basis, part)
);
INSERT INTO release_footings SELECT release_number, basis, 0, footing FROM release_ledgers;
ALTER TABLE release_ledgers DROP COLUMN footing;
