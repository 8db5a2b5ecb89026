-- What an organisation reads of its peers depends on its snapshots, its profile and standing, and on whether it is under
-- review. Each change counts here, in the same transaction, so that one number tells whether an answer still holds.
ALTER TABLE organisations ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER snapshots_come AFTER INSERT ON snapshots
BEGIN
    UPDATE organisations SET revision = revision + 1 WHERE id = NEW.organisation_id;
END;
CREATE TRIGGER snapshots_change AFTER UPDATE ON snapshots
BEGIN
    UPDATE organisations SET revision = revision + 1 WHERE id IN (OLD.organisation_id, NEW.organisation_id);
END;
CREATE TRIGGER snapshots_go AFTER DELETE ON snapshots
BEGIN
    UPDATE organisations SET revision = revision + 1 WHERE id = OLD.organisation_id;
END;
CREATE TRIGGER organisations_change AFTER UPDATE OF sector, size, region, control_group, platforms, standing
    ON organisations
BEGIN
    UPDATE organisations SET revision = revision + 1 WHERE id = NEW.id;
END;
CREATE TRIGGER quarantine_change AFTER UPDATE ON quarantine
BEGIN
    UPDATE organisations SET revision = revision + 1 WHERE id = NEW.organisation_id;
END;
