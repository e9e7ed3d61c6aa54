//! W2: envelopes left in mailboxes over HTTP, each pushed to its owner's open socket.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;
use shared_crypto::id::MailboxId;
use shared_crypto::live::ClientFrame;
use zechat_node::random;

use super::{ENVELOPE, Plan, SENDERS, SIDES, Sample, Samples, Servers, Side, middle, rate};
use crate::Options;
use crate::client::{Frame, Http, Socket};
use crate::people::Person;
use crate::report::{Report, millis, percentile};
use crate::server::{Backend, now};

/// Whose mail comes live.
const OWNERS: usize = 8;

/// Where in a pushed frame of the node the message id is: after kind, cursor, time and mailbox.
const ID_IN_FRAME: usize = 1 + 8 + 8 + 32;

/// An owner, ready to receive.
struct Owner {
    socket: Socket,
    mailbox: Option<MailboxId>,
}

pub async fn measure(
    options: &Options,
    backend: Backend,
    plan: Plan,
    report: &Report,
) -> Result<()> {
    let servers = Servers::start(options, backend, None)?;
    let mut owners = Vec::new();
    for side in SIDES {
        owners.push((side, self::owners(&servers, side).await?));
    }
    for (name, pause) in [
        ("W2 500/s", Some(Duration::from_micros(2_000))),
        ("W2 flat out", None),
    ] {
        let mut samples = Samples::default();
        for _ in 0..plan.rounds {
            for (side, owners) in &mut owners {
                let (sample, again) =
                    round(&servers, *side, std::mem::take(owners), pause, plan).await?;
                *owners = again;
                samples.add(*side, sample);
            }
        }
        samples.say(report, name, backend);
    }
    Ok(())
}

/// What the node alone does flat out: median rate and cost.
pub async fn alone(servers: &Servers, plan: Plan) -> Result<(f64, f64)> {
    let mut owners = owners(servers, Side::Node).await?;
    let mut samples = Vec::new();
    for _ in 0..plan.rounds {
        let (sample, again) = round(servers, Side::Node, owners, None, plan).await?;
        owners = again;
        samples.push(sample);
    }
    Ok(middle(&samples))
}

async fn owners(servers: &Servers, side: Side) -> Result<Vec<Owner>> {
    let address = &servers.of(side).address;
    let mut owners = Vec::new();
    for number in 0..OWNERS {
        owners.push(match side {
            Side::Bare | Side::Raw => Owner {
                socket: Socket::open(address, &format!("/live?{number}")).await?,
                mailbox: None,
            },
            Side::Node => {
                let (mailbox, socket) = Person::register(address, number).await?.mailbox().await?;
                Owner {
                    socket,
                    mailbox: Some(mailbox),
                }
            }
        });
    }
    Ok(owners)
}

async fn round(
    servers: &Servers,
    side: Side,
    owners: Vec<Owner>,
    pause: Option<Duration>,
    plan: Plan,
) -> Result<(Sample, Vec<Owner>)> {
    let server = servers.of(side);
    let begin = now();
    let before = server.cpu()?;
    let local = tokio::task::LocalSet::new();
    let sent: Rc<Vec<Cell<usize>>> = Rc::new(vec![Cell::new(0); OWNERS]);
    let is_over = Rc::new(Cell::new(false));
    let mailboxes: Rc<Vec<Option<MailboxId>>> =
        Rc::new(owners.iter().map(|owner| owner.mailbox).collect());
    // At a steady pace one sender is enough, and its ticks are.
    let senders = if pause.is_some() { 4 } else { SENDERS };
    let each = pause.map(|pause| pause.saturating_mul(4));
    let sending: Vec<_> = (0..senders)
        .map(|number| {
            let address = server.address.clone();
            let (sent, mailboxes) = (Rc::clone(&sent), Rc::clone(&mailboxes));
            local.spawn_local(async move {
                let mut http = Http::connect(&address).await?;
                let mut turn = number;
                let mut next = tokio::time::Instant::now();
                while begin.elapsed() < plan.round {
                    if let Some(each) = each {
                        next += each;
                        tokio::time::sleep_until(next).await;
                    }
                    turn = turn.wrapping_add(1);
                    let owner = turn % OWNERS;
                    let to = match mailboxes.get(owner).copied().flatten() {
                        Some(mailbox) => To::Mailbox(mailbox),
                        None => To::Number(owner, side.bytes()),
                    };
                    put(&mut http, &to, begin).await?;
                    if let Some(count) = sent.get(owner) {
                        count.set(count.get().saturating_add(1));
                    }
                }
                anyhow::Ok(())
            })
        })
        .collect();
    let receiving: Vec<_> = owners
        .into_iter()
        .enumerate()
        .map(|(number, owner)| {
            let (sent, is_over) = (Rc::clone(&sent), Rc::clone(&is_over));
            local.spawn_local(receive(owner, number, sent, is_over, begin))
        })
        .collect();
    let (mut owners, mut waits) = (Vec::new(), Vec::new());
    local
        .run_until(async {
            for task in sending {
                task.await??;
            }
            is_over.set(true);
            for task in receiving {
                let (owner, waited) = task.await??;
                owners.push(owner);
                waits.extend(waited);
            }
            anyhow::Ok(())
        })
        .await?;
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
        syncs: 0.0,
    };
    Ok((sample, owners))
}

