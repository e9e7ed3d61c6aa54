//! A conversation.

use std::cell::Cell;
use std::rc::Rc;

use client_core::request::{Request, Talk};
use client_core::view::{
    ContactNumber, ContactState, ContactView, ConversationView, EntryView, Position, StageView,
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::preview::Preview;
use crate::bridge::CallError;
use crate::components::announcer::Announcer;
use crate::components::composer::{Composer, Purpose};
use crate::components::edit_box::EditBox;
use crate::components::entries::Entries;
use crate::components::fork::ForkNotice;
use crate::components::header::{ConversationHeader, PlaceHeader};
use crate::components::icon::{Icon, Symbol};
use crate::components::link::Link;
use crate::components::message_dialogs::{DeleteDialog, InfoDialog, OptionsDialog, SignsDialog};
use crate::components::note::{Empty, ErrorNote, Waiting};
use crate::components::safety::SafetyDialog;
use crate::context::{Alive, use_alive, use_app, use_request};
use crate::hub::ThreadEvent;
use crate::i18n::t;
use crate::platform::clipboard;
use crate::route::Route;
use crate::state::desk::{Act, Desk, DeskAction, Dialog, Writing};
use crate::state::seen::Seen;
use crate::state::thread::{BEFORE, Goal, Loading, PAGE, Reader, Thread, ThreadAction};
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
    let desk = use_reducer(Desk::default);
    let open = use_thread(contact.number, *first_unread, desk.dispatcher());
    let on_seen = use_mark_seen(&props.conversation);
    let on_act = use_acts(contact.number, &open, &desk);
    use_begun_edit(&props.conversation, &desk);
    let can_write = contact.state == ContactState::Accepted;
    let to_latest = use_mut_ref(Callback::noop);
    to_latest.replace(if open.thread.has_newer {
        open.latest.clone()
    } else {
        Callback::noop()
    });
    let on_written = {
        let desk = desk.dispatcher();
        use_callback((), move |(), ()| {
            desk.dispatch(DeskAction::Written);
            // Who writes wants to see it said; what is here may end further up.
            to_latest.borrow().emit(());
        })
    };
    let parts = Parts {
        first_unread: *first_unread,
        unread: props.conversation.first_unread,
        on_seen,
        on_act: on_act.clone(),
        can_write,
    };
    html! {
        <div class="place conversation-place">
            <ConversationHeader contact={contact.clone()} marks={props.conversation.marks}
                last={props.conversation.last.as_ref().map(|last| last.position)} />
            { content(&open, &name, parts) }
            <Announcer name={name.clone()} news={open.thread.news.clone()} />
            <Foot conversation={props.conversation.clone()} writing={desk.writing.clone()} {on_written} />
            { dialog(&desk, contact, can_write, &on_act) }
        </div>
    }
}

/// Goes on with changing a message, where that was begun before.
#[hook]
fn use_begun_edit(conversation: &ConversationView, desk: &UseReducerHandle<Desk>) {
    let client = use_app().client;
    let (contact, alive) = (conversation.contact.number, use_alive());
    let (desk, begun) = (desk.dispatcher(), conversation.edit.clone());
    use_effect_with((), move |()| {
        let Some(begun) = begun else { return };
        spawn_local(async move {
            let found = client.entries_from(contact, begun.of, 1).await;
            let entry = found.ok().and_then(|entries| entries.into_iter().next());
            if let Some(entry) = entry.filter(|entry| entry.position == begun.of)
                && alive.is_alive()
            {
                desk.dispatch(DeskAction::Acted(Act::Edit(Rc::new(entry))));
            }
        });
    });
}

