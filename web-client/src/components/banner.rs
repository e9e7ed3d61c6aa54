//! Bars over everything: no connection, and what the node had to drop.

use client_core::request::Request;
use client_core::view::{AppView, ConnectionView, DroppedView, Millis, StageView, TombstoneView};
use gloo::events::EventListener;
use gloo::timers::callback::{Interval, Timeout};
use yew::prelude::*;

use super::icon::{Icon, Symbol};
use super::link::Link;
use super::reminder::Reminder;
use crate::bridge::Breakdown;
use crate::context::{use_app, use_request};
use crate::i18n::t;
use crate::pages::take_back::{LockedBanner, RecoveringBanner};
use crate::platform::service::{self, Word};
use crate::platform::time::now;
use crate::platform::{document, location};
use crate::route::Route;
use crate::state::days::seconds_until;
use crate::state::moving::closing;
use crate::state::person::node_name;
use crate::words;

/// Connecting takes long after so many milliseconds.
const SLOW_MS: u32 = 2000;

/// The bars that are needed now.
#[component]
pub fn Banners() -> Html {
    let app = use_app();
    let view = app.view();
    html! {
        <div class="banners">
            if let Some(why) = &app.state.stopped { { stopped(why) } }
            { spoken_connection(&view.connection) }
            if view.stage == StageView::LockedOut {
                <LockedBanner />
            } else {
                if view.me.as_ref().is_some_and(|me| me.recovering) {
                    <RecoveringBanner />
                }
                { connection(&view.connection) }
                if app.nav.route != Route::Move && app.nav.route != Route::Nodes { { closing_node(view) } }
                <Reminder />
            }
            <OtherProgram />
            if view.dropped != DroppedView::default() {
                <Dropped dropped={view.dropped} />
            }
            if !view.tombstones.is_empty() {
                <Tombstones tombstones={view.tombstones.clone()} />
            }
        </div>
    }
}

/// The node serves another program than the one that is kept: whoever reads here decides when it changes.
#[component]
pub fn OtherProgram() -> Html {
    let found = use_state(|| false);
    {
        let found = found.clone();
        use_effect_with((), move |()| {
            let heard = service::on_word(move |word| {
                if word == Word::Found {
                    found.set(true);
                }
            });
            let seen = document::document().map(|document| {
                EventListener::new(&document, "visibilitychange", |_| {
                    if document::is_visible() {
                        service::look();
                    }
                })
            });
            service::look();
            move || drop((heard, seen))
        });
    }
    html! {
        <div role="status">
            if *found {
                <div class="banner quiet" data-testid="other-program">
                    <Icon symbol={Symbol::Again} />
                    <p>{ t!("other-program") }</p>
                    <button type="button" class="button small" data-testid="switch-program" onclick={|_| service::change()}>
                        { t!("other-program-switch") }
                    </button>
                </div>
            }
        </div>
    }
}

/// The engine is gone: what is here can be read, and nothing else works.
fn stopped(why: &Breakdown) -> Html {
    let (title, text) = words::breakdown(why.fault);
    html! {
        <div class="banner danger" role="alert" data-testid="stopped">
            <Icon symbol={Symbol::Alert} />
            <p><strong>{ title }</strong>{ " " }{ text }</p>
            <button type="button" class="button small" onclick={|_| location::reload()}>{ t!("reload") }</button>
        </div>
    }
}

/// A node that is closed down is to be left before.
fn closing_node(view: &AppView) -> Html {
    let closes = view.me.as_ref().and_then(|me| closing(&me.nodes));
    closes.map_or_else(Html::default, |(node, at)| {
        html! {
            <div class="banner warning" role="status" data-testid="closing-banner">
                <Icon symbol={Symbol::Warning} />
                <p>{ t!("node-closing-banner", node = node_name(&node.node), day = words::nodes::date(at)) }</p>
                <Link to={Route::Move} class="button small">{ t!("nodes-move") }</Link>
            </div>
        }
    })
}

