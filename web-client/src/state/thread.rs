//! The entries of one open conversation: pages that were loaded and updates that came, merged.

use std::rc::Rc;

use client_core::view::{BodyView, EntryView, Position};
use yew::Reducible;

use crate::bridge::CallError;

/// How many entries are asked for at once.
pub const PAGE: u32 = 50;

/// How many entries are kept at most, so that a conversation of any length costs the same: what lies beyond, on the
/// side that the reader left, is loaded again when they come back to it.
pub const KEPT: usize = 150;

/// How many entries are asked for before the one that is gone to.
pub const BEFORE: u32 = 20;

/// How many new messages are remembered for being read out.
const NEWS: usize = 5;

/// Where loading stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loading {
    /// The newest entries are awaited.
    First,
    /// Nothing is under way.
    Idle,
    /// Older entries are awaited.
    Older,
    /// Newer entries are awaited.
    Newer,
    /// It failed; what was there before is kept.
    Failed(CallError),
}

/// The entries of one conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// Oldest first, each position once. Shared, and each of them too: a copy of the state costs nothing, and what did
    /// not change is seen not to have changed without being read.
    pub entries: Rc<Vec<Rc<EntryView>>>,
    /// Whether there may be older ones.
    pub has_older: bool,
    /// Whether there are newer ones: the reader is further up.
    pub has_newer: bool,
    /// Where to go, and which going it is, so that the same place can be gone to again.
    pub goal: Option<(Goal, u32)>,
    /// The newest place that was heard of.
    newest: Position,
    /// Where loading stands.
    pub loading: Loading,
    /// Another engine took over: until the newest page is here again, there may be more between what is
    /// here and what comes.
    pub is_behind: bool,
    /// The latest messages that came while the conversation was open, for being read out: each
    /// once, and neither history that was loaded nor changes of what was there.
    pub news: Rc<Vec<EntryView>>,
}

/// Where to go in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// To an entry.
    At(Position),
    /// To the end.
    End,
}

/// Where somebody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reader {
    /// At the end, and follows it.
    #[default]
    AtEnd,
    /// Further up: the first entry in view.
    At(Position),
}

/// What changes a [`Thread`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThreadAction {
    /// Older entries were asked for.
    AskedOlder,
    /// The first page came.
    Loaded(Vec<EntryView>),
    /// The page before a place came.
    LoadedOlder(Position, Vec<EntryView>),
    /// Newer entries were asked for.
    AskedNewer,
    /// The page from a place on came.
    LoadedNewer(Position, Vec<EntryView>),
    /// The entries around a place came, in place of those that were here.
    Moved {
        /// The page before the place, and the one from it on.
        pages: (Vec<EntryView>, Vec<EntryView>),
        /// Where to go in them; by itself the list goes to the first unread one.
        goal: Option<Goal>,
    },
    /// The newest page came, in place of what was here.
    MovedToEnd(Vec<EntryView>),
    /// An entry that is here is to be shown.
    Sought(Position),
    /// Another engine took over: the newest page is asked for again.
    TakenOver,
    /// The newest page came again, after another engine took over.
    Refreshed(Vec<EntryView>),
    /// The entries are gone: the newest page is asked for, as in the beginning.
    Cleared,
    /// A page did not come.
    Failed(CallError),
    /// Entries are new or changed.
    Updated(Vec<EntryView>, Reader),
}

impl Default for Thread {
    fn default() -> Self {
        Self {
            entries: Rc::default(),
            has_older: false,
            has_newer: false,
            goal: None,
            newest: 0,
            loading: Loading::First,
            is_behind: false,
            news: Rc::default(),
        }
    }
}

impl Reducible for Thread {
    type Action = ThreadAction;

