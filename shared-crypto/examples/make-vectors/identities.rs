//! Families of what an identity signs: key packages, logins, events.

use serde_json::{Value, json};
use shared_crypto::cbor::{self, Bytes};
use shared_crypto::event::{Body, Event, NO_PREVIOUS, Name, conversation_of, kind};
use shared_crypto::id::{Hash, MailboxId, MessageId, Nonce, Pass};
use shared_crypto::key_package::KeyPackage;
use shared_crypto::login::Login;
use shared_crypto::rsa_keys::SigningKeyPair;
use shared_crypto::signed::sign;

use crate::family::{Family, changed, cut, hex, same, with};
use crate::people::{DEVICE, NOW, Person, node_keys, node_url, person, rng};
use crate::plain;

pub fn hexes(records: &[Vec<u8>]) -> Value {
    records.iter().map(hex).collect()
}

pub fn key_package() -> Family {
    let mut family = Family::new("key-package", "Key packages, protocol §5.");
    let (alice, bob) = (person(0), person(1));
    let package = &alice.package;
    let input = json!({
        "signer": hex(alice.signing.public().modulus()),
        "package": hex(package.bytes()),
    });
    family.valid(
        "first epoch",
        input.clone(),
        json!({
            "id": hex(plain::h("zechat/key-package/v1", &plain::payload_of(package.bytes()))),
            "identity": hex(alice.id().as_bytes()),
            "epoch": 1,
            "public_key": hex(alice.receive.public()),
            "created_at": NOW,
            "refresh_at": package.refresh_at,
        }),
    );
    let forged = |package: KeyPackage| {
        let bytes = plain::signed("zechat/key-package/v1", &cbor::encode(&package), 0);
        with(&input, json!({"package": hex(bytes)}))
    };
    let good = || package.clone().into_inner();
    let mut small_order = good();
    for byte in small_order.public_key.0.iter_mut().skip(1_184) {
        *byte = 0;
    }
    let mut out_of_range = good();
    for byte in out_of_range.public_key.0.iter_mut().take(3) {
        *byte = 0xff;
    }
    let shape = "Payload(Shape)";
    family.invalid(
        "epoch 0",
        "epochs begin at 1",
        shape,
        forged(KeyPackage { epoch: 0, ..good() }),
    );
    family.invalid(
        "an epoch ahead of time",
        "one epoch a second since 1970 at most",
        shape,
        forged(KeyPackage {
            epoch: NOW / 1_000 + 1,
            ..good()
        }),
    );
    family.invalid(
        "other refresh",
        "7 days after it was made",
        shape,
        forged(KeyPackage {
            refresh_at: NOW,
            ..good()
        }),
    );
    family.invalid(
        "X25519 of small order",
        "gives a secret of zeros",
        shape,
        forged(small_order),
    );
    family.invalid(
        "ML-KEM out of range",
        "a coefficient above q",
        shape,
        forged(out_of_range),
    );
    let by_bob =
        json!({"signer": hex(bob.signing.public().modulus()), "package": same("first epoch")});
    family.invalid(
        "other signer",
        "not this key's signature",
        "Signature",
        by_bob,
    );
    let flipped = with(&input, json!({"package": changed("first epoch", 700, 1)}));
    family.invalid("flipped bit", "in the public key", "Signature", flipped);
    let short = with(&input, json!({"package": cut("first epoch", 60)}));
    family.invalid("cut", "shorter than announced", "Framing", short);
    family
}

