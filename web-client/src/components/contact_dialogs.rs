//! Dialogs about a contact: what they are called here, whether to clear the conversation, whether to block them.

use client_core::request::{Request, Talk};
use client_core::view::{ContactView, Position};
use yew::prelude::*;

use super::dialog::Dialog;
use super::field::{setter, typed};
use super::note::ErrorNote;
use crate::context::use_action;
use crate::i18n::t;
use crate::state::person::clean_name;
use crate::words;

/// Properties of [`NameDialog`].
#[derive(Properties, PartialEq)]
pub struct ContactDialogProps {
    /// With whom.
    pub contact: ContactView,
    /// It was closed.
    pub on_close: Callback<()>,
}

/// What somebody calls themselves, where they are called by another name here.
pub fn own_name(contact: &ContactView) -> Html {
    let name = contact.own_name.as_deref().and_then(clean_name);
    html! {
        if let Some(name) = name {
            <span data-testid="own-name-of">{ t!("request-says") }{ " " }<bdi>{ name }</bdi></span>
        }
    }
}

/// A name of one's own for them.
#[component]
pub fn NameDialog(props: &ContactDialogProps) -> Html {
    let action = use_action(props.on_close.clone());
    let contact = &props.contact;
    let name = use_state(|| {
        let given = contact.own_name.as_ref().map(|_| contact.name.clone());
        given.unwrap_or_default()
    });
    let onsubmit = {
        let (name, run, contact) = (name.clone(), action.run.clone(), contact.number);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let what = Talk::Rename((*name).clone());
            run.emit(Request::Talk { contact, what });
        })
    };
    html! {
        <Dialog title={t!("contact-name")} on_close={props.on_close.clone()}>
            <form class="stack" {onsubmit} novalidate=true>
                <p>{ t!("contact-name-hint") }{ " " }{ own_name(contact) }</p>
                <input type="text" dir="auto" autocomplete="off" maxlength="128" value={(*name).clone()}
                    oninput={setter(&name).reform(typed)} placeholder={words::name(contact)} aria-label={t!("contact-name")} data-testid="contact-name" />
                <ErrorNote error={action.error.clone()} />
                <div class="buttons end">
                    { cancel(&props.on_close) }
                    <button type="submit" class="button primary" data-testid="save-contact-name">{ t!("settings-name-save") }</button>
                </div>
            </form>
        </Dialog>
    }
}

/// What is to be done to a contact, or to the conversation with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sure {
    /// Delete all that was said up to and with a place.
    Clear(Position),
    /// Block them.
    Block,
}

/// Properties of [`SureDialog`].
#[derive(Properties, PartialEq)]
pub struct SureDialogProps {
    /// Whom it is about.
    pub contact: ContactView,
    /// What is to be done.
    pub what: Sure,
    /// It is closed.
    pub on_close: Callback<()>,
}

/// Asks once more.
#[component]
pub fn SureDialog(props: &SureDialogProps) -> Html {
    // What comes while the question stands is not meant.
    let what = *use_memo((), |()| props.what);
    let action = use_action(props.on_close.clone());
    let (name, contact) = (words::name(&props.contact), props.contact.number);
    let (title, text, label, request) = match what {
        Sure::Clear(to) => {
            let what = Talk::Clear { to };
            let request = Request::Talk { contact, what };
            let title = t!("clear-title", name = name);
            (title, t!("clear-explained"), t!("clear"), request)
        }
        Sure::Block => {
            let title = t!("block-title", name = name);
            let (text, label) = (t!("block-explained"), t!("block-really"));
            (title, text, label, Request::Block(contact))
        }
    };
    html! {
        <Dialog {title} on_close={props.on_close.clone()}>
            <p>{ text }</p>
            <ErrorNote error={action.error.clone()} />
            <div class="buttons end">
                { cancel(&props.on_close) }
                <button type="button" class="button danger" aria-disabled={action.busy.then_some("true")}
                    onclick={action.run.reform(move |_| request.clone())} data-testid="sure">{ label }</button>
            </div>
        </Dialog>
    }
}

fn cancel(on_close: &Callback<()>) -> Html {
    html! { <button type="button" class="button" onclick={on_close.reform(|_| ())}>{ t!("cancel") }</button> }
}
