//! The state of the whole page: what the engine last said, and whether there is an engine.

use std::rc::Rc;

use client_core::view::{
    AppView, BodyView, ContactNumber, ContactState, ContactView, ConversationView, Millis,
};
use yew::Reducible;

use super::restore::{Attempt, Form};
use crate::bridge::{Breakdown, CallError, LockView};

/// Whether an engine answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineState {
    /// Nothing was heard yet.
    Starting,
    /// It answers.
    Running,
    /// It did not answer in time.
    Silent,
    /// It cannot run.
    Broken(Breakdown),
    /// There is none before the lock is opened.
    Locked,
}

/// The state of the page apart from the open conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppState {
    /// Whether an engine answers.
    pub engine: EngineState,
    /// Why the engine stopped that told the last projection, if it did.
    pub stopped: Option<Breakdown>,
    /// How the lock stands.
    pub lock: LockView,
    /// The last projection. Kept while the engine is silent: old data beats none.
    pub view: Rc<AppView>,
    /// Contacts that were looked up from a link and not written to yet; the projection's list of
    /// conversations does not hold them.
    pub looked_up: Vec<ContactView>,
    /// Making an identity. It is here and not on the welcome page, because that page is gone while
    /// keys are made and has to come back with what was typed when it fails.
    pub creation: Creation,
    /// Bringing an identity here; here for the same reason.
    pub restore: Attempt,
}

/// How making an identity stands, as the page sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Creation {
    /// The name that was typed.
    pub name: String,
    /// The node that was typed.
    pub node: String,
    /// Whether the request is under way.
    pub busy: bool,
    /// Why it did not work.
    pub error: Option<CallError>,
}

/// What changes [`AppState`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppAction {
    /// The engine told the projection.
    Told(AppView),
    /// The engine did not answer in time.
    FellSilent,
    /// The engine said that it cannot run, or its worker could not be started.
    Broke(Breakdown),
    /// How the lock stands, where it is open or there is none.
    LockTold(LockView),
    /// The lock is closed.
    Locked(LockView),
    /// Start over with waiting for the engine.
    AskedAgain,
    /// A link was looked up.
    LookedUp(ContactView),
    /// An identity was asked for.
    AskedToCreate {
        /// The name that was typed.
        name: String,
        /// The node that was typed.
        node: String,
    },
    /// It was made, or why it was not.
    Created(Result<(), CallError>),
    /// An identity is to be brought here.
    AskedToRestore(Form),
    /// It was, or why it was not.
    Restored(Result<(), CallError>),
}

impl Default for AppState {
    fn default() -> Self {
        Self {
            engine: EngineState::Starting,
            stopped: None,
            lock: LockView::default(),
            view: Rc::default(),
            looked_up: Vec::new(),
            creation: Creation::default(),
            restore: Attempt::default(),
        }
    }
}

impl Reducible for AppState {
    type Action = AppAction;

    fn reduce(self: Rc<Self>, action: AppAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            AppAction::Told(view) => {
                next.engine = EngineState::Running;
                next.stopped = None;
                next.looked_up
                    .retain(|contact| !is_listed(&view, contact.number));
                next.view = Rc::new(view);
            }
            AppAction::FellSilent if self.engine == EngineState::Starting => {
                next.engine = EngineState::Silent;
            }
            // Old data beats none; and another tab's engine may serve this page although its own worker failed.
            AppAction::Broke(why) if self.engine == EngineState::Running => {
                next.stopped = Some(why);
            }
            AppAction::Broke(why) => next.engine = EngineState::Broken(why),
            AppAction::FellSilent => return self,
            AppAction::LockTold(lock) => next.lock = lock,
            AppAction::Locked(lock) => {
                next = Self {
                    engine: EngineState::Locked,
                    lock,
                    ..Self::default()
                };
            }
            AppAction::AskedAgain => next.engine = EngineState::Starting,
            AppAction::LookedUp(contact) => {
                next.looked_up
                    .retain(|known| known.number != contact.number);
                if !is_listed(&self.view, contact.number) {
                    next.looked_up.push(contact);
                }
            }
            AppAction::AskedToCreate { name, node } => {
                next.creation = Creation {
                    name,
                    node,
                    busy: true,
                    error: None,
                };
            }
            AppAction::Created(result) => {
                next.creation.busy = false;
                next.creation.error = result.err();
            }
            AppAction::AskedToRestore(form) => next.restore = Attempt::asked(form),
            AppAction::Restored(result) => next.restore = next.restore.ended(result),
        }
        Rc::new(next)
    }
}

