//! Several processes on one database behind a balancer: one node, of which any part may die.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::pg::PgConnection;
use diesel::{Connection as _, RunQueryDsl as _};
use futures_util::SinkExt as _;
use shared_crypto::id::{DeviceId, MailboxId, MessageId};
use shared_crypto::live::{ClientFrame, NodeFrame};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use zechat_node::clock::{Clock as _, SystemClock};
use zechat_node::random;

use super::operator::SOMEBODY;
use super::peers::{Manner, Rogue};
use super::program::Program;
use super::site::Site;
use super::support::*;

/// Hands connections to processes in turn, or all to one.
struct Balancer {
    url: NodeUrl,
    targets: Arc<Mutex<Vec<String>>>,
}

impl Balancer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = NodeUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let targets = Arc::new(Mutex::new(Vec::<String>::new()));
        let shared = Arc::clone(&targets);
        tokio::spawn(async move {
            let turn = AtomicUsize::new(0);
            while let Ok((mut client, _)) = listener.accept().await {
                let targets = shared.lock().unwrap().clone();
                let first = turn.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(async move {
                    // As balancers do: one that does not answer is passed over.
                    for number in 0..targets.len() {
                        let target = &targets[(first + number) % targets.len()];
                        if let Ok(mut server) = TcpStream::connect(target).await {
                            let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                            return;
                        }
                    }
                });
            }
        });
        Self { url, targets }
    }

    fn send_to(&self, programs: &[&Program]) {
        *self.targets.lock().unwrap() = programs.iter().map(|program| program.listen()).collect();
    }
}

/// Two processes on a database.
struct Pair {
    balancer: Balancer,
    database: TestDatabase,
    folders: [TempDir; 2],
    first: Program,
    second: Program,
}

impl Pair {
    /// Nothing, when the tests are to use files; `cargo xtask test` leaves these tests out then.
    async fn start() -> Option<Self> {
        let database = TestDatabase::create()?;
        let balancer = Balancer::start().await;
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [first, second] =
            [&folders[0], &folders[1]].map(|folder| process(&database, &balancer.url, folder));
        balancer.send_to(&[&first, &second]);
        Some(Self {
            balancer,
            database,
            folders,
            first,
            second,
        })
    }
}

fn process(database: &TestDatabase, url: &NodeUrl, folder: &TempDir) -> Program {
    Program::start_in(
        folder.path(),
        "127.0.0.1:0",
        &[],
        &[
            ("ZECHAT__DATABASE__URL", database.url()),
            ("ZECHAT__SERVER__PUBLIC_URL", url.as_str()),
            ("ZECHAT__FEDERATION__CONNECT_TIMEOUT_S", "1"),
            ("ZECHAT__FEDERATION__REQUEST_TIMEOUT_S", "1"),
        ],
    )
}

/// As another device each time.
async fn connect_anew(url: &NodeUrl, person: &Person) -> Live {
    let device = DeviceId::from_bytes(random::bytes());
    Live::connect(url, person, device, SystemClock.now()).await
}

/// Leaves so many envelopes, each until it is taken.
async fn put(url: NodeUrl, mailbox: MailboxId, count: usize) -> Vec<MessageId> {
    let mut client = http();
    let mut accepted = Vec::new();
    while accepted.len() < count {
        let id = message();
        let path = format!("{url}/v1/mailboxes/{mailbox}/messages/{id}");
        let body = envelope(4096);
        loop {
            let answer = client.put(&path).body(body.clone()).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
            client = http();
        }
        accepted.push(id);
    }
    accepted
}

