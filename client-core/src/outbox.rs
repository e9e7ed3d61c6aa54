//! What waits for our nodes, in order of creation.
//!
//! A row holds a signed event. It is sealed when it can be handed over, so that it is sealed to the newest
//! key package and under the newest pair secret there are. The envelope goes to the two best nodes of the
//! recipient: two *copies* under one message id, of which the reader keeps one. Each copy is handed to
//! one of our own nodes that is connected, and to another one if that one goes away before it says what became of
//! it. A row is durable before it is handed over, and goes when the outcome of each copy is known; it failed
//! when every copy did. Rows that no entry shows (acceptances, receipts, names) are tried again by themselves:
//! nobody could press a button for them.

mod handing;
mod outcome;

use shared_crypto::cbor::Bytes;
use shared_crypto::event::{Event, kind};
use shared_crypto::id::{MessageId, SubmissionId};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::Delivery;
use shared_crypto::signed::Signed;

use crate::ready::Ready;
use crate::rows::{CopyRow, OutboxRow, key};
use crate::sorted::{SortedMap, SortedSet};
use crate::store::{KeyRange, Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::{ContactNumber, DeliveryView, Millis};

use handing::{HOME_PATIENCE, HOME_SILENCE};

/// What waits for our nodes.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    rows: SortedMap<u64, OutboxRow>,
    by_submission: SortedMap<SubmissionId, u64>,
}

/// Whether an entry shows how far an event got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Entry,
    Quietly,
}

/// Why a row cannot be handed over now.
enum Held {
    /// Others for the same contact have to wait too.
    Contact,
    /// It never can: the code says why.
    Failed(&'static str),
}

impl CopyRow {
    fn new<S: Store>(turn: &mut Turn<'_, S>, entry: &Delivery) -> Self {
        Self {
            node: entry.node.to_string(),
            fingerprint: entry.fingerprint,
            submission: SubmissionId::from_bytes(turn.random()),
            postage: None,
            home: None,
            accepted_at: None,
            outcome: None,
            not_before: None,
        }
    }

    fn arrived(&self) -> bool {
        self.outcome.as_deref() == Some("")
    }

    fn failed(&self) -> bool {
        self.outcome.as_deref().is_some_and(|code| !code.is_empty())
    }
}

impl Outbox {
    pub(crate) async fn load<S: Store>(turn: &Turn<'_, S>) -> Result<Self, StoreError> {
        let all = KeyRange {
            from: key::number(0),
            to: key::number(u64::MAX),
        };
        let mut outbox = Self::default();
        for (key, row) in turn
            .scan::<OutboxRow>(&all, Order::Ascending, usize::MAX)
            .await?
        {
            if let Some(number) = key.last_chunk().map(|bytes| u64::from_be_bytes(*bytes)) {
                outbox.keep(number, row);
            }
        }
        Ok(outbox)
    }

    fn keep(&mut self, number: u64, row: OutboxRow) {
        self.by_submission.retain(|_, at| *at != number);
        for copy in &row.copies {
            self.by_submission.insert(copy.submission, number);
        }
        self.rows.insert(number, row);
    }

    fn set<S: Store>(&mut self, turn: &mut Turn<'_, S>, number: u64, row: OutboxRow) {
        turn.put(&key::number(number), &row);
        self.keep(number, row);
    }

    /// The row with a copy that is known by this submission, and the copy's place in it.
    fn find(&self, submission: &SubmissionId) -> Option<(u64, usize, OutboxRow)> {
        let number = *self.by_submission.get(submission)?;
        let row = self.rows.get(&number)?;
        let index = row
            .copies
            .iter()
            .position(|copy| copy.submission == *submission)?;
        Some((number, index, row.clone()))
    }

    fn remove<S: Store>(&mut self, turn: &mut Turn<'_, S>, number: u64) -> Option<OutboxRow> {
        turn.delete::<OutboxRow>(&key::number(number));
        self.by_submission.retain(|_, at| *at != number);
        self.rows.remove(&number)
    }

    /// A home node may have lost what it had: everything that it had is handed over again. Nodes know repeated
    /// ones by their ids.
    pub(crate) fn submit_again<S: Store>(&mut self, turn: &mut Turn<'_, S>, home: &NodeUrl) {
        let had =
            |copy: &CopyRow| copy.outcome.is_none() && copy.home.as_deref() == Some(home.as_str());
        let numbers: Vec<u64> = self
            .rows
            .iter()
            .filter(|(_, row)| row.copies.iter().any(had))
            .map(|(number, _)| *number)
            .collect();
        for number in numbers {
            if let Some(mut row) = self.rows.get(&number).cloned() {
                for copy in row.copies.iter_mut().filter(|copy| had(copy)) {
                    copy.home = None;
                }
                self.set(turn, number, row);
            }
        }
    }

