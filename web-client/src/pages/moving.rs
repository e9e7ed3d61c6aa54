//! Moving to another node, as one guided page. Where the move is, is read off the nodes: after a reload the
//! page goes on where it was.

use client_core::request::Request;
use client_core::view::NodeView;
use yew::prelude::*;

use super::nodes::RemoveDialog;
use crate::components::header::PlaceHeader;
use crate::components::icon::{Icon, Symbol};
use crate::components::link::Link;
use crate::components::node_facts::{Found, NodePicker};
use crate::components::note::ErrorNote;
use crate::components::steps::{Standing, StepLine};
use crate::context::{use_action, use_app, use_request};
use crate::i18n::t;
use crate::platform::location;
use crate::route::Route;
use crate::state::moving::{Move, Outcome, STEPS, Step, can_be_left, is_silent};
use crate::state::person::node_name;
use crate::words;

/// Chooses a node, or shows how far the move is.
#[component]
pub fn Moving() -> Html {
    let app = use_app();
    let nodes = app
        .view()
        .me
        .as_ref()
        .map(|me| me.nodes.clone())
        .unwrap_or_default();
    let moving = Move::under_way(&nodes);
    // How a move ends is said to the person who watched it.
    let watched = use_state(|| None::<Move>);
    {
        let watched = watched.clone();
        use_effect_with(moving.clone(), move |moving| {
            if moving.is_some() {
                watched.set(moving.clone());
            }
        });
    }
    let again = {
        let watched = watched.clone();
        Callback::from(move |_: MouseEvent| watched.set(None))
    };
    let outcome = watched.as_ref().map(|watched| watched.outcome(&nodes));
    html! {
        <div class="place">
            <PlaceHeader title={t!("move-title")} />
            <div class="place-content">
                { match (moving, outcome, can_be_left(&nodes).first()) {
                    (Some(moving), _, _) => html! { <UnderWay {moving} /> },
                    (None, Some(Outcome::Moved), Some(node)) => moved(node, &again),
                    (None, Some(Outcome::Refused(code)), _) => html! { <>{ refused(code.as_deref()) }<Choose {nodes} /></> },
                    (None, _, _) => html! { <Choose {nodes} /> },
                } }
                <p><Link to={Route::Nodes}>{ t!("nodes") }</Link></p>
            </div>
        </div>
    }
}

