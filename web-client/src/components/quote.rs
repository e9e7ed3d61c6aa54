//! A message that another one answers.

use client_core::view::{BodyView, EntryView, QuoteView};
use yew::prelude::*;

use super::icon::{Icon, Symbol};
use crate::i18n::t;
use crate::state::desk::Act;
use crate::words;

/// The answered message, in the bubble of its answer; leads to it.
pub fn quoted(quote: &QuoteView, name: &AttrValue, on_act: &Callback<Act>) -> Html {
    let author = author(quote.mine, name);
    let text = quote
        .text
        .as_deref()
        .map_or_else(|| t!("quote-gone"), words::one_line);
    let words = html! {
        <>
            <bdi class="quote-author">{ author }</bdi>
            <span class="quote-text" dir="auto">{ text }</span>
        </>
    };
    match quote.position {
        Some(position) => html! {
            <button type="button" class="quote" onclick={on_act.reform(move |_| Act::Jump(position))} data-testid="quote"
                aria-label={t!("quote-jump")}>{ words }</button>
        },
        None => html! { <div class="quote gone">{ words }</div> },
    }
}

/// Properties of [`AboveField`].
#[derive(Properties, PartialEq)]
pub struct AboveFieldProps {
    /// What is being answered or changed.
    pub entry: EntryView,
    /// What the other person is called.
    pub name: AttrValue,
    /// What is being done.
    pub label: AttrValue,
    /// It is not done after all.
    pub on_cancel: Callback<()>,
}

/// What is being answered or changed, above the field.
#[component]
pub fn AboveField(props: &AboveFieldProps) -> Html {
    let text = match &props.entry.body {
        BodyView::Text(text) => words::one_line(text),
        other => words::preview(other),
    };
    html! {
        <div class="above-field" data-testid="above-field">
            <Icon symbol={Symbol::Reply} />
            <p>
                <span class="quote-author">{ props.label.clone() }</span>
                <span class="quote-text" dir="auto">{ text }</span>
            </p>
            <button type="button" class="icon-button" onclick={props.on_cancel.reform(|_| ())}
                aria-label={t!("cancel")} title={t!("cancel")} data-testid="cancel-writing">
                <Icon symbol={Symbol::Close} />
            </button>
        </div>
    }
}

fn author(mine: bool, name: &AttrValue) -> AttrValue {
    if mine { t!("me").into() } else { name.clone() }
}
