DROP TRIGGER quarantine_change;
DROP TRIGGER organisations_change;
DROP TRIGGER snapshots_go;
DROP TRIGGER snapshots_change;
DROP TRIGGER snapshots_come;
ALTER TABLE organisations DROP COLUMN revision;
