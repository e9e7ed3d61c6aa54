//! W1: submissions on live sockets to a node's outbox, accepted when they are durable. It is what every
//! sent message goes through, and needs no box to be opened.

use std::path::Path;
use std::rc::Rc;

use anyhow::Result;
use shared_crypto::forward::FORWARD_CLASSES;
use shared_crypto::id::DeviceId;
use shared_crypto::live::{ClientBinary, NodeFrame};
use shared_crypto::node_url::NodeUrl;
use zechat_node::random;

use super::{Plan, SENDERS, SIDES, Sample, Samples, Servers, Side, middle, rate};
use crate::Options;
use crate::client::{Frame, Socket, frame};
use crate::people::Person;
use crate::report::{Report, millis, number, percentile};
use crate::server::{Backend, now};

/// Nobody is there: what is accepted stays where it is.
pub const NOWHERE: &str = "http://127.0.0.1:1";

pub async fn measure(
    options: &Options,
    backend: Backend,
    plan: Plan,
    report: &Report,
    preload: Option<&Path>,
) -> Result<()> {
    let servers = Servers::start(options, backend, preload)?;
    let mut sockets = Vec::new();
    for side in SIDES {
        sockets.push((side, connect(&servers, side).await?));
    }
    let slow = if preload.is_some() {
        ", slower sync"
    } else {
        ""
    };
    for window in [1, 32] {
        let mut samples = Samples::default();
        for _ in 0..plan.rounds {
            for (side, sockets) in &mut sockets {
                let (sample, again) =
                    round(&servers, *side, std::mem::take(sockets), window, plan).await?;
                *sockets = again;
                samples.add(*side, sample);
            }
        }
        samples.say(report, &format!("W1 window {window}{slow}"), backend);
    }
    Ok(())
}

/// What the node alone makes of 32 under way for each sender: median rate and cost.
pub async fn alone(servers: &Servers, plan: Plan) -> Result<(f64, f64)> {
    let mut sockets = connect(servers, Side::Node).await?;
    let mut samples = Vec::new();
    for _ in 0..plan.rounds {
        let (sample, again) = round(servers, Side::Node, sockets, 32, plan).await?;
        sockets = again;
        samples.push(sample);
    }
    Ok(middle(&samples))
}

/// Sockets of all senders. Of the bare stack each has its number.
async fn connect(servers: &Servers, side: Side) -> Result<Vec<Socket>> {
    let mut sockets = Vec::with_capacity(SENDERS);
    for index in 0..SENDERS {
        let address = &servers.of(side).address;
        sockets.push(match side {
            Side::Bare | Side::Raw => {
                Socket::open(address, &format!("/live?{}", index + 100)).await?
            }
            Side::Node => {
                let person = Person::register(address, index).await?;
                let mut socket = person
                    .connect(DeviceId::from_bytes(random::bytes()))
                    .await?;
                while !matches!(
                    NodeFrame::parse(&socket.text().await?)?,
                    NodeFrame::CaughtUp
                ) {}
                socket
            }
        });
    }
    Ok(sockets)
}

async fn round(
    servers: &Servers,
    side: Side,
    sockets: Vec<Socket>,
    window: usize,
    plan: Plan,
) -> Result<(Sample, Vec<Socket>)> {
    let template = Rc::new(template(side)?);
    let server = servers.of(side);
    let before = server.cpu()?;
    let syncs_before = server.syncs();
    let begin = now();
    let local = tokio::task::LocalSet::new();
    let tasks: Vec<_> = sockets
        .into_iter()
        .map(|socket| {
            let template = Rc::clone(&template);
            local.spawn_local(send(socket, side, template, window, plan))
        })
        .collect();
    let (mut sockets, mut waits) = (Vec::new(), Vec::new());
    local
        .run_until(async {
            for task in tasks {
                let (socket, waited) = task.await??;
                sockets.push(socket);
                waits.extend(waited);
            }
            anyhow::Ok(())
        })
        .await?;
    let syncs = server.syncs().saturating_sub(syncs_before);
    let syncs = number(usize::try_from(syncs)?) / number(waits.len().max(1));
    let (rate, cpu_us) = rate(
        waits.len(),
        begin.elapsed(),
        server.cpu()?.saturating_sub(before),
    );
    let sample = Sample {
        rate,
        cpu_us,
        p50_ms: millis(percentile(&mut waits, 50)),
        p99_ms: millis(percentile(&mut waits, 99)),
        syncs,
    };
    Ok((sample, sockets))
}

/// A submission frame; its id is put in later.
fn template(side: Side) -> Result<Vec<u8>> {
    let [small, ..] = FORWARD_CLASSES;
    if side == Side::Raw {
        return Ok(vec![7; side.bytes().saturating_add(16)]);
    }
    let boxed = vec![7; small];
    let submit = ClientBinary::Submit {
        submission: shared_crypto::id::SubmissionId::from_bytes([0; 16]),
        node: NodeUrl::parse(NOWHERE)?,
        forward_box: &boxed,
    };
    Ok(submit.encode())
}

/// Keeps so many submissions under way; returns how long each waited, in microseconds.
async fn send(
    mut socket: Socket,
    side: Side,
    template: Rc<Vec<u8>>,
    window: usize,
    plan: Plan,
) -> Result<(Socket, Vec<u64>)> {
    let begin = now();
    let mut under_way = std::collections::VecDeque::new();
    let mut waits = Vec::new();
    let mut ready = Vec::new();
    loop {
        let is_over = begin.elapsed() >= plan.round;
        ready.clear();
        while !is_over && under_way.len() < window {
            ready.extend_from_slice(&submission(&template, side));
            under_way.push_back(now());
        }
        if !ready.is_empty() {
            socket.send(&ready).await?;
        }
        if under_way.is_empty() {
            return Ok((socket, waits));
        }
        let mut accepted = accepted(&socket.frame().await?);
        while let Some(frame) = socket.buffered()? {
            accepted = accepted.saturating_add(self::accepted(&frame));
        }
        // Answers come in the order of the submissions.
        for sent in under_way.drain(..accepted.min(under_way.len())) {
            waits.push(u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX));
        }
    }
}

fn submission(template: &[u8], side: Side) -> Vec<u8> {
    let id: [u8; 16] = random::bytes();
    let mut payload = template.to_vec();
    // The node reads a kind first; the bare stack takes the first bytes as the id.
    let start = usize::from(side == Side::Node);
    if let Some(place) = payload.get_mut(start..start.saturating_add(16)) {
        place.copy_from_slice(&id);
    }
    frame(2, &payload)
}

/// How many submissions a frame accepts.
fn accepted(frame: &Frame) -> usize {
    match frame {
        Frame::Binary(ids) => ids.len() / 16,
        // {"type":"accepted","submissions":["…","…"]}: reading it properly would cost more than it says.
        Frame::Text(text) if text.starts_with("{\"type\":\"accepted\"") => {
            text.bytes()
                .filter(|byte| *byte == b'"')
                .count()
                .saturating_sub(6)
                / 2
        }
        Frame::Text(_) => 0,
    }
}
