//! One message from one person to another, with every value between: a family of one case, and the
//! same for people to read.

use std::fmt::Write as _;

use serde_json::{Value, json};
use shared_crypto::cbor::Bytes;
use shared_crypto::event::{Body, Content, Event, NO_PREVIOUS, conversation_of};
use shared_crypto::forward::seal_forward;
use shared_crypto::hash::sha256;
use shared_crypto::id::{MailboxId, MessageId};
use shared_crypto::postage::Postage;
use shared_crypto::signed::sign;

use crate::family::{Family, hex};
use crate::identities::hexes;
use crate::people::{DEVICE, NOW, document, node_keys, person, rng};
use crate::plain::{self, Envelope};

const MAILBOX: MailboxId = MailboxId::from_bytes([0x77; 32]);
const PAIR: [u8; 32] = [0x70; 32];

/// The family, and the document that shows it.
pub fn worked_example() -> (Family, String) {
    let (alice, bob) = (person(0), person(1));
    let body = Body::Text("Hello, Bob".into());
    let id = MessageId::from_bytes([0x3c; 16]);
    let event = Event {
        sender: alice.id(),
        record: alice.chain.head(),
        recipient: bob.id(),
        conversation: conversation_of(&alice.id(), &bob.id()),
        device: DEVICE,
        counter: 1,
        previous: NO_PREVIOUS,
        sent_at: NOW,
        message_id: id,
        kind: body.kind(),
        body: Bytes(body.to_bytes().expect("a body")),
        lifetime: None,
    };
    let body_bytes = event.body.clone();
    let signed = sign(event, &alice.signing, &mut rng(100)).expect("an event");
    let content = Content {
        event: Bytes(signed.bytes().to_vec()),
        key_package: None,
        records: None,
    };
    let content = content.to_bytes();
    let padded = plain::pad(&content, 4_096 - 1_140 - 32 - 16);
    let package_id = bob.package.id();
    let hint = package_id.as_bytes().get(..16).expect("32 bytes");
    let (sender, recipient) = (*alice.id().as_bytes(), *bob.id().as_bytes());
    let sealed = Envelope {
        kind: 2,
        hint,
        public_key: &bob.receive.public(),
        r: &[],
        other: &PAIR,
        sender: &sender,
        recipient: &recipient,
        mailbox: MAILBOX.as_bytes(),
        padded: &padded,
        seed: 101,
        break_commitment: false,
    }
    .steps();
    let postage = Postage::none();
    let boxed = seal_forward(
        &document(1),
        &MAILBOX,
        &id,
        &postage,
        &sealed.envelope,
        &mut rng(102),
    )
    .expect("a box");
    let payload = plain::payload_of(signed.bytes());
    let okm = |from: usize, to: usize| hex(sealed.okm.get(from..to).expect("76 bytes"));
    let input = json!({
        "node_keys": hex(*node_keys(1).to_bytes()),
        "receive_seed": hex([0xb1; 32]),
        "pair": hex(PAIR),
        "sender": hex(sender),
        "recipient": hex(recipient),
        "sender_records": hexes(alice.chain.records()),
        "box": hex(&boxed),
    });
    let expected = json!({
        "node_fingerprint": hex(node_keys(1).fingerprint().as_bytes()),
        "hpke_info": hex([plain::prefix("zechat/forward/v1").as_slice(), node_keys(1).fingerprint().as_bytes()].concat()),
        "hpke_enc": hex(boxed.get(..32).expect("a key")),
        "mailbox": hex(MAILBOX.as_bytes()),
        "message_id": hex(id.as_bytes()),
        "postage": hex(postage.as_bytes()),
        "envelope_sha256": hex(sha256(&sealed.envelope)),
        "key_package_hint": hex(hint),
        "header_sha256": hex(sha256(&sealed.header)),
        "x_wing_secret": hex(&sealed.shared),
        "transcript": hex(&sealed.transcript),
        "key": okm(0, 32),
        "nonce": okm(32, 44),
        "commitment": okm(44, 76),
        "content": hex(&content),
        "event_payload": hex(&payload),
        "signature_input_sha256": hex(sha256(&[plain::prefix("zechat/event/v1").as_slice(), &payload].concat())),
        "event_hash": hex(plain::h("zechat/event/v1", &payload)),
        "body": hex(&body_bytes),
        "text": "Hello, Bob",
    });
    let document = describe(&input, &expected);
    let mut family = Family::new(
        "worked-example",
        "One message from end to end: Bob's node opens the forward box, Bob the envelope, and every value between. \
         docs/worked-example.md tells it in words.",
    );
    family.valid("hello", input, expected);
    (family, document)
}

