//! X-Wing (draft-connolly-cfrg-xwing-kem-06) behind the few operations that are used, with the
//! all-zero X25519 outputs refused on both sides.

use rand_core::CryptoRng;
use x_wing::{
    Ciphertext, DecapsulationKeyRejectNonContrib, Decapsulator, Encapsulate, EncapsulationKey,
    KeyExport, TryDecapsulate,
};
use zeroize::Zeroizing;

/// Length of a public key.
pub(crate) const PUBLIC_KEY: usize = x_wing::ENCAPSULATION_KEY_SIZE;
/// Length of a ciphertext.
pub(crate) const CIPHERTEXT: usize = x_wing::CIPHERTEXT_SIZE;

/// Length of the lattice's part of a public key, and of its coefficients, of 12 bits each.
const LATTICE_KEY: usize = 1_184;
const COEFFICIENTS: usize = 1_152;
/// The lattice's modulus (FIPS 203).
const MODULUS: u16 = 3_329;

/// The u-coordinates of small order on the curve and its twist, in every encoding that fits 255 bits (RFC 7748 §6.1):
/// 0, 1, the two of order 8, p − 1, p and p + 1.
const SMALL_ORDER: [[u8; 32]; 7] = [
    small_order(0x00, 0x00),
    small_order(0x01, 0x00),
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
        0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
        0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef,
        0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f,
        0x11, 0x57,
    ],
    small_order(0xec, 0xff),
    small_order(0xed, 0xff),
    small_order(0xee, 0xff),
];

/// A number whose bytes between the first and the last are alike.
const fn small_order(first: u8, middle: u8) -> [u8; 32] {
    let mut point = [middle; 32];
    let [start, .., end] = &mut point;
    *start = first;
    *end = middle & 0x7f;
    point
}

type Shared = Zeroizing<[u8; 32]>;

/// A private key, expanded from its seed: that costs as much as opening something with it.
#[derive(Clone)]
pub(crate) struct PrivateKey(DecapsulationKeyRejectNonContrib);

impl PrivateKey {
    /// The key of a seed; any 32 bytes are one.
    pub(crate) fn expand(seed: &[u8; 32]) -> Self {
        Self(DecapsulationKeyRejectNonContrib::from(*seed))
    }

    /// The public key that belongs to it.
    pub(crate) fn public(&self) -> [u8; PUBLIC_KEY] {
        self.0.encapsulation_key().to_bytes().into()
    }

    /// Recovers the secret. A ciphertext for another key gives another secret (implicit rejection);
    /// `None` only for an X25519 part of small order, which is public anyway.
    pub(crate) fn decapsulate(&self, ciphertext: &[u8; CIPHERTEXT]) -> Option<Shared> {
        let ciphertext = Ciphertext::from(*ciphertext);
        let shared = self.0.try_decapsulate(&ciphertext).ok()?;
        Some(Zeroizing::new(shared.into()))
    }
}

/// Whether the bytes are a public key that secrets can be sent to: ML-KEM coefficients in range (FIPS 203 §7.2) and
/// an X25519 point that is not of small order.
pub(crate) fn is_public_key(bytes: &[u8; PUBLIC_KEY]) -> bool {
    let Some((lattice, point)) = bytes.split_first_chunk::<LATTICE_KEY>() else {
        return false;
    };
    let (pairs, _) = lattice.split_at(COEFFICIENTS).0.as_chunks::<3>();
    let are_reduced = pairs.iter().all(|[low, middle, high]| {
        let first = u16::from(*low) | (u16::from(*middle) & 0x0f) << 8;
        let second = u16::from(*middle) >> 4 | u16::from(*high) << 4;
        first < MODULUS && second < MODULUS
    });
    are_reduced && <&[u8; 32]>::try_from(point).is_ok_and(|point| !is_small_order(point))
}

/// Makes a secret for the owner of a public key; `None` if the key is not one.
pub(crate) fn encapsulate<R: CryptoRng + ?Sized>(
    public_key: &[u8; PUBLIC_KEY],
    rng: &mut R,
) -> Option<([u8; CIPHERTEXT], Shared)> {
    let (ciphertext, shared) = parse_public_key(public_key)?.encapsulate_with_rng(rng);
    Some((ciphertext.into(), Zeroizing::new(shared.into())))
}

fn parse_public_key(bytes: &[u8; PUBLIC_KEY]) -> Option<EncapsulationKey> {
    let (_, point) = bytes.split_last_chunk::<32>()?;
    if is_small_order(point) {
        return None;
    }
    EncapsulationKey::try_from(bytes.as_slice()).ok()
}

