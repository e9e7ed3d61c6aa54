//! Dialogs about one message: what can be done with it, which sign, what is known of it, whether to delete it.

use std::rc::Rc;

use client_core::request::{Request, Talk};
use client_core::view::{BodyView, ContactNumber, DeliveryView, EntryView, MessageInfo};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::dialog::Dialog;
use super::emoji::EmojiPicker;
use super::icon::{Icon, Symbol};
use super::note::{ErrorNote, Waiting};
use crate::bridge::CallError;
use crate::context::{use_action, use_alive, use_app};
use crate::i18n::t;
use crate::state::desk::Act;
use crate::state::emoji::QUICK;
use crate::words;

/// Properties of the dialogs.
#[derive(Properties, PartialEq)]
pub struct MessageDialogProps {
    /// In which conversation.
    pub contact: ContactNumber,
    /// The message.
    pub entry: Rc<EntryView>,
    /// Something was chosen.
    pub on_act: Callback<Act>,
    /// It was closed.
    pub on_close: Callback<()>,
    /// Whether messages can be answered.
    #[prop_or_default]
    pub can_write: bool,
}

/// What can be done with a message.
#[component]
pub fn OptionsDialog(props: &MessageDialogProps) -> Html {
    let entry = &props.entry;
    let position = entry.position;
    let text = match &entry.body {
        BodyView::Text(text) => Some(text.clone()),
        _ => None,
    };
    let own_sign = entry.marks.reactions.iter().find(|it| it.mine);
    let sign = |sign: &'static str| {
        let chosen = own_sign.is_some_and(|own| own.sign == sign);
        let next = if chosen { "" } else { sign };
        html! {
            <button type="button" class="emoji" aria-pressed={if chosen { "true" } else { "false" }} data-testid="quick-sign"
                onclick={props.on_act.reform(move |_| Act::React(position, next.to_owned()))}>{ sign }</button>
        }
    };
    let choice = |symbol: Symbol, label: String, testid: &'static str, act: Act| {
        html! {
            <li><button type="button" onclick={props.on_act.reform(move |_| act.clone())} data-testid={testid}>
                <Icon {symbol} />{ label }
            </button></li>
        }
    };
    let it = || entry.clone();
    html! {
        <Dialog title={t!("message-options")} on_close={props.on_close.clone()}>
            if text.is_some() && props.can_write {
                <div class="quick-signs" role="group" aria-label={t!("message-react")}>
                    for quick in QUICK { { sign(quick) } }
                    <button type="button" class="icon-button" onclick={props.on_act.reform({ let it = it(); move |_| Act::PickSign(it.clone()) })}
                        aria-label={t!("emoji-more")} title={t!("emoji-more")} data-testid="more-signs">
                        <Icon symbol={Symbol::AddSign} />
                    </button>
                </div>
            }
            <ul class="choices">
                if let Some(text) = text {
                    if props.can_write {
                        { choice(Symbol::Reply, t!("message-reply"), "message-reply", Act::Reply(it())) }
                    }
                    { choice(Symbol::Copy, t!("message-copy"), "message-copy", Act::Copy(text)) }
                    if entry.mine && props.can_write {
                        { choice(Symbol::Edit, t!("message-edit"), "message-edit", Act::Edit(it())) }
                    }
                }
                { choice(Symbol::Info, t!("message-info"), "message-info", Act::Info(it())) }
                { choice(Symbol::Delete, t!("message-delete"), "message-delete", Act::Delete(it())) }
            </ul>
        </Dialog>
    }
}

/// All signs for a message.
#[component]
pub fn SignsDialog(props: &MessageDialogProps) -> Html {
    let position = props.entry.position;
    html! {
        <Dialog title={t!("message-react")} on_close={props.on_close.clone()}>
            <EmojiPicker on_pick={props.on_act.reform(move |sign| Act::React(position, sign))} />
        </Dialog>
    }
}

/// Whether to delete a message, and where.
#[component]
pub fn DeleteDialog(props: &MessageDialogProps) -> Html {
    let (contact, of) = (props.contact, props.entry.position);
    let action = use_action(props.on_close.clone());
    let run = |what: Talk| {
        let run = action.run.clone();
        Callback::from(move |_: MouseEvent| {
            let what = what.clone();
            run.emit(Request::Talk { contact, what });
        })
    };
    let both = props.entry.mine
        && props.can_write
        && props.entry.delivery != Some(DeliveryView::WaitingForAcceptance)
        && matches!(props.entry.body, BodyView::Text(_));
    html! {
        <Dialog title={t!("delete-title")} on_close={props.on_close.clone()}>
            <p>{ if both { t!("delete-explained") } else { t!("delete-here-explained") } }</p>
            <ErrorNote error={action.error.clone()} />
            <div class="buttons end">
                <button type="button" class="button" onclick={props.on_close.reform(|_| ())}>{ t!("cancel") }</button>
                <button type="button" class={classes!("button", (!both).then_some("danger"))} onclick={run(Talk::Forget { of })}
                    data-testid="delete-here">{ t!("delete-here") }</button>
                if both {
                    <button type="button" class="button danger" onclick={run(Talk::Delete { of })} data-testid="delete-both">
                        { t!("delete-both") }
                    </button>
                }
            </div>
        </Dialog>
    }
}

/// What is known of a message.
#[component]
pub fn InfoDialog(props: &MessageDialogProps) -> Html {
    let app = use_app();
    let alive = use_alive();
    let answer = use_state(|| None::<Result<MessageInfo, CallError>>);
    {
        let answer = answer.clone();
        use_effect_with(
            (props.contact, props.entry.position),
            move |(contact, position)| {
                let (contact, position) = (*contact, *position);
                spawn_local(async move {
                    let result = app.client.info(contact, position).await;
                    if alive.is_alive() {
                        answer.set(Some(result));
                    }
                });
            },
        );
    }
    html! {
        <Dialog title={t!("info-title")} on_close={props.on_close.clone()}>
            { match &*answer {
                None => html! { <Waiting text={t!("info-loading")} /> },
                Some(Err(why)) => html! { <ErrorNote error={why.clone()} /> },
                Some(Ok(info)) => known(info, props.entry.mine),
            } }
        </Dialog>
    }
}

fn known(info: &MessageInfo, mine: bool) -> Html {
    let row = |name: String, at: u64| {
        html! { <div><dt>{ name }</dt><dd>{ words::full_time(at) }</dd></div> }
    };
    html! {
        <>
            <dl class="facts" data-testid="info">
                { row(t!("info-sent"), info.sent_at) }
                if !mine { { row(t!("info-stored"), info.stored_at) } }
                { info.reached.iter().map(|(state, at)| row(words::delivery(state), *at)).collect::<Html>() }
                if let Some(at) = info.expires_at { { row(t!("info-expires"), at) } }
            </dl>
            if !info.versions.is_empty() {
                <h3>{ t!("info-versions") }</h3>
                <ul class="versions">
                    for (text, until) in &info.versions {
                        <li><p dir="auto">{ text.clone() }</p><p class="hint">{ t!("info-until", time = words::full_time(*until)) }</p></li>
                    }
                </ul>
            }
        </>
    }
}
