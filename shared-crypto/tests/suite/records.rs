//! Chains: what follows, what does not, and who may say so.

use shared_crypto::cbor::{self, DecodeError};
use shared_crypto::fixtures;
use shared_crypto::record::{
    Chain, ChainError, ChainOrder, Delivery, DeliveryState, Record, RecordChanges, RecordKind,
    RecoveryChanges,
};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::rsa_keys::SigningKeyPair;
use shared_crypto::signed::{SignedError, sign};
use shared_crypto::time::DAY;

use crate::support::{NOW, alice, bob, delivery, forge, node_a, node_b, rng, zero_hash};

forge!(ForgedRecord, "zechat/record/v1");

pub fn forged(record: &Record, key: &SigningKeyPair) -> Vec<u8> {
    let encoded = cbor::encode(record);
    sign(ForgedRecord(encoded), key, &mut rng(9))
        .unwrap()
        .bytes()
        .to_vec()
}

pub fn followed_by(chain: &Chain, record: &[u8]) -> Result<Chain, ChainError> {
    let records = [chain.records(), &[record.to_vec()]].concat();
    Chain::verify(&records)
}

pub fn next_update(chain: &Chain) -> Record {
    Record {
        kind: RecordKind::Update,
        number: chain.number() + 1,
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

pub fn shape() -> ChainError {
    ChainError::Record(SignedError::Payload(DecodeError::Shape))
}

pub fn rotated() -> (Chain, SigningKeyPair) {
    let (signing, sealing) = fixtures::person(10);
    let mut chain = alice().chain.clone();
    let changes = RecordChanges {
        signing_key: Some(signing.public().clone()),
        sealing_key: Some(sealing.public().clone()),
        ..RecordChanges::default()
    };
    chain
        .append_update(changes, &alice().signing, NOW + 1, &mut rng(1))
        .unwrap();
    (chain, signing)
}

fn recovered(chain: &Chain, phrase: &RecoveryPhrase) -> Result<Chain, ChainError> {
    let (signing, sealing) = fixtures::person(11);
    let changes = RecoveryChanges {
        signing_key: signing.public().clone(),
        sealing_key: sealing.public().clone(),
        recovery: RecoveryPhrase::from_entropy(&[77; 16]).commitment(),
        delivery: None,
    };
    let mut chain = chain.clone();
    chain.append_recovery(changes, &phrase.recovery_key(), NOW + DAY, &mut rng(2))?;
    Ok(chain)
}

#[test]
fn a_chain_is_what_was_signed() {
    let chain = Chain::verify(alice().chain.records()).unwrap();
    assert_eq!(chain.identity(), alice().id());
    assert_eq!(chain.head().as_bytes(), alice().id().as_bytes());
    assert_eq!((chain.number(), chain.hash_at(0)), (0, Some(chain.head())));
    assert_eq!(chain.hash_at(1), None);
    assert_eq!(chain.signing_key(), alice().signing.public());
    assert_eq!(chain.sealing_key(), alice().sealing.public());
    assert_eq!(chain.recovery(), alice().phrase.commitment());
    assert!(chain.lists(&node_a().keys.fingerprint()));
    assert!(!chain.lists(&node_b().keys.fingerprint()));
}

#[test]
fn moving_is_add_drain_remove() {
    let mut chain = alice().chain.clone();
    let (old, mut new) = (delivery(0, alice().intro), delivery(1, bob().intro));
    new.priority = 5;
    let draining = Delivery {
        state: DeliveryState::Draining,
        ..old.clone()
    };
    for list in [
        vec![new.clone(), old.clone()],
        vec![draining, new.clone()],
        vec![new.clone()],
    ] {
        let changes = RecordChanges {
            delivery: Some(list),
            ..RecordChanges::default()
        };
        chain
            .append_update(changes, &alice().signing, NOW, &mut rng(3))
            .unwrap();
    }
    let read = Chain::verify(chain.records()).unwrap();
    assert_eq!((read.number(), read.delivery()), (3, [new].as_slice()));
    let early = Chain::verify(&chain.records()[..2]).unwrap();
    let order: Vec<u64> = early.active().map(|entry| entry.priority).collect();
    assert_eq!(order, [0, 5]);
    let middle = Chain::verify(&chain.records()[..3]).unwrap();
    assert_eq!(middle.active().count(), 1);
    assert!(middle.lists(&node_a().keys.fingerprint()));
}

#[test]
fn a_rotated_key_signs_from_then_on_and_the_old_one_no_more() {
    let (mut chain, new) = rotated();
    let refused = chain.append_update(RecordChanges::default(), &alice().signing, NOW, &mut rng(4));
    assert_eq!(refused, Err(ChainError::KeyNotInForce));
    let by_old = forged(&next_update(&chain), &alice().signing);
    let error = followed_by(&chain, &by_old).unwrap_err();
    assert_eq!(error, ChainError::Record(SignedError::Signature));
    chain
        .append_update(RecordChanges::default(), &new, NOW, &mut rng(4))
        .unwrap();
    let read = Chain::verify(chain.records()).unwrap();
    assert_eq!(read.signing_key(), new.public());
    assert_eq!(
        read.signing_key_of(&chain.hash_at(0).unwrap()),
        Some(alice().signing.public())
    );
    assert_eq!(
        read.signing_key_of(&chain.hash_at(1).unwrap()),
        Some(new.public())
    );
    assert_eq!(read.number_of(&chain.hash_at(1).unwrap()), Some(1));
    assert_eq!(read.number_of(&zero_hash()), None);
    assert_eq!(read.signing_key_of(&zero_hash()), None);
}

#[test]
fn a_rotation_must_be_signed_by_the_old_key() {
    let new = fixtures::signing_key(10);
    let mut record = next_update(&alice().chain);
    record.signing_key = Some(new.public().clone());
    let error = followed_by(&alice().chain, &forged(&record, &new)).unwrap_err();
    assert_eq!(error, ChainError::Record(SignedError::Signature));
}

#[test]
fn links_between_records_hold_or_the_chain_is_refused() {
    let (chain, key) = (&alice().chain, &alice().signing);
    let good = next_update(chain);
    let skipped = Record {
        number: 2,
        ..good.clone()
    };
    let wrong_previous = Record {
        previous: Some(zero_hash()),
        ..good.clone()
    };
    let of_bob = Record {
        identity: Some(bob().id()),
        ..good.clone()
    };
    for (record, error) in [
        (
            skipped,
            ChainError::Number {
                expected: 1,
                found: 2,
            },
        ),
        (wrong_previous, ChainError::Previous),
        (of_bob, ChainError::Identity),
        (
            Record {
                number: 0,
                ..good.clone()
            },
            shape(),
        ),
        (
            Record {
                previous: None,
                ..good.clone()
            },
            shape(),
        ),
        (
            Record {
                identity: None,
                ..good.clone()
            },
            shape(),
        ),
        (
            Record {
                kind: RecordKind::Recovery,
                ..good.clone()
            },
            shape(),
        ),
    ] {
        assert_eq!(
            followed_by(chain, &forged(&record, key)).unwrap_err(),
            error
        );
    }
    assert!(followed_by(chain, &forged(&good, key)).is_ok());
    let by_bob = forged(&good, &bob().signing);
    let error = followed_by(chain, &by_bob).unwrap_err();
    assert_eq!(error, ChainError::Record(SignedError::Signature));
}

#[test]
fn a_genesis_record_comes_first_and_only_there() {
    let again = followed_by(&alice().chain, &alice().chain.records()[0]).unwrap_err();
    assert_eq!(again, ChainError::Genesis);
    let (chain, _) = rotated();
    assert_eq!(
        Chain::verify(&chain.records()[1..]).unwrap_err(),
        ChainError::Genesis
    );
    assert_eq!(
        Chain::verify::<Vec<u8>>(&[]).unwrap_err(),
        ChainError::Empty
    );
}

#[test]
fn order_of_chains_is_seen() {
    let mut one = alice().chain.clone();
    let mut other = alice().chain.clone();
    assert_eq!(one.compare(&other), ChainOrder::Same);
    one.append_update(
        RecordChanges::default(),
        &alice().signing,
        NOW + 1,
        &mut rng(5),
    )
    .unwrap();
    assert_eq!(one.compare(&other), ChainOrder::Older);
    assert_eq!(other.compare(&one), ChainOrder::Newer);
    other
        .append_update(
            RecordChanges::default(),
            &alice().signing,
            NOW + 2,
            &mut rng(6),
        )
        .unwrap();
    assert_eq!(one.compare(&other), ChainOrder::Forked);
    assert_eq!(one.compare(&bob().chain), ChainOrder::Forked);
    // The other branch does not continue this one.
    let before = one.head();
    let error = one.extend(&other.records()[1..]).unwrap_err();
    assert_eq!(
        error,
        ChainError::Number {
            expected: 2,
            found: 1
        }
    );
    assert_eq!(one.head(), before);
}

#[test]
fn extending_adds_all_records_or_none() {
    let mut whole = alice().chain.clone();
    for at in 1..4 {
        let rng = &mut rng(at);
        whole
            .append_update(RecordChanges::default(), &alice().signing, NOW + at, rng)
            .unwrap();
    }
    let mut read = alice().chain.clone();
    let mut damaged = whole.records()[1..].to_vec();
    *damaged[2].last_mut().unwrap() ^= 1;
    assert!(read.extend(&damaged).is_err());
    assert_eq!(read.number(), 0);
    read.extend(&whole.records()[1..]).unwrap();
    assert_eq!(read.compare(&whole), ChainOrder::Same);
}

#[test]
fn the_recovery_key_overrules_the_signing_key() {
    let chain = recovered(&rotated().0, &alice().phrase).unwrap();
    let mut read = Chain::verify(chain.records()).unwrap();
    let new = fixtures::signing_key(11);
    assert_eq!(read.signing_key(), new.public());
    let old = read.append_update(RecordChanges::default(), &alice().signing, NOW, &mut rng(7));
    assert_eq!(old, Err(ChainError::KeyNotInForce));
    read.append_update(RecordChanges::default(), &new, NOW, &mut rng(7))
        .unwrap();
    // The phrase was for one use: the next one is committed to now.
    assert_eq!(
        recovered(&read, &alice().phrase).unwrap_err(),
        ChainError::Recovery
    );
    assert!(recovered(&read, &RecoveryPhrase::from_entropy(&[77; 16])).is_ok());
}

#[test]
fn a_recovery_needs_the_committed_key_and_its_signature() {
    let wrong = RecoveryPhrase::from_entropy(&[78; 16]);
    assert_eq!(
        recovered(&alice().chain, &wrong).unwrap_err(),
        ChainError::Recovery
    );
    let (signing, sealing) = fixtures::person(11);
    let record = Record {
        kind: RecordKind::Recovery,
        signing_key: Some(signing.public().clone()),
        sealing_key: Some(sealing.public().clone()),
        recovery: Some(wrong.commitment()),
        recovery_key: Some(alice().phrase.recovery_key().public()),
        ..next_update(&alice().chain)
    };
    let error = followed_by(&alice().chain, &forged(&record, &alice().signing)).unwrap_err();
    assert_eq!(error, ChainError::Record(SignedError::Signature));
    for incomplete in [
        Record {
            signing_key: None,
            ..record.clone()
        },
        Record {
            sealing_key: None,
            ..record.clone()
        },
        Record {
            recovery: None,
            ..record.clone()
        },
        Record {
            recovery_key: None,
            ..record.clone()
        },
        Record {
            kind: RecordKind::Update,
            ..record.clone()
        },
    ] {
        let error = followed_by(&alice().chain, &forged(&incomplete, &alice().signing));
        assert_eq!(error.unwrap_err(), shape());
    }
}
