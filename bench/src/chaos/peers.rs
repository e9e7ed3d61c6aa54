//! Other nodes that are gone, hang, fail, lie or redirect. Mail for them waits, mail for others does not, and
//! when they are well again everything comes once.

use std::rc::Rc;
use std::time::Duration;

use anyhow::{Result, ensure};
use shared_crypto::id::DeviceId;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::spawn_local;
use zechat_node::random;

use super::Trials;
use super::ledger::Shared;
use super::load::{Submitter, document, receive_all, wait_for};
use super::node::Node;
use crate::people::Person;
use crate::server::Backend;

/// How a node answers that is not well; nothing: not at all.
const MANNERS: &[(&str, Option<&str>)] = &[
    ("gone", None),
    ("hangs", Some("")),
    ("500", Some("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n")),
    (
        "lies",
        Some("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}"),
    ),
    (
        "redirects",
        Some("HTTP/1.1 307 There\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"),
    ),
];

pub async fn misbehave(trials: &Trials, backend: Backend) -> Result<String> {
    let home = Node::start(trials, backend)?;
    let well = Node::start(trials, Backend::Sqlite)?;
    let mut ill = Node::start(trials, Backend::Sqlite)?;
    let (of_well, of_ill) = (Shared::default(), Shared::default());
    let (good, bad) = (
        Person::register(&well.address, 1).await?,
        Person::register(&ill.address, 2).await?,
    );
    let (good_box, _) = good.mailbox().await?;
    let (bad_box, _) = bad.mailbox().await?;
    let mut to_well = Submitter::new(
        Person::register(&home.address, 3).await?,
        document(&well.address).await?,
        &well.address,
        good_box,
        Rc::clone(&of_well),
    )?;
    let mut to_ill = Submitter::new(
        Person::register(&home.address, 4).await?,
        document(&ill.address).await?,
        &ill.address,
        bad_box,
        Rc::clone(&of_ill),
    )?;
    let patience = Duration::from_secs(60);
    let ill_url = format!("http://{}", ill.address);
    for (name, answer) in MANNERS {
        ill.kill()?;
        let listener = answer.map(|answer| spawn_local(serve(ill.address.clone(), answer)));
        to_ill.submit(10).await?;
        home.command(&["peer", "retry", &ill_url])?;
        tokio::time::sleep(trials.effort.misbehaviour).await;
        // Mail for others is not held up.
        to_well.submit(10).await?;
        let socket = good.connect(DeviceId::from_bytes(random::bytes())).await?;
        receive_all(socket, &of_well, patience).await?;
        of_well.borrow().close()?;
        if let Some(listener) = listener {
            listener.abort();
            let _ = listener.await; // it was ended, which is an error here
        }
        ill.run()?;
        wait_for(&ill.address).await?;
        home.command(&["peer", "retry", &ill_url])?;
        let socket = bad.connect(DeviceId::from_bytes(random::bytes())).await?;
        receive_all(socket, &of_ill, patience).await?;
        let result = of_ill.borrow().close();
        ensure!(result.is_ok(), "after one that {name}: {result:?}");
    }
    to_well.settle(patience).await?;
    to_ill.settle(patience).await?;
    let words = of_ill.borrow().close()?;
    Ok(format!("gone, hanging, 500, lying, redirecting; {words}"))
}

/// Answers everybody with these words, or with none.
async fn serve(address: String, answer: &'static str) {
    let listener = loop {
        match TcpListener::bind(&address).await {
            Ok(listener) => break listener,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    let mut held = tokio::task::JoinSet::new();
    while let Ok((mut stream, _)) = listener.accept().await {
        held.spawn(async move {
            let mut buffer = [0; 65_536];
            while let Ok(1..) = stream.read(&mut buffer).await {
                if !answer.is_empty() && stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
        });
    }
}
