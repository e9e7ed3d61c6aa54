//! How long the messages of a conversation live.

use client_core::request::{Request, Talk};
use client_core::view::ContactNumber;
use yew::prelude::*;

use super::dialog::Dialog;
use super::icon::{Icon, Symbol};
use super::note::ErrorNote;
use crate::context::use_action;
use crate::i18n::t;
use crate::words;

/// What can be chosen, in seconds.
const CHOICES: [u64; 7] = [0, 300, 3_600, 28_800, 86_400, 604_800, 2_419_200];

/// Properties of [`TimerDialog`].
#[derive(Properties, PartialEq)]
pub struct TimerDialogProps {
    /// Which conversation.
    pub contact: ContactNumber,
    /// What is set now.
    pub seconds: u64,
    /// It was closed.
    pub on_close: Callback<()>,
}

/// Choosing it; the other person is told, and may choose too.
#[component]
pub fn TimerDialog(props: &TimerDialogProps) -> Html {
    let action = use_action(props.on_close.clone());
    let contact = props.contact;
    let choice = |seconds: u64| {
        let run = action.run.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            let what = Talk::SetTimer { seconds };
            run.emit(Request::Talk { contact, what });
        });
        let is_set = props.seconds == seconds;
        let symbol = if is_set { Symbol::Check } else { Symbol::Timer };
        let label = if seconds == 0 {
            t!("timer-off")
        } else {
            words::lifetime(seconds)
        };
        html! {
            <li><button type="button" {onclick} aria-current={is_set.then_some("true")} data-testid={format!("timer-{seconds}")}>
                <Icon {symbol} />{ label }
            </button></li>
        }
    };
    html! {
        <Dialog title={t!("timer-title")} on_close={props.on_close.clone()}>
            <p>{ t!("timer-explained") }</p>
            // No radio buttons: the arrow keys choose each of those that they pass, and it would be set there and then.
            <ul class="choices">{ CHOICES.into_iter().map(choice).collect::<Html>() }</ul>
            <ErrorNote error={action.error.clone()} />
        </Dialog>
    }
}
