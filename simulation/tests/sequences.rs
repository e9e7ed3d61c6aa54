//! A few sequences in every run of the tests. `cargo xtask simulate` runs thousands.

#![allow(missing_docs, clippy::panic, reason = "a test")]

use simulation::operation::{Kinds, Operation};
use simulation::run::{operations, run, run_with};
use simulation::sequence::Defect;

/// Runs a seed; says how to run it again if it fails.
fn holds(seed: u64, count: usize, kinds: Kinds) {
    if let Err(violation) = run(seed, &operations(seed, count, kinds)) {
        panic!("seed {seed} with {count} operations: {}", violation.0);
    }
}

#[test]
fn whatever_networks_and_machines_do_every_message_is_read_once_or_failed_visibly() {
    for seed in 1..=4 {
        holds(seed, 200, Kinds::Hostile);
    }
}

/// Whether any of a few sequences shows the defect.
fn is_found(defect: Defect) -> bool {
    (1..=12).any(|seed| {
        let operations = operations(seed, 100, Kinds::Settled);
        run_with(seed, &operations, Some(defect)).is_err()
    })
}

#[test]
fn clients_that_acknowledge_before_they_store_are_found() {
    assert!(is_found(Defect::ClientsForget));
}

#[test]
fn nodes_that_accept_before_they_store_are_found() {
    assert!(is_found(Defect::NodesForget));
}

/// Operations that failed once.
fn mended(seed: u64, operations: &[Operation]) {
    if let Err(violation) = run(seed, operations) {
        panic!("seed {seed}: {}", violation.0);
    }
}

#[test]
fn whoever_replaces_their_keys_twice_without_a_network_leaves_no_gap() {
    use Operation::{Deliver, Offline, Rotate};
    let operations = [
        Offline { who: 0 },
        Rotate { who: 0 },
        Deliver,
        Rotate { who: 0 },
    ];
    mended(1, &operations);
}

#[test]
fn two_who_replace_their_keys_at_the_same_time_go_on_talking() {
    use Operation::{Deliver, DropReply, Offline, Rotate, Send};
    let operations = [
        Offline { who: 1 },
        Send { from: 1, to: 2 },
        Rotate { who: 1 },
        Deliver,
        Send { from: 1, to: 0 },
        Rotate { who: 0 },
        DropReply,
        Deliver,
        Rotate { who: 0 },
    ];
    mended(1, &operations);
}

#[test]
fn who_replaces_their_keys_after_the_clock_went_back_is_understood() {
    use Operation::{CrashNode, Deliver, DropReply, Rotate, Send, SetClock};
    let operations = [
        DropReply,
        CrashNode { node: 0 },
        Deliver,
        Send { from: 0, to: 1 },
        SetClock {
            who: 0,
            minutes: -90,
        },
        Rotate { who: 0 },
        Deliver,
    ];
    mended(1168, &operations);
}

#[test]
fn a_clock_that_is_set_right_is_heard_by_a_node_that_lost_its_disk() {
    use Operation::{Advance, LoseDisk, SetClock};
    let operations = [
        SetClock {
            who: 2,
            minutes: 90,
        },
        Advance { minutes: 3 * 1_440 },
        LoseDisk { node: 2 },
    ];
    mended(65, &operations);
}

/// The contact's key package of the owner is long due, so the contact asks the node that the owner moved to.
fn is_lied_to_in_vain(lie: Operation) {
    use Operation::{Advance, Deliver, Move, Offline, Send};
    let day = Advance { minutes: 24 * 60 };
    let mut operations = vec![Move { who: 0, to: 2 }];
    operations.extend([Deliver; 20]);
    operations.extend([lie, Offline { who: 0 }]);
    operations.extend([day; 9]);
    operations.push(Send { from: 1, to: 0 });
    operations.extend([Deliver; 4]);
    match run(1, &operations) {
        Ok(figures) => assert!(figures.false_answers > 0, "nobody asked"),
        Err(violation) => panic!("{}", violation.0),
    }
}

#[test]
fn a_contact_whom_a_node_gives_old_records_goes_on_believing_the_newer_ones() {
    is_lied_to_in_vain(Operation::ServeOld { node: 2, who: 0 });
}

#[test]
fn a_contact_whom_a_node_gives_forged_records_believes_none_of_them() {
    is_lied_to_in_vain(Operation::ServeForged { node: 2, who: 0 });
}