pub fn login() -> Family {
    let mut family = Family::new("login", "Logins, protocol §13.");
    let (alice, bob) = (person(0), person(1));
    let fingerprint = node_keys(1).fingerprint();
    let nonce = Nonce::from_bytes([0x2a; 32]);
    let login = Login {
        node: node_url(1),
        fingerprint,
        nonce,
        identity: alice.id(),
        device: DEVICE,
        at: NOW,
    };
    let signed = login.sign(&alice.signing, &mut rng(30)).expect("a login");
    let input = json!({
        "login": hex(signed.bytes()),
        "url": node_url(1).to_string(),
        "fingerprint": hex(fingerprint.as_bytes()),
        "nonce": hex(nonce.as_bytes()),
        "signer": hex(alice.signing.public().modulus()),
        "now": NOW,
    });
    let expected = json!({"identity": hex(alice.id().as_bytes()), "device": hex(DEVICE.as_bytes()), "at": NOW});
    family.valid("at the time", input.clone(), expected.clone());
    let base = with(&input, json!({"login": same("at the time")}));
    let late = NOW.saturating_add(300_000);
    family.valid(
        "five minutes late",
        with(&base, json!({"now": late})),
        expected,
    );
    for (name, reason, error, fields) in [
        (
            "other URL",
            "for another node",
            "OtherNode",
            json!({"url": node_url(2).to_string()}),
        ),
        (
            "other node key",
            "for another node",
            "OtherNode",
            json!({"fingerprint": hex([0; 32])}),
        ),
        (
            "other nonce",
            "another challenge",
            "OtherNonce",
            json!({"nonce": hex([0x2b; 32])}),
        ),
        (
            "too late",
            "over 5 minutes",
            "Time",
            json!({"now": late.saturating_add(1)}),
        ),
        (
            "too early",
            "over 5 minutes",
            "Time",
            json!({"now": NOW.saturating_sub(300_001)}),
        ),
        (
            "other identity's key",
            "not this key's signature",
            "Signed(Signature)",
            json!({"signer": hex(bob.signing.public().modulus())}),
        ),
        (
            "flipped bit",
            "in the device id",
            "Signed(Signature)",
            json!({"login": changed("at the time", signed.bytes().len().saturating_sub(384 + 12), 4)}),
        ),
        (
            "cut",
            "no whole signature",
            "Signed(Signature)",
            json!({"login": cut("at the time", 500)}),
        ),
    ] {
        family.invalid(name, reason, error, with(&base, fields));
    }
    family
}

fn text_event(alice: &Person, bob: &Person, id: MessageId) -> Event {
    let body = Body::Text("Grüße aus dem Zug 🚆".into());
    Event {
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
    }
}

fn event_summary(event: &Event, hash: &Hash) -> Value {
    json!({
        "hash": hex(hash.as_bytes()),
        "conversation": hex(event.conversation.as_bytes()),
        "device": hex(event.device.as_bytes()),
        "counter": event.counter,
        "previous": hex(event.previous.as_bytes()),
        "sent_at": event.sent_at,
        "kind": event.kind,
        "body": hex(&event.body),
        "lifetime": event.lifetime,
    })
}

