//! Clients that do not read, and sockets that open and vanish.

use std::time::Duration;

use anyhow::{Result, ensure};
use shared_crypto::id::DeviceId;
use tokio::task::spawn_local;
use zechat_node::random;

use super::Trials;
use super::ledger::Shared;
use super::load::{put, receive_all};
use super::node::Node;
use crate::client::{Http, Socket};
use crate::people::Person;
use crate::server::Backend;

/// KiB that a node may have grown by whatever clients do.
const GROWTH: u64 = 128 * 1024;

pub async fn stalled(trials: &Trials, backend: Backend) -> Result<String> {
    let node = Node::start(trials, backend)?;
    let owner = Person::register(&node.address, 0).await?;
    let reader = DeviceId::from_bytes(random::bytes());
    let (mailbox, reading) = owner.mailbox_of(reader).await?;
    let mut silent = Vec::new();
    for _ in 0..8 {
        silent.push(owner.connect(DeviceId::from_bytes(random::bytes())).await?);
    }
    let (before, _) = node.burden()?;
    let ledger = Shared::default();
    let receiving = {
        let ledger = Shared::clone(&ledger);
        spawn_local(super::load::receive_until_gone(reading, ledger))
    };
    let each = trials.effort.unread / 8;
    let putting: Vec<_> = (0..8)
        .map(|_| {
            let (address, ledger) = (node.address.clone(), Shared::clone(&ledger));
            spawn_local(async move {
                let mut http = Http::connect(&address).await?;
                for _ in 0..each {
                    let status = put(&mut http, &mailbox, &ledger).await?;
                    ensure!(status == 201, "{status}: who does not read holds others up");
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for task in putting {
        task.await??;
    }
    for _ in 0..1_200 {
        if ledger.borrow().is_complete() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    receiving.abort();
    let words = ledger.borrow().close()?;
    let (after, _) = node.burden()?;
    let grown = after.saturating_sub(before);
    ensure!(grown < GROWTH, "the node has grown by {grown} KiB");
    drop(silent);
    Ok(format!(
        "8 silent devices beside one that reads; {words}; {grown} KiB more"
    ))
}

pub async fn vanishing(trials: &Trials, backend: Backend) -> Result<String> {
    let count = trials.effort.sockets;
    let node = Node::start(trials, backend)?;
    let owner = Person::register(&node.address, 0).await?;
    let (mailbox, socket) = owner.mailbox().await?;
    drop(socket);
    let (before, files) = node.burden()?;
    let mut opened = 0_usize;
    while opened < count {
        let mut wave = Vec::new();
        for number in 0..count.min(500) {
            opened = opened.saturating_add(1);
            // Some do not even say what they want.
            if number % 4 == 0 {
                let stream = tokio::net::TcpStream::connect(&node.address).await?;
                wave.push((None, Some(stream)));
            } else {
                wave.push((Some(Socket::open(&node.address, "/v1/live").await?), None));
            }
        }
        drop(wave);
    }
    let ledger = Shared::default();
    let mut http = Http::connect(&node.address).await?;
    put(&mut http, &mailbox, &ledger).await?;
    let socket = owner.connect(DeviceId::from_bytes(random::bytes())).await?;
    receive_all(socket, &ledger, Duration::from_secs(30)).await?;
    ledger.borrow().close()?;
    let mut left = usize::MAX;
    for _ in 0..600 {
        left = node.burden()?.1;
        if left <= files.saturating_add(8) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ensure!(
        left <= files.saturating_add(8),
        "{left} files are open, of {files} before"
    );
    let (after, _) = node.burden()?;
    let grown = after.saturating_sub(before);
    ensure!(grown < GROWTH, "the node has grown by {grown} KiB");
    Ok(format!(
        "{opened} sockets; {left} files open afterwards ({files} before), {grown} KiB more"
    ))
}
