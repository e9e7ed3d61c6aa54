//! An engine on canned data: does what the real one would, in memory.

use std::cell::RefCell;
use std::rc::Rc;

use client_core::request::{Answer, Failure, Request, Talk, Update};
use client_core::view::{
    AppView, ContactNumber, ContactState, ContactView, CreationStep, DeliveryView, EntryView,
    PassView, StageView,
};
use gloo::timers::future::TimeoutFuture;
use yew::Callback;

use super::identity;
use super::people::{self, contact, conversation, sent};
use super::scenes::{Scene, Temper};
use super::talk;
use crate::bridge::{
    Breakdown, Call, CallError, Engine, Event, LockAnswer, LockAsk, LockCall, LockFailure,
    LockView, PasskeyView, SHORTEST_PASSPHRASE,
};
use crate::platform::time::now;

/// How long an answer takes, so that waiting can be seen.
const ANSWER_MS: u32 = 60;

/// The engine.
pub struct FakeEngine(Rc<RefCell<State>>);

struct State {
    scene: Scene,
    listener: Callback<Event>,
}

impl FakeEngine {
    /// Starts with a scene.
    pub fn new(scene: Scene) -> Self {
        Self(Rc::new(RefCell::new(State {
            scene,
            listener: Callback::noop(),
        })))
    }
}

impl Engine for FakeEngine {
    fn call(&self, request: Request) -> Call {
        let state = self.0.clone();
        Box::pin(async move {
            TimeoutFuture::new(ANSWER_MS).await;
            let (temper, failure) = (
                state.borrow().scene.temper,
                state.borrow().scene.failure.clone(),
            );
            match (temper, &request) {
                (Temper::Silent | Temper::Broken(_) | Temper::Locked, _) => {
                    core::future::pending().await
                }
                (Temper::NoEntries, Request::Entries { .. }) => return Err(CallError::Silent),
                (
                    Temper::Refuses,
                    Request::App | Request::Entries { .. } | Request::SetDraft { .. },
                ) => {}
                (Temper::Refuses, _) => return Ok(Answer::Failed(failure)),
                _ => {}
            }
            Ok(answer(&state, request).await)
        })
    }

    fn lock(&self, ask: LockAsk) -> LockCall {
        let state = self.0.clone();
        Box::pin(async move {
            TimeoutFuture::new(ANSWER_MS).await;
            lock(&state, ask).await
        })
    }

    fn listen(&self, listener: Callback<Event>) {
        self.0.borrow_mut().listener = listener.clone();
        if self.0.borrow().scene.temper == Temper::Locked {
            let (listener, view) = (listener.clone(), self.0.borrow().scene.lock.clone());
            wasm_bindgen_futures::spawn_local(async move {
                listener.emit(Event::Locked(view));
            });
        }
        let temper = self.0.borrow().scene.temper;
        if let Temper::Broken(fault) = temper {
            wasm_bindgen_futures::spawn_local(async move {
                let detail = "SecurityError: the operation is insecure.".to_owned();
                listener.emit(Event::Broken(Breakdown { fault, detail }));
            });
        }
    }
}

/// Any passphrase opens it, but for `wrong`.
async fn lock(state: &Rc<RefCell<State>>, ask: LockAsk) -> LockAnswer {
    let tell = |view: LockView| {
        let mut state = state.borrow_mut();
        state.scene.lock = view.clone();
        let listener = state.listener.clone();
        drop(state);
        listener.emit(Event::Lock(view));
    };
    let view = state.borrow().scene.lock.clone();
    match ask {
        LockAsk::View if state.borrow().scene.temper == Temper::Locked => {
            return LockAnswer::Failed(LockFailure::Silent);
        }
        LockAsk::View => return LockAnswer::View(view),
        LockAsk::Unlock(typed) | LockAsk::Remove { current: typed } if typed.0 == "wrong" => {
            TimeoutFuture::new(900).await;
            return LockAnswer::Failed(LockFailure::WrongPassphrase);
        }
        LockAsk::Unlock(_) | LockAsk::UnlockWithPasskey(_) => {
            state.borrow_mut().scene.temper = Temper::Answers;
            let listener = state.borrow().listener.clone();
            listener.emit(Event::Ready);
        }
        LockAsk::Set(typed) if typed.0.chars().count() < SHORTEST_PASSPHRASE => {
            return LockAnswer::Failed(LockFailure::TooShort);
        }
        LockAsk::Set(_) => tell(LockView {
            is_set: true,
            minutes: 15,
            ..view
        }),
        LockAsk::Remove { .. } => tell(LockView::default()),
        LockAsk::SetMinutes(minutes) => tell(LockView { minutes, ..view }),
        LockAsk::RemovePasskeys => tell(LockView {
            passkeys: Vec::new(),
            ..view
        }),
        LockAsk::AddPasskey { salt, output } => {
            let credential = output.credential;
            let passkeys = [
                view.passkeys.as_slice(),
                &[PasskeyView { credential, salt }],
            ]
            .concat();
            tell(LockView { passkeys, ..view });
        }
        LockAsk::Change { .. } | LockAsk::Lock | LockAsk::Active => {}
    }
    LockAnswer::Done
}

