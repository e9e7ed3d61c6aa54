//! One live socket from challenge to close.

use std::sync::Arc;
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_ws::{AggregatedMessage, CloseReason, ProtocolError};
use bytes::Bytes;
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use shared_crypto::id::{DeviceId, Nonce};
use shared_crypto::live::{
    ClientFrame, CloseCode, MAX_LIST, NodeFrame, Outcome, PING_EVERY, SILENCE, Tombstone,
};
use shared_crypto::problem::ProblemCode;
use tokio::time::Instant;

use super::hub::Connected;
use super::mail::{Mail, Pushed};
use super::slot::{Answer, Waiting};
use super::uplink::Uplink;
use super::wire::{Gone, ToClient};
use crate::limits::Held;
use crate::limits::address::ClientAddress;
use crate::random;
use crate::refused::Refused;
use crate::service::accounts::LoggedIn;
use crate::service::{App, store_code};
use crate::store::{
    AccountId, MailboxRefusal, OpenDevice, OutcomeRow, Store, StoreError, Submitted, TombstoneRow,
};

/// How long a client may take to answer the challenge.
const LOGIN_PATIENCE: Duration = Duration::from_secs(10);

/// When the node goes down, each client is told to come back after so many seconds, so that they do not
/// all come at once.
const FIRST_BACK: u64 = 2;
const SPREAD: u64 = 9;

/// Incoming frames handled before anything is sent again.
const IN_A_ROW: usize = 64;

/// What a client says, in order.
pub type FromClient = dyn Stream<Item = Result<AggregatedMessage, ProtocolError>> + Unpin;

type Incoming = Option<Result<AggregatedMessage, ProtocolError>>;

/// How a connection ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// The client has gone, or closes itself.
    Gone(Option<CloseReason>),
    /// The node closes.
    Close(CloseCode, ProblemCode),
}

impl End {
    pub(super) fn store(error: &StoreError) -> Self {
        Self::Close(CloseCode::GoingDown, store_code(error))
    }

    /// Not every one of these is a connection that broke: text that is no text and a message whose
    /// parts are too long together come so as well, and the stream goes on after them.
    fn io(error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::InvalidData {
            return Self::Close(CloseCode::ProtocolError, ProblemCode::Malformed);
        }
        match error.get_ref() {
            Some(cause) if !cause.is::<PayloadError>() => {
                Self::Close(CloseCode::TooBig, ProblemCode::TooLarge)
            }
            _ => Self::Gone(None),
        }
    }

    fn protocol(error: &ProtocolError) -> Self {
        match error {
            ProtocolError::Overflow => Self::Close(CloseCode::TooBig, ProblemCode::TooLarge),
            ProtocolError::Io(error) => Self::io(error),
            _ => Self::Close(CloseCode::ProtocolError, ProblemCode::Malformed),
        }
    }
}

/// The way to the client.
pub(super) struct Line {
    session: ToClient,
    /// How long a frame may wait for a client that does not read.
    patience: Duration,
}

impl Line {
    pub(super) async fn text(&mut self, frame: &NodeFrame) -> Result<(), End> {
        bounded(self.patience, self.session.text(frame.to_text())).await
    }

    pub(super) async fn binary(&mut self, frame: Bytes) -> Result<(), End> {
        bounded(self.patience, self.session.binary(frame)).await
    }

    pub(super) async fn caught_up(&mut self) -> Result<(), End> {
        self.text(&NodeFrame::CaughtUp).await
    }

    async fn ping(&mut self) -> Result<(), End> {
        bounded(self.patience, self.session.ping(b"")).await
    }

    async fn pong(&mut self, bytes: &[u8]) -> Result<(), End> {
        bounded(self.patience, self.session.pong(bytes)).await
    }

    async fn outcomes(&mut self, rows: &[OutcomeRow]) -> Result<(), End> {
        for rows in rows.chunks(MAX_LIST) {
            let items = rows
                .iter()
                .map(|row| Outcome {
                    submission: row.submission,
                    code: row.code,
                })
                .collect();
            self.text(&NodeFrame::Outcomes { items }).await?;
        }
        Ok(())
    }

