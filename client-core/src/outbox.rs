//! What waits for our node, in order of creation.
//!
//! A row holds a signed event. It is sealed when it can be handed over, so that it is sealed to the newest
//! key package and under the newest pair secret there are. A row is durable before it is handed over,
//! and goes when its outcome is known. Rows that no entry shows (acceptances, receipts, names) are tried
//! again by themselves: nobody could press a button for them.

use std::collections::{BTreeMap, BTreeSet};

use shared_crypto::cbor::{ByteArray, Bytes};
use shared_crypto::forward::seal_forward;
use shared_crypto::id::{MessageId, SubmissionId};
use shared_crypto::live::ClientBinary;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::postage::Postage;
use shared_crypto::problem::ProblemCode;
use shared_crypto::time::{DAY, MINUTE};

use crate::compose::Refusal;
use crate::driver::Action;
use crate::ready::Ready;
use crate::rows::{OutboxRow, SealedRow, key};
use crate::store::{KeyRange, Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::{ContactNumber, DeliveryView, Millis};

/// Submissions handed over and not answered, at most.
const WINDOW: usize = 32;

/// Wait after our node said that it cannot take mail now.
const HOLD: Millis = 5_000;

/// Wait before a row that no entry shows is tried again.
const QUIET_RETRY: Millis = 10 * MINUTE;

/// How long such a row is tried.
const QUIET_LIFE: Millis = 14 * DAY;

/// Largest proof of work that this client is ready to do: a second or two.
const MAX_POSTAGE_BITS: u64 = 22;

/// What waits for our node.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    rows: BTreeMap<u64, OutboxRow>,
    by_submission: BTreeMap<SubmissionId, u64>,
    hold_until: Option<Millis>,
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
    /// Others for the same node have to wait too.
    Node(NodeUrl),
    /// It never can: the code says why.
    Failed(&'static str),
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
                outbox.by_submission.insert(row.submission, number);
                outbox.rows.insert(number, row);
            }
        }
        Ok(outbox)
    }

    fn set<S: Store>(&mut self, turn: &mut Turn<'_, S>, number: u64, row: OutboxRow) {
        turn.put(&key::number(number), &row);
        self.by_submission.insert(row.submission, number);
        self.rows.insert(number, row);
    }

    fn find(&self, submission: &SubmissionId) -> Option<(u64, &OutboxRow)> {
        let number = self.by_submission.get(submission)?;
        self.rows.get(number).map(|row| (*number, row))
    }

    fn remove<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        submission: &SubmissionId,
    ) -> Option<OutboxRow> {
        let number = self.by_submission.remove(submission)?;
        turn.delete::<OutboxRow>(&key::number(number));
        self.rows.remove(&number)
    }

    /// Our node may have lost what it had: everything is handed over again. It and the other nodes know
    /// repeated ones by their ids.
    pub(crate) fn submit_again<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let accepted: Vec<u64> = self
            .rows
            .iter()
            .filter(|(_, row)| row.accepted)
            .map(|(number, _)| *number)
            .collect();
        for number in accepted {
            if let Some(row) = self.rows.get(&number).cloned() {
                self.set(
                    turn,
                    number,
                    OutboxRow {
                        accepted: false,
                        ..row
                    },
                );
            }
        }
    }

    /// When something that is held back may go on.
    pub(crate) fn wake_at(&self, now: Millis) -> Option<Millis> {
        let later = self
            .rows
            .values()
            .filter_map(|row| row.not_before)
            .filter(|at| *at > now);
        later.chain(self.hold_until).min()
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
            submission: SubmissionId::from_bytes(turn.random()),
            contact,
            message,
            event: Bytes(event.to_vec()),
            quiet: shown == Shown::Quietly,
            sealed: None,
            accepted: false,
            created_at: turn.now,
            not_before: None,
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
        let rows = self
            .outbox
            .rows
            .values()
            .filter(|row| row.contact == contact);
        let gone: Vec<SubmissionId> = rows.map(|row| row.submission).collect();
        for submission in gone {
            if let Some(row) = self.outbox.remove(turn, &submission) {
                let failed = DeliveryView::Failed {
                    code: code.to_owned(),
                };
                self.set_delivery(turn, row.contact, &row.message, &failed)
                    .await?;
            }
        }
        Ok(())
    }

    /// Hands over what our node may have now, in order for each contact and each node.
    pub(crate) async fn flush<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
    ) -> Result<(), StoreError> {
        if self.outbox.hold_until.is_some_and(|until| turn.now < until) {
            return Ok(());
        }
        self.outbox.hold_until = None;
        if !self.live.is_online() {
            return Ok(());
        }
        let may_go =
            |row: &OutboxRow| !row.accepted && row.not_before.is_none_or(|at| at <= turn.now);
        let waiting: Vec<(u64, SubmissionId, ContactNumber)> = self
            .outbox
            .rows
            .iter()
            .filter(|(_, row)| may_go(row) && !self.live.in_flight.contains(&row.submission))
            .map(|(number, row)| (*number, row.submission, row.contact))
            .collect();
        let (mut contacts, mut nodes) = (BTreeSet::new(), BTreeSet::new());
        for (number, submission, contact) in waiting {
            if self.live.in_flight.len() >= WINDOW {
                break;
            }
            if contacts.contains(&contact) {
                continue;
            }
            match self.hand_over(turn, number, &nodes) {
                Ok(()) => {
                    self.live.in_flight.insert(submission);
                }
                Err(Held::Contact) => {
                    contacts.insert(contact);
                }
                Err(Held::Node(url)) => {
                    nodes.insert(url);
                }
                Err(Held::Failed(code)) => self.failed(turn, &submission, code).await?,
            }
        }
        Ok(())
    }

    fn hand_over<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: u64,
        held: &BTreeSet<NodeUrl>,
    ) -> Result<(), Held> {
        let row = self
            .outbox
            .rows
            .get(&number)
            .cloned()
            .ok_or(Held::Contact)?;
        let row = match row.sealed {
            Some(_) => row,
            None => self.seal_row(turn, row)?,
        };
        let sealed = row.sealed.as_ref().ok_or(Held::Failed("internal"))?;
        let url = NodeUrl::parse(&sealed.node).map_err(|_| Held::Failed("malformed"))?;
        if held.contains(&url) {
            self.outbox.set(turn, number, row);
            return Err(Held::Node(url));
        }
        let fingerprint = sealed.fingerprint;
        let known = self.nodes.find(&url, turn.now);
        let Some(document) = known.filter(|document| document.fingerprint() == fingerprint) else {
            if known.is_some() {
                // Not the node that the contact's record names: perhaps our own node lies.
                self.nodes.reject(turn, &url);
            }
            self.outbox.set(turn, number, row);
            let request = self.next_request();
            self.nodes.ask(turn, &self.own, &url, request);
            return Err(Held::Node(url));
        };
        let (row, forward_box) = stamp(turn, row, document)?;
        let submission = row.submission;
        self.outbox.set(turn, number, row);
        let frame = ClientBinary::Submit {
            submission,
            node: url,
            forward_box: &forward_box,
        };
        turn.act(Action::SendBinary(
            self.own.home.node.clone(),
            frame.encode(),
        ));
        Ok(())
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
            .ok_or(Held::Failed("not_found"))?;
        // What we give away must work: our node has to know the mailbox for the answer first.
        if contact
            .row
            .ours
            .is_some_and(|ours| !self.mailboxes.is_confirmed(&ours))
        {
            return Err(Held::Contact);
        }
        // They destroy old receive keys: what is sealed to a package long replaced could not be opened.
        if contact.package_is_stale(turn.now) {
            self.look_again(turn, row.contact);
            return Err(Held::Contact);
        }
        let sealed = self
            .seal_event(turn, row.contact, &row.event.0)
            .map_err(|refusal| match refusal {
                Refusal::Request(_) => Held::Failed("wrong_state"),
                Refusal::Store(_) => Held::Failed("internal"),
            })?;
        Ok(OutboxRow {
            sealed: Some(sealed),
            ..row
        })
    }

    /// Our node has these durably.
    pub(crate) async fn accepted<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        submissions: &[SubmissionId],
    ) -> Result<(), StoreError> {
        for submission in submissions {
            self.live.in_flight.remove(submission);
            let Some((number, row)) = self.outbox.find(submission) else {
                continue;
            };
            let row = OutboxRow {
                accepted: true,
                ..row.clone()
            };
            let (contact, message) = (row.contact, row.message);
            self.outbox.set(turn, number, row);
            self.set_delivery(turn, contact, &message, &DeliveryView::Sent)
                .await?;
        }
        Ok(())
    }

    /// Our node did not take this.
    pub(crate) async fn refused<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        submission: &SubmissionId,
        code: ProblemCode,
    ) -> Result<(), StoreError> {
        self.live.in_flight.remove(submission);
        let passes = matches!(
            code,
            ProblemCode::RateLimited
                | ProblemCode::Unavailable
                | ProblemCode::NodeFull
                | ProblemCode::Internal
        );
        if passes {
            self.outbox.hold_until = Some(turn.now.saturating_add(HOLD));
            return Ok(());
        }
        self.failed(turn, submission, code.as_str()).await
    }

    /// What became of a submission at its destination.
    pub(crate) async fn outcome<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        submission: &SubmissionId,
        code: Option<ProblemCode>,
    ) -> Result<(), StoreError> {
        self.live.in_flight.remove(submission);
        if let Some(code) = code {
            return self.failed(turn, submission, code.as_str()).await;
        }
        let Some(row) = self.outbox.remove(turn, submission) else {
            return Ok(());
        };
        self.set_delivery(turn, row.contact, &row.message, &DeliveryView::OnTheirNode)
            .await
    }

    async fn failed<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        submission: &SubmissionId,
        code: &str,
    ) -> Result<(), StoreError> {
        let Some((number, _)) = self.outbox.find(submission) else {
            return Ok(());
        };
        let Some(row) = self.outbox.remove(turn, submission) else {
            return Ok(());
        };
        let hopeless = matches!(code, "unknown_mailbox" | "not_found" | "wrong_state");
        if row.quiet && !hopeless && turn.now < row.created_at.saturating_add(QUIET_LIFE) {
            let again = OutboxRow {
                submission: SubmissionId::from_bytes(turn.random()),
                sealed: None,
                accepted: false,
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

/// Puts postage on a row, once, and boxes it for the destination.
fn stamp<S: Store>(
    turn: &mut Turn<'_, S>,
    mut row: OutboxRow,
    document: &NodeDocument,
) -> Result<(OutboxRow, Vec<u8>), Held> {
    let sealed = row.sealed.as_mut().ok_or(Held::Failed("internal"))?;
    let SealedRow {
        mailbox,
        envelope,
        intro,
        postage,
        ..
    } = sealed;
    let bits = document.postage_bits;
    let paid = match postage {
        Some(paid) => Postage::from_bytes(&paid.0).map_err(|_| Held::Failed("internal"))?,
        None if *intro && bits > 0 => {
            let start = u64::from_be_bytes(turn.random());
            let bits = u32::try_from(bits)
                .ok()
                .filter(|_| bits <= MAX_POSTAGE_BITS);
            let bits = bits.ok_or(Held::Failed("postage_required"))?;
            Postage::work(mailbox, &row.message, &envelope.0, bits, start)
        }
        None => Postage::none(),
    };
    *postage = Some(ByteArray(*paid.as_bytes()));
    let boxed = seal_forward(
        document,
        mailbox,
        &row.message,
        &paid,
        &envelope.0,
        turn.rng,
    );
    let boxed = boxed.map_err(|_| Held::Failed("internal"))?;
    Ok((row, boxed))
}
