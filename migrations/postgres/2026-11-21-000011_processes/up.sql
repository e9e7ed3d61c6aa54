-- Several processes on one database are one node.

-- Which process serves which other node. One that dies is replaced when its time is over.
CREATE TABLE leases (
    peer        TEXT   NOT NULL PRIMARY KEY,
    holder      BYTEA  NOT NULL,
    expires_at  BIGINT NOT NULL
);

-- The node's keys, where its processes share them: at most one row.
CREATE TABLE node_keys (
    name  TEXT   NOT NULL PRIMARY KEY,
    keys  BYTEA  NOT NULL
);
