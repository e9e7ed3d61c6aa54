//! The ZeChat node: a blind, durable mailbox.
//!
//! `main.rs` reads flags and starts a [`Node`]; tests start it in their own process. Handlers in
//! [`http`] and [`live`] extract and answer, [`service`] holds the rules, [`store`] is all that is
//! durable, [`federation`] talks to other nodes.

pub mod admin;
pub mod backup;
pub mod clock;
pub mod federation;
pub mod http;
pub mod identity;
pub mod in_process;
pub mod limits;
pub mod live;
pub mod log;
pub mod metrics;
pub mod random;
pub mod refused;
pub mod service;
pub mod settings;
mod stalled;
pub mod store;
pub mod tls;

mod node;

pub use node::{Node, Signals, StartError, create_folder, store_options};

/// Name and version, as the node document says it.
pub const SOFTWARE: &str = concat!("zechat-node ", env!("CARGO_PKG_VERSION"));
