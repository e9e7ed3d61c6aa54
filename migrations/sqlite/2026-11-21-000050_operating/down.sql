DROP TABLE node_state;
DROP TABLE blocked_peers;
ALTER TABLE accounts DROP COLUMN blocked_at;
DROP TABLE invites;
