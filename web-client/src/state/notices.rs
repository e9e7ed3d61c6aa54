//! When somebody is told that a message came, and how much of it.

use client_core::sorted::SortedMap;
use client_core::view::{
    AppView, BodyView, ContactNumber, ContactState, EntryView, Millis, Position,
};

use super::app::{conversation, is_muted};

/// Messages that were stored longer ago are history.
const FRESH: Millis = 60_000;

/// How much a notification tells those who look over a shoulder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// There is none.
    #[default]
    Off,
    /// That there is a message.
    Quiet,
    /// From whom.
    Name,
    /// And what it says.
    Text,
}

impl Level {
    /// All of them, the quietest first.
    pub const ALL: [Self; 4] = [Self::Off, Self::Quiet, Self::Name, Self::Text];

    /// The stable name.
    pub fn key(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Quiet => "quiet",
            Self::Name => "name",
            Self::Text => "text",
        }
    }

    /// The level of this name.
    pub fn of(key: Option<&str>) -> Self {
        let named = |level: &Self| Some(level.key()) == key;
        Self::ALL.into_iter().find(named).unwrap_or_default()
    }
}

/// Somebody is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// From whom; told from [`Level::Name`] on.
    pub contact: ContactNumber,
    /// Place of the message.
    pub position: Position,
    /// What it says; told at [`Level::Text`].
    pub text: String,
}

/// What was told already.
#[derive(Debug, Clone, Default)]
pub struct Notices {
    told: SortedMap<ContactNumber, Position>,
}

impl Notices {
    /// The newest message worth telling of, of those that came. Nobody is told of what they look at, of what they
    /// muted, of strangers' messages, or twice.
    pub fn consider(
        &mut self,
        view: &AppView,
        contact: ContactNumber,
        entries: &[EntryView],
        looked_at: bool,
        now: Millis,
    ) -> Option<Notice> {
        let talk = conversation(view, contact)?;
        let told = self.told.get(&contact).copied().unwrap_or_default();
        let fresh = |entry: &&EntryView| {
            !entry.mine
                && entry.position > told
                && entry.marks.edited_at.is_none()
                && now.saturating_sub(entry.stored_at) < FRESH
        };
        let newest = entries
            .iter()
            .filter(fresh)
            .filter_map(|entry| match &entry.body {
                BodyView::Text(text) => Some((entry.position, text)),
                _ => None,
            });
        let (position, text) = newest.max_by_key(|(position, _)| *position)?;
        self.told.insert(contact, position);
        let wanted = !looked_at
            && talk.contact.state == ContactState::Accepted
            && !is_muted(talk.marks.muted_until, now);
        wanted.then(|| Notice {
            contact,
            position,
            text: text.clone(),
        })
    }
}

/// Whether a message of a contact has not been read yet, in no tab.
pub fn is_unread(view: &AppView, contact: ContactNumber, position: Position) -> bool {
    let talk = conversation(view, contact);
    talk.is_some_and(|talk| talk.first_unread.is_some_and(|first| first <= position))
}

#[cfg(test)]
mod tests {
    use client_core::view::{
        ContactView, ConversationMarks, ConversationView, EntryMarks, VerificationView,
    };
    use shared_crypto::id::{IdentityId, MessageId};

    use super::*;

    const NOW: Millis = 1_000_000;

    fn view(state: ContactState, muted_until: Option<Millis>) -> AppView {
        let contact = ContactView {
            number: 1,
            identity: IdentityId::from_bytes([1; 32]),
            name: "Ada".into(),
            own_name: None,
            state,
            node: "https://a.example".into(),
            forked: false,
            verification: VerificationView::default(),
        };
        AppView {
            conversations: vec![ConversationView {
                contact,
                last: None,
                unread: 0,
                first_unread: None,
                draft: String::new(),
                edit: None,
                active_at: 0,
                marks: ConversationMarks {
                    muted_until,
                    ..ConversationMarks::default()
                },
            }],
            ..AppView::default()
        }
    }

    fn entry(position: Position, stored_at: Millis) -> EntryView {
        EntryView {
            position,
            id: MessageId::from_bytes([0; 16]),
            mine: false,
            sent_at: stored_at,
            stored_at,
            body: BodyView::Text(format!("text {position}")),
            delivery: None,
            marks: EntryMarks::default(),
        }
    }

    fn told(view: &AppView, entries: &[EntryView], looked_at: bool) -> Option<Position> {
        let notice = Notices::default().consider(view, 1, entries, looked_at, NOW);
        notice.map(|notice| notice.position)
    }

    #[test]
    fn a_new_message_is_told_once() {
        let view = view(ContactState::Accepted, None);
        let mut notices = Notices::default();
        let both = [entry(3, NOW), entry(4, NOW)];
        let notice = notices.consider(&view, 1, &both, false, NOW).unwrap();
        assert_eq!(notice.text, "text 4");
        assert_eq!(
            notices.consider(&view, 1, &both, false, NOW),
            None,
            "a receipt changed it"
        );
    }

    #[test]
    fn what_another_tab_shows_is_read() {
        let mut view = view(ContactState::Accepted, None);
        assert!(!is_unread(&view, 1, 3), "nothing is unread");
        if let Some(talk) = view.conversations.first_mut() {
            talk.first_unread = Some(3);
        }
        assert!(is_unread(&view, 1, 3) && is_unread(&view, 1, 4));
        assert!(!is_unread(&view, 1, 2) && !is_unread(&view, 2, 3));
    }

    #[test]
    fn what_is_seen_muted_old_own_or_changed_is_not_told() {
        let open = view(ContactState::Accepted, None);
        assert_eq!(told(&open, &[entry(3, NOW)], true), None);
        assert_eq!(told(&open, &[entry(3, NOW - FRESH)], false), None);
        let mut own = entry(3, NOW);
        own.mine = true;
        assert_eq!(told(&open, &[own], false), None);
        let mut changed = entry(3, NOW);
        changed.marks.edited_at = Some(NOW);
        assert_eq!(told(&open, &[changed], false), None);
        let muted = view(ContactState::Accepted, Some(NOW + 1));
        assert_eq!(told(&muted, &[entry(3, NOW)], false), None);
        let over = view(ContactState::Accepted, Some(NOW));
        assert_eq!(told(&over, &[entry(3, NOW)], false), Some(3));
        let stranger = view(ContactState::Asking, None);
        assert_eq!(told(&stranger, &[entry(3, NOW)], false), None);
    }

    #[test]
    fn levels_have_names_and_unknown_ones_are_off() {
        for level in Level::ALL {
            assert_eq!(Level::of(Some(level.key())), level);
        }
        assert_eq!(Level::of(Some("loud")), Level::Off);
        assert_eq!(Level::of(None), Level::Off);
    }
}
