//! What the page computes from the projection: pure functions and reducers, without a browser.

pub mod app;
pub mod composer;
pub mod days;
pub mod desk;
pub mod emoji;
pub mod identities;
pub mod links;
pub mod moving;
pub mod notices;
pub mod person;
pub mod phrase;
pub mod qr;
pub mod reminder;
pub mod restore;
pub mod rich;
pub mod rows;
pub mod scan;
pub mod seen;
pub mod thread;
