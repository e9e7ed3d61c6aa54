//! What waits for our nodes, in order of creation.
//!
//! A row holds a signed event. It is sealed when it can be handed over, so that it is sealed to the newest
//! key package and under the newest pair secret there are. The envelope goes to the two best nodes of the
//! recipient: two *copies* under one message id, of which the reader keeps one. Each copy is handed to
//! one of our own nodes that is connected, and to another one if that one goes away before it says what became of
//! it. A row is durable before it is handed over, and goes when the outcome of each copy is known; it failed
//! when every copy did. Rows that no entry shows (acceptances, receipts, names) are tried again by themselves:
//! nobody could press a button for them.

use shared_crypto::cbor::{ByteArray, Bytes};
use shared_crypto::forward::seal_forward;
use shared_crypto::id::{MessageId, SubmissionId};
use shared_crypto::live::ClientBinary;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::postage::Postage;
use shared_crypto::problem::ProblemCode;
use shared_crypto::record::Delivery;
use shared_crypto::time::{DAY, MINUTE};

use crate::compose::Refusal;
use crate::driver::Action;
use crate::own_code;
use crate::ready::Ready;
use crate::rows::{CopyRow, OutboxRow, SealedRow, key};
use crate::sorted::{SortedMap, SortedSet, sort_by_key};
use crate::store::{KeyRange, Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::{ContactNumber, DeliveryView, Millis};

/// Submissions handed over on one link and not answered, at most.
const WINDOW: usize = 32;

/// Wait before a row that no entry shows is tried again.
const QUIET_RETRY: Millis = 10 * MINUTE;

/// How long such a row is tried.
const QUIET_LIFE: Millis = 14 * DAY;

/// Wait before mail is offered again to a mailbox that had no room.
const FULL_RETRY: Millis = 10 * MINUTE;

/// How long mail is offered to a mailbox that has no room.
const FULL_LIFE: Millis = 2 * DAY;

/// How long a home node may be away with mail of ours whose outcome it did not tell.
const HOME_PATIENCE: Millis = 5 * MINUTE;

/// To how many nodes of the recipient an envelope goes.
const COPIES: usize = 2;

/// Largest proof of work that this client is ready to do: a second or two.
const MAX_POSTAGE_BITS: u64 = 22;

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
        let patience = |at: Millis| at.saturating_add(HOME_PATIENCE);
        let times = open.flat_map(|copy| {
            let given_up = copy.home.as_ref().and(copy.accepted_at).map(patience);
            [copy.not_before, given_up]
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

    fn hand_over<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: u64,
        held: &mut SortedSet<NodeUrl>,
    ) -> Result<(), Held> {
        let row = self
            .outbox
            .rows
            .get(&number)
            .cloned()
            .ok_or(Held::Contact)?;
        // Somebody else may use their keys: nothing is sent until that is settled, sealed already or not.
        let contact = self.contacts.get(&row.contact);
        if contact.is_some_and(|contact| contact.row.forked_at.is_some()) {
            return Err(Held::Contact);
        }
        let row = match row.sealed {
            Some(_) => row,
            None => {
                let row = self.seal_row(turn, row)?;
                self.outbox.set(turn, number, row.clone());
                row
            }
        };
        if !row.copies.is_empty() && row.copies.iter().all(CopyRow::failed) {
            // It came back before the last start; see `copy_failed`.
            self.look_for(turn, row.contact, None);
            return Ok(());
        }
        for index in 0..row.copies.len() {
            self.hand_over_copy(turn, number, index, held)?;
        }
        Ok(())
    }

    fn hand_over_copy<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: u64,
        index: usize,
        held: &mut SortedSet<NodeUrl>,
    ) -> Result<(), Held> {
        let Some(row) = self.outbox.rows.get(&number) else {
            return Ok(());
        };
        let Some(copy) = row.copies.get(index).cloned() else {
            return Ok(());
        };
        let url = NodeUrl::parse(&copy.node).map_err(|_| Held::Failed(own_code::BAD_NODE))?;
        if held.contains(&url) || !self.is_open(&copy, turn.now) {
            return Ok(());
        }
        let Some(home) = self.home_for(row, index, turn.now) else {
            return Ok(());
        };
        let row = row.clone();
        let known = self.nodes.find(&url, turn.now);
        let genuine = known.filter(|document| document.fingerprint() == copy.fingerprint);
        let Some(document) = genuine else {
            if known.is_some() {
                // Not the node that the contact's record names: perhaps our own node lies.
                self.nodes.reject(turn, &url);
            }
            let request = self.next_request();
            self.nodes.ask(turn, &home, &url, request);
            held.insert(url);
            return Ok(());
        };
        let (row, forward_box) = stamp(turn, row, index, document)?;
        self.outbox.set(turn, number, row);
        let frame = ClientBinary::Submit {
            submission: copy.submission,
            node: url,
            forward_box: &forward_box,
        };
        turn.act(Action::SendBinary(home.clone(), frame.encode()));
        if let Some(home) = self.homes.get_mut(&home) {
            home.live.in_flight.insert(copy.submission);
        }
        Ok(())
    }

    /// Whether a copy is to be handed over: nobody has it, or only a home node that has been away for long.
    fn is_open(&self, copy: &CopyRow, now: Millis) -> bool {
        if copy.outcome.is_some() || copy.not_before.is_some_and(|at| now < at) {
            return false;
        }
        let handed = |home: &crate::homes::Home| home.live.in_flight.contains(&copy.submission);
        if self.homes.iter().any(handed) {
            return false;
        }
        let Some(holder) = &copy.home else {
            return true;
        };
        let holder = NodeUrl::parse(holder)
            .ok()
            .and_then(|url| self.homes.get(&url));
        let away = holder.is_none_or(|home| !home.live.is_online());
        let patience = copy.accepted_at.unwrap_or_default();
        away && patience.saturating_add(HOME_PATIENCE) <= now
    }

    /// The home node to hand a copy to: connected, with room, and not the one that has the other copy if there is a
    /// choice, so that one bad home node cannot stop both.
    fn home_for(&self, row: &OutboxRow, index: usize, now: Millis) -> Option<NodeUrl> {
        let has_other = |home: &crate::homes::Home| {
            let others = row.copies.iter().enumerate().filter(|(at, _)| *at != index);
            others.map(|(_, copy)| copy).any(|copy| {
                copy.home.as_deref() == Some(home.live.node.as_str())
                    || home.live.in_flight.contains(&copy.submission)
            })
        };
        let online = self.homes.online(&self.own.chain);
        let able: Vec<&crate::homes::Home> = online
            .iter()
            .filter_map(|url| self.homes.get(url))
            .filter(|home| home.live.in_flight.len() < WINDOW)
            .filter(|home| home.live.hold_until.is_none_or(|until| until <= now))
            .collect();
        let best = able.into_iter().min_by_key(|home| has_other(home));
        best.map(|home| home.live.node.clone())
    }

    /// Seals a row's event to the contact as it is known now.
    fn seal_row<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        row: OutboxRow,
    ) -> Result<OutboxRow, Held> {
        let contact = self
            .contacts
            .get(&row.contact)
            .ok_or(Held::Failed(own_code::NOT_FOUND))?;
        // What we give away must work: one of our nodes has to know the mailbox for the answer first.
        if contact
            .row
            .ours
            .is_some_and(|ours| !self.mailboxes.is_confirmed(&ours))
        {
            return Err(Held::Contact);
        }
        // They destroy old receive keys: what is sealed to a package long replaced could not be opened.
        let without = contact.package.is_none();
        if contact.package_is_stale(turn.now) {
            self.look_again(turn, row.contact);
            return Err(Held::Contact);
        }
        if without {
            return Err(Held::Contact);
        }
        let sealed = self
            .seal_event(turn, row.contact, &row.event.0)
            .map_err(|refusal| match refusal {
                Refusal::Request(_) => Held::Failed(own_code::WRONG_STATE),
                Refusal::Store(_) => Held::Failed(own_code::INTERNAL),
            })?;
        let targets = self.targets(row.contact, &sealed, turn.now);
        let copies = targets
            .iter()
            .take(COPIES)
            .map(|entry| CopyRow::new(turn, entry))
            .collect();
        Ok(OutboxRow {
            sealed: Some(sealed),
            copies,
            ..row
        })
    }

    /// The recipient's nodes where this envelope may be left, the best first: those that mail reaches, in the order of
    /// their record.
    fn targets(&self, contact: ContactNumber, sealed: &SealedRow, now: Millis) -> Vec<Delivery> {
        let Some(contact) = self.contacts.get(&contact) else {
            return Vec::new();
        };
        // An envelope is bound to its mailbox.
        let fits = |entry: &&Delivery| !sealed.intro || entry.intro == sealed.mailbox;
        let mut targets: Vec<Delivery> = contact.chain.active().filter(fits).cloned().collect();
        sort_by_key(&mut targets, |entry| {
            self.nodes.is_unhealthy(&entry.node, now)
        });
        targets
    }

    /// One of our nodes has these durably.
    pub(crate) async fn accepted<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        home: &NodeUrl,
        submissions: &[SubmissionId],
    ) -> Result<(), StoreError> {
        for submission in submissions {
            self.landed(home, submission);
            let Some((number, index, mut row)) = self.outbox.find(submission) else {
                continue;
            };
            if let Some(copy) = row.copies.get_mut(index) {
                copy.home = Some(home.to_string());
                copy.accepted_at = Some(turn.now);
            }
            let (contact, message) = (row.contact, row.message);
            self.outbox.set(turn, number, row);
            self.set_delivery(turn, contact, &message, &DeliveryView::Sent)
                .await?;
        }
        Ok(())
    }

    fn landed(&mut self, home: &NodeUrl, submission: &SubmissionId) {
        if let Some(home) = self.homes.get_mut(home) {
            home.live.in_flight.remove(submission);
        }
    }

    /// One of our nodes did not take this.
    pub(crate) async fn refused<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        home: &NodeUrl,
        submission: &SubmissionId,
        code: ProblemCode,
    ) -> Result<(), StoreError> {
        self.landed(home, submission);
        let passes = matches!(
            code,
            ProblemCode::RateLimited
                | ProblemCode::Unavailable
                | ProblemCode::NodeFull
                | ProblemCode::Internal
        );
        if passes {
            if let Some(home) = self.homes.get_mut(home) {
                home.live.hold(turn.now);
            }
            return Ok(());
        }
        self.copy_failed(turn, submission, code).await
    }

    /// What became of a submission at its destination.
    pub(crate) async fn outcome<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        home: &NodeUrl,
        submission: &SubmissionId,
        code: Option<ProblemCode>,
    ) -> Result<(), StoreError> {
        self.landed(home, submission);
        if let Some(code) = code {
            return self.copy_failed(turn, submission, code).await;
        }
        let Some((number, index, mut row)) = self.outbox.find(submission) else {
            return Ok(());
        };
        if let Some(copy) = row.copies.get_mut(index) {
            copy.outcome = Some(String::new());
            if let Ok(url) = NodeUrl::parse(&copy.node) {
                self.nodes.reached(&url);
            }
        }
        let (contact, message) = (row.contact, row.message);
        let done = row.copies.iter().all(|copy| copy.outcome.is_some());
        self.outbox.set(turn, number, row);
        if done {
            self.outbox.remove(turn, number);
        }
        self.set_delivery(turn, contact, &message, &DeliveryView::OnTheirNode)
            .await
    }

    /// One copy will not arrive; others may.
    async fn copy_failed<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        submission: &SubmissionId,
        code: ProblemCode,
    ) -> Result<(), StoreError> {
        let Some((number, index, mut row)) = self.outbox.find(submission) else {
            return Ok(());
        };
        let Some(copy) = row.copies.get_mut(index) else {
            return Ok(());
        };
        let url = NodeUrl::parse(&copy.node).ok();
        let has_time = turn.now < row.created_at.saturating_add(FULL_LIFE);
        if code == ProblemCode::MailboxFull && has_time {
            // They may make room: offered again, under another number, as the old one has its outcome.
            copy.submission = SubmissionId::from_bytes(turn.random());
            copy.home = None;
            copy.not_before = Some(turn.now.saturating_add(FULL_RETRY));
            self.outbox.set(turn, number, row);
            return Ok(());
        }
        copy.outcome = Some(code.as_str().to_owned());
        if let Some(url) = &url
            && is_out_of_reach(code)
        {
            self.nodes.did_not_reach(url, turn.now);
        }
        // Another node of theirs takes its place, if there is one that was not tried.
        if let Some(sealed) = &row.sealed {
            let targets = self.targets(row.contact, sealed, turn.now);
            let untried = targets.iter().find(|entry| {
                let tried = |copy: &CopyRow| copy.fingerprint == entry.fingerprint;
                !row.copies.iter().any(tried)
            });
            if let Some(entry) = untried {
                row.copies.push(CopyRow::new(turn, entry));
            }
        }
        let done = row.copies.iter().all(|copy| copy.outcome.is_some());
        let arrived = row.copies.iter().any(CopyRow::arrived);
        let (contact, looked) = (row.contact, row.looked.unwrap_or_default());
        self.outbox.set(turn, number, row);
        if is_elsewhere(code) && !looked {
            // They are not where we think: whoever holds their records is asked, and the row waits for it.
            self.look_for(turn, contact, url.as_ref());
            if !arrived {
                return Ok(());
            }
        }
        match (done, arrived) {
            (true, true) => {
                self.outbox.remove(turn, number);
                Ok(())
            }
            (true, false) => self.row_failed(turn, number, code.as_str()).await,
            _ => Ok(()),
        }
    }

    /// A contact was looked up again because mail came back: it is sealed anew if something is new, else it failed.
    pub(crate) async fn looked_for<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        contact: ContactNumber,
        news: bool,
    ) -> Result<(), StoreError> {
        let came_back = |row: &&OutboxRow| {
            row.contact == contact
                && !row.copies.is_empty()
                && row.copies.iter().all(CopyRow::failed)
        };
        let numbers: Vec<u64> = self
            .outbox
            .rows
            .iter()
            .filter(|(_, row)| came_back(row))
            .map(|(number, _)| *number)
            .collect();
        for number in numbers {
            let Some(row) = self.outbox.rows.get(&number).cloned() else {
                continue;
            };
            if news {
                let row = OutboxRow {
                    sealed: None,
                    copies: Vec::new(),
                    looked: Some(true),
                    ..row
                };
                self.outbox.set(turn, number, row);
            } else {
                let code = row.copies.iter().find_map(|copy| copy.outcome.clone());
                let code = code.unwrap_or_else(|| "unknown_mailbox".to_owned());
                self.row_failed(turn, number, &code).await?;
            }
        }
        Ok(())
    }

    async fn row_failed<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: u64,
        code: &str,
    ) -> Result<(), StoreError> {
        let Some(row) = self.outbox.remove(turn, number) else {
            return Ok(());
        };
        let hopeless = matches!(
            code,
            "unknown_mailbox" | own_code::NOT_FOUND | own_code::WRONG_STATE
        );
        if row.quiet && !hopeless && turn.now < row.created_at.saturating_add(QUIET_LIFE) {
            let again = OutboxRow {
                sealed: None,
                copies: Vec::new(),
                looked: None,
                not_before: Some(turn.now.saturating_add(QUIET_RETRY)),
                ..row
            };
            self.outbox.set(turn, number, again);
            return Ok(());
        }
        let failed = DeliveryView::Failed {
            code: code.to_owned(),
        };
        self.set_delivery(turn, row.contact, &row.message, &failed)
            .await
    }
}

