//! Sentences that stay for a while.

use gloo::timers::callback::Timeout;
use yew::prelude::*;

use super::icon::{Icon, Symbol};
use crate::i18n::t;

/// How long a sentence stays: enough to read the longest twice.
const STAYS_MS: u32 = 9000;

/// Properties of [`Toaster`].
#[derive(Properties, PartialEq)]
pub struct ToasterProps {
    /// The sentence, if there is one.
    pub text: Option<AttrValue>,
    /// It has been there long enough, or was closed.
    pub on_gone: Callback<()>,
}

/// Shows one sentence at a time, the newest.
#[component]
pub fn Toaster(props: &ToasterProps) -> Html {
    {
        let on_gone = props.on_gone.clone();
        use_effect_with(props.text.clone(), move |text| {
            let timer = text
                .as_ref()
                .map(|_| Timeout::new(STAYS_MS, move || on_gone.emit(())));
            move || drop(timer)
        });
    }
    html! {
        <div class="toaster" role="alert">
            if let Some(text) = &props.text {
                <div class="toast" data-testid="error">
                    <p>{ text.clone() }</p>
                    <button type="button" class="icon-button" aria-label={t!("close")} title={t!("close")}
                        onclick={props.on_gone.reform(|_| ())}>
                        <Icon symbol={Symbol::Close} />
                    </button>
                </div>
            }
        </div>
    }
}
