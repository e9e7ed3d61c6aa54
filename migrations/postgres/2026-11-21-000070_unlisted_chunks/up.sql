-- What saves that never came to their end have left behind is looked for by its age.

CREATE INDEX vault_chunks_unlisted ON vault_chunks (uploaded_at) WHERE listed = 0;
