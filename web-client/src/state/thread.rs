//! The entries of one open conversation: pages that were loaded and updates that came, merged.

use std::rc::Rc;

use client_core::view::{EntryView, Position};
use yew::Reducible;

use crate::bridge::CallError;

/// How many entries are asked for at once.
pub const PAGE: u32 = 50;

/// Where loading stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loading {
    /// The newest entries are awaited.
    First,
    /// Nothing is under way.
    Idle,
    /// Older entries are awaited.
    Older,
    /// It failed; what was there before is kept.
    Failed(CallError),
}

/// The entries of one conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// Oldest first, each position once.
    pub entries: Vec<EntryView>,
    /// Whether there may be older ones.
    pub has_older: bool,
    /// Where loading stands.
    pub loading: Loading,
}

/// What changes a [`Thread`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreadAction {
    /// Another conversation was opened: forget this one.
    Opened,
    /// Older entries were asked for.
    AskedOlder,
    /// A page came.
    Loaded(Vec<EntryView>),
    /// The newest page came again, after another engine took over.
    Refreshed(Vec<EntryView>),
    /// A page did not come.
    Failed(CallError),
    /// Entries are new or changed.
    Updated(Vec<EntryView>),
}

impl Default for Thread {
    fn default() -> Self {
        Self { entries: Vec::new(), has_older: false, loading: Loading::First }
    }
}

impl Reducible for Thread {
    type Action = ThreadAction;

    fn reduce(self: Rc<Self>, action: ThreadAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            ThreadAction::Opened => return Rc::default(),
            ThreadAction::AskedOlder => next.loading = Loading::Older,
            ThreadAction::Loaded(page) => {
                next.has_older = is_full(&page);
                next.loading = Loading::Idle;
                merge(&mut next.entries, page);
            }
            ThreadAction::Refreshed(page) => {
                // Nothing in common: what lies between is not here, so begin with this page.
                if !overlaps(&next.entries, &page) {
                    next.has_older = is_full(&page);
                    next.entries.clear();
                }
                next.loading = Loading::Idle;
                merge(&mut next.entries, page);
            }
            ThreadAction::Failed(error) => next.loading = Loading::Failed(error),
            ThreadAction::Updated(entries) => {
                // Changes of entries further up than what is loaded are of no use yet.
                let from = next.entries.first().map_or(0, |first| first.position);
                merge(&mut next.entries, entries.into_iter().filter(|it| it.position >= from).collect());
            }
        }
        Rc::new(next)
    }
}

impl Thread {
    /// Upper bound for the next page of older entries.
    pub fn oldest(&self) -> Option<Position> {
        self.entries.first().map(|entry| entry.position)
    }
}

/// Puts entries in their places; a newer version of an entry replaces the older one.
fn merge(entries: &mut Vec<EntryView>, more: Vec<EntryView>) {
    for entry in more {
        match entries.binary_search_by_key(&entry.position, |known| known.position) {
            Ok(at) => {
                if let Some(known) = entries.get_mut(at) {
                    *known = entry;
                }
            }
            Err(at) => entries.insert(at, entry),
        }
    }
}

fn overlaps(entries: &[EntryView], page: &[EntryView]) -> bool {
    match (entries.last(), page.first()) {
        (Some(last), Some(first)) => first.position <= last.position.saturating_add(1),
        (None, Some(_)) => false,
        (_, None) => true,
    }
}

fn is_full(page: &[EntryView]) -> bool {
    // Positions are dense from 1: the first tells better than the length.
    page.first().is_some_and(|first| first.position > 1)
}

#[cfg(test)]
mod tests {
    use client_core::view::{BodyView, DeliveryView};
    use shared_crypto::id::MessageId;

    use super::*;

    fn entry(position: Position) -> EntryView {
        EntryView {
            position,
            id: MessageId::from_bytes([0; 16]),
            mine: true,
            sent_at: position,
            stored_at: position,
            body: BodyView::Text(position.to_string()),
            delivery: Some(DeliveryView::Waiting),
        }
    }

    fn entries(range: std::ops::RangeInclusive<Position>) -> Vec<EntryView> {
        range.map(entry).collect()
    }

    fn after(actions: impl IntoIterator<Item = ThreadAction>) -> Rc<Thread> {
        actions.into_iter().fold(Rc::new(Thread::default()), Reducible::reduce)
    }

    fn positions(thread: &Thread) -> Vec<Position> {
        thread.entries.iter().map(|entry| entry.position).collect()
    }

    #[test]
    fn pages_join_and_the_first_position_ends_them() {
        let thread = after([ThreadAction::Loaded(entries(51..=100))]);
        assert!(thread.has_older);
        let thread = thread.reduce(ThreadAction::AskedOlder);
        assert_eq!(thread.loading, Loading::Older);
        let thread = thread.reduce(ThreadAction::Loaded(entries(1..=50)));
        assert!(!thread.has_older);
        assert_eq!(positions(&thread), (1..=100).collect::<Vec<_>>());
    }

    #[test]
    fn an_update_replaces_and_appends_but_reaches_no_further_up() {
        let mut read = entry(11);
        read.delivery = Some(DeliveryView::Read);
        let thread = after([
            ThreadAction::Loaded(entries(10..=12)),
            ThreadAction::Updated(vec![entry(3), read, entry(13), entry(13)]),
        ]);
        assert_eq!(positions(&thread), [10, 11, 12, 13]);
        assert_eq!(thread.entries[1].delivery, Some(DeliveryView::Read));
    }

    #[test]
    fn an_update_before_the_first_page_is_merged_into_it() {
        let thread = after([ThreadAction::Updated(vec![entry(51)]), ThreadAction::Loaded(entries(1..=50))]);
        assert_eq!(positions(&thread), (1..=51).collect::<Vec<_>>());
    }

    #[test]
    fn a_refresh_that_leaves_a_hole_starts_over() {
        let thread = after([
            ThreadAction::Loaded(entries(1..=10)),
            ThreadAction::Refreshed(entries(8..=20)),
        ]);
        assert_eq!(positions(&thread), (1..=20).collect::<Vec<_>>());
        let thread = thread.reduce(ThreadAction::Refreshed(entries(40..=60)));
        assert_eq!(positions(&thread), (40..=60).collect::<Vec<_>>());
        assert!(thread.has_older);
    }

    #[test]
    fn a_failure_keeps_what_was_there() {
        let thread = after([
            ThreadAction::Loaded(entries(5..=6)),
            ThreadAction::Failed(CallError::Silent),
        ]);
        assert_eq!(positions(&thread), [5, 6]);
        assert_eq!(thread.loading, Loading::Failed(CallError::Silent));
    }
}
