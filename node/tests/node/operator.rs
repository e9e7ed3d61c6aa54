//! What operators do with the program: while a node runs, and while none does.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use serde_json::Value;
use shared_crypto::bundle::Bundle;
use shared_crypto::id::Pass;
use shared_crypto::link::{ContactLink, NodeInvite};
use shared_crypto::live::NodeFrame;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::time::DAY;
use zechat_node::clock::{Clock as _, MockClock, SystemClock};

use super::checking::verdict;
use super::peers::{Manner, Rogue, submit};
use super::program::Program;
use super::site::Site;
use super::support::*;

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

/// With the node up and down.
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_retention_counts_what_would_go_and_deletes_nothing() {
    for is_up in [true, false] {
        let (site, now) = (Site::new(), SystemClock.now());
        let begun = MockClock::new(now - 22 * DAY);
        let mut node = TestNode::with(begun, |settings| site.hold(settings)).await;
        let mut mailboxes = Vec::new();
        let people = [node.person(0).await, node.person(1).await];
        for person in &people {
            let mut live = node.connect(person).await;
            live.stored().await;
            mailboxes.push(live.mailbox().await);
        }
        let put = async |mailbox: usize, size: usize| {
            let (message, envelope) = (message(), envelope(size));
            let left = node.put(&mailboxes[mailbox], &message, &envelope).await;
            assert_eq!(left, (201, None));
            message
        };
        for (mailbox, size) in [(0, 4_096), (0, 16_384), (1, 4_096)] {
            put(mailbox, size).await;
        }
        // Set so far ahead at once, a node deletes nothing by itself for a day.
        node.clock.set(now);
        let kept = [put(0, 4_096).await, put(1, 16_384).await];
        if !is_up {
            node.stop().await;
        }
        assert_eq!(site.json(&["stats"])["running"], is_up);
        for (arguments, is_deleted, left) in [
            (&["retention", "--dry-run"][..], false, 5),
            (&["retention"], true, 2),
        ] {
            let report = site.json(arguments);
            let numbers = ["envelopes", "bytes", "accounts"].map(|name| report[name].as_u64());
            assert_eq!(numbers, [Some(3), Some(24_576), Some(2)], "{report}");
            assert_eq!(report["deleted"], is_deleted);
            assert_eq!(site.json(&["stats"])["envelopes"], left, "{arguments:?}");
        }
        if !is_up {
            node.start_again().await;
        }
        for (person, (message, count)) in people.iter().zip(kept.into_iter().zip([2, 1])) {
            let mut live = node.connect(person).await;
            match live.socket.text().await {
                NodeFrame::Tombstones { items } => assert_eq!(items[0].count, count),
                other => panic!("expected a tombstone, not {other:?}"),
            }
            let mail = live.stored().await;
            let messages: Vec<_> = mail.iter().map(|pushed| pushed.message).collect();
            assert_eq!(messages, [message]);
        }
    }
}

/// Of the time before each account had positions of its own.
const OLDER_BY: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_an_older_version_is_looked_at_and_brought_up_to_date_with_its_mail() {
    let site = Site::new();
    let mut node = site.start("127.0.0.1:0", &[]);
    let alice = node.register(0).await;
    let mut live = connect(&node.url, &alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    drop(live);
    let (message, envelope) = (message(), envelope(4_096));
    let path = format!("{}/v1/mailboxes/{mailbox}/messages/{message}", node.url);
    let left = http().put(path).body(envelope.clone()).send().await;
    assert_eq!(left.unwrap().status(), 201);
    let listen = node.listen();
    node.kill();
    site.take_back(OLDER_BY);
    let missing = |states: &Value| {
        let states = states.as_array().unwrap().iter();
        let states: Vec<bool> = states.map(|state| state["is_applied"] == false).collect();
        assert!(states.is_sorted(), "the newest are missing: {states:?}");
        states.into_iter().filter(|is_missing| *is_missing).count()
    };
    // Who looks changes nothing.
    for _ in 0..2 {
        assert_eq!(missing(&site.json(&["migrate", "status"])), OLDER_BY);
        let report = site.output(&["--json", "check"]).stdout;
        let report = String::from_utf8(report).unwrap();
        assert!(report.contains("will apply 5 migrations"), "{report}");
    }
    assert_eq!(missing(&site.json(&["migrate", "run"])), 0);
    assert_eq!(missing(&site.json(&["migrate", "status"])), 0);
    let node = site.start(&listen, &[]);
    let mail = connect(&node.url, &alice).await.stored().await;
    assert_eq!(mail.len(), 1);
    assert_eq!((mail[0].message, &mail[0].envelope), (message, &envelope));
}

/// With the node up and down.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_rests_is_tried_at_once_when_an_operator_says_so() {
    for is_up in [true, false] {
        let site = Site::new();
        // Its clock stands: by itself it would never try again.
        let mut node = TestNode::with(clock(), |settings| site.hold(settings)).await;
        let rogue = Rogue::start(Manner::HangUp).await;
        let peer = rogue.url.to_string();
        let alice = node.person(0).await;
        let mut live = node.connect(&alice).await;
        live.stored().await;
        let id = submit(&mut live, &rogue).await;
        let view = || {
            let peers = site.json(&["peer", "list"]);
            let mut views = peers.as_array().unwrap().iter();
            views.find(|view| view["node"] == *peer).cloned()
        };
        eventually("it has failed and rests", || async {
            view().is_some_and(|view| view["failures"] != 0)
        })
        .await;
        if !is_up {
            node.stop().await;
        }
        rogue.behave(Manner::Behave(None));
        assert_eq!(site.json(&["stats"])["running"], is_up);
        assert_eq!(site.json(&["peer", "retry", &peer])["failures"], 0);
        if !is_up {
            assert_eq!(view().unwrap()["failures"], 0);
            node.start_again().await;
            live = node.connect(&alice).await;
        }
        loop {
            match live.socket.text().await {
                NodeFrame::Outcomes { items } => {
                    assert_eq!((items[0].submission, items[0].code), (id, None));
                    break;
                }
                NodeFrame::CaughtUp => {}
                other => panic!("expected an outcome, not {other:?}"),
            }
        }
    }
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
        pass: Some(Pass::from_bytes([9; 8])),
        invite: None,
    };
    let link = make(&["--contact", &contact.to_string(), "--uses", "2"]);
    let link = ContactLink::parse(&link).unwrap();
    assert_eq!((link.identity, link.pass), (contact.identity, contact.pass));
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

