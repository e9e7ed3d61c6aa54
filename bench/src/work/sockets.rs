//! W4: sockets that say nothing.

use anyhow::Result;
use shared_crypto::id::DeviceId;
use zechat_node::random;

use super::Servers;
use crate::Options;
use crate::client::Socket;
use crate::people::Person;
use crate::report::{Report, number};
use crate::server::{Backend, now};

pub async fn measure(options: &Options, backend: Backend, report: &Report) -> Result<()> {
    let count = if options.is_quick { 200 } else { 10_000 };
    let servers = Servers::start(options, backend, None)?;
    let person = Person::register(&servers.node.address, 0).await?;
    let mut sockets = Vec::with_capacity(count);
    let before = servers.bare.memory()?;
    let begin = now();
    for index in 0..count {
        let path = format!("/live?{}", index.saturating_add(1_000));
        sockets.push(Socket::open(&servers.bare.address, &path).await?);
    }
    let bare_rate = number(count) / begin.elapsed().as_secs_f64();
    let bare = per_socket(before, servers.bare.memory()?, count);
    sockets.clear();
    let before = servers.node.memory()?;
    let begin = now();
    for _ in 0..count {
        let device = DeviceId::from_bytes(random::bytes());
        sockets.push(person.connect(device).await?);
    }
    let rate = number(count) / begin.elapsed().as_secs_f64();
    let node = per_socket(before, servers.node.memory()?, count);
    let name = format!("W4 {count} idle sockets");
    report.figure(&name, backend.name(), "kib", node, bare);
    report.figure(
        &format!("{name}, logins"),
        backend.name(),
        "rate",
        rate,
        bare_rate,
    );
    Ok(())
}

fn per_socket(before: u64, after: u64, count: usize) -> f64 {
    let grown = usize::try_from(after.saturating_sub(before)).unwrap_or(usize::MAX);
    number(grown) / number(count.max(1))
}
