//! Conversations that were cleared, where sections are put together.

use crate::request::Failure;
use crate::rows::{ConversationRow, EntryRow, PlaceRow, SearchRow, key};
use crate::search;
use crate::sorted::SortedMap;
use crate::store::Table;
use crate::view::{ContactNumber, Position};

use super::{Mapped, Merge, all, contact_of, get, put};

impl Merge<'_> {
    /// Deletes from the base what was deleted with all of its conversation where the other section was written. That there
    /// were such messages stays known: a third section may have them.
    pub(super) fn cleared(&mut self) -> Result<(), Failure> {
        let mut cleared: SortedMap<ContactNumber, (Mapped, Position)> = SortedMap::new();
        for (other_key, row) in all::<ConversationRow>(self.other)? {
            if let (Some(mapped), Some(to)) = (self.mapped(&other_key), row.cleared) {
                cleared.insert(contact_of(&other_key)?, (mapped, to));
            }
        }
        if cleared.iter().next().is_none() {
            return Ok(());
        }
        let mut gone: SortedMap<ContactNumber, Vec<Position>> = SortedMap::new();
        for (other_key, place) in all::<PlaceRow>(self.other)? {
            let Some((mapped, to)) = cleared.get(&place.contact).copied() else {
                continue;
            };
            let there = key::entry(place.contact, place.position);
            if place.position > to || self.other.contains_key(&(Table::Entries, there)) {
                continue;
            }
            let contact = mapped.number;
            let message = other_key.get(4..).unwrap_or_default();
            let here = [&contact.to_be_bytes()[..], message].concat();
            let position = match get::<PlaceRow>(self.base, &here)? {
                Some(known) => {
                    self.base.remove(&(Table::Events, here));
                    let mut positions = gone.remove(&contact).unwrap_or_default();
                    positions.push(known.position);
                    gone.insert(contact, positions);
                    continue;
                }
                None if mapped.is_new => Some(place.position),
                None => self.next_position(contact)?,
            };
            if let Some(position) = position {
                put(self.base, &here, &PlaceRow { contact, position });
            }
        }
        for (number, mut positions) in gone {
            positions.sort_unstable();
            self.forget(number, &positions)?;
        }
        Ok(())
    }

    /// Deletes entries of the base, by rising positions, and what else there is of their texts.
    fn forget(&mut self, number: ContactNumber, positions: &[Position]) -> Result<(), Failure> {
        for position in positions {
            let entry = key::entry(number, *position);
            let row = get::<EntryRow>(self.base, &entry)?;
            if let Some(at) = row.and_then(|row| row.expires_at) {
                let expiring = key::expiring(at, number, *position);
                self.base.remove(&(Table::Expiring, expiring));
            }
            self.base.remove(&(Table::Entries, entry));
        }
        let of_block = |one: &Position, other: &Position| {
            search::block_of(number, *one) == search::block_of(number, *other)
        };
        for positions in positions.chunk_by(of_block) {
            let block = positions
                .first()
                .map(|first| search::block_of(number, *first));
            if let Some(block) = block
                && let Some(mut row) = get::<SearchRow>(self.base, &block)?
            {
                row.texts.retain(|text| !positions.contains(&text.position));
                match row.texts.is_empty() {
                    true => drop(self.base.remove(&(Table::Search, block))),
                    false => put(self.base, &block, &row),
                }
            }
        }
        self.hide_gaps(number, positions.last().copied())
    }

    /// Gaps before what is left are shown no more: what was missing there is of no use without the rest.
    fn hide_gaps(
        &mut self,
        number: ContactNumber,
        last_gone: Option<Position>,
    ) -> Result<(), Failure> {
        let here = key::contact(number);
        let is_of = |key: &[u8]| key.starts_with(&number.to_be_bytes());
        let mut left = self
            .base
            .keys()
            .filter(|(table, key)| *table == Table::Entries && is_of(key));
        let first_left = left.next().and_then(|(_, key)| key::position(key));
        let before = first_left.map(|first| first.saturating_sub(1));
        let to = last_gone.into_iter().chain(before).min();
        if let Some(mut conversation) = get::<ConversationRow>(self.base, &here)? {
            conversation.cleared = conversation.cleared.max(to);
            put(self.base, &here, &conversation);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use shared_crypto::id::{DeviceId, MessageId};
    use shared_crypto::vault::Section;

    use super::super::tests::{NOW, person};
    use super::super::{Rows, merge};
    use super::*;
    use crate::entry::{self, Origin};
    use crate::rows::key::By;
    use crate::rows::{IdentityRow, SearchTextRow};
    use crate::view::BodyView;

    /// A client that talked with one person: which messages came, in their order, and whether they are still there.
    fn talked(messages: &[(u8, bool)], cleared: Option<Position>) -> Rows {
        let mut rows = Rows::new();
        let them = person();
        put(&mut rows, key::ONLY, &IdentityRow::new(&them.chain, NOW));
        put(&mut rows, &key::contact(1), &them.row);
        let mut block = SearchRow::default();
        for (position, (byte, is_there)) in (1..).zip(messages) {
            let id = MessageId::from_bytes([*byte; 16]);
            let place = PlaceRow {
                contact: 1,
                position,
            };
            put(&mut rows, &key::message(1, By::Them, &id), &place);
            if *is_there {
                let origin = Origin {
                    id,
                    mine: false,
                    sent_at: NOW,
                    stored_at: NOW,
                };
                let text = format!("text {byte}");
                let entry = entry::to_row(origin, &BodyView::Text(text.clone()), None);
                put(&mut rows, &key::entry(1, position), &entry);
                block.texts.push(SearchTextRow { position, text });
            }
        }
        put(&mut rows, &search::block_of(1, 1), &block);
        let mut conversation = them.conversation;
        conversation.next = u64::try_from(messages.len()).unwrap() + 1;
        conversation.cleared = cleared;
        put(&mut rows, &key::contact(1), &conversation);
        rows
    }

    /// Put together, the last of them saved last.
    fn merged(sections: Vec<Rows>) -> (Vec<String>, Option<Position>) {
        let number = |(number, rows): (u8, Rows)| {
            let section = Section {
                device: DeviceId::from_bytes([number; 16]),
                revision: 1,
                saved_at: NOW + u64::from(number),
                segments: Vec::new(),
                absorbed: Vec::new(),
            };
            (section, rows)
        };
        let rows = merge((1..).zip(sections).map(number).collect()).unwrap();
        let entries = all::<EntryRow>(&rows).unwrap();
        let texts: Vec<String> = entries
            .into_iter()
            .filter_map(|(_, row)| row.text)
            .collect();
        let blocks = all::<SearchRow>(&rows).unwrap();
        let found = blocks.into_iter().flat_map(|(_, block)| block.texts);
        let gone = found.map(|row| row.text).find(|text| !texts.contains(text));
        assert_eq!(gone, None);
        let conversation: ConversationRow = get(&rows, &key::contact(1)).unwrap().unwrap();
        (texts, conversation.cleared)
    }

    #[test]
    fn what_was_cleared_stays_so_in_whichever_order_sections_come() {
        let clears = || talked(&[(1, false), (2, false), (3, true)], Some(2));
        let has = || talked(&[(1, true), (2, true)], None);
        let has_none = || talked(&[(4, true)], None);
        for sections in [
            vec![has(), clears()],
            vec![clears(), has()],
            vec![has(), clears(), has_none()],
            vec![clears(), has(), has_none()],
            vec![has(), has_none(), clears()],
            vec![has_none(), clears(), has()],
        ] {
            let (mut texts, _) = merged(sections);
            texts.retain(|text| text != "text 4");
            assert_eq!(texts, ["text 3"]);
        }
    }

    /// The contact is new to the base.
    #[test]
    fn a_conversation_that_only_one_cleared_stays_so() {
        let mut has_nobody = talked(&[], None);
        has_nobody.remove(&(Table::Contacts, key::contact(1).to_vec()));
        has_nobody.remove(&(Table::Conversations, key::contact(1).to_vec()));
        let clears = talked(&[(1, false), (2, false)], Some(2));
        let has = talked(&[(1, true), (2, true)], None);
        assert_eq!(
            merged(vec![has, clears, has_nobody]).0,
            Vec::<String>::new()
        );
    }

    #[test]
    fn gaps_after_what_is_left_are_still_shown() {
        let clears = || talked(&[(1, false), (2, false)], Some(2));
        let left = || vec!["text 3".to_owned()];
        let here = talked(&[(3, true), (1, true), (2, true)], None);
        assert_eq!(merged(vec![clears(), here]), (left(), Some(0)));
        let here = talked(&[(1, true), (2, true), (3, true)], None);
        assert_eq!(merged(vec![clears(), here]), (left(), Some(2)));
    }
}
