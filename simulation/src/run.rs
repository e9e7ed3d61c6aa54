//! Running sequences: each from its seed, in a runtime of its own; and making a failing one short.

use std::panic::AssertUnwindSafe;

use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng as _;

use crate::figures::Figures;
use crate::operation::{Kinds, Operation, generate};
use crate::sequence::{self, Defect, NODES, PEOPLE, Violation};

/// The operations of a seed.
pub fn operations(seed: u64, count: usize, kinds: Kinds) -> Vec<Operation> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x006f_7065_7261_7465);
    generate(&mut rng, count, PEOPLE, NODES, kinds)
}

/// Runs one sequence. A panic is a violation as well.
///
/// # Errors
/// The first [`Violation`].
pub fn run(seed: u64, operations: &[Operation]) -> Result<Figures, Violation> {
    run_with(seed, operations, None)
}

/// Runs one sequence in which something is wrong.
///
/// # Errors
/// The first [`Violation`].
pub fn run_with(
    seed: u64,
    operations: &[Operation],
    defect: Option<Defect>,
) -> Result<Figures, Violation> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| Violation(error.to_string()))?;
    let local = tokio::task::LocalSet::new();
    let run =
        AssertUnwindSafe(|| local.block_on(&runtime, sequence::run(seed, operations, defect)));
    std::panic::catch_unwind(run).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Violation(format!("panic: {}", text.unwrap_or("?"))))
    })
}

/// Takes operations out as long as the sequence still fails: halves first, then single ones.
pub fn shrink(seed: u64, mut operations: Vec<Operation>) -> (Vec<Operation>, Violation) {
    let mut violation = match run(seed, &operations) {
        Err(violation) => violation,
        Ok(_) => return (operations, Violation("it does not fail again".to_owned())),
    };
    let mut length = operations.len().div_ceil(2);
    while length > 0 {
        let mut from = 0;
        while from < operations.len() {
            let to = operations.len().min(from + length);
            let mut fewer = operations.clone();
            fewer.drain(from..to);
            match run(seed, &fewer) {
                // Another thing that is not true is another story.
                Err(other) if other.kind() == violation.kind() => {
                    (operations, violation) = (fewer, other);
                }
                _ => from += length,
            }
        }
        length /= 2;
    }
    (operations, violation)
}
