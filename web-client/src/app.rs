//! The root: hears the engine, keeps the state, knows the way, and decides which page is shown.

use client_core::request::{Request, Update};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use client_core::view::{AppView, StageView};
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::bridge::{Client, Event as EngineEvent, LockAsk, Place};
use crate::components::banner::OtherProgram;
use crate::components::toaster::Toaster;
use crate::context::{Context, Nav};
use crate::hub::{Hub, ThreadEvent};
use crate::i18n::{plain, t};
use crate::notify;
use crate::pages::creating::Creating;
use crate::pages::locked::Locked;
use crate::pages::opening::Opening;
use crate::pages::restore::{Recovering, Restore, Restoring};
use crate::pages::shell::Shell;
use crate::pages::trouble::{Trouble, TroublePage};
use crate::pages::welcome::Welcome;
use crate::platform::service::Word;
use crate::platform::time::now;
use crate::platform::{document, location, place, service, storage, support};
use crate::route::Route;
use crate::state::app::{AppAction, AppState, EngineState, unread};
use crate::state::identities::{Identities, Known};

/// How long an engine may take to answer for the first time.
const START_LIMIT_MS: u32 = 15_000;

/// How long a number stands before the window's title says it: what is read as it comes is unread for a moment only, and
/// to name a window anew costs the browser more than to draw a message.
const TITLE_MS: u32 = 250;

/// How often the lock is told that somebody is there.
const PRESENCE_MS: u64 = 15_000;

/// Properties of [`App`].
#[derive(Properties, PartialEq)]
pub struct AppProps {
    /// The engine.
    pub client: Client,
}

/// The application.
#[component]
pub fn App(props: &AppProps) -> Html {
    let state = use_reducer(AppState::default);
    let hub = (*use_memo((), |()| Hub::default())).clone();
    let nav = use_nav();
    let toast = use_state(|| None::<AttrValue>);
    let missing = use_memo((), |()| support::missing());

    let route = use_mut_ref(|| Route::Home);
    route.replace(nav.route.clone());
    let running = use_mut_ref(|| false);
    running.replace(state.engine == EngineState::Running);
    use_engine(&props.client, &state, &hub, route, running);
    use_service(&nav);
    use_time_limit(&state);
    use_kept_storage(&state);
    use_reconnect(&props.client);
    use_known(&state);
    use_presence(&props.client, state.lock.minutes > 0);
    use_title(unread(&state.view));

    let context = Context {
        client: props.client.clone(),
        hub,
        state: state.clone(),
        nav,
        toast: {
            let toast = toast.clone();
            Callback::from(move |text: String| toast.set(Some(text.into())))
        },
    };
    let on_gone = {
        let toast = toast.clone();
        Callback::from(move |()| toast.set(None))
    };
    let again = {
        let (client, state) = (props.client.clone(), state.dispatcher());
        Callback::from(move |()| {
            state.dispatch(AppAction::AskedAgain);
            ask(&client, &state);
        })
    };
    // The shell has bars of its own, and nothing is to be taken away from under a page that works.
    let offers_program = match &state.engine {
        EngineState::Silent | EngineState::Broken(_) | EngineState::Locked => true,
        EngineState::Running => state.view.stage == StageView::NoIdentity,
        EngineState::Starting => false,
    };
    let page = match (*missing, &state.engine) {
        (Some(missing), _) => trouble(Trouble::Missing(missing), again),
        (None, EngineState::Silent) => trouble(Trouble::Silent, again),
        (None, EngineState::Broken(why)) => trouble(Trouble::Broken(why.clone()), again),
        (None, EngineState::Starting) => html! { <Opening /> },
        (None, EngineState::Locked) => html! { <Locked /> },
        (None, EngineState::Running) => match state.view.stage {
            StageView::Loading => html! { <Opening /> },
            StageView::NoIdentity if context.nav.route == Route::Restore => {
                html! { <Restore /> }
            }
            StageView::NoIdentity => html! { <Welcome /> },
            StageView::Creating(step) => html! { <Creating {step} /> },
            StageView::Restoring(step) => html! { <Restoring {step} /> },
            StageView::Recovering(step) => html! { <Recovering {step} /> },
            // What is written while locked out is kept, and fails with its reason.
            StageView::Ready | StageView::LockedOut => html! { <Shell /> },
        },
    };
    html! {
        <ContextProvider<Context> {context}>
            if offers_program { <header><OtherProgram /></header> }
            { page }
            <Toaster text={(*toast).clone()} {on_gone} />
        </ContextProvider<Context>>
    }
}

