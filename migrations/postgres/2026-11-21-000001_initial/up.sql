-- Times are milliseconds since 1970. The same tables and columns as on SQLite.

CREATE TABLE accounts (
    id            BIGSERIAL NOT NULL PRIMARY KEY,
    identity      BYTEA   NOT NULL UNIQUE,
    signing_key   BYTEA   NOT NULL,              -- modulus of the key in force: logins need no chain
    used_bytes    BIGINT  NOT NULL DEFAULT 0,    -- of the envelopes stored for the account
    used_count    BIGINT  NOT NULL DEFAULT 0,
    outbox_bytes  BIGINT  NOT NULL DEFAULT 0,    -- of the boxes waiting for other nodes
    outbox_count  BIGINT  NOT NULL DEFAULT 0,    -- submissions whose outcome was not seen
    created_at    BIGINT  NOT NULL
);

CREATE TABLE records (
    identity  BYTEA  NOT NULL,
    number    BIGINT NOT NULL,
    hash      BYTEA  NOT NULL,
    signed    BYTEA  NOT NULL,
    PRIMARY KEY (identity, number)
);

CREATE TABLE key_packages (
    identity  BYTEA  NOT NULL PRIMARY KEY,
    epoch     BIGINT NOT NULL,
    hash      BYTEA  NOT NULL,
    signed    BYTEA  NOT NULL
);

CREATE TABLE mailboxes (
    id          BIGSERIAL NOT NULL PRIMARY KEY,
    mailbox     BYTEA   NOT NULL UNIQUE,
    account     BIGINT  NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind        INTEGER NOT NULL,                -- 0 intro, 1 contact
    removed_at  BIGINT  NOT NULL DEFAULT 0       -- 0: takes mail; else kept: nobody else may ever have it
);
CREATE INDEX mailboxes_of_account ON mailboxes (account, kind);

-- The id is the cursor: it rises with every envelope and is never used twice.
CREATE TABLE messages (
    id          BIGSERIAL NOT NULL PRIMARY KEY,
    account     BIGINT  NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    mailbox     BIGINT  NOT NULL REFERENCES mailboxes (id) ON DELETE CASCADE,
    message_id  BYTEA   NOT NULL,
    arrived_at  BIGINT  NOT NULL,
    size        BIGINT  NOT NULL,
    envelope    BYTEA   NOT NULL,
    UNIQUE (mailbox, message_id)
);
CREATE INDEX messages_of_account ON messages (account, id, size);
CREATE INDEX messages_in_mailbox ON messages (mailbox, size);
CREATE INDEX messages_by_arrival ON messages (arrived_at);

CREATE TABLE devices (
    account    BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    device     BYTEA  NOT NULL,
    acked      BIGINT NOT NULL,                  -- everything up to this cursor is durable there
    last_seen  BIGINT NOT NULL,
    PRIMARY KEY (account, device)
);
CREATE INDEX devices_by_seen ON devices (last_seen);

CREATE TABLE outbox (
    id           BIGSERIAL NOT NULL PRIMARY KEY,
    account      BIGINT  NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    device       BYTEA   NOT NULL,
    submission   BYTEA   NOT NULL,
    destination  TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    retry_at     BIGINT  NOT NULL DEFAULT 0,     -- not before, because it was refused for now
    state        INTEGER NOT NULL,               -- 0 waiting, 1 the outcome is known
    code         TEXT    NOT NULL DEFAULT '',    -- of the outcome; empty: stored by their node
    boxed        BYTEA   NOT NULL,               -- emptied when the outcome is known
    UNIQUE (account, device, submission)
);
CREATE INDEX outbox_waiting ON outbox (destination, id, retry_at) WHERE state = 0;
CREATE INDEX outbox_settled ON outbox (account, device, id) WHERE state = 1;
CREATE INDEX outbox_settled_by_age ON outbox (created_at) WHERE state = 1;

CREATE TABLE tombstones (
    id       BIGSERIAL NOT NULL PRIMARY KEY,
    account  BIGINT  NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    count    BIGINT  NOT NULL,
    from_at  BIGINT  NOT NULL,
    to_at    BIGINT  NOT NULL
);
CREATE INDEX tombstones_of_account ON tombstones (account, id);

CREATE TABLE peers (
    url        TEXT   NOT NULL PRIMARY KEY,
    failures   BIGINT NOT NULL,
    retry_at   BIGINT NOT NULL
);

-- Sealed bytes do not become smaller, and most of them fit into their row.
ALTER TABLE messages ALTER COLUMN envelope SET STORAGE EXTERNAL;
ALTER TABLE messages SET (toast_tuple_target = 8160);
ALTER TABLE outbox ALTER COLUMN boxed SET STORAGE EXTERNAL;
ALTER TABLE outbox SET (toast_tuple_target = 8160);
