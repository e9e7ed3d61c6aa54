//! A disk that fails: the node refuses, and never lies.

use std::path::Path;
use std::process::Command;

use zechat_node::clock::{Clock as _, SystemClock};

use super::program::Program;
use super::support::*;

/// A library that makes a disk fail on demand.
fn build(folder: &Path) -> String {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/node/support/faults.c");
    let library = folder.join("faults.so");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let status = Command::new(compiler)
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .args([source, "-ldl"])
        .status()
        .unwrap();
    assert!(status.success());
    library.to_str().unwrap().to_owned()
}

async fn refuses_and_recovers(fault: &str) {
    let folder = tempfile::tempdir().unwrap();
    let library = build(folder.path());
    let switch = folder.path().join("fault");
    let data = folder.path().join("data");
    let settings = [
        ("LD_PRELOAD", library.as_str()),
        ("ZECHAT_FAULT", switch.to_str().unwrap()),
        ("ZECHAT__LOG__FILTER", "off"),
    ];
    let mut program = Program::start_in(&data, "127.0.0.1:0", &[], &settings);
    let (url, listen) = (program.url.clone(), program.listen());
    let now = SystemClock.now();
    let entry = delivery(&url, &document(&url, now).await);
    let bob = Person::new(1, &[entry], now);
    let path = format!("{url}/v1/identities/{}", bob.identity());
    let response = http().put(path).body(bob.bundle()).send().await.unwrap();
    assert_eq!(response.status(), 201);
    let mut live = Live::connect(&url, &bob, bob.device, now).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    drop(live);
    let put = async || {
        let id = message();
        let path = format!("{url}/v1/mailboxes/{mailbox}/messages/{id}");
        let body = envelope(4096);
        let response = http().put(path).body(body).send().await.unwrap();
        (response.status().as_u16(), id)
    };
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    for round in 0..6 {
        let is_broken = round % 2 == 1;
        if is_broken {
            std::fs::write(&switch, fault).unwrap();
        }
        for _ in 0..5 {
            let (status, id) = put().await;
            match status {
                201 => accepted.push(id),
                503 | 507 => refused.push(id),
                other => panic!("{other}"),
            }
            assert_eq!(status == 201, !is_broken, "{status} in round {round}");
        }
        if is_broken {
            std::fs::remove_file(&switch).unwrap();
        }
    }
    assert_eq!((accepted.len(), refused.len()), (15, 15));
    // What was said is true on the disk.
    program.kill();
    let program = Program::start_in(&data, &listen, &[], &settings);
    let mut live = Live::connect(&program.url, &bob, bob.device, SystemClock.now()).await;
    let stored: Vec<_> = live
        .stored()
        .await
        .iter()
        .map(|pushed| pushed.message)
        .collect();
    assert!(accepted.iter().all(|id| stored.contains(id)));
    // What could not be synced may have come to the disk all the same: as after an answer that was lost,
    // the sender tries again, and the id makes that harmless.
    let known = |id| accepted.contains(id) || refused.contains(id);
    assert!(stored.iter().all(known));
    let different: std::collections::HashSet<_> = stored.iter().collect();
    assert_eq!(different.len(), stored.len(), "nothing twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_cannot_sync_takes_no_mail() {
    refuses_and_recovers("sync").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_takes_no_mail() {
    refuses_and_recovers("full").await;
}
