//! People who send and receive while things break. Each ends when the node is gone.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use shared_crypto::forward::seal_forward;
use shared_crypto::id::{DeviceId, MailboxId, MessageId, SubmissionId};
use shared_crypto::live::{ClientBinary, ClientFrame, NodeFrame};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::postage::Postage;
use zechat_node::clock::{Clock as _, SystemClock};
use zechat_node::random;

use super::ledger::{Id, Shared};
use crate::client::{Frame, Http, Socket, frame};
use crate::people::Person;

const ENVELOPE: usize = 4096;

fn envelope() -> Vec<u8> {
    let mut envelope = vec![0; ENVELOPE];
    for (place, byte) in envelope.iter_mut().zip([1, 2]) {
        *place = byte; // a suite and a kind
    }
    envelope
}

/// Leaves one envelope; says with which status it was answered.
pub async fn put(http: &mut Http, mailbox: &MailboxId, ledger: &Shared) -> Result<u16> {
    let id: Id = random::bytes();
    let message = MessageId::from_bytes(id);
    ledger.borrow_mut().trying(id);
    let path = format!("/v1/mailboxes/{mailbox}/messages/{message}");
    let status = http.put(&path, &envelope()).await?;
    if status == 201 {
        ledger.borrow_mut().accepted(id);
    }
    Ok(status)
}

