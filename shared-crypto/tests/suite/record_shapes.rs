//! Single records: what is complete, whole and short enough to be one.

use shared_crypto::cbor;
use shared_crypto::id::{Hash, IdentityId, MailboxId};
use shared_crypto::record::{
    Chain, ChainError, Delivery, DeliveryState, Record, RecordChanges, RecordKind,
};
use shared_crypto::signed::{SignedError, sign};

use crate::records::{followed_by, forged, next_update, rotated, shape};
use crate::support::{NOW, alice, bob, delivery, flipped, forge, rng, zero_hash};

forge!(ForgedRecord, "zechat/record/v1");

#[test]
fn delivery_lists_name_one_to_five_nodes_one_of_them_active() {
    let entry = |number: u8| delivery(number, MailboxId::from_bytes([number; 32]));
    let draining = Delivery {
        state: DeliveryState::Draining,
        ..entry(0)
    };
    for list in [
        vec![],
        (0..6).map(entry).collect(),
        vec![draining],
        vec![
            entry(0),
            Delivery {
                priority: 9,
                ..entry(0)
            },
        ],
    ] {
        let record = Record {
            delivery: Some(list.clone()),
            ..next_update(&alice().chain)
        };
        let error = followed_by(&alice().chain, &forged(&record, &alice().signing)).unwrap_err();
        assert_eq!(error, shape());
        let mut chain = alice().chain.clone();
        let changes = RecordChanges {
            delivery: Some(list),
            ..RecordChanges::default()
        };
        let own = chain
            .append_update(changes, &alice().signing, NOW, &mut rng(8))
            .unwrap_err();
        assert_eq!(own, shape());
    }
}

#[test]
fn genesis_records_are_complete() {
    let read = |record: &Record| Chain::verify(&[forged(record, &alice().signing)]);
    let good = Record {
        kind: RecordKind::Genesis,
        number: 0,
        previous: None,
        identity: None,
        signing_key: Some(alice().signing.public().clone()),
        sealing_key: Some(alice().sealing.public().clone()),
        recovery: Some(zero_hash()),
        delivery: Some(vec![delivery(0, alice().intro)]),
        signed_at: NOW,
        recovery_key: None,
    };
    assert!(read(&good).is_ok());
    for incomplete in [
        Record {
            number: 1,
            ..good.clone()
        },
        Record {
            previous: Some(zero_hash()),
            ..good.clone()
        },
        Record {
            identity: Some(IdentityId::from_bytes([0; 32])),
            ..good.clone()
        },
        Record {
            signing_key: None,
            ..good.clone()
        },
        Record {
            sealing_key: None,
            ..good.clone()
        },
        Record {
            recovery: None,
            ..good.clone()
        },
        Record {
            delivery: None,
            ..good.clone()
        },
        Record {
            recovery_key: Some(alice().phrase.recovery_key().public()),
            ..good.clone()
        },
    ] {
        assert_eq!(read(&incomplete).unwrap_err(), shape());
    }
    let other_key = Record {
        signing_key: Some(bob().signing.public().clone()),
        ..good
    };
    assert_eq!(
        read(&other_key).unwrap_err(),
        ChainError::Record(SignedError::Signature)
    );
}

#[test]
fn what_was_signed_by_somebody_is_theirs_alone() {
    let mixed = [
        bob().chain.records()[0].clone(),
        rotated().0.records()[1].clone(),
    ];
    assert_eq!(Chain::verify(&mixed).unwrap_err(), ChainError::Identity);
    assert_ne!(alice().id(), bob().id());
}

#[test]
fn damaged_records_are_refused() {
    let (chain, _) = rotated();
    let [genesis, update] = chain.records() else {
        panic!("two records")
    };
    for damaged in flipped(update, &[1, 5, update.len() - 384]) {
        assert!(Chain::verify(&[genesis.clone(), damaged]).is_err());
    }
    for damaged in flipped(genesis, &[1, 5, genesis.len() - 384]) {
        assert!(Chain::verify(&[damaged, update.clone()]).is_err());
    }
    for length in 0..update.len() {
        assert!(Chain::verify(&[genesis.clone(), update[..length].to_vec()]).is_err());
    }
    let longer = [update.as_slice(), &[0]].concat();
    assert!(Chain::verify(&[genesis.clone(), longer]).is_err());
}

#[test]
fn oversized_records_are_refused_before_they_are_read() {
    // A key from 64 on is skipped by readers, so only the length speaks against this record.
    let mut encoded = cbor::encode(&next_update(&alice().chain));
    encoded[0] += 1;
    encoded.extend_from_slice(&[0x18, 0x40, 0x59, 0x3f, 0x00]);
    encoded.extend_from_slice(&[0; 0x3f00]);
    let record = sign(ForgedRecord(encoded.clone()), &alice().signing, &mut rng(9)).unwrap();
    let error = followed_by(&alice().chain, record.bytes()).unwrap_err();
    assert_eq!(error, ChainError::Record(SignedError::TooLong));
    let short = encoded.len() - 0x3f00;
    encoded.truncate(short);
    encoded.splice(short - 3.., [0x43, 0, 0, 0]);
    let record = sign(ForgedRecord(encoded), &alice().signing, &mut rng(9)).unwrap();
    let read = followed_by(&alice().chain, record.bytes()).unwrap();
    assert_eq!(read.head(), Hash::from_bytes(*record.hash().as_bytes()));
}
