DROP TRIGGER release_tables_end;
DROP TRIGGER release_tables_stay;
CREATE TRIGGER release_tables_stay BEFORE DELETE ON release_tables
BEGIN
    SELECT RAISE(ABORT, 'a table of a release is never deleted');
END;
ALTER TABLE releases DROP COLUMN inputs;
DROP TABLE release_organisations;
DROP TABLE leases;
