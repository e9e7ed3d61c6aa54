//! What a node says of itself: limits, retention, policy.

use client_core::request::{Failure, Request};
use client_core::view::{Millis, NodeOfferView, RegistrationView};
use yew::prelude::*;

use super::field::typed;
use super::icon::{Icon, Symbol};
use super::note::{ErrorNote, Waiting};
use crate::bridge::{CallError, answers};
use crate::context::use_question;
use crate::i18n::t;
use crate::platform::time::DAY;
use crate::state::person::{clean_name, node_name};
use crate::words;

/// A node that keeps mail for less is worth a word: people are away for so long.
const SHORT: Millis = 14 * DAY;

/// Properties of [`NodeFacts`].
#[derive(Properties, PartialEq)]
pub struct NodeFactsProps {
    /// What it says.
    pub offer: NodeOfferView,
}

/// What it says, as a list.
#[component]
pub fn NodeFacts(props: &NodeFactsProps) -> Html {
    let offer = &props.offer;
    let room = t!(
        "node-room-is",
        size = words::nodes::size(offer.quota_bytes),
        count = offer.quota_count
    );
    html! {
        <>
            <dl class="facts" data-testid="node-facts">
                if let Some(name) = offer.name.as_deref().and_then(clean_name) {
                    <div><dt>{ t!("node-called") }</dt><dd><bdi>{ name }</bdi></dd></div>
                }
                <div><dt>{ t!("node-keeps") }</dt><dd>{ words::nodes::retention(offer.retention) }</dd></div>
                <div><dt>{ t!("node-room") }</dt><dd>{ room }</dd></div>
                if let Some(bytes) = offer.vault_quota_bytes {
                    <div><dt>{ t!("node-vault-room") }</dt><dd>{ words::nodes::size(bytes) }</dd></div>
                }
                <div><dt>{ t!("node-people") }</dt><dd>{ words::nodes::registration(offer.registration) }</dd></div>
                if let Some(software) = clean_name(&offer.software) {
                    <div><dt>{ t!("node-software") }</dt><dd><bdi>{ software }</bdi></dd></div>
                }
            </dl>
            if let Some(at) = offer.closing_at {
                <p class="note warning" data-testid="node-closing"><Icon symbol={Symbol::Warning} />
                    <span>{ t!("node-closing", day = words::nodes::date(at)) }</span></p>
            }
            if offer.retention < SHORT {
                <p class="note warning"><Icon symbol={Symbol::Warning} />
                    <span>{ t!("node-keeps-short", kept = words::nodes::retention(offer.retention)) }</span></p>
            }
        </>
    }
}

/// Properties of [`AskedFacts`].
#[derive(Properties, PartialEq)]
pub struct AskedFactsProps {
    /// Which node.
    pub node: AttrValue,
}

/// The same of a node that is asked when this is opened.
#[component]
pub fn AskedFacts(props: &AskedFactsProps) -> Html {
    let question = use_question(answers::node);
    let ask = {
        let (ask, node) = (question.ask.clone(), props.node.clone());
        Callback::from(move |()| {
            ask.emit(Request::LookUpNode {
                node: node.to_string(),
            })
        })
    };
    {
        let ask = ask.clone();
        use_effect_with(props.node.clone(), move |_| ask.emit(()));
    }
    match &question.outcome {
        Some(Ok(offer)) => html! { <NodeFacts offer={offer.clone()} /> },
        Some(Err(_)) if !question.busy => html! {
            <p class="note quiet" data-testid="node-facts-failed">
                <span>{ t!("node-facts-failed") }</span>
                <button type="button" class="button small" onclick={ask.reform(|_| ())}>{ t!("try-again") }</button>
            </p>
        },
        _ => html! { <Waiting text={t!("node-facts-loading")} /> },
    }
}

/// A node that was found and may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it says of itself.
    pub offer: NodeOfferView,
    /// What it is to be called by in a request: its address, or the invitation that was pasted.
    pub address: String,
}

/// Properties of [`NodePicker`].
#[derive(Properties, PartialEq)]
pub struct NodePickerProps {
    /// Start of the ids in it.
    pub id: AttrValue,
    /// The node that was found and may be used; `None` while there is none.
    pub on_found: Callback<Option<Found>>,
    /// Whether a node that is ours already will do.
    #[prop_or_default]
    pub allow_listed: bool,
}

