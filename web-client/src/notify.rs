//! Tells of new messages through the system, as much as the person wants it to.

use std::cell::RefCell;
use std::rc::Rc;

use client_core::view::{AppView, ContactNumber, EntryView};
use gloo::timers::callback::Timeout;

use crate::i18n::{plain, t};
use crate::platform::time::now;
use crate::platform::{document, notification, place, preference};
use crate::route::Route;
use crate::state::app::conversation;
use crate::state::notices::{Level, Notice, Notices, is_unread};
use crate::words;

/// Name of the preference.
const PREFERENCE: &str = "zechat-notify";

/// How long a tab that shows a message may take to say that it was read.
const MOMENT_MS: u32 = 1_000;

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

/// Tells of what came, if it is to be told. `last` is the newest view, now and later; `open` is the conversation on the screen.
pub fn consider(
    last: &Rc<RefCell<AppView>>,
    contact: ContactNumber,
    entries: &[EntryView],
    open: Option<ContactNumber>,
) {
    let looked_at = document::is_visible() && open == Some(contact);
    let notice = NOTICES.with_borrow_mut(|notices| {
        notices.consider(&last.borrow(), contact, entries, looked_at, now())
    });
    if let Some(notice) = notice {
        let last = last.clone();
        // Another tab may show it: then it is read in a moment.
        Timeout::new(MOMENT_MS, move || {
            let view = last.borrow();
            if is_unread(&view, notice.contact, notice.position) {
                tell(&view, &notice);
            }
        })
        .forget();
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
    let tag = format!("{}{}", tag_of(notice.contact), notice.position);
    // Of another identity, the same number is somebody else; and all of them share what shows and opens it.
    let address = place::current().address(&Route::Conversation(notice.contact).address());
    notification::show(plain(&title), plain(&body), tag, address);
}

/// Takes back what was told of a conversation.
pub fn forget(contact: ContactNumber) {
    notification::close(tag_of(contact));
}

fn tag_of(contact: ContactNumber) -> String {
    // All identities share what the system shows of this site.
    format!("zechat-{}-{contact}-", place::current().number())
}
