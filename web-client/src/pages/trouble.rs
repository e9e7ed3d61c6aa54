//! What is seen when the engine does not answer or cannot run.

use yew::prelude::*;

use super::opening::mark;
use crate::bridge::{Breakdown, Fault};
use crate::components::delete_here::DeleteHere;
use crate::components::icon::{Icon, Symbol};
use crate::i18n::t;
use crate::platform::location;
use crate::platform::support::Missing;
use crate::words;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The engine did not answer in time.
    Silent,
    /// The engine cannot run.
    Broken(Breakdown),
    /// The browser lacks something.
    Missing(Missing),
}

/// Properties of [`TroublePage`].
#[derive(Properties, PartialEq)]
pub struct TroublePageProps {
    /// What is wrong.
    pub trouble: Trouble,
    /// Wait for the engine once more.
    pub on_again: Callback<()>,
}

/// Says what is wrong and what can be done.
#[component]
pub fn TroublePage(props: &TroublePageProps) -> Html {
    let (title, text) = match &props.trouble {
        Trouble::Silent => (t!("engine-silent-title"), t!("engine-silent")),
        Trouble::Broken(why) => words::breakdown(why.fault),
        Trouble::Missing(missing) => (t!("engine-broken-title"), words::missing(*missing)),
    };
    let detail = match &props.trouble {
        Trouble::Broken(why) if !why.detail.is_empty() => {
            Some(t!("engine-broken-detail", detail = why.detail.as_str()))
        }
        _ => None,
    };
    let is_damaged = matches!(&props.trouble, Trouble::Broken(why) if why.fault == Fault::Damaged);
    let reload = Callback::from(|_: MouseEvent| location::reload());
    html! {
        <main class="boot">
            { mark("boot-mark quiet") }
            <div class="boot-words" role="alert" data-testid="error">
                <h1>{ title }</h1>
                <p>{ text }</p>
                if let Some(detail) = detail { <p class="muted detail-words">{ detail }</p> }
            </div>
            <div class="buttons">
                if props.trouble == Trouble::Silent {
                    <button type="button" class="button primary" onclick={props.on_again.reform(|_| ())}>
                        <Icon symbol={Symbol::Again} />{ t!("try-again") }
                    </button>
                }
                <button type="button" class="button" onclick={reload}>{ t!("reload") }</button>
            </div>
            if is_damaged {
                <DeleteHere label={t!("lock-forgotten-delete")} why={t!("engine-damaged-way")} />
            }
        </main>
    }
}