/// Whose mail it is.
enum To {
    /// At the node.
    Mailbox(MailboxId),
    /// At the bare stack, with so many bytes.
    Number(usize, usize),
}

/// Leaves an envelope whose id tells when it was sent.
async fn put(http: &mut Http, to: &To, begin: std::time::Instant) -> Result<()> {
    let micros = u64::try_from(begin.elapsed().as_micros())?;
    let noise: [u8; 8] = random::bytes();
    let mut id = [0; 16];
    let (time, rest) = id.split_at_mut(8);
    time.copy_from_slice(&micros.to_be_bytes());
    rest.copy_from_slice(&noise);
    let status = match to {
        To::Mailbox(mailbox) => {
            let message = shared_crypto::id::MessageId::from_bytes(id);
            let mut envelope = vec![0; ENVELOPE];
            for (place, byte) in envelope.iter_mut().zip([1, 2]) {
                *place = byte; // a suite and a kind
            }
            let path = format!("/v1/mailboxes/{mailbox}/messages/{message}");
            http.put(&path, &envelope).await?
        }
        To::Number(owner, bytes) => {
            // What the node pushes has a head before the envelope as well.
            let mut body = vec![7; bytes.saturating_add(ID_IN_FRAME + 16)];
            let head = std::iter::once(u8::try_from(*owner)?)
                .chain(std::iter::repeat_n(0, ID_IN_FRAME - 1))
                .chain(id);
            for (place, byte) in body.iter_mut().zip(head) {
                *place = byte;
            }
            http.put("/mail", &body).await?
        }
    };
    anyhow::ensure!(status == 201, "an envelope is refused: {status}");
    Ok(())
}

/// Takes what comes until everything that was sent to this owner is there.
async fn receive(
    mut owner: Owner,
    number: usize,
    sent: Rc<Vec<Cell<usize>>>,
    is_over: Rc<Cell<bool>>,
    begin: std::time::Instant,
) -> Result<(Owner, Vec<u64>)> {
    let mut waits = Vec::new();
    let mut unacknowledged = 0_usize;
    let mut cursor = 0;
    loop {
        let is_all = sent
            .get(number)
            .is_none_or(|count| waits.len() >= count.get());
        if is_over.get() && is_all {
            if owner.mailbox.is_some() && unacknowledged > 0 {
                owner
                    .socket
                    .send_text(&ClientFrame::Ack { cursor }.to_text())
                    .await?;
            }
            return Ok((owner, waits));
        }
        let patience = Duration::from_millis(50);
        let Ok(first) = tokio::time::timeout(patience, owner.socket.frame()).await else {
            continue; // look again whether it is over
        };
        let mut next = Some(first?);
        while let Some(frame) = next {
            if let Frame::Binary(bytes) = frame
                && let Some(time) = bytes.get(ID_IN_FRAME..ID_IN_FRAME + 8)
            {
                let at = u64::from_be_bytes(time.try_into()?);
                let micros = u64::try_from(begin.elapsed().as_micros())?;
                waits.push(micros.saturating_sub(at));
                unacknowledged = unacknowledged.saturating_add(1);
                if let Some(place) = bytes.get(1..9) {
                    cursor = u64::from_be_bytes(place.try_into()?);
                }
            }
            next = owner.socket.buffered()?;
        }
        // Like a client, which commits what came together and then acknowledges it.
        if owner.mailbox.is_some() && unacknowledged >= 32 {
            unacknowledged = 0;
            owner
                .socket
                .send_text(&ClientFrame::Ack { cursor }.to_text())
                .await?;
        }
    }
}
