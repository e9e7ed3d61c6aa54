//! Parts of pages. They show what they are given.

pub mod announcer;
pub mod avatar;
pub mod banner;
pub mod composer;
pub mod copy;
pub mod dialog;
pub mod entries;
pub mod entry;
pub mod fork;
pub mod header;
pub mod icon;
pub mod identity_links;
pub mod link;
pub mod my_link;
pub mod node_facts;
pub mod note;
pub mod paste_link;
pub mod qr;
pub mod reminder;
pub mod safety;
pub mod secret_field;
pub mod sidebar;
pub mod sidebar_item;
pub mod steps;
pub mod toaster;
pub mod vault_proof;
