//! Settings.

use client_core::request::Request;
use client_core::view::MeView;
use yew::prelude::*;

use crate::components::copy::CopyButton;
use crate::components::field::typed;
use crate::components::header::PlaceHeader;
use crate::components::icon::{Icon, Symbol};
use crate::components::identities::IdentitySettings;
use crate::components::identity_links::IdentityLinks;
use crate::components::note::ErrorNote;
use crate::components::preferences::{
    DangerSettings, LanguageSettings, LookSettings, NotificationSettings, StorageSettings,
};
use crate::context::{Action, use_action, use_app};
use crate::i18n::t;
use crate::state::person::{fingerprint, node_name};
use crate::theme::{Theme, current_theme, set_theme};
use crate::words;

/// All settings on one page.
#[component]
pub fn Settings() -> Html {
    let app = use_app();
    let Some(me) = app.view().me.clone() else {
        return Html::default();
    };
    html! {
        <div class="place">
            <PlaceHeader title={t!("settings")} />
            <div class="place-content">
                <Profile name={me.name.clone()} />
                <Privacy receipts={me.receipts} typing={me.typing} only_by_pass={me.only_by_pass} />
                <NotificationSettings />
                <Appearance />
                <LookSettings />
                <LanguageSettings />
                <IdentityLinks />
                <IdentitySettings />
                { identity(&me, &words::connection(&app.view().connection)) }
                <StorageSettings />
                { about() }
                <DangerSettings />
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ProfileProps {
    name: String,
}

#[component]
fn Profile(props: &ProfileProps) -> Html {
    let name = use_state(|| props.name.clone());
    let saved = use_state(|| false);
    let action = {
        let saved = saved.clone();
        use_action(Callback::from(move |()| saved.set(true)))
    };
    let oninput = {
        let (name, saved) = (name.clone(), saved.clone());
        Callback::from(move |event: InputEvent| {
            saved.set(false);
            name.set(typed(event));
        })
    };
    let onsubmit = {
        let (name, run, busy) = (name.clone(), action.run.clone(), action.busy);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !busy {
                run.emit(Request::SetName(name.trim().to_owned()));
            }
        })
    };
    html! {
        <section class="card" aria-labelledby="settings-profile">
            <h3 id="settings-profile">{ t!("settings-profile") }</h3>
            <form class="stack" {onsubmit} novalidate=true>
                <div class="field">
                    <label for="own-name">{ t!("settings-name") }</label>
                    <div class="field-row">
                        <input id="own-name" type="text" dir="auto" autocomplete="nickname" maxlength="128" value={(*name).clone()}
                            {oninput} aria-describedby="own-name-hint" data-testid="own-name" />
                        <button type="submit" class="button" aria-disabled={action.busy.then_some("true")} data-testid="save-name">
                            if *saved { <Icon symbol={Symbol::Check} />{ t!("settings-name-saved") } } else { { t!("settings-name-save") } }
                        </button>
                    </div>
                    <p id="own-name-hint" class="hint">{ t!("settings-name-hint") }</p>
                </div>
                <ErrorNote error={action.error.clone()} />
            </form>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct PrivacyProps {
    receipts: bool,
    typing: bool,
    only_by_pass: bool,
}

#[component]
fn Privacy(props: &PrivacyProps) -> Html {
    let action = use_action(Callback::noop());
    let onclick = {
        let (run, receipts, busy) = (action.run.clone(), props.receipts, action.busy);
        Callback::from(move |_: MouseEvent| {
            if !busy {
                run.emit(Request::SetReceipts(!receipts));
            }
        })
    };
    let on_typing = {
        let (run, typing, busy) = (action.run.clone(), props.typing, action.busy);
        Callback::from(move |_: MouseEvent| {
            if !busy {
                run.emit(Request::SetTyping(!typing));
            }
        })
    };
    html! {
        <section class="card stack" aria-labelledby="settings-privacy">
            <h3 id="settings-privacy">{ t!("settings-privacy") }</h3>
            <div class="switch-row">
                <div>
                    <p id="receipts-label" class="switch-label">{ t!("settings-receipts") }</p>
                    <p id="receipts-hint" class="hint">{ t!("settings-receipts-hint") }</p>
                </div>
                <button type="button" class="switch" role="switch" aria-checked={if props.receipts { "true" } else { "false" }}
                    aria-labelledby="receipts-label" aria-describedby="receipts-hint" {onclick} data-testid="receipts">
                    <span class="switch-knob"></span>
                </button>
            </div>
            <div class="switch-row">
                <div>
                    <p id="typing-label" class="switch-label">{ t!("settings-typing") }</p>
                    <p id="typing-hint" class="hint">{ t!("settings-typing-hint") }</p>
                </div>
                <button type="button" class="switch" role="switch" aria-checked={if props.typing { "true" } else { "false" }}
                    aria-labelledby="typing-label" aria-describedby="typing-hint" onclick={on_typing} data-testid="typing">
                    <span class="switch-knob"></span>
                </button>
            </div>
            { asking(props.only_by_pass, &action) }
            <ErrorNote error={action.error.clone()} />
        </section>
    }
}

/// Who may ask to write.
fn asking(only_by_pass: bool, action: &Action) -> Html {
    let option = |value: bool, testid: &'static str, label: String| {
        let (run, busy) = (action.run.clone(), action.busy);
        let onchange = Callback::from(move |_: Event| {
            if !busy {
                run.emit(Request::SetOnlyByPass(value));
            }
        });
        html! {
            <label class="segment">
                <input type="radio" name="asking" checked={only_by_pass == value} {onchange} data-testid={testid} />
                <span>{ label }</span>
            </label>
        }
    };
    html! {
        <fieldset class="segments" aria-describedby="asking-hint">
            <legend>{ t!("settings-asking") }</legend>
            <div class="segments-row">
                { option(false, "asking-by-any", t!("settings-asking-any")) }
                { option(true, "asking-by-made", t!("settings-asking-made")) }
            </div>
            <p id="asking-hint" class="hint">{ t!("settings-asking-hint") }</p>
        </fieldset>
    }
}

#[component]
fn Appearance() -> Html {
    let theme = use_state(current_theme);
    let option = |value: Theme, symbol: Symbol, label: String| {
        let chosen = theme.clone();
        let onchange = Callback::from(move |_: Event| {
            set_theme(value);
            chosen.set(value);
        });
        html! {
            <label class="segment">
                <input type="radio" name="theme" checked={*theme == value} {onchange} data-testid={format!("theme-{}", value.key())} />
                <Icon {symbol} /><span>{ label }</span>
            </label>
        }
    };
    html! {
        <section class="card">
            <fieldset class="segments">
                <legend>{ t!("settings-appearance") }</legend>
                <div class="segments-row">
                    { option(Theme::System, Symbol::Monitor, t!("appearance-system")) }
                    { option(Theme::Light, Symbol::Sun, t!("appearance-light")) }
                    { option(Theme::Dark, Symbol::Moon, t!("appearance-dark")) }
                </div>
            </fieldset>
        </section>
    }
}

fn identity(me: &MeView, connection: &str) -> Html {
    html! {
        <section class="card" aria-labelledby="settings-identity">
            <h3 id="settings-identity">{ t!("settings-identity") }</h3>
            <dl class="facts">
                <div><dt>{ t!("settings-node") }</dt><dd dir="ltr">{ node_name(&me.node).to_owned() }</dd></div>
                <div><dt>{ t!("settings-connection") }</dt><dd>{ connection.to_owned() }</dd></div>
                <div><dt>{ t!("settings-fingerprint") }</dt><dd class="digits" dir="ltr">{ fingerprint(&me.identity) }</dd></div>
                <div>
                    <dt>{ t!("settings-identity-id") }</dt>
                    <dd class="digits with-button" dir="ltr" data-testid="identity-id">
                        <span>{ me.identity.to_string() }</span>
                    </dd>
                </div>
            </dl>
            <div class="buttons"><CopyButton text={me.identity.to_string()} class="small" /></div>
            <p class="muted small-print"><Icon symbol={Symbol::Key} />{ t!("settings-keys-note") }</p>
        </section>
    }
}

fn about() -> Html {
    let build =
        option_env!("ZECHAT_BUILD").map_or_else(|| t!("settings-build-unknown"), str::to_owned);
    html! {
        <section class="card" aria-labelledby="settings-about">
            <h3 id="settings-about">{ t!("settings-about") }</h3>
            <dl class="facts">
                <div><dt>{ t!("settings-version") }</dt><dd>{ env!("CARGO_PKG_VERSION") }</dd></div>
                <div><dt>{ t!("settings-build") }</dt><dd class="digits" dir="ltr" data-testid="build">{ build }</dd></div>
                <div><dt>{ t!("settings-licence") }</dt><dd>
                    { t!("settings-licence-text") }{ " " }<a href="/licences.txt" target="_blank">{ t!("settings-licences") }</a>
                </dd></div>
            </dl>
        </section>
    }
}