    fn reduce(self: Rc<Self>, action: ThreadAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            ThreadAction::AskedOlder => next.loading = Loading::Older,
            ThreadAction::Loaded(page) => {
                next.has_older = is_full(&page);
                next.loading = Loading::Idle;
                merge(Rc::make_mut(&mut next.entries), page);
            }
            // The reader went elsewhere while it was on its way: between it and what is here now there may be more.
            ThreadAction::LoadedOlder(before, _) if self.oldest() != Some(before) => {
                next.gives_up(&Loading::Older);
            }
            ThreadAction::LoadedOlder(_, page) => {
                next.has_older = is_full(&page);
                next.loading = Loading::Idle;
                let entries = Rc::make_mut(&mut next.entries);
                merge(entries, page);
                next.has_newer |= entries.len() > KEPT;
                entries.truncate(KEPT);
            }
            ThreadAction::AskedNewer => next.loading = Loading::Newer,
            ThreadAction::LoadedNewer(from, _) if self.after_newest() != from => {
                next.gives_up(&Loading::Newer);
            }
            ThreadAction::LoadedNewer(_, page) => {
                next.has_newer = is_full(&page);
                next.loading = Loading::Idle;
                let entries = Rc::make_mut(&mut next.entries);
                merge(entries, page);
                let surplus = entries.len().saturating_sub(KEPT);
                next.has_older |= surplus > 0;
                entries.drain(..surplus);
            }
            ThreadAction::Moved {
                pages: (before, from),
                goal,
            } => {
                next.has_older = before.len() >= usize::try_from(BEFORE).unwrap_or(usize::MAX);
                next.has_newer = is_full(&from);
                next.replace(before.into_iter().chain(from).collect(), goal);
            }
            ThreadAction::MovedToEnd(page) => {
                next.has_older = is_full(&page);
                next.has_newer = false;
                next.replace(page, Some(Goal::End));
            }
            ThreadAction::Sought(position) => next.go(Goal::At(position)),
            ThreadAction::Cleared => {
                let (goal, newest) = (next.goal, next.newest);
                next = Self {
                    goal,
                    newest,
                    ..Self::default()
                };
            }
            ThreadAction::TakenOver => next.is_behind = true,
            ThreadAction::Refreshed(page) => {
                next.is_behind = false;
                next.tell_news(&page);
                if self.has_newer && !overlaps(&self.entries, &page) {
                    // The reader is further up and stays there.
                    next.loading = Loading::Idle;
                    return Rc::new(next);
                }
                next.has_newer = false;
                // Nothing in common: what lies between is not here, so begin with this page.
                if !overlaps(&next.entries, &page) {
                    next.has_older = is_full(&page);
                    next.entries = Rc::default();
                }
                next.loading = Loading::Idle;
                merge(Rc::make_mut(&mut next.entries), page);
            }
            ThreadAction::Failed(error) => next.loading = Loading::Failed(error),
            // The page that is awaited has them, and what lies between: alone they would leave holes.
            ThreadAction::Updated(..) if next.awaits_page() => {}
            ThreadAction::Updated(entries, reader) => {
                // Changes of entries further up than what is loaded are of no use yet.
                let from = next.entries.first().map_or(0, |first| first.position);
                next.tell_news(&entries);
                // Nor of those further down, when not all is loaded there.
                let to = match next.entries.last() {
                    Some(last) if next.has_newer => last.position,
                    _ => Position::MAX,
                };
                let fits = entries
                    .into_iter()
                    .filter(|it| (from..=to).contains(&it.position))
                    .collect();
                merge(Rc::make_mut(&mut next.entries), fits);
                next.keep_around(reader);
            }
        }
        let last = next.entries.last().map_or(0, |last| last.position);
        next.newest = next.newest.max(last);
        Rc::new(next)
    }
}

impl Thread {
    /// Upper bound for the next page of older entries.
    pub fn oldest(&self) -> Option<Position> {
        self.entries.first().map(|entry| entry.position)
    }

    /// Lower bound for the next page of newer entries.
    pub fn after_newest(&self) -> Position {
        let newest = self.entries.last().map_or(0, |entry| entry.position);
        newest.saturating_add(1)
    }

    /// An entry, if it is here.
    pub fn find(&self, position: Position) -> Option<&Rc<EntryView>> {
        find(&self.entries, position)
    }

    /// A page that was awaited is of no use any more: another one may be asked for.
    fn gives_up(&mut self, awaited: &Loading) {
        if self.loading == *awaited {
            self.loading = Loading::Idle;
        }
    }

    fn replace(&mut self, entries: Vec<EntryView>, goal: Option<Goal>) {
        self.loading = Loading::Idle;
        self.is_behind = false;
        self.entries = Rc::default();
        merge(Rc::make_mut(&mut self.entries), entries);
        if let Some(goal) = goal {
            self.go(goal);
        }
    }

    /// A reader who stays for days keeps no more than others; what is before their eyes stays.
    fn keep_around(&mut self, reader: Reader) {
        let surplus = self.entries.len().saturating_sub(KEPT);
        if surplus < usize::try_from(PAGE).unwrap_or(usize::MAX) {
            return;
        }
        let entries = Rc::make_mut(&mut self.entries);
        let before = match reader {
            Reader::AtEnd => surplus,
            Reader::At(top) => {
                let above = entries.partition_point(|entry| entry.position < top);
                above.saturating_sub(KEPT / 2).min(surplus)
            }
        };
        entries.drain(..before);
        self.has_older |= before > 0;
        self.has_newer |= entries.len() > KEPT;
        entries.truncate(KEPT);
    }

