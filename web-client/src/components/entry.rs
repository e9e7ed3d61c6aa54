//! One entry of a conversation.

use client_core::view::{BodyView, DeliveryView, EntryView};
use shared_crypto::id::MessageId;
use yew::prelude::*;

use super::icon::{Icon, Symbol};
use crate::i18n::t;
use crate::state::links::{Piece, pieces};
use crate::words;

/// Properties of [`Entry`].
#[derive(Properties, PartialEq)]
pub struct EntryProps {
    /// The entry.
    pub entry: EntryView,
    /// Whether a group of messages begins with it.
    pub begins: bool,
    /// Whether a group ends with it.
    pub ends: bool,
    /// What the other person is called.
    pub name: AttrValue,
    /// A failed message is to be tried again.
    pub on_retry: Callback<MessageId>,
}

/// A message, or a remark of the program.
#[component]
pub fn Entry(props: &EntryProps) -> Html {
    let entry = &props.entry;
    let content = match &entry.body {
        BodyView::Text(text) => bubble(
            props,
            html! {
                <p class="entry-text" data-testid="entry-text">{ linked(text) }</p>
            },
        ),
        BodyView::NeedsNewerVersion { .. } => bubble(
            props,
            html! {
                <p class="entry-text newer"><Icon symbol={Symbol::Puzzle} />{ t!("entry-newer") }</p>
            },
        ),
        BodyView::CannotOpen => bubble(
            props,
            html! {
                <p class="entry-text newer"><Icon symbol={Symbol::Lock} />{ t!("entry-cannot-open") }</p>
            },
        ),
        BodyView::Gap { missing } => {
            remark("gap", Symbol::Unlink, t!("entry-gap", missing = *missing))
        }
        BodyView::Connected => remark("connected", Symbol::Lock, t!("entry-connected")),
        BodyView::Deleted => bubble(
            props,
            html! {
                <p class="entry-text newer"><Icon symbol={Symbol::Ban} />{ deleted(entry) }</p>
            },
        ),
        BodyView::Expired => remark("expired", Symbol::Hourglass, t!("entry-expired")),
        BodyView::Timer { seconds } => {
            remark("timer", Symbol::Clock, words::timer_changed(*seconds))
        }
        BodyView::Broken => remark("broken", Symbol::Warning, t!("entry-broken")),
        BodyView::Moved { .. } => remark("moved", Symbol::Check, t!("entry-moved")),
        BodyView::KeyChanged { recovered: false } => {
            remark("key-changed", Symbol::Warning, t!("entry-key-changed"))
        }
        BodyView::KeyChanged { recovered: true } => {
            remark("recovered", Symbol::Warning, t!("entry-recovered"))
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
            data-testid="entry"
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
                if props.begins { <span class="visually-hidden" dir="auto">{ author }{ ": " }</span> }
                { content }
                <p class="entry-foot" dir="ltr">
                    <time title={words::full_time(entry.sent_at)}>{ words::clock(entry.sent_at) }</time>
                    if let Some(delivery) = entry.delivery.as_ref() {
                        <span class={classes!("tick", words::delivery_key(Some(delivery)))} title={words::delivery(delivery)}>
                            <Icon symbol={delivery_symbol(delivery)} />
                            <span class="visually-hidden">{ words::delivery(delivery) }</span>
                        </span>
                    }
                </p>
            </div>
            { failed(props) }
        </>
    }
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
    let id = props.entry.id;
    html! {
        <div class="entry-failed">
            <p>{ props.entry.delivery.as_ref().map(words::delivery).unwrap_or_default() }</p>
            <button type="button" class="button small" onclick={props.on_retry.reform(move |_| id)}>
                <Icon symbol={Symbol::Again} />{ t!("retry") }
            </button>
        </div>
    }
}

fn remark(kind: &'static str, symbol: Symbol, text: String) -> Html {
    html! { <div class={classes!("remark", kind)}><Icon {symbol} /><p>{ text }</p></div> }
}

/// A text with its links; never as markup.
fn linked(text: &str) -> Html {
    let piece = |piece| match piece {
        Piece::Words(words) => html! { words.to_owned() },
        Piece::Link(address) => html! {
            <a href={address.to_owned()} target="_blank" rel="noopener noreferrer nofollow" dir="ltr">{ address.to_owned() }</a>
        },
    };
    pieces(text).into_iter().map(piece).collect()
}
