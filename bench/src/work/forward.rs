//! W6: from one node's socket through its outbox to another node, and to the owner's socket there. The
//! bare stack has no outbox: there the load itself takes what the first has accepted to the second.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::Bytes;
use shared_crypto::forward::seal_forward;
use shared_crypto::id::{DeviceId, MailboxId, MessageId, SubmissionId};
use shared_crypto::live::{ClientBinary, ClientFrame, NodeFrame};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::postage::Postage;
use zechat_node::clock::{Clock as _, SystemClock};
use zechat_node::random;

use super::{ENVELOPE, Plan, SENDERS, Sample, rate, say};
use crate::Options;
use crate::client::{Frame, Http, Socket, frame};
use crate::people::Person;
use crate::report::{Report, millis, percentile};
use crate::server::{Backend, Server, now};

/// How many each sender has under way.
const WINDOW: usize = 8;

/// Where in a pushed frame of the node the message id is: after kind, cursor, time and mailbox.
const ID_IN_FRAME: usize = 1 + 8 + 8 + 32;

pub async fn measure(
    options: &Options,
    backend: Backend,
    plan: Plan,
    report: &Report,
) -> Result<()> {
    let count = if plan.rounds > 1 { 4_096 } else { 512 };
    let (mut of_node, mut of_bare) = (Vec::new(), Vec::new());
    let nodes = Nodes::start(options, backend).await?;
    let (first, second) = (Server::bare(backend, None)?, Server::bare(backend, None)?);
    for turn in 0..plan.rounds {
        of_bare.push(bare(&first, &second, turn, count).await?);
        of_node.push(nodes.round(count).await?);
    }
    say(report, "W6 two nodes", backend, &of_node, &of_bare);
    Ok(())
}

/// Two nodes: who sends is at home, whom it is for is away.
struct Nodes {
    home: Server,
    away: Server,
    document: NodeDocument,
    sender: Person,
    owner: Person,
    /// The owner's only one: mail is kept until each has it, and a new one gets all that first.
    device: DeviceId,
}

impl Nodes {
    async fn start(options: &Options, backend: Backend) -> Result<Self> {
        let home = Server::node(&options.node, backend, None)?;
        let away = Server::node(&options.node, backend, None)?;
        let url = NodeUrl::parse(&format!("http://{}", away.address))?;
        let (_, document) = Http::connect(&away.address).await?.get("/v1/node").await?;
        let document = NodeDocument::verify(&document, &url, None, SystemClock.now())
            .map_err(|error| anyhow::anyhow!("{error}"))?
            .into_inner();
        Ok(Self {
            sender: Person::register(&home.address, 0).await?,
            owner: Person::register(&away.address, 1).await?,
            device: DeviceId::from_bytes(random::bytes()),
            home,
            away,
            document,
        })
    }

    async fn round(&self, count: usize) -> Result<Sample> {
        let (mailbox, owner) = self.owner.mailbox_of(self.device).await?;
        let mut sockets = Vec::with_capacity(SENDERS);
        for _ in 0..SENDERS {
            let device = DeviceId::from_bytes(random::bytes());
            let mut socket = self.sender.connect(device).await?;
            while !matches!(
                NodeFrame::parse(&socket.text().await?)?,
                NodeFrame::CaughtUp
            ) {}
            sockets.push(socket);
        }
        // Sealing is the client's work: it is done before.
        let each = count.div_euclid(SENDERS);
        let mut batches = Vec::with_capacity(SENDERS);
        for _ in 0..SENDERS {
            let boxes: Result<Vec<_>> = (0..each).map(|_| self.seal(&mailbox)).collect();
            batches.push(boxes?);
        }
        let begin = now();
        let before = self.home.cpu()?.saturating_add(self.away.cpu()?);
        let sent = Rc::new(RefCell::new(HashMap::new()));
        let local = tokio::task::LocalSet::new();
        let sending: Vec<_> = sockets
            .into_iter()
            .zip(batches)
            .map(|(socket, boxes)| local.spawn_local(submit(socket, boxes, Rc::clone(&sent))))
            .collect();
        let total = each.saturating_mul(SENDERS);
        let receiving = local.spawn_local(receive(owner, Rc::clone(&sent), total, true));
        let mut waits = local
            .run_until(async {
                for task in sending {
                    task.await??;
                }
                anyhow::Ok(receiving.await??)
            })
            .await?;
        let after = self.home.cpu()?.saturating_add(self.away.cpu()?);
        Ok(sample(&mut waits, begin, after.saturating_sub(before)))
    }

    fn seal(&self, mailbox: &MailboxId) -> Result<(MessageId, Vec<u8>)> {
        let message = MessageId::from_bytes(random::bytes());
        let mut envelope = vec![0; ENVELOPE];
        for (place, byte) in envelope.iter_mut().zip([1, 2]) {
            *place = byte; // a suite and a kind
        }
        let boxed = seal_forward(
            &self.document,
            mailbox,
            &message,
            &Postage::none(),
            &envelope,
            &mut random::system(),
        )
        .map_err(|error| anyhow::anyhow!("{error}"))?;
        let submit = ClientBinary::Submit {
            submission: SubmissionId::from_bytes(random::bytes()),
            node: NodeUrl::parse(&format!("http://{}", self.away.address))?,
            forward_box: &boxed,
        };
        Ok((message, frame(2, &submit.encode())))
    }
}

/// When each message was sent, under its id.
type Sent = Rc<RefCell<HashMap<[u8; 16], Instant>>>;

