//! The column of conversations.

use std::rc::Rc;

use client_core::view::{AppView, ContactNumber, ConversationView, MeView};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::avatar::Avatar;
use super::icon::{Icon, Symbol};
use super::keys;
use super::link::Link;
use super::note::Empty;
use super::search::Search;
use super::sidebar_item::SidebarItem;
use crate::bridge::LockAsk;
use crate::context::use_app;
use crate::i18n::t;
use crate::platform::document;
use crate::route::Route;
use crate::state::app::Filter;
use crate::state::person::clean_name;
use crate::words;

/// From so many conversations on there are filters, though nothing is unread or put away.
const LONG: usize = 8;

/// The column: who one is, the requests, the conversations.
#[component]
pub fn Sidebar() -> Html {
    let app = use_app();
    let view = app.view();
    let searching = use_state(|| false);
    let filter = use_state(Filter::default);
    let on_active = {
        let searching = searching.clone();
        use_callback((), move |active: bool, ()| searching.set(active))
    };
    let on_filter = {
        let filter = filter.clone();
        Callback::from(move |chosen: Filter| filter.set(chosen))
    };
    let all = view.conversations.iter();
    let listed: Vec<_> = all.filter(|it| filter.lists(it)).cloned().collect();
    let waiting = u32::try_from(view.requests.len()).unwrap_or(u32::MAX);
    html! {
        <nav class="sidebar" aria-label={t!("conversations")}>
            if let Some(me) = &view.me { <Me me={me.clone()} /> }
            <div class="sidebar-title">
                <h2 id="list-title" tabindex="-1">{ t!("conversations") }</h2>
                <Link to={Route::NewContact} class="icon-button primary" label={t!("new-contact")}
                    current={app.nav.route == Route::NewContact} testid="new-contact">
                    <Icon symbol={Symbol::AddContact} />
                </Link>
            </div>
            if waiting > 0 || app.nav.route == Route::Requests {
                <Link to={Route::Requests} class="requests-entry" current={app.nav.route == Route::Requests} testid="requests">
                    <Icon symbol={Symbol::Inbox} />
                    <span class="requests-label" aria-hidden="true">{ t!("requests") }</span>
                    if waiting > 0 { <span class="badge" aria-hidden="true">{ waiting.to_string() }</span> }
                    <span class="visually-hidden">{ t!("requests-count", count = waiting) }</span>
                </Link>
            }
            if view.conversations.is_empty() {
                <Empty symbol={Symbol::Message} title={t!("conversations-empty-title")} text={t!("conversations-empty")}>
                    <Link to={Route::NewContact} class="button primary">
                        <Icon symbol={Symbol::AddContact} />{ t!("new-contact") }
                    </Link>
                </Empty>
            } else {
                <Search {on_active} />
                if !*searching {
                    <Filters filter={*filter} {on_filter} view={view.clone()} />
                    if listed.is_empty() {
                        <p class="search-none">{ t!("filter-none") }</p>
                    }
                }
                <Conversations {listed} hidden={*searching} />
            }
        </nav>
    }
}

/// Moves the focus to the line of a conversation, if it is listed.
pub fn focus_line(number: ContactNumber) -> bool {
    document::focus_first(&format!(
        ".conversations:not([hidden]) [data-contact='{number}']"
    ))
}

#[derive(Properties, PartialEq)]
struct ConversationsProps {
    listed: Vec<ConversationView>,
    hidden: bool,
}

