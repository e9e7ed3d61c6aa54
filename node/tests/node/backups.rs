//! Backups: they are whole or noticed not to be, put a node back, and leave nothing behind.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shared_crypto::id::{MailboxId, MessageId};
use shared_crypto::live::NodeFrame;
use shared_crypto::node_url::NodeUrl;
use zechat_node::clock::{Clock as _, SystemClock};

use super::site::Site;
use super::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_node_is_restored_elsewhere() {
    let (site, elsewhere) = (Site::new(), Site::new());
    let mut node = site.start("127.0.0.1:0", &[]);
    let alice = node.register(0).await;
    let mut live = Live::connect(&node.url, &alice, alice.device, SystemClock.now()).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    drop(live);
    let (message, envelope) = (message(), envelope(4096));
    let path = format!("{}/v1/mailboxes/{mailbox}/messages/{message}", node.url);
    let stored = http()
        .put(path)
        .body(envelope.clone())
        .send()
        .await
        .unwrap();
    assert_eq!(stored.status(), 201);
    let file = &site.file("backup.tar");
    let made = site.json(&["backup", file]);
    assert_eq!(made["files"].as_array().unwrap().len(), 2);
    assert_eq!(site.json(&["verify", file])["files"], made["files"]);
    let (code, words) = site.failure(&["restore", file]);
    assert!(code == 75 || code == 73, "{code} {words}");
    let listen = node.listen();
    node.kill();
    let (code, words) = site.failure(&["restore", file]);
    assert_eq!(
        (code, words.contains("there already")),
        (73, true),
        "{words}"
    );
    elsewhere.json(&["restore", file]);
    let restored = elsewhere.start(&listen, &[]);
    let mut live = Live::connect(&restored.url, &alice, alice.device, SystemClock.now()).await;
    let mail = live.stored().await;
    assert_eq!(mail.len(), 1);
    assert_eq!((mail[0].message, &mail[0].envelope), (message, &envelope));
    assert_eq!(elsewhere.json(&["stats"])["accounts"], 1);
    // A database with something in it stays as it is, and no node comes of the try.
    if let Some(database) = &site.database {
        let empty = Site::of_files();
        let mut restore = empty.program();
        restore.env("ZECHAT__DATABASE__URL", database.url());
        let refused = restore.args(["restore", file]).output().unwrap();
        assert_eq!(refused.status.code(), Some(69));
        assert_eq!(empty.names(), ["lock"]);
        assert_eq!(site.json(&["stats"])["envelopes"], 1);
    }
}

/// Mail of several senders, as they know it.
#[derive(Default)]
struct Letters {
    sent: HashMap<MessageId, Vec<u8>>,
    accepted: Vec<MessageId>,
}

/// Leaves letters until it is over.
async fn write_on(
    url: NodeUrl,
    mailbox: MailboxId,
    letters: Arc<Mutex<Letters>>,
    is_over: Arc<AtomicBool>,
) {
    let client = http();
    while !is_over.load(Ordering::Relaxed) {
        let (message, envelope) = (message(), envelope(4_096));
        let path = format!("{url}/v1/mailboxes/{mailbox}/messages/{message}");
        let sent = envelope.clone();
        letters.lock().unwrap().sent.insert(message, sent);
        let left = client.put(path).body(envelope).send().await.unwrap();
        assert_eq!(left.status(), 201);
        letters.lock().unwrap().accepted.push(message);
    }
}

/// A backup is of one moment: all that was accepted before it began is in it, and nothing in half.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_made_while_mail_comes_holds_all_that_was_accepted_before() {
    let (site, elsewhere) = (Site::new(), Site::new());
    let mut node = site.start("127.0.0.1:0", &[]);
    let alice = node.register(0).await;
    let mut live = connect(&node.url, &alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    drop(live);
    let (letters, is_over) = (
        Arc::<Mutex<Letters>>::default(),
        Arc::<AtomicBool>::default(),
    );
    let senders: Vec<_> = (0..4)
        .map(|_| {
            let (letters, is_over) = (Arc::clone(&letters), Arc::clone(&is_over));
            tokio::spawn(write_on(node.url.clone(), mailbox, letters, is_over))
        })
        .collect();
    let accepted = || letters.lock().unwrap().accepted.clone();
    let file = &site.file("backup.tar");
    // Until somebody has written while it was made.
    let before = loop {
        let wanted = accepted().len() + 100;
        eventually("mail comes", || async { accepted().len() > wanted }).await;
        let before = accepted();
        site.json(&["backup", file]);
        if accepted().len() > before.len() {
            break before;
        }
    };
    is_over.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.await.unwrap();
    }
    let listen = node.listen();
    node.kill();
    elsewhere.json(&["restore", file]);
    let restored = elsewhere.start(&listen, &[]);
    let account = elsewhere.json(&["account", "list"])[0].clone();
    let mut live = connect(&restored.url, &alice).await;
    let (mut mail, mut last) = (HashMap::new(), 0);
    loop {
        match live.socket.frame().await {
            Frame::Text(NodeFrame::CaughtUp) => break,
            Frame::Binary(frame) => {
                let pushed = Pushed::parse(&frame);
                assert!(pushed.cursor > last);
                last = pushed.cursor;
                live.ack(last).await;
                let is_new = mail.insert(pushed.message, pushed.envelope).is_none();
                assert!(is_new, "twice");
            }
            other => panic!("expected mail, not {other:?}"),
        }
    }
    let count = u64::try_from(mail.len()).unwrap();
    assert_eq!(account["used_count"], count);
    assert_eq!(account["used_bytes"], 4_096 * count);
    let lost = before.iter().filter(|id| !mail.contains_key(*id)).count();
    assert_eq!(lost, 0, "of {}", before.len());
    let sent = &letters.lock().unwrap().sent;
    assert!(
        mail.iter()
            .all(|(id, envelope)| sent.get(id) == Some(envelope))
    );
}

