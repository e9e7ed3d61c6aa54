//! Tells of new messages through the system, as much as the person wants it to.

use std::cell::RefCell;
use std::rc::Rc;

use client_core::view::{AppView, BodyView, ContactNumber, EntryView, Position};
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
    forget_gone(contact, entries);
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
    let tag = tag_of(notice.contact, notice.position);
    // Of another identity, the same number is somebody else; and all of them share what shows and opens it.
    let address = place::current().address(&Route::Conversation(notice.contact).address());
    notification::show(plain(&title), plain(&body), tag, address);
}

/// Takes back what was told of a conversation.
pub fn forget(contact: ContactNumber) {
    let tags = tags_of(contact);
    notification::close(move |tag| tag.starts_with(&tags));
}

/// Takes back all that was told of this identity: the system's list says nothing that a closed lock hides.
pub fn forget_all() {
    let tags = tags();
    notification::close(move |tag| tag.starts_with(&tags));
}

/// Takes back what was told of messages that are gone: deleted, or forgotten when their time was over.
fn forget_gone(contact: ContactNumber, entries: &[EntryView]) {
    let is_gone = |entry: &&EntryView| !entry.mine && !matches!(entry.body, BodyView::Text(_));
    let gone = entries.iter().filter(is_gone);
    let gone: Vec<String> = gone.map(|entry| tag_of(contact, entry.position)).collect();
    if !gone.is_empty() {
        notification::close(move |tag| gone.iter().any(|it| it == tag));
    }
}

fn tag_of(contact: ContactNumber, position: Position) -> String {
    format!("{}{position}", tags_of(contact))
}

fn tags_of(contact: ContactNumber) -> String {
    format!("{}{contact}-", tags())
}

/// All identities share what the system shows of this site.
fn tags() -> String {
    format!("zechat-{}-", place::current().number())
}
