//! Lays out a conversation: day separators, the line before the first unread message, groups of
//! messages that one person wrote in a row.

use std::rc::Rc;

use client_core::view::{BodyView, EntryView, Millis, Position};

/// Messages further apart than this do not belong together.
const GROUP_GAP: Millis = 5 * 60_000;

/// One row of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row<'a> {
    /// A new day begins; any moment of it.
    Day(Millis),
    /// What follows is unread.
    Unread,
    /// An entry.
    Entry(Placed<'a>),
}

/// An entry and its place in its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed<'a> {
    /// The entry.
    pub entry: &'a Rc<EntryView>,
    /// Whether a group begins with it.
    pub begins: bool,
    /// Whether a group ends with it.
    pub ends: bool,
}

/// Lays out entries. `day_of` numbers the calendar day of a moment in the person's time zone.
pub fn rows(
    entries: &[Rc<EntryView>],
    first_unread: Option<Position>,
    day_of: impl Fn(Millis) -> i64,
) -> Vec<Row<'_>> {
    let mut rows = Vec::with_capacity(entries.len().saturating_add(8));
    let mut before: Option<(&Rc<EntryView>, i64)> = None;
    let mut entries = entries
        .iter()
        .map(|entry| (entry, day_of(entry.stored_at)))
        .peekable();
    while let Some((entry, day)) = entries.next() {
        let new_day = before.is_none_or(|(_, last)| last != day);
        if new_day {
            rows.push(Row::Day(entry.stored_at));
        }
        let unread = first_unread == Some(entry.position);
        if unread {
            rows.push(Row::Unread);
        }
        let begins =
            new_day || unread || before.is_none_or(|(last, _)| !belong_together(last, entry));
        let ends = entries.peek().is_none_or(|(next, its_day)| {
            first_unread == Some(next.position) || day != *its_day || !belong_together(entry, next)
        });
        rows.push(Row::Entry(Placed {
            entry,
            begins,
            ends,
        }));
        before = Some((entry, day));
    }
    rows
}

fn belong_together(first: &EntryView, second: &EntryView) -> bool {
    first.mine == second.mine
        && is_said(first)
        && is_said(second)
        && second.stored_at.abs_diff(first.stored_at) <= GROUP_GAP
}

/// Whether a person said it; the rest are remarks of the program.
fn is_said(entry: &EntryView) -> bool {
    matches!(
        entry.body,
        BodyView::Text(_) | BodyView::NeedsNewerVersion { .. } | BodyView::CannotOpen
    )
}

#[cfg(test)]
mod tests {
    use client_core::view::EntryMarks;
    use shared_crypto::id::MessageId;

    use super::*;

    const DAY: Millis = 86_400_000;

    fn entry(position: Position, mine: bool, stored_at: Millis) -> Rc<EntryView> {
        Rc::new(EntryView {
            position,
            id: MessageId::from_bytes([0; 16]),
            mine,
            sent_at: stored_at,
            stored_at,
            body: BodyView::Text("x".into()),
            delivery: None,
            marks: EntryMarks::default(),
        })
    }

    fn sketch(entries: &[Rc<EntryView>], unread: Option<Position>) -> String {
        let day_of = |moment: Millis| i64::try_from(moment / DAY).unwrap();
        let words = rows(entries, unread, day_of)
            .into_iter()
            .map(|row| match row {
                Row::Day(_) => "day".to_owned(),
                Row::Unread => "unread".to_owned(),
                Row::Entry(it) => format!(
                    "{}{}{}",
                    if it.begins { "(" } else { "" },
                    it.entry.position,
                    if it.ends { ")" } else { "" }
                ),
            });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn messages_of_one_person_close_in_time_form_a_group() {
        let said = [
            entry(1, true, 0),
            entry(2, true, 60_000),
            entry(3, false, 61_000),
            entry(4, false, 61_000 + GROUP_GAP),
            entry(5, false, 61_001 + 2 * GROUP_GAP),
        ];
        assert_eq!(sketch(&said, None), "day (1 2) (3 4) (5)");
    }

    #[test]
    fn a_day_and_the_unread_line_end_a_group() {
        let said = [
            entry(1, false, DAY - 1000),
            entry(2, false, DAY),
            entry(3, false, DAY + 1),
        ];
        assert_eq!(sketch(&said, Some(3)), "day (1) day (2) unread (3)");
    }

    #[test]
    fn remarks_stand_alone() {
        let mut gap = entry(2, false, 1);
        Rc::make_mut(&mut gap).body = BodyView::Gap { missing: 2 };
        assert_eq!(
            sketch(&[entry(1, false, 0), gap, entry(3, false, 2)], None),
            "day (1) (2) (3)"
        );
    }

    #[test]
    fn nothing_gives_nothing() {
        assert_eq!(sketch(&[], Some(1)), "");
    }
}