/// After a crash or a full disk somebody moves the database away, forgets the files beside it, and restores:
/// SQLite would play the old log into the restored database.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_not_restored_beside_the_log_of_another_database() {
    let (site, elsewhere) = (Site::of_files(), Site::of_files());
    let mut node = site.start("127.0.0.1:0", &[]);
    node.register(0).await;
    node.kill();
    let file = &site.file("backup.tar");
    site.json(&["backup", file]);
    for ending in ["-wal", "-shm", "-journal"] {
        let left = elsewhere.path().join(format!("zechat.db{ending}"));
        std::fs::write(&left, b"of another database").unwrap();
    }
    let (code, words) = elsewhere.failure(&["restore", file]);
    assert_eq!(code, 73, "{words}");
    for ending in ["-wal", "-shm", "-journal"] {
        // All at once: nobody removes one to be told of the next.
        assert!(words.contains(&format!("zechat.db{ending}")), "{words}");
        std::fs::remove_file(elsewhere.path().join(format!("zechat.db{ending}"))).unwrap();
    }
    assert!(!elsewhere.path().join("node.key").exists());
    elsewhere.json(&["restore", file]);
    assert_eq!(elsewhere.json(&["stats"])["accounts"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_backup_is_noticed() {
    let site = Site::new();
    let mut node = site.start("127.0.0.1:0", &[]);
    node.kill();
    let file = site.path().join("backup.tar");
    site.json(&["backup", file.to_str().unwrap()]);
    let names = site.names();
    // It is read where it lies: elsewhere there may be no room, or other eyes.
    let mut verify = site.program();
    verify.env("TMPDIR", site.path().join("nowhere"));
    let verified = verify.arg("verify").arg(&file).output().unwrap();
    assert!(verified.status.success());
    assert_eq!(site.names(), names);
    let whole = std::fs::read(&file).unwrap();
    let damages: [fn(&mut Vec<u8>); 4] = [
        |bytes| bytes.truncate(bytes.len() / 2),
        |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        },
        Vec::clear,
        |bytes| *bytes = b"something else entirely".to_vec(),
    ];
    for damage in damages {
        let mut bytes = whole.clone();
        damage(&mut bytes);
        std::fs::write(&file, bytes).unwrap();
        let (code, words) = site.failure(&["verify", file.to_str().unwrap()]);
        assert_eq!(code, 65, "{words}");
        assert_eq!(site.names(), names);
    }
    // Hashes say only that it is what was written.
    let breakages: [fn(&mut Vec<u8>); 2] = [
        |database| database.truncate(database.len() / 2),
        |database| *database = b"no database at all".to_vec(),
    ];
    for breakage in breakages {
        std::fs::write(&file, forged(&whole, |_, database| breakage(database))).unwrap();
        let (code, words) = site.failure(&["verify", file.to_str().unwrap()]);
        assert_eq!(code, 65, "{words}");
        assert_eq!(site.names(), names);
    }
    std::fs::write(&file, forged(&whole, |_, _| ())).unwrap();
    site.json(&["verify", file.to_str().unwrap()]);
    if site.database.is_some() {
        // The version in the head of a dump.
        std::fs::write(&file, forged(&whole, |_, dump| dump[6] = 99)).unwrap();
        let (code, words) = site.failure(&["verify", file.to_str().unwrap()]);
        assert_eq!(
            (code, words.contains("may well be whole")),
            (69, true),
            "{words}"
        );
    }
}

/// Where the tool is older than the server, good backups were called damaged, and such are thrown away.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_the_tool_is_too_old_for_is_not_called_damaged() {
    let site = Site::of_files();
    let mut node = site.start("127.0.0.1:0", &[]);
    node.kill();
    let file = &site.file("backup.tar");
    site.json(&["backup", file]);
    let whole = std::fs::read(file).unwrap();
    let dumped = forged(&whole, |name, _| "zechat.pgdump".clone_into(name));
    std::fs::write(file, dumped).unwrap();
    let (tools, empty) = (tempfile::tempdir().unwrap(), Site::of_files());
    let says = |words: &str| {
        let tool = tools.path().join("pg_restore");
        let script = format!("#!/bin/sh\n[ \"$LC_ALL\" = C ] && echo \"{words}\" >&2\nexit 1\n");
        std::fs::write(&tool, script).unwrap();
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(tool, executable).unwrap();
    };
    let failure = |command: &str| {
        let mut program = empty.program();
        program
            .env("PATH", tools.path())
            .env("ZECHAT__DATABASE__URL", "postgresql:///nowhere");
        let output = program.args([command, file]).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code().unwrap(), words)
    };
    says("pg_restore: error: unsupported version (1.16) in file header");
    for command in ["verify", "restore"] {
        let (code, words) = failure(command);
        assert_eq!(code, 69, "{words}");
        assert!(words.contains("may well be whole"), "{words}");
        assert!(words.contains("(1.16)"), "{words}");
    }
    says("pg_restore: error: could not read from input file: end of file");
    let (code, words) = failure("verify");
    assert_eq!(
        (code, words.contains("not a whole backup")),
        (65, true),
        "{words}"
    );
    assert_eq!(failure("restore").0, 69);
    assert_eq!(empty.names(), ["lock"]);
}

