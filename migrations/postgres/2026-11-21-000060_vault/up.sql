-- Encrypted copies of what clients know. The node can read neither manifests' indexes nor chunks.

CREATE TABLE vaults (
    id          BIGSERIAL NOT NULL PRIMARY KEY,
    vault       BYTEA   NOT NULL UNIQUE,         -- the key that signs
    account     BIGINT  NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    version     BIGINT  NOT NULL DEFAULT 0,      -- 0: there is no manifest yet
    hash        BYTEA   NOT NULL,                -- of the manifest
    manifest    BYTEA   NOT NULL,                -- signed
    used_bytes  BIGINT  NOT NULL DEFAULT 0       -- of the chunks
);
CREATE INDEX vaults_of_account ON vaults (account);

CREATE TABLE vault_chunks (
    vault        BIGINT  NOT NULL REFERENCES vaults (id) ON DELETE CASCADE,
    chunk        BYTEA   NOT NULL,               -- its name: a hash
    listed       INTEGER NOT NULL DEFAULT 0,     -- 1: the manifest lists it
    uploaded_at  BIGINT  NOT NULL,
    size         BIGINT  NOT NULL,
    sealed       BYTEA   NOT NULL,
    PRIMARY KEY (vault, chunk)
);
