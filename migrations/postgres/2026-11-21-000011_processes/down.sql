DROP TABLE node_keys;
DROP TABLE leases;
