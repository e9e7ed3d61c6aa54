//! Browser stories: real Chromium, real `zechat-node` processes.
//!
//! The stories themselves are in `tests/`. They need a node with the client in it, and a browser:
//! `cargo xtask test` builds both and names them in the environment.

pub mod access;
pub mod browser;
pub mod clock;
pub mod impostor;
pub mod inspector;
pub mod liar;
pub mod life;
pub mod node;
pub mod person;
pub mod phone;
pub mod programs;
pub mod proxy;
pub mod pseudo;
pub mod search;
pub mod shell;
pub mod texts;
pub mod wait;
