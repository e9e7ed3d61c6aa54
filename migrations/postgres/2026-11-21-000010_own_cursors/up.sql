-- Positions in mail rise by one within an account, and say nothing of other accounts. What strangers
-- occupy is counted in the account, so that no index is needed for it.

ALTER TABLE accounts ADD COLUMN last_cursor BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN intro_bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN intro_count BIGINT NOT NULL DEFAULT 0;

-- No device may have acknowledged more.
UPDATE accounts SET
    last_cursor = (SELECT last_value FROM messages_id_seq),
    intro_bytes = COALESCE((SELECT SUM(m.size) FROM messages m JOIN mailboxes b ON b.id = m.mailbox
                            WHERE m.account = accounts.id AND b.kind = 0), 0),
    intro_count = (SELECT COUNT(*) FROM messages m JOIN mailboxes b ON b.id = m.mailbox
                   WHERE m.account = accounts.id AND b.kind = 0);

CREATE TABLE own_messages (
    account     BIGINT  NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    cursor      BIGINT  NOT NULL,                -- rises with every envelope and is never used twice
    mailbox     BIGINT  NOT NULL,                -- goes with its account
    kind        INTEGER NOT NULL,                -- of the mailbox
    message_id  BYTEA   NOT NULL,
    arrived_at  BIGINT  NOT NULL,
    size        BIGINT  NOT NULL,
    envelope    BYTEA   NOT NULL,
    PRIMARY KEY (account, cursor)
);
INSERT INTO own_messages (account, cursor, mailbox, kind, message_id, arrived_at, size, envelope)
    SELECT m.account, m.id, m.mailbox, b.kind, m.message_id, m.arrived_at, m.size, m.envelope
    FROM messages m JOIN mailboxes b ON b.id = m.mailbox ORDER BY m.id;
DROP TABLE messages;
ALTER TABLE own_messages RENAME TO messages;
CREATE UNIQUE INDEX messages_once ON messages (mailbox, message_id);
CREATE INDEX messages_by_arrival ON messages (arrived_at);

ALTER TABLE messages ALTER COLUMN envelope SET STORAGE EXTERNAL;
ALTER TABLE messages SET (toast_tuple_target = 8160);