/// A backup with a changed database, or another name of it, whose manifest says just that.
fn forged(backup: &[u8], change: impl Fn(&mut String, &mut Vec<u8>)) -> Vec<u8> {
    let mut members = Vec::new();
    for member in tar::Archive::new(backup).entries().unwrap() {
        let mut member = member.unwrap();
        let name = member.path().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        members.push((name, bytes));
    }
    let (mut name, mut database) = members.pop().unwrap();
    change(&mut name, &mut database);
    let mut manifest: Value = serde_json::from_slice(&members[0].1).unwrap();
    let entry = manifest["files"]
        .as_array_mut()
        .unwrap()
        .last_mut()
        .unwrap();
    *entry = json!({
        "name": name,
        "bytes": database.len(),
        "sha256": HEXLOWER.encode(&Sha256::digest(&database)),
    });
    members[0].1 = serde_json::to_vec(&manifest).unwrap();
    members.push((name, database));
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(bytes.len()).unwrap());
        header.set_mode(0o600);
        let added = archive.append_data(&mut header, name, bytes.as_slice());
        added.unwrap();
    }
    archive.into_inner().unwrap()
}

/// A command that is killed removes nothing itself.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_verify_leaves_holds_no_key_and_is_removed_by_the_next_command() {
    let site = Site::new();
    let mut node = site.start("127.0.0.1:0", &[]);
    node.kill();
    let place = tempfile::tempdir().unwrap();
    let [whole, pipe, another] = ["whole.tar", "pipe", "another.tar"]
        .map(|name| place.path().join(name).to_str().unwrap().to_owned());
    site.json(&["backup", &whole]);
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let bytes = std::fs::read(&whole).unwrap();
    // The rest never comes. Opened for both, so that nobody waits for anybody.
    let mut begun = std::fs::File::options();
    let mut begun = begun.read(true).write(true).open(&pipe).unwrap();
    let part = bytes.len().div_euclid(2).min(32 * 1024);
    begun.write_all(&bytes[..part]).unwrap();
    let mut verify = site.program().args(["verify", &pipe]).spawn().unwrap();
    let unpacked = || {
        let work = work_folder(place.path())?;
        let is_data =
            |path: &PathBuf| path.extension().is_some() && path.metadata().unwrap().len() > 0;
        files(&work).iter().any(is_data).then_some(work)
    };
    eventually("the database is being unpacked", || async {
        unpacked().is_some()
    })
    .await;
    let work = unpacked().unwrap();
    let key = std::fs::read(site.file("node.key")).unwrap();
    for file in files(&work) {
        let content = std::fs::read(&file).unwrap();
        let has_key = content.windows(key.len()).any(|part| part == key);
        assert!(!has_key, "{}", file.display());
    }
    site.json(&["verify", &whole]);
    assert!(work.exists(), "somebody works in it");
    verify.kill().unwrap();
    verify.wait().unwrap();
    assert!(work.exists());
    site.json(&["backup", &another]);
    assert_eq!(work_folder(place.path()), None);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn work_folder(place: &Path) -> Option<PathBuf> {
    files(place).into_iter().find(|path| path.is_dir())
}
