//! What a client sends after its login. Answers come through the letterbox, when they are true.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use shared_crypto::live::{
    ClientBinary, ClientFrame, CloseCode, LiveError, LookupReply, MailboxKind as WireKind,
    NodeBinary,
};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;
use tokio::task::JoinSet;

use super::mail::Mail;
use super::session::End;
use super::slot::{Answer, Slot};
use crate::limits::Held;
use crate::metrics::{Since, Way};
use crate::refused::{Noted, Refused};
use crate::service::{App, store_code};
use crate::store::{
    AccountId, Ack, Apply, ChangeMailboxes, Cursor, MailboxKind, OutcomesSeen, StoreError, Submit,
    Submitted, TombstonesSeen,
};

/// Submissions and changes without an answer yet; beyond it the node does not read on.
const UNANSWERED: usize = 256;

/// Lookups and node documents under way; beyond it they are refused.
const RELAYS: usize = 16;

/// How long one of those may take, with the wait for its turn.
const RELAY_PATIENCE: Duration = Duration::from_secs(20);

/// One client's requests.
pub(super) struct Uplink {
    app: Arc<App>,
    slot: Arc<Slot>,
    unanswered: usize,
    /// Requests to other nodes; they end with the socket.
    relays: JoinSet<()>,
    under_way: usize,
    /// The highest acknowledgement that has not been passed on.
    acked: Option<Ack>,
    noted: Noted,
}

impl Uplink {
    pub(super) fn new(app: Arc<App>, slot: Arc<Slot>) -> Self {
        Self {
            app,
            slot,
            unanswered: 0,
            relays: JoinSet::new(),
            under_way: 0,
            acked: None,
            noted: Noted::default(),
        }
    }

    pub(super) fn has_room(&self) -> bool {
        self.unanswered < UNANSWERED
    }

    pub(super) fn answered(&mut self) {
        self.unanswered = self.unanswered.saturating_sub(1);
    }

    pub(super) fn relayed(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
        while self.relays.try_join_next().is_some() {}
    }

    pub(super) async fn text(&mut self, text: &str, mail: &mut Mail) -> Result<(), End> {
        let (account, device) = (self.slot.account, self.slot.device);
        match ClientFrame::parse(text).map_err(broken)? {
            ClientFrame::Login { .. } => Err(broken(LiveError::Malformed)),
            ClientFrame::Ack { cursor } => {
                let cursor = Cursor::new(cursor);
                mail.acknowledge(cursor);
                let is_pushed = mail.has_pushed(cursor);
                if self.acked.is_none_or(|ack| ack.cursor < cursor) {
                    self.acked = Some(Ack {
                        account,
                        device,
                        cursor,
                        is_pushed,
                    });
                }
                Ok(())
            }
            ClientFrame::Mailboxes {
                request,
                add,
                remove,
            } => {
                let add = add
                    .into_iter()
                    .map(|entry| match entry.kind {
                        WireKind::Intro => (entry.mailbox, MailboxKind::Intro),
                        WireKind::Contact => (entry.mailbox, MailboxKind::Contact),
                    })
                    .collect();
                self.unanswered = self.unanswered.saturating_add(1);
                let command = ChangeMailboxes {
                    account,
                    add,
                    remove,
                };
                if let Err(refused) = self.may_list(command.weight()) {
                    self.slot
                        .push_answer(Answer::Mailboxes(request, Err(refused.into())));
                    return Ok(());
                }
                self.ask(command, move |result| Answer::Mailboxes(request, result))
                    .await
            }
            // Whoever is refused here is told of them again at the next login.
            ClientFrame::OutcomesSeen { submissions } => {
                if let Err(refused) = self.may_list(submissions.len()) {
                    self.refused(refused);
                    return Ok(());
                }
                self.tell(OutcomesSeen {
                    account,
                    device,
                    submissions,
                })
                .await
            }
            ClientFrame::TombstonesSeen { ids } => {
                if let Err(refused) = self.may_list(ids.len()) {
                    self.refused(refused);
                    return Ok(());
                }
                self.tell(TombstonesSeen { account, ids }).await
            }
        }
    }

    pub(super) async fn binary(&mut self, frame: Bytes) -> Result<(), End> {
        match ClientBinary::parse(&frame).map_err(broken)? {
            ClientBinary::Submit {
                submission,
                node,
                forward_box,
            } => {
                let since = Since::now();
                let boxed = frame.slice_ref(forward_box);
                self.unanswered = self.unanswered.saturating_add(1);
                let route = self
                    .within_limits()
                    .and_then(|()| Ok(self.app.route(&node, boxed)?));
                let route = match route {
                    Ok(route) => route,
                    Err(refused) => {
                        self.slot
                            .push_answer(Answer::Submission(submission, Err(refused)));
                        return Ok(());
                    }
                };
                let (account, device) = (self.slot.account, self.slot.device);
                let command = Submit {
                    account,
                    device,
                    submission,
                    destination: node,
                    route,
                };
                self.ask(command, move |result| {
                    if matches!(result, Ok(Submitted::Accepted | Submitted::Settled(_))) {
                        since.accepted(Way::Live);
                    }
                    Answer::Submission(submission, result)
                })
                .await
            }
            ClientBinary::Lookup {
                request,
                node,
                sealed,
            } => {
                let sealed = sealed.to_vec();
                self.relay(request, node, Relay::Lookup(sealed));
                Ok(())
            }
            ClientBinary::NodeDocument { request, node } => {
                self.relay(request, node, Relay::Document);
                Ok(())
            }
        }
    }

