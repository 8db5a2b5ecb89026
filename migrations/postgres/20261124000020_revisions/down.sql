DROP TRIGGER organisations_change ON organisations;
DROP FUNCTION peerbench_count_own_change();
DROP TRIGGER quarantine_change ON quarantine;
DROP TRIGGER snapshots_change ON snapshots;
DROP FUNCTION peerbench_count_change();
ALTER TABLE organisations DROP COLUMN revision;
