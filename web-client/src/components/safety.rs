//! The safety number.

use client_core::view::ContactView;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::copy::CopyButton;
use super::dialog::Dialog;
use super::note::{ErrorNote, Waiting};
use super::qr::QrCode;
use crate::bridge::CallError;
use crate::context::{use_alive, use_app};
use crate::i18n::t;
use crate::words;

/// Properties of [`SafetyDialog`].
#[derive(Properties, PartialEq)]
pub struct SafetyDialogProps {
    /// With whom.
    pub contact: ContactView,
    /// It was closed.
    pub on_close: Callback<()>,
}

/// The number to compare, as digits and as a code.
#[component]
pub fn SafetyDialog(props: &SafetyDialogProps) -> Html {
    let app = use_app();
    let alive = use_alive();
    let answer = use_state(|| None::<Result<String, CallError>>);
    let tries = use_state(|| 0u32);
    {
        let answer = answer.clone();
        use_effect_with((props.contact.number, *tries), move |(number, _)| {
            let number = *number;
            spawn_local(async move {
                let result = app.client.safety_number(number).await;
                if alive.is_alive() {
                    answer.set(Some(result));
                }
            });
        });
    }
    let retry = {
        let answer = answer.clone();
        Callback::from(move |()| {
            answer.set(None);
            tries.set(tries.wrapping_add(1));
        })
    };
    html! {
        <Dialog title={t!("safety-title")} on_close={props.on_close.clone()}>
            <p>{ t!("safety-lead", name = words::name(&props.contact)) }</p>
            { match &*answer {
                None => html! { <Waiting text={t!("safety-loading")} /> },
                Some(Err(why)) => html! { <ErrorNote error={why.clone()} {retry} /> },
                Some(Ok(number)) => shown(number),
            } }
        </Dialog>
    }
}

fn shown(number: &str) -> Html {
    html! {
        <>
            <ol class="safety-number" dir="ltr" data-testid="safety-number">
                for group in number.split_whitespace() {
                    <li>{ group.to_owned() }{ " " }</li>
                }
            </ol>
            <QrCode text={number.to_owned()} label={t!("safety-qr")} />
            <div class="buttons"><CopyButton text={number.to_owned()} /></div>
        </>
    }
}
