//! The vault: everything this client knows, encrypted, on the identity's nodes and in files.

mod requests;
