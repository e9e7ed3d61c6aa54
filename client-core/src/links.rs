//! What happens: frames of our home nodes, links that end, answers to HTTP requests, and the clock.

use shared_crypto::id::{NodeFingerprint, SubmissionId};
use shared_crypto::live::{
    ClientFrame, CloseCode, LookupReply, MAX_LIST, NodeBinary, NodeFrame, Tombstone,
};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;

use crate::driver::{CloseReason, Frame, HttpCall};
use crate::inbox::Arrival;
use crate::live::{Woken, send_text};
use crate::offer;
use crate::own_code;
use crate::ready::{Asked, Ready};
use crate::recovering::{RECOVERY_CALLS, Said};
use crate::rows::{TombstoneRow, key};
use crate::store::{Store, StoreError};
use crate::turn::Turn;
use crate::view::{Millis, NodeStep};

impl Ready {
    /// The socket to one of our nodes was closed or could not be opened.
    pub(crate) fn closed<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &NodeUrl,
        reason: Option<&CloseReason>,
    ) {
        self.nodes.forget_asked(node);
        self.restart_resolves(node);
        let Some(home) = self.homes.get_mut(node) else {
            return;
        };
        self.mailboxes.forget_told(&home.row.fingerprint);
        let refused = reason.filter(|reason| reason.code == CloseCode::LoginRefused.number());
        let Some(reason) = refused else {
            return home.live.closed(turn);
        };
        let code = ProblemCode::parse_lenient(&reason.reason);
        if code == ProblemCode::KeyReplaced && home.live.reopened(turn, &self.own) {
            return;
        }
        home.live.refused(turn, code.as_str());
        match code {
            // The node lost us, or never had us: register again, then come back.
            ProblemCode::UnknownIdentity => {
                home.lost_us(turn.now);
                home.save(turn);
                let may_be_told = home.may_be_told(turn.now);
                // What it had of us is lost, whether or not we hear that it takes us anew.
                let fingerprint = home.row.fingerprint;
                self.mailboxes.unconfirm(turn, &fingerprint);
                self.outbox.submit_again(turn, node);
                if may_be_told {
                    self.register(turn, node);
                }
            }
            // Our key is not the one in force: perhaps somebody went on with our identity.
            ProblemCode::KeyReplaced
            | ProblemCode::InvalidSignature
            | ProblemCode::Unauthorized => self.check_own(turn, node),
            _ => {}
        }
    }

    /// Frames of one of our nodes, in order.
    pub(crate) async fn frames<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &NodeUrl,
        frames: Vec<Frame>,
    ) -> Result<(), StoreError> {
        let mut cursor = None;
        let mut seen = Vec::new();
        for frame in frames {
            let Some(home) = self.homes.get_mut(node) else {
                return Ok(());
            };
            if home.live.heard(turn) == Woken::Dead {
                self.closed(turn, node, None);
                break;
            }
            let understood = match frame {
                Frame::Text(text) => match NodeFrame::parse(&text) {
                    Ok(frame) if home.live.expects(&frame) => {
                        self.control(turn, node, frame, &mut seen).await?;
                        true
                    }
                    _ => false,
                },
                Frame::Binary(bytes) => match NodeBinary::parse(&bytes) {
                    Ok(frame) if home.live.is_online() => {
                        self.binary(turn, frame, &mut cursor).await?;
                        true
                    }
                    _ => false,
                },
            };
            if !understood {
                // What follows cannot be trusted to be what it seems; what came before is kept.
                if let Some(home) = self.homes.get_mut(node) {
                    home.live.refused(turn, own_code::NODE_MISBEHAVES);
                }
                break;
            }
        }
        if let Some(cursor) = cursor {
            send_text(turn, node, &ClientFrame::Ack { cursor });
        }
        for seen in seen.chunks(MAX_LIST) {
            let submissions = seen.to_vec();
            send_text(turn, node, &ClientFrame::OutcomesSeen { submissions });
        }
        self.advance(turn).await
    }

    async fn control<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &NodeUrl,
        frame: NodeFrame,
        seen: &mut Vec<SubmissionId>,
    ) -> Result<(), StoreError> {
        match frame {
            NodeFrame::Challenge { .. } => {
                if let Some(home) = self.homes.get_mut(node) {
                    home.live.challenged(turn, &self.own, &frame);
                }
            }
            NodeFrame::Welcome { closing_at, .. } => {
                if let Some(home) = self.homes.get_mut(node) {
                    home.closes(turn, closing_at);
                    home.live.welcomed(turn);
                }
                // By a login of the new key it has the record that names it.
                if self.is_recovering() {
                    self.check_own(turn, node);
                }
                self.tell_mailboxes(turn);
            }
            NodeFrame::Done { request } => self.mailboxes.done(turn, request),
            NodeFrame::Failed {
                request, mailboxes, ..
            } => self.mailboxes_taken(turn, request, &mailboxes),
            NodeFrame::Accepted { submissions } => self.accepted(turn, node, &submissions).await?,
            NodeFrame::Refused { submission, code } => {
                self.refused(turn, node, &submission, code).await?;
            }
            NodeFrame::Outcomes { items } => {
                for item in items {
                    self.outcome(turn, node, &item.submission, item.code)
                        .await?;
                    seen.push(item.submission);
                }
            }
            NodeFrame::Tombstones { items } => {
                let ids = items.iter().map(|item| item.id).collect();
                let by = self.homes.get(node).map(|home| home.row.fingerprint);
                for item in items {
                    self.add_tombstone(turn, by, &item);
                }
                turn.app_changed();
                send_text(turn, node, &ClientFrame::TombstonesSeen { ids });
            }
            NodeFrame::CaughtUp => self.check_sometimes(turn, node),
        }
        Ok(())
    }

    /// Each node counts its own; what it counted is stored before it may forget it. It is added up, so that no node
    /// fills the store.
    fn add_tombstone<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: Option<NodeFingerprint>,
        item: &Tombstone,
    ) {
        let mut rows = self.tombstones.iter();
        let known = rows.find(|(_, row)| row.node == node);
        let next = || self.tombstones.keys().next_back().copied();
        let number = known.map_or_else(|| next().unwrap_or_default().saturating_add(1), |it| *it.0);
        let row = TombstoneRow {
            count: known.map_or(0, |it| it.1.count).saturating_add(item.count),
            from: known.map_or(item.from, |it| it.1.from.min(item.from)),
            to: known.map_or(item.to, |it| it.1.to.max(item.to)),
            node,
        };
        turn.put(&key::number(number), &row);
        self.tombstones.insert(number, row);
    }

    async fn binary<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        frame: NodeBinary<'_>,
        last: &mut Option<u64>,
    ) -> Result<(), StoreError> {
        match frame {
            NodeBinary::Envelope {
                cursor,
                arrived_at,
                mailbox,
                message_id,
                envelope,
            } => {
                let arrival = Arrival {
                    mailbox,
                    message: message_id,
                    arrived_at,
                    envelope,
                };
                self.receive(turn, &arrival).await?;
                *last = Some(last.map_or(cursor, |last| last.max(cursor)));
            }
            NodeBinary::LookupAnswer { request, reply } => {
                self.looked_up(turn, request, answer_of(reply));
            }
            NodeBinary::NodeDocument { request, reply } => {
                let answered = self.nodes.answered(turn, request, answer_of(reply));
                if let Some((url, Err(code))) = answered {
                    self.node_failed(turn, &url, &code);
                }
            }
        }
        Ok(())
    }

    /// An HTTP request ended.
    pub(crate) fn http<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: HttpCall,
        answer: Option<(u16, Vec<u8>)>,
    ) {
        if RECOVERY_CALLS.contains(&call) {
            if let Some(recovery) = self.recovery.take() {
                let progress = recovery.http(turn, call, answer);
                self.recovery_went_on(turn, progress);
            }
            return;
        }
        match self.http.remove(&call) {
            Some(Asked::Publish { node, head, epoch }) => {
                let said = Said::of(answer.as_ref());
                self.published(turn, &node, (head, epoch), answer);
                self.recovery_answered(turn, &node, &head, said);
            }
            Some(Asked::Check(node)) => self.checked(turn, &node, answer),
            Some(Asked::Offer(asked, address)) => {
                self.offered(turn, asked, &address, answer);
            }
            Some(Asked::Join {
                call,
                address,
                replaces,
            }) => {
                let document = offer::read(answer, &address.node, turn.now);
                self.join(turn, call, document, &address, replaces);
            }
            Some(Asked::Forget(vault, node)) => {
                self.vault.forgotten(turn, &vault, &node, answer.as_ref());
            }
            None => {}
        }
    }

    /// The time asked for has come.
    pub(crate) async fn wake<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
    ) -> Result<(), StoreError> {
        if self.is_locked_out() {
            return Ok(());
        }
        let mut dead = Vec::new();
        for home in self.homes.iter_mut() {
            if home.live.wake(turn) == Woken::Dead {
                dead.push(home.live.node.clone());
            }
        }
        for node in dead {
            self.closed(turn, &node, None);
        }
        // A node lets nobody in whose clock is wrong, and a clock that is set meanwhile ends what was opened. By a clock that
        // nobody has looked at, no key is destroyed: mail that waits may need it.
        if self.homes.is_any_online() {
            if self.own.refresh_at().is_some_and(|at| at <= turn.now) {
                self.own.refresh(turn);
            }
            self.own.destroy_old(turn);
            self.forget_old(turn).await?;
        }
        self.expire(turn).await?;
        self.typing_over(turn);
        self.send_receipts(turn)?;
        self.heal_due(turn);
        self.advance(turn).await
    }

    /// Everything that may go on after something happened.
    pub(crate) async fn advance<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
    ) -> Result<(), StoreError> {
        self.advance_homes(turn);
        self.advance_resolves(turn);
        for (contact, news) in core::mem::take(&mut self.looked) {
            self.looked_for(turn, contact, news).await?;
        }
        self.keep_for_later(turn).await?;
        self.flush(turn).await?;
        self.advance_vault(turn).await
    }

    /// When this client wants to be woken.
    pub(crate) fn wake_at(&self, now: Millis) -> Option<Millis> {
        if self.is_locked_out() {
            return None;
        }
        let online = self.homes.is_any_online();
        [
            self.homes.wake_at(now),
            self.receipts_at(),
            self.heal_at(),
            self.resolve_deadline(),
            self.vault.wake_at(),
            self.nodes.retry_at(now).filter(|_| online),
            self.outbox_wake_at(now),
            self.own.refresh_at().filter(|_| online),
            self.next_expiry,
            self.typing_until(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn outbox_wake_at(&self, now: Millis) -> Option<Millis> {
        if !self.homes.is_any_online() {
            return None;
        }
        let held = |home: &crate::homes::Home| home.live.hold_until.filter(|at| *at > now);
        let held = self.homes.iter().filter_map(held);
        held.chain(self.outbox.wake_at(now)).min()
    }

    /// A number for an HTTP request; those of a creation are not among them.
    pub(crate) fn next_http(&mut self) -> HttpCall {
        HttpCall::from(self.next_request()).saturating_add(1)
    }

    /// Asks a node once in a while what it holds of us: it may have been set back without our noticing.
    fn check_sometimes<S: Store>(&mut self, turn: &mut Turn<'_, S>, node: &NodeUrl) {
        let Some(home) = self.homes.get_mut(node) else {
            return;
        };
        if home.step() != NodeStep::Leaving && home.is_check_due(turn.now) {
            self.check_own(turn, node);
        }
    }
}

fn answer_of(reply: LookupReply<'_>) -> Result<&[u8], &'static str> {
    match reply {
        LookupReply::Bytes(bytes) => Ok(bytes),
        LookupReply::Problem(code) => Err(code.as_str()),
    }
}
