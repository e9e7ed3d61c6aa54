//! A node, or the database server under it, is killed again and again while people send and receive: mail
//! left in a mailbox, and mail submitted for a second node that goes on.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use shared_crypto::id::{DeviceId, MailboxId};
use tokio::task::spawn_local;
use zechat_node::random;

use super::ledger::Shared;
use super::load::{
    Submitter, document, put, put_until_gone, receive_all, receive_until_gone, wait_for,
};
use super::node::Node;
use super::{Trials, moment, postgres};
use crate::client::Http;
use crate::people::Person;
use crate::server::Backend;

/// Who leaves mail at the same time.
const SENDERS: usize = 6;

/// Messages that show that a node works again.
const AGAIN: usize = 20;

/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What ends a round.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Victim {
    Node,
    Server,
}

pub async fn of_the_node(trials: &Trials, backend: Backend) -> Result<String> {
    let kills = match backend {
        Backend::Sqlite => trials.effort.file_kills,
        Backend::Postgres => trials.effort.server_kills,
    };
    run(trials, backend, kills, Victim::Node).await
}

pub async fn of_the_server(trials: &Trials, backend: Backend) -> Result<String> {
    run(trials, backend, trials.effort.server_kills, Victim::Server).await
}

async fn run(trials: &Trials, backend: Backend, kills: usize, victim: Victim) -> Result<String> {
    let (left, forwarded) = (Shared::default(), Shared::default());
    let mut home = Node::start(trials, backend)?;
    // The other node keeps its mail in a file, whatever this one uses.
    let away = Node::start(trials, Backend::Sqlite)?;
    let owner = Person::register(&home.address, 0).await?;
    let device = DeviceId::from_bytes(random::bytes());
    let (mailbox, socket) = owner.mailbox_of(device).await?;
    drop(socket);
    let friend = Person::register(&away.address, 1).await?;
    let (friends, socket) = friend.mailbox().await?;
    drop(socket);
    let sender = Person::register(&home.address, 2).await?;
    let destination = document(&away.address).await?;
    let ledger = Rc::clone(&forwarded);
    let mut submitter = Submitter::new(sender, destination, &away.address, friends, ledger)?;
    for kill in 0..kills {
        let is_over = Rc::new(Cell::new(false));
        let (before, address) = (left.borrow().count(), home.address.clone());
        let putting: Vec<_> = (0..SENDERS)
            .map(|_| {
                let (address, over) = (address.clone(), Rc::clone(&is_over));
                spawn_local(put_until_gone(address, mailbox, Rc::clone(&left), over))
            })
            .collect();
        let submitting = spawn_local(submitter.run_until_gone(Rc::clone(&is_over)));
        let receiving = match owner.connect(device).await {
            Ok(socket) => Some(spawn_local(receive_until_gone(socket, Rc::clone(&left)))),
            Err(_) => None, // it may be gone so soon
        };
        for _ in 0..2_000 {
            if left.borrow().count() >= before.saturating_add(10) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(moment(0, 120)).await;
        // Every second time the node that lost its server is the one that goes on.
        let goes_on = victim == Victim::Server && !kill.is_multiple_of(2);
        match victim {
            Victim::Node => home.kill()?,
            Victim::Server => postgres::kill()?,
        }
        if victim == Victim::Server {
            postgres::start(&[]).await?;
        }
        if goes_on {
            let who = (&owner, device);
            let recovered = recover(&home.address, who, &mailbox, &left, &is_over).await;
            recovered.with_context(|| format!("after kill {kill}"))?;
        } else if victim == Victim::Server {
            tokio::time::sleep(moment(0, 200)).await;
            is_over.set(true);
            // Its people come again anyhow; without this, who waits for nothing would wait on.
            home.kill()?;
        }
        for task in putting {
            task.await?;
        }
        submitter = submitting.await??;
        if let Some(receiving) = receiving {
            receiving.await??;
        }
        if !goes_on {
            home.run().with_context(|| format!("after kill {kill}"))?;
        }
        wait_for(&home.address).await?;
    }
    submitter.settle(Duration::from_secs(120)).await?;
    let patience = Duration::from_secs(120);
    receive_all(owner.connect(device).await?, &left, patience).await?;
    let socket = friend
        .connect(DeviceId::from_bytes(random::bytes()))
        .await?;
    receive_all(socket, &forwarded, patience).await?;
    let (left, forwarded) = (left.borrow().close()?, forwarded.borrow().close()?);
    Ok(format!(
        "{kills} kills; left: {left}; forwarded: {forwarded}"
    ))
}

/// Waits until the same process takes mail again, and brings all of it to somebody who is connected.
async fn recover(
    address: &str,
    (owner, device): (&Person, DeviceId),
    mailbox: &MailboxId,
    left: &Shared,
    is_over: &Cell<bool>,
) -> Result<()> {
    let recovery = async {
        wait_for(address).await?;
        let socket = owner.connect(device).await?;
        let receiving = spawn_local(receive_until_gone(socket, Rc::clone(left)));
        let mut http = Http::connect(address).await?;
        let mut taken = 0_usize;
        while taken < AGAIN {
            match put(&mut http, mailbox, left).await? {
                201 => taken = taken.saturating_add(1),
                _ => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
        is_over.set(true);
        while !left.borrow().is_complete() {
            anyhow::ensure!(!receiving.is_finished(), "the connection does not last");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        receiving.abort();
        anyhow::Ok(())
    };
    let recovered = tokio::time::timeout(PATIENCE, recovery).await;
    recovered.context("the node does not come back to its server")?
}
