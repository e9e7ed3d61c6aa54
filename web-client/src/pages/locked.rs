//! The closed lock, and the place where it is set.

use client_core::request::Secret;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::opening::mark;
use crate::bridge::{LockAsk, LockFailure, LockView, PasskeyOutput};
use crate::components::delete_here::DeleteHere;
use crate::components::header::PlaceHeader;
use crate::components::icon::{Icon, Symbol};
use crate::components::identities::{self, IdentityList};
use crate::components::lock_settings::LockSettings;
use crate::components::note::Waiting;
use crate::components::secret_field::SecretField;
use crate::context::{use_alive, use_app};
use crate::i18n::t;
use crate::platform::passkey::{self, PasskeyError};
use crate::platform::{document, place};
use crate::words::lock;

/// Where the lock is set, changed and removed.
#[component]
pub fn LockPlace() -> Html {
    html! {
        <div class="place">
            <PlaceHeader title={t!("lock-title")} />
            <div class="place-content"><LockSettings /></div>
        </div>
    }
}

/// What is seen while the lock is closed: a field, and nothing of what lies behind it.
#[component]
pub fn Locked() -> Html {
    let app = use_app();
    let alive = use_alive();
    let typed = use_state(String::new);
    let wrong = use_state(|| None::<String>);
    let busy = use_state(|| false);
    let forgotten = use_state(|| false);
    use_effect_with((), |()| document::focus("unlock"));
    let try_it = {
        let (client, wrong, busy) = (app.client.clone(), wrong.clone(), busy.clone());
        Callback::from(move |ask: LockAsk| {
            let (client, alive) = (client.clone(), alive.clone());
            let (wrong, busy) = (wrong.clone(), busy.clone());
            busy.set(true);
            wrong.set(None);
            spawn_local(async move {
                let answer = client.lock(ask).await;
                if !alive.is_alive() {
                    return;
                }
                if let Err(why) = answer {
                    busy.set(false);
                    if why == LockFailure::WrongPassphrase {
                        document::focus("unlock");
                    }
                    wrong.set(Some(lock::failure(&why)));
                }
            });
        })
    };
    let onsubmit = {
        let (try_it, typed, busy) = (try_it.clone(), typed.clone(), *busy);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !busy && !typed.is_empty() {
                try_it.emit(LockAsk::Unlock(Secret((*typed).clone())));
            }
        })
    };
    let with_passkey = {
        let (view, wrong) = (app.state.lock.clone(), wrong.clone());
        Callback::from(move |_: MouseEvent| {
            let (view, wrong, try_it) = (view.clone(), wrong.clone(), try_it.clone());
            spawn_local(async move {
                match ask_passkey(&view).await {
                    Ok(output) => try_it.emit(LockAsk::UnlockWithPasskey(output)),
                    Err(why) => wrong.set(Some(lock::passkey(&why))),
                }
            });
        })
    };
    let toggle = {
        let forgotten = forgotten.clone();
        Callback::from(move |_: MouseEvent| forgotten.set(!*forgotten))
    };
    let whose = identities::known()
        .at(place::current())
        .map(identities::name);
    let on_input = {
        let typed = typed.clone();
        Callback::from(move |text: String| typed.set(text))
    };
    html! {
        <main class="boot locked" data-testid="locked">
            { mark("boot-mark quiet") }
            <div class="boot-words">
                <h1><Icon symbol={Symbol::Lock} />{ t!("lock-closed") }</h1>
                if let Some(name) = whose { <p class="muted"><bdi>{ name }</bdi></p> }
            </div>
            <form class="card stack unlock" {onsubmit} novalidate=true>
                <SecretField id="unlock" label={t!("lock-passphrase")} value={(*typed).clone()} {on_input}
                    wrong={(*wrong).clone().map(AttrValue::from)} testid="unlock-passphrase" />
                if *busy { <Waiting text={t!("lock-opening")} /> }
                <div class="buttons">
                    <button type="submit" class="button primary" aria-disabled={busy.then_some("true")} data-testid="unlock">{ t!("lock-unlock") }</button>
                    if !app.state.lock.passkeys.is_empty() && passkey::is_there() {
                        <button type="button" class="button" onclick={with_passkey} data-testid="unlock-passkey">
                            <Icon symbol={Symbol::Key} />{ t!("lock-with-passkey") }
                        </button>
                    }
                </div>
            </form>
            <div class="unlock-more">
                <button type="button" class="button small quiet" onclick={toggle} aria-expanded={if *forgotten { "true" } else { "false" }}
                    data-testid="unlock-forgotten">{ t!("lock-forgotten") }</button>
                if *forgotten { <DeleteHere label={t!("lock-forgotten")} why={t!("lock-forgotten-what")} /> }
                <IdentityList with_new=true />
            </div>
        </main>
    }
}

async fn ask_passkey(view: &LockView) -> Result<PasskeyOutput, PasskeyError> {
    let passkeys: Vec<_> = view
        .passkeys
        .iter()
        .map(|passkey| (passkey.credential.clone(), passkey.salt))
        .collect();
    let given = passkey::ask(&passkeys).await?;
    Ok(PasskeyOutput {
        credential: given.credential,
        output: given.output,
    })
}
