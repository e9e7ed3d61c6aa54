//! Too much of everything, from one who should not keep others out: requests on every limited route, sockets,
//! and connections by the thousand that are begun and not finished.

use rustix::process::{Resource, getrlimit, setrlimit};
use std::time::Duration;

use shared_crypto::id::{IdentityId, MailboxId};
use shared_crypto::live::{ClientBinary, LookupReply, NodeBinary, SUBPROTOCOL};
use shared_crypto::lookup::SEALED_LOOKUP;
use shared_crypto::problem::ProblemCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use zechat_node::random;
use zechat_node::settings::Settings;

use super::attacks::{ROUTES, path_for};
use super::support::*;

async fn rule(response: reqwest::Response) -> String {
    assert_eq!(response.status(), 429);
    assert!(response.headers().contains_key("retry-after"));
    let bytes = response.bytes().await.unwrap();
    let problem: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    problem["rule"].as_str().unwrap().to_owned()
}

/// Every route that does more than hand out a file counts requests, however its path is spelled.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_refused_on_every_route_of_the_api() {
    let node = TestNode::with(clock(), |settings| {
        settings.limits.address_per_second = 1;
        settings.limits.address_burst = 2;
    })
    .await;
    let nobody = Person::new(0, &[node.delivery().await], START);
    let routes = ROUTES.iter().filter(|route| {
        // Files and signs of life come from memory.
        !["/{path:.*}", "/livez", "/readyz"].contains(&route.path)
    });
    let mut addresses = 1..;
    for route in routes {
        let path = path_for(route, &nobody);
        let spelled_otherwise = path
            .replacen("v1", "%76%31", 1)
            .replacen("well", "%77ell", 1);
        for path in [path, spelled_otherwise] {
            for method in route.methods.split(", ") {
                let address = format!("203.0.113.{}", addresses.next().unwrap());
                let ask = || {
                    http()
                        .request(method.parse().unwrap(), node.at(&path))
                        .header("x-forwarded-for", &address)
                        .send()
                };
                let mut statuses = Vec::new();
                for _ in 0..2 {
                    statuses.push(ask().await.unwrap().status().as_u16());
                }
                assert!(!statuses.contains(&429), "{method} {path}");
                let third = ask().await.unwrap();
                let found_nothing = third.status() == 404 && path.contains("%7");
                assert!(
                    found_nothing || rule(third).await == "address_rate",
                    "{method} {path}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_holds_so_many_sockets() {
    let node = TestNode::with(clock(), |settings| {
        settings.limits.connections_per_address = 2
    })
    .await;
    let upgrade = |address: &'static str| {
        http()
            .get(node.at("/v1/live"))
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "x3JJHMbDL1EzLkh9GBhXDw==")
            .header("sec-websocket-protocol", SUBPROTOCOL)
            .header("x-forwarded-for", address)
            .send()
    };
    let (first, second) = (
        upgrade("203.0.113.1").await.unwrap(),
        upgrade("203.0.113.1").await.unwrap(),
    );
    assert_eq!(
        (first.status(), second.status()),
        (101.try_into().unwrap(), 101.try_into().unwrap())
    );
    assert_eq!(
        rule(upgrade("203.0.113.1").await.unwrap()).await,
        "connections_per_address"
    );
    assert_eq!(upgrade("203.0.113.2").await.unwrap().status(), 101);
}

/// Lookups and node documents count as messages do.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_lookups_on_a_socket_is_refused() {
    let node = TestNode::with(clock(), |settings| {
        settings.limits.account_per_second = 1;
        settings.limits.account_burst = 3;
    })
    .await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let url = node.url();
    for request in 0..6 {
        let frame = if request % 2 == 0 {
            ClientBinary::NodeDocument {
                request,
                node: url.clone(),
            }
        } else {
            ClientBinary::Lookup {
                request,
                node: url.clone(),
                sealed: &[7; SEALED_LOOKUP],
            }
        };
        live.socket.send_binary(&frame).await;
    }
    let mut limited = 0;
    for _ in 0..6 {
        let frame = match live.socket.frame().await {
            Frame::Binary(frame) => frame,
            other => panic!("answers are binary, not {other:?}"),
        };
        let reply = match NodeBinary::parse(&frame).unwrap() {
            NodeBinary::LookupAnswer { reply, .. } | NodeBinary::NodeDocument { reply, .. } => {
                reply
            }
            other => panic!("{other:?}"),
        };
        limited += usize::from(matches!(
            reply,
            LookupReply::Problem(ProblemCode::RateLimited)
        ));
    }
    assert!(limited >= 2, "{limited}");
    live.settle().await;
}

