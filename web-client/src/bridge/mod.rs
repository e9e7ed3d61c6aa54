//! What page and engine say to each other, and the page's side of it.
//!
//! Every tab spawns a worker; the worker that holds the Web Lock of its [`Place`] runs the engine. All of
//! them meet on a BroadcastChannel; each message on it is one `Uint8Array` that holds
//! one postcard value. The page knows nothing of keys, storage or sockets, and the worker nothing
//! of what is on the screen.

pub mod answers;
mod breakdown;
mod client;
mod lock;
mod place;
mod protocol;
mod tab;

pub use breakdown::{Breakdown, Fault};
pub use client::{Call, CallError, Client, Engine, Event, LockCall};
pub use lock::{
    LockAnswer, LockAsk, LockFailure, LockView, PasskeyOutput, PasskeyView, SHORTEST_PASSPHRASE,
};
pub use place::{MOST, Place};
pub use protocol::{Answered, Asked, CallNumber, DecodeError, FromEngine, TabId, ToEngine};
pub use tab::TabEngine;