/// Leaves envelopes until the node is gone, or it is over.
pub async fn put_until_gone(
    address: String,
    mailbox: MailboxId,
    ledger: Shared,
    is_over: Rc<Cell<bool>>,
) {
    let Ok(mut http) = Http::connect(&address).await else {
        return;
    };
    while !is_over.get() {
        match put(&mut http, &mailbox, &ledger).await {
            Ok(201) => {}
            // It refuses for now: it says so, and that is allowed.
            Ok(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            Err(_) => return,
        }
    }
}

/// Receives and acknowledges until the node is gone.
pub async fn receive_until_gone(mut socket: Socket, ledger: Shared) -> Result<()> {
    let mut come = 0_usize;
    while let Ok(frame) = socket.frame().await {
        let Frame::Binary(bytes) = frame else {
            continue;
        };
        let cursor = ledger.borrow_mut().came(&bytes)?;
        come = come.saturating_add(1);
        if let Some(cursor) = cursor
            && come.is_multiple_of(16)
        {
            let ack = ClientFrame::Ack { cursor }.to_text();
            if socket.send_text(&ack).await.is_err() {
                break;
            }
        }
    }
    Ok(())
}

/// Receives what is stored, and what comes until the ledger is complete.
pub async fn receive_all(socket: Socket, ledger: &Shared, patience: Duration) -> Result<()> {
    let is_done = |is_caught_up| is_caught_up && ledger.borrow().is_complete();
    match tokio::time::timeout(patience, receive(socket, ledger, is_done)).await {
        Ok(result) => result,
        // What is missing is said by the ledger.
        Err(_) => Ok(()),
    }
}

/// Receives what is stored.
pub async fn receive_stored(socket: Socket, ledger: &Shared, patience: Duration) -> Result<()> {
    tokio::time::timeout(
        patience,
        receive(socket, ledger, |is_caught_up| is_caught_up),
    )
    .await
    .context("what is stored does not come to its end")?
}

/// Receives until it is done, which may depend on whether all came that was stored.
async fn receive(
    mut socket: Socket,
    ledger: &Shared,
    is_done: impl Fn(bool) -> bool,
) -> Result<()> {
    let mut is_caught_up = false;
    while !is_done(is_caught_up) {
        match socket.frame().await? {
            Frame::Binary(bytes) => {
                let cursor = ledger.borrow_mut().came(&bytes)?;
                // The window opens with acknowledgements.
                if let Some(cursor) = cursor.filter(|cursor| cursor.is_multiple_of(16)) {
                    let ack = ClientFrame::Ack { cursor }.to_text();
                    socket.send_text(&ack).await?;
                }
            }
            Frame::Text(text) => {
                is_caught_up |= matches!(NodeFrame::parse(&text)?, NodeFrame::CaughtUp);
            }
        }
    }
    Ok(())
}

/// A node's document.
pub async fn document(address: &str) -> Result<NodeDocument> {
    let url = NodeUrl::parse(&format!("http://{address}"))?;
    let (_, bytes) = Http::connect(address).await?.get("/v1/node").await?;
    let document = NodeDocument::verify(&bytes, &url, None, SystemClock.now());
    Ok(document
        .map_err(|error| anyhow::anyhow!("{error}"))?
        .into_inner())
}

/// A client that submits boxes for another node, and submits again what was not accepted.
pub struct Submitter {
    person: Person,
    device: DeviceId,
    destination: NodeDocument,
    node: NodeUrl,
    mailbox: MailboxId,
    /// Not accepted yet, in their order.
    waiting: VecDeque<(SubmissionId, Id, Vec<u8>)>,
    unsettled: usize,
    ledger: Shared,
}

impl Submitter {
    pub fn new(
        person: Person,
        destination: NodeDocument,
        away: &str,
        mailbox: MailboxId,
        ledger: Shared,
    ) -> Result<Self> {
        Ok(Self {
            person,
            device: DeviceId::from_bytes(random::bytes()),
            destination,
            node: NodeUrl::parse(&format!("http://{away}"))?,
            mailbox,
            waiting: VecDeque::new(),
            unsettled: 0,
            ledger,
        })
    }

    fn seal(&mut self) -> Result<()> {
        let id: Id = random::bytes();
        let message = MessageId::from_bytes(id);
        let submission = SubmissionId::from_bytes(random::bytes());
        let boxed = seal_forward(
            &self.destination,
            &self.mailbox,
            &message,
            &Postage::none(),
            &envelope(),
            &mut random::system(),
        )
        .map_err(|error| anyhow::anyhow!("{error}"))?;
        let submit = ClientBinary::Submit {
            submission,
            node: self.node.clone(),
            forward_box: &boxed,
        };
        let frame = frame(2, &submit.encode());
        self.ledger.borrow_mut().trying(id);
        self.waiting.push_back((submission, id, frame));
        Ok(())
    }

    /// Submits and hears of outcomes until the node is gone, or it is over.
    pub async fn run_until_gone(mut self, is_over: Rc<Cell<bool>>) -> Result<Self> {
        let Ok(mut socket) = self.person.connect(self.device).await else {
            return Ok(self);
        };
        while !is_over.get() {
            while self.waiting.len() < 4 {
                self.seal()?;
            }
            let frames: Vec<u8> = self.waiting.iter().flat_map(|one| one.2.clone()).collect();
            if socket.send(&frames).await.is_err() {
                break;
            }
            let count = self.waiting.len();
            while self.waiting.len() > count / 2 {
                // What was refused for now waits for the next round, so nothing may come any more.
                let frame = tokio::select! {
                    frame = socket.frame() => frame,
                    () = until(&is_over) => return Ok(self),
                };
                match frame {
                    Ok(frame) => self.hear(&mut socket, &frame).await?,
                    Err(_) => return Ok(self),
                }
            }
        }
        Ok(self)
    }

    /// Submits what is left, and waits until every outcome is known.
    pub async fn settle(mut self, patience: Duration) -> Result<()> {
        let mut socket = self.person.connect(self.device).await?;
        let frames: Vec<u8> = self.waiting.iter().flat_map(|one| one.2.clone()).collect();
        socket.send(&frames).await?;
        let all = async {
            while !self.waiting.is_empty() || self.unsettled > 0 {
                let frame = socket.frame().await?;
                self.hear(&mut socket, &frame).await?;
            }
            anyhow::Ok(())
        };
        let settled = tokio::time::timeout(patience, all).await;
        settled.map_err(|_| anyhow::anyhow!("outcomes do not come"))?
    }

    /// Submits so many and waits until they are accepted.
    pub async fn submit(&mut self, count: usize) -> Result<()> {
        let mut socket = self.person.connect(self.device).await?;
        for _ in 0..count {
            self.seal()?;
        }
        let frames: Vec<u8> = self.waiting.iter().flat_map(|one| one.2.clone()).collect();
        socket.send(&frames).await?;
        while !self.waiting.is_empty() {
            let frame = tokio::time::timeout(Duration::from_secs(30), socket.frame()).await??;
            self.hear(&mut socket, &frame).await?;
        }
        Ok(())
    }

    async fn hear(&mut self, socket: &mut Socket, frame: &Frame) -> Result<()> {
        let Frame::Text(text) = frame else {
            return Ok(());
        };
        match NodeFrame::parse(text)? {
            NodeFrame::Accepted { submissions } => {
                for submission in submissions {
                    let place = self.waiting.iter().position(|one| one.0 == submission);
                    // It may be accepted twice, being submitted twice.
                    if let Some((_, id, _)) = place.and_then(|place| self.waiting.remove(place)) {
                        self.ledger.borrow_mut().accepted(id);
                        self.unsettled = self.unsettled.saturating_add(1);
                    }
                }
            }
            NodeFrame::Outcomes { items } => {
                if let Some(code) = items.iter().find_map(|item| item.code) {
                    bail!("a submission failed: {code}");
                }
                self.unsettled = self.unsettled.saturating_sub(items.len());
                let submissions = items.into_iter().map(|item| item.submission).collect();
                let seen = ClientFrame::OutcomesSeen { submissions };
                // Who has gone hears of them again.
                let _ = socket.send_text(&seen.to_text()).await;
            }
            NodeFrame::Refused { .. } => {} // for now: it stays in the queue
            _ => {}
        }
        Ok(())
    }
}

async fn until(is_over: &Cell<bool>) {
    while !is_over.get() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether the node answers, tried for some time.
pub async fn wait_for(address: &str) -> Result<()> {
    for _ in 0..400 {
        if let Ok(mut http) = Http::connect(address).await
            && let Ok((200 | 204, _)) = http.get("/readyz").await
        {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    None.context("the node is not ready")
}
