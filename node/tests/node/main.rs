//! The node as others see it: real sockets, real files, a clock that the test moves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a test's panic is its report"
)]

mod assets;
mod attacks;
mod backups;
mod checking;
mod crash;
mod credentials;
mod faults;
mod federation;
mod floods;
mod forwarding;
mod frames;
mod garbage;
mod hostile_documents;
mod invites;
mod limits;
mod login;
mod lookups;
mod mail;
mod mailboxes;
mod moving;
mod operator;
mod packaging;
mod peers;
mod program;
mod proxies;
mod registration;
mod retention;
mod running;
mod several_processes;
mod silence;
mod site;
mod support;
mod vaults;
