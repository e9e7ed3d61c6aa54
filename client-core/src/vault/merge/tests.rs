//! Rows of contacts that two sections know differently.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use shared_crypto::fixtures;
use shared_crypto::id::{MailboxId, Pass};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::record::{RecordChanges, RecoveryChanges};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::time::HOUR;

use super::*;
use crate::contact::Contact;
use crate::rows::PairingRow;

pub(super) const NOW: Millis = 1_750_000_000_000;

fn chain() -> Chain {
    fixtures::chain(0, NOW, &mut ChaCha20Rng::seed_from_u64(1))
}

/// As a thief continues it, longer than the owner does.
fn stolen() -> Chain {
    let (mut chain, mut rng) = (chain(), ChaCha20Rng::seed_from_u64(2));
    for _ in 0..3 {
        let (changes, signer) = (RecordChanges::default(), fixtures::signing_key(0));
        chain
            .append_update(changes, &signer, NOW, &mut rng)
            .unwrap();
    }
    chain
}

/// As the owner takes it back.
fn recovered() -> Chain {
    let (mut chain, mut rng) = (chain(), ChaCha20Rng::seed_from_u64(3));
    let changes = RecoveryChanges {
        signing_key: fixtures::signing_key(5).public().clone(),
        sealing_key: fixtures::sealing_key(5).public().clone(),
        recovery: RecoveryPhrase::from_entropy(&[4; 16]).commitment(),
        delivery: None,
    };
    let key = RecoveryPhrase::from_entropy(&[3; 16]).recovery_key();
    chain
        .append_recovery(changes, &key, NOW + HOUR, &mut rng)
        .unwrap();
    chain
}

/// Somebody who was accepted.
pub(super) fn person() -> Contact {
    made(&chain(), 0, ContactState::Accepted)
}

fn contact(chain: &Chain, signer: usize, state: ContactState) -> ContactRow {
    made(chain, signer, state).row
}

fn made(chain: &Chain, signer: usize, state: ContactState) -> Contact {
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let (keys, signing) = (
        ReceiveKeyPair::generate(&mut rng),
        fixtures::signing_key(signer),
    );
    let package = KeyPackage::create(chain.identity(), 1, &keys, NOW, &signing, &mut rng).unwrap();
    Contact::new(1, chain.clone(), package, state, NOW)
}

fn paired(row: ContactRow) -> ContactRow {
    let pairing = PairingRow {
        pairing: Hash::from_bytes([6; 32]),
        r1: Bytes(vec![1; 32]),
        r2: Some(Bytes(vec![2; 32])),
        initiated: true,
        acceptance: None,
        at: NOW,
        outdated: None,
    };
    ContactRow {
        pairings: vec![pairing],
        ours: Some(MailboxId::from_bytes([7; 32])),
        theirs: Some(MailboxId::from_bytes([8; 32])),
        ..row
    }
}

#[test]
fn a_restore_does_not_undo_a_contacts_recovery() {
    let before = paired(contact(&stolen(), 0, ContactState::Accepted));
    let after = contact(&recovered(), 5, ContactState::Asked);
    // Whichever section was saved last, and though the thief's records are more.
    let mut merged = after.clone();
    assert!(join_contact(&mut merged, before.clone(), NOW + HOUR));
    assert_eq!(merged.records, after.records);
    assert!(merged.pairings.is_empty() && merged.ours.is_none() && merged.theirs.is_none());
    assert_eq!(merged.state, state_number(ContactState::Asked));
    let mut merged = before;
    assert!(!join_contact(&mut merged, after.clone(), NOW + HOUR));
    assert_eq!(
        (&merged.records, &merged.package, &merged.seen_at),
        (&after.records, &after.package, &after.seen_at)
    );
    assert!(merged.pairings.is_empty() && merged.ours.is_none() && merged.theirs.is_none());
    assert_eq!(merged.state, state_number(ContactState::Asked));
}

#[test]
fn of_two_mailboxes_of_a_contact_the_one_said_later_holds() {
    let of = |mailbox, theirs_at| ContactRow {
        theirs: Some(MailboxId::from_bytes([mailbox; 32])),
        theirs_at,
        ..contact(&chain(), 0, ContactState::Accepted)
    };
    // A row of before the time was noted is older than any that has it.
    for (mine, other, holds) in [
        (of(1, Some(NOW)), of(2, Some(NOW + 1)), 2),
        (of(1, Some(NOW + 1)), of(2, Some(NOW)), 1),
        (of(1, None), of(2, Some(NOW)), 2),
        (of(1, Some(NOW)), of(2, None), 1),
    ] {
        let mut merged = mine;
        join_contact(&mut merged, other, NOW);
        assert_eq!(merged.theirs, Some(MailboxId::from_bytes([holds; 32])));
        merged.forget_theirs();
        join_contact(&mut merged, of(3, None), NOW);
        assert_eq!(merged.theirs, Some(MailboxId::from_bytes([3; 32])));
    }
}

