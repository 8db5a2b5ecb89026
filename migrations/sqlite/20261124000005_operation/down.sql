ALTER TABLE attack_catalogues ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1));
UPDATE attack_catalogues SET enabled = 0 WHERE version IN (SELECT version FROM attack_disabled);
DROP TABLE attack_disabled;
DROP TABLE key_fingerprints;
