-- What was found of a contribution at a release's cut-off. The vector is a keyed hash of its cells: what the operator
-- cleared once stays cleared as long as it is the same.
CREATE TABLE quarantine (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    release_number INTEGER NOT NULL,
    basis TEXT NOT NULL,
    reason TEXT NOT NULL,
    vector TEXT NOT NULL,
    found_at TEXT NOT NULL,
    cleared_at TEXT,
    PRIMARY KEY (organisation_id, release_number, basis, reason, vector)
) STRICT, WITHOUT ROWID;
CREATE INDEX quarantine_by_release ON quarantine (release_number);