async fn answer(state: &Rc<RefCell<State>>, request: Request) -> Answer {
    if let Some(answer) = identity::answer(&request) {
        return answer;
    }
    match request {
        Request::App => return Answer::App(state.borrow().scene.view.clone()),
        Request::Entries {
            contact,
            before,
            limit,
        } => {
            let state = state.borrow();
            let all = state
                .scene
                .entries
                .get(&contact)
                .cloned()
                .unwrap_or_default();
            let fits: Vec<EntryView> = all
                .into_iter()
                .filter(|it| before.is_none_or(|before| it.position < before))
                .collect();
            let skip = fits
                .len()
                .saturating_sub(usize::try_from(limit).unwrap_or(50));
            return Answer::Entries(fits.into_iter().skip(skip).collect());
        }
        Request::SafetyNumber(_) => {
            return Answer::SafetyNumber(
                "30562 91847 55120 09983 71264 48810 26391 80057 13368 94402 67715 52049".into(),
            );
        }
        Request::OpenLink { link } => return open(state, &link),
        Request::CreateIdentity { name, .. } => create(state, name).await,
        Request::Ask { contact, text, .. } => {
            let entry = sent(1, 0, &text, DeliveryView::WaitingForAcceptance);
            state
                .borrow_mut()
                .scene
                .entries
                .insert(contact, vec![entry.clone()]);
            let asked = people::contact(contact, "", ContactState::Asked, "harbour.example");
            change(state, |view| {
                view.conversations
                    .insert(0, conversation(asked, &[entry], 0))
            });
        }
        Request::Accept(number) => {
            change(state, |view| {
                let request = view
                    .requests
                    .iter()
                    .find(|it| it.contact.number == number)
                    .cloned();
                view.requests.retain(|it| it.contact.number != number);
                if let Some(request) = request {
                    let accepted = ContactView {
                        state: ContactState::Accepted,
                        ..request.contact
                    };
                    view.conversations.insert(0, conversation(accepted, &[], 0));
                }
            });
        }
        Request::Refuse(number) | Request::Block(number) => {
            change(state, |view| {
                view.requests.retain(|it| it.contact.number != number);
                stand(view, number, ContactState::Blocked);
            });
        }
        Request::Unblock(number) => {
            change(state, |view| stand(view, number, ContactState::Accepted))
        }
        Request::Send { contact, text, .. } => send(state, contact, &text),
        Request::MarkRead { contact, .. } | Request::MarkSeen { contact, .. } => {
            change(state, |view| {
                for it in view
                    .conversations
                    .iter_mut()
                    .filter(|it| it.contact.number == contact)
                {
                    it.unread = 0;
                    it.first_unread = None;
                }
            })
        }
        Request::SetDraft { contact, text } => change(state, |view| {
            for it in view
                .conversations
                .iter_mut()
                .filter(|it| it.contact.number == contact)
            {
                it.draft.clone_from(&text);
            }
        }),
        Request::SetName(name) if name.is_empty() => return Answer::Failed(Failure::BadName),
        Request::SetName(name) => change(state, |view| {
            if let Some(me) = &mut view.me {
                me.name = name;
            }
        }),
        Request::SetReceipts(receipts) => change(state, |view| {
            if let Some(me) = &mut view.me {
                me.receipts = receipts;
            }
        }),
        Request::SetOnlyByPass(only_by_pass) => change(state, |view| {
            if let Some(me) = &mut view.me {
                me.only_by_pass = only_by_pass;
            }
        }),
        Request::MakeLink { pass, label, once } => change(state, |view| {
            if let Some(me) = &mut view.me {
                let made = PassView {
                    pass,
                    link: format!("{}{pass}", me.link),
                    label,
                    once,
                    made_at: now(),
                };
                me.links.insert(0, made);
            }
        }),
        Request::RevokeLink(pass) => change(state, |view| {
            if let Some(me) = &mut view.me {
                me.links.retain(|link| link.pass != pass);
            }
        }),
        Request::SetTyping(typing) => change(state, |view| {
            if let Some(me) = &mut view.me {
                me.typing = typing;
            }
        }),
        Request::Talk {
            contact,
            what: Talk::Reply { text, .. },
        } => send(state, contact, &text),
        Request::Talk { contact, what } => {
            if let Talk::Clear { .. } = what {
                state.borrow_mut().scene.entries.remove(&contact);
                let listener = state.borrow().listener.clone();
                listener.emit(Event::Update(Update::Cleared(contact)));
            }
            let entries = state.borrow().scene.entries.get(&contact).cloned();
            if let Some(entry) = talk::change(&entries.unwrap_or_default(), &what) {
                put(state, contact, entry);
            }
            let mut set = Ok(());
            change(state, |view| set = talk::set(view, contact, &what));
            if let Err(why) = set {
                return Answer::Failed(why);
            }
        }
        Request::EntriesFrom {
            contact,
            from,
            limit,
        } => {
            let state = state.borrow();
            let all = state.scene.entries.get(&contact).into_iter().flatten();
            let fits = all.filter(|it| it.position >= from);
            let limit = usize::try_from(limit).unwrap_or(50);
            return Answer::Entries(fits.take(limit).cloned().collect());
        }
        Request::Info { contact, position } => {
            let state = state.borrow();
            let all = state.scene.entries.get(&contact).into_iter().flatten();
            let mut fits = all.filter(|it| it.position == position);
            return fits
                .next()
                .map_or(Answer::Failed(Failure::NotFound), talk::info);
        }
        Request::Search { text, .. } => {
            let state = state.borrow();
            let all = state.scene.entries.iter();
            let all = all.flat_map(|(number, all)| all.iter().map(|it| (*number, it)));
            return talk::search(all, &text);
        }
        Request::DismissTombstones => change(state, |view| view.tombstones.clear()),
        _ => {}
    }
    Answer::Done
}

