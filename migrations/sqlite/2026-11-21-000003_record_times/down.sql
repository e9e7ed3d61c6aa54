ALTER TABLE records DROP COLUMN stored_at;
