//! The page's calls into the browser, and only here. Nothing in this folder knows the application.

pub mod channel;
pub mod clipboard;
pub mod document;
pub mod file;
pub mod location;
pub mod panic;
pub mod preference;
pub mod random;
pub mod scan;
pub mod scroll;
pub mod storage;
pub mod support;
pub mod time;
pub mod worker;
