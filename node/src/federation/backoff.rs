//! How long to wait before a peer is tried again.

use crate::clock::Millis;

/// After the first failure.
pub const FIRST: Millis = 1_000;

/// At most.
pub const LONGEST: Millis = 5 * 60_000;

/// The longest wait after this many failures in a row: doubles from one second to five minutes.
pub fn ceiling(failures: u64) -> Millis {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    1_u64
        .checked_shl(doublings)
        .map_or(LONGEST, |factor| FIRST.saturating_mul(factor))
        .min(LONGEST)
}

/// The wait: anywhere up to the ceiling, so that many nodes do not come back in step. `jitter` is a
/// function that gives a number below its argument.
pub fn wait(failures: u64, jitter: impl FnOnce(u64) -> u64) -> Millis {
    let ceiling = ceiling(failures);
    jitter(ceiling.saturating_add(1)).min(ceiling)
}

/// The wait of a single message that was refused for now: about as long again as it waits already.
pub fn again(age: Millis, jitter: impl FnOnce(u64) -> u64) -> Millis {
    let longest = age.clamp(FIRST, LONGEST);
    let shortest = longest.div_euclid(2);
    shortest.saturating_add(jitter(longest.saturating_sub(shortest).saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_from_one_second_to_five_minutes() {
        let expected = [
            1_000, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000,
        ];
        for (failures, expected) in (0_u64..).zip(expected) {
            assert_eq!(ceiling(failures), expected, "{failures}");
        }
        for failures in [10, 11, 63, 64, 65, 66, 1_000, u64::MAX] {
            assert_eq!(ceiling(failures), 300_000, "{failures}");
        }
    }

    #[test]
    fn jitter_takes_the_whole_range() {
        assert_eq!(wait(4, |_| 0), 0);
        assert_eq!(wait(4, |bound| bound - 1), 8_000);
        assert_eq!(wait(4, |_| u64::MAX), 8_000);
    }
}
