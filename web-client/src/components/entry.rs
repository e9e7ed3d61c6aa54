//! One entry of a conversation.

use std::rc::Rc;

use client_core::view::{BodyView, DeliveryView, EntryView, ReactionView};
use yew::prelude::*;

use super::icon::{Symbol, icon};
use super::quote::quoted;
use super::rich_text::message_text;
use crate::i18n::t;
use crate::state::desk::Act;
use crate::state::person::clean_sign;
use crate::words;

/// Properties of [`Entry`].
#[derive(Properties, PartialEq)]
pub struct EntryProps {
    /// The entry.
    pub entry: Rc<EntryView>,
    /// Whether a group of messages begins with it.
    pub begins: bool,
    /// Whether a group ends with it.
    pub ends: bool,
    /// What the other person is called.
    pub name: AttrValue,
    /// Something is done to it.
    pub on_act: Callback<Act>,
    /// Whether messages can be answered.
    pub can_write: bool,
}

/// A message, or a remark of the program.
#[component]
pub fn Entry(props: &EntryProps) -> Html {
    let entry = &props.entry;
    let content = match &entry.body {
        BodyView::Text(text) => bubble(
            props,
            html! {
                <>
                    if let Some(quote) = &entry.marks.reply { { quoted(quote, &props.name, &props.on_act) } }
                    { message_text(text) }
                </>
            },
        ),
        BodyView::NeedsNewerVersion { .. } => bubble(
            props,
            html! {
                <p class="entry-text newer">{ icon(Symbol::Puzzle) }{ t!("entry-newer") }</p>
            },
        ),
        BodyView::CannotOpen => bubble(
            props,
            html! {
                <p class="entry-text newer">{ icon(Symbol::Lock) }{ t!("entry-cannot-open") }</p>
            },
        ),
        BodyView::Gap { missing } => {
            remark("gap", Symbol::Unlink, t!("entry-gap", missing = *missing))
        }
        BodyView::Connected => remark("connected", Symbol::Lock, t!("entry-connected")),
        BodyView::Deleted => bubble(
            props,
            html! {
                <p class="entry-text newer">{ icon(Symbol::Ban) }{ deleted(entry) }</p>
            },
        ),
        BodyView::Expired => remark("expired", Symbol::Hourglass, t!("entry-expired")),
        BodyView::Timer { seconds } => {
            remark("timer", Symbol::Clock, words::timer_changed(*seconds))
        }
        BodyView::Broken => remark("broken", Symbol::Warning, t!("entry-broken")),
        BodyView::Moved { .. } => remark("moved", Symbol::Check, t!("entry-moved")),
        BodyView::KeyChanged { recovered: false } => {
            new_keys(props, "key-changed", t!("entry-key-changed"))
        }
        BodyView::KeyChanged { recovered: true } => {
            new_keys(props, "recovered", t!("entry-recovered"))
        }
        BodyView::Forked => remark("forked", Symbol::Alert, t!("entry-forked")),
        BodyView::ForkSettled { recovered: true } => {
            remark("fork-settled", Symbol::Lock, t!("entry-fork-recovered"))
        }
        BodyView::ForkSettled { recovered: false } => {
            remark("fork-settled", Symbol::Lock, t!("entry-fork-decided"))
        }
    };
    html! {
        <li class={classes!("entry", if entry.mine { "mine" } else { "theirs" },
                props.begins.then_some("begins"), props.ends.then_some("ends"))}
            data-testid="entry" tabindex="-1"
            data-position={entry.position.to_string()}
            data-mine={if entry.mine { "true" } else { "false" }}
            data-state={words::delivery_key(entry.delivery.as_ref())}>
            { content }
        </li>
    }
}

/// The icon of how far a message got.
pub fn delivery_symbol(delivery: &DeliveryView) -> Symbol {
    match delivery {
        DeliveryView::Waiting => Symbol::Clock,
        DeliveryView::WaitingForAcceptance => Symbol::Hourglass,
        DeliveryView::Sent => Symbol::Check,
        DeliveryView::OnTheirNode => Symbol::CheckCircle,
        DeliveryView::Delivered | DeliveryView::Read => Symbol::Checks,
        DeliveryView::Failed { .. } => Symbol::Alert,
    }
}

