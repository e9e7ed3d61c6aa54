DROP INDEX vault_chunks_unlisted;
