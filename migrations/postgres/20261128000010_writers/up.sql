-- Who uploads for an organisation, where that is not the organisation itself. A snapshot keeps the writer of its upload:
-- organisations with one writer count as one where changes are counted, unless the operator trusts the writer.
ALTER TABLE organisations ADD COLUMN writer TEXT COLLATE "C";
ALTER TABLE snapshots ADD COLUMN writer TEXT COLLATE "C";
CREATE TABLE trusted_writers (
    name TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    trusted_at TIMESTAMP NOT NULL
);
