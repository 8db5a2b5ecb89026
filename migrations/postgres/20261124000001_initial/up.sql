-- Ids are UUIDv7 as text, times are UTC, JSON is text. The tenant comes first in every key of tenant data. Texts
-- that keys are made of compare by byte ("C"), so that pages and cohorts come in the same order as elsewhere.

CREATE TABLE organisations (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    sector TEXT NOT NULL,
    size TEXT NOT NULL,
    region TEXT NOT NULL,
    control_group TEXT NOT NULL,
    platforms TEXT NOT NULL,
    standing TEXT NOT NULL CHECK (standing IN ('unverified', 'verified', 'suspended')),
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- The directory of who may ask for a token. A client without an organisation is the operator's.
CREATE TABLE clients (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation_id TEXT COLLATE "C" REFERENCES organisations (id),
    secret_hash TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE INDEX clients_by_organisation ON clients (organisation_id, id);

CREATE TABLE snapshots (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    id TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    attack_version TEXT NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    feed INTEGER NOT NULL,
    adapter TEXT NOT NULL,
    basis TEXT COLLATE "C" NOT NULL,
    window_days INTEGER,
    scale TEXT NOT NULL,
    technologies TEXT NOT NULL,
    complete TEXT NOT NULL,
    -- Packed, see domain::snapshot::pack.
    cells BYTEA NOT NULL,
    cell_count INTEGER NOT NULL,
    -- SHA-256 of the snapshot, in hexadecimal.
    digest TEXT NOT NULL,
    uploaded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organisation_id, id)
);
CREATE INDEX snapshots_latest
    ON snapshots (basis, organisation_id, source, feed, period DESC, uploaded_at DESC, id DESC);

-- The first answer to a request that creates something, for whoever repeats the request.
CREATE TABLE idempotency_keys (
    tenant TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    operation TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (tenant, client_id, key)
);

CREATE TABLE audit (
    tenant TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    object TEXT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX audit_by_action ON audit (action, at);

CREATE TABLE releases (
    number INTEGER NOT NULL PRIMARY KEY CHECK (number > 0),
    state TEXT NOT NULL CHECK (state IN ('frozen', 'computed', 'published')),
    cut_off TIMESTAMP NOT NULL,
    attack_version TEXT NOT NULL,
    preset TEXT NOT NULL,
    parameters TEXT NOT NULL,
    digest TEXT NOT NULL,
    published_at TIMESTAMP,
    CHECK (state <> 'published' OR published_at IS NOT NULL)
);

CREATE TABLE release_tables (
    release_number INTEGER NOT NULL REFERENCES releases (number),
    basis TEXT COLLATE "C" NOT NULL,
    cohort TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (release_number, basis, cohort)
);

CREATE FUNCTION peerbench_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is published never changes (%)', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER releases_keep BEFORE UPDATE OR DELETE ON releases
    FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION peerbench_refuse_change();
CREATE TRIGGER releases_stay BEFORE TRUNCATE ON releases
    FOR EACH STATEMENT EXECUTE FUNCTION peerbench_refuse_change();
CREATE TRIGGER release_tables_keep BEFORE UPDATE OR DELETE ON release_tables
    FOR EACH ROW EXECUTE FUNCTION peerbench_refuse_change();
CREATE TRIGGER release_tables_stay BEFORE TRUNCATE ON release_tables
    FOR EACH STATEMENT EXECUTE FUNCTION peerbench_refuse_change();

CREATE TABLE attack_catalogues (
    version TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    imported_at TIMESTAMP NOT NULL
);