fn trouble(trouble: Trouble, on_again: Callback<()>) -> Html {
    html! { <TroublePage {trouble} {on_again} /> }
}

/// Hears the engine for as long as the page is there, and asks for the projection at the start.
#[hook]
fn use_engine(
    client: &Client,
    state: &UseReducerHandle<AppState>,
    hub: &Hub,
    route: Rc<RefCell<Route>>,
    running: Rc<RefCell<bool>>,
) {
    let last = use_mut_ref(AppView::default);
    let (client, dispatcher, hub) = (client.clone(), state.dispatcher(), hub.clone());
    let standing = state.clone();
    use_effect_with((), move |()| {
        let asks = client.clone();
        let heard = dispatcher.clone();
        client.listen(Callback::from(move |event: EngineEvent| match event {
            EngineEvent::Ready => {
                ask(&asks, &heard);
                hub.tell(&ThreadEvent::TakenOver);
            }
            EngineEvent::Update(Update::App(view)) => {
                last.replace(view.clone());
                heard.dispatch(AppAction::Told(view));
            }
            EngineEvent::Update(Update::Entries { contact, entries }) => {
                let open = match *route.borrow() {
                    Route::Conversation(number) => Some(number),
                    _ => None,
                };
                notify::consider(&last, contact, &entries, open);
                hub.tell(&ThreadEvent::Entries { contact, entries });
            }
            EngineEvent::Update(Update::Cleared(contact)) => {
                notify::forget(contact);
                hub.tell(&ThreadEvent::Cleared(contact));
            }
            EngineEvent::Broken(why) => {
                let is_news = standing.engine == EngineState::Running && standing.stopped.is_none();
                heard.dispatch(AppAction::Broke(why));
                // It may be this tab's worker only, while another tab's engine goes on.
                if is_news {
                    ask(&asks, &heard);
                }
            }
            EngineEvent::Lock(view) => heard.dispatch(AppAction::LockTold(view)),
            // What was on the page goes with the page: its memory too.
            EngineEvent::Locked(_) if *running.borrow() => location::reload(),
            EngineEvent::Locked(view) => {
                notify::forget_all();
                heard.dispatch(AppAction::Locked(view));
            }
        }));
        ask(&client, &dispatcher);
    });
}

fn ask(client: &Client, state: &UseReducerDispatcher<AppState>) {
    let (client, state) = (client.clone(), state.clone());
    let (asks, heard) = (client.clone(), state.clone());
    spawn_local(async move {
        if let Some(view) = asks.lock_view().await {
            heard.dispatch(AppAction::LockTold(view));
        }
    });
    spawn_local(async move {
        match client.app().await {
            Ok(view) => state.dispatch(AppAction::Told(view)),
            Err(_) => state.dispatch(AppAction::FellSilent),
        }
    });
}

/// An identity is worth keeping: the browser is asked not to clear it away.
#[hook]
fn use_kept_storage(state: &UseReducerHandle<AppState>) {
    use_effect_with(state.view.stage == StageView::Ready, |ready| {
        if *ready {
            storage::keep();
        }
    });
}

/// What may be known of this identity while it is locked, or when the browser has cleared its database away.
#[hook]
fn use_known(state: &UseReducerHandle<AppState>) {
    let me = state.view.me.as_ref();
    let known = me.map(|me| (me.name.clone(), me.link.clone()));
    use_effect_with(known, |known| {
        if let Some((name, link)) = known.clone() {
            let place = place::current();
            let known = Known { place, link, name };
            let next = Identities::parse(&place::known()).with(known);
            place::set_known(&next.to_text());
        }
    });
}

