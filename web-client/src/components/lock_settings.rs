//! Setting, changing and removing the lock, its passkeys, and when it closes.

use client_core::request::Secret;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::field::setter;
use super::icon::{Icon, Symbol};
use super::note::Waiting;
use super::secret_field::SecretField;
use crate::bridge::{LockAsk, LockFailure, PasskeyOutput};
use crate::context::{use_alive, use_app};
use crate::i18n::t;
use crate::platform::{passkey, random};
use crate::words::lock;

/// After how many minutes the lock may close by itself.
const MINUTES: [u32; 6] = [1, 5, 15, 60, 480, 0];

/// Everything about the lock.
#[component]
pub fn LockSettings() -> Html {
    let app = use_app();
    let is_set = app.state.lock.is_set;
    html! {
        <>
            <section class="card stack" aria-labelledby="lock-what">
                <h3 id="lock-what">{ t!("lock-what") }</h3>
                <p class="with-icon standing-line" data-testid="lock-state" data-state={if is_set { "set" } else { "none" }}>
                    <Icon symbol={if is_set { Symbol::Lock } else { Symbol::Alert }} />
                    { if is_set { t!("lock-is-set") } else { t!("lock-is-not-set") } }
                </p>
                <p class="muted">{ t!("lock-lead") }</p>
                if is_set { <Closing minutes={app.state.lock.minutes} /> }
            </section>
            if is_set {
                <Passkeys count={app.state.lock.passkeys.len()} />
                <ChangeForm />
                <RemoveForm />
            } else {
                <SetForm />
            }
        </>
    }
}

/// A question about the lock that a button asks.
#[derive(Clone, PartialEq)]
struct Asking {
    busy: bool,
    failure: Option<LockFailure>,
    ask: Callback<LockAsk>,
}

#[hook]
fn use_lock(done: Callback<()>) -> Asking {
    let app = use_app();
    let alive = use_alive();
    let busy = use_state(|| false);
    let failure = use_state(|| None);
    let ask = {
        let (busy, failure) = (busy.clone(), failure.clone());
        Callback::from(move |ask: LockAsk| {
            if *busy {
                return;
            }
            let (client, alive, done) = (app.client.clone(), alive.clone(), done.clone());
            let (busy, failure, toast) = (busy.clone(), failure.clone(), app.toast.clone());
            busy.set(true);
            failure.set(None);
            spawn_local(async move {
                let answer = client.lock(ask).await;
                if !alive.is_alive() {
                    if let Err(why) = answer {
                        toast.emit(lock::failure(&why));
                    }
                    return;
                }
                busy.set(false);
                match answer {
                    Ok(()) => done.emit(()),
                    Err(why) => failure.set(Some(why)),
                }
            });
        })
    };
    Asking {
        busy: *busy,
        failure: (*failure).clone(),
        ask,
    }
}

fn failed(failure: Option<&LockFailure>) -> Html {
    html! {
        <div role="alert">
            if let Some(failure) = failure { <p class="field-error" data-testid="error">{ lock::failure(failure) }</p> }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ClosingProps {
    minutes: u32,
}

/// Now, or after a while.
#[component]
fn Closing(props: &ClosingProps) -> Html {
    let asking = use_lock(Callback::noop());
    let close = asking.ask.reform(|_: MouseEvent| LockAsk::Lock);
    let onchange = {
        let ask = asking.ask.clone();
        Callback::from(move |event: Event| {
            let field = event.target_dyn_into::<HtmlSelectElement>();
            if let Some(minutes) = field.and_then(|field| field.value().parse().ok()) {
                ask.emit(LockAsk::SetMinutes(minutes));
            }
        })
    };
    html! {
        <>
            <div class="buttons">
                <button type="button" class="button primary" onclick={close} data-testid="lock-now"><Icon symbol={Symbol::Lock} />{ t!("lock-now") }</button>
            </div>
            <div class="field">
                <label for="lock-minutes">{ t!("lock-auto") }</label>
                <select id="lock-minutes" {onchange} data-testid="lock-minutes">
                    for minutes in MINUTES {
                        <option value={minutes.to_string()} selected={props.minutes == minutes}>{ lock::minutes(minutes) }</option>
                    }
                </select>
                <p class="hint">{ t!("lock-auto-hint") }</p>
            </div>
            { failed(asking.failure.as_ref()) }
        </>
    }
}

/// A new lock: the passphrase twice, for one that was mistyped opens nothing.
#[component]
fn SetForm() -> Html {
    let (first, second) = (use_state(String::new), use_state(String::new));
    let differ = use_state(|| false);
    let asking = use_lock(Callback::noop());
    let onsubmit = {
        let (first, second, differ) = (first.clone(), second.clone(), differ.clone());
        let (ask, busy) = (asking.ask.clone(), asking.busy);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            differ.set(*first != *second);
            if !busy && *first == *second {
                ask.emit(LockAsk::Set(Secret((*first).clone())));
            }
        })
    };
    html! {
        <section class="card" aria-labelledby="lock-set">
            <form class="stack" {onsubmit} novalidate=true>
                <h3 id="lock-set">{ t!("lock-set-title") }</h3>
                <p class="muted">{ t!("lock-set-lead") }</p>
                { new_passphrase(&first, &second, *differ) }
                { failed(asking.failure.as_ref()) }
                if asking.busy { <Waiting text={t!("lock-setting")} /> }
                <div class="buttons">
                    <button type="submit" class="button primary" aria-disabled={asking.busy.then_some("true")} data-testid="lock-set">{ t!("lock-set") }</button>
                </div>
            </form>
        </section>
    }
}

