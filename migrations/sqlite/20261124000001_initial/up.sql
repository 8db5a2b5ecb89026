-- Ids are UUIDv7 as text, times are UTC texts that sort, JSON is text. The tenant comes first in every key of
-- tenant data.

CREATE TABLE organisations (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    sector TEXT NOT NULL,
    size TEXT NOT NULL,
    region TEXT NOT NULL,
    control_group TEXT NOT NULL,
    platforms TEXT NOT NULL,
    standing TEXT NOT NULL CHECK (standing IN ('unverified', 'verified', 'suspended')),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- The directory of who may ask for a token. A client without an organisation is the operator's.
CREATE TABLE clients (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT REFERENCES organisations (id),
    secret_hash TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;
CREATE INDEX clients_by_organisation ON clients (organisation_id, id);

CREATE TABLE snapshots (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    id TEXT NOT NULL,
    period TEXT NOT NULL,
    attack_version TEXT NOT NULL,
    source TEXT NOT NULL,
    feed INTEGER NOT NULL,
    adapter TEXT NOT NULL,
    basis TEXT NOT NULL,
    window_days INTEGER,
    scale TEXT NOT NULL,
    technologies TEXT NOT NULL,
    complete TEXT NOT NULL,
    -- Packed, see domain::snapshot::pack.
    cells BLOB NOT NULL,
    cell_count INTEGER NOT NULL,
    -- SHA-256 of the snapshot, in hexadecimal.
    digest TEXT NOT NULL,
    uploaded_at TEXT NOT NULL,
    PRIMARY KEY (organisation_id, id)
) STRICT;
CREATE INDEX snapshots_latest
    ON snapshots (basis, organisation_id, source, feed, period DESC, uploaded_at DESC, id DESC);

-- The first answer to a request that creates something, for whoever repeats the request.
CREATE TABLE idempotency_keys (
    tenant TEXT NOT NULL,
    client_id TEXT NOT NULL,
    key TEXT NOT NULL,
    operation TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (tenant, client_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_action ON audit (action, at);

CREATE TABLE releases (
    number INTEGER NOT NULL PRIMARY KEY CHECK (number > 0),
    state TEXT NOT NULL CHECK (state IN ('frozen', 'computed', 'published')),
    cut_off TEXT NOT NULL,
    attack_version TEXT NOT NULL,
    preset TEXT NOT NULL,
    parameters TEXT NOT NULL,
    digest TEXT NOT NULL,
    published_at TEXT,
    CHECK (state <> 'published' OR published_at IS NOT NULL)
) STRICT;

CREATE TABLE release_tables (
    release_number INTEGER NOT NULL REFERENCES releases (number),
    basis TEXT NOT NULL,
    cohort TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (release_number, basis, cohort)
) STRICT;

CREATE TRIGGER releases_keep BEFORE UPDATE ON releases WHEN OLD.state = 'published'
BEGIN
    SELECT RAISE(ABORT, 'a published release never changes');
END;
CREATE TRIGGER releases_stay BEFORE DELETE ON releases WHEN OLD.state = 'published'
BEGIN
    SELECT RAISE(ABORT, 'a published release is never deleted');
END;
CREATE TRIGGER release_tables_keep BEFORE UPDATE ON release_tables
BEGIN
    SELECT RAISE(ABORT, 'a table of a release never changes');
END;
CREATE TRIGGER release_tables_stay BEFORE DELETE ON release_tables
BEGIN
    SELECT RAISE(ABORT, 'a table of a release is never deleted');
END;

CREATE TABLE attack_catalogues (
    version TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    imported_at TEXT NOT NULL
) STRICT;
