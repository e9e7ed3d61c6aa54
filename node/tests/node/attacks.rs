//! A hostile client in front of a real node: every route by whoever may not, tricks with paths, headers
//! and bodies, and what is large or cut short. What is many is in `floods`.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::{Shutdown, TcpStream as PlainStream};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use shared_crypto::live::SUBPROTOCOL;
use shared_crypto::problem::ProblemCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::support::*;

/// Who may use a route. Whoever else asks is refused, whatever they send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody: nothing secret is told and nothing changed.
    Everybody,
    /// Whoever owns the identity: what is sent is signed by its key.
    Owner,
    /// Whoever knows a contact mailbox, or pays for an intro mailbox.
    Sender,
    /// Whoever has the recovery phrase, by a signature about this call at this node now.
    Phrase,
    /// Whoever logs in on the socket.
    Device,
    /// Nodes, by a request signed with their key for this node, time and body.
    Peer,
}

pub struct Route {
    pub path: &'static str,
    pub methods: &'static str,
    pub who: Who,
}

const fn route(path: &'static str, methods: &'static str, who: Who) -> Route {
    Route { path, methods, who }
}

/// Every route of the node. [`the_table_lists_every_route`] compares it with the source.
pub const ROUTES: &[Route] = &[
    route("/livez", "GET", Who::Everybody),
    route("/readyz", "GET", Who::Everybody),
    route("/.well-known/zechat/client", "GET", Who::Everybody),
    route("/v1/openapi.json", "GET", Who::Everybody),
    route("/v1/live.schema.json", "GET", Who::Everybody),
    route("/v1/node", "GET", Who::Everybody),
    route("/v1/identities/{identity}", "GET, PUT", Who::Owner),
    route(
        "/v1/mailboxes/{mailbox}/messages/{message}",
        "PUT",
        Who::Sender,
    ),
    route("/v1/vaults/{vault}", "GET, PUT", Who::Phrase),
    route("/v1/vaults/{vault}/owner", "PUT", Who::Phrase),
    route("/v1/vaults/{vault}/forgotten", "PUT", Who::Phrase),
    route("/v1/vaults/{vault}/chunks/{chunk}", "GET, PUT", Who::Phrase),
    route("/v1/live", "GET", Who::Device),
    route("/v1/federation/deliver", "POST", Who::Peer),
    route("/v1/federation/lookup", "POST", Who::Peer),
    route("/{path:.*}", "GET, HEAD", Who::Everybody),
];

#[test]
fn the_table_lists_every_route() {
    let source = include_str!("../../src/http/mod.rs");
    let (_, source) = source.split_once("fn routes(").unwrap();
    let mut found = BTreeSet::new();
    let compact: String = source.split_whitespace().collect();
    for piece in compact.split(".service(").skip(1) {
        let makers = [
            ("routes.below_v1(", "/v1"),
            ("routes.resource(", ""),
            ("resource(", ""),
        ];
        for (maker, prefix) in makers {
            if let Some(rest) = piece.strip_prefix(maker) {
                let mut strings = rest.split('"').skip(1).step_by(2);
                let (path, methods) = (strings.next().unwrap(), strings.next().unwrap());
                found.insert((format!("{prefix}{path}"), methods.replace(',', ", ")));
            }
        }
    }
    let listed = ROUTES
        .iter()
        .map(|route| (route.path.to_owned(), route.methods.to_owned()));
    assert_eq!(found, listed.collect());
}