    fn go(&mut self, goal: Goal) {
        let before = self.goal.map_or(0, |(_, number)| number);
        self.goal = Some((goal, before.wrapping_add(1)));
    }

    /// Whether a page must come before an update can be placed.
    fn awaits_page(&self) -> bool {
        match self.loading {
            Loading::First => true,
            Loading::Failed(_) => self.is_behind || self.entries.is_empty(),
            Loading::Idle | Loading::Older | Loading::Newer => self.is_behind,
        }
    }

    /// Picks out what the other person said and what was not here before.
    fn tell_news(&mut self, entries: &[EntryView]) {
        let has_nothing = match self.loading {
            Loading::First => true,
            Loading::Failed(_) => self.entries.is_empty(),
            Loading::Idle | Loading::Older | Loading::Newer => false,
        };
        if has_nothing {
            return; // all of it is history
        }
        let from = self.oldest().unwrap_or_default();
        let is_new = |entry: &&EntryView| {
            !entry.mine
                && matches!(entry.body, BodyView::Text(_))
                && entry.position >= from
                && (!self.has_newer || entry.position > self.newest)
                && find(&self.entries, entry.position).is_none_or(|known| known.id != entry.id)
        };
        let new: Vec<EntryView> = entries.iter().filter(is_new).cloned().collect();
        let last = entries.iter().map(|entry| entry.position).max();
        self.newest = self.newest.max(last.unwrap_or_default());
        if !new.is_empty() {
            let news = Rc::make_mut(&mut self.news);
            news.extend(new);
            let surplus = news.len().saturating_sub(NEWS);
            news.drain(..surplus);
        }
    }
}

/// Puts entries in their places. A newer version of an entry replaces the older one; a gap that is
/// filled goes away.
fn merge(entries: &mut Vec<Rc<EntryView>>, more: Vec<EntryView>) {
    for entry in more {
        let filled = matches!(entry.body, BodyView::Gap { missing: 0 });
        match entries.binary_search_by_key(&entry.position, |known| known.position) {
            Ok(at) if filled => drop(entries.remove(at)),
            Ok(at) => {
                if let Some(known) = entries.get_mut(at) {
                    *known = Rc::new(entry);
                }
            }
            Err(_) if filled => {}
            Err(at) => entries.insert(at, Rc::new(entry)),
        }
    }
}

fn find(entries: &[Rc<EntryView>], position: Position) -> Option<&Rc<EntryView>> {
    let at = entries
        .binary_search_by_key(&position, |known| known.position)
        .ok()?;
    entries.get(at)
}

/// Whether nothing can lie between what is here and a page of the newest entries. Positions have
/// holes: only a place in common tells, or a page that holds everything there is.
fn overlaps(entries: &[Rc<EntryView>], page: &[EntryView]) -> bool {
    let last = entries.last().map(|entry| entry.position);
    let first = page.first().map(|entry| entry.position);
    first.is_none_or(|first| last.is_some_and(|last| first <= last)) || !is_full(page)
}

