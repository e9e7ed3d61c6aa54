//! Pages join parts to places.

pub mod backup;
pub mod conversation;
pub mod creating;
pub mod home;
pub mod invite;
pub mod locked;
pub mod moving;
pub mod new_contact;
pub mod nodes;
pub mod opening;
pub mod preview;
pub mod recovery;
pub mod requests;
pub mod restore;
pub mod settings;
pub mod shell;
pub mod take_back;
pub mod trouble;
pub mod welcome;