/// The values in the order in which they come, with what they are.
const STEPS: &[(&str, &[(&str, &str)])] = &[
    (
        "1. What Alice says",
        &[
            (
                "body",
                "The body of a text (§7), CBOR `{0: \"Hello, Bob\"}`",
            ),
            ("event_payload", "The event's payload (§7), CBOR"),
            (
                "signature_input_sha256",
                "SHA-256 of prefix(\"zechat/event/v1\") ‖ payload, which PSS signs (§3)",
            ),
            (
                "event_hash",
                "The event's hash, H(\"zechat/event/v1\", payload): the *previous* of Alice's next one",
            ),
            (
                "content",
                "The content of the envelope (§7), CBOR `{0: signed event}`; the signed event is 0x01 ‖ length (4) ‖ payload ‖ signature (384)",
            ),
        ],
    ),
    (
        "2. The envelope to Bob",
        &[
            (
                "key_package_hint",
                "First 16 bytes of the id of Bob's key package",
            ),
            (
                "x_wing_secret",
                "The secret of the X-Wing encapsulation to it",
            ),
            (
                "header_sha256",
                "SHA-256 of the header: 0x01 ‖ 0x02 ‖ hint ‖ X-Wing ciphertext ‖ 0x0000 (no R)",
            ),
            ("mailbox", "The mailbox that Bob gave Alice"),
            (
                "transcript",
                "H(\"zechat/envelope/v1\", header ‖ Alice's id ‖ Bob's id ‖ mailbox)",
            ),
            (
                "key",
                "KDF(\"zechat/envelope/v1\", X-Wing secret ‖ pair secret, transcript, 76): first the key",
            ),
            ("nonce", "then the nonce"),
            (
                "commitment",
                "then the commitment, which follows the header",
            ),
            (
                "envelope_sha256",
                "SHA-256 of the envelope: header ‖ commitment ‖ AES-256-GCM(length of content (4) ‖ content ‖ zeros; header as associated data), 4,096 bytes",
            ),
        ],
    ),
    (
        "3. The forward box to Bob's node",
        &[
            ("node_fingerprint", "The fingerprint of Bob's node (§12)"),
            (
                "hpke_info",
                "The info of HPKE (§11): prefix(\"zechat/forward/v1\") ‖ fingerprint",
            ),
            (
                "hpke_enc",
                "HPKE's encapsulated key, with which the box begins",
            ),
            (
                "message_id",
                "The message id, which is the one inside the event",
            ),
            ("postage", "No postage: it is a contact mailbox"),
        ],
    ),
];

fn describe(input: &Value, expected: &Value) -> String {
    let mut text = String::from(
        "# One message, with every value between\n\n\
         Made by the generator of the [vectors](vectors/README.md) from `worked-example.json`, which holds the box itself \
         (4,232 bytes) and is read by both implementations. Sections are those of the [protocol](protocol.md). \
         Long values are in hexadecimal and cut here after 64 bytes.\n\n\
         Alice and Bob are in contact. Alice's client hands the forward box to her home node, with the URL of Bob's.\n\n\
         ```mermaid\n\
         sequenceDiagram\n    participant A as Alice\n    participant H as Alice's node\n    participant N as Bob's node\n    participant B as Bob\n\
         \x20   A->>H: submit (submission id, URL of Bob's node, forward box)\n    H-->>A: accepted\n\
         \x20   H->>N: deliver (batch of boxes, signed by the node)\n    N->>N: opens the box: mailbox, message id, postage, envelope\n    N-->>H: results\n    H-->>A: outcomes\n\
         \x20   N->>B: envelope (cursor, mailbox, message id)\n    B->>B: opens the envelope, verifies the event\n    B-->>N: ack (cursor)\n\
         ```\n",
    );
    let value = |name: &str| {
        let value = expected.get(name).or_else(|| input.get(name));
        let value = value.and_then(Value::as_str).expect("a text").to_owned();
        match value.get(..128) {
            Some(start) if value.len() > 128 => format!("{start}… ({} bytes)", value.len() / 2),
            _ => value,
        }
    };
    text.push_str("\n## 0. What is there before\n\n");
    for (name, what) in [
        (
            "sender",
            "Alice's identity id: H(\"zechat/record/v1\", payload of her genesis record)",
        ),
        ("recipient", "Bob's"),
        ("pair", "Their pair secret (§8)"),
        (
            "receive_seed",
            "The seed of Bob's receive key, from which his key package's X-Wing key comes",
        ),
    ] {
        let _ = writeln!(text, "- {what}:\n  `{}`", value(name));
    }
    for (title, values) in STEPS {
        let _ = write!(text, "\n## {title}\n\n");
        for (name, what) in *values {
            let _ = writeln!(text, "- {what}:\n  `{}`", value(name));
        }
    }
    text.push_str(
        "\n## 4. Back again\n\nBob's node opens the box with its forward key, sees that the mailbox is there and needs no postage, stores the envelope and \
         answers. Bob's client finds its receive key by the hint, computes the same secret, transcript, key, nonce and commitment, \
         compares the commitment, opens, checks that the padding is zero, reads the content, and verifies the event: the \
         signature by the key in force in the record that it names, sender, recipient, conversation, message id, counter and previous hash.\n",
    );
    text
}
