DROP TABLE trusted_writers;
ALTER TABLE snapshots DROP COLUMN writer;
ALTER TABLE organisations DROP COLUMN writer;
