-- What was found of a contribution at a release's cut-off. The vector is a keyed hash of its cells: what the operator
-- cleared once stays cleared as long as it is the same.
CREATE TABLE quarantine (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    release_number INTEGER NOT NULL,
    basis TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    vector TEXT COLLATE "C" NOT NULL,
    found_at TIMESTAMP NOT NULL,
    cleared_at TIMESTAMP,
    PRIMARY KEY (organisation_id, release_number, basis, reason, vector)
);
CREATE INDEX quarantine_by_release ON quarantine (release_number);
