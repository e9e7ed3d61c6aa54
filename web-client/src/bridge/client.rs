//! What components hold: asks the engine, whoever that is, and hears what it says unasked.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use client_core::request::{Answer, Failure, Request, Update};
use client_core::view::{
    AppView, ContactNumber, ContactView, EntryView, FoundView, MessageInfo, Position,
};
use yew::Callback;

use super::breakdown::Breakdown;
use super::lock::{LockAnswer, LockAsk, LockFailure, LockView};

/// What a call comes to, later.
pub type Call = Pin<Box<dyn Future<Output = Result<Answer, CallError>>>>;

/// What a question about the lock comes to, later.
pub type LockCall = Pin<Box<dyn Future<Output = LockAnswer>>>;

/// Why a call brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// The engine refused; nothing was changed.
    Failed(Failure),
    /// No answer within the time limit. The engine may still do it: repeat with the same ids.
    Silent,
}

/// What the engine says without being asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An engine has started, perhaps another one than before: read again what is on the screen.
    Ready,
    /// Something changed.
    Update(Update),
    /// How the lock stands now; it is open, or there is none.
    Lock(LockView),
    /// The lock is closed.
    Locked(LockView),
    /// The engine cannot run.
    Broken(Breakdown),
}

/// Somebody who answers requests: the worker behind the channel, or canned data.
pub trait Engine {
    /// Asks; the answer comes later.
    fn call(&self, request: Request) -> Call;
    /// Asks the lock; the answer comes later.
    fn lock(&self, ask: LockAsk) -> LockCall;
    /// Names the one who hears what happens. There is one: the application's root.
    fn listen(&self, listener: Callback<Event>);
}

/// A handle on the engine; cheap to clone, the same for the life of the page.
#[derive(Clone)]
pub struct Client(Rc<dyn Engine>);

impl PartialEq for Client {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Client {
    /// Wraps an engine.
    pub fn new(engine: impl Engine + 'static) -> Self {
        Self(Rc::new(engine))
    }

    /// Names the one who hears what happens.
    pub fn listen(&self, listener: Callback<Event>) {
        self.0.listen(listener);
    }

    /// Asks for something that is answered with no more than 'done'.
    pub async fn run(&self, request: Request) -> Result<(), CallError> {
        self.ask(request).await.map(drop)
    }

    /// The whole projection.
    pub async fn app(&self) -> Result<AppView, CallError> {
        match self.ask(Request::App).await? {
            Answer::App(view) => Ok(view),
            other => Err(unexpected(&other)),
        }
    }

    /// Who a contact link belongs to.
    pub async fn open_link(&self, link: String) -> Result<ContactView, CallError> {
        match self.ask(Request::OpenLink { link }).await? {
            Answer::Contact(contact) => Ok(contact),
            other => Err(unexpected(&other)),
        }
    }

    /// Entries of a conversation, ending before `before`. They are asked for at once, and not when the answer is
    /// awaited: the engine reads while the page draws.
    pub fn entries(
        &self,
        contact: ContactNumber,
        before: Option<Position>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<EntryView>, CallError>> + use<> {
        entries_of(self.0.call(Request::Entries {
            contact,
            before,
            limit,
        }))
    }

    /// The safety number with a contact.
    pub async fn safety_number(&self, contact: ContactNumber) -> Result<String, CallError> {
        match self.ask(Request::SafetyNumber(contact)).await? {
            Answer::SafetyNumber(number) => Ok(number),
            other => Err(unexpected(&other)),
        }
    }

    /// Entries of a conversation from a place on; asked for at once, as [`Self::entries`] does.
    pub fn entries_from(
        &self,
        contact: ContactNumber,
        from: Position,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<EntryView>, CallError>> + use<> {
        entries_of(self.0.call(Request::EntriesFrom {
            contact,
            from,
            limit,
        }))
    }

    /// What is known of a message.
    pub async fn info(
        &self,
        contact: ContactNumber,
        position: Position,
    ) -> Result<MessageInfo, CallError> {
        match self.ask(Request::Info { contact, position }).await? {
            Answer::Info(info) => Ok(info),
            other => Err(unexpected(&other)),
        }
    }

    /// Messages in which every word of a text stands, newest first, and whether there are more.
    pub async fn search(
        &self,
        contact: Option<ContactNumber>,
        text: String,
    ) -> Result<(Vec<FoundView>, bool), CallError> {
        match self.ask(Request::Search { contact, text }).await? {
            Answer::Found { found, more } => Ok((found, more)),
            other => Err(unexpected(&other)),
        }
    }

    /// Asks the lock for something that is answered with no more than 'done'.
    pub async fn lock(&self, ask: LockAsk) -> Result<(), LockFailure> {
        match self.0.lock(ask).await {
            LockAnswer::Done => Ok(()),
            LockAnswer::Failed(failure) => Err(failure),
            LockAnswer::View(_) => Err(LockFailure::WrongState),
        }
    }

    /// How the lock stands, where it is open or there is none.
    pub async fn lock_view(&self) -> Option<LockView> {
        match self.0.lock(LockAsk::View).await {
            LockAnswer::View(view) => Some(view),
            LockAnswer::Done | LockAnswer::Failed(_) => None,
        }
    }

    /// Asks for anything; [`super::answers`] reads what comes.
    pub async fn ask(&self, request: Request) -> Result<Answer, CallError> {
        answered(self.0.call(request)).await
    }
}

async fn answered(call: Call) -> Result<Answer, CallError> {
    match call.await? {
        Answer::Failed(failure) => Err(CallError::Failed(failure)),
        answer => Ok(answer),
    }
}

async fn entries_of(call: Call) -> Result<Vec<EntryView>, CallError> {
    match answered(call).await? {
        Answer::Entries(entries) => Ok(entries),
        other => Err(unexpected(&other)),
    }
}

pub(super) fn unexpected(answer: &Answer) -> CallError {
    let kind = match answer {
        Answer::Done => "Done",
        Answer::App(_) => "App",
        Answer::Contact(_) => "Contact",
        Answer::Entries(_) => "Entries",
        Answer::SafetyNumber(_) => "SafetyNumber",
        Answer::RecoveryPhrase(_) => "RecoveryPhrase",
        Answer::VaultProof(_) => "VaultProof",
        Answer::File(_) => "File",
        Answer::Node(_) => "Node",
        Answer::Info(_) => "Info",
        Answer::Found { .. } => "Found",
        Answer::Failed(_) => "Failed",
    };
    CallError::Failed(Failure::Internal {
        detail: format!("the engine answered with {kind}"),
    })
}
