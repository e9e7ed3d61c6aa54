//! The field for somebody else's link, and the ways to read it from a code.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::field::typed;
use super::icon::{Icon, Symbol};
use super::note::ErrorNote;
use super::scanner::Scanner;
use crate::bridge::CallError;
use crate::context::{use_alive, use_app};
use crate::i18n::t;
use crate::route::Route;
use crate::state::app::AppAction;
use crate::state::links::is_contact_link;
use client_core::request::Failure;

/// Takes a link, has it looked up, and leads to the one it belongs to.
#[component]
pub fn PasteLink() -> Html {
    let app = use_app();
    let alive = use_alive();
    let link = use_state(String::new);
    let busy = use_state(|| false);
    let error = use_state(|| None::<CallError>);

    let oninput = {
        let (link, error) = (link.clone(), error.clone());
        Callback::from(move |event: InputEvent| {
            error.set(None);
            link.set(typed(event));
        })
    };
    let open = {
        let (busy, error) = (busy.clone(), error.clone());
        Callback::from(move |link: String| {
            if *busy {
                return;
            }
            if !is_contact_link(&link) {
                error.set(Some(CallError::Failed(Failure::BadLink)));
                return;
            }
            busy.set(true);
            error.set(None);
            let (app, alive, busy, error) =
                (app.clone(), alive.clone(), busy.clone(), error.clone());
            spawn_local(async move {
                let answer = app.client.open_link(link.trim().to_owned()).await;
                if !alive.is_alive() {
                    return;
                }
                busy.set(false);
                match answer {
                    Ok(contact) => {
                        let number = contact.number;
                        app.state.dispatch(AppAction::LookedUp(contact));
                        app.nav.go.emit(Route::Conversation(number));
                    }
                    Err(why) => error.set(Some(why)),
                }
            });
        })
    };
    let onsubmit = {
        let (open, link) = (open.clone(), link.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            open.emit((*link).clone());
        })
    };
    let on_read = {
        let link = link.clone();
        Callback::from(move |text: String| {
            link.set(text.clone());
            open.emit(text);
        })
    };
    let failed = error.is_some();
    html! {
        <section class="card" aria-labelledby="paste-title">
            <h3 id="paste-title">{ t!("paste-title") }</h3>
            <form class="stack" {onsubmit} novalidate=true>
                <div class="field">
                    <label for="paste-link">{ t!("paste-label") }</label>
                    <div class="field-row">
                        <input id="paste-link" type="url" inputmode="url" dir="ltr" autocomplete="off" spellcheck="false"
                            placeholder={t!("paste-placeholder")} value={(*link).clone()} {oninput}
                            aria-invalid={failed.then_some("true")} aria-describedby="paste-error"
                            data-testid="paste-link" />
                        <button type="submit" class="button primary" data-testid="open-link"
                            aria-disabled={busy.then_some("true")}>
                            if *busy { <Icon symbol={Symbol::Busy} class="spin" /> }
                            { t!("paste-open") }
                        </button>
                    </div>
                </div>
                <p class="muted" role="status">{ if *busy { t!("paste-looking") } else { String::new() } }</p>
                <ErrorNote id="paste-error" error={(*error).clone()} />
            </form>
            <Scanner {on_read} />
        </section>
    }
}