    /// Counts a message or lookup.
    fn within_limits(&self) -> Result<(), Refused> {
        Ok(self.app.limits.account(self.slot.account)?)
    }

    /// Counts the entries of a list: each is work for the one that writes.
    fn may_list(&self, entries: usize) -> Result<(), Refused> {
        Ok(self.app.limits.upkeep(self.slot.account, entries)?)
    }

    /// Counts and logs what this client is refused; says what it is told.
    pub(super) fn refused(&mut self, refused: Refused) -> ProblemCode {
        self.noted.note(refused, "live socket");
        refused.code
    }

    /// The same for what was asked of another node. Nobody refuses by being away, or by answering wrongly.
    pub(super) fn failed(&mut self, failure: Refused) {
        if failure.rule.is_some() {
            self.noted.note(failure, "request to another node");
        } else if self.noted.is_new(failure) {
            tracing::info!(code = %failure.code, "a request to another node failed");
        }
    }

    /// Passes on the highest acknowledgement.
    pub(super) async fn flush(&mut self) -> Result<(), End> {
        match self.acked.take() {
            Some(ack) => self.tell(ack).await,
            None => Ok(()),
        }
    }

    /// Writes; the answer goes into the letterbox after the commit.
    async fn ask<C, T, E>(
        &self,
        command: C,
        answer: impl FnOnce(Result<T, E>) -> Answer + Send + 'static,
    ) -> Result<(), End>
    where
        C: Apply<Output = Result<T, E>>,
        T: Send + 'static,
        E: From<ProblemCode> + Send + 'static,
    {
        let slot = Arc::clone(&self.slot);
        let reply = move |written: Result<Result<T, E>, StoreError>| {
            let result = written.unwrap_or_else(|error| Err(store_code(&error).into()));
            slot.push_answer(answer(result));
        };
        self.app
            .store
            .write_then(command, reply)
            .await
            .map_err(|error| End::store(&error))
    }

    /// Writes what needs no answer: if it fails, the client will say it again.
    async fn tell<C: Apply>(&self, command: C) -> Result<(), End> {
        self.app
            .store
            .write_then(command, drop)
            .await
            .map_err(|error| End::store(&error))
    }

    fn shares(&self, node: &NodeUrl) -> Result<RelayShares, Refused> {
        self.within_limits()?;
        if self.under_way > RELAYS {
            let rule = "relays_per_connection";
            return Err(Refused::by(ProblemCode::RateLimited, rule));
        }
        let limits = &self.app.limits;
        let of_account = limits.relays.hold(Some(self.slot.account))?;
        let of_node = limits.destinations.hold(Some(node.clone()))?;
        Ok((of_account, of_node))
    }

    fn relay(&mut self, request: u32, node: NodeUrl, relay: Relay) {
        self.under_way = self.under_way.saturating_add(1);
        let shares = match self.shares(&node) {
            Ok(shares) => shares,
            Err(refused) => {
                let frame = relay.frame(request, &Err(refused));
                self.slot.push_answer(Answer::Relayed(frame, Some(refused)));
                return;
            }
        };
        let (app, slot) = (Arc::clone(&self.app), Arc::clone(&self.slot));
        let task = async move {
            let _shares = shares; // until it has ended, whichever way
            let fetched = tokio::time::timeout(RELAY_PATIENCE, relay.fetch(&app, &node)).await;
            let result = fetched.unwrap_or_else(|_| Err(ProblemCode::PeerUnreachable.into()));
            let frame = relay.frame(request, &result);
            slot.push_answer(Answer::Relayed(frame, result.err()));
        };
        self.relays.spawn_on(task, &self.app.runtime);
    }
}

/// Places among the requests to other nodes: of the account's, and of those to that node.
type RelayShares = (Held<AccountId>, Held<NodeUrl>);

/// What is asked of another node for a client.
enum Relay {
    Lookup(Vec<u8>),
    Document,
}

impl Relay {
    async fn fetch(&self, app: &App, node: &NodeUrl) -> Result<Bytes, Refused> {
        let _turn = app.relays.acquire().await;
        match self {
            Self::Lookup(sealed) => app.relay_lookup(node, sealed.clone()).await,
            Self::Document => app.relay_document(node).await,
        }
    }

    fn frame(&self, request: u32, result: &Result<Bytes, Refused>) -> Bytes {
        let reply = match result {
            Ok(bytes) => LookupReply::Bytes(bytes),
            Err(refused) => LookupReply::Problem(refused.code),
        };
        let frame = match self {
            Self::Lookup(_) => NodeBinary::LookupAnswer { request, reply },
            Self::Document => NodeBinary::NodeDocument { request, reply },
        };
        Bytes::from(frame.encode())
    }
}

fn broken(error: LiveError) -> End {
    match error {
        LiveError::TooLong => End::Close(CloseCode::TooBig, ProblemCode::TooLarge),
        LiveError::ListTooLong | LiveError::Malformed | LiveError::UnknownType => {
            End::Close(CloseCode::ProtocolError, ProblemCode::Malformed)
        }
    }
}
