//! The loud warning: two statements of a contact contradict each other.

use client_core::request::Request;
use client_core::view::ContactView;
use yew::prelude::*;

use super::icon::{Icon, Symbol};
use super::note::ErrorNote;
use crate::context::use_action;
use crate::i18n::t;
use crate::words;

/// Properties of [`ForkNotice`].
#[derive(Properties, PartialEq)]
pub struct ForkNoticeProps {
    /// Whose.
    pub contact: ContactView,
}

/// The warning, with the way on for those who asked their contact.
#[component]
pub fn ForkNotice(props: &ForkNoticeProps) -> Html {
    let action = use_action(Callback::noop());
    let trust = {
        let (run, number, busy) = (action.run.clone(), props.contact.number, action.busy);
        Callback::from(move |_: MouseEvent| {
            if !busy {
                run.emit(Request::TrustPinned(number));
            }
        })
    };
    html! {
        <div class="fork" role="alert" data-testid="fork">
            <p class="proof-title"><Icon symbol={Symbol::Alert} />{ t!("fork-title", name = words::name(&props.contact)) }</p>
            <p>{ t!("fork-explained") }</p>
            <ErrorNote error={action.error.clone()} />
            <div class="buttons">
                <button type="button" class="button small" onclick={trust} aria-disabled={action.busy.then_some("true")}
                    data-testid="fork-trust">{ t!("fork-trust") }</button>
            </div>
        </div>
    }
}
