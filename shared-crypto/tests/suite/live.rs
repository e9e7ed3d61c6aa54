//! Frames of the live socket.

use shared_crypto::envelope::CLASSES;
use shared_crypto::forward::FORWARD_CLASSES;
use shared_crypto::id::{MailboxId, MessageId, Nonce, SubmissionId};
use shared_crypto::live::{
    Base64Bytes, ClientBinary, ClientFrame, CloseCode, LiveError, LookupReply, MAX_BINARY_FRAME,
    MailboxEntry, MailboxKind, NodeBinary, NodeFrame, Outcome, Tombstone,
};
use shared_crypto::lookup::{MAX_SEALED_ANSWER, SEALED_LOOKUP};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;

use crate::support::node_a;

const SUBMISSION: SubmissionId = SubmissionId::from_bytes([1; 16]);
const MAILBOX: MailboxId = MailboxId::from_bytes([2; 32]);

fn client_frames() -> Vec<(ClientFrame, &'static str)> {
    vec![
        (
            ClientFrame::Login {
                login: Base64Bytes(vec![0, 1, 0xff]),
            },
            r#"{"type":"login","login":"AAH_"}"#,
        ),
        (
            ClientFrame::Mailboxes {
                request: 7,
                add: vec![MailboxEntry {
                    mailbox: MAILBOX,
                    kind: MailboxKind::Intro,
                }],
                remove: vec![],
            },
            concat!(
                r#"{"type":"mailboxes","request":7,"add":[{"mailbox":"#,
                r#""AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI","kind":"intro"}],"remove":[]}"#
            ),
        ),
        (
            ClientFrame::Ack { cursor: u64::MAX },
            r#"{"type":"ack","cursor":18446744073709551615}"#,
        ),
        (
            ClientFrame::OutcomesSeen {
                submissions: vec![SUBMISSION],
            },
            r#"{"type":"outcomes_seen","submissions":["AQEBAQEBAQEBAQEBAQEBAQ"]}"#,
        ),
        (
            ClientFrame::TombstonesSeen { ids: vec![1, 2] },
            r#"{"type":"tombstones_seen","ids":[1,2]}"#,
        ),
    ]
}

