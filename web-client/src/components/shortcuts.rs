//! Keys that work everywhere, and the sheet that tells of all keys.

use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use super::dialog::Dialog;
use super::search;
use crate::i18n::t;
use crate::platform::{document, preference};

/// Name of the preference that switches keys without Ctrl off.
const PREFERENCE: &str = "zechat-keys";

/// Whether single keys do something.
pub fn are_on() -> bool {
    preference::read(PREFERENCE).as_deref() != Some("off")
}

/// Listens for the keys, and shows the sheet when it is asked for.
#[component]
pub fn Shortcuts() -> Html {
    let shown = use_state(|| false);
    {
        let shown = shown.clone();
        use_effect_with((), move |()| {
            let listener = document::document().map(|document| {
                EventListener::new_with_options(
                    &document,
                    "keydown",
                    gloo::events::EventListenerOptions::enable_prevent_default(),
                    move |event| {
                        let Some(event) = event.dyn_ref::<web_sys::KeyboardEvent>() else {
                            return;
                        };
                        let command = event.ctrl_key() || event.meta_key();
                        match event.key().as_str() {
                            "k" if command => {
                                event.prevent_default();
                                document::focus(search::FIELD);
                            }
                            "?" if !command && !is_typing(event) && are_on() => shown.set(true),
                            _ => {}
                        }
                    },
                )
            });
            move || drop(listener)
        });
    }
    if !*shown {
        return Html::default();
    }
    let on_close = Callback::from(move |()| shown.set(false));
    html! { <KeySheet {on_close} /> }
}

/// The way to the sheet for who has no keyboard at hand, or has switched single keys off.
#[component]
pub fn KeySheetButton() -> Html {
    let shown = use_state(|| false);
    let show = |show: bool| {
        let shown = shown.clone();
        move || shown.set(show)
    };
    let (open, close) = (show(true), show(false));
    html! {
        <>
            <button type="button" class="button" onclick={Callback::from(move |_: MouseEvent| open())} data-testid="show-keys">{ t!("keys-title") }</button>
            if *shown { <KeySheet on_close={Callback::from(move |()| close())} /> }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct KeySheetProps {
    on_close: Callback<()>,
}

/// All keys, and whether single ones do something.
#[component]
fn KeySheet(props: &KeySheetProps) -> Html {
    let on = use_state(are_on);
    let onchange = {
        let on = on.clone();
        Callback::from(move |_: Event| {
            preference::write(PREFERENCE, if *on { "off" } else { "on" });
            on.set(!*on);
        })
    };
    let row = |keys: &'static str, what: String| {
        html! { <div><dt><kbd dir="ltr">{ keys }</kbd></dt><dd>{ what }</dd></div> }
    };
    html! {
        <Dialog title={t!("keys-title")} on_close={props.on_close.clone()}>
            <dl class="facts keys" data-testid="keys">
                { row("?", t!("keys-sheet")) }
                { row("Ctrl K", t!("keys-search")) }
                { row("↑ ↓ Home End PgUp PgDn", t!("keys-conversations")) }
                { row("Enter", t!("keys-send")) }
                { row("Shift Enter", t!("keys-line")) }
                { row("Esc", t!("keys-close")) }
            </dl>
            <h3>{ t!("keys-messages") }</h3>
            <p class="hint">{ t!("keys-messages-hint") }</p>
            <dl class="facts keys">
                { row("↑ ↓ Home End PgUp PgDn", t!("keys-move")) }
                { row("Enter", t!("message-options")) }
                { row("r", t!("message-reply")) }
                { row("e", t!("message-edit")) }
                { row("c", t!("message-copy")) }
                { row("i", t!("message-info")) }
                { row("+", t!("message-react")) }
                { row("Del", t!("message-delete")) }
            </dl>
            <label class="choice">
                <input type="checkbox" checked={*on} {onchange} data-testid="single-keys" />
                <span>{ t!("keys-single") }</span>
            </label>
        </Dialog>
    }
}

/// Whether a key belongs to a field.
fn is_typing(event: &web_sys::KeyboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| {
        target
            .matches("input, textarea, select, [contenteditable]")
            .unwrap_or_default()
    })
}
