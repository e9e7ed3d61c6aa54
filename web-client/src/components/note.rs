//! Notes: errors, empty places, waiting.

use yew::prelude::*;

use super::icon::{Icon, Symbol};
use crate::bridge::CallError;
use crate::i18n::t;
use crate::words;

/// Properties of [`ErrorNote`].
#[derive(Properties, PartialEq)]
pub struct ErrorNoteProps {
    /// What did not work; nothing shows nothing.
    #[prop_or_default]
    pub error: Option<CallError>,
    /// Tries it again, where that makes sense.
    #[prop_or_default]
    pub retry: Option<Callback<()>>,
    /// Its id, for the field that it describes.
    #[prop_or_default]
    pub id: Option<AttrValue>,
}

/// Why something did not work, in words. The region is always there, so that it is read out.
#[component]
pub fn ErrorNote(props: &ErrorNoteProps) -> Html {
    html! {
        <div role="alert" id={props.id.clone()} class="error-region">
            if let Some(error) = &props.error {
                <div class="note error" data-testid="error">
                    <Icon symbol={Symbol::Alert} />
                    <p>{ words::error(error) }</p>
                    if let Some(retry) = &props.retry {
                        <button type="button" class="button small" onclick={retry.reform(|_| ())}>
                            { t!("try-again") }
                        </button>
                    }
                </div>
            }
        </div>
    }
}

/// Properties of [`Empty`].
#[derive(Properties, PartialEq)]
pub struct EmptyProps {
    /// A shape that stands for what could be here.
    pub symbol: Symbol,
    /// In three words.
    pub title: AttrValue,
    /// What to do about it.
    pub text: AttrValue,
    /// Buttons or more.
    #[prop_or_default]
    pub children: Html,
}

/// A place with nothing in it, and what to do about it.
#[component]
pub fn Empty(props: &EmptyProps) -> Html {
    html! {
        <div class="empty">
            <span class="empty-mark"><Icon symbol={props.symbol} /></span>
            <p class="empty-title">{ props.title.clone() }</p>
            <p class="muted">{ props.text.clone() }</p>
            { props.children.clone() }
        </div>
    }
}

/// Properties of [`Waiting`].
#[derive(Properties, PartialEq)]
pub struct WaitingProps {
    /// What for.
    pub text: AttrValue,
}

/// Something is under way.
#[component]
pub fn Waiting(props: &WaitingProps) -> Html {
    html! {
        <p class="busy-note" role="status"><Icon symbol={Symbol::Busy} class="spin" />{ props.text.clone() }</p>
    }
}
