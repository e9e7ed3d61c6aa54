//! What operators do with the program: while a node runs, and while none does.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shared_crypto::bundle::Bundle;
use shared_crypto::link::{ContactLink, NodeInvite};
use shared_crypto::live::NodeFrame;
use shared_crypto::node_url::NodeUrl;
use tempfile::TempDir;
use zechat_node::clock::{Clock as _, SystemClock};

use super::program::Program;
use super::support::*;

/// Where a node has its data: a folder, and a database on the server if the tests use one.
struct Site {
    folder: TempDir,
    database: Option<TestDatabase>,
}

impl Site {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            database: TestDatabase::create(),
        }
    }

    /// Some things are true of files only.
    fn of_files() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            database: None,
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str) -> String {
        self.path().join(name).to_str().unwrap().to_owned()
    }

    fn environment(&self) -> Vec<(&str, &str)> {
        let url = self.database.as_ref().map(TestDatabase::url);
        url.map(|url| ("ZECHAT__DATABASE__URL", url))
            .into_iter()
            .collect()
    }

    /// A node that runs here.
    fn start(&self, listen: &str, more: &[&str]) -> Program {
        Program::start_in(self.path(), listen, more, &self.environment())
    }

    /// The program with the settings of the test only.
    fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zechat-node"));
        command
            .env("HOME", self.path())
            .env_remove("XDG_CONFIG_HOME")
            .env("ZECHAT__LOG__FILTER", "warn")
            .envs(self.environment())
            .stdin(Stdio::null())
            .arg("--data")
            .arg(self.path());
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.program().args(arguments).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.output(&[&["--json"], arguments].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Exit code and words of a command that fails.
    fn failure(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.output(arguments);
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code().unwrap(), words)
    }

    /// What lies in the folder.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_work_with_the_node_up_and_down() {
    let (code, words) = Site::of_files().failure(&["stats"]);
    assert_eq!(code, 74, "{words}");
    assert!(words.contains("there is no node"), "{words}");
    let site = Site::new();
    let mut node = site.start("127.0.0.1:0", &[]);
    let person = node.register(0).await;
    let identity = person.identity().to_string();
    for is_up in [true, false] {
        if !is_up {
            node.kill();
        }
        let stats = site.json(&["stats"]);
        assert_eq!(stats["accounts"], 1);
        assert_eq!(stats["running"], is_up);
        let accounts = site.json(&["account", "list"]);
        assert_eq!(accounts[0]["identity"], identity);
        site.json(&["peer", "block", "*.bad.example"]);
        assert_eq!(site.json(&["peer", "list"])[0]["is_blocked"], true);
        site.json(&["peer", "unblock", "*.bad.example"]);
        assert_eq!(site.json(&["peer", "list"]), Value::Array(Vec::new()));
        let expired = site.json(&["retention", "--dry-run"]);
        assert_eq!(
            (&expired["envelopes"], &expired["deleted"]),
            (&0.into(), &false.into())
        );
        let applied = site.json(&["migrate", "status"]);
        assert!(
            applied
                .as_array()
                .unwrap()
                .iter()
                .all(|state| state["is_applied"] == true)
        );
    }
    assert_eq!(
        site.json(&["account", "delete", &identity, "--dry-run"])["deleted"],
        false
    );
    let (code, words) = site.failure(&["account", "delete", &identity]);
    assert_eq!(code, 2, "{words}");
    assert_eq!(
        site.json(&["account", "delete", &identity, "--yes"])["deleted"],
        true
    );
    assert_eq!(site.json(&["stats"])["accounts"], 0);
    let (code, words) = site.failure(&["account", "block", &identity]);
    assert_eq!((code, words.contains("no account")), (1, true), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invite_is_a_link_that_makes_an_account() {
    let site = Site::new();
    let mode = "registration.mode=invite";
    let node = site.start("127.0.0.1:0", &["--set", mode]);
    let url = node.url.to_string();
    let make = |more: &[&str]| {
        let create = ["--set", mode, "--public-url", &url, "invite", "create"];
        site.json(&[&create, more].concat())["link"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let link = NodeInvite::parse(&make(&["--note", "for me"])).unwrap();
    assert_eq!(link.node, node.url);
    let refused = node.try_register(0, None).await;
    assert_eq!(refused.status(), 403);
    let first = node.try_register(0, Some(link.token)).await;
    assert_eq!(first.status(), 201);
    // The next one leads to the first.
    let contact = ContactLink {
        node: node.url.clone(),
        node_mark: link.node_mark,
        identity: node.person(0).await.identity(),
        invite: None,
    };
    let link = make(&["--contact", &contact.to_string(), "--uses", "2"]);
    let link = ContactLink::parse(&link).unwrap();
    assert_eq!(link.identity, contact.identity);
    assert_eq!(node.try_register(1, link.invite).await.status(), 201);
    let invites = site.json(&["invite", "list"]);
    assert_eq!(invites[0]["uses_left"], 1);
    let id = invites[0]["id"].to_string();
    site.json(&["invite", "revoke", &id]);
    assert_eq!(node.try_register(2, link.invite).await.status(), 403);
}

/// With the data folder alone the link led to this machine.
#[tokio::test(flavor = "multi_thread")]
async fn an_invite_leads_to_the_node_that_runs_whatever_the_command_knows_of_it() {
    let site = Site::new();
    let public = ["--public-url", "https://chat.example.org"];
    let mode = ["--set", "registration.mode=invite"];
    let more = [public, mode].concat();
    let mut node = site.start("127.0.0.1:0", &more);
    let made = site.output(&["invite", "create"]);
    let words = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success() && words.is_empty(), "{words}");
    let link = String::from_utf8(made.stdout).unwrap();
    let link = NodeInvite::parse(link.trim()).unwrap();
    assert_eq!(link.node.to_string(), "https://chat.example.org");
    node.kill();
    // Without it there are the settings only, and they are not those of a node that takes invites.
    let made = site.output(&["invite", "create"]);
    let words = String::from_utf8_lossy(&made.stderr);
    assert!(words.contains("registration.mode"), "{words}");
    let elsewhere = Site::of_files();
    let (code, words) = elsewhere.failure(&["invite", "create"]);
    let named = words.contains(elsewhere.path().to_str().unwrap());
    assert_eq!((code, named), (74, true), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_account_is_let_in_no_more() {
    let site = Site::new();
    let node = site.start("127.0.0.1:0", &[]);
    let alice = node.register(0).await;
    let identity = alice.identity().to_string();
    let now = || SystemClock.now();
    let mut live = Live::connect(&node.url, &alice, alice.device, now()).await;
    live.stored().await;
    site.json(&["account", "block", &identity]);
    assert_eq!(live.socket.closed().await.0, 1001);
    let mut socket = Socket::open(&node.url).await;
    let (nonce, url, fingerprint) = socket.challenge().await;
    let login = shared_crypto::login::Login {
        node: url,
        fingerprint,
        nonce,
        identity: alice.identity(),
        device: alice.device,
        at: now(),
    };
    socket.log_in(login, &alice.signing).await;
    assert_eq!(socket.closed().await, (4001, "account_blocked".to_owned()));
    site.json(&["account", "unblock", &identity]);
    Live::connect(&node.url, &alice, alice.device, now()).await;
}

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
        std::fs::write(&file, forged(&whole, breakage)).unwrap();
        let (code, words) = site.failure(&["verify", file.to_str().unwrap()]);
        assert_eq!(code, 65, "{words}");
        assert_eq!(site.names(), names);
    }
    std::fs::write(&file, forged(&whole, |_| ())).unwrap();
    site.json(&["verify", file.to_str().unwrap()]);
}

/// A backup with a changed database, whose manifest says just that.
fn forged(backup: &[u8], change: fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut members = Vec::new();
    for member in tar::Archive::new(backup).entries().unwrap() {
        let mut member = member.unwrap();
        let name = member.path().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        members.push((name, bytes));
    }
    let (name, mut database) = members.pop().unwrap();
    change(&mut database);
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

/// Files of root's in the data folder would stop the node at its next start.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_works_in_the_data_folder_of_another_user() {
    use std::os::unix::fs::chown;
    const SOMEBODY: u32 = 65_534;
    let (site, elsewhere) = (Site::of_files(), tempfile::tempdir().unwrap());
    let mut node = site.start("127.0.0.1:0", &[]);
    let own = std::os::unix::fs::MetadataExt::uid(&site.path().metadata().unwrap());
    if chown(site.path(), Some(SOMEBODY), None).is_err() {
        return; // only root can give a folder away
    }
    let file = elsewhere.path().join("backup.tar");
    let file = file.to_str().unwrap();
    // While the node runs it does the work itself, and leaves its own files.
    site.json(&["stats"]);
    site.json(&["backup", file]);
    node.kill();
    let names = site.names();
    for arguments in [
        &["stats"][..],
        &["account", "list"],
        &["migrate", "status"],
        &["migrate", "run"],
        &["backup", file],
        &["restore", file],
    ] {
        let (code, words) = site.failure(arguments);
        assert_eq!(code, 77, "{arguments:?}: {words}");
        assert!(words.contains(&format!("the user {SOMEBODY}")), "{words}");
    }
    let report = site.output(&["--json", "check"]).stdout;
    let report: Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(verdict(&report, "database"), "skipped", "{report}");
    assert_eq!(site.names(), names);
    chown(site.path(), Some(own), None).unwrap();
    site.json(&["stats"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_closes_down_says_so_and_takes_nothing_new() {
    let site = Site::new();
    let mut node = site.start("127.0.0.1:0", &[]);
    let alice = node.register(0).await;
    let mut live = Live::connect(&node.url, &alice, alice.device, SystemClock.now()).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    let put = || async {
        let path = format!("{}/v1/mailboxes/{mailbox}/messages/{}", node.url, message());
        code(http().put(path).body(envelope(4096)).send().await.unwrap())
            .await
            .0
    };
    assert_eq!(put().await, 201);
    let (code, words) = site.failure(&["decommission", "--purge", "--dry-run"]);
    assert_eq!(
        (code, words.contains("decommission it first")),
        (1, true),
        "{words}"
    );
    site.json(&["decommission", "--in-days", "10"]);
    assert_eq!(put().await, 410);
    assert_eq!(node.try_register(1, None).await.status(), 410);
    let document = document(&node.url, SystemClock.now()).await;
    assert!(document.closing_at.is_some_and(|at| at > SystemClock.now()));
    // It stays so over a restart, and serves what it has.
    let listen = node.listen();
    node.kill();
    node = site.start(&listen, &[]);
    let put_again = |node: &Program| {
        let path = format!("{}/v1/mailboxes/{mailbox}/messages/{}", node.url, message());
        http().put(path).body(envelope(4096)).send()
    };
    assert_eq!(put_again(&node).await.unwrap().status(), 410);
    let mut live = Live::connect(&node.url, &alice, alice.device, SystemClock.now()).await;
    assert_eq!(live.stored().await.len(), 1);
    assert_eq!(
        site.json(&["decommission", "--purge", "--dry-run"])["envelopes"],
        1
    );
    // What nobody was told is not done: people may come until the end, and leave then.
    let (code, words) = site.failure(&["decommission", "--purge", "--yes"]);
    assert_eq!((code, words.contains("hours away")), (1, true), "{words}");
    assert_eq!(site.json(&["stats"])["envelopes"], 1);
    let (code, _) = site.failure(&["decommission", "--purge", "--in-days", "3"]);
    assert_eq!(code, 2, "it takes no days");
    // What is on its way to a node that never comes back.
    let away = NodeUrl::parse("http://127.0.0.1:9").unwrap();
    let (submission, boxed) = (submission(), boxed(&document, &mailbox, &message()));
    live.submit(submission, &away, &boxed).await;
    assert_eq!(live.accepted().await, [submission]);
    site.json(&["decommission", "--purge", "--force", "--yes"]);
    assert_eq!(site.json(&["stats"])["envelopes"], 0);
    assert_eq!(site.json(&["stats"])["outbox"], 0);
    // Whoever had mail here or sent some learns what became of it.
    let (mut is_buried, mut is_settled) = (false, false);
    while !(is_buried && is_settled) {
        match live.socket.text().await {
            NodeFrame::Tombstones { items } => is_buried = items.iter().any(|it| it.count == 1),
            NodeFrame::Outcomes { items } => {
                let undeliverable = Some(shared_crypto::problem::ProblemCode::Undeliverable);
                assert_eq!(items[0].submission, submission);
                assert_eq!(items[0].code, undeliverable);
                is_settled = true;
            }
            other => panic!("expected an outcome or a tombstone, not {other:?}"),
        }
    }
    let published = format!("{}/v1/identities/{}", node.url, alice.identity());
    assert_eq!(http().get(published).send().await.unwrap().status(), 200);
    site.json(&["decommission", "--cancel"]);
    assert_eq!(put_again(&node).await.unwrap().status(), 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_does_a_real_round_trip() {
    let site = Site::new();
    let mut node = site.start("127.0.0.1:0", &[]);
    let url = node.url.to_string();
    let here = [
        "--public-url",
        &url,
        "--set",
        "database.max_bytes=1000000000",
    ];
    let report = site.json(&[&here[..], &["check", "--peer", &url]].concat());
    assert_eq!(report["ok"], true, "{report}");
    for name in ["https", "websocket", "federation", "database", "disk"] {
        assert_eq!(verdict(&report, name), "ok", "{report}");
    }
    if site.database.is_some() {
        let found = site.output(&["--json", "--public-url", &url, "check"]);
        let found = String::from_utf8(found.stdout).unwrap();
        assert!(found.contains("database.max_bytes is 0"), "{found}");
    }
    node.kill();
    let found = site.output(&["--json", "--public-url", &url, "check"]);
    assert_eq!(found.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(verdict(&report, "https"), "wrong", "{report}");
    assert_eq!(verdict(&report, "database"), "ok", "{report}");
}

fn verdict(report: &Value, name: &str) -> String {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["check"] == name).unwrap();
    check["verdict"].as_str().unwrap().to_owned()
}

#[test]
fn settings_that_are_wrong_end_with_78() {
    let site = Site::of_files();
    let (code, words) = site.failure(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!((code, words.contains("public_url")), (78, true), "{words}");
    let (code, words) = site.failure(&["--set", "mail.quotabytes=3", "stats"]);
    assert_eq!(
        (code, words.contains("mail.quota_bytes")),
        (78, true),
        "{words}"
    );
}

#[test]
fn settings_are_printed_with_their_origin_and_without_secrets() {
    let site = Site::of_files();
    let url = "postgresql://zechat:secret@db.example/zechat";
    let printed = site
        .program()
        .env("ZECHAT__DATABASE__URL", url)
        .args(["config", "print", "--redacted", "--origin"])
        .output()
        .unwrap();
    let text = String::from_utf8(printed.stdout).unwrap();
    assert!(!text.contains("secret"), "{text}");
    let line = "database.url = \"(hidden)\"  # environment ZECHAT__DATABASE__URL";
    assert!(text.contains(line), "{text}");
    assert!(
        text.contains("mail.quota_count = 50000  # default"),
        "{text}"
    );
}

#[test]
fn the_program_describes_itself() {
    let site = Site::of_files();
    let version = site.json(&["version"]);
    assert_eq!(version["protocol"], 1);
    assert!(
        version["database"]
            .as_str()
            .is_some_and(|newest| newest.starts_with("2026"))
    );
    for arguments in [
        &["completions", "bash"][..],
        &["man"],
        &["config", "example"],
    ] {
        let output = site.output(arguments);
        assert!(
            output.status.success() && output.stdout.len() > 1_000,
            "{arguments:?}"
        );
    }
    let manual = site.output(&["man"]).stdout;
    assert!(String::from_utf8_lossy(&manual).contains("78"));
}

/// Registration with or without an invite.
impl Program {
    async fn try_register(&self, number: usize, token: Option<[u8; 16]>) -> reqwest::Response {
        let person = self.person(number).await;
        let bundle = Bundle::new(&person.chain, &person.key_package).with_invite(token);
        let path = format!("{}/v1/identities/{}", self.url, person.identity());
        http()
            .put(path)
            .body(bundle.to_bytes())
            .send()
            .await
            .unwrap()
    }
}
