//! Asks for the recovery phrase to be kept, and then for a lock: after the first message, gently, until it is done.

use yew::prelude::*;

use super::icon::{Icon, Symbol};
use super::link::Link;
use crate::context::use_app;
use crate::i18n::t;
use crate::platform::time::now;
use crate::platform::{place, preference};
use crate::route::Route;
use crate::state::reminder::{Answered, Due, due};

/// Where it is kept that the person said 'later'.
const PREFERENCE: &str = "phrase-later";
const LOCK_PREFERENCE: &str = "lock-later";

/// The bar, when it is due and the person is not there already. One at a time: the phrase comes before the lock.
#[component]
pub fn Reminder() -> Html {
    let app = use_app();
    let read = |name: &str| {
        let kept = preference::read(&place::current().preference(name));
        Answered::parse(&kept.unwrap_or_default())
    };
    let phrase = use_state(|| read(PREFERENCE));
    let lock = use_state(|| read(LOCK_PREFERENCE));
    let due = due(app.view(), app.state.lock.is_set, *phrase, *lock, now());
    let (answered, name, to, symbol) = match due {
        Some(Due::Phrase) => (phrase, PREFERENCE, Route::Recovery, Symbol::LifeBuoy),
        Some(Due::Lock) => (lock, LOCK_PREFERENCE, Route::Lock, Symbol::Lock),
        None => return Html::default(),
    };
    if app.nav.route == to {
        return Html::default();
    }
    let (words, does) = if to == Route::Lock {
        (t!("reminder-lock"), t!("reminder-lock-do"))
    } else {
        (t!("reminder"), t!("reminder-do"))
    };
    let later = Callback::from(move |_: MouseEvent| {
        let next = answered.later(now());
        preference::write(&place::current().preference(name), &next.to_text());
        answered.set(next);
    });
    html! {
        <div class="banner quiet reminder" role="status" data-testid="reminder">
            <Icon {symbol} />
            <p>{ words }</p>
            <div class="buttons">
                <Link {to} class="button small primary" testid="reminder-do">{ does }</Link>
                <button type="button" class="button small" onclick={later} data-testid="reminder-later">{ t!("reminder-later") }</button>
            </div>
        </div>
    }
}
