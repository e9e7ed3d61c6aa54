//! Forks: which a recovery record settles and which stay.

use shared_crypto::fixtures;
use shared_crypto::record::{Chain, RECOVERY_WINDOW, RecordChanges, RecoveryChanges, Replaced};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::time::{DAY, HOUR, Millis};

use crate::support::{NOW, alice, rng};

/// The chain as a thief continues it: to keys of their own.
fn stolen(at: Millis) -> Chain {
    let mut chain = alice().chain.clone();
    let changes = RecordChanges {
        signing_key: Some(fixtures::signing_key(30).public().clone()),
        recovery: Some(RecoveryPhrase::from_entropy(&[9; 16]).commitment()),
        ..RecordChanges::default()
    };
    chain
        .append_update(changes, &alice().signing, at, &mut rng(1))
        .unwrap();
    chain
}

/// The chain as the owner takes it back, from the record before the thief's.
fn recovered(from: &Chain, at: Millis) -> Chain {
    let mut chain = from.clone();
    let changes = RecoveryChanges {
        signing_key: fixtures::signing_key(31).public().clone(),
        sealing_key: fixtures::sealing_key(31).public().clone(),
        recovery: RecoveryPhrase::from_entropy(&[8; 16]).commitment(),
        delivery: None,
    };
    chain
        .append_recovery(changes, &alice().phrase.recovery_key(), at, &mut rng(2))
        .unwrap();
    chain
}

#[test]
fn a_recovery_within_three_days_overrules_a_thief() {
    let thief = stolen(NOW);
    let owner = recovered(&alice().chain, NOW + RECOVERY_WINDOW);
    assert!(thief.is_overruled_by(&owner, NOW));
    assert!(!owner.is_overruled_by(&thief, NOW));
    let late = recovered(&alice().chain, NOW + RECOVERY_WINDOW + 1);
    assert!(!thief.is_overruled_by(&late, NOW));
}

#[test]
fn a_thief_who_sets_the_time_back_is_overruled_by_what_the_reader_saw() {
    let thief = stolen(NOW - 100 * DAY);
    let owner = recovered(&alice().chain, NOW + HOUR);
    assert!(thief.is_overruled_by(&owner, NOW));
    assert!(!thief.is_overruled_by(&owner, NOW - 100 * DAY));
}

#[test]
fn a_fork_without_recovery_or_with_two_stays_a_fork() {
    let thief = stolen(NOW);
    let mut other = alice().chain.clone();
    other
        .append_update(RecordChanges::default(), &alice().signing, NOW, &mut rng(3))
        .unwrap();
    assert!(!thief.is_overruled_by(&other, NOW));
    let (one, two) = (
        recovered(&alice().chain, NOW),
        recovered(&alice().chain, NOW + 1),
    );
    assert!(!one.is_overruled_by(&two, NOW) && !two.is_overruled_by(&one, NOW));
    // What continues does not contradict.
    assert!(!alice().chain.is_overruled_by(&thief, NOW));
    // Recovery after an honest record that the thief's reader never saw.
    assert!(thief.is_overruled_by(&recovered(&other, NOW), NOW));
}

/// A thief's chain that "recovers" by a key of the thief's own.
fn stolen_and_recovered(from: &Chain, at: Millis) -> Chain {
    let mut chain = from.clone();
    let thief = RecoveryPhrase::from_entropy(&[9; 16]);
    let changes = RecordChanges {
        recovery: Some(thief.commitment()),
        ..RecordChanges::default()
    };
    chain
        .append_update(changes, &alice().signing, at, &mut rng(4))
        .unwrap();
    let changes = RecoveryChanges {
        signing_key: fixtures::signing_key(30).public().clone(),
        sealing_key: fixtures::sealing_key(30).public().clone(),
        recovery: RecoveryPhrase::from_entropy(&[10; 16]).commitment(),
        delivery: None,
    };
    chain
        .append_recovery(changes, &thief.recovery_key(), at, &mut rng(5))
        .unwrap();
    chain
}

#[test]
fn a_thiefs_own_recovery_key_does_not_overrule_the_owner() {
    let before = &alice().chain;
    let thief = stolen_and_recovered(before, NOW);
    // Neither what the owner signed since nor a key replaced long ago.
    let mut owner = before.clone();
    let changes = RecordChanges {
        signing_key: Some(fixtures::signing_key(31).public().clone()),
        ..RecordChanges::default()
    };
    owner
        .append_update(changes, &alice().signing, NOW, &mut rng(3))
        .unwrap();
    assert!(!owner.is_overruled_by(&thief, NOW));
    assert!(!owner.is_overruled_by(&thief, NOW + 100 * DAY));
    // It does not settle a fork either that was seen at the record before it.
    let from = before.number() + 1;
    assert!(!thief.recovered_since(from) && !thief.recovered_since(0));
    assert!(recovered(&owner, NOW).recovered_since(from));
}

#[test]
fn the_owners_recovery_overrules_a_thiefs_own() {
    let before = &alice().chain;
    let thief = stolen_and_recovered(before, NOW);
    let owner = recovered(before, NOW + RECOVERY_WINDOW);
    assert!(thief.is_overruled_by(&owner, NOW));
    assert!(!owner.is_overruled_by(&thief, NOW));
    let late = recovered(before, NOW + RECOVERY_WINDOW + 1);
    assert!(!thief.is_overruled_by(&late, NOW) && !late.is_overruled_by(&thief, NOW));
}

