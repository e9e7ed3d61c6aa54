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
fn is_small_order(point: &[u8; 32]) -> bool {
    x25519_dalek::x25519([0; 32], *point) == [0; 32]
}
