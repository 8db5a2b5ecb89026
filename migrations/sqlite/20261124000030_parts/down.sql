-- A ledger of several parts cannot be put together here: without it the next release is refused.
ALTER TABLE release_ledgers ADD COLUMN footing BLOB NOT NULL DEFAULT x'';
UPDATE release_ledgers SET footing = (
    SELECT body FROM release_footings
    WHERE release_footings.release_number = release_ledgers.release_number
        AND release_footings.basis = release_ledgers.basis AND part = 0
)
WHERE (
    SELECT count(*) FROM release_footings
    WHERE release_footings.release_number = release_ledgers.release_number
        AND release_footings.basis = release_ledgers.basis
) = 1;
DROP TABLE release_footings;
ALTER TABLE release_tables DROP COLUMN leaf;
