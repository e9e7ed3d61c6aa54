//! What the page reads: the messages of a conversation, and what is known of one.

use crate::compose::Refusal;
use crate::driver::Call;
use crate::entry;
use crate::quote;
use crate::ready::Ready;
use crate::request::{Answer, Failure};
use crate::rows::{EntryRow, key};
use crate::store::{KeyRange, Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::{ContactNumber, Position};

/// Entries handed out at once, at most.
const MAX_ENTRIES: u32 = 200;

impl Ready {
    /// The newest entries before a place, in the order in which they stand.
    pub(crate) async fn entries_before<S: Store>(
        &self,
        turn: &Turn<'_, S>,
        number: ContactNumber,
        before: Position,
        limit: u32,
    ) -> Result<Answer, Refusal> {
        let range = key::entries(number, 0, before);
        let mut rows = self
            .scan(turn, number, &range, Order::Descending, limit)
            .await?;
        rows.reverse();
        shown(turn, number, rows).await
    }

    /// Entries from a place on.
    pub(crate) async fn entries_from<S: Store>(
        &self,
        turn: &Turn<'_, S>,
        number: ContactNumber,
        from: Position,
        limit: u32,
    ) -> Result<Answer, Refusal> {
        let range = key::entries(number, from, Position::MAX);
        let rows = self
            .scan(turn, number, &range, Order::Ascending, limit)
            .await?;
        shown(turn, number, rows).await
    }

    async fn scan<S: Store>(
        &self,
        turn: &Turn<'_, S>,
        number: ContactNumber,
        range: &KeyRange,
        order: Order,
        limit: u32,
    ) -> Result<Vec<(Vec<u8>, EntryRow)>, Refusal> {
        if !self.contacts.contains_key(&number) {
            return Err(Failure::NotFound.into());
        }
        let limit = usize::try_from(limit.min(MAX_ENTRIES)).unwrap_or_default();
        Ok(turn.scan(range, order, limit).await?)
    }

    /// What is known of a message.
    pub(crate) async fn info<S: Store>(
        &self,
        turn: &Turn<'_, S>,
        number: ContactNumber,
        position: Position,
    ) -> Result<Answer, Refusal> {
        let row = turn.get::<EntryRow>(&key::entry(number, position)).await?;
        let row = row.ok_or(Failure::NotFound)?;
        Ok(Answer::Info(entry::to_info(&row)))
    }

    /// Answers a request that only reads.
    pub(crate) fn answer_read<S: Store>(
        turn: &mut Turn<'_, S>,
        call: Call,
        read: Result<Answer, Refusal>,
    ) -> Result<(), StoreError> {
        match read {
            Ok(answer) => turn.answer(call, answer),
            Err(Refusal::Request(failure)) => turn.fail(call, failure),
            Err(Refusal::Store(error)) => return Err(error),
        }
        Ok(())
    }
}

/// The entries as the page has them, with what they answer.
async fn shown<S: Store>(
    turn: &Turn<'_, S>,
    number: ContactNumber,
    rows: Vec<(Vec<u8>, EntryRow)>,
) -> Result<Answer, Refusal> {
    let mut views = Vec::with_capacity(rows.len());
    for (entry_key, row) in rows {
        if let Some(position) = key::position(&entry_key) {
            let mut view = entry::to_view(position, &row);
            quote::fill(turn, number, &mut view).await?;
            views.push(view);
        }
    }
    Ok(Answer::Entries(views))
}
