-- What was kept since cannot be read by a version before this.
DELETE FROM release_footings;
DELETE FROM release_ledgers;
ALTER TABLE release_ledgers DROP COLUMN head;
ALTER TABLE release_ledgers ADD COLUMN parts INTEGER NOT NULL;
ALTER TABLE release_footings ALTER COLUMN body SET STORAGE EXTENDED;
