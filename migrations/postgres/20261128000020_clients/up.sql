-- Clients have names, an end, and the time of their last use; who made them is known; and their secrets are rows of their
-- own, so that there can be two while one is replaced.
ALTER TABLE clients ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE clients ADD COLUMN created_by TEXT COLLATE "C";
ALTER TABLE clients ADD COLUMN expires_at TIMESTAMP;
ALTER TABLE clients ADD COLUMN last_used_at TIMESTAMP;

CREATE TABLE client_secrets (
    client_id TEXT COLLATE "C" NOT NULL REFERENCES clients (id),
    id TEXT COLLATE "C" NOT NULL,
    hash TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (client_id, id)
);
INSERT INTO client_secrets (client_id, id, hash, created_at) SELECT id, id, secret_hash, created_at FROM clients;
ALTER TABLE clients DROP COLUMN secret_hash;
