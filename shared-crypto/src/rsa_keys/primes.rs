//! The search for the primes of a key: FIPS 186-5 A.1.3 with the steps of the "incremental search" that the
//! library takes too. Start and tests of candidates are the library's. Only its sieve is not, because it brings
//! 48 kB of reciprocals along, in a program that everybody downloads.

use alloc::vec;
use alloc::vec::Vec;
use core::num::NonZeroU32;

use crypto_primes::hazmat::{SetBits, random_odd_integer};
use crypto_primes::{Flavor, is_prime};
use rand_core::CryptoRng;
use rsa::BoxedUint;
use zeroize::Zeroizing;

use super::KeyError;

/// Divisors below this are tried before the costly tests: what is left is prime 17 times as often.
const DIVISORS: u32 = 1 << 14;
/// How far from one start is searched: fifteen times the mean distance between primes of 1536 bits.
const SPAN: u32 = 1 << 14;

/// A random prime with its two highest bits set, so that the product of two has twice its bits.
pub(super) fn random_prime<R: CryptoRng + ?Sized>(
    rng: &mut R,
    bits: NonZeroU32,
) -> Result<BoxedUint, KeyError> {
    let divisors = small_primes(DIVISORS);
    loop {
        let start = random_odd_integer::<BoxedUint, R>(rng, bits, SetBits::TwoMsb)
            .map_err(|_| KeyError::Operation)?;
        let start = Zeroizing::new(start.get());
        for step in indivisible(&start, &divisors).iter().copied() {
            let candidate = start.wrapping_add(BoxedUint::from(step));
            let fits = candidate.bits_vartime() == bits.get();
            if fits && is_prime(Flavor::Any, &candidate) {
                return Ok(candidate);
            }
        }
    }
}

/// The even steps from an odd start to numbers that no divisor divides.
fn indivisible(start: &BoxedUint, divisors: &[u32]) -> Zeroizing<Vec<u32>> {
    let bytes = Zeroizing::new(start.to_be_bytes());
    // As telling as the start itself: what is left of a number modulo so many primes is the number.
    let mut divisible = Zeroizing::new(vec![false; usize::try_from(SPAN).unwrap_or_default()]);
    for divisor in divisors.iter().copied() {
        let shift = |rest: u32, byte: &u8| ((rest << 8) | u32::from(*byte)) % divisor;
        let rest = bytes.iter().fold(0, shift);
        // The first multiple behind the start, and every second of those that follow: the others are even.
        let to_multiple = (divisor - rest) % divisor;
        let first = if to_multiple % 2 == 0 {
            to_multiple
        } else {
            to_multiple + divisor
        };
        let (first, every) = (usize::try_from(first), usize::try_from(2 * divisor));
        let (Ok(first), Ok(every)) = (first, every) else {
            continue;
        };
        for step in divisible.iter_mut().skip(first).step_by(every) {
            *step = true;
        }
    }
    let steps = (0..SPAN).zip(divisible.iter()).step_by(2);
    let left = steps.filter(|(_, divisible)| !**divisible);
    Zeroizing::new(left.map(|(step, _)| step).collect())
}

/// The odd primes below a limit, by the sieve of Eratosthenes.
fn small_primes(limit: u32) -> Vec<u32> {
    let mut composite = vec![false; usize::try_from(limit).unwrap_or_default()];
    let mut primes = Vec::new();
    for number in (3..limit).step_by(2) {
        let Ok(place) = usize::try_from(number) else {
            continue;
        };
        if composite.get(place) == Some(&false) {
            primes.push(number);
            for multiple in composite.iter_mut().skip(place).step_by(place) {
                *multiple = true;
            }
        }
    }
    primes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    fn bits(bits: u32) -> NonZeroU32 {
        NonZeroU32::new(bits).unwrap()
    }

    #[test]
    fn small_primes_are_all_of_them_but_two() {
        assert_eq!(small_primes(30), [3, 5, 7, 11, 13, 17, 19, 23, 29]);
        // The primes below 2^14: OEIS A007053.
        assert_eq!(small_primes(DIVISORS).len() + 1, 1_900);
    }

    #[test]
    fn primes_have_their_two_highest_bits() {
        let mut rng = ChaCha20Rng::from_seed([7; 32]);
        for length in [64, 200, 512] {
            let prime = random_prime(&mut rng, bits(length)).unwrap();
            assert!(is_prime(Flavor::Any, &prime));
            assert_eq!(prime.bits(), length);
            assert!(bool::from(prime.bit(length - 2)));
            assert_ne!(prime, random_prime(&mut rng, bits(length)).unwrap());
        }
    }

    proptest! {
        #[test]
        fn exactly_the_divisible_are_left_out(start in (1_u64 << 40)..(1 << 50)) {
            let start = start | 1;
            let divisors = small_primes(200);
            let left = indivisible(&BoxedUint::from(start), &divisors);
            let is_left = |step: &u32| divisors.iter().all(|divisor| (start + u64::from(*step)) % u64::from(*divisor) != 0);
            let expected: Vec<u32> = (0..SPAN).step_by(2).filter(is_left).collect();
            prop_assert_eq!(left.to_vec(), expected);
        }
    }
}
