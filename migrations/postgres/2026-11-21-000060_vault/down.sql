DROP TABLE vault_chunks;
DROP TABLE vaults;
