//! What became of what was handed over: nodes have it, refuse it, or send it back.

use shared_crypto::id::SubmissionId;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;
use shared_crypto::time::{DAY, MINUTE};

use crate::own_code;
use crate::ready::Ready;
use crate::rows::{CopyRow, OutboxRow};
use crate::store::{Store, StoreError};
use crate::turn::Turn;
use crate::view::{ContactNumber, DeliveryView, Millis};

/// Wait before a row that no entry shows is tried again.
const QUIET_RETRY: Millis = 10 * MINUTE;

/// How long such a row is tried.
const QUIET_LIFE: Millis = 14 * DAY;

/// Wait before mail is offered again to a mailbox that had no room.
const FULL_RETRY: Millis = 10 * MINUTE;

/// How long mail is offered to a mailbox that has no room.
const FULL_LIFE: Millis = 2 * DAY;

impl Ready {
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

    pub(super) async fn row_failed<S: Store>(
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
        if !row.quiet && !self.is_shown(turn, row.contact, &row.message).await? {
            self.ask_anew(turn, row.contact, &row.message);
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
