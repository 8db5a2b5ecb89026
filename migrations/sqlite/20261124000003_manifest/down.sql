ALTER TABLE releases DROP COLUMN manifest;
