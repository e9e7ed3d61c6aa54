//! Which identity of this browser the tab is about, and which there are.
//!
//! The tab remembers its own; a new tab begins with the one that was used last.

use std::cell::OnceCell;

use super::{location, preference};
use crate::bridge::Place;

const CURRENT: &str = "zechat-place";
const KNOWN: &str = "zechat-identities";

thread_local! {
    static HERE: OnceCell<Place> = const { OnceCell::new() };
}

/// The one that this tab is about, for as long as the page is there: which one was used last may change meanwhile, in another
/// tab.
pub fn current() -> Place {
    HERE.with(|here| {
        *here.get_or_init(|| {
            let own = session().and_then(|session| session.get_item(CURRENT).ok().flatten());
            let number = own.or_else(|| preference::read(CURRENT));
            let place = Place::parse(&number.unwrap_or_default());
            remember(place);
            place
        })
    })
}

/// Goes to another one: loads the page anew, so that nothing of this one is left in it.
pub fn go_to(place: Place) {
    preference::write(CURRENT, &place.number().to_string());
    remember(place);
    location::to_start();
}

/// Has the tab remember it. For a page that has not asked for its own yet.
pub fn remember(place: Place) {
    if let Some(session) = session() {
        let _ = session.set_item(CURRENT, &place.number().to_string());
    }
}

/// What is known of the identities here, as text.
pub fn known() -> String {
    preference::read(KNOWN).unwrap_or_default()
}

/// Keeps what is known of them.
pub fn set_known(text: &str) {
    preference::write(KNOWN, text);
}

fn session() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}
