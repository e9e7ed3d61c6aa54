//! Pages join parts to places.

pub mod conversation;
pub mod creating;
pub mod home;
pub mod invite;
pub mod new_contact;
pub mod opening;
pub mod preview;
pub mod requests;
pub mod settings;
pub mod shell;
pub mod trouble;
pub mod welcome;