/// The dialog that is open, if one is.
fn dialog(
    desk: &UseReducerHandle<Desk>,
    about: &ContactView,
    can_write: bool,
    on_act: &Callback<Act>,
) -> Html {
    let contact = about.number;
    let on_close = {
        let desk = desk.dispatcher();
        Callback::from(move |()| desk.dispatch(DeskAction::Closed))
    };
    let on_act = on_act.clone();
    match &desk.dialog {
        Dialog::None => Html::default(),
        Dialog::Options(entry) => {
            html! { <OptionsDialog {contact} entry={entry.clone()} {on_act} {on_close} {can_write} /> }
        }
        Dialog::Signs(entry) => {
            html! { <SignsDialog {contact} entry={entry.clone()} {on_act} {on_close} /> }
        }
        Dialog::Info(entry) => {
            html! { <InfoDialog {contact} entry={entry.clone()} {on_act} {on_close} /> }
        }
        Dialog::Delete(entry) => {
            html! { <DeleteDialog {contact} entry={entry.clone()} {on_act} {on_close} {can_write} /> }
        }
        Dialog::Safety => html! { <SafetyDialog contact={about.clone()} {on_close} /> },
    }
}

/// Carries out what is done to entries. The same callback for the life of the conversation, so that the
/// entries are not drawn anew whenever something else changes.
#[hook]
fn use_acts(
    contact: ContactNumber,
    open: &OpenThread,
    desk: &UseReducerHandle<Desk>,
) -> Callback<Act> {
    let request = use_mut_ref(Callback::noop);
    request.replace(use_request());
    let jump = use_mut_ref(Callback::noop);
    jump.replace(open.jump.clone());
    let toast = use_app().toast;
    let desk = desk.dispatcher();
    use_callback(contact, move |act: Act, contact| {
        let contact = *contact;
        match &act {
            Act::Retry(id) => request.borrow().emit(Request::Retry { contact, id: *id }),
            Act::React(to, sign) => {
                let (to, sign) = (*to, sign.clone());
                let what = Talk::React { to, sign };
                request.borrow().emit(Request::Talk { contact, what });
            }
            Act::Copy(text) => {
                let (text, toast) = (text.clone(), toast.clone());
                spawn_local(async move {
                    toast.emit(match clipboard::copy(&text).await {
                        Ok(()) => t!("copied"),
                        Err(clipboard::Refused) => t!("copy-failed"),
                    });
                });
            }
            Act::Jump(position) => jump.borrow().emit(*position),
            _ => {}
        }
        desk.dispatch(DeskAction::Acted(act));
    })
}

struct Parts {
    first_unread: Option<Position>,
    unread: Option<Position>,
    on_seen: Callback<Vec<Position>>,
    on_act: Callback<Act>,
    can_write: bool,
}

fn content(open: &OpenThread, name: &str, parts: Parts) -> Html {
    let Parts {
        first_unread,
        unread,
        on_seen,
        on_act,
        can_write,
    } = parts;
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
            <Entries thread={thread.clone()} {first_unread} {unread} reader={open.reader.clone()} name={name.to_owned()} on_older={open.older.clone()}
                on_newer={open.newer.clone()} on_latest={open.latest.clone()} {on_seen} {on_act} {can_write} />
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
    writing: Writing,
    on_written: Callback<()>,
}

/// The field, or why there is none.
#[component]
fn Foot(props: &FootProps) -> Html {
    let app = use_app();
    let request = use_request();
    let contact = &props.conversation.contact;
    let number = contact.number;
    let on_typed = {
        let client = app.client.clone();
        let tells = app.view().me.as_ref().is_some_and(|me| me.typing);
        Callback::from(move |()| {
            if tells {
                let (client, what) = (client.clone(), Talk::Typing);
                spawn_local(async move {
                    // Nothing depends on it.
                    let contact = number;
                    let _ = client.run(Request::Talk { contact, what }).await;
                });
            }
        })
    };
    let reply = match &props.writing {
        Writing::Reply(entry) => Some(entry.clone()),
        _ => None,
    };
    let edited = match &props.writing {
        Writing::Edit(entry) => Some(entry.clone()),
        _ => None,
    };
    if app.view().stage == StageView::LockedOut {
        return html! {
            <footer class="foot-note"><p class="with-icon"><Icon symbol={Symbol::Lock} />{ t!("locked-banner") }</p></footer>
        };
    }
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
                if let Some(entry) = edited {
                    <EditBox key={entry.position.to_string()} contact={number} entry={(*entry).clone()} on_done={props.on_written.clone()}
                        begun={begun_edit(&props.conversation, entry.position)} />
                } else {
                <Composer key={number} client={app.client.clone()} contact={number} name={words::name(contact)}
                    purpose={Purpose::Send} draft={props.conversation.draft.clone()} placeholder={t!("composer-placeholder")}
                    {reply} on_written={props.on_written.clone()} {on_typed} toast={app.toast.clone()} />
                }
            </footer>
        },
    }
}

