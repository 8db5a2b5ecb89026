-- What a release keeps for the next: on which release's list each published number stands, and these lists as keyed
-- digests. A ledger is deleted when no number stands on it any more.
CREATE TABLE release_ledgers (
    release_number INTEGER NOT NULL REFERENCES releases (number),
    basis TEXT NOT NULL,
    footing BYTEA NOT NULL,
    state BYTEA NOT NULL,
    stands_on TEXT NOT NULL,
    PRIMARY KEY (release_number, basis)
);
