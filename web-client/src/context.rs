//! What components find without being handed it: the engine, the page's state, the way around.

use std::cell::Cell;
use std::rc::Rc;

use client_core::request::{Answer, Request};
use client_core::view::AppView;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::bridge::{CallError, Client};
use crate::hub::Hub;
use crate::route::Route;
use crate::state::app::AppState;
use crate::words;

/// The way around.
#[derive(Clone, PartialEq)]
pub struct Nav {
    /// Where the person is.
    pub route: Route,
    /// Goes somewhere else; 'back' leads here again.
    pub go: Callback<Route>,
    /// Goes somewhere else; this place leaves the history.
    pub replace: Callback<Route>,
}

/// What every component may use.
#[derive(Clone, PartialEq)]
pub struct Context {
    /// The engine.
    pub client: Client,
    /// News about entries.
    pub hub: Hub,
    /// The state of the page.
    pub state: UseReducerHandle<AppState>,
    /// The way around.
    pub nav: Nav,
    /// Shows a sentence for a while.
    pub toast: Callback<String>,
}

impl Context {
    /// The last projection.
    pub fn view(&self) -> &Rc<AppView> {
        &self.state.view
    }
}

/// The context of the application.
#[hook]
pub fn use_app() -> Context {
    #[expect(
        clippy::expect_used,
        reason = "every component stands below the one provider, in app.rs"
    )]
    use_context::<Context>().expect("a component outside the application")
}

/// Tells whether the component that made it is still there.
#[derive(Clone)]
pub struct Alive(Rc<Cell<bool>>);

impl Alive {
    /// Whether it is.
    pub fn is_alive(&self) -> bool {
        self.0.get()
    }
}

/// Lets a task find out that its component is gone: a person who went elsewhere is not called back.
#[hook]
pub fn use_alive() -> Alive {
    let alive = use_memo((), |()| Alive(Rc::new(Cell::new(true))));
    let ends = (*alive).clone();
    use_effect_with((), move |()| move || ends.0.set(false));
    (*alive).clone()
}

/// A request that a button makes.
#[derive(Clone, PartialEq)]
pub struct Action {
    /// Whether it is under way.
    pub busy: bool,
    /// Why it did not work the last time.
    pub error: Option<CallError>,
    /// Makes it.
    pub run: Callback<Request>,
}

/// Requests with a button that waits and a place for the error. `done` hears of success. One that is under way is not made
/// twice; the error of one whose place is gone is told in passing.
#[hook]
pub fn use_action(done: Callback<()>) -> Action {
    let app = use_app();
    let alive = use_alive();
    let busy = use_state(|| false);
    let error = use_state(|| None);
    let run = {
        let (busy, error) = (busy.clone(), error.clone());
        Callback::from(move |request: Request| {
            // As it stands now, not as it was drawn: a double click is quicker.
            if *busy {
                return;
            }
            let (client, alive, done) = (app.client.clone(), alive.clone(), done.clone());
            let (busy, error, toast) = (busy.clone(), error.clone(), app.toast.clone());
            busy.set(true);
            error.set(None);
            spawn_local(async move {
                let answer = client.run(request).await;
                if !alive.is_alive() {
                    if let Err(why) = answer {
                        toast.emit(words::error(&why));
                    }
                    return;
                }
                busy.set(false);
                match answer {
                    Ok(()) => done.emit(()),
                    Err(why) => error.set(Some(why)),
                }
            });
        })
    };
    Action {
        busy: *busy,
        error: (*error).clone(),
        run,
    }
}

/// A question that a button asks.
#[derive(Clone, PartialEq)]
pub struct Question<T: PartialEq> {
    /// Whether it is under way.
    pub busy: bool,
    /// What the last one came to; kept while it is asked again.
    pub outcome: Option<Result<T, CallError>>,
    /// Asks it.
    pub ask: Callback<Request>,
    /// Forgets what it came to, also of one that is under way.
    pub forget: Callback<()>,
}

/// Questions with a button that waits and a place for the answer. `read` knows the kind of answer.
#[hook]
pub fn use_question<T>(read: fn(Answer) -> Result<T, CallError>) -> Question<T>
where
    T: Clone + PartialEq + 'static,
{
    let app = use_app();
    let alive = use_alive();
    let busy = use_state(|| false);
    let outcome = use_state(|| None::<Result<T, CallError>>);
    // The answer to an earlier question is not the answer to this one.
    let latest = use_mut_ref(|| 0_u64);
    let ask = {
        let (busy, outcome, latest) = (busy.clone(), outcome.clone(), latest.clone());
        Callback::from(move |request: Request| {
            let (client, alive) = (app.client.clone(), alive.clone());
            let (busy, outcome, latest) = (busy.clone(), outcome.clone(), latest.clone());
            let number = latest.borrow().wrapping_add(1);
            latest.replace(number);
            busy.set(true);
            spawn_local(async move {
                let answer = client.ask(request).await.and_then(read);
                if alive.is_alive() && *latest.borrow() == number {
                    busy.set(false);
                    outcome.set(Some(answer));
                }
            });
        })
    };
    let forget = {
        let (busy, outcome) = (busy.clone(), outcome.clone());
        Callback::from(move |()| {
            let number = latest.borrow().wrapping_add(1);
            latest.replace(number);
            busy.set(false);
            outcome.set(None);
        })
    };
    Question {
        busy: *busy,
        outcome: (*outcome).clone(),
        ask,
        forget,
    }
}

/// A request whose failure is told in passing; there is no place for it on the page.
#[hook]
pub fn use_request() -> Callback<Request> {
    let app = use_app();
    Callback::from(move |request: Request| {
        let (client, toast) = (app.client.clone(), app.toast.clone());
        spawn_local(async move {
            if let Err(why) = client.run(request).await {
                toast.emit(words::error(&why));
            }
        });
    })
}
