//! A process among others: signals, TLS, figures, systemd.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use shared_crypto::id::MailboxId;
use shared_crypto::live::NodeFrame;
use shared_crypto::login::Login;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use zechat_node::clock::{Clock as _, MockClock, SystemClock};

use super::lookups::{look_up, seal};
use super::program::Program;
use super::support::*;

fn signal(node: &Program, name: &str) {
    let status = Command::new("kill")
        .args(["-s", name, &node.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_told_to_end_sends_its_clients_away_and_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    let mut node = Program::start(folder.path(), "127.0.0.1:0");
    let alice = node.register(0).await;
    let mut live = Live::connect(&node.url, &alice, alice.device, SystemClock.now()).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    let mut silent = Socket::open(&node.url).await;
    silent.challenge().await;
    signal(&node, "TERM");
    for socket in [&mut live.socket, &mut silent] {
        let (code, reason) = socket.closed().await;
        let (problem, seconds) = reason.split_once(' ').unwrap();
        assert_eq!((code, problem), (1001, "unavailable"));
        assert!(
            (2..=10).contains(&seconds.parse::<u64>().unwrap()),
            "{reason}"
        );
    }
    assert!(node.wait().success());
    assert!(!folder.path().join("admin.sock").exists());
    // What was done is there.
    let node = Program::start(folder.path(), "127.0.0.1:0");
    let path = format!("{}/v1/mailboxes/{mailbox}/messages/{}", node.url, message());
    let stored = http().put(path).body(envelope(4096)).send().await.unwrap();
    assert_eq!(stored.status(), 201);
}

/// Somebody's envelope of which one half is on its way.
struct Begun {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Begun {
    async fn put(node: &Program, mailbox: MailboxId) -> Self {
        let mut stream = TcpStream::connect(node.listen()).await.unwrap();
        let (path, host) = (format!("{mailbox}/messages/{}", message()), node.listen());
        let head = format!(
            "PUT /v1/mailboxes/{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4096\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut half = envelope(4096);
        let rest = half.split_off(2048);
        stream.write_all(&half).await.unwrap();
        Self { stream, rest }
    }

    async fn finish(mut self) -> String {
        self.stream.write_all(&self.rest).await.unwrap();
        let mut answer = [0; 12];
        self.stream.read_exact(&mut answer).await.unwrap();
        String::from_utf8(answer.to_vec()).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_is_finished_and_what_does_not_end_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let drain = ["--set", "server.drain_s=60"];
    let mut node = Program::start_with(folder.path(), "127.0.0.1:0", &drain);
    let alice = node.register(0).await;
    let mut live = connect(&node.url, &alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    let begun = Begun::put(&node, mailbox).await;
    signal(&node, "TERM");
    assert_eq!(live.socket.closed().await.0, 1001);
    assert_eq!(begun.finish().await, "HTTP/1.1 201");
    assert!(node.wait().success());
    // It is there. Of the next nothing more comes, and the node ends all the same.
    let drain = ["--set", "server.drain_s=2"];
    let mut node = Program::start_with(folder.path(), &node.listen(), &drain);
    let mut live = connect(&node.url, &alice).await;
    assert_eq!(live.stored().await.len(), 1);
    let _begun = Begun::put(&node, mailbox).await;
    signal(&node, "TERM");
    assert_eq!(live.socket.closed().await.0, 1001);
    assert!(node.wait().success());
}

/// While the settings were read nobody listened to anything else.
#[test]
fn a_node_that_is_told_to_end_while_it_reads_its_settings_ends() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..5 {
        let mut node = Program::start(folder.path(), "127.0.0.1:0");
        for name in ["HUP", "TERM"] {
            signal(&node, name);
        }
        assert!(node.wait().success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_read_again_at_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "").unwrap();
    let config = ["--config", file.to_str().unwrap()];
    let node = Program::start_with(folder.path(), "127.0.0.1:0", &config);
    let other = TestNode::with(clock(), |_| ()).await;
    let document = other.document().await;
    let alice = node.register(0).await;
    let mut live = Live::connect(&node.url, &alice, alice.device, SystemClock.now()).await;
    live.stored().await;
    let deny = "[federation]\ndeny = [\"127.0.0.1\"]\n";
    for (text, is_denied) in [(deny, true), ("nonsense = 1\n", true), ("", false)] {
        std::fs::write(&file, text).unwrap();
        signal(&node, "HUP");
        let mut refused = !is_denied;
        for _ in 0..200 {
            let boxed = boxed(&document, &mailbox(), &message());
            live.submit(submission(), &other.url(), &boxed).await;
            refused = loop {
                match live.socket.text().await {
                    NodeFrame::Refused { .. } => break true,
                    NodeFrame::Accepted { .. } => break false,
                    _ => {}
                }
            };
            if refused == is_denied {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(refused, is_denied, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_on_their_own_address_and_name_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("127.0.0.1:{}", free_port());
    let listen = format!("metrics.listen={address}");
    let more = ["--set", &listen, "--set", "limits.address_burst=1"];
    let node = Program::start_with(folder.path(), "127.0.0.1:0", &more);
    let alice = node.register(0).await;
    for _ in 0..3 {
        let stranger = http().get(format!("{}/v1/node", node.url));
        let sent = stranger.header("x-forwarded-for", "203.0.113.77").send();
        sent.await.unwrap();
    }
    let get = |url: String| async move { http().get(url).send().await.unwrap() };
    let figures = get(format!("http://{address}/metrics"))
        .await
        .text()
        .await
        .unwrap();
    for line in [
        "zechat_accounts 1",
        "zechat_live_connections 0",
        "zechat_storage_full 0",
        "zechat_refusals_total{code=\"rate_limited\",rule=\"address_rate\"} ",
        "zechat_http_requests_total{route=\"/v1/identities/{identity}\",method=\"PUT\",status=\"2xx\"} 1",
        "zechat_build_info{version=\"",
    ] {
        assert!(figures.contains(line), "{line}\n{figures}");
    }
    for secret in [alice.identity().to_string(), "203.0.113.77".to_owned()] {
        assert!(!figures.contains(&secret), "{figures}");
    }
    assert_eq!(get(format!("http://{address}/readyz")).await.status(), 200);
    assert_eq!(get(format!("{}/metrics", node.url)).await.status(), 404);
}

/// From whole requests to commits, from commits to sockets, and from here to other nodes.
#[tokio::test(flavor = "multi_thread")]
async fn how_long_mail_takes_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let monitor = format!("127.0.0.1:{}", free_port());
    let listen = format!("metrics.listen={monitor}");
    let mut environment = Vec::new();
    if let Some(database) = &database {
        environment.push(("ZECHAT__DATABASE__URL", database.url()));
    }
    let more = ["--set", &listen];
    let node = Program::start_in(folder.path(), "127.0.0.1:0", &more, &environment);
    let away = TestNode::with(MockClock::new(SystemClock.now()), |_| ()).await;
    let (alice, bob) = (node.register(0).await, away.person(1).await);
    let mut live = connect(&node.url, &alice).await;
    live.stored().await;
    let mut bobs = away.connect(&bob).await;
    bobs.stored().await;
    let (mailbox, bobs_mailbox) = (live.mailbox().await, bobs.mailbox().await);
    // Left here, by another node, and submitted here for another node, twice.
    let path = format!("{}/v1/mailboxes/{mailbox}/messages/{}", node.url, message());
    let put = http().put(path).body(envelope(4096)).send().await.unwrap();
    assert_eq!(put.status(), 201);
    live.pushed().await;
    let here = document(&node.url, SystemClock.now()).await;
    let letter = boxed(&here, &mailbox, &message());
    bobs.submit(submission(), &node.url, &letter).await;
    live.pushed().await;
    for _ in 0..2 {
        let letter = boxed(&away.document().await, &bobs_mailbox, &message());
        live.submit(submission(), &away.url(), &letter).await;
        live.accepted().await;
        assert_eq!(live.outcome().await.1, None);
    }
    let expected = [
        "zechat_accept_seconds_count{way=\"http\"} 1\n",
        "zechat_accept_seconds_count{way=\"peer\"} 1\n",
        "zechat_accept_seconds_count{way=\"live\"} 2\n",
        "zechat_accept_seconds_bucket{way=\"live\",le=\"+Inf\"} 2\n",
        "zechat_accept_seconds_bucket{way=\"live\",le=\"0.001\"} ",
        "zechat_push_seconds_count 2\n",
        "zechat_push_seconds_bucket{le=\"0.0025\"} ",
        "zechat_outbox_delivery_seconds_count 2\n",
        "zechat_outbox_delivery_seconds_bucket{le=\"172800\"} 2\n",
    ];
    let figures = || async {
        let figures = http().get(format!("http://{monitor}/metrics")).send().await;
        figures.unwrap().text().await.unwrap()
    };
    // The other side may know of it before it is counted here.
    eventually("everything is counted", || async {
        let figures = figures().await;
        expected.iter().all(|line| figures.contains(line))
    })
    .await;
    let figures = figures().await;
    for secret in [
        alice.identity().to_string(),
        mailbox.to_string(),
        away.url().to_string(),
    ] {
        assert!(!figures.contains(&secret), "{figures}");
    }
}

/// Whoever runs a node sees what it refuses and by which rule, and of whom nothing.
#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_is_counted_and_logged_with_its_rule() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let monitor = format!("127.0.0.1:{}", free_port());
    let listen = format!("metrics.listen={monitor}");
    let mut environment = vec![
        ("ZECHAT__LOG__FILTER", "info"),
        ("ZECHAT__LOG__FORMAT", "json"),
        ("ZECHAT__MAIL__QUOTA_COUNT", "1"),
        ("ZECHAT__FEDERATION__OUTBOX_COUNT", "2"),
        ("ZECHAT__FEDERATION__DENY", "denied.example"),
    ];
    if let Some(database) = &database {
        environment.push(("ZECHAT__DATABASE__URL", database.url()));
    }
    let log = folder.path().join("log");
    let node = Program::start_logging(
        folder.path(),
        "127.0.0.1:0",
        &["--set", &listen],
        &environment,
        std::fs::File::create(&log).unwrap().into(),
    );
    let alice = node.register(0).await;
    let mut live = connect(&node.url, &alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    // Left directly: the second does not fit, and whose bound that is, is not for the sender.
    for expected in [201, 507] {
        let path = format!("{}/v1/mailboxes/{mailbox}/messages/{}", node.url, message());
        let put = http().put(path).body(envelope(4096)).send().await.unwrap();
        assert_eq!(put.status(), expected);
        assert!(!put.text().await.unwrap().contains("quota"));
    }
    live.pushed().await;
    // What is nothing, of no size that there is, and for nobody.
    let put = async |mailbox: &str, length: usize| {
        let path = format!("{}/v1/mailboxes/{mailbox}/messages/{}", node.url, message());
        let put = http().put(path).body(envelope(length)).send().await;
        let put = put.unwrap();
        let id = put.headers()["x-request-id"].to_str().unwrap().to_owned();
        (put.status().as_u16(), id)
    };
    let (status, malformed_id) = put("nobody", 4096).await;
    assert_eq!(status, 400);
    assert_eq!(put(&mailbox.to_string(), 4095).await.0, 400);
    let nobody = super::support::mailbox().to_string();
    assert_eq!(put(&nobody, 4096).await.0, 404);
    let mut babbler = Socket::open(&node.url).await;
    babbler.challenge().await;
    babbler.send_raw(Message::text("{")).await;
    assert_eq!(babbler.closed().await.0, 1008);
    // Submitted: to a node that is denied, twice; here, where it does not fit; and more than may wait.
    let own = document(&node.url, SystemClock.now()).await;
    let boxed = || boxed(&own, &mailbox, &message());
    let denied = NodeUrl::parse("https://denied.example").unwrap();
    for _ in 0..2 {
        live.submit(submission(), &denied, &boxed()).await;
        live.refused().await;
    }
    for _ in 0..2 {
        live.submit(submission(), &node.url, &boxed()).await;
        live.accepted().await;
        assert_eq!(live.outcome().await.1, Some(ProblemCode::MailboxFull));
    }
    live.submit(submission(), &node.url, &boxed()).await;
    live.refused().await;
    // Whoever has no account.
    let stranger = node.person(1).await;
    let mut socket = Socket::open(&node.url).await;
    let (nonce, url, fingerprint) = socket.challenge().await;
    let login = Login {
        node: url,
        fingerprint,
        nonce,
        identity: stranger.identity(),
        device: stranger.device,
        at: SystemClock.now(),
    };
    socket.log_in(login, &stranger.signing).await;
    assert_eq!(socket.closed().await.0, 4001);
    // From another node, for nobody.
    let now = MockClock::new(SystemClock.now());
    let away = TestNode::with(now, |_| ()).await;
    let bob = away.person(2).await;
    let mut bobs = away.connect(&bob).await;
    bobs.stored().await;
    let nobodys = super::support::mailbox();
    let letter = super::support::boxed(&own, &nobodys, &message());
    bobs.submit(submission(), &node.url, &letter).await;
    bobs.accepted().await;
    assert_eq!(bobs.outcome().await.1, Some(ProblemCode::UnknownMailbox));

    // By another node, of what is asked of it for a client.
    let now = MockClock::new(SystemClock.now());
    let unwilling = TestNode::with(now, |settings| {
        settings.federation.deny = vec!["127.0.0.1".into()];
    })
    .await;
    for _ in 0..2 {
        let (sealed, _) = seal(&unwilling.document().await, stranger.identity(), 0);
        let answer = look_up(&mut live, &unwilling.url(), &sealed).await;
        assert_eq!(answer, Err(ProblemCode::PeerRefused));
    }

    let log = std::fs::read_to_string(&log).unwrap();
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect(line));
    let mut ids = HashMap::new();
    let mut refusals: Vec<(String, String, String)> = lines
        .filter(|line| line["fields"]["message"] == "refused")
        .map(|line| {
            let field = |name: &str| line["fields"][name].as_str().unwrap_or("").to_owned();
            let refusal = (field("code"), field("rule"), field("place"));
            let id = line["span"]["id"]
                .as_str()
                .expect("the number of the request");
            ids.insert(refusal.clone(), id.to_owned());
            refusal
        })
        .collect();
    refusals.sort();
    let expected = [
        ("mailbox_full", "quota_count", ""),
        ("mailbox_full", "quota_count", "live socket"),
        ("malformed", "format", ""),
        ("malformed", "format", "live socket"),
        ("peer_refused", "other_node", "request to another node"),
        ("peer_refused", "peer_list", "live socket"),
        ("rate_limited", "outbox_count", "live socket"),
        ("unknown_identity", "login", "login"),
        ("unknown_mailbox", "existing_mailbox", ""),
        (
            "unknown_mailbox",
            "existing_mailbox",
            "batch of another node",
        ),
        ("wrong_size", "size_classes", ""),
    ]
    .map(|(code, rule, place)| (code.to_owned(), rule.to_owned(), place.to_owned()));
    assert_eq!(refusals, expected, "{log}");
    let malformed = ["malformed", "format", ""].map(str::to_owned);
    assert_eq!(ids[&malformed.into()], malformed_id);
    let figures = http().get(format!("http://{monitor}/metrics")).send().await;
    let figures = figures.unwrap().text().await.unwrap();
    for (code, rule, count) in [
        ("mailbox_full", "quota_count", 3),
        ("peer_refused", "other_node", 2),
        ("peer_refused", "peer_list", 2),
        ("rate_limited", "outbox_count", 1),
        ("unknown_identity", "login", 1),
        ("unknown_mailbox", "existing_mailbox", 2),
        ("malformed", "format", 2),
    ] {
        let line = format!("zechat_refusals_total{{code=\"{code}\",rule=\"{rule}\"}} {count}\n");
        assert!(figures.contains(&line), "{line}\n{figures}");
    }
    for secret in [
        alice.identity().to_string(),
        stranger.identity().to_string(),
        mailbox.to_string(),
        "denied.example".to_owned(),
    ] {
        assert!(!log.contains(&secret), "{log}");
    }
}

#[test]
fn systemd_is_told_when_the_node_is_ready_and_that_it_works() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let environment = [
        ("NOTIFY_SOCKET", path.to_str().unwrap()),
        ("WATCHDOG_USEC", "300000"),
    ];
    let mut node = Program::start_in(folder.path(), "127.0.0.1:0", &[], &environment);
    let expect = |expected: &str| {
        let mut buffer = [0; 512];
        loop {
            let length = socket.recv(&mut buffer).unwrap();
            if String::from_utf8_lossy(&buffer[..length]).contains(expected) {
                return;
            }
        }
    };
    expect("READY=1");
    expect("WATCHDOG=1");
    expect("WATCHDOG=1");
    signal(&node, "TERM");
    expect("STOPPING=1");
    assert!(node.wait().success());
}

/// Writes a certificate for this machine, of an authority whose certificate is given back.
pub fn certify(folder: &Path) -> reqwest::Certificate {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names).unwrap();
    let certificate = certificate.signed_by(&key, &authority).unwrap();
    std::fs::write(folder.join("chain.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.join("authority.pem"), authority.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_taken_at_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let first = certify(folder.path());
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let chain = format!("server.tls_certificate={}", file("chain.pem"));
    let key = format!("server.tls_key={}", file("key.pem"));
    let more = [
        "--set",
        &chain,
        "--set",
        &key,
        "--public-url",
        "https://localhost",
    ];
    let node = Program::start_with(folder.path(), "127.0.0.1:0", &more);
    let address = format!("https://{}/v1/node", node.listen());
    let get = |root: &reqwest::Certificate| {
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([root.clone()]);
        client.build().unwrap().get(address.clone()).send()
    };
    http(); // sets the provider of cryptography
    assert_eq!(get(&first).await.unwrap().status(), 200);
    let second = certify(folder.path());
    assert!(get(&second).await.is_err());
    signal(&node, "HUP");
    eventually("the new certificate is used", || async {
        get(&second).await.is_ok()
    })
    .await;
    // One that cannot be read changes nothing.
    std::fs::write(folder.path().join("chain.pem"), "nothing").unwrap();
    signal(&node, "HUP");
    tokio::time::sleep(QUIET).await;
    assert_eq!(get(&second).await.unwrap().status(), 200);
}
