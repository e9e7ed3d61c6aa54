//! Changing the text of an own message.

use client_core::request::{Request, Talk};
use client_core::view::{BodyView, ContactNumber, EntryView};
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::icon::{Icon, Symbol};
use super::note::ErrorNote;
use super::quote::AboveField;
use crate::context::use_action;
use crate::i18n::t;
use crate::platform::{document, scroll};

const FIELD: &str = "edit-field";

/// Properties of [`EditBox`].
#[derive(Properties, PartialEq)]
pub struct EditBoxProps {
    /// In which conversation.
    pub contact: ContactNumber,
    /// The message.
    pub entry: EntryView,
    /// It is done, or not done after all.
    pub on_done: Callback<()>,
}

/// The field with the message's text.
#[component]
pub fn EditBox(props: &EditBoxProps) -> Html {
    let before = match &props.entry.body {
        BodyView::Text(text) => text.clone(),
        _ => String::new(),
    };
    let text = use_state(|| before.clone());
    let field = use_node_ref();
    let action = use_action(props.on_done.clone());
    {
        let (field, text) = (field.clone(), (*text).clone());
        use_effect_with(text, move |_| {
            if let Some(field) = field.cast::<HtmlTextAreaElement>() {
                scroll::fit(&field);
            }
        });
    }
    use_effect_with((), |()| document::focus(FIELD));
    let save = {
        let (text, run, busy) = (text.clone(), action.run.clone(), action.busy);
        let (contact, of, on_done) = (props.contact, props.entry.position, props.on_done.clone());
        Callback::from(move |()| {
            let text = text.trim().to_owned();
            if text == before {
                on_done.emit(());
            } else if !text.is_empty() && !busy {
                let what = Talk::Edit { of, text };
                run.emit(Request::Talk { contact, what });
            }
        })
    };
    let oninput = {
        let text = text.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlTextAreaElement>() {
                text.set(field.value());
            }
        })
    };
    let onkeydown = {
        let (save, on_done) = (save.clone(), props.on_done.clone());
        Callback::from(move |event: KeyboardEvent| {
            let plain = !event.shift_key() && !event.is_composing() && document::has_fine_pointer();
            match event.key().as_str() {
                "Escape" => on_done.emit(()),
                "Enter" if plain => {
                    event.prevent_default();
                    save.emit(());
                }
                _ => {}
            }
        })
    };
    let onsubmit = Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        save.emit(());
    });
    html! {
        <form class="composer" {onsubmit}>
            <AboveField entry={props.entry.clone()} name="" label={t!("editing")} on_cancel={props.on_done.clone()} />
            <ErrorNote error={action.error.clone()} />
            <div class="composer-row">
                <label for={FIELD} class="visually-hidden">{ t!("editing") }</label>
                <textarea id={FIELD} ref={field} rows="1" dir="auto" value={(*text).clone()} {oninput} {onkeydown}
                    data-testid="edit-field" />
                <button type="submit" class="send" aria-label={t!("edit-save")} title={t!("edit-save")} data-testid="edit-save"
                    aria-disabled={(action.busy || text.trim().is_empty()).then_some("true")}>
                    <Icon symbol={Symbol::Check} />
                </button>
            </div>
        </form>
    }
}
