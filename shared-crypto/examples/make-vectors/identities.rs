//! Families of what an identity signs: records, key packages, logins, events.

use serde_json::{Value, json};
use shared_crypto::cbor::{self, Bytes};
use shared_crypto::event::{Body, Event, NO_PREVIOUS, Name, conversation_of};
use shared_crypto::fixtures;
use shared_crypto::id::{Hash, MailboxId, MessageId, Nonce};
use shared_crypto::key_package::KeyPackage;
use shared_crypto::login::Login;
use shared_crypto::record::{
    Chain, DeliveryState, Record, RecordChanges, RecordKind, RecoveryChanges,
};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::rsa_keys::SigningKeyPair;
use shared_crypto::signed::sign;

use crate::family::{Family, changed, cut, hex, same, with};
use crate::people::{DEVICE, NOW, Person, delivery, node_keys, node_url, person, rng};
use crate::plain;

const RECORD: &str = "zechat/record/v1";

fn hexes(records: &[Vec<u8>]) -> Value {
    records.iter().map(hex).collect()
}

fn summary(chain: &Chain) -> Value {
    json!({
        "identity": hex(chain.identity().as_bytes()),
        "number": chain.number(),
        "head": hex(chain.head().as_bytes()),
        "signing_key": hex(chain.signing_key().modulus()),
        "active": chain.active().map(|entry| entry.node.to_string()).collect::<Vec<_>>(),
    })
}

/// Genesis, an update that adds a node and drains the first, a rotation of both keys, a recovery.
fn long_chain(alice: &Person) -> Chain {
    let rng = &mut rng(20);
    let mut chain = alice.chain.clone();
    let mut old = delivery(0, alice.intro);
    old.state = DeliveryState::Draining;
    let new = delivery(1, MailboxId::from_bytes([0x11; 32]));
    let changes = RecordChanges {
        delivery: Some(vec![old, new]),
        ..RecordChanges::default()
    };
    chain
        .append_update(changes, &alice.signing, NOW, rng)
        .expect("an update");
    let (signing, sealing) = fixtures::person(10);
    let changes = RecordChanges {
        signing_key: Some(signing.public().clone()),
        sealing_key: Some(sealing.public().clone()),
        ..RecordChanges::default()
    };
    chain
        .append_update(changes, &alice.signing, NOW, rng)
        .expect("a rotation");
    let (signing, sealing) = fixtures::person(11);
    let changes = RecoveryChanges {
        signing_key: signing.public().clone(),
        sealing_key: sealing.public().clone(),
        recovery: RecoveryPhrase::from_entropy(&[0x44; 16]).commitment(),
        delivery: None,
    };
    let key = alice.phrase.recovery_key();
    chain
        .append_recovery(changes, &key, NOW, rng)
        .expect("a recovery");
    chain
}

fn next(chain: &Chain) -> Record {
    Record {
        kind: RecordKind::Update,
        number: chain.number().saturating_add(1),
        previous: Some(chain.head()),
        identity: Some(chain.identity()),
        signing_key: None,
        sealing_key: None,
        recovery: None,
        delivery: None,
        signed_at: NOW,
        recovery_key: None,
    }
}

