//! Disks that are full or cannot sync, and logs that a power cut left unfinished.

use std::cell::Cell;
use std::io::Write as _;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use shared_crypto::id::DeviceId;
use tokio::task::spawn_local;
use zechat_node::random;

use super::ledger::Shared;
use super::load::{put, put_until_gone, receive_all, receive_stored, wait_for};
use super::node::Node;
use super::{Trials, moment, postgres};
use crate::client::Http;
use crate::people::Person;
use crate::server::Backend;

pub async fn full(trials: &Trials, backend: Backend) -> Result<String> {
    faulty(trials, backend, "full").await
}

pub async fn unsynced(trials: &Trials, backend: Backend) -> Result<String> {
    faulty(trials, backend, "sync").await
}

/// The disk fails for moments under load; in the end the power goes.
async fn faulty(trials: &Trials, backend: Backend, fault: &str) -> Result<String> {
    let mut node = Node::new(trials, backend)?;
    let switch = node.folder().join("fault");
    let faults = [
        ("LD_PRELOAD", trials.faults.as_path()),
        ("ZECHAT_FAULT", switch.as_path()),
    ];
    match backend {
        Backend::Sqlite => faults
            .iter()
            .for_each(|(name, value)| node.set(name, value)),
        // The disk is the server's, and so is the way to deal with it.
        Backend::Postgres => {
            postgres::kill()?;
            postgres::start(&faults).await?;
        }
    }
    node.run()?;
    let owner = Person::register(&node.address, 0).await?;
    let (mailbox, socket) = owner.mailbox().await?;
    drop(socket);
    let (ledger, is_over) = (Shared::default(), Rc::new(Cell::new(false)));
    let putting: Vec<_> = (0..6)
        .map(|_| {
            let (address, over) = (node.address.clone(), Rc::clone(&is_over));
            spawn_local(put_until_gone(address, mailbox, Rc::clone(&ledger), over))
        })
        .collect();
    let times = match backend {
        Backend::Sqlite => trials.effort.faults,
        // A server takes seconds to come back.
        Backend::Postgres => trials.effort.faults.div_ceil(4),
    };
    for _ in 0..times {
        tokio::time::sleep(moment(50, 200)).await;
        std::fs::write(&switch, fault)?;
        tokio::time::sleep(moment(20, 150)).await;
        // What was under way may still be answered; what is asked now is refused.
        let mut http = Http::connect(&node.address).await?;
        let status = put(&mut http, &mailbox, &ledger).await?;
        ensure!(
            matches!(status, 503 | 507),
            "{status} from a disk that fails"
        );
        std::fs::remove_file(&switch)?;
        if backend == Backend::Postgres {
            postgres::come_back(&faults).await?;
            wait_for(&node.address).await?;
        }
    }
    let before = ledger.borrow().count();
    for _ in 0..400 {
        if ledger.borrow().count() > before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    ensure!(ledger.borrow().count() > before, "it does not recover");
    node.kill()?;
    is_over.set(true);
    for task in putting {
        task.await?;
    }
    if backend == Backend::Postgres {
        postgres::kill()?;
        postgres::start(&[]).await?;
    }
    node.run()?;
    let socket = owner.connect(DeviceId::from_bytes(random::bytes())).await?;
    receive_all(socket, &ledger, Duration::from_secs(60)).await?;
    let words = ledger.borrow().close()?;
    Ok(format!("{times} times; {words}"))
}

/// A node under load that was killed, with the path of its log.
async fn killed(
    trials: &Trials,
    backend: Backend,
) -> Result<(Node, Person, Shared, std::path::PathBuf)> {
    let mut node = Node::start(trials, backend)?;
    let owner = Person::register(&node.address, 0).await?;
    let (mailbox, socket) = owner.mailbox().await?;
    drop(socket);
    let (ledger, is_over) = (Shared::default(), Rc::new(Cell::new(false)));
    let putting: Vec<_> = (0..6)
        .map(|_| {
            let (address, over) = (node.address.clone(), Rc::clone(&is_over));
            spawn_local(put_until_gone(address, mailbox, Rc::clone(&ledger), over))
        })
        .collect();
    while ledger.borrow().count() < 100 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    node.kill()?;
    for task in putting {
        task.await?;
    }
    let log = node.folder().join("zechat.db-wal");
    Ok((node, owner, ledger, log))
}

/// The last write did not come to its end: nothing of it was accepted.
pub async fn torn_log(trials: &Trials, backend: Backend) -> Result<String> {
    let mut words = String::new();
    for length in [1, 24, 2_000, 4_120, 9_000] {
        let (mut node, owner, ledger, log) = killed(trials, backend).await?;
        let junk: Vec<u8> = (0..length).map(|_| random::bytes::<1>()[0]).collect();
        std::fs::OpenOptions::new()
            .append(true)
            .open(&log)?
            .write_all(&junk)?;
        node.run()?;
        wait_for(&node.address).await?;
        let socket = owner.connect(DeviceId::from_bytes(random::bytes())).await?;
        receive_all(socket, &ledger, Duration::from_secs(60)).await?;
        words = ledger.borrow().close()?;
    }
    Ok(format!("5 lengths; the last: {words}"))
}

/// Somebody has cut the log where it was durable: what is lost is the end, and the node runs with what came before.
pub async fn cut_log(trials: &Trials, backend: Backend) -> Result<String> {
    const TIMES: usize = 5;
    let mut words = String::new();
    for _ in 0..TIMES {
        let (mut node, owner, ledger, log) = killed(trials, backend).await?;
        let length = std::fs::metadata(&log)?.len();
        let rest = length.saturating_sub(random::below(length / 4).max(5_000));
        std::fs::OpenOptions::new()
            .write(true)
            .open(&log)?
            .set_len(rest)?;
        node.run().context("with a log that was cut")?;
        wait_for(&node.address).await?;
        let patience = Duration::from_secs(60);
        let socket = owner.connect(DeviceId::from_bytes(random::bytes())).await?;
        receive_stored(socket, &ledger, patience).await?;
        let accepted = ledger.borrow().count();
        let lost = ledger.borrow_mut().give_up_the_end()?;
        ensure!(lost < accepted, "all of {accepted} are lost");
        // What comes now stands beside the rest, at positions of its own.
        let (mailbox, socket) = owner.mailbox().await?;
        drop(socket);
        let mut http = Http::connect(&node.address).await?;
        for _ in 0..20 {
            ensure!(
                put(&mut http, &mailbox, &ledger).await? == 201,
                "it takes no mail"
            );
        }
        let socket = owner.connect(DeviceId::from_bytes(random::bytes())).await?;
        receive_all(socket, &ledger, patience).await?;
        ledger.borrow().close()?;
        // A copy is looked through, and is whole.
        let copy = node.folder().join("backup.tar");
        let copy = copy.to_string_lossy();
        for command in ["backup", "verify"] {
            let done = node.command(&[command, &copy])?;
            let errors = String::from_utf8_lossy(&done.stderr);
            ensure!(done.status.success(), "{command}: {errors}");
        }
        words = format!("{rest} of {length} bytes left, {lost} of {accepted} lost");
    }
    Ok(format!(
        "{TIMES} times; the last: {words}, all of them from the end"
    ))
}