/// Tells the lock that somebody is there, now and then.
#[hook]
fn use_presence(client: &Client, is_timed: bool) {
    let client = client.clone();
    use_effect_with(is_timed, move |is_timed| {
        let mut listeners = Vec::new();
        if let (true, Some(document)) = (*is_timed, document::document()) {
            let told = Rc::new(Cell::new(0));
            let tell = move || {
                if now().saturating_sub(told.get()) < PRESENCE_MS {
                    return;
                }
                told.set(now());
                let client = client.clone();
                spawn_local(async move {
                    let _ = client.lock(LockAsk::Active).await;
                });
            };
            for event in ["pointerdown", "keydown"] {
                let tell = tell.clone();
                listeners.push(EventListener::new(&document, event, move |_| tell()));
            }
            listeners.push(EventListener::new(
                &document,
                "visibilitychange",
                move |_| {
                    if document::is_visible() {
                        tell();
                    }
                },
            ));
        }
        move || drop(listeners)
    });
}

/// The service worker keeps the program, and tells where a notification leads.
#[hook]
fn use_service(nav: &Nav) {
    let go = nav.go.clone();
    use_effect_with((), move |()| {
        service::register();
        let listener = service::on_word(move |word| match word {
            // The service worker knows tabs, and not whose they are.
            Word::Address(address)
                if Place::of_address(&address).is_some_and(|it| it != place::current()) =>
            {
                location::load(&address)
            }
            Word::Address(address) => go.emit(Route::parse(&location::inside(&address))),
            Word::Changed => location::reload(),
            Word::Found => {}
        });
        move || drop(listener)
    });
}

/// Nobody looks at a spinner for ever.
#[hook]
fn use_time_limit(state: &UseReducerHandle<AppState>) {
    let waiting = state.engine == EngineState::Starting
        || (state.engine == EngineState::Running && state.view.stage == StageView::Loading);
    let dispatcher = state.dispatcher();
    use_effect_with(waiting, move |waiting| {
        let timer = waiting.then(|| {
            Timeout::new(START_LIMIT_MS, move || {
                dispatcher.dispatch(AppAction::FellSilent)
            })
        });
        move || drop(timer)
    });
}

/// A person who comes back, or a network that does, does not wait for the next try.
#[hook]
fn use_reconnect(client: &Client) {
    let client = client.clone();
    use_effect_with((), move |()| {
        let mut listeners = Vec::new();
        if let (Some(window), Some(document)) = (web_sys::window(), document::document()) {
            let again = move || {
                let client = client.clone();
                spawn_local(async move {
                    let _ = client.run(Request::Reconnect).await;
                });
            };
            let on_visible = again.clone();
            listeners.push(EventListener::new(&window, "online", move |_| again()));
            listeners.push(EventListener::new(
                &document,
                "visibilitychange",
                move |_| {
                    if document::is_visible() {
                        on_visible();
                    }
                },
            ));
        }
        move || drop(listeners)
    });
}

#[hook]
fn use_title(unread: u32) {
    use_effect_with(unread, |unread| {
        let title = if *unread == 0 {
            t!("app-name")
        } else {
            t!("title-unread", count = *unread)
        };
        let timer = Timeout::new(TITLE_MS, move || document::set_title(&plain(&title)));
        move || drop(timer)
    });
}

/// Follows the address bar, and leads it.
#[hook]
fn use_nav() -> Nav {
    let route = use_state(|| Route::parse(&location::current()));
    {
        let route = route.clone();
        use_effect_with((), move |()| {
            let listener = web_sys::window().map(|window| {
                EventListener::new(&window, "popstate", move |_| {
                    route.set(Route::parse(&location::current()))
                })
            });
            move || drop(listener)
        });
    }
    let go = {
        let route = route.clone();
        use_callback((), move |to: Route, ()| {
            // As of a link that leads to where one is: 'back' leads away with the first step.
            if *route != to {
                location::push(&to.address());
                route.set(to);
            }
        })
    };
    let replace = {
        let route = route.clone();
        use_callback((), move |to: Route, ()| {
            location::replace(&to.address());
            route.set(to);
        })
    };
    Nav {
        route: (*route).clone(),
        go,
        replace,
    }
}