    async fn tombstones(&mut self, rows: &[TombstoneRow]) -> Result<(), End> {
        for rows in rows.chunks(MAX_LIST) {
            let items = rows
                .iter()
                .map(|row| Tombstone {
                    id: row.id,
                    count: row.count,
                    from: row.from,
                    to: row.to,
                })
                .collect();
            self.text(&NodeFrame::Tombstones { items }).await?;
        }
        Ok(())
    }

    async fn close(self, end: End) {
        let reason = match end {
            End::Gone(reason) => reason,
            End::Close(code, problem) => Some(CloseReason {
                code: code.number().into(),
                description: Some(match code {
                    CloseCode::GoingDown => {
                        format!(
                            "{problem} {}",
                            FIRST_BACK.saturating_add(random::below(SPREAD))
                        )
                    }
                    _ => problem.as_str().to_owned(),
                }),
            }),
        };
        // Whether it has gone already makes no difference.
        let _ = tokio::time::timeout(Duration::from_secs(2), self.session.close(reason)).await;
    }
}

async fn bounded(
    patience: Duration,
    send: impl Future<Output = Result<(), Gone>>,
) -> Result<(), End> {
    match tokio::time::timeout(patience, send).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone(None)),
        Err(_) => Err(End::Close(CloseCode::SlowReader, ProblemCode::RateLimited)),
    }
}

/// Serves a socket until it ends.
pub async fn run(
    app: Arc<App>,
    session: ToClient,
    mut stream: Box<FromClient>,
    _held: Held<ClientAddress>,
) {
    let patience = Duration::from_secs(app.settings.live.slow_reader_s);
    let mut line = Line { session, patience };
    let end = match converse(&app, &mut line, &mut *stream).await {
        Err(end) => end,
        Ok(never) => match never {},
    };
    if let End::Close(code, problem) = &end {
        if matches!(code, CloseCode::ProtocolError | CloseCode::TooBig) {
            Refused::from(*problem).note("live socket");
        }
        tracing::info!(code = %problem, close = code.number(), "a live socket is closed");
    }
    line.close(end).await;
}

async fn converse(
    app: &Arc<App>,
    line: &mut Line,
    stream: &mut FromClient,
) -> Result<std::convert::Infallible, End> {
    let mut draining = app.draining.subscribe();
    let login = tokio::select! {
        biased;
        login = log_in(app, line, stream) => login?,
        _ = draining.wait_for(|draining| *draining) => {
            return Err(End::Close(CloseCode::GoingDown, ProblemCode::Unavailable));
        }
    };
    let most = app.limits.connections_per_account;
    if most != 0 && app.hub.others(login.account, login.device) >= most {
        let code = ProblemCode::TooManyConnections;
        return Err(denied(Refused::by(code, "connections_per_account")));
    }
    // Connected first: what is stored from now on is heard of, what was stored before is read.
    let connected = app.hub.connect(login.account, login.device);
    let open = OpenDevice {
        account: login.account,
        device: login.device,
    };
    let acked = app
        .store
        .write(open)
        .await
        .map_err(|error| End::store(&error))?;
    // If the key was replaced between the two, nobody told the hub of this connection.
    if !app
        .is_current(&login)
        .await
        .map_err(|error| End::store(&error))?
    {
        return Err(denied(Refused::by(ProblemCode::KeyReplaced, "login")));
    }
    line.text(&NodeFrame::Welcome {
        cursor: acked.get(),
        time: app.clock.now(),
        closing_at: app.closing_at(),
    })
    .await?;
    tell_stored(&app.store, line, login.account, login.device).await?;
    let limits = app.settings.live.clone();
    let mail = Mail::new(
        app.store.clone(),
        Arc::clone(&connected.slot),
        limits,
        acked,
    );
    let uplink = Uplink::new(Arc::clone(app), Arc::clone(&connected.slot));
    // The state of a connection that says nothing should be small on its task; this part is not.
    Box::pin(
        Live {
            line,
            stream,
            mail,
            uplink,
            connected,
            store: app.store.clone(),
            heard: Instant::now(),
        }
        .run(),
    )
    .await
}

