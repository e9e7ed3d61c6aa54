//! Tells of new messages through the system, as much as the person wants it to.

use std::cell::RefCell;

use client_core::view::{AppView, ContactNumber, EntryView};

use crate::i18n::{plain, t};
use crate::platform::time::now;
use crate::platform::{document, notification, preference};
use crate::route::Route;
use crate::state::app::conversation;
use crate::state::notices::{Level, Notice, Notices};
use crate::words;

/// Name of the preference.
const PREFERENCE: &str = "zechat-notify";

thread_local! {
    static NOTICES: RefCell<Notices> = RefCell::default();
}

/// How much notifications tell.
pub fn level() -> Level {
    Level::of(preference::read(PREFERENCE).as_deref())
}

/// Chooses how much they tell.
pub fn set_level(level: Level) {
    preference::write(PREFERENCE, level.key());
}

/// Tells of what came, if it is to be told. `open` is the conversation on the screen.
pub fn consider(
    view: &AppView,
    contact: ContactNumber,
    entries: &[EntryView],
    open: Option<ContactNumber>,
) {
    let looked_at = document::is_visible() && open == Some(contact);
    let notice = NOTICES
        .with_borrow_mut(|notices| notices.consider(view, contact, entries, looked_at, now()));
    if let Some(notice) = notice {
        tell(view, &notice);
    }
}

fn tell(view: &AppView, notice: &Notice) {
    let name = conversation(view, notice.contact).map(|talk| words::name(&talk.contact));
    let name = name.unwrap_or_default();
    let (title, body) = match level() {
        Level::Off => return,
        Level::Quiet => (t!("app-name"), t!("notice-message")),
        Level::Name => (name, t!("notice-message")),
        Level::Text => (name, words::one_line(&notice.text)),
    };
    let tag = format!("zechat-{}-{}", notice.contact, notice.position);
    let address = Route::Conversation(notice.contact).address();
    notification::show(plain(&title), plain(&body), tag, address);
}
