//! Replacing the keys of an identity by choice.

use client_core::request::Request;
use yew::prelude::*;

use super::dialog::Dialog;
use super::icon::{Icon, Symbol};
use super::note::{ErrorNote, Waiting};
use crate::context::{use_action, use_app};
use crate::i18n::t;

/// The button, and what is asked before.
#[component]
pub fn RotateKeys() -> Html {
    let toast = use_app().toast;
    let asking = use_state(|| false);
    let action = {
        let asking = asking.clone();
        use_action(Callback::from(move |()| {
            asking.set(false);
            toast.emit(t!("rotate-done"));
        }))
    };
    let ask = |open: bool| {
        let asking = asking.clone();
        Callback::from(move |()| asking.set(open))
    };
    let rotate = {
        let (run, busy) = (action.run.clone(), action.busy);
        Callback::from(move |_: MouseEvent| {
            if !busy {
                run.emit(Request::RotateKeys);
            }
        })
    };
    html! {
        <section class="card" aria-labelledby="rotate-title">
            <h3 id="rotate-title">{ t!("rotate-title") }</h3>
            <p class="muted">{ t!("rotate-lead") }</p>
            <div class="buttons">
                <button type="button" class="button small" onclick={ask(true).reform(|_| ())} data-testid="rotate">
                    <Icon symbol={Symbol::Key} />{ t!("rotate-do") }
                </button>
            </div>
            // The dialog may be closed while keys are made.
            if !*asking { <ErrorNote error={action.error.clone()} /> }
            if *asking {
                <Dialog title={t!("rotate-sure-title")} on_close={ask(false)}>
                    <p>{ t!("rotate-explained") }</p>
                    <ErrorNote error={action.error.clone()} />
                    if action.busy { <Waiting text={t!("recovering-keys")} /> }
                    <div class="buttons end">
                        <button type="button" class="button" onclick={ask(false).reform(|_| ())}>{ t!("cancel") }</button>
                        <button type="button" class="button danger" onclick={rotate} aria-disabled={action.busy.then_some("true")}
                            data-testid="rotate-really">{ t!("rotate-do") }</button>
                    </div>
                </Dialog>
            }
        </section>
    }
}
