-- When a secret of a client was last removed: sessions that were opened before end.
ALTER TABLE clients ADD COLUMN secret_removed_at TEXT;
