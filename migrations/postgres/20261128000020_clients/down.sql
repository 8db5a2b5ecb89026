-- Of two secrets the newer one stays.
ALTER TABLE clients ADD COLUMN secret_hash TEXT NOT NULL DEFAULT '';
UPDATE clients SET secret_hash = coalesce((
    SELECT hash FROM client_secrets WHERE client_id = clients.id ORDER BY client_secrets.id DESC LIMIT 1
), '');
DROP TABLE client_secrets;
ALTER TABLE clients DROP COLUMN last_used_at;
ALTER TABLE clients DROP COLUMN expires_at;
ALTER TABLE clients DROP COLUMN created_by;
ALTER TABLE clients DROP COLUMN name;