/// Sends boxes, so many under way, and says that it knows the outcomes, as a client does.
async fn submit(mut socket: Socket, boxes: Vec<(MessageId, Vec<u8>)>, sent: Sent) -> Result<()> {
    let (mut under_way, mut unsettled) = (0_usize, boxes.len());
    let mut boxes = boxes.into_iter();
    while unsettled > 0 {
        let mut ready = Vec::new();
        while under_way < WINDOW
            && let Some((message, frame)) = boxes.next()
        {
            ready.extend_from_slice(&frame);
            sent.borrow_mut().insert(*message.as_bytes(), now());
            under_way = under_way.saturating_add(1);
        }
        if !ready.is_empty() {
            socket.send(&ready).await?;
        }
        let Frame::Text(text) = socket.frame().await? else {
            continue;
        };
        match NodeFrame::parse(&text)? {
            NodeFrame::Accepted { submissions } => {
                under_way = under_way.saturating_sub(submissions.len());
            }
            NodeFrame::Outcomes { items } => {
                anyhow::ensure!(items.iter().all(|item| item.code.is_none()), "a failure");
                unsettled = unsettled.saturating_sub(items.len());
                let submissions = items.into_iter().map(|item| item.submission).collect();
                let seen = ClientFrame::OutcomesSeen { submissions };
                socket.send_text(&seen.to_text()).await?;
            }
            NodeFrame::Refused { code, .. } => anyhow::bail!("a submission is refused: {code}"),
            _ => {}
        }
    }
    Ok(())
}

/// Takes so many messages; returns how long each was on its way.
async fn receive(
    mut socket: Socket,
    sent: Sent,
    count: usize,
    is_acknowledged: bool,
) -> Result<Vec<u64>> {
    let mut waits = Vec::with_capacity(count);
    let mut unacknowledged = 0_usize;
    while waits.len() < count {
        let mut next = Some(socket.frame().await?);
        let mut cursor = 0;
        while let Some(frame) = next {
            if let Frame::Binary(bytes) = frame {
                waits.extend(on_its_way(&bytes, &sent));
                if let Some(place) = bytes.get(1..9) {
                    cursor = u64::from_be_bytes(place.try_into()?);
                }
                unacknowledged = unacknowledged.saturating_add(1);
            }
            next = socket.buffered()?;
        }
        let is_last = waits.len() >= count;
        if is_acknowledged && (unacknowledged >= 32 || is_last) && cursor != 0 {
            unacknowledged = 0;
            let ack = ClientFrame::Ack { cursor };
            socket.send_text(&ack.to_text()).await?;
        }
    }
    Ok(waits)
}

fn on_its_way(bytes: &Bytes, sent: &Sent) -> Option<u64> {
    let id: [u8; 16] = bytes.get(ID_IN_FRAME..ID_IN_FRAME + 16)?.try_into().ok()?;
    let at = sent.borrow_mut().remove(&id)?;
    u64::try_from(at.elapsed().as_micros()).ok()
}

fn sample(waits: &mut [u64], begin: Instant, cpu: u64) -> Sample {
    let (rate, cpu_us) = rate(waits.len(), begin.elapsed(), cpu);
    Sample {
        rate,
        cpu_us,
        p50_ms: millis(percentile(waits, 50)),
        p99_ms: millis(percentile(waits, 99)),
        syncs: 0.0,
    }
}

/// The same way over two bare stacks.
async fn bare(first: &Server, second: &Server, turn: usize, count: usize) -> Result<Sample> {
    // An owner has a number of one byte.
    let number = turn % 200;
    let owner = Socket::open(&second.address, &format!("/live?{number}")).await?;
    let begin = now();
    let before = first.cpu()?.saturating_add(second.cpu()?);
    let sent = Sent::default();
    let left = Rc::new(Cell::new(count));
    let local = tokio::task::LocalSet::new();
    let tasks: Vec<_> = (0..SENDERS * WINDOW)
        .map(|sender| {
            let (one, two) = (first.address.clone(), second.address.clone());
            let (sent, left) = (Rc::clone(&sent), Rc::clone(&left));
            local.spawn_local(async move {
                let mut socket = Socket::open(&one, &format!("/live?{}", sender + 1_000)).await?;
                let mut http = Http::connect(&two).await?;
                while left.get() > 0 {
                    left.set(left.get().saturating_sub(1));
                    let id: [u8; 16] = random::bytes();
                    let mut body = vec![7; ENVELOPE.saturating_add(ID_IN_FRAME + 16)];
                    let head = std::iter::once(u8::try_from(number)?)
                        .chain(std::iter::repeat_n(0, ID_IN_FRAME - 1))
                        .chain(id);
                    for (place, byte) in body.iter_mut().zip(head) {
                        *place = byte;
                    }
                    sent.borrow_mut().insert(id, now());
                    socket.send(&frame(2, &body)).await?;
                    socket.frame().await?;
                    let status = http.put("/mail", &body).await?;
                    anyhow::ensure!(status == 201, "an envelope is refused: {status}");
                }
                anyhow::Ok(())
            })
        })
        .collect();
    let receiving = local.spawn_local(receive(owner, Rc::clone(&sent), count, false));
    let waits = local.run_until(async {
        for task in tasks {
            task.await??;
        }
        // Whatever has come by now has come.
        anyhow::Ok(tokio::time::timeout(Duration::from_secs(60), receiving).await???)
    });
    let mut waits = waits.await?;
    let after = first.cpu()?.saturating_add(second.cpu()?);
    Ok(sample(&mut waits, begin, after.saturating_sub(before)))
}