/// A grid of links, as the ARIA practices call it: one step of the Tab key, and arrow keys, Home, End and the page keys lead through it. That
/// step is where the focus was last, or the open conversation, or the first.
#[component]
fn Conversations(props: &ConversationsProps) -> Html {
    let app = use_app();
    let list = use_node_ref();
    let last = use_state(|| None::<ContactNumber>);
    let onfocusin = {
        let last = last.clone();
        Callback::from(move |event: FocusEvent| {
            let link = event.target_dyn_into::<HtmlElement>();
            let contact = link.and_then(|link| link.get_attribute("data-contact"));
            last.set(contact.and_then(|contact| contact.parse().ok()));
        })
    };
    let onkeydown = {
        let list = list.clone();
        Callback::from(move |event: KeyboardEvent| {
            if let Some(list) = list.cast::<Element>() {
                keys::pressed_on_link(&event, &list);
            }
        })
    };
    let numbers = || props.listed.iter().map(|it| it.contact.number);
    {
        // A browser takes the focus from what is moved, and a line moves to the top when something is said there.
        let has_focus = list
            .cast::<Element>()
            .is_some_and(|it| document::focused_in(&it).is_some());
        let held = last.filter(|_| has_focus);
        use_effect_with(numbers().collect::<Vec<_>>(), move |_| {
            if let Some(contact) = held.filter(|_| document::has_no_focus()) {
                focus_line(contact);
            }
        });
    }
    let current = |number: &ContactNumber| app.nav.route == Route::Conversation(*number);
    let step = numbers()
        .find(|number| *last == Some(*number))
        .or_else(|| numbers().find(current))
        .or_else(|| numbers().next());
    html! {
        <div class="conversations" role={(!props.listed.is_empty()).then_some("grid")} aria-labelledby="list-title" hidden={props.hidden} ref={list} {onfocusin} {onkeydown}>
            for conversation in &props.listed {
                <div role="row" key={conversation.contact.number}>
                    <div role="gridcell">
                        <SidebarItem conversation={conversation.clone()} current={current(&conversation.contact.number)}
                            passed={step != Some(conversation.contact.number)} />
                    </div>
                </div>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct FiltersProps {
    filter: Filter,
    on_filter: Callback<Filter>,
    view: Rc<AppView>,
}

/// Which conversations are listed; a filter that would list nothing is not offered.
#[component]
fn Filters(props: &FiltersProps) -> Html {
    let count = |filter: Filter| {
        let all = props.view.conversations.iter();
        all.filter(|it| filter.lists(it)).count()
    };
    let (unread, archived) = (count(Filter::Unread), count(Filter::Archived));
    let unanswered = count(Filter::Unanswered);
    let is_long = props.view.conversations.len() >= LONG;
    if unread == 0 && archived == 0 && !is_long && props.filter == Filter::All {
        return Html::default();
    }
    let choice = |filter: Filter, label: String, testid: &'static str| {
        let on_filter = props.on_filter.clone();
        html! {
            <button type="button" class="filter" aria-pressed={if props.filter == filter { "true" } else { "false" }}
                onclick={Callback::from(move |_: MouseEvent| on_filter.emit(filter))} data-testid={testid}>{ label }</button>
        }
    };
    html! {
        <div class="filters" role="group" aria-label={t!("filters")}>
            { choice(Filter::All, t!("filter-all"), "filter-all") }
            if unread > 0 || props.filter == Filter::Unread {
                { choice(Filter::Unread, t!("filter-unread"), "filter-unread") }
            }
            if unanswered > 0 || props.filter == Filter::Unanswered {
                { choice(Filter::Unanswered, t!("filter-unanswered"), "filter-unanswered") }
            }
            if archived > 0 || props.filter == Filter::Archived {
                { choice(Filter::Archived, t!("filter-archived", count = archived), "filter-archived") }
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct MeProps {
    me: MeView,
}

#[component]
fn Me(props: &MeProps) -> Html {
    let app = use_app();
    let me = &props.me;
    let connection = &app.view().connection;
    let name = clean_name(&me.name).unwrap_or_else(|| t!("me"));
    html! {
        <header class="me">
            <Avatar identity={me.identity} name={me.name.clone()} />
            <div class="me-words">
                <p class="me-name"><bdi>{ name }</bdi></p>
                <p class="connection-state" data-testid="connection" data-state={words::connection_key(connection)}>
                    { words::connection(connection) }
                </p>
            </div>
            if app.state.lock.is_set { <LockNow /> }
            <Link to={Route::Settings} class="icon-button" label={t!("settings")}
                current={app.nav.route == Route::Settings} testid="settings">
                <Icon symbol={Symbol::Settings} />
            </Link>
        </header>
    }
}

/// Closes the lock; the page is loaded anew when it is.
#[component]
fn LockNow() -> Html {
    let app = use_app();
    let onclick = Callback::from(move |_: MouseEvent| {
        let client = app.client.clone();
        spawn_local(async move {
            // No answer comes: whoever would give it has ended.
            let _ = client.lock(LockAsk::Lock).await;
        });
    });
    html! {
        <button type="button" class="icon-button" {onclick} aria-label={t!("lock-now")} title={t!("lock-now")} data-testid="lock-now-quick">
            <Icon symbol={Symbol::Lock} />
        </button>
    }
}
