//! Cuts what is told to the pages into portions that they draw without a hitch.

use client_core::request::Update;

/// How many entries of a conversation are told at once. What arrives after a time away comes by the dozen, and while a
/// page draws it answers to nobody.
const AT_ONCE: usize = 16;

/// The updates in their order; each portion is a message of its own to the pages, which draw between them.
pub fn portions(updates: Vec<Update>) -> Vec<Vec<Update>> {
    let mut portions = vec![Vec::new()];
    let mut tell = |update, is_full| {
        if let Some(last) = portions.last_mut() {
            last.push(update);
        }
        if is_full {
            portions.push(Vec::new());
        }
    };
    for update in updates {
        match update {
            Update::Entries {
                contact,
                mut entries,
            } => {
                while entries.len() > AT_ONCE {
                    let rest = entries.split_off(AT_ONCE);
                    tell(Update::Entries { contact, entries }, true);
                    entries = rest;
                }
                tell(Update::Entries { contact, entries }, false);
            }
            other => tell(other, false),
        }
    }
    portions.retain(|portion| !portion.is_empty());
    portions
}

#[cfg(test)]
mod tests {
    use client_core::view::{AppView, BodyView, EntryMarks, EntryView, Position};
    use shared_crypto::id::MessageId;

    use super::*;

    fn entries(count: Position) -> Update {
        let entry = |position| EntryView {
            position,
            id: MessageId::from_bytes([0; 16]),
            mine: false,
            sent_at: 0,
            stored_at: 0,
            body: BodyView::Connected,
            delivery: None,
            marks: EntryMarks::default(),
        };
        Update::Entries {
            contact: 1,
            entries: (1..=count).map(entry).collect(),
        }
    }

    fn positions(updates: &[Update]) -> Vec<Position> {
        let of = |update: &Update| match update {
            Update::Entries { entries, .. } => entries.iter().map(|it| it.position).collect(),
            _ => Vec::new(),
        };
        updates.iter().flat_map(of).collect()
    }

    #[test]
    fn much_is_told_in_portions_in_order_and_the_projection_with_the_last() {
        let app = || Update::App(AppView::default());
        let told = portions(vec![Update::Cleared(1), entries(40), app()]);
        let sizes: Vec<usize> = told.iter().map(|it| positions(it).len()).collect();
        assert_eq!(sizes, [16, 16, 8]);
        let all: Vec<Update> = told.iter().flatten().cloned().collect();
        assert_eq!(positions(&all), (1..=40).collect::<Vec<_>>());
        assert_eq!(all.first(), Some(&Update::Cleared(1)));
        assert_eq!(told.last().and_then(|it| it.last()), Some(&app()));
    }

    #[test]
    fn little_stays_together_and_nothing_is_no_message() {
        let updates = vec![entries(16), Update::App(AppView::default())];
        assert_eq!(portions(updates.clone()), [updates]);
        assert_eq!(portions(Vec::new()), Vec::<Vec<Update>>::new());
    }
}
