//! Live sockets: who is connected, and the conversation with each.

pub mod hub;
mod mail;
pub mod session;
mod slot;
mod uplink;
pub mod wire;
