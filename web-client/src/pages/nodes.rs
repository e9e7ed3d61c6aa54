//! The own nodes: how each stands, what it promises, and what can be done with it.

use client_core::request::{Removal, Request};
use client_core::view::{NodeStep, NodeView};
use yew::prelude::*;

use crate::components::dialog::Dialog;
use crate::components::header::PlaceHeader;
use crate::components::icon::{Icon, Symbol};
use crate::components::link::Link;
use crate::components::node_facts::{AskedFacts, Found, NodePicker};
use crate::components::note::{Empty, ErrorNote};
use crate::context::{use_action, use_app, use_request};
use crate::i18n::t;
use crate::route::Route;
use crate::state::moving::can_be_left;
use crate::state::person::node_name;
use crate::words;

/// Nodes of an identity at most.
const MOST: usize = 5;

/// The list, the way to move, and a second node.
#[component]
pub fn Nodes() -> Html {
    let app = use_app();
    let nodes = app
        .view()
        .me
        .as_ref()
        .map(|me| me.nodes.clone())
        .unwrap_or_default();
    let active = can_be_left(&nodes).len();
    html! {
        <div class="place">
            <PlaceHeader title={t!("nodes")} />
            <div class="place-content">
                <p class="lead">{ t!("nodes-lead") }</p>
                <div class="buttons">
                    <Link to={Route::Move} class="button primary" testid="move">
                        <Icon symbol={Symbol::Truck} />{ t!("nodes-move") }
                    </Link>
                </div>
                if nodes.is_empty() {
                    <Empty symbol={Symbol::Server} title={t!("nodes-empty-title")} text={t!("nodes-empty")} />
                }
                <ul class="stack wide-gap">
                    for (index, node) in nodes.iter().enumerate() {
                        <li key={node.node.clone()}>
                            <NodeCard node={node.clone()} number={order(index)} of_active={order(active)} />
                        </li>
                    }
                </ul>
                if nodes.len() < MOST { <Add /> }
            </div>
        </div>
    }
}

