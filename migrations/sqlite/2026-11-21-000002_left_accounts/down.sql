ALTER TABLE accounts DROP COLUMN left_at;
