ALTER TABLE clients DROP COLUMN secret_removed_at;