/// A path of the route for somebody.
pub fn path_for(route: &Route, person: &Person) -> String {
    route
        .path
        .replace("{identity}", &person.identity().to_string())
        .replace("{mailbox}", &person.intro().to_string())
        .replace("{message}", &message().to_string())
        .replace("{vault}", &person.identity().to_string())
        .replace("{chunk}", &person.intro().to_string())
        .replace("{path:.*}", "somewhere")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_knows_other_methods() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    for route in ROUTES {
        for method in [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND",
        ] {
            if route.methods.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            let path = path_for(route, &alice);
            let request = http().request(method.parse().unwrap(), node.at(&path));
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            // To look whether something is there is harmless where reading it is.
            let is_harmless = method == "HEAD" && route.methods.starts_with("GET");
            assert!(status == 405 || is_harmless, "{method} {path}: {status}");
            assert!(response.bytes().await.unwrap().len() < 1_000);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_is_refused_on_every_route() {
    let node = TestNode::start().await;
    let (alice, bob) = (
        node.person(0).await,
        Person::new(1, &[node.delivery().await], START),
    );
    let garbage = vec![0x41; 4_096];
    for route in ROUTES {
        let path = path_for(route, &alice);
        let method: reqwest::Method = match route.who {
            Who::Everybody => continue,
            Who::Owner | Who::Sender | Who::Phrase => reqwest::Method::PUT,
            Who::Device => reqwest::Method::GET,
            Who::Peer => reqwest::Method::POST,
        };
        // What others have signed, or nobody.
        let bodies = [
            Vec::new(),
            garbage.clone(),
            bob.bundle(),
            envelope(4_096),
            first_contact(),
        ];
        for body in bodies {
            for pretended in [
                None,
                Some("authorization"),
                Some("cookie"),
                Some("zechat-peer"),
                Some("zechat-vault"),
                Some("x-forwarded-for"),
            ] {
                let mut request = http()
                    .request(method.clone(), node.at(&path))
                    .body(body.clone());
                if let Some(header) = pretended {
                    request = request.header(header, alice.identity().to_string());
                }
                let (status, problem) = code(request.send().await.unwrap()).await;
                assert!((400..500).contains(&status), "{method} {path}: {status}");
                let expected: &[ProblemCode] = match route.who {
                    Who::Owner => &[
                        ProblemCode::Malformed,
                        ProblemCode::InvalidRecord,
                        ProblemCode::InvalidSignature,
                    ],
                    Who::Sender => &[
                        ProblemCode::PostageRequired,
                        ProblemCode::WrongSize,
                        ProblemCode::Malformed,
                    ],
                    Who::Device => &[ProblemCode::Malformed],
                    Who::Phrase => &[
                        ProblemCode::Unauthorized,
                        ProblemCode::InvalidSignature,
                        ProblemCode::Malformed,
                        ProblemCode::TooLarge,
                    ],
                    _ => &[
                        ProblemCode::Unauthorized,
                        ProblemCode::InvalidSignature,
                        ProblemCode::Malformed,
                    ],
                };
                assert!(
                    problem.is_some_and(|code| expected.contains(&code)),
                    "{path}: {problem:?}"
                );
            }
        }
    }
    // Nothing of it had an effect.
    let mut live = node.connect(&alice).await;
    assert_eq!(live.stored().await, []);
    let unknown = http().get(node.at(&format!("/v1/identities/{}", bob.identity())));
    assert_eq!(code(unknown.send().await.unwrap()).await.0, 404);
}

/// Knowing mailbox and message id gives nothing back: no call reads mail, whatever the id.
#[tokio::test(flavor = "multi_thread")]
async fn hole_message_id_guessed_to_read_someone_elses_mail() {
    let node = TestNode::start().await;
    let (alice, bob) = (node.person(0).await, node.person(1).await);
    let mut alices = node.connect(&alice).await;
    alices.stored().await;
    let mailbox = alices.mailbox().await;
    drop(alices);
    let (id, mail) = (message(), envelope(4_096));
    assert_eq!(node.put(&mailbox, &id, &mail).await, (201, None));
    let paths = [
        format!("/v1/mailboxes/{mailbox}/messages/{id}"),
        format!("/v1/mailboxes/{mailbox}/messages"),
        format!("/v1/mailboxes/{mailbox}"),
        "/v1/mailboxes".to_owned(),
        format!("/v1/messages/{id}"),
        format!("/v1/live?mailbox={mailbox}&cursor=0"),
    ];
    for path in paths {
        for method in ["GET", "HEAD", "POST", "DELETE"] {
            let request = http().request(method.parse().unwrap(), node.at(&path));
            let response = request.send().await.unwrap();
            assert!(response.status().is_client_error(), "{method} {path}");
            let body = response.bytes().await.unwrap();
            assert!(
                !body
                    .windows(32)
                    .any(|part| part == &mail[mail.len() - 32..]),
                "{path}"
            );
        }
    }
    // Nor does the socket of another account hear of it, or take it away by acknowledging.
    let mut bobs = node.connect(&bob).await;
    assert_eq!(bobs.stored().await, []);
    bobs.ack(u64::MAX).await;
    bobs.nothing().await;
    // To put another under the id changes nothing.
    assert_eq!(node.put(&mailbox, &id, &envelope(4_096)).await, (200, None));
    let mut alices = node.connect(&alice).await;
    let stored = alices.stored().await;
    assert_eq!(stored.len(), 1);
    assert_eq!((stored[0].message, &stored[0].envelope), (id, &mail));
}

/// Sends bytes as they are and returns what comes until the node closes or is silent.
async fn raw(node: &TestNode, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(node.settings.server.listen)
        .await
        .unwrap();
    // The node may close before all of it is written.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let mut buffer = vec![0; 16_384];
    while let Ok(Ok(count)) = tokio::time::timeout(QUIET * 5, stream.read(&mut buffer)).await {
        if count == 0 {
            break;
        }
        answer.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_lead_nowhere_else() {
    let node = TestNode::start().await;
    for path in [
        "/../../../../etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../node.key",
        "/....//....//etc/passwd",
        "/..\\..\\etc\\passwd",
        "/%5c..%5c..%5cetc%5cpasswd",
        "/%00/etc/passwd",
        "/etc/passwd%00.html",
        "//etc/passwd",
        "/v1/%2e%2e/v1/node",
        "/v1/./node",
        "/v1//node",
        "/v1/node/..",
        "/v1/node%2f",
        "/V1/node",
        "/%c0%ae%c0%ae/etc/passwd",
        "/zechat.db",
        "/data/zechat.db",
        "/.git/config",
        "/metrics",
        "http://169.254.169.254/latest/meta-data",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        let answer = raw(&node, request.as_bytes()).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(["400", "404"].contains(&status), "{path}: {answer}");
        assert!(!answer.contains("root:"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_hides_in_another() {
    let node = TestNode::start().await;
    let hidden = "GET /v1/node HTTP/1.1\r\nhost: a\r\n\r\n";
    let length = hidden.len();
    let attacks = [
        // Two lengths that differ, by the header or by its way.
        format!(
            "POST /v1/federation/lookup HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\ncontent-length: {length}\r\n\r\n{hidden}"
        ),
        format!(
            "POST /v1/federation/lookup HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"
        ),
        format!(
            "POST /v1/federation/lookup HTTP/1.1\r\nhost: a\r\ncontent-length: 0, {length}\r\n\r\n{hidden}"
        ),
        format!(
            "POST /v1/federation/lookup HTTP/1.1\r\nhost: a\r\ncontent-length: +{length}\r\n\r\n{hidden}"
        ),
        format!(
            "POST /v1/federation/lookup HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n{hidden}"
        ),
        format!(
            "POST /v1/federation/lookup HTTP/1.1\r\nhost: a\r\ncontent-length : {length}\r\n\r\n{hidden}"
        ),
        format!(
            "POST /v1/federation/lookup HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n{hidden}"
        ),
        format!(
            "POST /v1/federation/lookup HTTP/1.1\r\nhost: a\r\ntransfer-encoding: identity, chunked, identity\r\n\r\n{hidden}"
        ),
        format!(
            "POST /v1/federation/lookup HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{hidden}"
        ),
        format!(
            "POST /v1/federation/lookup HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n{hidden}"
        ),
        // A header over two lines, or with a bare line feed or a zero in it.
        format!("GET /nowhere HTTP/1.1\r\nhost: a\r\nx: y\n\n{hidden}"),
        format!("GET /nowhere HTTP/1.1\r\nhost: a\r\nx: y\0\r\n\r\n{hidden}"),
        format!("GET /nowhere HTTP/1.1\r\nhost: a\r\nx: y\r\n content-length: 1\r\n\r\n{hidden}"),
    ];
    for attack in attacks {
        let answer = raw(&node, attack.as_bytes()).await;
        let answers = answer.matches("HTTP/1.1 ").count();
        let taken = answer.matches("HTTP/1.1 200").count();
        // Two requests after each other are allowed where both sides of any proxy would see two.
        let is_two_for_all = attack.contains("y\n\n");
        assert!(taken == 0 || is_two_for_all, "{attack}\n=> {answer}");
        assert!(
            answers <= 1 || is_two_for_all || !answer.contains("200 OK"),
            "{attack}\n=> {answer}"
        );
    }
    // The next client is served as before.
    assert_eq!(
        http()
            .get(node.at("/v1/node"))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused_before_it_is_read() {
    let node = TestNode::start().await;
    let large = "a".repeat(300_000);
    let attacks = [
        format!("GET /{large} HTTP/1.1\r\nhost: a\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nhost: a\r\nx: {large}\r\n\r\n"),
        format!(
            "GET / HTTP/1.1\r\nhost: a\r\n{}\r\n",
            "x: y\r\n".repeat(20_000)
        ),
    ];
    for attack in attacks {
        let answer = raw(&node, attack.as_bytes()).await;
        assert!(
            !answer.contains(" 200 "),
            "{}",
            answer.lines().next().unwrap_or_default()
        );
    }
    // An announcement alone takes no memory and is refused at once.
    for path in ["/v1/federation/deliver", "/v1/federation/lookup"] {
        let request =
            format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: 999999999999\r\n\r\n");
        let answer = raw(&node, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
    }
    let mailbox = mailbox();
    let request = format!(
        "PUT /v1/mailboxes/{mailbox}/messages/{} HTTP/1.1\r\nhost: a\r\ncontent-length: 70000\r\n\r\n",
        message()
    );
    assert!(
        raw(&node, request.as_bytes())
            .await
            .starts_with("HTTP/1.1 4")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn compression_bombs_are_not_unpacked() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&vec![0; 64 << 20]).unwrap();
    let bomb = packed.finish().unwrap();
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&envelope(4_096)).unwrap();
    let small = packed.finish().unwrap();
    for body in [bomb, small] {
        for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip"] {
            let path = node.at(&format!("/v1/mailboxes/{mailbox}/messages/{}", message()));
            let request = http()
                .put(path)
                .header("content-encoding", encoding)
                .body(body.clone());
            let (status, problem) = code(request.send().await.unwrap()).await;
            assert!((400..500).contains(&status), "{encoding}: {problem:?}");
        }
    }
    live.nothing().await;
    // And the socket agrees to no compression of frames.
    let answer = http()
        .get(node.at("/v1/live"))
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "x3JJHMbDL1EzLkh9GBhXDw==")
        .header("sec-websocket-protocol", SUBPROTOCOL)
        .header(
            "sec-websocket-extensions",
            "permessage-deflate; client_max_window_bits",
        )
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 101);
    assert!(!answer.headers().contains_key("sec-websocket-extensions"));
}

/// A connection that is reset in the middle of everything harms nothing.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_hangs_up_in_the_middle_harms_nothing() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    let id = message();
    let head = format!(
        "PUT /v1/mailboxes/{mailbox}/messages/{id} HTTP/1.1\r\nhost: a\r\ncontent-length: 4096\r\n\r\n"
    );
    let address = node.settings.server.listen;
    let mail = envelope(4_096);
    let whole = [head.as_bytes(), &mail].concat();
    let cut = whole.clone();
    tokio::task::spawn_blocking(move || {
        for end in (1..cut.len()).step_by(331) {
            let mut stream = PlainStream::connect(address).unwrap();
            stream
                .set_write_timeout(Some(Duration::from_secs(5)))
                .unwrap();
            stream.write_all(&cut[..end]).unwrap();
            stream.shutdown(Shutdown::Both).unwrap();
        }
    })
    .await
    .unwrap();
    live.nothing().await;
    assert!(raw(&node, &whole).await.starts_with("HTTP/1.1 201"));
    assert_eq!(live.pushed().await.envelope, mail);
}

/// What comes from outside begins no line of its own in the log, and is not in it at all.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_from_outside_reaches_the_log() {
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::process::{Command, Stdio};

    let data = tempfile::tempdir().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_zechat-node"))
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--allow-private-networks",
            "--data",
        ])
        .arg(data.path())
        .env(
            "ZECHAT__LOG__FILTER",
            "zechat_node=trace,actix_web=debug,actix_http=info",
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line
        .strip_prefix("listening on ")
        .expect(&line)
        .trim()
        .to_owned();
    let forged = "FORGED";
    let (mailbox, id) = (mailbox(), message());
    let requests = [
        format!("GET /%0a{forged}%0d%0a{forged} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"),
        format!(
            "GET /{forged} HTTP/1.1\r\nhost: {forged}\r\nuser-agent: {forged}\r\nx-request-id: {forged}\r\nconnection: close\r\n\r\n"
        ),
        format!(
            "PUT /v1/mailboxes/{mailbox}/messages/{id} HTTP/1.1\r\nhost: a\r\nzechat-postage: {forged}\r\ncontent-length: 6\r\nconnection: close\r\n\r\n{forged}"
        ),
        format!(
            "PUT /v1/identities/{forged} HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\nconnection: close\r\n\r\n{forged}"
        ),
        format!(
            "POST /v1/federation/deliver HTTP/1.1\r\nhost: a\r\nzechat-peer: {forged}\r\ncontent-length: 6\r\nconnection: close\r\n\r\n{forged}"
        ),
        format!("{forged} /v1/node HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"),
        format!(
            "GET /v1/node?{forged}=\u{1b}[31m HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
        ),
    ];
    for request in requests {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        assert!(!answer.is_empty());
    }
    program.kill().unwrap();
    let mut log = String::new();
    program
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut log)
        .unwrap();
    program.wait().unwrap();
    assert!(log.contains("answered"), "the log tells of requests: {log}");
    for secret in [forged, &mailbox.to_string(), &id.to_string(), "\u{1b}[31m"] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
}