/// Takes pushed mail until all of these have come, each once and in order.
async fn receive_all(live: &mut Live, expected: &[MessageId]) {
    let mut missing: HashSet<MessageId> = expected.iter().copied().collect();
    let mut last = 0;
    while !missing.is_empty() {
        let pushed = match live.socket.frame().await {
            Frame::Binary(frame) => Pushed::parse(&frame),
            Frame::Text(NodeFrame::CaughtUp) => continue,
            other => panic!("expected mail, not {other:?}"),
        };
        assert!(pushed.cursor > last, "{} after {last}", pushed.cursor);
        last = pushed.cursor;
        assert!(missing.remove(&pushed.message), "twice, or nobody's");
        live.ack(last).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_accepts_another_pushes() {
    let Some(pair) = Pair::start().await else {
        return; // a file is for one process
    };
    let url = pair.balancer.url.clone();
    let bob = register(&url, 1).await;
    pair.balancer.send_to(&[&pair.first]);
    let mut live = connect_anew(&url, &bob).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    // Both store for the same account at the same time.
    pair.balancer.send_to(&[&pair.first, &pair.second]);
    let senders: Vec<_> = (0..8)
        .map(|_| tokio::spawn(put(url.clone(), mailbox, 25)))
        .collect();
    let mut accepted = Vec::new();
    for sender in senders {
        accepted.extend(sender.await.unwrap());
    }
    receive_all(&mut live, &accepted).await;
    live.settle().await;
    pair.balancer.send_to(&[&pair.second]);
    assert!(connect_anew(&url, &bob).await.stored().await.is_empty());
}

/// Cuts the connections that listen; says how many there were.
fn cut_listeners(database: &TestDatabase) -> usize {
    let mut connection = PgConnection::establish(database.url()).unwrap();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE application_name = 'zechat-node listener' AND datname = current_database()";
    diesel::sql_query(cut).execute(&mut connection).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_was_cut_off_listens_again_and_misses_nothing() {
    let Some(pair) = Pair::start().await else {
        return; // a file is for one process
    };
    let url = pair.balancer.url.clone();
    let bob = register(&url, 1).await;
    pair.balancer.send_to(&[&pair.first]);
    let mut live = connect_anew(&url, &bob).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    pair.balancer.send_to(&[&pair.second]);
    for _ in 0..3 {
        eventually("there are listeners to cut", || async {
            cut_listeners(&pair.database) > 0
        })
        .await;
        // Nobody hears of these at once.
        let accepted = put(url.clone(), mailbox, 3).await;
        receive_all(&mut live, &accepted).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_may_die_under_load() {
    let Some(mut pair) = Pair::start().await else {
        return; // a file is for one process
    };
    let url = pair.balancer.url.clone();
    let bob = register(&url, 1).await;
    pair.balancer.send_to(&[&pair.first]);
    let mut live = connect_anew(&url, &bob).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    for _ in 0..3 {
        pair.balancer.send_to(&[&pair.first, &pair.second]);
        let senders: Vec<_> = (0..6)
            .map(|_| tokio::spawn(put(url.clone(), mailbox, 20)))
            .collect();
        tokio::time::sleep(std::time::Duration::from_millis(random::below(150))).await;
        pair.second.kill();
        let mut accepted = Vec::new();
        for sender in senders {
            accepted.extend(sender.await.unwrap());
        }
        receive_all(&mut live, &accepted).await;
        pair.second = process(&pair.database, &url, &pair.folders[1]);
    }
}

/// The last one is longer.
const LAST: usize = 16_384;

/// Receives until the last one as a client does that connects anew when its connection breaks, and says each time that
/// it has connected. Gives back what came at which position.
async fn receive_over_breaks(
    mut live: Live,
    url: NodeUrl,
    person: Arc<Person>,
    connected: watch::Sender<usize>,
) -> HashMap<u64, MessageId> {
    let mut come = HashMap::new();
    loop {
        match live.socket.frame().await {
            Frame::Binary(frame) => {
                let pushed = Pushed::parse(&frame);
                let before = come.insert(pushed.cursor, pushed.message);
                assert!(before.is_none_or(|before| before == pushed.message));
                if pushed.envelope.len() == LAST {
                    return come;
                }
                let cursor = pushed.cursor;
                let ack = ClientFrame::Ack { cursor }.to_text();
                // What cannot be said any more is said of the same mail when it comes again.
                let _ = live.socket.stream.send(Message::text(ack)).await;
            }
            Frame::Text(_) => {}
            Frame::Closed(..) => {
                // One that dies may still have taken the next connection.
                live = loop {
                    let (url, person) = (url.clone(), Arc::clone(&person));
                    let again = tokio::spawn(async move { connect(&url, &person).await });
                    if let Ok(live) = again.await {
                        break live;
                    }
                };
                connected.send_modify(|count| *count += 1);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_process_that_holds_a_socket_may_die_under_load() {
    let Some(mut pair) = Pair::start().await else {
        return; // a file is for one process
    };
    let url = pair.balancer.url.clone();
    let bob = register(&url, 1).await;
    pair.balancer.send_to(&[&pair.first]);
    let mut live = connect(&url, &bob).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    let (connected, mut has_connected) = watch::channel(0);
    let receiver = tokio::spawn(receive_over_breaks(
        live,
        url.clone(),
        bob.into(),
        connected,
    ));
    let mut accepted = Vec::new();
    for round in 0..4 {
        pair.balancer.send_to(&[&pair.first, &pair.second]);
        let senders: Vec<_> = (0..6)
            .map(|_| tokio::spawn(put(url.clone(), mailbox, 20)))
            .collect();
        tokio::time::sleep(std::time::Duration::from_millis(random::below(150))).await;
        // The one in turn, which has the socket since the other died.
        let (holder, folder) = match round % 2 {
            0 => (&mut pair.first, &pair.folders[0]),
            _ => (&mut pair.second, &pair.folders[1]),
        };
        holder.kill();
        for sender in senders {
            accepted.extend(sender.await.unwrap());
        }
        let again = has_connected.wait_for(|count| *count > round);
        let again = tokio::time::timeout(PATIENCE, again).await;
        assert!(again.is_ok_and(|again| again.is_ok()), "in round {round}");
        *holder = process(&pair.database, &url, folder);
    }
    let last = message();
    let path = format!("{url}/v1/mailboxes/{mailbox}/messages/{last}");
    let put = http().put(path).body(envelope(LAST)).send().await.unwrap();
    assert_eq!(put.status(), 201);
    accepted.push(last);
    let come = receiver.await.unwrap();
    let messages: HashSet<MessageId> = come.values().copied().collect();
    assert_eq!(messages.len(), come.len(), "at two positions");
    assert_eq!(messages, accepted.into_iter().collect());
}

/// Each other node is served by one of them, whoever has accepted what is for it.
#[tokio::test(flavor = "multi_thread")]
async fn another_node_is_brought_each_box_once() {
    let Some(pair) = Pair::start().await else {
        return; // a file is for one process
    };
    let url = pair.balancer.url.clone();
    let rogue = Rogue::start_at(SystemClock.now(), Manner::Behave(None)).await;
    let mut senders = Vec::new();
    for (number, program) in [&pair.first, &pair.second].into_iter().enumerate() {
        pair.balancer.send_to(&[program]);
        let mut live = connect_anew(&url, &register(&url, number).await).await;
        live.stored().await;
        senders.push(live);
    }
    let mut sent = Vec::new();
    for _ in 0..100 {
        for live in &mut senders {
            let boxed = boxed(&rogue.document, &mailbox(), &message());
            live.submit(submission(), &rogue.url, &boxed).await;
            sent.push(boxed);
        }
    }
    for live in &mut senders {
        // An outcome is told again until it is acknowledged.
        let mut settled = HashSet::new();
        while settled.len() < 100 {
            match live.socket.text().await {
                NodeFrame::Accepted { .. } => {}
                NodeFrame::Outcomes { items } => {
                    assert!(items.iter().all(|it| it.code.is_none()), "{items:?}");
                    settled.extend(items.iter().map(|it| it.submission));
                }
                other => panic!("expected outcomes, not {other:?}"),
            }
        }
    }
    let mut brought = rogue.batches.lock().unwrap().concat();
    for boxes in [&mut sent, &mut brought] {
        boxes.sort();
    }
    assert!(brought == sent, "{} of {}", brought.len(), sent.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_of_a_process_that_dies_is_taken_over() {
    let Some(mut pair) = Pair::start().await else {
        return; // a file is for one process
    };
    let url = pair.balancer.url.clone();
    let clock = zechat_node::clock::MockClock::new(SystemClock.now());
    let mut away = TestNode::with(clock, |_| ()).await;
    let bob = Person::new(1, &[away.delivery().await], away.clock.now());
    assert_eq!(away.put_identity(&bob).await.0, 201);
    let mut bobs = away.connect(&bob).await;
    bobs.stored().await;
    let mailbox = bobs.mailbox().await;
    let document = away.document().await;
    away.stop().await;
    drop(bobs);
    let alice = register(&url, 0).await;
    pair.balancer.send_to(&[&pair.first]);
    let mut live = connect_anew(&url, &alice).await;
    live.stored().await;
    let mut sent = Vec::new();
    let mut accepted = 0;
    for _ in 0..20 {
        let message = message();
        let boxed = boxed(&document, &mailbox, &message);
        live.submit(submission(), &away.url(), &boxed).await;
        sent.push(message);
    }
    while accepted < sent.len() {
        accepted += live.accepted().await.len();
    }
    pair.first.kill();
    drop(live);
    away.start_again().await;
    let mut bobs = away.connect(&bob).await;
    let mut arrived = HashSet::new();
    // Some of it may have come before he did: the mark is then between the rest, or after all of it.
    let mut is_caught_up = false;
    while arrived.len() < sent.len() || !is_caught_up {
        match bobs.socket.frame().await {
            Frame::Binary(frame) => assert!(arrived.insert(Pushed::parse(&frame).message)),
            Frame::Text(NodeFrame::CaughtUp) => is_caught_up = true,
            other => panic!("expected mail, not {other:?}"),
        }
    }
    assert!(sent.iter().all(|message| arrived.contains(message)));
    bobs.nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_of_another_node_are_refused() {
    let Some(pair) = Pair::start().await else {
        return; // a file is for one process
    };
    let keys = |folder: &TempDir| std::fs::read(folder.path().join("node.key")).unwrap();
    assert_eq!(keys(&pair.folders[0]), keys(&pair.folders[1]));
    let stranger = tempfile::tempdir().unwrap();
    std::fs::write(stranger.path().join("node.key"), [7; 64]).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_zechat-node"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(stranger.path())
        .env("ZECHAT__DATABASE__URL", pair.database.url())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(65));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("the node whose database this is"), "{words}");
}

/// What an operator decides through one process holds in all of them.
#[tokio::test(flavor = "multi_thread")]
async fn what_operators_decide_through_one_process_holds_in_all() {
    let Some(pair) = Pair::start().await else {
        return; // a file is for one process
    };
    let url = pair.balancer.url.clone();
    let (alice, bob) = (register(&url, 0).await, register(&url, 1).await);
    pair.balancer.send_to(&[&pair.second]);
    let (mut blocked, mut deleted) = (
        connect_anew(&url, &alice).await,
        connect_anew(&url, &bob).await,
    );
    blocked.stored().await;
    deleted.stored().await;
    let mailbox = blocked.mailbox().await;
    let operate = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_zechat-node"))
            .arg("--data")
            .arg(pair.folders[0].path())
            .args(arguments)
            .env("ZECHAT__DATABASE__URL", pair.database.url())
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words}");
    };
    let (alices, bobs) = (alice.identity().to_string(), bob.identity().to_string());
    operate(&["account", "block", &alices]);
    assert_eq!(blocked.socket.closed().await.0, 1001);
    operate(&["account", "delete", &bobs, "--yes"]);
    assert_eq!(deleted.socket.closed().await.0, 1001);
    operate(&["decommission", "--in-days", "9"]);
    let direct = NodeUrl::parse(&format!("http://{}", pair.second.listen())).unwrap();
    // At once: the database is asked when mail is stored.
    let path = format!("{direct}/v1/mailboxes/{mailbox}/messages/{}", message());
    let refused = http().put(path).body(envelope(4096)).send().await.unwrap();
    assert_eq!(refused.status(), 410);
    eventually("the other process says that it closes", || async {
        let bytes = http()
            .get(format!("{direct}/v1/node"))
            .send()
            .await
            .unwrap();
        let bytes = bytes.bytes().await.unwrap();
        let now = SystemClock.now();
        let document = NodeDocument::verify(&bytes, &url, None, now).unwrap();
        document.closing_at.is_some()
    })
    .await;
}

/// What is on the server is nobody's file: only what is put into the folder must be its owner's.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_shared_database_is_asked_from_the_data_folder_of_another_user() {
    use std::os::unix::fs::chown;
    let (site, empty) = (Site::new(), Site::new());
    if site.database.is_none() {
        return;
    }
    let mut node = site.start("127.0.0.1:0", &[]);
    node.kill();
    let names = site.names();
    for name in ["", "node.key", "lock"] {
        chown(site.path().join(name), Some(SOMEBODY), None).unwrap();
    }
    chown(empty.path(), Some(SOMEBODY), None).unwrap();
    let file = empty.file("backup.tar");
    site.json(&["stats"]);
    site.json(&["account", "list"]);
    site.json(&["migrate", "run"]);
    site.json(&["backup", &file]);
    assert_eq!(site.names(), names);
    let (code, words) = empty.failure(&["restore", &file]);
    assert_eq!(code, 77, "{words}");
}