#[component]
fn ChangeForm() -> Html {
    let current = use_state(String::new);
    let (first, second) = (use_state(String::new), use_state(String::new));
    let differ = use_state(|| false);
    let done = use_state(|| false);
    let asking = {
        let (current, first, second) = (current.clone(), first.clone(), second.clone());
        let done = done.clone();
        use_lock(Callback::from(move |()| {
            for field in [&current, &first, &second] {
                field.set(String::new());
            }
            done.set(true);
        }))
    };
    let onsubmit = {
        let (current, first, second) = (current.clone(), first.clone(), second.clone());
        let (differ, done) = (differ.clone(), done.clone());
        let (ask, busy) = (asking.ask.clone(), asking.busy);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            differ.set(*first != *second);
            done.set(false);
            if !busy && *first == *second {
                ask.emit(LockAsk::Change {
                    current: Secret((*current).clone()),
                    new: Secret((*first).clone()),
                });
            }
        })
    };
    html! {
        <section class="card" aria-labelledby="lock-change">
            <form class="stack" {onsubmit} novalidate=true>
                <h3 id="lock-change">{ t!("lock-change-title") }</h3>
                <SecretField id="lock-current" label={t!("lock-current")} value={(*current).clone()} on_input={setter(&current)} testid="lock-current" />
                { new_passphrase(&first, &second, *differ) }
                { failed(asking.failure.as_ref()) }
                <p role="status" class="hint">{ if *done { t!("lock-changed") } else { String::new() } }</p>
                <div class="buttons">
                    <button type="submit" class="button" aria-disabled={asking.busy.then_some("true")} data-testid="lock-change">{ t!("lock-change") }</button>
                </div>
            </form>
        </section>
    }
}

#[component]
fn RemoveForm() -> Html {
    let current = use_state(String::new);
    let asking = use_lock(Callback::noop());
    let onsubmit = {
        let (current, ask, busy) = (current.clone(), asking.ask.clone(), asking.busy);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !busy {
                ask.emit(LockAsk::Remove {
                    current: Secret((*current).clone()),
                });
            }
        })
    };
    html! {
        <section class="card" aria-labelledby="lock-remove">
            <form class="stack" {onsubmit} novalidate=true>
                <h3 id="lock-remove">{ t!("lock-remove-title") }</h3>
                <p class="muted">{ t!("lock-remove-lead") }</p>
                <SecretField id="lock-remove-current" label={t!("lock-current")} value={(*current).clone()} on_input={setter(&current)}
                    testid="lock-remove-current" />
                { failed(asking.failure.as_ref()) }
                <div class="buttons">
                    <button type="submit" class="button danger" aria-disabled={asking.busy.then_some("true")} data-testid="lock-remove">{ t!("lock-remove") }</button>
                </div>
            </form>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct PasskeysProps {
    count: usize,
}

/// Passkeys are a shorter way; the passphrase stays.
#[component]
fn Passkeys(props: &PasskeysProps) -> Html {
    let app = use_app();
    let refused = use_state(|| None::<String>);
    let asking = use_lock(Callback::noop());
    let add = {
        let (ask, refused) = (asking.ask.clone(), refused.clone());
        let me = app.view().me.as_ref();
        let name = me.map(|me| me.name.clone()).unwrap_or_default();
        Callback::from(move |_: MouseEvent| {
            let (ask, refused, name) = (ask.clone(), refused.clone(), name.clone());
            refused.set(None);
            spawn_local(async move {
                let salt = random::salt();
                match passkey::make(&name, &salt).await {
                    Ok(given) => ask.emit(LockAsk::AddPasskey {
                        salt,
                        output: PasskeyOutput {
                            credential: given.credential,
                            output: given.output,
                        },
                    }),
                    Err(why) => refused.set(Some(lock::passkey(&why))),
                }
            });
        })
    };
    let remove = asking.ask.reform(|_: MouseEvent| LockAsk::RemovePasskeys);
    html! {
        <section class="card stack" aria-labelledby="lock-passkeys">
            <h3 id="lock-passkeys">{ t!("lock-passkeys") }</h3>
            <p class="muted">{ t!("lock-passkeys-lead") }</p>
            <p data-testid="passkey-count" data-count={props.count.to_string()}>{ t!("lock-passkeys-count", count = props.count) }</p>
            if passkey::is_there() {
                <div role="alert">
                    if let Some(refused) = &*refused { <p class="field-error" data-testid="passkey-error">{ refused.clone() }</p> }
                </div>
                { failed(asking.failure.as_ref()) }
                <div class="buttons">
                    <button type="button" class="button" onclick={add} data-testid="passkey-add"><Icon symbol={Symbol::Key} />{ t!("lock-passkey-add") }</button>
                    if props.count > 0 {
                        <button type="button" class="button" onclick={remove} data-testid="passkey-remove">{ t!("lock-passkeys-remove") }</button>
                    }
                </div>
            } else {
                <p class="hint">{ t!("passkey-missing") }</p>
            }
        </section>
    }
}

fn new_passphrase(
    first: &UseStateHandle<String>,
    second: &UseStateHandle<String>,
    differ: bool,
) -> Html {
    let wrong = differ.then(|| AttrValue::from(t!("lock-differ")));
    html! {
        <>
            <SecretField id="lock-new" label={t!("lock-new")} value={(**first).clone()} on_input={setter(first)}
                autocomplete="new-password" hint={AttrValue::from(t!("lock-new-hint"))} testid="lock-new" />
            <SecretField id="lock-again" label={t!("lock-again")} value={(**second).clone()} on_input={setter(second)}
                autocomplete="new-password" {wrong} testid="lock-again" />
        </>
    }
}