    /// Everything for a contact is sealed anew, to what is known of them now.
    pub(crate) fn seal_again<S: Store>(&mut self, turn: &mut Turn<'_, S>, contact: ContactNumber) {
        let numbers: Vec<u64> = self
            .rows
            .iter()
            .filter(|(_, row)| row.contact == contact && row.sealed.is_some())
            .filter(|(_, row)| !row.copies.iter().any(CopyRow::arrived))
            .map(|(number, _)| *number)
            .collect();
        for number in numbers {
            if let Some(row) = self.rows.get(&number).cloned() {
                let row = OutboxRow {
                    sealed: None,
                    copies: Vec::new(),
                    ..row
                };
                self.set(turn, number, row);
            }
        }
    }

    /// Whether a contact is to be told who we are, and that has not arrived yet.
    pub(crate) fn reintroduces(&self, contact: ContactNumber) -> bool {
        let is_such = |row: &OutboxRow| {
            let event = Signed::<Event>::parse(&row.event.0);
            event.is_ok_and(|event| event.unverified().kind == kind::REINTRODUCTION)
        };
        let mut rows = self.rows.values();
        rows.any(|row| row.contact == contact && is_such(row))
    }

    /// Takes out the events of a contact, in order, with whether an entry shows them.
    pub(crate) fn take_of<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        contact: ContactNumber,
    ) -> Vec<OutboxRow> {
        let numbers: Vec<u64> = self
            .rows
            .iter()
            .filter(|(_, row)| row.contact == contact)
            .map(|(number, _)| *number)
            .collect();
        numbers
            .into_iter()
            .filter_map(|number| self.remove(turn, number))
            .collect()
    }

    /// When something that is held back may go on.
    pub(crate) fn wake_at(&self, now: Millis) -> Option<Millis> {
        let copies = self.rows.values().flat_map(|row| &row.copies);
        let open = copies.filter(|copy| copy.outcome.is_none());
        let times = open.flat_map(|copy| {
            let accepted_at = copy.home.as_ref().and(copy.accepted_at);
            let after = |patience| accepted_at.map(|at: Millis| at.saturating_add(patience));
            [copy.not_before, after(HOME_PATIENCE), after(HOME_SILENCE)]
        });
        let rows = self.rows.values().map(|row| row.not_before);
        rows.chain(times).flatten().filter(|at| *at > now).min()
    }
}

impl Ready {
    /// Puts a signed event at the end of the outbox.
    pub(crate) fn enqueue<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        contact: ContactNumber,
        message: MessageId,
        event: &[u8],
        shown: Shown,
    ) {
        let number = self.own.row.next_outbox;
        self.own.row.next_outbox = number.saturating_add(1);
        self.own.save(turn);
        let row = OutboxRow {
            contact,
            message,
            event: Bytes(event.to_vec()),
            quiet: shown == Shown::Quietly,
            sealed: None,
            created_at: turn.now,
            not_before: None,
            copies: Vec::new(),
            looked: None,
        };
        self.outbox.set(turn, number, row);
    }

    /// Removes everything for a contact; what entries show of it failed with the code.
    pub(crate) async fn drop_outbox_of<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        contact: ContactNumber,
        code: &str,
    ) -> Result<(), StoreError> {
        for row in self.outbox.take_of(turn, contact) {
            let failed = DeliveryView::Failed {
                code: code.to_owned(),
            };
            self.set_delivery(turn, row.contact, &row.message, &failed)
                .await?;
        }
        Ok(())
    }

    /// Hands over what our nodes may have now, in order for each contact and each node.
    pub(crate) async fn flush<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
    ) -> Result<(), StoreError> {
        if !self.homes.is_any_online() || self.is_locked_out() {
            return Ok(());
        }
        let waiting: Vec<(u64, ContactNumber)> = self
            .outbox
            .rows
            .iter()
            .filter(|(_, row)| row.not_before.is_none_or(|at| at <= turn.now))
            .map(|(number, row)| (*number, row.contact))
            .collect();
        let (mut contacts, mut nodes) = (SortedSet::new(), SortedSet::new());
        for (number, contact) in waiting {
            if contacts.contains(&contact) {
                continue;
            }
            match self.hand_over(turn, number, &mut nodes) {
                Ok(()) => {}
                Err(Held::Contact) => {
                    contacts.insert(contact);
                }
                Err(Held::Failed(code)) => self.row_failed(turn, number, code).await?,
            }
        }
        Ok(())
    }
}
