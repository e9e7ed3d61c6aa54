//! What an answered message says, looked up when an answer is shown and never stored with it: what was deleted
//! or forgotten is not kept alive by who answered it.

use crate::entry;
use crate::rows::key::By;
use crate::rows::{EntryRow, PlaceRow, key};
use crate::store::{Store, StoreError};
use crate::turn::Turn;
use crate::view::{ContactNumber, EntryView};

/// Characters of the answered text that are shown.
const MAX_QUOTE: usize = 160;

/// Fills in what an entry answers.
pub(crate) async fn fill<S: Store>(
    turn: &Turn<'_, S>,
    contact: ContactNumber,
    view: &mut EntryView,
) -> Result<(), StoreError> {
    let Some(quote) = &mut view.marks.reply else {
        return Ok(());
    };
    for by in [By::Us, By::Them] {
        let message = key::message(contact, by, &quote.id);
        let Some(place) = turn.get::<PlaceRow>(&message).await? else {
            continue;
        };
        let answered = key::entry(contact, place.position);
        let Some(row) = turn.get::<EntryRow>(&answered).await? else {
            continue;
        };
        quote.position = Some(place.position);
        quote.mine = row.mine;
        let text = row.text.as_ref().filter(|_| entry::is_text(&row));
        quote.text = text.map(|text| text.chars().take(MAX_QUOTE).collect());
        break;
    }
    Ok(())
}
