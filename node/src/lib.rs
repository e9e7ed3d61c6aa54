//! The ZeChat node: a blind, durable mailbox.

pub mod clock;
pub mod random;
pub mod store;