impl AppState {
    /// The conversation with a contact, if there is one.
    pub fn conversation(&self, number: ContactNumber) -> Option<&ConversationView> {
        conversation(&self.view, number)
    }

    /// A contact wherever it stands: in a conversation, a request, or looked up a moment ago.
    pub fn contact(&self, number: ContactNumber) -> Option<&ContactView> {
        let listed = self
            .conversation(number)
            .map(|conversation| &conversation.contact);
        let asking = || {
            let mut requests = self.view.requests.iter().map(|request| &request.contact);
            requests.find(|contact| contact.number == number)
        };
        let looked_up = || {
            self.looked_up
                .iter()
                .find(|contact| contact.number == number)
        };
        listed.or_else(asking).or_else(looked_up)
    }
}

/// The conversation with a contact, if there is one.
pub fn conversation(view: &AppView, number: ContactNumber) -> Option<&ConversationView> {
    view.conversations
        .iter()
        .find(|conversation| conversation.contact.number == number)
}

/// Whether nobody is to be notified now.
pub fn is_muted(until: Option<Millis>, now: Millis) -> bool {
    until.is_some_and(|until| now < until)
}

/// Which conversations are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// All that are not put away.
    #[default]
    All,
    /// Those with something unread.
    Unread,
    /// Those in which the other person spoke last.
    Unanswered,
    /// Those that were put away.
    Archived,
}

impl Filter {
    /// Whether a conversation is listed.
    pub fn lists(self, conversation: &ConversationView) -> bool {
        match self {
            Self::All => !conversation.marks.archived,
            Self::Unread => {
                conversation.unread > 0 && conversation.contact.state != ContactState::Blocked
            }
            Self::Unanswered => {
                conversation.contact.state == ContactState::Accepted
                    && conversation
                        .last
                        .as_ref()
                        .is_some_and(|last| !last.mine && matches!(last.body, BodyView::Text(_)))
            }
            Self::Archived => conversation.marks.archived,
        }
    }
}

/// How many messages are unread in all conversations that are not blocked.
pub fn unread(view: &AppView) -> u32 {
    let open = view
        .conversations
        .iter()
        .filter(|it| it.contact.state != ContactState::Blocked);
    open.fold(0, |sum, conversation| {
        sum.saturating_add(conversation.unread)
    })
}

fn is_listed(view: &AppView, number: ContactNumber) -> bool {
    conversation(view, number).is_some()
        || view
            .requests
            .iter()
            .any(|request| request.contact.number == number)
}

#[cfg(test)]
mod tests {
    use client_core::view::{
        ConversationMarks, EntryMarks, EntryView, StageView, VerificationView,
    };
    use shared_crypto::id::{IdentityId, MessageId};

    use super::*;

    fn contact(number: ContactNumber, state: ContactState) -> ContactView {
        ContactView {
            number,
            identity: IdentityId::from_bytes([1; 32]),
            name: "Ada".into(),
            own_name: None,
            state,
            node: "https://a.example".into(),
            forked: false,
            verification: VerificationView::default(),
        }
    }

    fn talk(number: ContactNumber, state: ContactState, unread: u32) -> ConversationView {
        ConversationView {
            contact: contact(number, state),
            last: None,
            unread,
            first_unread: None,
            draft: String::new(),
            edit: None,
            active_at: 0,
            marks: ConversationMarks::default(),
        }
    }

    fn after(actions: impl IntoIterator<Item = AppAction>) -> Rc<AppState> {
        actions
            .into_iter()
            .fold(Rc::new(AppState::default()), Reducible::reduce)
    }

    #[test]
    fn a_filter_lists_what_it_says() {
        let mut archived = talk(3, ContactState::Accepted, 1);
        archived.marks.archived = true;
        let all = [
            talk(1, ContactState::Accepted, 2),
            talk(2, ContactState::Accepted, 0),
            archived,
            talk(4, ContactState::Blocked, 1),
        ];
        let listed = |filter: Filter| -> Vec<ContactNumber> {
            let fits = all.iter().filter(|it| filter.lists(it));
            fits.map(|it| it.contact.number).collect()
        };
        assert_eq!(listed(Filter::All), [1, 2, 4]);
        assert_eq!(listed(Filter::Unread), [1, 3]);
        assert_eq!(listed(Filter::Archived), [3]);
        assert!(listed(Filter::Unanswered).is_empty());
    }

