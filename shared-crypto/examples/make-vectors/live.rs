//! The family of the live socket's frames.

use serde_json::json;
use shared_crypto::envelope::CLASSES;
use shared_crypto::forward::FORWARD_CLASSES;
use shared_crypto::id::{MailboxId, MessageId, Nonce, SubmissionId};
use shared_crypto::live::{
    Base64Bytes, ClientBinary, ClientFrame, LookupReply, MAX_LIST, MAX_TEXT_FRAME, MailboxEntry,
    MailboxKind, NodeBinary, NodeFrame, Outcome, Tombstone,
};
use shared_crypto::lookup::SEALED_LOOKUP;
use shared_crypto::problem::ProblemCode;

use crate::family::{Family, hex};
use crate::people::{NOW, node_keys, node_url};

pub fn live() -> Family {
    let mut family = Family::new(
        "live",
        "Frames of the live socket, protocol §14; `from` says who sends. What is read is written \
         again in the same form, or as `again` says.",
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
    add_controls(&mut family, submission, mailbox);
    add_answers(&mut family);
    refuse_controls(&mut family);
    refuse_answers(&mut family);
    family
}

/// The control frames that are not above, and what a reader makes of what it does not know.
fn add_controls(family: &mut Family, submission: SubmissionId, mailbox: MailboxId) {
    let login = Base64Bytes(vec![0x3f; 40]);
    let ids = vec![1, u64::MAX];
    for (name, frame) in [
        ("login", ClientFrame::Login { login }),
        ("tombstones_seen", ClientFrame::TombstonesSeen { ids }),
    ] {
        let text = frame.to_text();
        family.valid(name, json!({"from": "client", "text": text}), json!({}));
    }
    let failed = |code, detail: &str, mailboxes| NodeFrame::Failed {
        request: 2,
        code,
        detail: detail.into(),
        mailboxes,
    };
    let (submissions, code) = (vec![submission], ProblemCode::RateLimited);
    let tombstone = Tombstone {
        id: 3,
        count: 2,
        from: NOW.saturating_sub(1),
        to: NOW,
    };
    let closing = NodeFrame::Welcome {
        cursor: 0,
        time: NOW,
        closing_at: Some(NOW),
    };
    for (name, frame) in [
        ("welcome of a node that closes", closing),
        ("done", NodeFrame::Done { request: 1 }),
        (
            "failed",
            failed(ProblemCode::TooLarge, "too many mailboxes", Vec::new()),
        ),
        (
            "failed for mailboxes of somebody else",
            failed(
                ProblemCode::Unauthorized,
                "\"somebody\" else has them ✓",
                vec![mailbox],
            ),
        ),
        ("accepted", NodeFrame::Accepted { submissions }),
        ("refused", NodeFrame::Refused { submission, code }),
        (
            "tombstones",
            NodeFrame::Tombstones {
                items: vec![tombstone],
            },
        ),
    ] {
        let text = frame.to_text();
        family.valid(name, json!({"from": "node", "text": text}), json!({}));
    }
    for (name, from, text, again) in [
        (
            "lists left out",
            "client",
            r#"{"type":"mailboxes","request":1}"#,
            r#"{"type":"mailboxes","request":1,"add":[],"remove":[]}"#,
        ),
        (
            "type not first, and white space",
            "client",
            "{ \"cursor\": 42,\n \"type\": \"ack\" }",
            r#"{"type":"ack","cursor":42}"#,
        ),
        (
            "a member of a later version",
            "node",
            r#"{"type":"done","request":1,"later":[{}]}"#,
            r#"{"type":"done","request":1}"#,
        ),
        (
            "a code of a later version",
            "node",
            r#"{"type":"refused","submission":"AQEBAQEBAQEBAQEBAQEBAQ","code":"from_the_future"}"#,
            r#"{"type":"refused","submission":"AQEBAQEBAQEBAQEBAQEBAQ","code":"internal"}"#,
        ),
    ] {
        let input = json!({"from": from, "text": text});
        family.valid(name, input, json!({"again": again}));
    }
}

/// What a node brings from another one, and why it brings nothing.
fn add_answers(family: &mut Family) {
    let [small, ..] = CLASSES;
    let sealed = vec![0x4f; small.saturating_add(48)];
    let answer = |bytes| NodeBinary::LookupAnswer {
        request: u32::MAX,
        reply: LookupReply::Bytes(bytes),
    };
    let refused = NodeBinary::NodeDocument {
        request: 6,
        reply: LookupReply::Problem(ProblemCode::RateLimited),
    };
    for (name, frame) in [
        ("answer", answer(&sealed)),
        // The frame is the node's and can be read; what is in it is another's, and cannot be opened.
        ("answer of no size", answer(&[])),
        ("no document", refused),
    ] {
        let input = json!({"from": "node", "binary": hex(frame.encode())});
        family.valid(name, input, json!({}));
    }
    let refused = |code: &str| hex([&[6, 0, 0, 0, 6, 1], code.as_bytes()].concat());
    family.valid(
        "no document, by a code of a later version",
        json!({"from": "node", "binary": refused("from_the_future")}),
        json!({"again": refused("internal")}),
    );
}

fn refuse_controls(family: &mut Family) {
    for (name, reason, text) in [
        (
            "a node's control frame",
            "clients do not say what is done",
            r#"{"type":"done","request":1}"#,
        ),
        (
            "login without a login",
            "nothing signed",
            r#"{"type":"login"}"#,
        ),
        (
            "login in another spelling",
            "bits after the last byte that are not zero",
            r#"{"type":"login","login":"AB"}"#,
        ),
        (
            "type twice",
            "two readers could take one each",
            r#"{"type":"ack","cursor":1,"type":"ack"}"#,
        ),
    ] {
        let input = json!({"from": "client", "text": text});
        family.invalid(name, reason, "Malformed", input);
    }
    let submission = r#""AQEBAQEBAQEBAQEBAQEBAQ""#;
    let mailbox = r#""AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI""#;
    let span = r#"{"id":3,"count":2,"from":1,"to":1}"#;
    let failed = |rest: &str| {
        format!(r#"{{"type":"failed","request":2,"code":"unauthorized","detail":""{rest}}}"#)
    };
    let (accepted, tombstones) = (
        |list: &str| format!(r#"{{"type":"accepted","submissions":[{list}]}}"#),
        |list: &str| format!(r#"{{"type":"tombstones","items":[{list}]}}"#),
    );
    for (name, reason, text) in [
        (
            "a client's control frame",
            "nodes do not acknowledge",
            r#"{"type":"ack","cursor":1}"#.to_owned(),
        ),
        (
            "done without a request",
            "nobody knows what",
            r#"{"type":"done"}"#.into(),
        ),
        (
            "request beyond 64 bits",
            "2^64",
            r#"{"type":"done","request":18446744073709551616}"#.into(),
        ),
        (
            "request with a fraction",
            "numbers are whole",
            r#"{"type":"done","request":1.0}"#.into(),
        ),
        (
            "a member twice",
            "two readers could take one each",
            r#"{"type":"done","request":1,"request":2}"#.into(),
        ),
        (
            "failed without a code",
            "nobody knows why",
            r#"{"type":"failed","request":2,"detail":""}"#.into(),
        ),
        (
            "failed without a detail",
            "it may be empty, not missing",
            r#"{"type":"failed","request":2,"code":"unauthorized"}"#.into(),
        ),
        (
            "failed for a short mailbox",
            "a mailbox has 32 bytes",
            failed(&format!(r#","mailboxes":[{submission}]"#)),
        ),
        (
            "accepted a long submission",
            "its id has 16 bytes",
            accepted(mailbox),
        ),
        (
            "refused without a code",
            "nobody knows why",
            format!(r#"{{"type":"refused","submission":{submission}}}"#),
        ),
        (
            "refused by a number",
            "codes are texts",
            format!(r#"{{"type":"refused","submission":{submission},"code":403}}"#),
        ),
        (
            "outcome of nothing",
            "no submission",
            r#"{"type":"outcomes","items":[{"code":null}]}"#.into(),
        ),
        (
            "tombstone without an end",
            "from when on, but not until when",
            tombstones(r#"{"id":3,"count":2,"from":1}"#),
        ),
        (
            "tombstone of fewer than nothing",
            "out of range",
            tombstones(r#"{"id":3,"count":-2,"from":1,"to":1}"#),
        ),
    ] {
        let input = json!({"from": "node", "text": text});
        family.invalid(name, reason, "Malformed", input);
    }
    let many = |entry: &str| vec![entry; MAX_LIST.saturating_add(1)].join(",");
    let long = format!(r#","later":"{}""#, "x".repeat(MAX_TEXT_FRAME));
    for (name, reason, error, text) in [
        (
            "failed for many mailboxes",
            "at most 512 entries",
            "ListTooLong",
            failed(&format!(r#","mailboxes":[{}]"#, many(mailbox))),
        ),
        (
            "accepted too many",
            "at most 512 entries",
            "ListTooLong",
            accepted(&many(submission)),
        ),
        (
            "too many tombstones",
            "at most 512 entries",
            "ListTooLong",
            tombstones(&many(span)),
        ),
        ("long text", "over 65,536 bytes", "TooLong", failed(&long)),
    ] {
        family.invalid(name, reason, error, json!({"from": "node", "text": text}));
    }
}

fn refuse_answers(family: &mut Family) {
    let framed = |kind: u8, rest: &[u8]| [&[kind, 0, 0, 0, 6], rest].concat();
    for (name, reason, error, frame) in [
        (
            "a client's frame",
            "nodes do not submit",
            "UnknownType",
            framed(2, &[]),
        ),
        (
            "answer to nothing",
            "half a request number",
            "Malformed",
            vec![4, 0, 0],
        ),
        (
            "answer without a status",
            "cut before it",
            "Malformed",
            framed(4, &[]),
        ),
        (
            "document without a status",
            "cut before it",
            "Malformed",
            framed(6, &[]),
        ),
        (
            "answer of unknown status",
            "0 or 1",
            "Malformed",
            framed(4, &[2]),
        ),
        (
            "document of unknown status",
            "0 or 1",
            "Malformed",
            framed(6, &[2]),
        ),
        (
            "no document, by no text",
            "a code is UTF-8",
            "Malformed",
            framed(6, &[1, 0xff]),
        ),
    ] {
        let input = json!({"from": "node", "binary": hex(frame)});
        family.invalid(name, reason, error, input);
    }
}