fn begun_edit(conversation: &ConversationView, of: Position) -> Option<AttrValue> {
    let begun = conversation.edit.as_ref().filter(|edit| edit.of == of);
    begun.map(|edit| AttrValue::from(edit.text.clone()))
}

struct OpenThread {
    thread: Rc<Thread>,
    reader: Rc<Cell<Reader>>,
    older: Callback<()>,
    newer: Callback<()>,
    latest: Callback<()>,
    jump: Callback<Position>,
    again: Callback<()>,
}

/// Loads the entries of a conversation and keeps them up to date. The callbacks stay the same ones as long as they
/// would do the same, so that the entries are not drawn anew whenever something else changes.
#[hook]
fn use_thread(
    contact: ContactNumber,
    first_unread: Option<Position>,
    desk: UseReducerDispatcher<Desk>,
) -> OpenThread {
    let app = use_app();
    let alive = use_alive();
    let thread = use_reducer(Thread::default);
    let reader = (*use_memo((), |()| Rc::new(Cell::new(Reader::default())))).clone();

    let load = {
        let (client, dispatcher) = (app.client.clone(), thread.dispatcher());
        let alive = alive.clone();
        use_callback(
            contact,
            move |as_page: fn(Vec<_>) -> ThreadAction, contact| {
                let answer = client.entries(*contact, None, PAGE);
                await_page(answer, dispatcher.clone(), alive.clone(), as_page);
            },
        )
    };
    let move_to = use_move(contact, &thread);
    let jump = {
        let (thread, move_to) = (thread.clone(), move_to.clone());
        Callback::from(move |position: Position| {
            if thread.find(position).is_some() {
                thread.dispatch(ThreadAction::Sought(position));
            } else {
                move_to.emit((position, Some(Goal::At(position))));
            }
        })
    };
    // Before anything is drawn: the engine reads meanwhile. And it is heard from then on, not when the effects of the first
    // drawing come: what it tells before them would be neither in the page nor heard.
    use_memo(contact, |_| {
        let (load, move_to) = (load.clone(), move_to.clone());
        let (dispatcher, place, hub) = (thread.dispatcher(), reader.clone(), app.hub.clone());
        match (hub.take_sought(contact), first_unread) {
            (Some(sought), _) => move_to.emit((sought, Some(Goal::At(sought)))),
            // The list itself goes to the line before it.
            (None, Some(first)) => move_to.emit((first, None)),
            (None, None) => load.emit(ThreadAction::Loaded),
        }
        app.hub.subscribe(Callback::from(move |event| match event {
            ThreadEvent::TakenOver => {
                dispatcher.dispatch(ThreadAction::TakenOver);
                load.emit(ThreadAction::Refreshed);
            }
            ThreadEvent::Entries {
                contact: of,
                entries,
            } if of == contact => {
                dispatcher.dispatch(ThreadAction::Updated(entries, place.get()));
            }
            ThreadEvent::Cleared(of) if of == contact => {
                // Neither what is on the page nor what was about to be done with it is left.
                desk.dispatch(DeskAction::Cleared);
                dispatcher.dispatch(ThreadAction::Cleared);
                load.emit(ThreadAction::Loaded);
            }
            ThreadEvent::Entries { .. } | ThreadEvent::Cleared(_) => {}
            ThreadEvent::Sought => {
                if let Some(position) = hub.take_sought(contact) {
                    move_to.emit((position, Some(Goal::At(position))));
                }
            }
        }))
    });
    let older = {
        let (client, dispatcher, alive) = (app.client.clone(), thread.dispatcher(), alive.clone());
        use_callback(thread.oldest(), move |(), oldest| {
            let Some(before) = *oldest else { return };
            let answer = client.entries(contact, Some(before), PAGE);
            dispatcher.dispatch(ThreadAction::AskedOlder);
            await_page(answer, dispatcher.clone(), alive.clone(), move |page| {
                ThreadAction::LoadedOlder(before, page)
            });
        })
    };
    let latest = {
        let load = load.clone();
        use_callback((), move |(), ()| load.emit(ThreadAction::MovedToEnd))
    };
    let newer = {
        let (client, dispatcher) = (app.client.clone(), thread.dispatcher());
        use_callback(thread.after_newest(), move |(), from| {
            let from = *from;
            let answer = client.entries_from(contact, from, PAGE);
            dispatcher.dispatch(ThreadAction::AskedNewer);
            await_page(answer, dispatcher.clone(), alive.clone(), move |page| {
                ThreadAction::LoadedNewer(from, page)
            });
        })
    };
    let again = Callback::from(move |()| load.emit(ThreadAction::Refreshed));
    OpenThread {
        thread: Rc::new((*thread).clone()),
        reader,
        older,
        newer,
        latest,
        jump,
        again,
    }
}

