//! What was found when the vault was really downloaded and opened, and what each node has of it.

use client_core::view::{DeviceView, VaultNodeView, VaultProofView};
use yew::prelude::*;

use super::icon::{Icon, Symbol};
use crate::i18n::t;
use crate::state::person::{clean_name, node_name};
use crate::words;

/// Properties of [`VaultProof`].
#[derive(Properties, PartialEq)]
pub struct VaultProofProps {
    /// What was found.
    pub proof: VaultProofView,
}

/// What was found.
#[component]
pub fn VaultProof(props: &VaultProofProps) -> Html {
    let proof = &props.proof;
    let name = clean_name(&proof.name).unwrap_or_else(|| t!("me"));
    html! {
        <div class="proof" data-testid="vault-proof">
            <p class="proof-title"><Icon symbol={Symbol::CheckCircle} />{ t!("proof-title") }</p>
            <p>{ t!("proof-found", name = name) }</p>
            <dl class="facts">
                <div><dt>{ t!("proof-contacts") }</dt><dd>{ proof.contacts }</dd></div>
                <div><dt>{ t!("proof-messages") }</dt><dd>{ proof.messages }</dd></div>
                <div><dt>{ t!("proof-saved") }</dt><dd>{ words::full_time(proof.saved_at) }</dd></div>
                if let Some(at) = proof.newest_message_at {
                    <div><dt>{ t!("proof-newest") }</dt><dd>{ words::full_time(at) }</dd></div>
                }
                <div><dt>{ t!("proof-size") }</dt><dd>{ words::nodes::size(proof.bytes) }</dd></div>
                <div><dt>{ t!("proof-devices") }</dt><dd>{ t!("proof-devices-are", count = proof.devices) }</dd></div>
            </dl>
            <VaultNodes nodes={proof.nodes.clone()} />
        </div>
    }
}

/// Properties of [`VaultNodes`].
#[derive(Properties, PartialEq)]
pub struct VaultNodesProps {
    /// The nodes that keep it.
    pub nodes: Vec<VaultNodeView>,
}

/// The vault on each node.
#[component]
pub fn VaultNodes(props: &VaultNodesProps) -> Html {
    if props.nodes.is_empty() {
        return Html::default();
    }
    let line = |node: &VaultNodeView| {
        let (symbol, class, text) = match (&node.fault, node.saved_at) {
            (Some(fault), _) => (Symbol::Warning, "bad", words::recovery::fault(fault)),
            (None, Some(at)) => (
                Symbol::CheckCircle,
                "good",
                t!("vault-saved", time = words::full_time(at)),
            ),
            (None, None) if node.version.is_some() => {
                (Symbol::CheckCircle, "good", t!("vault-fine"))
            }
            (None, None) => (Symbol::Clock, "later", t!("vault-never")),
        };
        html! {
            <li class={classes!("vault-node", class)} key={node.node.clone()}>
                <Icon {symbol} />
                <span dir="ltr" class="node-name">{ node_name(&node.node).to_owned() }</span>
                <span class="muted">{ text }</span>
            </li>
        }
    };
    html! { <ul class="vault-nodes" data-testid="vault-nodes">for node in &props.nodes { { line(node) } }</ul> }
}

/// Properties of [`Devices`].
#[derive(Properties, PartialEq)]
pub struct DevicesProps {
    /// The other devices.
    pub devices: Vec<DeviceView>,
}

/// The other devices of this identity: who finds one that they do not know takes the identity back.
#[component]
pub fn Devices(props: &DevicesProps) -> Html {
    let line = |device: &DeviceView| {
        html! {
            <li class="vault-node" key={device.mark.clone()}>
                <Icon symbol={Symbol::Monitor} />
                <span class="node-name">{ t!("device", mark = device.mark.as_str()) }</span>
                <span class="muted">{ t!("vault-saved", time = words::full_time(device.saved_at)) }</span>
            </li>
        }
    };
    html! {
        <>
            <h4>{ t!("devices") }</h4>
            if props.devices.is_empty() {
                <p class="muted" data-testid="devices">{ t!("devices-none") }</p>
            } else {
                <ul class="vault-nodes" data-testid="devices">for device in &props.devices { { line(device) } }</ul>
                <p class="muted">{ t!("devices-unknown") }</p>
            }
        </>
    }
}