/// A field for the address of a node, and what that node says of itself.
#[component]
pub fn NodePicker(props: &NodePickerProps) -> Html {
    let address = use_state(String::new);
    let question = use_question(answers::node);
    let oninput = {
        let (address, forget, on_found) = (
            address.clone(),
            question.forget.clone(),
            props.on_found.clone(),
        );
        Callback::from(move |event: InputEvent| {
            address.set(typed(event));
            forget.emit(());
            on_found.emit(None);
        })
    };
    let onsubmit = {
        let (address, ask, busy) = (address.clone(), question.ask.clone(), question.busy);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !busy {
                ask.emit(Request::LookUpNode {
                    node: address.trim().to_owned(),
                });
            }
        })
    };
    let found = question.outcome.as_ref().and_then(|it| it.as_ref().ok());
    // What was found belongs to the address in the field: a change of it forgets what was found.
    let usable = found
        .filter(|offer| is_usable(offer, props.allow_listed))
        .map(|offer| Found {
            offer: offer.clone(),
            address: address.trim().to_owned(),
        });
    {
        let on_found = props.on_found.clone();
        use_effect_with(usable, move |usable| on_found.emit(usable.clone()));
    }
    let error = question.outcome.as_ref().and_then(|it| it.as_ref().err());
    let unreachable = error == Some(&CallError::Failed(Failure::NodeUnreachable));
    let hint = format!("{}-error", props.id);
    html! {
        <form class="stack" {onsubmit} novalidate=true>
            <div class="field">
                <label for={props.id.clone()}>{ t!("node-address-label") }</label>
                <div class="field-row">
                    <input id={props.id.clone()} type="url" inputmode="url" dir="ltr" autocomplete="url" spellcheck="false"
                        placeholder={t!("welcome-node-placeholder")} value={(*address).clone()} {oninput}
                        aria-describedby={hint.clone()} aria-invalid={error.map(|_| "true")} data-testid="node-address" />
                    <button type="submit" class="button" aria-disabled={question.busy.then_some("true")} data-testid="node-look">
                        if question.busy { <Icon symbol={Symbol::Busy} class="spin" /> }
                        { t!("node-look") }
                    </button>
                </div>
            </div>
            if unreachable {
                <p role="alert" id={hint} class="field-error" data-testid="error">{ t!("node-away") }</p>
            } else {
                <ErrorNote error={error.cloned()} id={AttrValue::from(hint)} />
            }
            <div role="status" class="stack">
                if question.busy { <p class="visually-hidden">{ t!("node-looking") }</p> }
                if let Some(offer) = found {
                    <p class="node-name" dir="ltr">{ node_name(&offer.node).to_owned() }</p>
                    <NodeFacts offer={offer.clone()} />
                    { remark(offer, props.allow_listed) }
                }
            </div>
        </form>
    }
}

fn is_usable(offer: &NodeOfferView, allow_listed: bool) -> bool {
    match offer.registration {
        _ if offer.listed => allow_listed,
        RegistrationView::Open => true,
        RegistrationView::Invite => offer.invited,
        RegistrationView::Closed => false,
    }
}

fn remark(offer: &NodeOfferView, allow_listed: bool) -> Html {
    let text = match (offer.listed, offer.registration) {
        (true, _) if allow_listed => return Html::default(),
        (true, _) => t!("node-listed"),
        (false, RegistrationView::Closed) => t!("node-takes-nobody"),
        (false, RegistrationView::Invite) if !offer.invited => t!("node-needs-invite"),
        (false, RegistrationView::Invite | RegistrationView::Open) => return Html::default(),
    };
    html! {
        <p class="note warning" data-testid="node-remark"><Icon symbol={Symbol::Warning} /><span>{ text }</span></p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_takes_nobody_is_of_use_only_to_its_own() {
        let offer = |registration, listed| NodeOfferView {
            node: "https://b.example".into(),
            name: None,
            software: String::new(),
            registration,
            retention: 0,
            quota_bytes: 0,
            quota_count: 0,
            vault_quota_bytes: None,
            listed,
            invited: false,
            closing_at: None,
        };
        let closed = RegistrationView::Closed;
        assert!(is_usable(&offer(RegistrationView::Open, false), false));
        let by_invite = offer(RegistrationView::Invite, false);
        assert!(!is_usable(&by_invite, false));
        let invited = NodeOfferView {
            invited: true,
            ..by_invite
        };
        assert!(is_usable(&invited, false));
        assert!(!is_usable(&offer(closed, false), true));
        assert!(is_usable(&offer(closed, true), true));
        assert!(!is_usable(&offer(RegistrationView::Open, true), false));
    }
}