/// The node itself cannot be reached or does not work.
fn is_out_of_reach(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::Undeliverable
            | ProblemCode::PeerUnreachable
            | ProblemCode::PeerMisbehaves
            | ProblemCode::PeerRefused
            | ProblemCode::PrivateAddress
            | ProblemCode::CannotOpen
            | ProblemCode::NotThisNode
    )
}

/// The mailbox is not there, or the node is another one: they may have moved, or replaced their keys.
fn is_elsewhere(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::UnknownMailbox
            | ProblemCode::CannotOpen
            | ProblemCode::NotThisNode
            | ProblemCode::Undeliverable
            | ProblemCode::MailboxMoved
    )
}

/// Puts postage on a copy, once, and boxes it for the destination.
fn stamp<S: Store>(
    turn: &mut Turn<'_, S>,
    mut row: OutboxRow,
    index: usize,
    document: &NodeDocument,
) -> Result<(OutboxRow, Vec<u8>), Held> {
    let sealed = row
        .sealed
        .as_ref()
        .ok_or(Held::Failed(own_code::INTERNAL))?;
    let SealedRow {
        mailbox,
        envelope,
        intro,
    } = sealed;
    let copy = row
        .copies
        .get_mut(index)
        .ok_or(Held::Failed(own_code::INTERNAL))?;
    let bits = document.postage_bits;
    let paid = match &copy.postage {
        Some(paid) => Postage::from_bytes(&paid.0).map_err(|_| Held::Failed(own_code::INTERNAL))?,
        None if *intro && bits > 0 => {
            let start = u64::from_be_bytes(turn.random());
            let bits = u32::try_from(bits)
                .ok()
                .filter(|_| bits <= MAX_POSTAGE_BITS);
            let bits = bits.ok_or(Held::Failed(own_code::NO_POSTAGE))?;
            Postage::work(mailbox, &row.message, &envelope.0, bits, start)
        }
        None => Postage::none(),
    };
    copy.postage = Some(ByteArray(*paid.as_bytes()));
    let boxed = seal_forward(
        document,
        mailbox,
        &row.message,
        &paid,
        &envelope.0,
        turn.rng,
    );
    let boxed = boxed.map_err(|_| Held::Failed(own_code::INTERNAL))?;
    Ok((row, boxed))
}