fn bubble(props: &EntryProps, content: Html) -> Html {
    let entry = &props.entry;
    let author = if entry.mine {
        AttrValue::from(t!("me"))
    } else {
        props.name.clone()
    };
    html! {
        <>
            // The direction of the text is that of the whole bubble, so that the time stands at its end.
            <div class="bubble" dir="auto">
                <span class="visually-hidden" dir="auto">{ author }{ ": " }</span>
                { content }
                <p class="entry-foot" dir="ltr">
                    if entry.marks.expires_at.is_some() {
                        <span title={t!("entry-disappears")}>{ icon(Symbol::Timer) }<span class="visually-hidden">{ t!("entry-disappears") }</span></span>
                    }
                    if entry.marks.edited_at.is_some() { <span data-testid="edited">{ t!("entry-edited") }</span> }
                    <time title={words::full_time(entry.sent_at)}>{ words::clock(entry.sent_at) }</time>
                    if let Some(delivery) = entry.delivery.as_ref() {
                        <span class={classes!("tick", words::delivery_key(Some(delivery)))} title={words::delivery(delivery)}>
                            { icon(delivery_symbol(delivery)) }
                            <span class="visually-hidden">{ words::delivery(delivery) }</span>
                        </span>
                    }
                </p>
                if matches!(entry.body, BodyView::Text(_) | BodyView::Deleted) { { more(props) } }
            </div>
            { signs(props) }
            { failed(props) }
        </>
    }
}

/// Opens what can be done with it.
fn more(props: &EntryProps) -> Html {
    let entry = props.entry.clone();
    let onclick = props.on_act.reform(move |_| Act::Options(entry.clone()));
    // The arrow keys and Enter lead here too; so the Tab key need not pass every message.
    html! {
        <button type="button" class="entry-more" tabindex="-1" {onclick} aria-label={t!("message-options")}
            title={t!("message-options")} data-testid="message-options">
            { icon(Symbol::More) }
        </button>
    }
}

/// The signs under it; the own one can be taken back.
fn signs(props: &EntryProps) -> Html {
    let reactions = &props.entry.marks.reactions;
    if reactions.is_empty() {
        return Html::default();
    }
    let to = props.entry.position;
    let sign = |reaction: &ReactionView| {
        let shown = clean_sign(&reaction.sign);
        if !reaction.mine {
            let label = t!(
                "sign-theirs",
                name = props.name.as_str(),
                sign = shown.as_str()
            );
            return html! { <li><span class="sign" title={label.clone()}><span aria-hidden="true">{ shown }</span><span class="visually-hidden">{ label }</span></span></li> };
        }
        let label = t!("sign-mine", sign = shown.as_str());
        let onclick = props.on_act.reform(move |_| Act::React(to, String::new()));
        html! { <li><button type="button" class="sign own" {onclick} title={label.clone()} aria-label={label}>{ shown }</button></li> }
    };
    html! { <ul class="signs" data-testid="signs">{ reactions.iter().map(sign).collect::<Html>() }</ul> }
}

/// Who deleted it, and whether the other side did so too.
fn deleted(entry: &EntryView) -> String {
    match &entry.delivery {
        _ if !entry.mine => t!("entry-deleted-by-them"),
        Some(DeliveryView::Delivered | DeliveryView::Read) => t!("entry-deleted-there"),
        Some(DeliveryView::Failed { .. }) => t!("entry-deleted-failed"),
        _ => t!("entry-deleted-asked"),
    }
}

fn failed(props: &EntryProps) -> Html {
    let Some(DeliveryView::Failed { .. }) = &props.entry.delivery else {
        return Html::default();
    };
    if matches!(props.entry.body, BodyView::Deleted) {
        return Html::default();
    }
    let id = props.entry.id;
    html! {
        <div class="entry-failed">
            <p>{ props.entry.delivery.as_ref().map(words::delivery).unwrap_or_default() }</p>
            <button type="button" class="button small" onclick={props.on_act.reform(move |_| Act::Retry(id))}>
                { icon(Symbol::Again) }{ t!("retry") }
            </button>
        </div>
    }
}

/// Somebody uses new keys: the number that was compared before is another now.
fn new_keys(props: &EntryProps, kind: &'static str, text: String) -> Html {
    html! {
        <div class={classes!("remark", kind)}>
            { icon(Symbol::Warning) }
            <div class="stack">
                <p>{ text }</p>
                if props.can_write {
                    <button type="button" class="button small" onclick={props.on_act.reform(|_| Act::Compare)} data-testid="compare-again">
                        { icon(Symbol::Shield) }{ t!("verify") }
                    </button>
                }
            </div>
        </div>
    }
}

fn remark(kind: &'static str, symbol: Symbol, text: String) -> Html {
    html! { <div class={classes!("remark", kind)}>{ icon(symbol) }<p>{ text }</p></div> }
}
