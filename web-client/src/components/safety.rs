//! The safety number.

use client_core::request::{Request, Talk};
use client_core::view::{ContactView, VerificationView};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::contact_dialogs::own_name;
use super::copy::CopyButton;
use super::dialog::Dialog;
use super::icon::{Icon, Symbol};
use super::note::{ErrorNote, Waiting};
use super::qr::QrCode;
use super::scanner::Scanner;
use crate::bridge::CallError;
use crate::context::{use_action, use_alive, use_app};
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
            <p>{ t!("safety-lead", name = words::name(&props.contact)) }{ " " }{ own_name(&props.contact) }</p>
            { standing(props.contact.verification) }
            { match &*answer {
                None => html! { <Waiting text={t!("safety-loading")} /> },
                Some(Err(why)) => html! { <ErrorNote error={why.clone()} {retry} /> },
                Some(Ok(number)) => html! {
                    <>
                        { shown(number) }
                        <Verify contact={props.contact.clone()} number={number.clone()} />
                    </>
                },
            } }
        </Dialog>
    }
}

/// Whether it was compared, in a sentence.
fn standing(verification: VerificationView) -> Html {
    match verification {
        VerificationView::Unverified => {
            html! { <p class="hint" data-testid="unverified">{ t!("safety-unverified") }</p> }
        }
        VerificationView::Verified => html! {
            <p class="note good" data-testid="verified"><Icon symbol={Symbol::Verified} />{ t!("safety-verified") }</p>
        },
        VerificationView::KeyChanged => html! {
            <p class="note warning"><Icon symbol={Symbol::Warning} />{ t!("safety-changed") }</p>
        },
    }
}

#[derive(Properties, PartialEq)]
struct VerifyProps {
    contact: ContactView,
    number: String,
}

/// Says that the numbers are the same: by hand, or by reading the other one's code.
#[component]
fn Verify(props: &VerifyProps) -> Html {
    let action = use_action(Callback::noop());
    let scanning = use_state(|| false);
    let contact = props.contact.number;
    let run = |what: Talk| {
        let run = action.run.clone();
        Callback::from(move |_: MouseEvent| {
            let what = what.clone();
            run.emit(Request::Talk { contact, what });
        })
    };
    let on_read = {
        let (run, scanning) = (action.run.clone(), scanning.clone());
        Callback::from(move |number: String| {
            scanning.set(false);
            let what = Talk::Verify { number };
            run.emit(Request::Talk { contact, what });
        })
    };
    let number = props.number.clone();
    html! {
        <>
            <ErrorNote error={action.error.clone()} />
            if *scanning {
                <Scanner {on_read} />
            }
            <div class="buttons end">
                if props.contact.verification == VerificationView::Verified {
                    <button type="button" class="button" onclick={run(Talk::Unverify)} data-testid="unverify">{ t!("safety-unverify") }</button>
                } else {
                    <button type="button" class="button" onclick={Callback::from(move |_: MouseEvent| scanning.set(!*scanning))} data-testid="scan">
                        <Icon symbol={Symbol::Camera} />{ t!("safety-scan") }
                    </button>
                    <button type="button" class="button primary" onclick={run(Talk::Verify { number })} data-testid="verify-same">
                        <Icon symbol={Symbol::Check} />{ t!("safety-same") }
                    </button>
                }
            </div>
        </>
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
