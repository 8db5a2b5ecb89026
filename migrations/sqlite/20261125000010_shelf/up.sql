-- Lists are put away and fetched part by part, and the ledger's head says where each one is. A ledger of before has no
-- head: a database with one is refused, because no release could follow it.
ALTER TABLE release_ledgers ADD COLUMN head BLOB NOT NULL;
ALTER TABLE release_ledgers DROP COLUMN parts;
