//! A clock that jumps a day ahead and back, while mail comes.

use std::time::Duration;

use anyhow::{Result, ensure};
use shared_crypto::id::DeviceId;
use zechat_node::clock::{Clock as _, SystemClock};
use zechat_node::random;

use super::Trials;
use super::ledger::Shared;
use super::load::{put, receive_all};
use super::node::Node;
use crate::client::Http;
use crate::people::Person;
use crate::server::Backend;

const DAY: i64 = 86_400;

pub async fn jumps(trials: &Trials, backend: Backend) -> Result<String> {
    let mut node = Node::new(trials, backend)?;
    let clock = node.folder().join("clock");
    node.set("LD_PRELOAD", &trials.faults);
    node.set("ZECHAT_CLOCK", &clock);
    node.run()?;
    let owner = Person::register(&node.address, 0).await?;
    let (mailbox, socket) = owner.mailbox().await?;
    drop(socket);
    let ledger = Shared::default();
    for (turn, offset) in [0, DAY, 0, -DAY, DAY, 0].into_iter().enumerate() {
        std::fs::write(&clock, offset.to_string())?;
        if turn % 2 == 1 {
            node.kill()?;
            node.run()?;
        }
        let mut http = Http::connect(&node.address).await?;
        for _ in 0..50 {
            let status = put(&mut http, &mailbox, &ledger).await?;
            ensure!(status == 201, "{status} with the clock at {offset} s");
        }
        // A client goes by the node's time, which it is told.
        let at = SystemClock
            .now()
            .saturating_add_signed(offset.saturating_mul(1_000));
        let device = DeviceId::from_bytes(random::bytes());
        let socket = owner.connect_at(device, at).await?;
        receive_all(socket, &ledger, Duration::from_secs(30)).await?;
        ledger.borrow().close()?;
    }
    let words = ledger.borrow().close()?;
    Ok(format!(
        "a day ahead and back, twice, with restarts; {words}"
    ))
}
