//! Starts that are cut short while tables are made.

use anyhow::{Context as _, Result};
use shared_crypto::id::DeviceId;
use zechat_node::random;

use super::ledger::Shared;
use super::load::{put, receive_all};
use super::node::Node;
use super::{Trials, moment};
use crate::client::Http;
use crate::people::Person;
use crate::server::Backend;

pub async fn killed(trials: &Trials, backend: Backend) -> Result<String> {
    let mut cut = 0_usize;
    while cut < trials.effort.starts {
        let mut node = Node::new(trials, backend)?;
        // Each some way into what the one before has done.
        for _ in 0..3 {
            node.begin()?;
            tokio::time::sleep(moment(1, 60)).await;
            node.kill()?;
            cut = cut.saturating_add(1);
        }
        node.run().context("after a start that was cut short")?;
        let owner = Person::register(&node.address, 0).await?;
        let (mailbox, socket) = owner.mailbox().await?;
        drop(socket);
        let ledger = Shared::default();
        let mut http = Http::connect(&node.address).await?;
        put(&mut http, &mailbox, &ledger).await?;
        let socket = owner.connect(DeviceId::from_bytes(random::bytes())).await?;
        receive_all(socket, &ledger, std::time::Duration::from_secs(10)).await?;
        ledger.borrow().close()?;
    }
    Ok(format!("{cut} starts cut short; each node runs afterwards"))
}