/// Somebody else than who runs the tests; only root can give them something.
#[cfg(unix)]
pub const SOMEBODY: u32 = 65_534;

/// Files of root's in the data folder would stop the node at its next start.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_works_in_the_data_folder_of_another_user() {
    use std::os::unix::fs::chown;
    let (site, elsewhere) = (Site::of_files(), tempfile::tempdir().unwrap());
    let mut node = site.start("127.0.0.1:0", &[]);
    let own = std::os::unix::fs::MetadataExt::uid(&site.path().metadata().unwrap());
    let give = |owner: u32, name: &str| chown(site.path().join(name), Some(owner), None).unwrap();
    let file = elsewhere.path().join("backup.tar");
    let file = file.to_str().unwrap();
    for name in ["", "node.key", "zechat.db"] {
        give(SOMEBODY, name);
    }
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
    // Where access comes by group the folder is another's, and the files in it are the node's.
    give(own, "zechat.db");
    site.json(&["stats"]);
    site.json(&["backup", file]);
    // Nothing in it yet: it is for whom it was made for.
    let empty = Site::of_files();
    chown(empty.path(), Some(SOMEBODY), None).unwrap();
    let (code, words) = empty.failure(&["restore", file]);
    assert_eq!(code, 77, "{words}");
    chown(empty.path(), Some(own), None).unwrap();
    empty.json(&["restore", file]);
}

/// Where access comes by group others may listen in the folder too.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_process_of_another_user_is_not_taken_for_the_node() {
    use std::os::unix::fs::{PermissionsExt as _, chown};
    use std::os::unix::process::CommandExt as _;
    let (site, theirs) = (Site::of_files(), Site::of_files());
    let mut node = site.start("127.0.0.1:0", &[]);
    node.register(0).await;
    node.kill();
    // The program lies where they may not look.
    let lent = tempfile::tempdir().unwrap();
    std::fs::set_permissions(lent.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = lent.path().join("zechat-node");
    std::fs::copy(env!("CARGO_BIN_EXE_zechat-node"), &program).unwrap();
    chown(theirs.path(), Some(SOMEBODY), Some(SOMEBODY)).unwrap();
    let stranger = Command::new(program)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(theirs.path())
        .env("HOME", theirs.path())
        .uid(SOMEBODY)
        .gid(SOMEBODY)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let _stranger = Program::of(stranger);
    assert_eq!(theirs.json(&["stats"])["running"], true);
    std::fs::rename(theirs.file("admin.sock"), site.file("admin.sock")).unwrap();
    let stats = site.json(&["stats"]);
    assert_eq!(
        (&stats["running"], &stats["accounts"]),
        (&false.into(), &1.into())
    );
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

/// A page of each command that the help names, at any depth, and no other.
#[test]
fn every_command_has_a_manual_page() {
    let site = Site::of_files();
    let folder = tempfile::tempdir().unwrap();
    let written = site.output(&["man", folder.path().to_str().unwrap()]);
    assert!(written.status.success(), "{written:?}");
    let mut commands = vec![vec!["zechat-node".to_owned()]];
    let mut expected = BTreeSet::new();
    while let Some(words) = commands.pop() {
        let below: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        let help = site.output(&[&below[..], &["--help"]].concat()).stdout;
        let help = String::from_utf8(help).unwrap();
        let named = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        for line in named.take_while(|line| !line.is_empty()) {
            let name = line[2..].split(' ').next().unwrap();
            // Of one with many words the rest stands below, farther in.
            if !["", "help"].contains(&name) {
                commands.push([&words[..], &[name.to_owned()]].concat());
            }
        }
        expected.insert(format!("{}.1", words.join("-")));
    }
    let pages = std::fs::read_dir(folder.path()).unwrap();
    let pages: BTreeSet<String> = pages
        .map(|page| page.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(pages, expected);
    assert!(pages.contains("zechat-node-invite-create.1"), "{pages:?}");
    for page in pages {
        let text = std::fs::read_to_string(folder.path().join(&page)).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
    assert_eq!(
        site.output(&["man", "/nowhere/at/all"]).status.code(),
        Some(74)
    );
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
