DROP TABLE release_ledgers;
