//! The family of the live socket's frames.

use serde_json::json;
use shared_crypto::forward::FORWARD_CLASSES;
use shared_crypto::id::{MailboxId, MessageId, Nonce, SubmissionId};
use shared_crypto::live::{
    ClientBinary, ClientFrame, LookupReply, MailboxEntry, MailboxKind, NodeBinary, NodeFrame,
    Outcome,
};
use shared_crypto::lookup::SEALED_LOOKUP;
use shared_crypto::problem::ProblemCode;

use crate::family::{Family, hex};
use crate::people::{NOW, node_keys, node_url};

pub fn live() -> Family {
    let mut family = Family::new(
        "live",
        "Frames of the live socket, protocol §14; `from` says who sends. What is read is written \
         again in the same form.",
    );
    let submission = SubmissionId::from_bytes([1; 16]);
    let mailbox = MailboxId::from_bytes([2; 32]);
    let client = [
        ClientFrame::Mailboxes {
            request: 1,
            add: vec![MailboxEntry {
                mailbox,
                kind: MailboxKind::Contact,
            }],
            remove: vec![mailbox],
        },
        ClientFrame::Ack { cursor: 42 },
        ClientFrame::OutcomesSeen {
            submissions: vec![submission],
        },
    ];
    for frame in client {
        let text = frame.to_text();
        let name = text.split('"').nth(3).expect("a type").to_owned();
        family.valid(&name, json!({"from": "client", "text": text}), json!({}));
    }
    let fingerprint = node_keys(1).fingerprint();
    let node = [
        NodeFrame::Challenge {
            nonce: Nonce::from_bytes([3; 32]),
            url: node_url(1),
            fingerprint,
        },
        NodeFrame::Welcome {
            cursor: 7,
            time: NOW,
            closing_at: None,
        },
        NodeFrame::Outcomes {
            items: vec![
                Outcome {
                    submission,
                    code: None,
                },
                Outcome {
                    submission,
                    code: Some(ProblemCode::Undeliverable),
                },
            ],
        },
        NodeFrame::CaughtUp,
    ];
    for frame in node {
        let text = frame.to_text();
        let name = text.split('"').nth(3).expect("a type").to_owned();
        family.valid(&name, json!({"from": "node", "text": text}), json!({}));
    }
    let [small, ..] = FORWARD_CLASSES;
    let forward_box = vec![0x0f; small];
    let sealed = [0x1f; SEALED_LOOKUP];
    let submit = ClientBinary::Submit {
        submission,
        node: node_url(1),
        forward_box: &forward_box,
    };
    let lookup = ClientBinary::Lookup {
        request: 5,
        node: node_url(1),
        sealed: &sealed,
    };
    let asked = ClientBinary::NodeDocument {
        request: 6,
        node: node_url(1),
    };
    for (name, frame) in [
        ("submit", &submit),
        ("lookup", &lookup),
        ("ask a document", &asked),
    ] {
        family.valid(
            name,
            json!({"from": "client", "binary": hex(frame.encode())}),
            json!({}),
        );
    }
    let envelope = vec![0x2f; 4_096];
    let pushed = NodeBinary::Envelope {
        cursor: 43,
        arrived_at: NOW,
        mailbox,
        message_id: MessageId::from_bytes([4; 16]),
        envelope: &envelope,
    };
    let reply = LookupReply::Problem(ProblemCode::PeerUnreachable);
    let failed = NodeBinary::LookupAnswer { request: 5, reply };
    let reply = LookupReply::Bytes(b"a signed document");
    let document = NodeBinary::NodeDocument { request: 6, reply };
    for (name, frame) in [
        ("envelope", &pushed),
        ("no answer", &failed),
        ("document", &document),
    ] {
        family.valid(
            name,
            json!({"from": "node", "binary": hex(frame.encode())}),
            json!({}),
        );
    }
    let long_ids = format!(
        r#"{{"type":"tombstones_seen","ids":[{}1]}}"#,
        "1,".repeat(512)
    );
    for (name, reason, error, text) in [
        ("no JSON", "not JSON", "Malformed", "ack".to_owned()),
        (
            "unknown type",
            "no such frame",
            "Malformed",
            r#"{"type":"hello"}"#.into(),
        ),
        (
            "missing field",
            "no cursor",
            "Malformed",
            r#"{"type":"ack"}"#.into(),
        ),
        (
            "negative cursor",
            "out of range",
            "Malformed",
            r#"{"type":"ack","cursor":-1}"#.into(),
        ),
        (
            "padded base64",
            "base64url has no padding",
            "Malformed",
            r#"{"type":"login","login":"AA=="}"#.into(),
        ),
        ("long list", "at most 512 entries", "ListTooLong", long_ids),
    ] {
        family.invalid(name, reason, error, json!({"from": "client", "text": text}));
    }
    let cut = |frame: &ClientBinary<'_>, less: usize| {
        let bytes = frame.encode();
        let keep = bytes.len().saturating_sub(less);
        hex(bytes.get(..keep).expect("a start"))
    };
    for (name, reason, error, bytes) in [
        ("no bytes", "no type", "Malformed", hex([])),
        (
            "unknown binary type",
            "no such frame",
            "UnknownType",
            hex([9]),
        ),
        (
            "a node's frame",
            "clients do not push mail",
            "UnknownType",
            hex(failed.encode()),
        ),
        (
            "cut box",
            "no forward box has this length",
            "Malformed",
            cut(&submit, 1),
        ),
        (
            "cut lookup",
            "no lookup has this length",
            "Malformed",
            cut(&lookup, 1),
        ),
        (
            "cut URL",
            "shorter than announced",
            "Malformed",
            cut(&asked, 1),
        ),
    ] {
        family.invalid(
            name,
            reason,
            error,
            json!({"from": "client", "binary": bytes}),
        );
    }
    family
}
