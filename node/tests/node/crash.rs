//! The real program, killed at moments it does not choose.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use shared_crypto::id::{MailboxId, MessageId, SubmissionId};
use shared_crypto::live::NodeFrame;
use shared_crypto::node_url::NodeUrl;
use zechat_node::clock::{Clock as _, SystemClock};

use super::program::Program;
use super::support::*;

/// Leaves mail until the node is gone; returns what was accepted.
async fn put_until_gone(
    url: NodeUrl,
    mailbox: MailboxId,
    count: Arc<AtomicUsize>,
) -> Vec<MessageId> {
    let client = http();
    let mut accepted = Vec::new();
    loop {
        let id = message();
        let path = format!("{url}/v1/mailboxes/{mailbox}/messages/{id}");
        match client.put(path).body(envelope(4096)).send().await {
            Ok(response) if response.status() == 201 => accepted.push(id),
            Ok(response) => panic!("{}", response.status()),
            Err(_) => return accepted,
        }
        count.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_survives_a_kill() {
    let data = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let settings: Vec<_> = database
        .iter()
        .map(|database| ("ZECHAT__DATABASE__URL", database.url()))
        .collect();
    let mut program = Program::start_in(data.path(), "127.0.0.1:0", &[], &settings);
    let url = program.url.clone();
    let listen = program.listen();
    let bob = register(&url, 1).await;
    let mut live = connect(&url, &bob).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    drop(live);
    let mut accepted: Vec<MessageId> = Vec::new();
    for _ in 0..5 {
        // Senders put until the node is gone, and remember what it said yes to.
        let count = Arc::new(AtomicUsize::new(0));
        let senders: Vec<_> = (0..8)
            .map(|_| tokio::spawn(put_until_gone(url.clone(), mailbox, Arc::clone(&count))))
            .collect();
        eventually("some mail is accepted", || async {
            count.load(Ordering::Relaxed) >= 20
        })
        .await;
        tokio::time::sleep(Duration::from_millis(zechat_node::random::below(150))).await;
        program.kill();
        for sender in senders {
            accepted.extend(sender.await.unwrap());
        }
        program = Program::start_in(data.path(), &listen, &[], &settings);
        assert_eq!(program.url, url);
    }
    let mut live = connect(&url, &bob).await;
    let mut stored = std::collections::HashSet::new();
    let mut last = 0;
    loop {
        match live.socket.frame().await {
            Frame::Binary(frame) => {
                let pushed = Pushed::parse(&frame);
                assert!(pushed.cursor > last);
                last = pushed.cursor;
                assert!(stored.insert(pushed.message), "pushed twice");
                live.ack(last).await;
            }
            Frame::Text(NodeFrame::CaughtUp) => break,
            other => panic!("expected mail, not {other:?}"),
        }
    }
    assert!(
        accepted.iter().all(|id| stored.contains(id)),
        "nothing accepted is lost"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_survives_a_kill() {
    let (home_data, away_data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut home = Program::start(home_data.path(), "127.0.0.1:0");
    let mut away = Program::start(away_data.path(), "127.0.0.1:0");
    let (home_url, away_url) = (home.url.clone(), away.url.clone());
    let (alice, bob) = (register(&home_url, 0).await, register(&away_url, 1).await);
    let mut bobs = connect(&away_url, &bob).await;
    bobs.stored().await;
    let mailbox = bobs.mailbox().await;
    let document = document(&away_url, SystemClock.now()).await;
    away.kill();
    let mut alices = connect(&home_url, &alice).await;
    alices.stored().await;
    let mut waiting: Vec<(SubmissionId, MessageId)> = Vec::new();
    for _ in 0..30 {
        let (id, message) = (submission(), message());
        alices
            .submit(id, &away_url, &boxed(&document, &mailbox, &message))
            .await;
        waiting.push((id, message));
    }
    let mut accepted = Vec::new();
    while accepted.len() < 30 {
        accepted.extend(alices.accepted().await);
    }
    home.kill();
    drop(alices);
    let away_listen = away.listen();
    let _away = Program::start(away_data.path(), &away_listen);
    let home_listen = home.listen();
    let _home = Program::start(home_data.path(), &home_listen);
    let mut bobs = connect(&away_url, &bob).await;
    let mut arrived = Vec::new();
    while arrived.len() < 30 {
        match bobs.socket.frame().await {
            Frame::Binary(frame) => arrived.push(Pushed::parse(&frame).message),
            Frame::Text(NodeFrame::CaughtUp) => {}
            other => panic!("expected mail, not {other:?}"),
        }
    }
    let expected: Vec<_> = waiting.iter().map(|(_, message)| *message).collect();
    assert_eq!(arrived, expected);
    let mut alices = connect(&home_url, &alice).await;
    let mut settled = 0;
    while settled < 30 {
        match alices.socket.text().await {
            NodeFrame::Outcomes { items } => {
                assert!(items.iter().all(|item| item.code.is_none()));
                settled += items.len();
            }
            NodeFrame::CaughtUp => {}
            other => panic!("expected outcomes, not {other:?}"),
        }
    }
}

#[test]
fn settings_that_cannot_work_end_with_78() {
    let run = |args: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_zechat-node"))
            .args(args)
            .output()
            .unwrap()
    };
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let output = run(&["serve", "--listen", "0.0.0.0:0", "--data", folder]);
    assert_eq!(output.status.code(), Some(78));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("public_url")
    );
    let file = data.path().join("settings.toml");
    std::fs::write(&file, "[server]\nlisen = \"x\"\n").unwrap();
    let output = run(&[
        "serve",
        "--config",
        file.to_str().unwrap(),
        "--data",
        folder,
    ]);
    assert_eq!(output.status.code(), Some(78));
    assert!(String::from_utf8(output.stderr).unwrap().contains("lisen"));
    let output = run(&[
        "serve",
        "--public-url",
        "https://x.example/path",
        "--data",
        folder,
    ]);
    assert_eq!(output.status.code(), Some(78));
    assert_eq!(run(&["serve", "--unknown"]).status.code(), Some(2));
    let output = run(&["version"]);
    assert!(output.status.success() && output.stdout.starts_with(b"zechat-node "));
    let output = run(&["config", "example"]);
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../settings.example.toml");
    assert_eq!(output.stdout, std::fs::read(example).unwrap());
}

#[test]
fn two_programs_do_not_share_a_folder() {
    let data = tempfile::tempdir().unwrap();
    let _first = Program::start(data.path(), "127.0.0.1:0");
    let second = Command::new(env!("CARGO_BIN_EXE_zechat-node"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data.path())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(75));
    assert!(
        String::from_utf8(second.stderr)
            .unwrap()
            .contains("another zechat-node")
    );
}

#[test]
fn a_foreign_database_is_left_alone() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("zechat.db");
    std::fs::write(&file, b"not a database at all, but somebody's notes").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_zechat-node"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(65));
    assert!(std::fs::read(&file).unwrap().starts_with(b"not a database"));
}