fn refused(code: Option<&str>) -> Html {
    html! {
        <div class="note error" role="alert" data-testid="move-refused">
            <Icon symbol={Symbol::Alert} />
            <p>{ t!("move-refused") }if let Some(code) = code { { " " }{ words::problem(code) } }</p>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ChooseProps {
    nodes: Vec<NodeView>,
}

#[component]
fn Choose(props: &ChooseProps) -> Html {
    let found = use_state(|| None::<Found>);
    let from = use_state(|| None::<String>);
    let action = use_action(Callback::noop());
    let on_found = {
        let found = found.clone();
        Callback::from(move |node| found.set(node))
    };
    let left = can_be_left(&props.nodes);
    let leaves = from
        .as_ref()
        .or(left.first().map(|node| &node.node))
        .cloned();
    let choice = |node: &NodeView| {
        let (from, url) = (from.clone(), node.node.clone());
        let onchange = Callback::from(move |_: Event| from.set(Some(url.clone())));
        html! {
            <label class="segment">
                <input type="radio" name="move-from" checked={leaves.as_ref() == Some(&node.node)} {onchange} />
                <span dir="ltr">{ node_name(&node.node).to_owned() }</span>
            </label>
        }
    };
    let start = found.as_ref().zip(leaves.clone()).map(|(found, from)| {
        let (run, to, busy) = (action.run.clone(), found.address.clone(), action.busy);
        let label = t!("move-do", node = node_name(&found.offer.node));
        let onclick = Callback::from(move |_: MouseEvent| {
            if !busy {
                run.emit(Request::Move {
                    from: from.clone(),
                    to: to.clone(),
                });
            }
        });
        (onclick, label)
    });
    let silent = left.iter().any(|node| is_silent(node));
    html! {
        <>
            <p class="lead">{ t!("move-lead") }</p>
            if silent {
                <p class="note quiet" data-testid="move-dead"><Icon symbol={Symbol::Info} /><span>{ t!("move-dead") }</span></p>
            }
            <section class="card" aria-labelledby="move-to">
                <h3 id="move-to">{ t!("move-to-title") }</h3>
                <NodePicker id="move-node" {on_found} />
            </section>
            if start.is_some() {
                <section class="card" aria-labelledby="move-from">
                    <h3 id="move-from">{ t!("move-from-title") }</h3>
                    if left.len() > 1 {
                        <div class="segments-row" role="radiogroup" aria-labelledby="move-from">
                            for node in &left { { choice(node) } }
                        </div>
                    } else if let Some(node) = &leaves {
                        <p>{ t!("move-from-only", node = node_name(node)) }</p>
                    }
                </section>
            }
            <PageNote from={leaves.clone()} />
            <ErrorNote error={action.error.clone()} />
            if let Some((onclick, label)) = start {
                <div class="buttons">
                    <button type="button" class="button primary wide" {onclick} aria-disabled={action.busy.then_some("true")}
                        data-testid="move-start">
                        if action.busy { <Icon symbol={Symbol::Busy} class="spin" /> }
                        { label }
                    </button>
                </div>
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct UnderWayProps {
    moving: Move,
}

#[component]
fn UnderWay(props: &UnderWayProps) -> Html {
    let moving = &props.moving;
    let request = use_request();
    let asks = use_state(|| None::<String>);
    let close = {
        let asks = asks.clone();
        Callback::from(move |()| asks.set(None))
    };
    let remove = moving.from.as_ref().map(|from| {
        let (asks, url) = (asks.clone(), from.node.clone());
        Callback::from(move |_: MouseEvent| asks.set(Some(url.clone())))
    });
    let keep = moving.from.as_ref().map(|from| {
        let url = from.node.clone();
        request.reform(move |_: MouseEvent| Request::KeepNode { node: url.clone() })
    });
    let line = |step: Step| {
        let standing = Standing::of(&step, &moving.step);
        html! {
            <StepLine {standing} text={words::nodes::move_step(step)} testid="move-step">
                if standing == Standing::Now { { now(moving) } }
            </StepLine>
        }
    };
    html! {
        <>
            <section class="card" aria-labelledby="move-under-way" data-testid="move-under-way">
                <h3 id="move-under-way">{ t!("move-under-way-title") }</h3>
                <p class="muted">{ between(moving) }</p>
                <ol class="steps">for step in STEPS { { line(step) } }</ol>
                <p class="visually-hidden" role="status">{ words::nodes::move_step(moving.step) }</p>
            </section>
            if moving.step == Step::Empty {
                <section class="card" aria-labelledby="move-waits">
                    <h3 id="move-waits">{ t!("move-waits-title") }</h3>
                    if let (true, Some(from)) = (moving.is_old_node_silent(), &moving.from) {
                        <p class="note warning" role="status" data-testid="move-silent"><Icon symbol={Symbol::Offline} />
                            <span>{ t!("move-silent", node = node_name(&from.node)) }</span></p>
                    } else {
                        <p class="muted">{ t!("move-waits") }</p>
                    }
                    <div class="buttons">
                        if let Some(onclick) = keep {
                            <button type="button" class="button small" {onclick}>{ t!("move-stop") }</button>
                        }
                        if let Some(onclick) = remove {
                            <button type="button" class="button small danger quiet" {onclick} data-testid="move-remove-old">
                                { t!("node-remove") }
                            </button>
                        }
                    </div>
                </section>
            }
            <PageNote from={moving.from.as_ref().map(|from| from.node.clone())} />
            if let Some(node) = (*asks).clone() { <RemoveDialog {node} on_close={close} /> }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct PageNoteProps {
    from: Option<String>,
}

/// Browsers keep what a page stores under the page's own address: who leaves the node that serves the page
/// cannot open it any more when that node is gone.
#[component]
fn PageNote(props: &PageNoteProps) -> Html {
    let here = use_memo((), |()| location::origin());
    let Some(from) = props.from.as_ref().filter(|from| **from == *here) else {
        return Html::default();
    };
    html! {
        <div class="note quiet" data-testid="move-page">
            <Icon symbol={Symbol::Info} />
            <p>{ t!("move-page", node = node_name(from)) }{ " " }<Link to={Route::Recovery}>{ t!("recovery-open") }</Link></p>
        </div>
    }
}

fn between(moving: &Move) -> String {
    let name = |node: &Option<NodeView>| node.as_ref().map(|node| node_name(&node.node).to_owned());
    match (name(&moving.from), name(&moving.to)) {
        (Some(from), Some(to)) => t!("move-under-way-from-to", from = from, to = to),
        (Some(from), None) => t!("move-under-way-from", from = from),
        (None, Some(to)) => t!("move-under-way-to", to = to),
        (None, None) => String::new(),
    }
}

/// What is to be said about the present step.
fn now(moving: &Move) -> Html {
    let problem = match moving.step {
        Step::Join => moving.to.as_ref(),
        Step::Empty | Step::Leave => moving.from.as_ref(),
    };
    let problem = problem.and_then(|node| node.problem.as_deref());
    let text = match (moving.step, moving.until()) {
        (Step::Join, _) if moving.to.as_ref().is_some_and(is_silent) => t!("move-join-silent"),
        (Step::Join, _) => t!("move-join-now"),
        (Step::Empty, Some(at)) => t!("move-empty-now", day = words::nodes::date(at)),
        (Step::Empty, None) => t!("move-empty-now-open"),
        (Step::Leave, _) => String::new(),
    };
    html! {
        <>
            <p class="step-words">{ text }</p>
            if let Some(code) = problem {
                <p class="note warning" data-testid="move-problem"><Icon symbol={Symbol::Warning} />
                    <span>{ t!("node-problem", problem = words::problem(code)) }</span></p>
            }
        </>
    }
}

fn moved(node: &NodeView, again: &Callback<MouseEvent>) -> Html {
    html! {
        <section class="card" aria-labelledby="move-done" role="status" data-testid="move-done">
            <h3 id="move-done" class="proof-title"><Icon symbol={Symbol::CheckCircle} />{ t!("move-done-title") }</h3>
            <p>{ t!("move-done", node = node_name(&node.node)) }</p>
            <div class="buttons">
                <button type="button" class="button small" onclick={again.clone()}>{ t!("move-again") }</button>
            </div>
        </section>
    }
}
