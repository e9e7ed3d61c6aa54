//! What page and engine say to each other, and the page's side of it.
//!
//! Every tab spawns a worker; the worker that holds the Web Lock [`LOCK`] runs the engine. All of
//! them meet on the BroadcastChannel [`CHANNEL`]; each message on it is one `Uint8Array` that holds
//! one postcard value. The page knows nothing of keys, storage or sockets, and the worker nothing
//! of what is on the screen.

pub mod answers;
mod client;
mod protocol;
mod tab;

pub use client::{Call, CallError, Client, Engine, Event};
pub use protocol::{CHANNEL, CallNumber, DecodeError, FromEngine, LOCK, TabId, ToEngine};
pub use tab::TabEngine;
