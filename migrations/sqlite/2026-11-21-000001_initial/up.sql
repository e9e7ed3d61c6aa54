-- Times are milliseconds since 1970. Only types and constraints that PostgreSQL has as well.

CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    identity      BLOB    NOT NULL UNIQUE,
    signing_key   BLOB    NOT NULL,              -- modulus of the key in force: logins need no chain
    used_bytes    BIGINT  NOT NULL DEFAULT 0,    -- of the envelopes stored for the account
    used_count    BIGINT  NOT NULL DEFAULT 0,
    outbox_bytes  BIGINT  NOT NULL DEFAULT 0,    -- of the boxes waiting for other nodes
    outbox_count  BIGINT  NOT NULL DEFAULT 0,    -- submissions whose outcome was not seen
    created_at    BIGINT  NOT NULL
);

CREATE TABLE records (
    identity  BLOB   NOT NULL,
    number    BIGINT NOT NULL,
    hash      BLOB   NOT NULL,
    signed    BLOB   NOT NULL,
    PRIMARY KEY (identity, number)
);

CREATE TABLE key_packages (
    identity  BLOB   NOT NULL PRIMARY KEY,
    epoch     BIGINT NOT NULL,
    hash      BLOB   NOT NULL,
    signed    BLOB   NOT NULL
);

CREATE TABLE mailboxes (
    id          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    mailbox     BLOB    NOT NULL UNIQUE,
    account     BIGINT  NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind        INTEGER NOT NULL,                -- 0 intro, 1 contact
    removed_at  BIGINT  NOT NULL DEFAULT 0       -- 0: takes mail; else kept: nobody else may ever have it
);
CREATE INDEX mailboxes_of_account ON mailboxes (account, kind);

-- The id is the cursor: it rises with every envelope and is never used twice.
CREATE TABLE messages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    account     BIGINT  NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    mailbox     BIGINT  NOT NULL REFERENCES mailboxes (id) ON DELETE CASCADE,
    message_id  BLOB    NOT NULL,
    arrived_at  BIGINT  NOT NULL,
    size        BIGINT  NOT NULL,
    envelope    BLOB    NOT NULL,
    UNIQUE (mailbox, message_id)
);
CREATE INDEX messages_of_account ON messages (account, id, size);
CREATE INDEX messages_in_mailbox ON messages (mailbox, size);
CREATE INDEX messages_by_arrival ON messages (arrived_at);

CREATE TABLE devices (
    account    BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    device     BLOB   NOT NULL,
    acked      BIGINT NOT NULL,                  -- everything up to this cursor is durable there
    last_seen  BIGINT NOT NULL,
    PRIMARY KEY (account, device)
);
CREATE INDEX devices_by_seen ON devices (last_seen);

-- The writer knows in memory which submissions are stored (account, device, submission are theirs alone):
-- an index of these would be written all over with each commit. It also gives the ids, which rise.
CREATE TABLE outbox (
    id           INTEGER PRIMARY KEY NOT NULL,
    account      BIGINT  NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    device       BLOB    NOT NULL,
    submission   BLOB    NOT NULL,
    destination  TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    retry_at     BIGINT  NOT NULL DEFAULT 0,     -- not before, because it was refused for now
    state        INTEGER NOT NULL,               -- 0 waiting, 1 the outcome is known
    code         TEXT    NOT NULL DEFAULT '',    -- of the outcome; empty: stored by their node
    boxed        BLOB    NOT NULL                -- emptied when the outcome is known
);
CREATE INDEX outbox_waiting ON outbox (destination, id, retry_at) WHERE state = 0;
CREATE INDEX outbox_settled ON outbox (account, device, id) WHERE state = 1;
CREATE INDEX outbox_settled_by_age ON outbox (created_at) WHERE state = 1;

CREATE TABLE tombstones (
    id       INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
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
