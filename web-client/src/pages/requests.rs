//! Strangers who wait for an answer.

use client_core::request::Request;
use client_core::view::RequestView;
use yew::prelude::*;

use crate::components::avatar::avatar_of;
use crate::components::header::{HEADING, PlaceHeader};
use crate::components::icon::{Icon, Symbol};
use crate::components::note::{Empty, ErrorNote};
use crate::context::{use_action, use_app};
use crate::i18n::t;
use crate::platform::document;
use crate::route::Route;
use crate::state::person::{clean_name, node_name};
use crate::words;

/// The request box.
#[component]
pub fn Requests() -> Html {
    let app = use_app();
    let requests = &app.view().requests;
    html! {
        <div class="place">
            <PlaceHeader title={t!("requests-title")} />
            <div class="place-content">
                if requests.is_empty() {
                    <Empty symbol={Symbol::Inbox} title={t!("requests-empty-title")} text={t!("requests-empty")} />
                } else {
                    <p class="muted">{ t!("requests-lead") }</p>
                    <ul class="request-list">
                        for request in requests {
                            <li key={request.contact.number}><Item request={request.clone()} /></li>
                        }
                    </ul>
                    <p class="muted small-print"><Icon symbol={Symbol::Info} />{ t!("request-note") }</p>
                }
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ItemProps {
    request: RequestView,
}

#[component]
fn Item(props: &ItemProps) -> Html {
    let app = use_app();
    let request = &props.request;
    let number = request.contact.number;
    let accept = {
        let go = app.nav.go.clone();
        use_action(Callback::from(move |()| {
            go.emit(Route::Conversation(number))
        }))
    };
    // Its buttons are gone then.
    let dismiss = use_action(Callback::from(|()| document::focus(HEADING)));
    let busy = accept.busy || dismiss.busy;
    let disabled = busy.then_some("true");
    let on = |action: &Callback<Request>, what: Request| {
        let action = action.clone();
        Callback::from(move |_: MouseEvent| {
            if !busy {
                action.emit(what.clone());
            }
        })
    };
    html! {
        <article class="card request" data-testid="request-item" data-contact={number.to_string()}>
            <header class="request-head">
                { avatar_of(&request.contact, "") }
                <div>
                    if let Some(name) = clean_name(&request.contact.name) {
                        <p class="muted">{ t!("request-says") }</p>
                        <h3><bdi>{ name }</bdi></h3>
                    } else {
                        <h3>{ t!("request-unnamed") }</h3>
                    }
                    <p class="muted request-facts">
                        <span class="with-icon" dir="ltr"><Icon symbol={Symbol::Server} />{ node_name(&request.contact.node).to_owned() }</span>
                        <time title={words::full_time(request.arrived_at)}>
                            { t!("request-arrived", time = words::short_time(request.arrived_at)) }
                        </time>
                    </p>
                </div>
            </header>
            if let Some(label) = &request.by_link {
                <p class="with-icon small-print" data-testid="request-by-link">
                    <Icon symbol={Symbol::Check} />
                    <span>{ if label.is_empty() { t!("request-by-unnamed-link") } else { t!("request-by-link", name = label.clone()) } }</span>
                </p>
            }
            <blockquote dir="auto">{ request.text.clone() }</blockquote>
            <ErrorNote error={accept.error.clone().or_else(|| dismiss.error.clone())} />
            <div class="buttons">
                <button type="button" class="button primary" aria-disabled={disabled} data-testid="request-accept"
                    onclick={on(&accept.run, Request::Accept(number))}>
                    if accept.busy { <Icon symbol={Symbol::Busy} class="spin" /> } else { <Icon symbol={Symbol::Check} /> }
                    { t!("request-accept") }
                </button>
                <button type="button" class="button" aria-disabled={disabled} data-testid="request-refuse"
                    onclick={on(&dismiss.run, Request::Refuse(number))}>
                    { t!("request-refuse") }
                </button>
                <button type="button" class="button danger quiet" aria-disabled={disabled} data-testid="request-block"
                    onclick={on(&dismiss.run, Request::Block(number))}>
                    <Icon symbol={Symbol::Ban} />{ t!("request-block") }
                </button>
            </div>
        </article>
    }
}
