-- Lists are put away and fetched part by part, and the ledger's head says where each one is. A ledger of before has no
-- head: a database with one is refused, because no release could follow it.
ALTER TABLE release_ledgers ADD COLUMN head BYTEA NOT NULL;
ALTER TABLE release_ledgers DROP COLUMN parts;
-- Keyed digests do not compress.
ALTER TABLE release_footings ALTER COLUMN body SET STORAGE EXTERNAL;
