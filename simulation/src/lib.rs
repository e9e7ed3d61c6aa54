//! People with real clients on real nodes, in one process, under one clock, with everything that can go wrong
//! between them. [`sequence`] says what must be true.
//!
//! `client-core` runs as in a browser, over a store in memory. A node runs as in its program, with sessions, HTTP
//! handlers, forwarding and SQLite, only without sockets and threads ([`zechat_node::in_process`]). Only the network,
//! the clock and chance belong to the world, so a seed says all that happens.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "it is a test, where a panic is the report"
)]

pub mod figures;
pub mod history;
pub mod operation;
pub mod run;
pub mod sequence;

mod clock;
mod hostile;
mod keys;
mod lines;
mod losing;
mod network;
mod node;
mod person;
mod pins;
mod requests;
mod truth;
mod world;
