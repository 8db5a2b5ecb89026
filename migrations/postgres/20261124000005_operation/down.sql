ALTER TABLE attack_catalogues ADD COLUMN enabled BOOLEAN NOT NULL DEFAULT TRUE;
UPDATE attack_catalogues SET enabled = FALSE WHERE version IN (SELECT version FROM attack_disabled);
DROP TABLE attack_disabled;
DROP TABLE key_fingerprints;
