-- When the record came: a recovery may overrule what is younger than 72 hours.
ALTER TABLE records ADD COLUMN stored_at BIGINT NOT NULL DEFAULT 0;