/// Whether the point has small order, in whatever encoding; the highest bit does not count. It is public.
pub(crate) fn is_small_order(point: &[u8; 32]) -> bool {
    let mut point = *point;
    let [.., last] = &mut point;
    *last &= 0x7f;
    SMALL_ORDER.contains(&point)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::SeedableRng;

    /// Every encoding of a u-coordinate of small order that fits 255 bits (RFC 7748 §6.1 and the
    /// list of <https://cr.yp.to/ecdh.html>).
    fn small_order_points() -> Vec<[u8; 32]> {
        let mut points = Vec::new();
        points.push([0; 32]);
        let mut one = [0; 32];
        one[0] = 1;
        points.push(one);
        let hex = |text: &str| {
            data_encoding::HEXLOWER
                .decode(text.as_bytes())
                .unwrap()
                .try_into()
                .unwrap()
        };
        points.push(hex(
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        ));
        points.push(hex(
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        ));
        // p - 1, p and p + 1.
        points.push(hex(
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ));
        points.push(hex(
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ));
        points.push(hex(
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ));
        let with_top_bit = points.clone().into_iter().map(|mut point| {
            point[31] |= 0x80;
            point
        });
        points.extend(with_top_bit);
        points
    }

    #[test]
    fn both_sides_get_the_same_secret() {
        let rng = &mut ChaCha20Rng::seed_from_u64(1);
        let seed = [9; 32];
        let (ciphertext, sent) = encapsulate(&PrivateKey::expand(&seed).public(), rng).unwrap();
        assert_eq!(
            PrivateKey::expand(&seed).decapsulate(&ciphertext).unwrap(),
            sent
        );
        let other = PrivateKey::expand(&[8; 32]);
        assert_ne!(other.decapsulate(&ciphertext).unwrap(), sent);
    }

    #[test]
    fn points_of_small_order_are_refused_in_public_keys() {
        let rng = &mut ChaCha20Rng::seed_from_u64(2);
        let mut key = PrivateKey::expand(&[9; 32]).public();
        for point in small_order_points() {
            key[PUBLIC_KEY - 32..].copy_from_slice(&point);
            assert!(!is_public_key(&key), "{point:02x?}");
            assert!(encapsulate(&key, rng).is_none());
        }
    }

    #[test]
    fn points_of_small_order_are_refused_in_ciphertexts() {
        let rng = &mut ChaCha20Rng::seed_from_u64(3);
        let (mut ciphertext, _) = encapsulate(&PrivateKey::expand(&[9; 32]).public(), rng).unwrap();
        for point in small_order_points() {
            ciphertext[CIPHERTEXT - 32..].copy_from_slice(&point);
            let key = PrivateKey::expand(&[9; 32]);
            assert!(key.decapsulate(&ciphertext).is_none(), "{point:02x?}");
        }
    }

    /// A clamped scalar is a multiple of the cofactor: it sends exactly the points of small order to zero.
    #[test]
    fn whatever_a_scalar_sends_to_zero_is_of_small_order_and_nothing_else() {
        let rng = &mut ChaCha20Rng::seed_from_u64(4);
        let mut points = small_order_points();
        for first in 0..=255 {
            let (mut low, mut high) = ([0; 32], [0xff; 32]);
            (low[0], high[0]) = (first, first);
            let mut random = [0; 32];
            rand_core::Rng::fill_bytes(rng, &mut random);
            points.extend([low, high, random]);
        }
        for point in points {
            let is_zero = x25519_dalek::x25519([0; 32], point) == [0; 32];
            assert_eq!(is_small_order(&point), is_zero, "{point:02x?}");
        }
    }

    #[test]
    fn a_key_is_one_exactly_if_the_library_takes_it() {
        let key = PrivateKey::expand(&[9; 32]).public();
        let coefficient = |place: usize, value: u16| {
            let mut key = key;
            let [low, high] = value.to_le_bytes();
            let at = place / 2 * 3;
            if place.is_multiple_of(2) {
                key[at] = low;
                key[at + 1] = key[at + 1] & 0xf0 | high;
            } else {
                key[at + 1] = key[at + 1] & 0x0f | low << 4;
                key[at + 2] = low >> 4 | high << 4;
            }
            key
        };
        for place in [0, 1, 2, 255, 256, 511, 766, 767] {
            for value in [0, 1, MODULUS - 1, MODULUS, MODULUS + 1, 0x0fff] {
                let key = coefficient(place, value);
                let is_taken = EncapsulationKey::try_from(key.as_slice()).is_ok();
                assert_eq!(is_public_key(&key), is_taken, "{value} at {place}");
                assert_eq!(is_taken, value < MODULUS);
            }
        }
    }

    #[test]
    fn lattice_coefficients_out_of_range_are_refused() {
        let mut key = PrivateKey::expand(&[9; 32]).public();
        key[..3].copy_from_slice(&[0xff; 3]);
        assert!(!is_public_key(&key));
    }
}
