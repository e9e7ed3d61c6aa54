//! A conversation.

use std::rc::Rc;

use client_core::request::Request;
use client_core::view::{ContactNumber, ContactState, ConversationView, Position};
use shared_crypto::id::MessageId;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::preview::Preview;
use crate::components::announcer::Announcer;
use crate::components::composer::{Composer, Purpose};
use crate::components::entries::Entries;
use crate::components::fork::ForkNotice;
use crate::components::header::{ConversationHeader, PlaceHeader};
use crate::components::icon::{Icon, Symbol};
use crate::components::link::Link;
use crate::components::note::{Empty, ErrorNote, Waiting};
use crate::context::{use_alive, use_app, use_request};
use crate::hub::ThreadEvent;
use crate::i18n::t;
use crate::route::Route;
use crate::state::thread::{Loading, PAGE, Thread, ThreadAction};
use crate::words;

/// Properties of [`ConversationPlace`].
#[derive(Properties, PartialEq)]
pub struct ConversationPlaceProps {
    /// Whose place.
    pub number: ContactNumber,
}

/// Whatever there is with this contact: a conversation, a preview, or nothing.
#[component]
pub fn ConversationPlace(props: &ConversationPlaceProps) -> Html {
    let app = use_app();
    let conversation = app.state.conversation(props.number);
    if let Some(conversation) = conversation.filter(|it| it.contact.state != ContactState::Resolved)
    {
        return html! { <Conversation key={props.number} conversation={conversation.clone()} /> };
    }
    match app.state.contact(props.number) {
        Some(contact) if contact.state == ContactState::Resolved => {
            html! { <Preview contact={contact.clone()} /> }
        }
        // Accepted or refused a moment ago: the projection that says so is on its way.
        Some(contact) if contact.state != ContactState::Asking => html! {
            <div class="place"><PlaceHeader title={words::name(contact)} /><Waiting text={t!("loading-messages")} /></div>
        },
        Some(_) => html! {
            <div class="place">
                <PlaceHeader title={t!("requests-title")} />
                <div class="place-content centred">
                    <Empty symbol={Symbol::Inbox} title={t!("state-asking")} text={t!("composer-asking")}>
                        <Link to={Route::Requests} class="button primary">{ t!("requests") }</Link>
                    </Empty>
                </div>
            </div>
        },
        None => gone(),
    }
}