/// Outcomes and tombstones that the client has not said it knows.
async fn tell_stored(
    store: &Store,
    line: &mut Line,
    account: AccountId,
    device: DeviceId,
) -> Result<(), End> {
    let failed = |error: StoreError| End::store(&error);
    let mut after = None;
    loop {
        let page = store.outcomes(account, device, after, MAX_LIST);
        let page = page.await.map_err(failed)?;
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        let rows: Vec<OutcomeRow> = page.into_iter().map(|(_, row)| row).collect();
        line.outcomes(&rows).await?;
    }
    let tombstones = store.tombstones(account).await.map_err(failed)?;
    line.tombstones(&tombstones).await
}

async fn log_in(app: &App, line: &mut Line, stream: &mut FromClient) -> Result<LoggedIn, End> {
    let nonce = Nonce::from_bytes(random::bytes());
    let url = app.identity.url.clone();
    let fingerprint = app.identity.fingerprint;
    line.text(&NodeFrame::Challenge {
        nonce,
        url,
        fingerprint,
    })
    .await?;
    let malformed = End::Close(CloseCode::ProtocolError, ProblemCode::Malformed);
    let login = async {
        loop {
            match stream.next().await {
                Some(Ok(AggregatedMessage::Text(text))) => match ClientFrame::parse(&text) {
                    Ok(ClientFrame::Login { login }) => return Ok(login.0),
                    _ => return Err(malformed),
                },
                Some(Ok(AggregatedMessage::Ping(bytes))) => line.pong(&bytes).await?,
                Some(Ok(AggregatedMessage::Pong(_))) => {}
                Some(Ok(AggregatedMessage::Binary(_))) => return Err(malformed),
                Some(Ok(AggregatedMessage::Close(reason))) => return Err(End::Gone(reason)),
                Some(Err(error)) => return Err(End::protocol(&error)),
                None => return Err(End::Gone(None)),
            }
        }
    };
    let late = |_| denied(Refused::by(ProblemCode::LoginExpired, "login_patience"));
    let patience = app.settings.server.patience().min(LOGIN_PATIENCE);
    let login = tokio::time::timeout(patience, login)
        .await
        .map_err(late)??;
    app.login(&login, &nonce).await.map_err(|code| {
        denied(match code {
            ProblemCode::AccountBlocked => code.into(),
            _ => Refused::by(code, "login"),
        })
    })
}

/// A login is refused.
fn denied(refused: Refused) -> End {
    refused.note("login");
    End::Close(CloseCode::LoginRefused, refused.code)
}

struct Live<'a> {
    line: &'a mut Line,
    stream: &'a mut FromClient,
    mail: Mail,
    uplink: Uplink,
    connected: Connected,
    store: Store,
    /// When the client was last heard.
    heard: Instant,
}