#[test]
fn a_branch_verifies_what_it_puts_in_place() {
    let owner = recovered(&alice().chain, NOW);
    let thief = stolen(NOW);
    let new = owner.records().last().unwrap().clone();
    let from = alice().chain.number() + 1;
    let head =
        |chain: &Chain, from, records: &[Vec<u8>]| chain.branch(from, records).unwrap().head();
    assert_eq!(
        head(&thief, from, core::slice::from_ref(&new)),
        owner.head()
    );
    assert_eq!(
        head(&alice().chain, from, core::slice::from_ref(&new)),
        owner.head()
    );
    assert_eq!(head(&thief, 0, owner.records()), owner.head());
    let mut forged = new.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert!(thief.branch(from, &[forged]).is_err());
    assert!(thief.branch(from + 1, core::slice::from_ref(&new)).is_err());
    assert!(thief.branch(from + 9, &[new]).is_err());
    assert_eq!(thief.fork_point(&owner), Some(from));
    assert_eq!(thief.fork_point(&alice().chain), None);
}

#[test]
fn it_is_known_when_a_key_was_replaced() {
    let chain = &alice().chain;
    assert_eq!(chain.replaced(&chain.head()), None);
    let rotated = stolen(NOW + 5);
    let replaced = Replaced {
        at: NOW + 5,
        recovered: false,
    };
    assert_eq!(rotated.replaced(&chain.head()), Some(replaced));
    assert_eq!(rotated.replaced(&rotated.head()), None);
    let owner = recovered(chain, NOW + 7);
    let replaced = Replaced {
        at: NOW + 7,
        recovered: true,
    };
    assert_eq!(owner.replaced(&chain.head()), Some(replaced));
    assert!(owner.recovered_since(1) && !rotated.recovered_since(1));
    assert_eq!(owner.signed_at(), NOW + 7);
}

#[test]
fn a_chain_is_taken_up_where_a_phrase_is_committed_to() {
    let (own, thiefs) = (alice().phrase.commitment(), [9; 16]);
    let thiefs = RecoveryPhrase::from_entropy(&thiefs).commitment();
    let taken = |chain: &Chain, by| chain.committed_to(by).map(|it| it.records().to_vec());
    let stolen = stolen(NOW);
    let genesis = alice().chain.records().to_vec();
    assert_eq!(taken(&stolen, &own), Some(genesis));
    assert_eq!(taken(&stolen, &thiefs), Some(stolen.records().to_vec()));
    let nobodys = RecoveryPhrase::from_entropy(&[7; 16]).commitment();
    assert_eq!(taken(&stolen, &nobodys), None);
    // At the last such place, whatever was committed to between.
    let mut again = stolen.clone();
    let changes = RecordChanges {
        recovery: Some(own),
        ..RecordChanges::default()
    };
    let signer = fixtures::signing_key(30);
    again
        .append_update(changes, &signer, NOW, &mut rng(3))
        .unwrap();
    assert_eq!(taken(&again, &own), Some(again.records().to_vec()));
    assert_eq!(taken(&again, &thiefs), Some(stolen.records().to_vec()));
}

#[test]
fn a_chain_is_taken_up_before_what_was_signed_after_a_time() {
    let stolen = stolen(NOW + 5);
    let until = |at| stolen.signed_until(at).map(|it| it.records().len());
    assert_eq!(until(NOW + 6), Some(2));
    assert_eq!(until(NOW + 5), Some(2));
    assert_eq!(until(NOW + 4), Some(1));
    assert_eq!(until(alice().chain.signed_at()), Some(1));
    assert_eq!(until(alice().chain.signed_at() - 1), None);
}

#[test]
fn a_chain_says_how_many_of_the_largest_updates_it_has_room_for() {
    // 60 of them would fill what is not left to recoveries, and there is a genesis record.
    assert_eq!(alice().chain.room(), 59);
}

#[test]
fn a_chain_that_a_thief_filled_has_room_for_a_recovery() {
    use shared_crypto::node_url::NodeUrl;
    use shared_crypto::record::{ChainError, Delivery, MAX_CHAIN, RECOVERY_BYTES};

    // The longest list that a record can carry.
    let host = ["a".repeat(60).as_str(); 3].join(".");
    let entry = |number: u8| Delivery {
        node: NodeUrl::parse(&format!("https://{number}.{host}.b")).unwrap(),
        ..crate::support::delivery(number, alice().intro)
    };
    let list: Vec<Delivery> = (0..5).map(entry).collect();
    let changes = || RecordChanges {
        signing_key: Some(alice().signing.public().clone()),
        sealing_key: Some(alice().sealing.public().clone()),
        delivery: Some(list.clone()),
        ..RecordChanges::default()
    };
    let mut chain = alice().chain.clone();
    let refused = loop {
        if let Err(error) = chain.append_update(changes(), &alice().signing, NOW, &mut rng(9)) {
            break error;
        }
    };
    assert_eq!(refused, ChainError::TooLarge);
    let size = |chain: &Chain| chain.records().iter().map(Vec::len).sum::<usize>();
    assert!(size(&chain) <= MAX_CHAIN - RECOVERY_BYTES);
    assert!(size(&chain) > MAX_CHAIN - RECOVERY_BYTES - 16_384);
    assert_eq!(chain.room(), 0);
    let owner = recovered(&chain, NOW);
    // It reads as it was written, and what follows nothing was not verified twice.
    assert_eq!(Chain::verify(owner.records()).unwrap().head(), owner.head());
    let too_large: Vec<Vec<u8>> = core::iter::repeat_n(owner.records()[1].clone(), 500).collect();
    assert_eq!(Chain::verify(&too_large).unwrap_err(), ChainError::TooLarge);
}
