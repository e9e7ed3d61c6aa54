//! Which entries were in view, and what of that the engine has not heard yet.
//!
//! A message that fills a gap takes its place above the read mark, so the last place in view does not say what was
//! read: each place counts, and a place that was in view before something stood there counts again.

use client_core::sorted::SortedSet;
use client_core::view::Position;

/// What was told of one conversation.
#[derive(Debug, Default)]
pub struct Seen {
    told: SortedSet<Position>,
}

impl Seen {
    /// The part of the conversation to tell of: first and last place of what is in view, if that makes something read.
    /// `received` are the places of received entries in view, in order; `first_unread` is where the unread ones begin.
    pub fn tell(
        &mut self,
        first_unread: Option<Position>,
        received: &[Position],
    ) -> Option<(Position, Position)> {
        let Some(first_unread) = first_unread else {
            // All is read: whatever is unread from now on is new.
            self.told.clear();
            return None;
        };
        let unread = received.iter().filter(|at| **at >= first_unread);
        let mut is_news = false;
        for position in unread {
            is_news |= self.told.insert(*position);
        }
        let (first, last) = (received.first()?, received.last()?);
        is_news.then_some((*first, *last))
    }

    /// Telling this part failed: it is told again with the next thing in view.
    pub fn forget(&mut self, (first, last): (Position, Position)) {
        self.told.retain(|at| !(first..=last).contains(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_view_is_told_once() {
        let mut seen = Seen::default();
        assert_eq!(seen.tell(Some(5), &[3, 4, 6]), Some((3, 6)));
        assert_eq!(seen.tell(Some(5), &[3, 4, 6]), None);
        assert_eq!(seen.tell(Some(5), &[4, 6, 7]), Some((4, 7)));
        assert_eq!(seen.tell(None, &[6, 7]), None);
        assert_eq!(seen.tell(Some(8), &[6, 7]), None, "it is not in view");
    }

    #[test]
    fn what_fills_a_gap_above_is_told_only_when_it_is_in_view() {
        let mut seen = Seen::default();
        assert_eq!(seen.tell(Some(1), &[1, 2, 40, 41]), Some((1, 41)));
        assert_eq!(seen.tell(None, &[40, 41]), None);
        assert_eq!(seen.tell(Some(20), &[40, 41]), Some((40, 41)));
        assert_eq!(seen.tell(Some(20), &[40, 41]), None);
        assert_eq!(seen.tell(Some(20), &[20, 40]), Some((20, 40)));
    }

    #[test]
    fn what_takes_a_place_between_seen_ones_is_told_as_well() {
        let mut seen = Seen::default();
        assert_eq!(seen.tell(Some(1), &[1, 9]), Some((1, 9)));
        assert_eq!(seen.tell(Some(5), &[1, 5, 9]), Some((1, 9)));
    }

    #[test]
    fn what_could_not_be_told_is_told_again() {
        let mut seen = Seen::default();
        assert_eq!(seen.tell(Some(1), &[1, 2]), Some((1, 2)));
        seen.forget((1, 2));
        assert_eq!(seen.tell(Some(1), &[1, 2]), Some((1, 2)));
    }

    #[test]
    fn nothing_in_view_tells_nothing() {
        assert_eq!(Seen::default().tell(Some(1), &[]), None);
    }
}
