//! The ZeChat client as a machine without I/O: push what arrived, pull what to do and what to store.

pub mod request;
pub mod view;