pub fn records() -> Family {
    let mut family = Family::new(
        "records",
        "Chains of records, protocol §4, from genesis on.",
    );
    let (alice, bob) = (person(0), person(1));
    let chain = long_chain(&alice);
    family.valid(
        "genesis",
        json!({"records": hexes(alice.chain.records())}),
        summary(&alice.chain),
    );
    family.valid(
        "move, rotation, recovery",
        json!({"records": hexes(chain.records())}),
        summary(&chain),
    );
    let genesis = alice.chain.records().first().expect("genesis").clone();
    let after = |record: Vec<u8>| json!({"records": hexes(&[genesis.clone(), record])});
    let by_alice = |record: &Record| after(plain::signed(RECORD, &cbor::encode(record), 0));
    let good = next(&alice.chain);
    let zero = Hash::from_bytes([0; 32]);
    let mut extended = cbor::encode(&good);
    // One key more: 64, of a later version.
    if let Some(first) = extended.first_mut() {
        *first = first.saturating_add(1);
    }
    extended.extend_from_slice(&[0x18, 0x40, 0x63, b'n', b'e', b'w']);
    let newer = plain::signed(RECORD, &extended, 0);
    let read = Chain::verify(&[genesis.clone(), newer.clone()]).expect("a newer record");
    family.valid("a key from 64 on is skipped", after(newer), summary(&read));
    let mut unknown = cbor::encode(&good);
    if let Some(first) = unknown.first_mut() {
        *first = first.saturating_add(1);
    }
    unknown.extend_from_slice(&[0x18, 0x3f, 0x00]);
    let unknown = after(plain::signed(RECORD, &unknown, 0));
    let tampered = |mut record: Vec<u8>| {
        if let Some(last) = record.last_mut() {
            *last ^= 1;
        }
        record
    };
    let mut six = Vec::new();
    for number in 0..6 {
        six.push(delivery(number, alice.intro));
    }
    let mut drained = delivery(0, alice.intro);
    drained.state = DeliveryState::Draining;
    let twice = vec![delivery(0, alice.intro), delivery(0, alice.intro)];
    let list = |list| {
        by_alice(&Record {
            delivery: Some(list),
            ..good.clone()
        })
    };
    let good_bytes = plain::signed(RECORD, &cbor::encode(&good), 0);
    let rotated: Vec<Vec<u8>> = chain.records().iter().take(3).cloned().collect();
    let rotated_chain = Chain::verify(&rotated).expect("a chain");
    let by_old = plain::signed(RECORD, &cbor::encode(&next(&rotated_chain)), 0);
    let by_old = json!({"records": hexes(&[rotated.clone(), vec![by_old]].concat())});
    let mut wrong_phrase = alice.chain.clone();
    let (signing, sealing) = fixtures::person(11);
    let wrong = RecoveryPhrase::from_entropy(&[0x45; 16]);
    let revealed = Record {
        kind: RecordKind::Recovery,
        signing_key: Some(signing.public().clone()),
        sealing_key: Some(sealing.public().clone()),
        recovery: Some(wrong.commitment()),
        recovery_key: Some(wrong.recovery_key().public()),
        ..next(&alice.chain)
    };
    let by_wrong = sign(revealed, &wrong.recovery_key(), &mut rng(21)).expect("a record");
    assert!(wrong_phrase.extend(&[by_wrong.bytes()]).is_err());
    let mut long = cbor::encode(&good);
    if let Some(first) = long.first_mut() {
        *first = first.saturating_add(1);
    }
    long.extend_from_slice(&[0x18, 0x40, 0x59, 0x3e, 0xff]);
    long.extend_from_slice(&[0; 0x3eff]);
    let small_key = small_key_genesis();
    for (name, reason, error, input) in [
        (
            "empty",
            "there is no genesis",
            "Empty",
            json!({"records": []}),
        ),
        (
            "begins with an update",
            "genesis comes first",
            "Genesis",
            json!({"records": hexes(std::slice::from_ref(&good_bytes))}),
        ),
        (
            "genesis twice",
            "genesis comes first only",
            "Genesis",
            after(genesis.clone()),
        ),
        (
            "skipped number",
            "2 after 0",
            "Number { expected: 1, found: 2 }",
            by_alice(&Record {
                number: 2,
                ..good.clone()
            }),
        ),
        (
            "fork",
            "two records with number 1",
            "Number { expected: 2, found: 1 }",
            json!({"records": hexes(&[
                genesis.clone(),
                good_bytes.clone(),
                plain::signed(RECORD, &cbor::encode(&Record { signed_at: 1, ..good.clone() }), 0),
            ])}),
        ),
        (
            "wrong previous hash",
            "does not chain",
            "Previous",
            by_alice(&Record {
                previous: Some(zero),
                ..good.clone()
            }),
        ),
        (
            "other identity",
            "another identity's record",
            "Identity",
            by_alice(&Record {
                identity: Some(bob.id()),
                ..good.clone()
            }),
        ),
        (
            "other signer",
            "signed by somebody else's key",
            "Record(Signature)",
            after(plain::signed(RECORD, &cbor::encode(&good), 2)),
        ),
        (
            "replaced signer",
            "signed by the key before the rotation",
            "Record(Signature)",
            by_old,
        ),
        (
            "other namespace",
            "signed as an event",
            "Record(Signature)",
            after(plain::signed("zechat/event/v1", &cbor::encode(&good), 0)),
        ),
        (
            "damaged signature",
            "one bit of the signature",
            "Record(Signature)",
            after(tampered(good_bytes.clone())),
        ),
        (
            "unknown suite",
            "suite 2",
            "Record(UnknownSuite(2))",
            after([&[2], good_bytes.get(1..).expect("a record")].concat()),
        ),
        (
            "trailing byte in the payload",
            "a byte follows the map",
            "Record(Payload(TrailingBytes))",
            after(plain::signed(
                RECORD,
                &[cbor::encode(&good), vec![0]].concat(),
                0,
            )),
        ),
        (
            "unknown key",
            "63 is not known",
            "Record(Payload(Shape))",
            unknown,
        ),
        (
            "too long",
            "over 16,384 bytes",
            "Record(TooLong)",
            after(plain::signed(RECORD, &long, 0)),
        ),
        (
            "no node",
            "1 to 5 nodes",
            "Record(Payload(Shape))",
            list(vec![]),
        ),
        (
            "six nodes",
            "1 to 5 nodes",
            "Record(Payload(Shape))",
            list(six),
        ),
        (
            "no active node",
            "at least one is active",
            "Record(Payload(Shape))",
            list(vec![drained]),
        ),
        (
            "a node twice",
            "fingerprints are distinct",
            "Record(Payload(Shape))",
            list(twice),
        ),
        (
            "recovery by another phrase",
            "not the committed key",
            "Recovery",
            after(by_wrong.bytes().to_vec()),
        ),
        (
            "key of 2048 bits",
            "3072 at least",
            "Record(Payload(Shape))",
            small_key,
        ),
    ] {
        family.invalid(name, reason, error, input);
    }
    family
}

/// A genesis whose signing key has 2048 bits: refused before its signature matters.
fn small_key_genesis() -> Value {
    let alice = person(0);
    let genesis = alice.chain.records().first().expect("genesis");
    let payload = plain::payload_of(genesis);
    let modulus = alice.signing.public().modulus();
    let at = payload
        .windows(modulus.len())
        .position(|part| part == modulus)
        .expect("the key");
    let start = payload.get(..at.saturating_sub(3)).expect("a start");
    let end = payload
        .get(at.saturating_add(modulus.len())..)
        .expect("an end");
    let small = modulus.get(..255).expect("a start");
    let payload = [start, &[0x59, 0x01, 0x00], small, &[0x01], end].concat();
    json!({"records": [hex(plain::framed(&payload, &[1; 256]))]})
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
    ];
    for (index, (case, body)) in (2u64..).zip(bodies) {
        let event = Event {
            counter: index,
            previous: text.hash(),
            kind: body.kind(),
            body: Bytes(body.to_bytes().expect("a body")),
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