fn order(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[derive(Properties, PartialEq)]
struct NodeCardProps {
    node: NodeView,
    /// Its place in the list, from 0.
    number: u32,
    /// How many are active.
    of_active: u32,
}

#[component]
fn NodeCard(props: &NodeCardProps) -> Html {
    let node = &props.node;
    let request = use_request();
    let asks = use_state(|| false);
    let name = node_name(&node.node).to_owned();
    let run = |make: fn(String) -> Request| {
        let (request, url) = (request.clone(), node.node.clone());
        Callback::from(move |_: MouseEvent| request.emit(make(url.clone())))
    };
    let (open, close) = {
        let (asks, closes) = (asks.clone(), asks.clone());
        (
            Callback::from(move |_: MouseEvent| asks.set(true)),
            Callback::from(move |()| closes.set(false)),
        )
    };
    let several = props.of_active > 1;
    let id = format!("node-{}", props.number);
    html! {
        <article class="card node-card" aria-labelledby={id.clone()} data-testid="node-card" data-node={node.node.clone()}
            data-step={words::nodes::standing_key(node.step)}>
            <header class="node-head">
                <Icon symbol={Symbol::Server} />
                <h3 id={id} dir="ltr" class="node-name">{ name.clone() }</h3>
                <span class={classes!("chip", words::nodes::standing_key(node.step))}>{ words::nodes::standing(node.step) }</span>
            </header>
            <p>{ words::nodes::explained(node) }</p>
            if let Some(code) = &node.problem {
                <p class="note warning"><Icon symbol={Symbol::Warning} />
                    <span>{ t!("node-problem", problem = words::problem(code)) }</span></p>
            }
            if let (Some(at), NodeStep::Joining | NodeStep::Active) = (node.closing_at, node.step) {
                <div class="note warning" data-testid="node-closing"><Icon symbol={Symbol::Warning} />
                    <p>{ t!("node-closing", day = words::nodes::date(at)) }{ " " }<Link to={Route::Move}>{ t!("nodes-move") }</Link></p></div>
            }
            <dl class="facts">
                <div><dt>{ t!("settings-connection") }</dt>
                    <dd data-testid="node-connection" data-state={words::connection_key(&node.connection)}>
                        { words::connection(&node.connection) }
                    </dd></div>
                if several && node.step == NodeStep::Active {
                    <div><dt>{ t!("node-priority") }</dt>
                        <dd>{ t!("node-order", number = props.number.saturating_add(1)) }</dd></div>
                }
            </dl>
            if node.step != NodeStep::Leaving { <AskedFacts node={node.node.clone()} /> }
            <div class="buttons">
                if node.step == NodeStep::Active && props.number > 0 {
                    <button type="button" class="button small" onclick={run(|node| Request::PreferNode { node })} data-testid="node-prefer">
                        { t!("node-prefer") }
                    </button>
                }
                if node.step == NodeStep::Active && several {
                    <button type="button" class="button small" onclick={run(|node| Request::DrainNode { node })} data-testid="node-drain">
                        { t!("node-drain") }
                    </button>
                }
                if node.step == NodeStep::Draining {
                    <button type="button" class="button small" onclick={run(|node| Request::KeepNode { node })} data-testid="node-keep">
                        { t!("node-keep") }
                    </button>
                }
                if node.step == NodeStep::Leaving {
                    <button type="button" class="button small" data-testid="node-forget"
                        onclick={run(|node| Request::RemoveNode { node, when: Removal::AtOnce })}>
                        { t!("node-forget") }
                    </button>
                }
                if node.step != NodeStep::Leaving && (several || node.step != NodeStep::Active) {
                    <button type="button" class="button small danger quiet" onclick={open} data-testid="node-remove">
                        { t!("node-remove") }
                    </button>
                }
            </div>
            if *asks { <RemoveDialog node={node.node.clone()} on_close={close} /> }
        </article>
    }
}

/// Properties of [`RemoveDialog`].
#[derive(Properties, PartialEq)]
pub struct RemoveDialogProps {
    /// Which node.
    pub node: AttrValue,
    /// It was closed.
    pub on_close: Callback<()>,
}

/// Asks before a node is removed that may still hold mail.
#[component]
pub fn RemoveDialog(props: &RemoveDialogProps) -> Html {
    let action = use_action(props.on_close.clone());
    let remove = {
        let (run, node, busy) = (action.run.clone(), props.node.to_string(), action.busy);
        Callback::from(move |_: MouseEvent| {
            if !busy {
                run.emit(Request::RemoveNode {
                    node: node.clone(),
                    when: Removal::AtOnce,
                });
            }
        })
    };
    html! {
        <Dialog title={t!("node-remove-title", node = node_name(&props.node))} on_close={props.on_close.clone()}>
            <p>{ t!("node-remove-explained") }</p>
            <ErrorNote error={action.error.clone()} />
            <div class="buttons end">
                <button type="button" class="button" onclick={props.on_close.reform(|_| ())}>{ t!("cancel") }</button>
                <button type="button" class="button danger" onclick={remove} aria-disabled={action.busy.then_some("true")}
                    data-testid="node-remove-really">{ t!("node-remove-really") }</button>
            </div>
        </Dialog>
    }
}

/// A second node. The form is new after each that was added.
#[component]
fn Add() -> Html {
    let found = use_state(|| None::<Found>);
    let added = use_state(|| 0u32);
    let action = {
        let (found, added) = (found.clone(), added.clone());
        use_action(Callback::from(move |()| {
            found.set(None);
            added.set(added.wrapping_add(1));
        }))
    };
    let on_found = {
        let found = found.clone();
        Callback::from(move |node| found.set(node))
    };
    let add = found.as_ref().map(|found| {
        let (run, node, busy) = (action.run.clone(), found.address.clone(), action.busy);
        Callback::from(move |_: MouseEvent| {
            if !busy {
                run.emit(Request::AddNode { node: node.clone() });
            }
        })
    });
    html! {
        <section class="card" aria-labelledby="nodes-add">
            <h3 id="nodes-add">{ t!("nodes-add") }</h3>
            <p class="muted">{ t!("nodes-add-lead") }</p>
            <NodePicker key={*added} id="add-node" {on_found} />
            <ErrorNote error={action.error.clone()} />
            if let Some(onclick) = add {
                <div class="buttons">
                    <button type="button" class="button primary" {onclick} aria-disabled={action.busy.then_some("true")}
                        data-testid="node-add">{ t!("nodes-add-do") }</button>
                </div>
            }
        </section>
    }
}