impl Live<'_> {
    async fn run(mut self) -> Result<std::convert::Infallible, End> {
        let end = self.serve().await;
        // What the client said last counts, however the connection ended: it is in the stream's buffer.
        let _ = self.listen_without_waiting().await;
        self.uplink.flush().await?;
        end
    }

    async fn serve(&mut self) -> Result<std::convert::Infallible, End> {
        let mut ping = tokio::time::interval(Duration::from_millis(PING_EVERY));
        ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        ping.tick().await; // the first is immediate
        let most = Duration::from_millis(SILENCE);
        let mut silence = std::pin::pin!(tokio::time::sleep(most));
        loop {
            let news = self.connected.slot.take_news();
            self.tell(news).await?;
            let pushed = self.mail.push(self.line).await?;
            if pushed == Pushed::More {
                self.listen_without_waiting().await?;
                continue;
            }
            tokio::select! {
                biased; // the rarest first; what wakes is looked at in each round anyway
                () = &mut silence => {
                    let left = most.saturating_sub(self.heard.elapsed());
                    if left.is_zero() {
                        return Err(End::Gone(None));
                    }
                    silence.set(tokio::time::sleep(left));
                }
                _ = ping.tick() => self.line.ping().await?,
                message = self.stream.next(), if self.uplink.has_room() => {
                    self.hear(message).await?;
                    self.listen_without_waiting().await?;
                }
                () = self.connected.slot.wake.notified() => {}
            }
        }
    }

    /// Handles what has come already, then passes on what was acknowledged.
    async fn listen_without_waiting(&mut self) -> Result<(), End> {
        for _ in 0..IN_A_ROW {
            if !self.uplink.has_room() {
                break;
            }
            let Some(message) = self.stream.next().now_or_never() else {
                break;
            };
            self.hear(message).await?;
        }
        self.uplink.flush().await
    }

    async fn hear(&mut self, message: Incoming) -> Result<(), End> {
        self.heard = Instant::now();
        match message {
            Some(Ok(AggregatedMessage::Text(text))) => {
                self.uplink.text(&text, &mut self.mail).await
            }
            Some(Ok(AggregatedMessage::Binary(frame))) => self.uplink.binary(frame).await,
            Some(Ok(AggregatedMessage::Ping(bytes))) => self.line.pong(&bytes).await,
            Some(Ok(AggregatedMessage::Pong(_))) => Ok(()),
            Some(Ok(AggregatedMessage::Close(reason))) => Err(End::Gone(reason)),
            Some(Err(error)) => Err(End::protocol(&error)),
            None => Err(End::Gone(None)),
        }
    }

    /// Sends everything but mail.
    async fn tell(&mut self, news: Waiting) -> Result<(), End> {
        let mut accepted = Vec::new();
        let mut settled = Vec::new();
        for answer in news.answers {
            match answer {
                Answer::Submission(submission, Ok(outcome)) => {
                    self.uplink.answered();
                    accepted.push(submission);
                    let code = match outcome {
                        Submitted::Accepted => continue,
                        Submitted::Settled(code) => code,
                        Submitted::Refused(refused) => Some(self.uplink.refused(refused)),
                    };
                    settled.push(OutcomeRow { submission, code });
                }
                Answer::Submission(submission, Err(refused)) => {
                    self.uplink.answered();
                    let code = self.uplink.refused(refused);
                    self.line
                        .text(&NodeFrame::Refused { submission, code })
                        .await?;
                }
                Answer::Mailboxes(request, result) => {
                    self.uplink.answered();
                    if let Err(refusal) = &result {
                        self.uplink.refused(refusal.refused());
                    }
                    self.line.text(&mailboxes_answer(request, result)).await?;
                }
                Answer::Relayed(frame, failure) => {
                    self.uplink.relayed();
                    if let Some(failure) = failure {
                        self.uplink.failed(failure);
                    }
                    self.line.binary(frame).await?;
                }
            }
        }
        for submissions in accepted.chunks(MAX_LIST) {
            let submissions = submissions.to_vec();
            self.line.text(&NodeFrame::Accepted { submissions }).await?;
        }
        self.line.outcomes(&settled).await?;
        self.line.outcomes(&news.outcomes).await?;
        self.line.tombstones(&news.tombstones).await?;
        if news.has_news_elsewhere {
            let slot = &self.connected.slot;
            tell_stored(&self.store, self.line, slot.account, slot.device).await?;
        }
        match news.close {
            Some(code @ CloseCode::Replaced) => Err(End::Close(code, ProblemCode::Unauthorized)),
            Some(code @ CloseCode::LoginRefused) => Err(End::Close(code, ProblemCode::KeyReplaced)),
            Some(code) => Err(End::Close(code, ProblemCode::Unavailable)),
            None => Ok(()),
        }
    }
}

fn mailboxes_answer(request: u64, result: Result<(), MailboxRefusal>) -> NodeFrame {
    let Err(refusal) = result else {
        return NodeFrame::Done { request };
    };
    let code = refusal.refused().code;
    let detail = match code {
        ProblemCode::Unauthorized => "A mailbox is in use with another owner or kind.",
        ProblemCode::TooLarge => "An account cannot have so many mailboxes.",
        other => crate::service::sentence(other),
    };
    let mailboxes = match refusal {
        MailboxRefusal::Taken(mailboxes) => mailboxes,
        MailboxRefusal::Other(_) => Vec::new(),
    };
    NodeFrame::Failed {
        request,
        code,
        detail: detail.to_owned(),
        mailboxes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_does_not_read_is_told_so_in_the_end() {
        let stuck = bounded(Duration::from_millis(1), std::future::pending()).await;
        let slow = End::Close(CloseCode::SlowReader, ProblemCode::RateLimited);
        assert_eq!(stuck, Err(slow));
        let gone = bounded(Duration::from_secs(60), async { Err(Gone) }).await;
        assert_eq!(gone, Err(End::Gone(None)));
    }
}
