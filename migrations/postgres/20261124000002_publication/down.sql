DROP TRIGGER release_tables_end ON release_tables;
DROP TRIGGER release_tables_keep ON release_tables;
CREATE TRIGGER release_tables_keep BEFORE UPDATE OR DELETE ON release_tables
    FOR EACH ROW EXECUTE FUNCTION peerbench_refuse_change();
DROP FUNCTION peerbench_refuse_if_published();
ALTER TABLE releases DROP COLUMN inputs;
DROP TABLE release_organisations;
DROP TABLE leases;
