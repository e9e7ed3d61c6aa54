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

type Shared = Zeroizing<[u8; 32]>;

/// The public key that belongs to a private seed.
pub(crate) fn public_key(seed: &[u8; 32]) -> [u8; PUBLIC_KEY] {
    DecapsulationKeyRejectNonContrib::from(*seed)
        .encapsulation_key()
        .to_bytes()
        .into()
}

/// Whether the bytes are a public key that secrets can be sent to: ML-KEM coefficients in range and
/// an X25519 point that is not of small order.
pub(crate) fn is_public_key(bytes: &[u8; PUBLIC_KEY]) -> bool {
    parse_public_key(bytes).is_some()
}

/// Makes a secret for the owner of a public key; `None` if the key is not one.
pub(crate) fn encapsulate<R: CryptoRng + ?Sized>(
    public_key: &[u8; PUBLIC_KEY],
    rng: &mut R,
) -> Option<([u8; CIPHERTEXT], Shared)> {
    let (ciphertext, shared) = parse_public_key(public_key)?.encapsulate_with_rng(rng);
    Some((ciphertext.into(), Zeroizing::new(shared.into())))
}

/// Recovers the secret. A ciphertext for another key gives another secret (implicit rejection);
/// `None` only for an X25519 part of small order, which is public anyway.
pub(crate) fn decapsulate(seed: &[u8; 32], ciphertext: &[u8; CIPHERTEXT]) -> Option<Shared> {
    let key = DecapsulationKeyRejectNonContrib::from(*seed);
    let ciphertext = Ciphertext::from(*ciphertext);
    key.try_decapsulate(&ciphertext)
        .ok()
        .map(|shared| Zeroizing::new(shared.into()))
}

fn parse_public_key(bytes: &[u8; PUBLIC_KEY]) -> Option<EncapsulationKey> {
    let (_, point) = bytes.split_last_chunk::<32>()?;
    if is_small_order(point) {
        return None;
    }
    EncapsulationKey::try_from(bytes.as_slice()).ok()
}

/// A clamped scalar is a multiple of the cofactor: it sends exactly the points of small order, in
/// whatever encoding, to zero (RFC 7748 §6.1).
pub(crate) fn is_small_order(point: &[u8; 32]) -> bool {
    x25519_dalek::x25519([0; 32], *point) == [0; 32]
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
        let (ciphertext, sent) = encapsulate(&public_key(&seed), rng).unwrap();
        assert_eq!(decapsulate(&seed, &ciphertext).unwrap(), sent);
        assert_ne!(decapsulate(&[8; 32], &ciphertext).unwrap(), sent);
    }

    #[test]
    fn points_of_small_order_are_refused_in_public_keys() {
        let rng = &mut ChaCha20Rng::seed_from_u64(2);
        let mut key = public_key(&[9; 32]);
        for point in small_order_points() {
            key[PUBLIC_KEY - 32..].copy_from_slice(&point);
            assert!(!is_public_key(&key), "{point:02x?}");
            assert!(encapsulate(&key, rng).is_none());
        }
    }

    #[test]
    fn points_of_small_order_are_refused_in_ciphertexts() {
        let rng = &mut ChaCha20Rng::seed_from_u64(3);
        let (mut ciphertext, _) = encapsulate(&public_key(&[9; 32]), rng).unwrap();
        for point in small_order_points() {
            ciphertext[CIPHERTEXT - 32..].copy_from_slice(&point);
            assert!(decapsulate(&[9; 32], &ciphertext).is_none(), "{point:02x?}");
        }
    }

    #[test]
    fn lattice_coefficients_out_of_range_are_refused() {
        let mut key = public_key(&[9; 32]);
        key[..3].copy_from_slice(&[0xff; 3]);
        assert!(!is_public_key(&key));
    }
}