/// Takes a page when it comes, as long as somebody is there.
fn await_page(
    answer: impl Future<Output = Result<Vec<EntryView>, CallError>> + 'static,
    thread: UseReducerDispatcher<Thread>,
    alive: Alive,
    as_page: impl FnOnce(Vec<EntryView>) -> ThreadAction + 'static,
) {
    spawn_local(async move {
        let answer = answer.await;
        if alive.is_alive() {
            thread.dispatch(answer.map_or_else(ThreadAction::Failed, as_page));
        }
    });
}

/// Loads what stands around a place, in place of what was loaded.
#[hook]
fn use_move(
    contact: ContactNumber,
    thread: &UseReducerHandle<Thread>,
) -> Callback<(Position, Option<Goal>)> {
    let app = use_app();
    let alive = use_alive();
    let dispatcher = thread.dispatcher();
    Callback::from(move |(place, goal): (Position, Option<Goal>)| {
        let (dispatcher, alive) = (dispatcher.clone(), alive.clone());
        let before = app.client.entries(contact, Some(place), BEFORE);
        let from = app.client.entries_from(contact, place, PAGE);
        spawn_local(async move {
            let (before, from) = (before.await, from.await);
            if !alive.is_alive() {
                return;
            }
            dispatcher.dispatch(match (before, from) {
                (Ok(before), Ok(from)) => ThreadAction::Moved {
                    pages: (before, from),
                    goal,
                },
                (Err(why), _) | (_, Err(why)) => ThreadAction::Failed(why),
            });
        });
    })
}

/// Tells what a person has seen, as long as something of it was unread.
#[hook]
fn use_mark_seen(conversation: &ConversationView) -> Callback<Vec<Position>> {
    let client = use_app().client;
    let seen = use_mut_ref(Seen::default);
    let unread = use_mut_ref(|| None);
    unread.replace(conversation.first_unread);
    use_callback(
        conversation.contact.number,
        move |received: Vec<Position>, contact| {
            let told = seen.borrow_mut().tell(*unread.borrow(), &received);
            let Some((first, last)) = told else {
                return;
            };
            let (client, seen) = (client.clone(), seen.clone());
            let contact = *contact;
            spawn_local(async move {
                let request = Request::MarkSeen {
                    contact,
                    first,
                    last,
                };
                if client.run(request).await.is_err() {
                    seen.borrow_mut().forget((first, last));
                }
            });
        },
    )
}
