//! W3: a device comes back to ten thousand stored envelopes.

use anyhow::Result;
use shared_crypto::id::{DeviceId, MailboxId, MessageId};
use shared_crypto::live::{ClientFrame, NodeFrame};
use zechat_node::random;

use super::{ENVELOPE, Plan, RAW, SENDERS, SIDES, Servers, Side, rate, raw};
use crate::Options;
use crate::client::{Frame, Http, Socket};
use crate::people::Person;
use crate::report::{Report, median};
use crate::server::{Backend, now};

pub async fn measure(
    options: &Options,
    backend: Backend,
    plan: Plan,
    report: &Report,
) -> Result<()> {
    let count = if plan.rounds > 1 { 10_000 } else { 2_000 };
    let servers = Servers::start(options, backend, None)?;
    let person = Person::register(&servers.node.address, 0).await?;
    // This device acknowledges nothing, so that the mail stays for the next round.
    let (mailbox, keeper) = person.mailbox().await?;
    drop(keeper);
    fill(&servers.node.address, Some(mailbox), count, ENVELOPE).await?;
    fill(&servers.bare.address, None, count, ENVELOPE).await?;
    fill(&servers.raw.address, None, count, RAW).await?;
    let mut samples = SIDES.map(|_| Vec::new());
    for _ in 0..plan.rounds {
        for (side, samples) in SIDES.into_iter().zip(&mut samples) {
            samples.push(round(&servers, side, &person, count).await?);
        }
    }
    let of =
        |figure: fn(&Drained) -> f64| samples.each_ref().map(|drained| middle(drained, figure));
    for (name, figure, [bare, of_raw, node]) in [
        ("W3 drain", "rate", of(|drained| drained.rate)),
        ("W3 drain", "cpu_us", of(|drained| drained.cpu_us)),
        ("W3 first message", "ms", of(|drained| drained.first_ms)),
    ] {
        report.figure(name, backend.name(), figure, node, bare);
        report.figure(&raw(name), backend.name(), figure, node, of_raw);
    }
    Ok(())
}

/// What one who came back was given.
struct Drained {
    /// Messages a second.
    rate: f64,
    /// What each cost the server.
    cpu_us: f64,
    /// Until the first.
    first_ms: f64,
}

fn middle(drained: &[Drained], figure: fn(&Drained) -> f64) -> f64 {
    median(&drained.iter().map(figure).collect::<Vec<_>>())
}

/// What the node alone does: median rate and cost.
pub async fn alone(servers: &Servers, plan: Plan) -> Result<(f64, f64)> {
    let count = if plan.rounds > 1 { 10_000 } else { 2_000 };
    let person = Person::register(&servers.node.address, 9).await?;
    let (mailbox, keeper) = person.mailbox().await?;
    drop(keeper);
    fill(&servers.node.address, Some(mailbox), count, ENVELOPE).await?;
    let mut samples = Vec::new();
    for _ in 0..plan.rounds {
        samples.push(round(servers, Side::Node, &person, count).await?);
    }
    let of = |figure| middle(&samples, figure);
    Ok((of(|drained| drained.rate), of(|drained| drained.cpu_us)))
}

async fn fill(address: &str, mailbox: Option<MailboxId>, count: usize, bytes: usize) -> Result<()> {
    let local = tokio::task::LocalSet::new();
    let tasks: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let address = address.to_owned();
            local.spawn_local(async move {
                let mut http = Http::connect(&address).await?;
                let mut envelope = vec![0; bytes];
                for (place, byte) in envelope.iter_mut().zip([1, 2]) {
                    *place = byte;
                }
                for number in (sender..count).step_by(SENDERS) {
                    let message = MessageId::from_bytes(random::bytes());
                    let path = mailbox.map_or_else(
                        || "/mail".to_owned(),
                        |mailbox| format!("/v1/mailboxes/{mailbox}/messages/{message}"),
                    );
                    let status = http.put(&path, &envelope).await?;
                    anyhow::ensure!(status == 201, "envelope {number} is refused: {status}");
                }
                anyhow::Ok(())
            })
        })
        .collect();
    local
        .run_until(async {
            for task in tasks {
                task.await??;
            }
            Ok(())
        })
        .await
}

async fn round(servers: &Servers, side: Side, person: &Person, count: usize) -> Result<Drained> {
    let (begin, before);
    let server = servers.of(side);
    let mut socket = match side {
        Side::Bare | Side::Raw => {
            (begin, before) = (now(), server.cpu()?);
            Socket::open(&server.address, "/drain").await?
        }
        Side::Node => {
            // Without the login, whose signature is the client's work: from the welcome on.
            let device = DeviceId::from_bytes(random::bytes());
            let socket = person.connect(device).await?;
            (begin, before) = (now(), server.cpu()?);
            socket
        }
    };
    let mut first = None;
    let mut come = 0_usize;
    let mut unacknowledged = 0_usize;
    loop {
        let mut next = Some(socket.frame().await?);
        let mut cursor = 0;
        while let Some(frame) = next {
            match frame {
                Frame::Binary(bytes) => {
                    first.get_or_insert_with(|| begin.elapsed());
                    come = come.saturating_add(1);
                    unacknowledged = unacknowledged.saturating_add(1);
                    if let Some(place) = bytes.get(1..9) {
                        cursor = u64::from_be_bytes(place.try_into()?);
                    }
                }
                Frame::Text(text) => {
                    let is_end =
                        text == "end" || matches!(NodeFrame::parse(&text), Ok(NodeFrame::CaughtUp));
                    if is_end {
                        anyhow::ensure!(come >= count, "{come} of {count} came");
                        let elapsed = begin.elapsed();
                        let (rate, cpu_us) =
                            rate(come, elapsed, server.cpu()?.saturating_sub(before));
                        return Ok(Drained {
                            rate,
                            cpu_us,
                            first_ms: first.unwrap_or_default().as_secs_f64() * 1_000.0,
                        });
                    }
                }
            }
            next = socket.buffered()?;
        }
        if side == Side::Node && unacknowledged >= 32 && cursor != 0 {
            unacknowledged = 0;
            socket
                .send_text(&ClientFrame::Ack { cursor }.to_text())
                .await?;
        }
    }
}