    #[test]
    fn who_spoke_last_has_an_answer_coming() {
        let spoke_last = |mine: bool, body: BodyView, state: ContactState| {
            let last = EntryView {
                mine,
                body,
                position: 1,
                id: MessageId::from_bytes([0; 16]),
                sent_at: 0,
                stored_at: 0,
                delivery: None,
                marks: EntryMarks::default(),
            };
            Filter::Unanswered.lists(&ConversationView {
                last: Some(last),
                ..talk(1, state, 0)
            })
        };
        let words = || BodyView::Text("Are you there?".into());
        assert!(spoke_last(false, words(), ContactState::Accepted));
        assert!(!spoke_last(true, words(), ContactState::Accepted));
        assert!(!spoke_last(false, words(), ContactState::Blocked));
        assert!(!spoke_last(
            false,
            BodyView::Connected,
            ContactState::Accepted
        ));
    }

    #[test]
    fn a_projection_means_that_the_engine_runs() {
        let told = AppView {
            stage: StageView::NoIdentity,
            ..AppView::default()
        };
        let state = after([AppAction::FellSilent, AppAction::Told(told)]);
        assert_eq!(state.engine, EngineState::Running);
        assert_eq!(state.view.stage, StageView::NoIdentity);
    }

    #[test]
    fn a_late_failure_does_not_hide_a_running_engine() {
        let state = after([
            AppAction::Told(AppView::default()),
            AppAction::FellSilent,
            AppAction::Broke("x".to_owned().into()),
        ]);
        assert_eq!(state.engine, EngineState::Running);
    }

    #[test]
    fn that_the_engine_stopped_is_known_until_one_answers() {
        let why = Breakdown::from("x".to_owned());
        let told = || AppAction::Told(AppView::default());
        let state = after([told(), AppAction::Broke(why.clone())]);
        assert_eq!(state.stopped, Some(why));
        assert_eq!(state.reduce(told()).stopped, None);
    }

    #[test]
    fn behind_a_closed_lock_nothing_is_known() {
        let told = AppView {
            conversations: vec![talk(1, ContactState::Accepted, 2)],
            ..AppView::default()
        };
        let lock = LockView {
            is_set: true,
            ..LockView::default()
        };
        let state = after([
            AppAction::Told(told),
            AppAction::LookedUp(contact(4, ContactState::Resolved)),
            AppAction::Locked(lock.clone()),
            AppAction::FellSilent,
        ]);
        let bare = AppState {
            engine: EngineState::Locked,
            lock,
            ..AppState::default()
        };
        assert_eq!(*state, bare);
    }

    #[test]
    fn a_looked_up_contact_is_known_until_it_is_listed() {
        let state = after([AppAction::LookedUp(contact(4, ContactState::Resolved))]);
        assert!(state.contact(4).is_some());
        let listed = AppView {
            conversations: vec![talk(4, ContactState::Asked, 0)],
            ..AppView::default()
        };
        let state = state.reduce(AppAction::Told(listed));
        assert!(state.looked_up.is_empty());
        assert_eq!(
            state.contact(4).map(|it| it.state),
            Some(ContactState::Asked)
        );
    }

    #[test]
    fn a_failed_creation_keeps_what_was_typed() {
        let asked = AppAction::AskedToCreate {
            name: "Ada".into(),
            node: "a.example".into(),
        };
        let state = after([asked, AppAction::Created(Err(CallError::Silent))]);
        assert_eq!(
            (state.creation.name.as_str(), state.creation.busy),
            ("Ada", false)
        );
        assert_eq!(state.creation.error, Some(CallError::Silent));
    }

    #[test]
    fn blocked_contacts_do_not_count_as_unread() {
        let view = AppView {
            conversations: vec![
                talk(1, ContactState::Accepted, 2),
                talk(2, ContactState::Blocked, 9),
            ],
            ..AppView::default()
        };
        assert_eq!(unread(&view), 2);
    }
}
