-- What operators do: invites, blocked accounts and nodes, and the node's own state.

CREATE TABLE invites (
    id          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    token_hash  BLOB    NOT NULL UNIQUE,         -- the token itself is in the link only
    note        TEXT    NOT NULL,
    uses_left   BIGINT  NOT NULL,
    created_at  BIGINT  NOT NULL,
    expires_at  BIGINT  NOT NULL
);

ALTER TABLE accounts ADD COLUMN blocked_at BIGINT NOT NULL DEFAULT 0;

CREATE TABLE blocked_peers (
    pattern     TEXT    NOT NULL PRIMARY KEY,    -- as in federation.deny
    created_at  BIGINT  NOT NULL
);

CREATE TABLE node_state (
    name   TEXT   NOT NULL PRIMARY KEY,
    value  BIGINT NOT NULL
);
