//! When a person is asked to keep the recovery phrase, and to set a lock: after the first message, gently, and until it is done.

use client_core::view::{AppView, Millis, StageView};

/// A day.
const DAY: Millis = 86_400_000;

/// How long 'later' is: longer each time.
const PAUSES: [Millis; 3] = [DAY, 3 * DAY, 7 * DAY];

/// What the person said to it so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Answered {
    /// How often they said 'later'.
    pub times: u32,
    /// When they said it last.
    pub at: Millis,
}

impl Answered {
    /// They said 'later' once more.
    pub fn later(self, now: Millis) -> Self {
        Self {
            times: self.times.saturating_add(1),
            at: now,
        }
    }

    /// Reads what [`Self::to_text`] wrote; anything else is no answer.
    pub fn parse(text: &str) -> Self {
        let parts = text.split_once(' ').and_then(|(times, at)| {
            Some(Self {
                times: times.parse().ok()?,
                at: at.parse().ok()?,
            })
        });
        parts.unwrap_or_default()
    }

    /// A text to keep.
    pub fn to_text(self) -> String {
        format!("{} {}", self.times, self.at)
    }

    /// Whether the pause after the last 'later' is over.
    fn is_over(self, now: Millis) -> bool {
        // A clock that was set back must not silence it for good.
        self.times == 0 || now < self.at || now.saturating_sub(self.at) >= self.pause()
    }

    fn pause(self) -> Millis {
        let index = usize::try_from(self.times.saturating_sub(1)).unwrap_or(usize::MAX);
        let last = PAUSES.last().copied().unwrap_or(DAY);
        PAUSES.get(index).copied().unwrap_or(last)
    }
}

/// What a person is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// To keep the recovery phrase.
    Phrase,
    /// To set a lock.
    Lock,
}

/// What to ask for now: the phrase first, and the lock when that is done.
pub fn due(
    view: &AppView,
    is_locked: bool,
    phrase: Answered,
    lock: Answered,
    now: Millis,
) -> Option<Due> {
    let has_written = || {
        let mut last = view.conversations.iter().map(|it| &it.last);
        last.any(Option::is_some)
    };
    if view.stage != StageView::Ready || !has_written() {
        return None;
    }
    match (view.vault.phrase_confirmed, is_locked) {
        (false, _) => phrase.is_over(now).then_some(Due::Phrase),
        (true, false) => lock.is_over(now).then_some(Due::Lock),
        (true, true) => None,
    }
}

#[cfg(test)]
mod tests {
    use client_core::view::{
        BodyView, ContactState, ContactView, ConversationMarks, ConversationView, EntryMarks,
        EntryView, VaultView, VerificationView,
    };
    use shared_crypto::id::{IdentityId, MessageId};

    use super::*;

    fn view(confirmed: bool, written: bool) -> AppView {
        let last = written.then(|| EntryView {
            position: 1,
            id: MessageId::from_bytes([1; 16]),
            mine: true,
            sent_at: 0,
            stored_at: 0,
            body: BodyView::Text("hello".into()),
            delivery: None,
            marks: EntryMarks::default(),
        });
        let contact = ContactView {
            number: 1,
            identity: IdentityId::from_bytes([1; 32]),
            name: "Ada".into(),
            own_name: None,
            state: ContactState::Accepted,
            node: "https://a.example".into(),
            forked: false,
            verification: VerificationView::default(),
        };
        AppView {
            stage: StageView::Ready,
            conversations: vec![ConversationView {
                contact,
                last,
                unread: 0,
                first_unread: None,
                draft: String::new(),
                edit: None,
                active_at: 0,
                marks: ConversationMarks::default(),
            }],
            vault: VaultView {
                phrase_confirmed: confirmed,
                ..VaultView::default()
            },
            ..AppView::default()
        }
    }

    #[test]
    fn it_is_asked_after_the_first_message_and_until_it_is_done() {
        let never = Answered::default();
        let ask = |view: &AppView, is_locked| due(view, is_locked, never, never, 5);
        assert_eq!(ask(&view(false, false), false), None);
        assert_eq!(ask(&view(false, true), false), Some(Due::Phrase));
        assert_eq!(ask(&view(false, true), true), Some(Due::Phrase));
        assert_eq!(ask(&view(true, true), false), Some(Due::Lock));
        assert_eq!(ask(&view(true, true), true), None);
        assert_eq!(ask(&AppView::default(), false), None);
    }

    #[test]
    fn later_is_longer_each_time() {
        let never = Answered::default();
        let mut answered = never;
        let mut now = 10 * DAY;
        let is_due = |answered, now| {
            let phrase = due(&view(false, true), false, answered, never, now).is_some();
            let lock = due(&view(true, true), false, never, answered, now).is_some();
            assert_eq!(phrase, lock);
            phrase
        };
        for pause in [DAY, 3 * DAY, 7 * DAY, 7 * DAY] {
            answered = answered.later(now);
            assert!(!is_due(answered, now + pause - 1));
            now += pause;
            assert!(is_due(answered, now));
        }
        assert!(is_due(answered, 0), "a clock set back");
    }

    #[test]
    fn an_answer_survives_being_kept() {
        let answered = Answered { times: 2, at: 99 };
        assert_eq!(Answered::parse(&answered.to_text()), answered);
        for text in ["", "2", "x y", "1 2 3"] {
            assert_eq!(Answered::parse(text), Answered::default(), "{text}");
        }
    }
}
