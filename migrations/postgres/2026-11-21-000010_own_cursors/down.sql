CREATE TABLE all_messages (
    id          BIGSERIAL NOT NULL PRIMARY KEY,
    account     BIGINT  NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    mailbox     BIGINT  NOT NULL REFERENCES mailboxes (id) ON DELETE CASCADE,
    message_id  BYTEA   NOT NULL,
    arrived_at  BIGINT  NOT NULL,
    size        BIGINT  NOT NULL,
    envelope    BYTEA   NOT NULL,
    UNIQUE (mailbox, message_id)
);
INSERT INTO all_messages (account, mailbox, message_id, arrived_at, size, envelope)
    SELECT account, mailbox, message_id, arrived_at, size, envelope FROM messages ORDER BY account, cursor;
DROP TABLE messages;
ALTER TABLE all_messages RENAME TO messages;
ALTER SEQUENCE all_messages_id_seq RENAME TO messages_id_seq;
CREATE INDEX messages_of_account ON messages (account, id, size);
CREATE INDEX messages_in_mailbox ON messages (mailbox, size);
CREATE INDEX messages_by_arrival ON messages (arrived_at);
-- The positions are other ones now: every device begins again.
UPDATE devices SET acked = 0;
ALTER TABLE accounts DROP COLUMN last_cursor;
ALTER TABLE accounts DROP COLUMN intro_bytes;
ALTER TABLE accounts DROP COLUMN intro_count;
ALTER TABLE messages ALTER COLUMN envelope SET STORAGE EXTERNAL;
ALTER TABLE messages SET (toast_tuple_target = 8160);
