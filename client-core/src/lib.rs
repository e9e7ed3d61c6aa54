//! The ZeChat client as a machine without I/O: push what arrived, pull what to do and what to store.
//!
//! A driver owns sockets, clock, randomness and the store's platform; [`client::Client`] owns the rest.
//! [`driver`] is the contract between the two, [`request`] and [`view`] the one with the page.

pub mod client;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod driver;
pub mod memory;
pub mod own_code;
pub mod request;
pub mod sealed;
pub mod sorted;
pub mod store;
pub mod view;

mod blocking;
mod clearing;
mod compose;
mod contact;
mod creation;
mod drafts;
mod entry;
mod expiry;
mod export;
mod healing;
mod homes;
mod inbox;
mod links;
mod live;
mod mailboxes;
mod moving;
mod nfkc;
mod nodes;
mod notes;
mod offer;
mod outbox;
mod own;
mod passes;
mod problem;
mod projection;
mod pruning;
mod quote;
mod reading;
mod ready;
mod receipts;
mod recovering;
mod resolve;
mod rotating;
mod rows;
mod search;
mod sequence;
mod strangers;
mod taken;
mod talk;
mod telling;
mod trust;
mod turn;
mod typing;
mod vault;
mod verification;