fn open(state: &Rc<RefCell<State>>, link: &str) -> Answer {
    let own = state
        .borrow()
        .scene
        .view
        .me
        .as_ref()
        .is_some_and(|me| me.link == link);
    match link.split_once('#').map(|(_, code)| code) {
        _ if own => Answer::Failed(Failure::OwnLink),
        Some("unknown") => Answer::Failed(Failure::IdentityUnknown),
        Some(code) if code.len() >= 8 => {
            Answer::Contact(contact(40, "", ContactState::Resolved, "harbour.example"))
        }
        _ => Answer::Failed(Failure::BadLink),
    }
}

async fn create(state: &Rc<RefCell<State>>, name: String) {
    for step in [
        CreationStep::MeetingNode,
        CreationStep::SigningKey,
        CreationStep::SealingKey,
        CreationStep::Record,
        CreationStep::Registering,
    ] {
        change(state, |view| view.stage = StageView::Creating(step));
        TimeoutFuture::new(700).await;
    }
    change(state, |view| {
        view.stage = StageView::Ready;
        view.connection = client_core::view::ConnectionView::Online;
        let mut me = people::me();
        me.name = name;
        view.me = Some(me);
    });
}

fn send(state: &Rc<RefCell<State>>, number: ContactNumber, text: &str) {
    let position = state
        .borrow()
        .scene
        .entries
        .get(&number)
        .and_then(|it| it.last())
        .map_or(1, |it| it.position + 1);
    put(
        state,
        number,
        sent(position, 0, text, DeliveryView::Waiting),
    );
    let (state, text) = (state.clone(), text.to_owned());
    wasm_bindgen_futures::spawn_local(async move {
        for delivery in [
            DeliveryView::Sent,
            DeliveryView::OnTheirNode,
            DeliveryView::Delivered,
            DeliveryView::Read,
        ] {
            TimeoutFuture::new(900).await;
            put(&state, number, sent(position, 0, &text, delivery));
        }
        TimeoutFuture::new(600).await;
        let last = state
            .borrow()
            .scene
            .entries
            .get(&number)
            .and_then(|it| it.last())
            .map_or(0, |it| it.position);
        let echo = people::said(last + 1, false, 0, &format!("You said: {text}"));
        put(&state, number, echo);
    });
}

/// Stores an entry and tells of it.
fn put(state: &Rc<RefCell<State>>, number: ContactNumber, entry: EntryView) {
    {
        let mut state = state.borrow_mut();
        let entries = state.scene.entries.entry(number).or_default();
        entries.retain(|it| it.position != entry.position);
        entries.push(entry.clone());
        entries.sort_by_key(|it| it.position);
    }
    let update = Update::Entries {
        contact: number,
        entries: vec![entry.clone()],
    };
    let listener = state.borrow().listener.clone();
    listener.emit(Event::Update(update));
    change(state, |view| {
        for it in view
            .conversations
            .iter_mut()
            .filter(|it| it.contact.number == number)
        {
            it.last = Some(entry.clone());
            it.active_at = now();
        }
    });
}

fn stand(view: &mut AppView, number: ContactNumber, to: ContactState) {
    for it in view
        .conversations
        .iter_mut()
        .filter(|it| it.contact.number == number)
    {
        it.contact.state = to;
    }
}

fn change(state: &Rc<RefCell<State>>, change: impl FnOnce(&mut AppView)) {
    change(&mut state.borrow_mut().scene.view);
    let (listener, view) = (
        state.borrow().listener.clone(),
        state.borrow().scene.view.clone(),
    );
    listener.emit(Event::Update(Update::App(view)));
}
