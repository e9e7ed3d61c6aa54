-- Encrypted copies of what clients know. The node can read neither manifests' indexes nor chunks.

CREATE TABLE vaults (
    id          INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    vault       BLOB    NOT NULL UNIQUE,         -- the key that signs
    account     BIGINT  NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    version     BIGINT  NOT NULL DEFAULT 0,      -- 0: there is no manifest yet
    hash        BLOB    NOT NULL,                -- of the manifest
    manifest    BLOB    NOT NULL,                -- signed
    used_bytes  BIGINT  NOT NULL DEFAULT 0       -- of the chunks
);
CREATE INDEX vaults_of_account ON vaults (account);

CREATE TABLE vault_chunks (
    vault        BIGINT  NOT NULL REFERENCES vaults (id) ON DELETE CASCADE,
    chunk        BLOB    NOT NULL,               -- its name: a hash
    listed       INTEGER NOT NULL DEFAULT 0,     -- 1: the manifest lists it
    uploaded_at  BIGINT  NOT NULL,
    size         BIGINT  NOT NULL,
    sealed       BLOB    NOT NULL,
    PRIMARY KEY (vault, chunk)
);