#[test]
fn a_restore_does_not_forget_a_fork_or_a_block() {
    let mut other = chain();
    let changes = RecordChanges {
        signing_key: Some(fixtures::signing_key(6).public().clone()),
        ..RecordChanges::default()
    };
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let signer = fixtures::signing_key(0);
    other
        .append_update(changes, &signer, NOW, &mut rng)
        .unwrap();
    let mut merged = contact(&stolen(), 0, ContactState::Accepted);
    let theirs = contact(&other, 6, ContactState::Accepted);
    join_contact(&mut merged, theirs.clone(), NOW);
    assert_eq!((merged.forked_at, merged.forked_from), (Some(NOW), Some(1)));
    // It was known and settled.
    merged.forked_at = None;
    join_contact(&mut merged, theirs, NOW);
    assert_eq!(merged.forked_at, None);
    let mut blocked = contact(&chain(), 0, ContactState::Blocked);
    let before = paired(contact(&chain(), 0, ContactState::Accepted));
    assert!(join_contact(&mut blocked, before, NOW));
    assert!(blocked.ours.is_none() && blocked.pairings.is_empty());
    // Nor does the contact undo it by a recovery that the other section knows.
    let mut blocked = contact(&stolen(), 0, ContactState::Blocked);
    let after = contact(&recovered(), 5, ContactState::Accepted);
    join_contact(&mut blocked, after, NOW);
    assert_eq!(blocked.state, state_number(ContactState::Blocked));
}

#[test]
fn of_a_block_and_an_unblock_the_later_one_holds_whichever_section_has_it() {
    let of = |state, blocked_at| ContactRow {
        blocked_at,
        ..paired(contact(&chain(), 0, state))
    };
    let (accepted, blocked) = (ContactState::Accepted, ContactState::Blocked);
    // Sections of before the time was noted: a block holds.
    for (mine, other, holds) in [
        (of(accepted, None), of(blocked, None), true),
        (of(blocked, None), of(accepted, None), true),
        (of(accepted, None), of(blocked, Some(NOW)), true),
        (of(blocked, Some(NOW)), of(accepted, None), true),
        (of(accepted, Some(NOW - 1)), of(blocked, Some(NOW)), true),
        (of(blocked, Some(NOW)), of(accepted, Some(NOW - 1)), true),
        (of(accepted, Some(NOW)), of(blocked, Some(NOW - 1)), false),
        (of(blocked, Some(NOW - 1)), of(accepted, Some(NOW)), false),
    ] {
        let mut merged = mine;
        assert_eq!(join_contact(&mut merged, other, NOW), holds);
        assert_eq!(is_state(&merged, blocked), holds);
        assert_eq!(is_state(&merged, accepted), !holds);
        let is_empty = merged.pairings.is_empty() && merged.ours.is_none();
        assert_eq!(is_empty && merged.theirs.is_none(), holds);
    }
    // A recovery that the section with the block has not seen does not undo it, nor one that only that section has.
    let mut merged = contact(&recovered(), 5, accepted);
    join_contact(&mut merged, contact(&stolen(), 0, blocked), NOW);
    assert!(is_state(&merged, blocked));
    let mut merged = paired(contact(&stolen(), 0, accepted));
    join_contact(&mut merged, contact(&recovered(), 5, blocked), NOW);
    assert!(is_state(&merged, blocked) && merged.pairings.is_empty());
}

#[test]
fn of_two_names_of_the_persons_own_the_later_one_holds() {
    let of = |petname: Option<&str>, petname_at| ContactRow {
        petname: petname.map(str::to_owned),
        petname_at,
        ..contact(&chain(), 0, ContactState::Accepted)
    };
    for (mine, other, holds) in [
        (of(None, None), of(Some("Bob"), Some(NOW)), Some("Bob")),
        (of(Some("Bob"), Some(NOW)), of(None, None), Some("Bob")),
        // It was taken back.
        (of(None, Some(NOW)), of(Some("Bob"), Some(NOW - 1)), None),
        (of(Some("Bob"), Some(NOW - 1)), of(None, Some(NOW)), None),
    ] {
        let mut merged = mine;
        join_contact(&mut merged, other, NOW);
        assert_eq!(merged.petname.as_deref(), holds);
        assert!(merged.petname_at.is_some());
    }
}

