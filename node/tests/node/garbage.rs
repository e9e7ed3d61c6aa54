//! What no client would send: refused with its own words, and nothing is harmed.

use shared_crypto::live::{ClientBinary, ClientFrame, MAX_BINARY_FRAME};
use shared_crypto::problem::ProblemCode;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as WireFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use zechat_node::random;

use super::support::*;

/// A chain of the longest kind, 64 KiB for what stands around it, and no more.
pub const MAX_BUNDLE: usize = 1_114_112;

#[tokio::test(flavor = "multi_thread")]
async fn every_call_refuses_garbage_with_a_problem() {
    let node = TestNode::start().await;
    let id = "A".repeat(43);
    let message = "A".repeat(22);
    let noise = || random::bytes::<4096>().to_vec();
    let cases = [
        ("GET", "/v1".to_owned(), 404, ProblemCode::NotFound),
        ("GET", "/v1/".to_owned(), 404, ProblemCode::NotFound),
        ("GET", "/v1/node/x".to_owned(), 404, ProblemCode::NotFound),
        ("GET", "/v1/%ff%fe".to_owned(), 404, ProblemCode::NotFound),
        ("POST", "/v1/node".to_owned(), 405, ProblemCode::Malformed),
        (
            "GET",
            "/v1/identities/x".to_owned(),
            400,
            ProblemCode::Malformed,
        ),
        (
            "GET",
            "/v1/identities/%ff".to_owned(),
            400,
            ProblemCode::Malformed,
        ),
        (
            "PUT",
            "/v1/identities/x".to_owned(),
            400,
            ProblemCode::Malformed,
        ),
        (
            "PUT",
            format!("/v1/identities/{id}"),
            400,
            ProblemCode::Malformed,
        ),
        (
            "DELETE",
            format!("/v1/identities/{id}"),
            405,
            ProblemCode::Malformed,
        ),
        (
            "PUT",
            format!("/v1/mailboxes/x/messages/{message}"),
            400,
            ProblemCode::Malformed,
        ),
        (
            "PUT",
            format!("/v1/mailboxes/{id}/messages/x"),
            400,
            ProblemCode::Malformed,
        ),
        (
            "PUT",
            format!("/v1/mailboxes/{id}/messages/{message}"),
            400,
            ProblemCode::Malformed,
        ),
        (
            "GET",
            format!("/v1/mailboxes/{id}/messages/{message}"),
            405,
            ProblemCode::Malformed,
        ),
        (
            "POST",
            "/v1/federation/deliver".to_owned(),
            403,
            ProblemCode::Unauthorized,
        ),
        (
            "POST",
            "/v1/federation/lookup".to_owned(),
            403,
            ProblemCode::Unauthorized,
        ),
        (
            "GET",
            "/v1/federation/lookup".to_owned(),
            405,
            ProblemCode::Malformed,
        ),
        ("GET", "/v1/live".to_owned(), 400, ProblemCode::Malformed),
        ("POST", "/v1/live".to_owned(), 405, ProblemCode::Malformed),
    ];
    for (method, path, status, problem) in cases {
        let method = method.parse::<reqwest::Method>().unwrap();
        let request = http().request(method.clone(), node.at(&path)).body(noise());
        let answer = code(request.send().await.unwrap()).await;
        assert_eq!(answer, (status, Some(problem)), "{method} {path}");
    }
    // As long as a bundle may be it is read, and is none; one byte more is not read.
    for (length, expected) in [
        (MAX_BUNDLE, (400, Some(ProblemCode::Malformed))),
        (MAX_BUNDLE + 1, (413, Some(ProblemCode::TooLarge))),
    ] {
        let request = http().put(node.at(&format!("/v1/identities/{id}")));
        let sent = request.body(vec![0; length]).send().await.unwrap();
        assert_eq!(code(sent).await, expected, "{length} bytes");
    }
    let path = node.at(&format!("/v1/mailboxes/{id}/messages/{message}"));
    for postage in ["", "!", "AAAA", &"A".repeat(54), &"/".repeat(54)] {
        let request = http()
            .put(&path)
            .header("zechat-postage", postage)
            .body(envelope(4096));
        let (status, problem) = code(request.send().await.unwrap()).await;
        let is_none = postage == "A".repeat(54); // 40 zero bytes are the postage of kind none
        let expected = if is_none {
            ProblemCode::UnknownMailbox
        } else {
            ProblemCode::Malformed
        };
        assert_eq!(problem, Some(expected), "{postage} {status}");
    }
    // The node still serves.
    node.person(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_before_the_login_closes() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let texts = [
        "",
        "{",
        "null",
        "{}",
        "[]",
        r#"{"type":"login"}"#,
        r#"{"type":"login","login":7}"#,
        r#"{"type":"login","login":"!"}"#,
        r#"{"type":"ack","cursor":1}"#,
        r#"{"type":"other"}"#,
    ];
    for text in texts {
        let mut socket = node.socket().await;
        socket.challenge().await;
        socket.send_raw(Message::text(text)).await;
        assert_eq!(socket.closed().await, (1008, "malformed".into()), "{text}");
    }
    let mut socket = node.socket().await;
    socket.challenge().await;
    socket.send_raw(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(socket.closed().await.0, 1008);
    for login in ["", "AAAA", &"A".repeat(4_000)] {
        let mut socket = node.socket().await;
        socket.challenge().await;
        socket
            .send_raw(Message::text(format!(
                r#"{{"type":"login","login":"{login}"}}"#
            )))
            .await;
        assert_eq!(socket.closed().await, (4001, "malformed".into()), "{login}");
    }
    node.connect(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_after_the_login_closes_and_loses_nothing() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    assert_eq!(
        node.put(&mailbox, &message(), &envelope(4096)).await,
        (201, None)
    );
    let pushed = live.pushed().await;
    let texts = [
        "".to_owned(),
        "rubbish".to_owned(),
        r#"{"type":"welcome","cursor":1,"time":1}"#.to_owned(),
        r#"{"type":"ack"}"#.to_owned(),
        r#"{"type":"ack","cursor":-1}"#.to_owned(),
        r#"{"type":"ack","cursor":1.5}"#.to_owned(),
        r#"{"type":"mailboxes","request":1,"add":[{"mailbox":"x","kind":"intro"}]}"#.to_owned(),
        r#"{"type":"mailboxes","request":1,"add":[{"mailbox":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","kind":"other"}]}"#.to_owned(),
        format!(r#"{{"type":"tombstones_seen","ids":[{}1]}}"#, "1,".repeat(600)),
        r#"{"type":"outcomes_seen","submissions":[1]}"#.to_owned(),
        format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)),
    ];
    for text in texts {
        let mut live = node.connect(&alice).await;
        assert_eq!(live.stored().await, std::slice::from_ref(&pushed));
        live.socket.send_raw(Message::text(text.clone())).await;
        assert_eq!(live.socket.closed().await.0, 1008, "{text:.60}");
    }
    let url = node.url();
    let submit = ClientBinary::Submit {
        submission: submission(),
        node: url.clone(),
        forward_box: &boxed(&node.document().await, &mailbox, &message()),
    }
    .encode();
    let mut wrong_url = submit.clone();
    wrong_url[20] = b'X';
    let frames = [
        Vec::new(),
        vec![0],
        vec![1; 100],
        vec![2],
        vec![9; 5_000],
        submit[..submit.len() - 1].to_vec(),
        submit[..30].to_vec(),
        [submit.clone(), vec![0]].concat(),
        wrong_url,
        vec![3, 0, 0, 0, 1],
        [&[5, 0, 0, 0, 1, 255], b"https://x".as_slice()].concat(),
    ];
    for frame in frames {
        let mut live = node.connect(&alice).await;
        live.stored().await;
        let shown = format!("{:?}", &frame[..frame.len().min(8)]);
        live.socket.send_raw(Message::binary(frame)).await;
        assert_eq!(live.socket.closed().await.0, 1008, "{shown}");
    }
    let mut live = node.connect(&alice).await;
    live.stored().await;
    live.socket
        .send_raw(Message::binary(vec![2; MAX_BINARY_FRAME + 1]))
        .await;
    assert_eq!(live.socket.closed().await, (1009, "too_large".into()));
    // What is wrong below the messages: text that is no text, and parts that are too long together
    let part = |opcode, is_final, payload: Vec<u8>| {
        Message::Frame(WireFrame::message(payload, OpCode::Data(opcode), is_final))
    };
    let mut live = node.connect(&alice).await;
    live.stored().await;
    live.socket
        .send_raw(part(Data::Text, true, vec![0xff; 8]))
        .await;
    assert_eq!(live.socket.closed().await, (1008, "malformed".into()));
    let mut live = node.connect(&alice).await;
    live.stored().await;
    for opcode in [Data::Binary, Data::Continue] {
        let payload = vec![2; MAX_BINARY_FRAME - 1];
        live.socket.send_raw(part(opcode, false, payload)).await;
    }
    assert_eq!(live.socket.closed().await, (1009, "too_large".into()));
    let mut live = node.connect(&alice).await;
    assert_eq!(live.stored().await, [pushed]);
    // Odd but harmless
    live.socket
        .send(&ClientFrame::OutcomesSeen {
            submissions: vec![submission()],
        })
        .await;
    live.socket
        .send(&ClientFrame::TombstonesSeen {
            ids: vec![0, u64::MAX],
        })
        .await;
    live.ack(0).await;
    live.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_lookups_at_once_are_refused() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    // An address that takes connections and never answers
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let url = shared_crypto::node_url::NodeUrl::parse(&url).unwrap();
    for request in 0..40 {
        let frame = ClientBinary::NodeDocument {
            request,
            node: url.clone(),
        };
        live.socket.send_binary(&frame).await;
    }
    let mut refused = 0;
    while let Some(frame) = live.socket.frame_within(QUIET).await {
        let Frame::Binary(frame) = frame else {
            panic!("{frame:?}")
        };
        assert!(frame.ends_with(b"rate_limited"));
        refused += 1;
    }
    assert_eq!(refused, 24);
    live.settle().await;
}
