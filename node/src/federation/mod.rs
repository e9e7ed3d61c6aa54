//! Talking to other nodes: whose addresses are permitted, signed requests, retries.

pub mod address;
pub mod backoff;
pub mod client;
mod dispatch;
pub mod rules;
pub mod transport;
pub mod worker;
