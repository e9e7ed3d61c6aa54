//! The family of chains of records.

use serde_json::{Value, json};
use shared_crypto::cbor;
use shared_crypto::fixtures;
use shared_crypto::id::{Hash, MailboxId};
use shared_crypto::record::{
    Chain, DeliveryState, Record, RecordChanges, RecordKind, RecoveryChanges,
};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::signed::sign;

use crate::family::{Family, hex};
use crate::identities::hexes;
use crate::people::{NOW, Person, delivery, person, rng};
use crate::plain;

const RECORD: &str = "zechat/record/v1";

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

/// An update after these records that changes nothing.
pub fn next(chain: &Chain) -> Record {
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
