-- What an organisation decided about its gaps: for itself alone, in no statistic, and erased with it. Its comparisons show
-- it, so a change counts as one of theirs.
CREATE TABLE gap_book (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    technique TEXT COLLATE "C" NOT NULL,
    attack_version TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('open', 'planned', 'accepted')),
    -- The planned month, or the last one in which it is accepted.
    month TEXT,
    reason TEXT,
    decided_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organisation_id, technique),
    CHECK ((decision = 'open') = (month IS NULL)),
    CHECK ((decision = 'accepted') = (reason IS NOT NULL))
);
CREATE TRIGGER gap_book_change AFTER INSERT OR UPDATE OR DELETE ON gap_book
    FOR EACH ROW EXECUTE FUNCTION peerbench_count_change();
