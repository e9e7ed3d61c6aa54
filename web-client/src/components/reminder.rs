//! Asks for the recovery phrase to be kept: after the first message, gently, until it is done.

use yew::prelude::*;

use super::icon::{Icon, Symbol};
use super::link::Link;
use crate::context::use_app;
use crate::i18n::t;
use crate::platform::preference;
use crate::platform::time::now;
use crate::route::Route;
use crate::state::reminder::{Answered, is_due};

/// Where it is kept that the person said 'later'.
const PREFERENCE: &str = "phrase-later";

/// The bar, when it is due and the person is not there already.
#[component]
pub fn Reminder() -> Html {
    let app = use_app();
    let answered = use_state(|| Answered::parse(&preference::read(PREFERENCE).unwrap_or_default()));
    if app.nav.route == Route::Recovery || !is_due(app.view(), *answered, now()) {
        return Html::default();
    }
    let later = Callback::from(move |_: MouseEvent| {
        let next = answered.later(now());
        preference::write(PREFERENCE, &next.to_text());
        answered.set(next);
    });
    html! {
        <div class="banner quiet reminder" role="status" data-testid="reminder">
            <Icon symbol={Symbol::LifeBuoy} />
            <p>{ t!("reminder") }</p>
            <div class="buttons">
                <Link to={Route::Recovery} class="button small primary" testid="reminder-do">{ t!("reminder-do") }</Link>
                <button type="button" class="button small" onclick={later} data-testid="reminder-later">{ t!("reminder-later") }</button>
            </div>
        </div>
    }
}
