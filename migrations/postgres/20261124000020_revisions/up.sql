-- What an organisation reads of its peers depends on its snapshots, its profile and standing, and on whether it is under
-- review. Each change counts here, in the same transaction, so that one number tells whether an answer still holds.
ALTER TABLE organisations ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
CREATE FUNCTION peerbench_count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        UPDATE organisations SET revision = revision + 1 WHERE id = NEW.organisation_id;
    END IF;
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.organisation_id <> NEW.organisation_id) THEN
        UPDATE organisations SET revision = revision + 1 WHERE id = OLD.organisation_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER snapshots_change AFTER INSERT OR UPDATE OR DELETE ON snapshots
    FOR EACH ROW EXECUTE FUNCTION peerbench_count_change();
CREATE TRIGGER quarantine_change AFTER UPDATE ON quarantine
    FOR EACH ROW EXECUTE FUNCTION peerbench_count_change();
CREATE FUNCTION peerbench_count_own_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.revision := OLD.revision + 1;
    RETURN NEW;
END
$$;
CREATE TRIGGER organisations_change
    BEFORE UPDATE OF sector, size, region, control_group, platforms, standing ON organisations
    FOR EACH ROW EXECUTE FUNCTION peerbench_count_own_change();
