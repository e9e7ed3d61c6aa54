//! The crate from outside: what two parties exchange, and what each of them must refuse.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in tests a panic is the report"
)]

mod attacks;
mod bounds;
mod branches;
mod envelopes;
mod events;
mod holes;
mod links;
mod live;
mod lock;
mod nodes;
mod postage;
mod properties;
mod record_shapes;
mod records;
mod recovery;
mod sealed;
mod signed;
mod support;
mod vaults;
