//! Contact links that are made for somebody: to make one, to give it away, to take it back.

use client_core::request::Request;
use client_core::view::PassView;
use shared_crypto::id::Pass;
use yew::prelude::*;

use super::copy::{CopyButton, ShareButton};
use super::dialog::Dialog;
use super::field::{setter, typed};
use super::icon::{Icon, Symbol};
use super::note::ErrorNote;
use super::qr::QrCode;
use crate::context::{use_action, use_app};
use crate::i18n::t;
use crate::platform::random;
use crate::words;

/// A new link, and those that are open.
#[component]
pub fn MadeLinks() -> Html {
    let app = use_app();
    let label = use_state(String::new);
    let many = use_state(|| false);
    // The one whose code is shown: the newest, until another one is wanted.
    let shown = use_state(|| None::<Pass>);
    let revoking = use_state(|| None::<PassView>);
    let action = {
        let (label, many) = (label.clone(), many.clone());
        use_action(Callback::from(move |()| {
            label.set(String::new());
            many.set(false);
        }))
    };
    let oninput = setter(&label).reform(typed);
    let onchange = {
        let many = many.clone();
        Callback::from(move |_: Event| many.set(!*many))
    };
    let onsubmit = {
        let (label, once, shown) = (label.clone(), !*many, shown.clone());
        let (run, busy) = (action.run.clone(), action.busy);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !busy {
                let (pass, label) = (random::pass(), label.trim().to_owned());
                shown.set(Some(pass));
                run.emit(Request::MakeLink { pass, label, once });
            }
        })
    };
    let links = app.view().me.as_ref().map(|me| me.links.clone());
    html! {
        <section class="card" aria-labelledby="links-title">
            <h3 id="links-title">{ t!("links-title") }</h3>
            <p class="muted">{ t!("links-lead") }</p>
            <form class="stack" {onsubmit} novalidate=true>
                <div class="field">
                    <label for="link-label">{ t!("links-label") }</label>
                    <input id="link-label" type="text" dir="auto" autocomplete="off" maxlength="64" value={(*label).clone()}
                        {oninput} aria-describedby="link-label-hint" data-testid="link-label" />
                    <p id="link-label-hint" class="hint">{ t!("links-label-hint") }</p>
                </div>
                <label class="choice">
                    <input type="checkbox" checked={*many} {onchange} data-testid="link-many" />
                    <span>{ t!("links-many") }</span>
                </label>
                <ErrorNote error={action.error.clone()} />
                <div class="buttons">
                    <button type="submit" class="button primary" aria-disabled={action.busy.then_some("true")} data-testid="make-link">
                        if action.busy { <Icon symbol={Symbol::Busy} class="spin" /> }
                        { t!("links-make") }
                    </button>
                </div>
            </form>
            if let Some(links) = links.filter(|links| !links.is_empty()) {
                <ul class="made-links" aria-label={t!("links-list")}>
                    for link in links {
                        <li key={link.pass.to_string()} data-testid="made-link">
                            { one(&link, *shown == Some(link.pass), &shown, &revoking) }
                        </li>
                    }
                </ul>
            }
            if let Some(link) = (*revoking).clone() {
                <Revoke {link} on_close={let revoking = revoking.clone(); move |()| revoking.set(None)} />
            }
        </section>
    }
}

/// Whom it is for, or that it is for nobody in particular.
fn name(link: &PassView) -> String {
    match link.label.as_str() {
        "" => t!("links-unnamed"),
        label => label.to_owned(),
    }
}

fn one(
    link: &PassView,
    is_shown: bool,
    shown: &UseStateHandle<Option<Pass>>,
    revoking: &UseStateHandle<Option<PassView>>,
) -> Html {
    let show = {
        let (shown, pass) = (shown.clone(), link.pass);
        Callback::from(move |_: MouseEvent| shown.set((!is_shown).then_some(pass)))
    };
    let revoke = {
        let (revoking, link) = (revoking.clone(), link.clone());
        Callback::from(move |_: MouseEvent| revoking.set(Some(link.clone())))
    };
    let kind = if link.once {
        t!("links-once")
    } else {
        t!("links-until-revoked")
    };
    let made = t!("links-made", time = words::short_time(link.made_at));
    html! {
        <>
            <p class="made-link-name"><bdi>{ name(link) }</bdi></p>
            <p class="muted request-facts">
                <span>{ kind }</span>
                <time title={words::full_time(link.made_at)}>{ made }</time>
            </p>
            if is_shown {
                <p class="link-text" dir="ltr" tabindex="0" data-testid="made-link-text">{ link.link.clone() }</p>
                <QrCode text={link.link.clone()} label={t!("links-qr", name = name(link))} />
            }
            <div class="buttons">
                <CopyButton text={link.link.clone()} class="small" testid="copy-made-link" />
                if is_shown { <ShareButton url={link.link.clone()} /> }
                <button type="button" class="button small" onclick={show} aria-expanded={if is_shown { "true" } else { "false" }}
                    data-testid="show-made-link">{ t!("links-show") }</button>
                <button type="button" class="button small danger quiet" onclick={revoke} data-testid="revoke-link">
                    { t!("links-revoke") }
                </button>
            </div>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct RevokeProps {
    link: PassView,
    on_close: Callback<()>,
}

/// Asks once more.
#[component]
fn Revoke(props: &RevokeProps) -> Html {
    let action = use_action(props.on_close.clone());
    let pass = props.link.pass;
    html! {
        <Dialog title={t!("links-revoke-title", name = name(&props.link))} on_close={props.on_close.clone()}>
            <p>{ t!("links-revoke-explained") }</p>
            <ErrorNote error={action.error.clone()} />
            <div class="buttons end">
                <button type="button" class="button" onclick={props.on_close.reform(|_: MouseEvent| ())}>{ t!("cancel") }</button>
                <button type="button" class="button danger" aria-disabled={action.busy.then_some("true")}
                    onclick={action.run.reform(move |_: MouseEvent| Request::RevokeLink(pass))} data-testid="sure">
                    { t!("links-revoke") }
                </button>
            </div>
        </Dialog>
    }
}
