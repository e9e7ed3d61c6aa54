//! A contact that was looked up and not written to: who it is, and the first message.

use client_core::view::ContactView;
use yew::prelude::*;

use crate::components::avatar::avatar_of;
use crate::components::composer::{Composer, Purpose};
use crate::components::header::{ConversationHeader, PlaceHeader};
use crate::context::use_app;
use crate::i18n::{plain, t};
use crate::state::person::{clean_name, fingerprint, node_name};
use crate::words;

/// Properties of [`Preview`].
#[derive(Properties, PartialEq)]
pub struct PreviewProps {
    /// Who it is.
    pub contact: ContactView,
}

/// What is known of them, and the field.
#[component]
pub fn Preview(props: &PreviewProps) -> Html {
    let app = use_app();
    let contact = &props.contact;
    let me = app
        .view()
        .me
        .as_ref()
        .and_then(|me| clean_name(&me.name))
        .unwrap_or_else(|| t!("me"));
    let greeting = plain(&t!("first-message-placeholder", name = me));
    let begun = app.state.conversation(contact.number);
    let begun = begun.map(|it| it.draft.clone());
    let draft = begun.filter(|draft| !draft.is_empty());
    let draft = draft.unwrap_or_else(|| greeting.clone());
    let named = clean_name(&contact.name).is_some();
    html! {
        <div class="place">
            if named { <ConversationHeader contact={contact.clone()} /> } else { <PlaceHeader title={t!("new-contact")} /> }
            <div class="place-content centred">
                <section class="card preview" aria-labelledby="preview-title">
                    { avatar_of(contact, "large") }
                    <p class="preview-name" dir="auto">{ words::name(contact) }</p>
                    <dl class="facts">
                        <div><dt>{ t!("preview-node") }</dt><dd dir="ltr">{ node_name(&contact.node).to_owned() }</dd></div>
                        <div><dt>{ t!("preview-fingerprint") }</dt><dd class="digits" dir="ltr">{ fingerprint(&contact.identity) }</dd></div>
                    </dl>
                    <h3 id="preview-title">{ t!("preview-title") }</h3>
                    <p class="muted">{ t!("preview-lead") }</p>
                    <Composer key={contact.number} client={app.client.clone()} contact={contact.number} name={words::name(contact)}
                        purpose={Purpose::Ask} {draft} placeholder={greeting} toast={app.toast.clone()} />
                </section>
            </div>
        </div>
    }
}