/// Says when the connection is lost and when it is back: the list, which shows it, is away on a narrow screen, and the bar
/// counts seconds. Other states say themselves in their bars.
fn spoken_connection(connection: &ConnectionView) -> Html {
    let said = match connection {
        ConnectionView::Online | ConnectionView::Offline { .. } => words::connection(connection),
        ConnectionView::Idle | ConnectionView::Connecting | ConnectionView::Refused { .. } => {
            String::new()
        }
    };
    html! { <p class="visually-hidden" role="status" data-testid="connection-spoken">{ said }</p> }
}

fn connection(connection: &ConnectionView) -> Html {
    match connection {
        ConnectionView::Idle | ConnectionView::Online => Html::default(),
        ConnectionView::Connecting => html! { <Connecting /> },
        ConnectionView::Offline { retry_at } => html! { <Offline retry_at={*retry_at} /> },
        ConnectionView::Refused { code } => html! {
            <div class="banner warning" role="status">
                <Icon symbol={Symbol::Warning} />
                <p>{ t!("connection-refused", problem = words::problem(code)) }</p>
                <TryNow />
            </div>
        },
    }
}

/// Said only when it takes long: each start connects, and nothing is to jump because of it.
#[component]
fn Connecting() -> Html {
    let slow = use_state(|| false);
    {
        let slow = slow.clone();
        use_effect_with((), move |()| {
            let timer = Timeout::new(SLOW_MS, move || slow.set(true));
            move || drop(timer)
        });
    }
    html! {
        <div role="status">
            if *slow {
                <div class="banner quiet">
                    <Icon symbol={Symbol::Busy} class="spin" /><p>{ t!("connection-connecting") }</p>
                </div>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct OfflineProps {
    retry_at: Millis,
}

/// Counts down to the next try. The number is not read out each second: only the first sentence is.
#[component]
fn Offline(props: &OfflineProps) -> Html {
    let left = use_state(|| seconds_until(props.retry_at, now()));
    {
        let left = left.clone();
        use_effect_with(props.retry_at, move |retry_at| {
            let retry_at = *retry_at;
            left.set(seconds_until(retry_at, now()));
            let tick = Interval::new(1000, move || left.set(seconds_until(retry_at, now())));
            move || drop(tick)
        });
    }
    html! {
        <div class="banner warning">
            <Icon symbol={Symbol::Offline} />
            <p role="timer" aria-live="off" data-testid="offline">{ t!("connection-offline", seconds = *left) }</p>
            <TryNow />
        </div>
    }
}

#[component]
fn TryNow() -> Html {
    let request = use_request();
    html! {
        <button type="button" class="button small" onclick={request.reform(|_| Request::Reconnect)}>
            <Icon symbol={Symbol::Again} />{ t!("connection-try-now") }
        </button>
    }
}

#[derive(Properties, PartialEq)]
struct DroppedProps {
    dropped: DroppedView,
}

#[component]
fn Dropped(props: &DroppedProps) -> Html {
    let request = use_request();
    let dropped = props.dropped;
    html! {
        <div class="banner warning" role="status" data-testid="dropped">
            <Icon symbol={Symbol::Warning} />
            <div>
                if dropped.unreadable > 0 { <p>{ t!("dropped-unreadable", count = dropped.unreadable) }</p> }
                if dropped.too_many > 0 { <p>{ t!("dropped-too-many", count = dropped.too_many) }</p> }
            </div>
            <button type="button" class="button small" onclick={request.reform(|_| Request::DismissDropped)}>
                { t!("tombstones-dismiss") }
            </button>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct TombstonesProps {
    tombstones: Vec<TombstoneView>,
}

#[component]
fn Tombstones(props: &TombstonesProps) -> Html {
    let request = use_request();
    let all = || props.tombstones.iter();
    let count = all().fold(0u64, |sum, it| sum.saturating_add(it.count));
    let from = all().map(|it| it.from).min().unwrap_or_default();
    let to = all().map(|it| it.to).max().unwrap_or_default();
    html! {
        <div class="banner danger" role="status" data-testid="tombstones">
            <Icon symbol={Symbol::Warning} />
            <p>{ t!("tombstones", count = count, from = words::day(from), to = words::day(to)) }</p>
            <button type="button" class="button small" onclick={request.reform(|_| Request::DismissTombstones)}>
                { t!("tombstones-dismiss") }
            </button>
        </div>
    }
}
