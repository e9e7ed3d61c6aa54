//! Stories: real browsers, real nodes, and people who do what people do.

mod access;
mod attacks;
mod contacts;
mod gallery;
mod identity;
mod invited;
mod keyboard;
mod languages;
mod lists;
mod lock;
mod made_links;
mod main_story;
mod notices;
mod phone;
mod program;
mod scan;
mod screens;
mod served;
mod store;
mod strangers;
mod tabs;
mod talk;
mod unread;
