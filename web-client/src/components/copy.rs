//! Buttons that copy and share.

use gloo::timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::icon::{Icon, Symbol};
use crate::context::{use_alive, use_app};
use crate::i18n::t;
use crate::platform::clipboard;

/// How long the button says that it is done.
const DONE_MS: u32 = 2500;

/// Properties of [`CopyButton`].
#[derive(Properties, PartialEq)]
pub struct CopyButtonProps {
    /// What is copied.
    pub text: AttrValue,
    /// What the button says; 'Copy' if nothing else.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    /// Further classes.
    #[prop_or_default]
    pub class: Classes,
    /// Name for tests.
    #[prop_or_default]
    pub testid: Option<AttrValue>,
}

/// Copies a text and says so.
#[component]
pub fn CopyButton(props: &CopyButtonProps) -> Html {
    let app = use_app();
    let alive = use_alive();
    let done = use_state(|| false);
    let onclick = {
        let (text, done) = (props.text.clone(), done.clone());
        Callback::from(move |_: MouseEvent| {
            let (text, done, toast, alive) =
                (text.clone(), done.clone(), app.toast.clone(), alive.clone());
            spawn_local(async move {
                match clipboard::copy(&text).await {
                    Ok(()) if alive.is_alive() => done.set(true),
                    Ok(()) => {}
                    Err(clipboard::Refused) => toast.emit(t!("copy-failed")),
                }
            });
        })
    };
    {
        let done = done.clone();
        use_effect_with(*done, move |is_done| {
            let timer = is_done.then(|| Timeout::new(DONE_MS, move || done.set(false)));
            move || drop(timer)
        });
    }
    let label = props.label.clone().unwrap_or_else(|| t!("copy").into());
    html! {
        <button type="button" class={classes!("button", props.class.clone(), done.then_some("done"))} {onclick}
            data-testid={props.testid.clone()}>
            <Icon symbol={if *done { Symbol::Check } else { Symbol::Copy }} />
            <span aria-live="polite">{ if *done { t!("copied") } else { label.to_string() } }</span>
        </button>
    }
}

/// Properties of [`ShareButton`].
#[derive(Properties, PartialEq)]
pub struct ShareButtonProps {
    /// What is shared.
    pub url: AttrValue,
}

/// Opens the system's share sheet; not there where the browser has none.
#[component]
pub fn ShareButton(props: &ShareButtonProps) -> Html {
    let can_share = use_memo((), |()| clipboard::can_share());
    if !*can_share {
        return Html::default();
    }
    let url = props.url.clone();
    let onclick = Callback::from(move |_: MouseEvent| {
        let url = url.clone();
        spawn_local(
            async move { clipboard::share(&t!("app-name"), &t!("share-text"), &url).await },
        );
    });
    html! {
        <button type="button" class="button" {onclick}>
            <Icon symbol={Symbol::Share} />{ t!("share") }
        </button>
    }
}
