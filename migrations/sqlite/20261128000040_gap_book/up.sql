-- What an organisation decided about its gaps: for itself alone, in no statistic, and erased with it. Its comparisons show
-- it, so a change counts as one of theirs.
CREATE TABLE gap_book (
    organisation_id TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    technique TEXT NOT NULL,
    attack_version TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('open', 'planned', 'accepted')),
    -- The planned month, or the last one in which it is accepted.
    month TEXT,
    reason TEXT,
    decided_at TEXT NOT NULL,
    PRIMARY KEY (organisation_id, technique),
    CHECK ((decision = 'open') = (month IS NULL)),
    CHECK ((decision = 'accepted') = (reason IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE TRIGGER gap_book_come AFTER INSERT ON gap_book
BEGIN
    UPDATE organisations SET revision = revision + 1 WHERE id = NEW.organisation_id;
END;
CREATE TRIGGER gap_book_change AFTER UPDATE ON gap_book
BEGIN
    UPDATE organisations SET revision = revision + 1 WHERE id = NEW.organisation_id;
END;
CREATE TRIGGER gap_book_go AFTER DELETE ON gap_book
BEGIN
    UPDATE organisations SET revision = revision + 1 WHERE id = OLD.organisation_id;
END;
