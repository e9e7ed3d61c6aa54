-- Since when the newest record lists this node no more; 0: it does.
ALTER TABLE accounts ADD COLUMN left_at BIGINT NOT NULL DEFAULT 0;