/// As many connections as this test may have: each takes a descriptor at both ends, here and in the node.
fn connections() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let most = limit.maximum.unwrap_or(u64::MAX);
    setrlimit(Resource::Nofile, limit).unwrap();
    let count = (most.saturating_sub(300) / 2).min(3_000);
    assert!(count >= 1_000 || most < 2_300, "{count} of {most}");
    usize::try_from(count).unwrap()
}

/// Until the other side has ended it, whatever it says before.
async fn ends(mut stream: TcpStream) {
    let mut rest = [0; 4_096];
    while let Ok(1..) = stream.read(&mut rest).await {}
}

/// Thousands who begin a request, a body, a socket or nothing, and leave it at that, keep nobody out, and are sent away.
#[tokio::test(flavor = "multi_thread")]
async fn the_slow_and_the_half_open_keep_nobody_out() {
    let patience = |settings: &mut Settings| settings.server.request_s = 2;
    let node = TestNode::with(clock(), patience).await;
    let alice = node.person(0).await;
    let beginnings = [
        "",
        "GET /v1/no",
        "GET /v1/node HTTP/1.1\r\nhost: a\r\nx-slow: ",
        "PUT /v1/identities/AAAA HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\nabc",
        "POST /v1/federation/lookup HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        "GET /v1/live HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: x3JJHMbDL1EzLkh9GBhXDw==\r\nsec-websocket-protocol: zechat.v1\r\n\r\n",
    ];
    let mut open = Vec::new();
    for (number, beginning) in beginnings.iter().cycle().take(connections()).enumerate() {
        let mut stream = TcpStream::connect(node.settings.server.listen)
            .await
            .unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        if number % 50 == 49 {
            // Some hang up the one way, some both.
            stream.shutdown().await.unwrap();
        }
        open.push(stream);
    }
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    assert_eq!(
        node.put(&mailbox, &message(), &envelope(4_096)).await,
        (201, None)
    );
    live.pushed().await;
    assert_eq!(
        http()
            .get(node.at("/readyz"))
            .send()
            .await
            .unwrap()
            .status(),
        204
    );
    // Nobody waits for them for ever.
    let mut left = Vec::new();
    for (number, stream) in open.into_iter().enumerate() {
        let patience = if left.is_empty() { PATIENCE } else { QUIET };
        if tokio::time::timeout(patience, ends(stream)).await.is_err() {
            left.push((number, beginnings[number % beginnings.len()]));
        }
    }
    assert_eq!(left, []);
    live.settle().await;
}

/// Thousands who go at once, with nothing finished, leave nothing behind that keeps others out.
#[tokio::test(flavor = "multi_thread")]
async fn all_may_go_at_once() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mut open = Vec::new();
    for _ in 0..connections() / 4 {
        let stream = TcpStream::connect(node.settings.server.listen);
        let mut stream = stream.await.unwrap();
        stream.write_all(b"GET /v1/no").await.unwrap();
        open.push(stream);
    }
    drop(open);
    live.settle().await;
}

/// Whoever asks for a file and does not read it would hold a connection and its memory for ever.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_and_does_not_read_is_hung_up_on() {
    let folder = tempfile::tempdir().unwrap();
    // More than the buffers of both sides hold.
    std::fs::write(folder.path().join("index.html"), vec![b'a'; 16 << 20]).unwrap();
    let node = TestNode::with(clock(), |settings| {
        settings.server.client_dir = folder.path().to_owned();
        settings.server.stalled_s = 1;
    })
    .await;
    let mut reader = TcpStream::connect(node.settings.server.listen)
        .await
        .unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    reader.write_all(request).await.unwrap();
    // Nobody is told; who says something more is told that there is nobody. Seldom, since each word begins it anew.
    let is_gone = async {
        loop {
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            let said = reader.try_write(b"G");
            if said.is_err_and(|error| error.kind() != std::io::ErrorKind::WouldBlock) {
                return;
            }
        }
    };
    assert!(tokio::time::timeout(PATIENCE, is_gone).await.is_ok());
}

/// Letters for mailboxes that nobody has, and questions for people whom nobody knows, leave nothing behind.
#[tokio::test(flavor = "multi_thread")]
async fn guesses_by_the_hundred_find_nothing_and_leave_nothing() {
    let node = TestNode::start().await;
    node.person(0).await;
    let before = node.node().app().store.used_bytes().await.unwrap();
    for _ in 0..300 {
        let mailbox = MailboxId::from_bytes(random::bytes());
        let answer = node.put(&mailbox, &message(), &envelope(4_096)).await;
        assert_eq!(answer, (404, Some(ProblemCode::UnknownMailbox)));
        let identity = IdentityId::from_bytes(random::bytes());
        let asked = http().get(node.at(&format!("/v1/identities/{identity}")));
        let answer = code(asked.send().await.unwrap()).await;
        assert_eq!(answer, (404, Some(ProblemCode::NotFound)));
    }
    assert_eq!(node.node().app().store.used_bytes().await.unwrap(), before);
}
