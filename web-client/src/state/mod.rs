//! What the page computes from the projection: pure functions and reducers, without a browser.

pub mod app;
pub mod composer;
pub mod days;
pub mod links;
pub mod person;
pub mod qr;
pub mod rows;
pub mod thread;
