//! Search in the texts of all conversations.
//!
//! Folded texts of neighbouring entries stand together in blocks, so that fifty thousand messages are some hundred
//! rows to read and not fifty thousand. They are encrypted at rest as every row is. Nothing is tokenised: a word
//! is found inside longer ones, and in languages that write without spaces. A change of an entry changes its
//! block in the same commit, so that a deleted text is found no longer.

use crate::entry;
use crate::quote;
use crate::ready::Ready;
use crate::request::{Answer, Failure};
use crate::rows::{EntryRow, SearchRow, SearchTextRow, key};
use crate::sorted::{SortedMap, gather, sort_by_key};
use crate::store::{KeyRange, Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::{ContactNumber, FoundView, Position};

use crate::compose::Refusal;

/// Positions of a block.
const BLOCK: Position = 64;

/// Messages that a search answers with.
const MAX_FOUND: usize = 100;

/// Longest search text that is looked at, in characters.
const MAX_SEARCH: usize = 200;

/// Texts that changed in a turn; `None`: gone.
pub(crate) type Changed = SortedMap<(ContactNumber, Position), Option<String>>;

/// A text as it is compared: without case, and without the marks that most people leave out when they search.
pub(crate) fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(plain)
        .collect()
}

/// The letter under the common marks of Latin script.
fn plain(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ý' | 'ÿ' => 'y',
        // Greek writes a last sigma in another way.
        'ς' => 'σ',
        // Hamza forms of alif are often left out.
        'أ' | 'إ' | 'آ' => 'ا',
        letter => letter,
    }
}

fn block_key(contact: ContactNumber, block: Position) -> Vec<u8> {
    key::entry(contact, block)
}

/// Key of the block that has the text of an entry.
pub(crate) fn block_of(contact: ContactNumber, position: Position) -> Vec<u8> {
    block_key(contact, position.checked_div(BLOCK).unwrap_or_default())
}

/// Brings the blocks of changed entries up to date.
pub(crate) async fn write<S: Store>(turn: &mut Turn<'_, S>) -> Result<(), StoreError> {
    let mut blocks: SortedMap<(ContactNumber, Position), Changed> = SortedMap::new();
    for ((contact, position), text) in core::mem::take(&mut turn.texts) {
        let block = position.checked_div(BLOCK).unwrap_or_default();
        let mut changed = blocks.remove(&(contact, block)).unwrap_or_default();
        changed.insert((contact, position), text);
        blocks.insert((contact, block), changed);
    }
    for ((contact, block), changed) in blocks {
        let place = block_key(contact, block);
        let before = turn.get::<SearchRow>(&place).await?.unwrap_or_default();
        let known = before.texts.iter();
        let mut texts: SortedMap<Position, String> =
            gather(known.map(|row| (row.position, row.text.clone())));
        for ((_, position), text) in changed {
            match text {
                Some(text) => texts.insert(position, fold(&text)),
                None => texts.remove(&position),
            };
        }
        let texts: Vec<SearchTextRow> = texts
            .into_iter()
            .map(|(position, text)| SearchTextRow { position, text })
            .collect();
        if texts.is_empty() {
            turn.delete::<SearchRow>(&place);
        } else if texts != before.texts {
            turn.put(&place, &SearchRow { texts });
        }
    }
    Ok(())
}

impl Ready {
    /// Finds messages in which every word stands.
    pub(crate) async fn search<S: Store>(
        &self,
        turn: &Turn<'_, S>,
        contact: Option<ContactNumber>,
        text: &str,
    ) -> Result<Answer, Refusal> {
        let text: String = text.chars().take(MAX_SEARCH).collect();
        let folded = fold(&text);
        let words: Vec<&str> = folded.split_whitespace().collect();
        if words.is_empty() {
            return Ok(Answer::Found {
                found: Vec::new(),
                more: false,
            });
        }
        let numbers: Vec<ContactNumber> = match contact {
            Some(number) if self.contacts.contains_key(&number) => vec![number],
            Some(_) => return Err(Failure::NotFound.into()),
            None => self.contacts.keys().copied().collect(),
        };
        let mut found = Vec::new();
        let mut more = false;
        for number in numbers {
            let all = KeyRange {
                from: block_key(number, 0),
                to: block_key(number, Position::MAX),
            };
            let blocks = turn
                .scan::<SearchRow>(&all, Order::Descending, usize::MAX)
                .await?;
            let texts = blocks
                .iter()
                .flat_map(|(_, block)| block.texts.iter().rev());
            let mut hits = texts.filter(|row| words.iter().all(|word| row.text.contains(word)));
            for hit in hits.by_ref().take(MAX_FOUND) {
                let place = key::entry(number, hit.position);
                if let Some(row) = turn.get::<EntryRow>(&place).await? {
                    let mut entry = entry::to_view(hit.position, &row);
                    quote::fill(turn, number, &mut entry).await?;
                    let contact = number;
                    found.push(FoundView { contact, entry });
                }
            }
            more |= hits.next().is_some();
        }
        sort_by_key(&mut found, |found| {
            core::cmp::Reverse(found.entry.stored_at)
        });
        more |= found.len() > MAX_FOUND;
        found.truncate(MAX_FOUND);
        Ok(Answer::Found { found, more })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_common_marks_do_not_matter() {
        assert_eq!(fold("Grüße AUS Málaga"), "gruße aus malaga");
        assert_eq!(fold("ΟΔΟΣ"), fold("οδος"));
        assert_eq!(fold("日本語"), "日本語");
    }
}
