//! web-client.