pub fn event() -> Family {
    let mut family = Family::new(
        "event",
        "Signed events, protocol §7, read by the sender's chain. A body is checked with its event.",
    );
    let (alice, bob, carol) = (person(0), person(1), person(2));
    let id = MessageId::from_bytes([0x3c; 16]);
    let input = |event: &[u8]| {
        json!({
            "event": hex(event),
            "records": hexes(alice.chain.records()),
            "recipient": hex(bob.id().as_bytes()),
            "message_id": hex(id.as_bytes()),
        })
    };
    let by = |event: Event, key: &SigningKeyPair| sign(event, key, &mut rng(40)).expect("an event");
    let text = by(text_event(&alice, &bob, id), &alice.signing);
    family.valid(
        "text",
        input(text.bytes()),
        event_summary(&text, &text.hash()),
    );
    let name = Name::parse("Ada").expect("a name");
    let asker = name.clone();
    let mailbox = MailboxId::from_bytes([0x33; 32]);
    let one = vec![MessageId::from_bytes([1; 16])];
    let bodies = [
        (
            "receipt",
            Body::Receipt {
                delivered: one.clone(),
                read: one,
            },
        ),
        ("profile", Body::Profile { name: name.clone() }),
        (
            "first contact",
            Body::FirstContact {
                name: name.clone(),
                mailbox,
                text: "Hello".into(),
                pass: None,
            },
        ),
        ("acceptance", Body::Acceptance { name, mailbox }),
        (
            "a kind of a later version",
            Body::Unknown {
                kind: 40,
                bytes: vec![0xa0],
            },
        ),
        (
            "reply",
            Body::Reply {
                text: "Yes".into(),
                to: MessageId::from_bytes([1; 16]),
            },
        ),
        (
            "reaction",
            Body::Reaction {
                to: MessageId::from_bytes([1; 16]),
                sign: "👍".into(),
            },
        ),
        (
            "edit",
            Body::Edit {
                of: MessageId::from_bytes([1; 16]),
                text: "No".into(),
            },
        ),
        (
            "delete",
            Body::Delete {
                of: MessageId::from_bytes([1; 16]),
            },
        ),
        ("typing", Body::Typing),
        ("timer, with a lifetime", Body::Timer { seconds: 86_400 }),
        (
            "first contact with a pass",
            Body::FirstContact {
                name: asker,
                mailbox,
                text: "Hello".into(),
                pass: Some(Pass::from_bytes([5; 8])),
            },
        ),
    ];
    for (index, (case, body)) in (2u64..).zip(bodies) {
        let event = Event {
            counter: index,
            previous: text.hash(),
            kind: body.kind(),
            body: Bytes(body.to_bytes().expect("a body")),
            lifetime: (kind::TIMER == body.kind()).then_some(3_600),
            ..text_event(&alice, &bob, id)
        };
        let event = by(event, &alice.signing);
        let summary = event_summary(&event, &event.hash());
        family.valid(
            case,
            with(&input(event.bytes()), json!({"records": same("text")})),
            summary,
        );
    }
    let base = with(
        &input(text.bytes()),
        json!({"event": same("text"), "records": same("text")}),
    );
    let with_event = |event: &[u8]| with(&base, json!({"event": hex(event)}));
    let good = text_event(&alice, &bob, id);
    let forged =
        |event: &Event| with_event(&plain::signed("zechat/event/v1", &cbor::encode(event), 0));
    let to_carol = Event {
        recipient: carol.id(),
        ..good.clone()
    };
    let elsewhere = conversation_of(&alice.id(), &carol.id());
    let other_record = Event {
        record: bob.chain.head(),
        ..good.clone()
    };
    let empty = Event {
        body: Bytes(vec![0xa1, 0x00, 0x60]),
        ..good.clone()
    };
    // Name, mailbox, text, and a pass of two bytes.
    let short_pass = [
        &[0xa4, 0x00, 0x63, b'A', b'd', b'a', 0x01, 0x58, 0x20][..],
        mailbox.as_bytes(),
        &[0x02, 0x62, b'H', b'i', 0x03, 0x42, 5, 5],
    ];
    let short_pass = Event {
        kind: kind::FIRST_CONTACT,
        body: Bytes(short_pass.concat()),
        ..good.clone()
    };
    let bob_chain = json!({"records": hexes(bob.chain.records())});
    let as_login = plain::signed("zechat/login/v1", &cbor::encode(&good), 0);
    for (name, reason, error, input) in [
        (
            "other sender",
            "the chain of somebody else",
            "Sender",
            with(&base, bob_chain),
        ),
        (
            "other recipient",
            "said to somebody else",
            "Recipient",
            with(&base, json!({"recipient": hex(carol.id().as_bytes())})),
        ),
        (
            "for carol",
            "said to somebody else",
            "Recipient",
            forged(&to_carol),
        ),
        (
            "other conversation",
            "of two other people",
            "Conversation",
            forged(&Event {
                conversation: elsewhere,
                ..good.clone()
            }),
        ),
        (
            "other message id",
            "delivered under another id",
            "MessageId",
            with(&base, json!({"message_id": hex([0; 16])})),
        ),
        (
            "unknown record",
            "not in the sender's chain",
            "UnknownRecord",
            forged(&other_record),
        ),
        (
            "counter 0",
            "counters begin at 1",
            "Signed(Payload(Shape))",
            forged(&Event {
                counter: 0,
                ..good.clone()
            }),
        ),
        (
            "no previous",
            "only the first event has none",
            "Signed(Payload(Shape))",
            forged(&Event {
                counter: 2,
                ..good.clone()
            }),
        ),
        (
            "other signer",
            "signed by the recipient",
            "Signed(Signature)",
            with_event(&plain::signed("zechat/event/v1", &cbor::encode(&good), 2)),
        ),
        (
            "other namespace",
            "signed as a login",
            "Signed(Signature)",
            with_event(&as_login),
        ),
        (
            "empty text",
            "1 byte at least",
            "Body(Shape)",
            forged(&empty),
        ),
        (
            "pass of two bytes",
            "8 bytes",
            "Body(Shape)",
            forged(&short_pass),
        ),
        (
            "flipped bit",
            "in the signature",
            "Signed(Signature)",
            with(
                &base,
                json!({"event": changed("text", text.bytes().len().saturating_sub(9), 16)}),
            ),
        ),
    ] {
        family.invalid(name, reason, error, input);
    }
    family
}