/// Whether there may be entries before a page.
fn is_full(page: &[EntryView]) -> bool {
    page.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use client_core::view::{BodyView, DeliveryView, EntryMarks};
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
            marks: EntryMarks::default(),
        }
    }

    fn entries(range: std::ops::RangeInclusive<Position>) -> Vec<EntryView> {
        range.map(entry).collect()
    }

    fn after(actions: impl IntoIterator<Item = ThreadAction>) -> Rc<Thread> {
        actions
            .into_iter()
            .fold(Rc::new(Thread::default()), Reducible::reduce)
    }

    fn updated(entries: Vec<EntryView>) -> ThreadAction {
        ThreadAction::Updated(entries, Reader::AtEnd)
    }

    fn positions(thread: &Thread) -> Vec<Position> {
        thread.entries.iter().map(|entry| entry.position).collect()
    }

    #[test]
    fn pages_join_and_a_short_page_ends_them() {
        let thread = after([ThreadAction::Loaded(entries(51..=100))]);
        assert!(thread.has_older);
        let thread = thread.reduce(ThreadAction::AskedOlder);
        assert_eq!(thread.loading, Loading::Older);
        let thread = thread.reduce(ThreadAction::LoadedOlder(51, entries(2..=50)));
        assert!(!thread.has_older);
        assert_eq!(positions(&thread), (2..=100).collect::<Vec<_>>());
    }

    #[test]
    fn an_update_replaces_and_appends_but_reaches_no_further_up() {
        let mut read = entry(11);
        read.delivery = Some(DeliveryView::Read);
        let thread = after([
            ThreadAction::Loaded(entries(10..=12)),
            updated(vec![entry(3), read, entry(13), entry(13)]),
        ]);
        assert_eq!(positions(&thread), [10, 11, 12, 13]);
        assert_eq!(thread.entries[1].delivery, Some(DeliveryView::Read));
    }

    #[test]
    fn a_cleared_conversation_begins_anew() {
        let heard = EntryView {
            mine: false,
            ..entry(4)
        };
        let thread = after([ThreadAction::Loaded(entries(1..=3)), updated(vec![heard])]);
        assert_eq!(thread.news.len(), 1);
        let thread = thread.reduce(ThreadAction::Cleared);
        assert!(thread.entries.is_empty() && thread.news.is_empty());
        // What comes before the page is in the page.
        let thread = thread.reduce(updated(vec![entry(9)]));
        assert!(thread.entries.is_empty());
        let thread = thread.reduce(ThreadAction::Loaded(vec![entry(9)]));
        assert_eq!(positions(&thread), [9]);
        assert_eq!(thread.loading, Loading::Idle);
    }

    #[test]
    fn an_update_before_the_first_page_leaves_no_hole_before_it() {
        // The engine answers in order: what it told before the page is in the page.
        let thread = after([
            updated(vec![entry(20), entry(90)]),
            ThreadAction::Loaded(entries(41..=90)),
        ]);
        assert_eq!(positions(&thread), (41..=90).collect::<Vec<_>>());
        assert_eq!(thread.oldest(), Some(41));
        assert_eq!(thread.news.len(), 0);
    }

    #[test]
    fn an_update_after_a_takeover_leaves_no_hole_before_it() {
        let thread = after([
            ThreadAction::Loaded(entries(1..=3)),
            ThreadAction::TakenOver,
            updated(vec![entry(100)]),
            ThreadAction::Refreshed(entries(51..=100)),
            updated(vec![entry(101)]),
        ]);
        assert_eq!(positions(&thread), (51..=101).collect::<Vec<_>>());
        assert!(thread.has_older);
    }

    #[test]
    fn late_messages_take_their_place_and_the_gap_goes_away() {
        let gap = |missing| EntryView {
            mine: false,
            body: BodyView::Gap { missing },
            ..entry(12)
        };
        let thread = after([
            ThreadAction::Loaded(vec![entry(9), gap(2), entry(20)]),
            updated(vec![entry(11), gap(1)]),
        ]);
        assert_eq!(positions(&thread), [9, 11, 12, 20]);
        let thread = thread.reduce(updated(vec![entry(10), gap(0)]));
        assert_eq!(positions(&thread), [9, 10, 11, 20]);
        assert_eq!(
            positions(&thread.reduce(updated(vec![gap(0)]))),
            [9, 10, 11, 20]
        );
    }

    #[test]
    fn a_refresh_that_leaves_a_hole_starts_over() {
        let thread = after([
            ThreadAction::Loaded(entries(1..=60)),
            ThreadAction::Refreshed(entries(50..=120)),
        ]);
        assert_eq!(positions(&thread), (1..=120).collect::<Vec<_>>());
        let thread = thread.reduce(ThreadAction::Refreshed(entries(140..=200)));
        assert_eq!(positions(&thread), (140..=200).collect::<Vec<_>>());
        assert!(thread.has_older);
        let thread = after([
            ThreadAction::Loaded(entries(1..=3)),
            ThreadAction::Refreshed(entries(7..=9)),
        ]);
        assert_eq!(
            positions(&thread),
            [1, 2, 3, 7, 8, 9],
            "a short page holds all there is"
        );
    }

    #[test]
    fn only_what_came_from_the_other_person_is_news_and_only_once() {
        let theirs = |position| {
            let mut id = [0; 16];
            id[0] = u8::try_from(position).unwrap();
            EntryView {
                mine: false,
                delivery: None,
                id: MessageId::from_bytes(id),
                ..entry(position)
            }
        };
        let thread = after([
            ThreadAction::Loaded(vec![theirs(5), entry(7)]),
            updated(vec![theirs(5), entry(8), theirs(9), theirs(6)]),
            updated(vec![theirs(9), theirs(2)]),
            ThreadAction::AskedOlder,
            ThreadAction::LoadedOlder(5, vec![theirs(1), theirs(3)]),
            ThreadAction::Refreshed(vec![theirs(9), theirs(12)]),
        ]);
        let news: Vec<Position> = thread.news.iter().map(|entry| entry.position).collect();
        assert_eq!(news, [9, 6, 12]);
        let many = (20..40).map(theirs).collect();
        assert_eq!(thread.reduce(updated(many)).news.len(), NEWS);
    }

    #[test]
    fn a_reader_who_goes_up_and_down_keeps_a_bounded_number_of_entries() {
        let mut thread = after([ThreadAction::Loaded(entries(9_951..=10_000))]);
        for step in 1..20 {
            let last = 9_950 - (step - 1) * 50;
            let page = entries(last - 49..=last);
            thread = thread.reduce(ThreadAction::LoadedOlder(last + 1, page));
            assert!(thread.entries.len() <= KEPT);
        }
        assert_eq!(thread.oldest(), Some(9_001));
        assert!(thread.has_newer && thread.has_older);
        while thread.has_newer {
            let from = thread.after_newest();
            let to = (from + 49).min(10_000);
            thread = thread.reduce(ThreadAction::LoadedNewer(from, entries(from..=to)));
            assert!(thread.entries.len() <= KEPT);
            assert!(positions(&thread).is_sorted());
        }
        assert_eq!(thread.entries.last().unwrap().position, 10_000);
    }

    #[test]
    fn what_is_before_the_eyes_stays_however_much_arrives() {
        let kept = Position::try_from(KEPT).unwrap();
        let arrive = |reader: Reader| {
            let mut thread = after([ThreadAction::Loaded(entries(1..=49))]);
            for first in (50..=1_000).step_by(10) {
                let more = entries(first..=first + 9);
                thread = thread.reduce(ThreadAction::Updated(more, reader));
                let most = KEPT + usize::try_from(PAGE).unwrap();
                assert!(thread.entries.len() < most);
                if let Reader::At(top) = reader {
                    assert!(thread.find(top).is_some() || top > first + 9);
                }
            }
            thread
        };
        let thread = arrive(Reader::AtEnd);
        assert_eq!(thread.entries.last().unwrap().position, 1_009);
        assert!(thread.has_older && !thread.has_newer);
        let thread = arrive(Reader::At(3));
        assert_eq!(positions(&thread), (1..=kept).collect::<Vec<_>>());
        assert!(!thread.has_older && thread.has_newer);
        let thread = arrive(Reader::At(140));
        assert!(thread.has_older && thread.has_newer);
        assert!(thread.find(140 + 20).is_some() && thread.find(140 - 20).is_some());
    }

    #[test]
    fn further_up_an_update_leaves_no_hole_and_is_still_told_once() {
        let mut theirs = entry(500);
        theirs.mine = false;
        let mut changed = entry(300);
        changed.mine = false;
        let moved = ThreadAction::Moved {
            pages: (entries(81..=100), entries(101..=150)),
            goal: Some(Goal::At(101)),
        };
        let thread = after([ThreadAction::Loaded(entries(451..=499)), moved]);
        assert_eq!(thread.goal, Some((Goal::At(101), 1)));
        let news = updated(vec![changed, theirs.clone()]);
        let thread = thread.reduce(news);
        assert_eq!(positions(&thread), (81..=150).collect::<Vec<_>>());
        assert_eq!(*thread.news, [theirs.clone()]);
        let thread = thread.reduce(updated(vec![theirs]));
        assert_eq!(thread.news.len(), 1, "a change of it is no news");
        let thread = thread.reduce(ThreadAction::MovedToEnd(entries(451..=500)));
        assert!(!thread.has_newer);
        assert_eq!(thread.goal, Some((Goal::End, 2)));
    }

    #[test]
    fn a_page_that_comes_after_the_reader_went_elsewhere_leaves_no_hole() {
        let here = after([
            ThreadAction::Moved {
                pages: (entries(181..=200), entries(201..=250)),
                goal: None,
            },
            ThreadAction::AskedOlder,
        ]);
        let elsewhere = here.reduce(ThreadAction::MovedToEnd(entries(451..=500)));
        let late = [
            ThreadAction::LoadedOlder(181, entries(131..=180)),
            ThreadAction::LoadedNewer(251, entries(251..=300)),
        ];
        for page in late {
            let thread = elsewhere.clone().reduce(page);
            assert_eq!(positions(&thread), (451..=500).collect::<Vec<_>>());
            assert!(thread.has_older && !thread.has_newer);
        }

        let asked = elsewhere.reduce(ThreadAction::AskedOlder);
        let thread = asked.reduce(ThreadAction::LoadedOlder(181, entries(131..=180)));
        assert_eq!(thread.loading, Loading::Idle, "it may be asked for again");
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
