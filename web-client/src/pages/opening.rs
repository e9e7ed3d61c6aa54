//! What is seen until the engine has read its store.

use yew::prelude::*;

use crate::components::icon::{Icon, Symbol};
use crate::i18n::t;

/// The mark of the application.
pub fn mark(class: &'static str) -> Html {
    html! {
        <svg class={classes!("mark", class)} viewBox="0 0 48 48" aria-hidden="true">
            <path class="mark-bubble" d="M12 4h24a8 8 0 0 1 8 8v18a8 8 0 0 1-8 8H21.5l-8.6 6.4A1.8 1.8 0 0 1 10 43v-5.2A8 8 0 0 1 4 30V12a8 8 0 0 1 8-8Z" />
            <path class="mark-letter" d="M16 14h16L16 28h16" />
        </svg>
    }
}

/// The messages are being opened.
#[component]
pub fn Opening() -> Html {
    html! {
        <main class="boot" aria-busy="true">
            <h1 class="visually-hidden">{ t!("app-name") }</h1>
            { mark("boot-mark") }
            <p class="boot-text" role="status"><Icon symbol={Symbol::Busy} class="spin" />{ t!("opening") }</p>
        </main>
    }
}
