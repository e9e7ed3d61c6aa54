//! Which identity of this browser the tab is about, and which there are.
//!
//! The tab remembers its own; a new tab begins with the one that was used last.

use super::{location, preference};
use crate::bridge::Place;

const CURRENT: &str = "zechat-place";
const KNOWN: &str = "zechat-identities";

/// The one that this tab is about.
pub fn current() -> Place {
    let own = session().and_then(|session| session.get_item(CURRENT).ok().flatten());
    Place::parse(
        &own.or_else(|| preference::read(CURRENT))
            .unwrap_or_default(),
    )
}

/// Goes to another one: loads the page anew, so that nothing of this one is left in it.
pub fn go_to(place: Place) {
    let number = place.number().to_string();
    preference::write(CURRENT, &number);
    if let Some(session) = session() {
        let _ = session.set_item(CURRENT, &number);
    }
    location::to_start();
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