fn gone() -> Html {
    html! {
        <div class="place">
            <PlaceHeader title={t!("conversations")} />
            <div class="place-content centred">
                <Empty symbol={Symbol::Message} title={t!("gone-title")} text={t!("gone")}>
                    <Link to={Route::Home} class="button">{ t!("home") }</Link>
                </Empty>
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ConversationProps {
    conversation: ConversationView,
}

#[component]
fn Conversation(props: &ConversationProps) -> Html {
    let contact = &props.conversation.contact;
    let name = words::name(contact);
    let first_unread = use_memo((), |()| props.conversation.first_unread);
    let open = use_thread(contact.number);
    let on_seen = use_mark_read(&props.conversation);
    let on_retry = {
        let (request, contact) = (use_request(), contact.number);
        Callback::from(move |id: MessageId| request.emit(Request::Retry { contact, id }))
    };
    html! {
        <div class="place conversation-place">
            <ConversationHeader contact={contact.clone()} />
            { content(&open, &name, *first_unread, on_seen, on_retry) }
            <Announcer name={name.clone()} news={open.thread.news.clone()} />
            <Foot conversation={props.conversation.clone()} />
        </div>
    }
}

fn content(
    open: &OpenThread,
    name: &str,
    first_unread: Option<Position>,
    on_seen: Callback<Position>,
    on_retry: Callback<MessageId>,
) -> Html {
    let thread = &open.thread;
    match &thread.loading {
        Loading::First if thread.entries.is_empty() => skeleton(),
        Loading::Failed(why) if thread.entries.is_empty() => html! {
            <div class="entries-frame padded">
                <p>{ t!("messages-failed") }</p>
                <ErrorNote error={why.clone()} retry={open.again.clone()} />
            </div>
        },
        Loading::Idle if thread.entries.is_empty() => html! {
            <div class="entries-frame"><p class="beginning">{ t!("messages-empty") }</p></div>
        },
        _ => html! {
            <Entries thread={thread.clone()} {first_unread} name={name.to_owned()} on_older={open.older.clone()}
                {on_seen} {on_retry} />
        },
    }
}

fn skeleton() -> Html {
    let widths = ["wide", "mine short", "mine", "wide", "short", "mine wide"];
    html! {
        <div class="entries-frame" aria-busy="true">
            <p class="visually-hidden" role="status">{ t!("loading-messages") }</p>
            <div class="skeleton" aria-hidden="true">
                for width in widths { <span class={classes!("skeleton-bubble", width)}></span> }
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct FootProps {
    conversation: ConversationView,
}

/// The field, or why there is none.
#[component]
fn Foot(props: &FootProps) -> Html {
    let app = use_app();
    let request = use_request();
    let contact = &props.conversation.contact;
    let number = contact.number;
    match contact.state {
        ContactState::Blocked => html! {
            <footer class="foot-note">
                <p class="with-icon"><Icon symbol={Symbol::Ban} />{ t!("composer-blocked") }</p>
                <button type="button" class="button" onclick={request.reform(move |_| Request::Unblock(number))} data-testid="unblock">
                    { t!("unblock") }
                </button>
            </footer>
        },
        ContactState::Asking => html! {
            <footer class="foot-note">
                <p>{ t!("composer-asking") }</p>
                <Link to={Route::Requests} class="button primary">{ t!("requests") }</Link>
            </footer>
        },
        ContactState::Asked | ContactState::Accepted | ContactState::Resolved => html! {
            <footer class="foot">
                // Always there: the field below must stay the same one when they accept, as somebody
                // may be typing in it.
                <div class="foot-notice" role="status">
                    if contact.state == ContactState::Asked {
                        <p class="asked with-icon"><Icon symbol={Symbol::Hourglass} />{ t!("asked-notice") }</p>
                    }
                    if contact.forked { <ForkNotice contact={contact.clone()} /> }
                </div>
                <Composer key={number} client={app.client.clone()} contact={number} name={words::name(contact)}
                    purpose={Purpose::Send} draft={props.conversation.draft.clone()} placeholder={t!("composer-placeholder")} />
            </footer>
        },
    }
}

struct OpenThread {
    thread: Rc<Thread>,
    older: Callback<()>,
    again: Callback<()>,
}

/// Loads the entries of a conversation and keeps them up to date.
#[hook]
fn use_thread(contact: ContactNumber) -> OpenThread {
    let app = use_app();
    let alive = use_alive();
    let thread = use_reducer(Thread::default);

    let load = {
        let (client, dispatcher) = (app.client.clone(), thread.dispatcher());
        Callback::from(
            move |(before, as_page): (Option<Position>, fn(Vec<_>) -> ThreadAction)| {
                let (client, dispatcher, alive) =
                    (client.clone(), dispatcher.clone(), alive.clone());
                spawn_local(async move {
                    let answer = client.entries(contact, before, PAGE).await;
                    if alive.is_alive() {
                        dispatcher.dispatch(answer.map_or_else(ThreadAction::Failed, as_page));
                    }
                });
            },
        )
    };
    {
        let (load, dispatcher, hub) = (load.clone(), thread.dispatcher(), app.hub.clone());
        use_effect_with(contact, move |_| {
            dispatcher.dispatch(ThreadAction::Opened);
            load.emit((None, ThreadAction::Loaded));
            let listener = Callback::from(move |event: ThreadEvent| match event {
                ThreadEvent::TakenOver => {
                    dispatcher.dispatch(ThreadAction::TakenOver);
                    load.emit((None, ThreadAction::Refreshed));
                }
                ThreadEvent::Entries {
                    contact: of,
                    entries,
                } if of == contact => {
                    dispatcher.dispatch(ThreadAction::Updated(entries));
                }
                ThreadEvent::Entries { .. } => {}
            });
            let subscription = hub.subscribe(listener);
            move || drop(subscription)
        });
    }
    let older = {
        let (load, dispatcher, oldest) = (load.clone(), thread.dispatcher(), thread.oldest());
        Callback::from(move |()| {
            dispatcher.dispatch(ThreadAction::AskedOlder);
            load.emit((oldest, ThreadAction::Loaded));
        })
    };
    let again = Callback::from(move |()| load.emit((None, ThreadAction::Refreshed)));
    OpenThread {
        thread: Rc::new((*thread).clone()),
        older,
        again,
    }
}

/// Moves the read mark when a person has seen more.
#[hook]
fn use_mark_read(conversation: &ConversationView) -> Callback<Position> {
    let app = use_app();
    let marked = use_mut_ref(|| 0);
    let (contact, unread) = (conversation.contact.number, conversation.first_unread);
    Callback::from(move |position: Position| {
        let has_unread = unread.is_some_and(|first| first <= position);
        let before = *marked.borrow();
        if !has_unread || position <= before {
            return;
        }
        marked.replace(position);
        let (client, marked) = (app.client.clone(), marked.clone());
        spawn_local(async move {
            if client
                .run(Request::MarkRead { contact, position })
                .await
                .is_err()
            {
                // Tried again with the next thing that is seen.
                marked.replace(before);
            }
        });
    })
}
