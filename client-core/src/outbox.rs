//! What waits for our node, in order of creation. A row is durable before it is handed over, and goes when its
//! outcome is known.

use std::collections::{BTreeMap, BTreeSet};

use shared_crypto::forward::seal_forward;
use shared_crypto::id::SubmissionId;
use shared_crypto::live::ClientBinary;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::postage::Postage;
use shared_crypto::problem::ProblemCode;

use crate::driver::Action;
use crate::ready::Ready;
use crate::rows::{OutboxRow, key};
use crate::store::{KeyRange, Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::{DeliveryView, Millis};

/// Submissions handed over and not answered, at most.
const WINDOW: usize = 32;

/// Wait after our node said that it cannot take mail now.
const HOLD: Millis = 5_000;

/// Largest proof of work that this client is ready to do: some seconds.
const MAX_POSTAGE_BITS: u64 = 24;

/// What waits for our node.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    rows: BTreeMap<u64, OutboxRow>,
    by_submission: BTreeMap<SubmissionId, u64>,
    hold_until: Option<Millis>,
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

    fn remove<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        submission: &SubmissionId,
    ) -> Option<OutboxRow> {
        let number = self.by_submission.remove(submission)?;
        turn.delete::<OutboxRow>(&key::number(number));
        self.rows.remove(&number)
    }

    /// Removes everything for a contact.
    pub(crate) fn remove_for<S: Store>(&mut self, turn: &mut Turn<'_, S>, contact: u32) {
        let gone: Vec<SubmissionId> = self
            .rows
            .values()
            .filter(|row| row.contact == contact)
            .map(|row| row.submission)
            .collect();
        for submission in gone {
            self.remove(turn, &submission);
        }
    }

    pub(crate) fn hold_until(&self) -> Option<Millis> {
        self.hold_until
    }
}

impl Ready {
    /// Puts an envelope at the end of the outbox.
    pub(crate) fn enqueue<S: Store>(&mut self, turn: &mut Turn<'_, S>, row: OutboxRow) {
        let number = self.own.row.next_outbox;
        self.own.row.next_outbox = number.saturating_add(1);
        self.own.save(turn);
        self.outbox.set(turn, number, row);
    }

    /// Hands over what our node may have now, in order for each destination.
    pub(crate) async fn flush<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
    ) -> Result<(), StoreError> {
        if self.outbox.hold_until.is_some_and(|until| turn.now < until) {
            return Ok(());
        }
        self.outbox.hold_until = None;
        if !self.live.is_online() || !self.mailboxes.all_confirmed() {
            return Ok(());
        }
        let waiting: Vec<(u64, SubmissionId)> = self
            .outbox
            .rows
            .iter()
            .filter(|(_, row)| !row.accepted && !self.live.in_flight.contains(&row.submission))
            .map(|(number, row)| (*number, row.submission))
            .collect();
        let mut blocked = BTreeSet::new();
        for (number, submission) in waiting {
            if self.live.in_flight.len() >= WINDOW {
                break;
            }
            let Some(row) = self.outbox.rows.get(&number) else {
                continue;
            };
            let Ok(url) = NodeUrl::parse(&row.node) else {
                self.failed(turn, &submission, "malformed").await?;
                continue;
            };
            if blocked.contains(&url) {
                continue;
            }
            let Some(document) = self.nodes.find(&url, turn.now) else {
                let request = self.next_request();
                self.nodes.ask(turn, &self.own, &url, request);
                blocked.insert(url);
                continue;
            };
            if document.fingerprint() != row.fingerprint {
                self.failed(turn, &submission, "peer_misbehaves").await?;
                continue;
            }
            let Some(forward_box) = seal(turn, row, document) else {
                self.failed(turn, &submission, "postage_required").await?;
                continue;
            };
            self.live.in_flight.insert(submission);
            let frame = ClientBinary::Submit {
                submission,
                node: url,
                forward_box: &forward_box,
            };
            turn.act(Action::SendBinary(
                self.own.home.node.clone(),
                frame.encode(),
            ));
        }
        Ok(())
    }

    /// Our node has these durably.
    pub(crate) async fn accepted<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        submissions: &[SubmissionId],
    ) -> Result<(), StoreError> {
        for submission in submissions {
            self.live.in_flight.remove(submission);
            let Some(number) = self.outbox.by_submission.get(submission).copied() else {
                continue;
            };
            let Some(row) = self.outbox.rows.get(&number).cloned() else {
                continue;
            };
            let (contact, message) = (row.contact, row.message);
            self.outbox.set(
                turn,
                number,
                OutboxRow {
                    accepted: true,
                    ..row
                },
            );
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
        if matches!(
            code,
            ProblemCode::RateLimited
                | ProblemCode::Unavailable
                | ProblemCode::NodeFull
                | ProblemCode::Internal
        ) {
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
        match code {
            Some(code) => self.failed(turn, submission, code.as_str()).await,
            None => {
                let Some(row) = self.outbox.remove(turn, submission) else {
                    return Ok(());
                };
                self.set_delivery(turn, row.contact, &row.message, &DeliveryView::OnTheirNode)
                    .await
            }
        }
    }

    async fn failed<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        submission: &SubmissionId,
        code: &str,
    ) -> Result<(), StoreError> {
        let Some(row) = self.outbox.remove(turn, submission) else {
            return Ok(());
        };
        let failed = DeliveryView::Failed {
            code: code.to_owned(),
        };
        self.set_delivery(turn, row.contact, &row.message, &failed)
            .await
    }
}

fn seal<S: Store>(
    turn: &mut Turn<'_, S>,
    row: &OutboxRow,
    document: &NodeDocument,
) -> Option<Vec<u8>> {
    let postage = if row.intro && document.postage_bits > 0 {
        let bits = document.postage_bits;
        let start = u64::from_be_bytes(turn.random());
        let bits = u32::try_from(bits)
            .ok()
            .filter(|_| bits <= MAX_POSTAGE_BITS)?;
        Postage::work(&row.mailbox, &row.message, &row.envelope.0, bits, start)
    } else {
        Postage::none()
    };
    let envelope = &row.envelope.0;
    seal_forward(
        document,
        &row.mailbox,
        &row.message,
        &postage,
        envelope,
        turn.rng,
    )
    .ok()
}
