//! Starts that are cut short while tables are made, or while those of an older version are changed.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use diesel::{Connection as _, QueryDsl as _, RunQueryDsl as _, SqliteConnection};
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
        receive_all(socket, &ledger, Duration::from_secs(10)).await?;
        ledger.borrow().close()?;
    }
    Ok(format!("{cut} starts cut short; each node runs afterwards"))
}

/// Migrations since accounts have positions of their own, that one included: it writes all mail anew.
const BACK: usize = 5;

diesel::table! {
    /// As long as nothing else of it matters.
    messages (message_id) {
        /// Which.
        message_id -> Binary,
    }
}

/// Upgrades of a database with mail in it: cut short in the copy that is made before, in the migrations, or after them.
pub async fn upgraded(trials: &Trials, backend: Backend) -> Result<String> {
    let mut node = Node::start(trials, backend)?;
    let owner = Person::register(&node.address, 0).await?;
    // The device of this socket acknowledges nothing, so that all mail stays.
    let (mailbox, socket) = owner.mailbox().await?;
    drop(socket);
    let (ledger, reader) = (Shared::default(), DeviceId::from_bytes(random::bytes()));
    let (mut cut, mut unfinished) = (0_usize, 0_usize);
    while cut < trials.effort.starts {
        let mut http = Http::connect(&node.address).await?;
        for _ in 0..200 {
            let status = put(&mut http, &mailbox, &ledger).await?;
            ensure!(status == 201, "it takes no mail: {status}");
        }
        node.kill()?;
        node.take_back(BACK)?;
        for _ in 0..3 {
            node.begin()?;
            tokio::time::sleep(moment(1, 60)).await;
            node.kill()?;
            cut = cut.saturating_add(1);
            unfinished = unfinished.saturating_add(usize::from(node.missing()? != 0));
        }
        node.run().context("after an upgrade that was cut short")?;
        ensure!(node.missing()? == 0, "it runs with old tables");
        let socket = owner.connect(reader).await?;
        receive_all(socket, &ledger, Duration::from_secs(60)).await?;
        ledger.borrow().close()?;
        if backend == Backend::Sqlite {
            let count = usize::try_from(take_copy(&node)?)?;
            let accepted = ledger.borrow().count();
            ensure!(count == accepted, "{count} of {accepted} are in the copy");
        }
    }
    let words = ledger.borrow().close()?;
    Ok(format!(
        "{cut} starts cut short, {unfinished} before the end of the upgrade; {words}"
    ))
}

/// How many messages are in the copy that was made before the upgrade; it is taken away.
fn take_copy(node: &Node) -> Result<i64> {
    let copies = std::fs::read_dir(node.folder())?.filter_map(|entry| {
        let path = entry.ok()?.path();
        let is_copy = path.to_string_lossy().contains(".before-upgrade-");
        is_copy.then_some(path)
    });
    let copies: Vec<_> = copies.collect();
    let [copy] = &copies[..] else {
        anyhow::bail!("there is not one copy: {copies:?}");
    };
    let mut connection = SqliteConnection::establish(&copy.to_string_lossy())?;
    let count = messages::table.count().get_result(&mut connection)?;
    drop(connection);
    std::fs::remove_file(copy)?;
    Ok(count)
}
