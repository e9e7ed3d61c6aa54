//! A few sequences in every run of the tests. `cargo xtask simulate` runs thousands.

#![allow(missing_docs, clippy::panic, reason = "a test")]

use simulation::operation::Kinds;
use simulation::run::{operations, run};

/// Runs a seed; says how to run it again if it fails.
fn holds(seed: u64, count: usize, kinds: Kinds) {
    if let Err(violation) = run(seed, &operations(seed, count, kinds)) {
        panic!("seed {seed} with {count} operations: {}", violation.0);
    }
}

#[test]
fn whatever_networks_and_machines_do_every_message_is_read_once_or_failed_visibly() {
    for seed in 1..=4 {
        holds(seed, 200, Kinds::Settled);
    }
}
