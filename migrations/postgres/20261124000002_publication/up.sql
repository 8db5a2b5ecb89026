-- One process at a time does what must be done once. Whoever does not renew a lease in time loses it.
CREATE TABLE leases (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL
);

-- Every organisation as it was at the cut-off of a release that is not published yet.
CREATE TABLE release_organisations (
    release_number INTEGER NOT NULL REFERENCES releases (number),
    organisation_id TEXT COLLATE "C" NOT NULL,
    sector TEXT NOT NULL,
    size TEXT NOT NULL,
    region TEXT NOT NULL,
    control_group TEXT NOT NULL,
    platforms TEXT NOT NULL,
    standing TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (release_number, organisation_id)
);

-- SHA-256 of the ids of the snapshots that a computed release is made of, in hexadecimal.
ALTER TABLE releases ADD COLUMN inputs TEXT NOT NULL DEFAULT '';

-- The tables of a release that is not published yet may still be thrown away, and none is added afterwards.
CREATE FUNCTION peerbench_refuse_if_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed release_tables%ROWTYPE;
BEGIN
    IF TG_OP = 'INSERT' THEN changed := NEW; ELSE changed := OLD; END IF;
    IF (SELECT state FROM releases WHERE number = changed.release_number) = 'published' THEN
        RAISE EXCEPTION 'what is published never changes (%)', TG_TABLE_NAME;
    END IF;
    RETURN changed;
END
$$;
DROP TRIGGER release_tables_keep ON release_tables;
CREATE TRIGGER release_tables_keep BEFORE UPDATE ON release_tables
    FOR EACH ROW EXECUTE FUNCTION peerbench_refuse_change();
CREATE TRIGGER release_tables_end BEFORE INSERT OR DELETE ON release_tables
    FOR EACH ROW EXECUTE FUNCTION peerbench_refuse_if_published();