#[test]
fn by_which_link_a_contact_came_or_was_found_is_known_where_one_section_knows_it() {
    let plain = contact(&chain(), 0, ContactState::Asking);
    let of = |number: u64, label: &str| ContactRow {
        pass: Some(Pass::from_bytes(number.to_be_bytes())),
        by_link: Some(label.into()),
        ..plain.clone()
    };
    for (mine, other) in [
        (plain.clone(), of(1, "Ada")),
        (of(1, "Ada"), plain.clone()),
        (of(1, "Ada"), of(2, "Bob")),
    ] {
        let mut merged = mine;
        join_contact(&mut merged, other, NOW);
        let expected = of(1, "Ada");
        assert_eq!(
            (merged.pass, merged.by_link),
            (expected.pass, expected.by_link)
        );
    }
}

/// Rows of an identity with these passes: number, when it was made, and whether it was taken back.
fn with_passes(passes: &[(u64, Millis, bool)]) -> Rows {
    let mut rows = Rows::new();
    put(&mut rows, key::ONLY, &IdentityRow::new(&chain(), NOW));
    for (number, made_at, revoked) in passes {
        let row = PassRow {
            label: String::new(),
            once: false,
            made_at: *made_at,
            used_by: None,
            revoked: Some(*revoked),
        };
        put(&mut rows, &key::number(*number), &row);
    }
    rows
}

/// The numbers of the open ones and how many are closed, of two sections together.
fn joined(base: &[(u64, Millis, bool)], other: &[(u64, Millis, bool)]) -> (Vec<Vec<u8>>, usize) {
    let (mut base, other) = (with_passes(base), with_passes(other));
    let merge = Merge::new(&mut base, &other, NOW + 1, NOW).unwrap();
    merge.run().unwrap();
    let all = all::<PassRow>(&base).unwrap();
    let closed = all.iter().filter(|(_, row)| !row.is_open()).count();
    let open = all.into_iter().filter(|(_, row)| row.is_open());
    (open.map(|(pass, _)| pass).collect(), closed)
}

#[test]
fn a_pass_that_one_section_knows_to_be_closed_is_closed() {
    for (base, other) in [(true, false), (false, true)] {
        assert_eq!(joined(&[(1, 5, base)], &[(1, 5, other)]), (vec![], 1));
    }
    let (open, closed) = joined(&[(1, 5, false)], &[(2, 6, false)]);
    assert_eq!((open, closed), (vec![key::number(1), key::number(2)], 0));
}

#[test]
fn a_pass_that_was_closed_so_long_ago_that_it_is_forgotten_stays_closed() {
    let full: Vec<(u64, Millis, bool)> = (100..356).map(|n| (n, n, true)).collect();
    let old = [(1, 100, false), (2, 101, false)];
    let later = vec![key::number(2)];
    assert_eq!(joined(&full, &old), (later.clone(), passes::MAX_CLOSED));
    assert_eq!(joined(&old, &full), (later.clone(), passes::MAX_CLOSED));
    // Where fewer are kept none is forgotten.
    let not_full = &full[..255];
    assert_eq!(joined(not_full, &old).0.len(), 2);
    let more = [(3, 99, true), (2, 101, false)];
    assert_eq!(joined(&full, &more), (later, passes::MAX_CLOSED));
}

#[test]
fn a_restore_does_not_bring_destroyed_receive_keys_back() {
    let identity = IdentityRow::new(&chain(), NOW);
    let mut base = Rows::new();
    put(&mut base, key::ONLY, &identity);
    let mut other = base.clone();
    let row = |replaced_at| KeyPackageRow {
        package: Bytes(vec![1]),
        secret: Bytes(vec![2]),
        replaced_at,
        record: 0,
    };
    put(&mut other, &key::number(1), &row(Some(NOW)));
    put(&mut other, &key::number(2), &row(None));
    let saved_at = NOW + RETENTION;
    let merge = Merge::new(&mut base, &other, saved_at, NOW + 1).unwrap();
    merge.run().unwrap();
    let kept = all::<KeyPackageRow>(&base).unwrap();
    let kept: Vec<Vec<u8>> = kept.into_iter().map(|(number, _)| number).collect();
    assert_eq!(kept, [key::number(2)]);
}