fn node_frames() -> Vec<(NodeFrame, &'static str)> {
    vec![
        (
            NodeFrame::Challenge {
                nonce: Nonce::from_bytes([3; 32]),
                url: node_a().url.clone(),
                fingerprint: shared_crypto::id::NodeFingerprint::from_bytes([4; 32]),
            },
            concat!(
                r#"{"type":"challenge","nonce":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM","#,
                r#""url":"https://node-0.example","#,
                r#""fingerprint":"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ"}"#
            ),
        ),
        (
            NodeFrame::Welcome {
                cursor: 5,
                time: 6,
                closing_at: None,
            },
            r#"{"type":"welcome","cursor":5,"time":6}"#,
        ),
        (
            NodeFrame::Welcome {
                cursor: 5,
                time: 6,
                closing_at: Some(7),
            },
            r#"{"type":"welcome","cursor":5,"time":6,"closing_at":7}"#,
        ),
        (
            NodeFrame::Done { request: 7 },
            r#"{"type":"done","request":7}"#,
        ),
        (
            NodeFrame::Failed {
                request: 7,
                code: ProblemCode::MailboxFull,
                detail: "full".into(),
                mailboxes: Vec::new(),
            },
            r#"{"type":"failed","request":7,"code":"mailbox_full","detail":"full"}"#,
        ),
        (
            NodeFrame::Failed {
                request: 7,
                code: ProblemCode::Unauthorized,
                detail: "taken".into(),
                mailboxes: vec![MailboxId::from_bytes([1; 32])],
            },
            r#"{"type":"failed","request":7,"code":"unauthorized","detail":"taken","mailboxes":["AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"]}"#,
        ),
        (
            NodeFrame::Accepted {
                submissions: vec![SUBMISSION],
            },
            r#"{"type":"accepted","submissions":["AQEBAQEBAQEBAQEBAQEBAQ"]}"#,
        ),
        (
            NodeFrame::Refused {
                submission: SUBMISSION,
                code: ProblemCode::NodeFull,
            },
            r#"{"type":"refused","submission":"AQEBAQEBAQEBAQEBAQEBAQ","code":"node_full"}"#,
        ),
        (
            NodeFrame::Outcomes {
                items: vec![
                    Outcome {
                        submission: SUBMISSION,
                        code: None,
                    },
                    Outcome {
                        submission: SUBMISSION,
                        code: Some(ProblemCode::Undeliverable),
                    },
                ],
            },
            concat!(
                r#"{"type":"outcomes","items":[{"submission":"AQEBAQEBAQEBAQEBAQEBAQ","code":null},"#,
                r#"{"submission":"AQEBAQEBAQEBAQEBAQEBAQ","code":"undeliverable"}]}"#
            ),
        ),
        (
            NodeFrame::Tombstones {
                items: vec![Tombstone {
                    id: 1,
                    count: 2,
                    from: 3,
                    to: 4,
                }],
            },
            r#"{"type":"tombstones","items":[{"id":1,"count":2,"from":3,"to":4}]}"#,
        ),
        (NodeFrame::CaughtUp, r#"{"type":"caught_up"}"#),
    ]
}

#[test]
fn text_frames_are_as_documented() {
    for (frame, text) in client_frames() {
        assert_eq!(frame.to_text(), text);
        assert_eq!(ClientFrame::parse(text), Ok(frame));
    }
    for (frame, text) in node_frames() {
        assert_eq!(frame.to_text(), text);
        assert_eq!(NodeFrame::parse(text), Ok(frame));
    }
}

#[test]
fn text_frames_are_lenient_to_what_is_newer_only() {
    let parsed = NodeFrame::parse(r#"{"type":"done","request":7,"more":true}"#);
    assert_eq!(parsed, Ok(NodeFrame::Done { request: 7 }));
    let parsed = ClientFrame::parse(r#"{"type":"mailboxes","request":7}"#);
    assert_eq!(
        parsed,
        Ok(ClientFrame::Mailboxes {
            request: 7,
            add: vec![],
            remove: vec![]
        })
    );
    let id = "AQEBAQEBAQEBAQEBAQEBAQ";
    let newer = format!(r#"{{"type":"refused","submission":"{id}","code":"brand_new"}}"#);
    let code = ProblemCode::Internal;
    assert_eq!(
        NodeFrame::parse(&newer),
        Ok(NodeFrame::Refused {
            submission: SUBMISSION,
            code
        })
    );
    for text in [
        "",
        "{}",
        "[]",
        "null",
        r#"{"type":"unheard_of"}"#,
        r#"{"type":"ack"}"#,
        r#"{"type":"ack","cursor":-1}"#,
        r#"{"type":"ack","cursor":1.5}"#,
        r#"{"type":"ack","cursor":18446744073709551616}"#,
        r#"{"type":"ack","cursor":1}x"#,
        r#"{"type":"login","login":"AA=="}"#,
        r#"{"type":"login","login":"AB"}"#,
        r#"{"type":"outcomes_seen","submissions":["AQ"]}"#,
    ] {
        assert_eq!(
            ClientFrame::parse(text),
            Err(LiveError::Malformed),
            "{text}"
        );
    }
}

#[test]
fn text_frames_are_bounded() {
    let ids = |count: usize| {
        ClientFrame::TombstonesSeen {
            ids: vec![1; count],
        }
        .to_text()
    };
    assert!(ClientFrame::parse(&ids(512)).is_ok());
    assert_eq!(ClientFrame::parse(&ids(513)), Err(LiveError::ListTooLong));
    let long = format!("{}{}", " ".repeat(65_536), ids(1));
    assert_eq!(ClientFrame::parse(&long), Err(LiveError::TooLong));
    let items = vec![
        Outcome {
            submission: SUBMISSION,
            code: None
        };
        513
    ];
    let many = NodeFrame::Outcomes { items }.to_text();
    assert_eq!(NodeFrame::parse(&many), Err(LiveError::ListTooLong));
    let deep = format!(r#"{{"type":"ack","cursor":{}"#, "[".repeat(10_000));
    assert_eq!(ClientFrame::parse(&deep), Err(LiveError::Malformed));
}

#[test]
fn binary_frames_come_back_and_not_when_cut() {
    let node = NodeUrl::parse("https://node.example").unwrap();
    let forward_box = vec![1; FORWARD_CLASSES[2]];
    let sealed = vec![2; SEALED_LOOKUP];
    let client = [
        ClientBinary::Submit {
            submission: SUBMISSION,
            node: node.clone(),
            forward_box: &forward_box,
        },
        ClientBinary::Lookup {
            request: 9,
            node: node.clone(),
            sealed: &sealed,
        },
        ClientBinary::NodeDocument {
            request: u32::MAX,
            node,
        },
    ];
    for frame in client {
        let bytes = frame.encode();
        assert_eq!(ClientBinary::parse(&bytes), Ok(frame));
        for length in (0..bytes.len())
            .rev()
            .step_by(bytes.len() / 200 + 1)
            .skip(1)
        {
            assert!(ClientBinary::parse(&bytes[..length]).is_err());
        }
        assert!(ClientBinary::parse(&[bytes.as_slice(), &[0]].concat()).is_err());
    }
    let envelope = vec![3; CLASSES[2]];
    let answer = vec![4; MAX_SEALED_ANSWER];
    let node = [
        NodeBinary::Envelope {
            cursor: 1,
            arrived_at: 2,
            mailbox: MAILBOX,
            message_id: MessageId::from_bytes([5; 16]),
            envelope: &envelope,
        },
        NodeBinary::LookupAnswer {
            request: 9,
            reply: LookupReply::Bytes(&answer),
        },
        NodeBinary::LookupAnswer {
            request: 9,
            reply: LookupReply::Problem(ProblemCode::PeerUnreachable),
        },
        NodeBinary::NodeDocument {
            request: 9,
            reply: LookupReply::Bytes(&[]),
        },
    ];
    for frame in node {
        let bytes = frame.encode();
        assert_eq!(NodeBinary::parse(&bytes), Ok(frame));
        assert!(NodeBinary::parse(&bytes[..5.min(bytes.len() - 1)]).is_err());
    }
}

#[test]
fn strange_binary_frames_are_refused() {
    let malformed = Some(LiveError::Malformed);
    assert_eq!(ClientBinary::parse(&[]).err(), malformed);
    assert_eq!(NodeBinary::parse(&[]).err(), malformed);
    for kind in [0, 1, 4, 6, 7, 255] {
        assert_eq!(
            ClientBinary::parse(&[kind; 40]).err(),
            Some(LiveError::UnknownType)
        );
    }
    for kind in [0, 2, 3, 5, 7, 255] {
        assert_eq!(
            NodeBinary::parse(&[kind; 40]).err(),
            Some(LiveError::UnknownType)
        );
    }
    let too_long = vec![2; MAX_BINARY_FRAME + 1];
    assert_eq!(
        ClientBinary::parse(&too_long).err(),
        Some(LiveError::TooLong)
    );
    for url in ["http://example.org", "https://example.org/", "\u{ff}"] {
        let length = u8::try_from(url.len()).unwrap();
        let frame = [&[5, 0, 0, 0, 1, length], url.as_bytes()].concat();
        assert_eq!(ClientBinary::parse(&frame).err(), malformed, "{url}");
    }
    let not_text = [5, 0, 0, 0, 1, 2, 0xff, 0xff];
    assert_eq!(ClientBinary::parse(&not_text).err(), malformed);
    assert_eq!(NodeBinary::parse(&[4, 0, 0, 0, 1, 2]).err(), malformed);
    assert_eq!(
        NodeBinary::parse(&[4, 0, 0, 0, 1, 1, 0xff]).err(),
        malformed
    );
    let newer = NodeBinary::parse(b"\x04\0\0\0\x01\x01brand_new").unwrap();
    let reply = LookupReply::Problem(ProblemCode::Internal);
    assert_eq!(newer, NodeBinary::LookupAnswer { request: 1, reply });
}

#[test]
fn close_codes_are_their_numbers() {
    for number in [1001, 1008, 1009, 1013, 4001, 4003] {
        assert_eq!(
            CloseCode::from_number(number).map(CloseCode::number),
            Some(number)
        );
    }
    assert_eq!(CloseCode::from_number(1000), None);
}
