//! HPKE (RFC 9180) in base mode to a node's forward key: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
//! AES-256-GCM. The node's fingerprint is in the info, so a box opens at that node only.

use alloc::vec::Vec;

use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, setup_receiver, setup_sender_with_rng,
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::cannot_open::{CannotOpen, SealError};
use crate::hash::prefix;
use crate::id::NodeFingerprint;
use crate::node_keys::{NodeKeys, forward_public_key};

/// Length of the encapsulated key.
pub(crate) const ENC: usize = 32;
/// What sealing adds: encapsulated key and tag.
pub(crate) const OVERHEAD: usize = ENC + crate::aead::TAG;

/// Names what is exported for answers; forward boxes have none and leave it unused.
pub(crate) const ANSWER_NAMESPACE: &str = "zechat/lookup-answer/v1";

/// The two ends of an exchange that has an answer.
pub(crate) struct AnswerSecret {
    pub(crate) enc: [u8; ENC],
    pub(crate) secret: Zeroizing<[u8; 32]>,
}

/// Seals to a node; also gives the secret that its answer is sealed with.
pub(crate) fn seal<R: CryptoRng + ?Sized>(
    namespace: &str,
    forward_key: &[u8; 32],
    node: &NodeFingerprint,
    plaintext: &[u8],
    mut rng: &mut R,
) -> Result<(Vec<u8>, AnswerSecret), SealError> {
    let (enc, mut context) = setup_sender_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &forward_public_key(forward_key),
        &info(namespace, node),
        &mut rng,
    )
    .map_err(|_| SealError::Key)?;
    let enc: [u8; ENC] = enc.to_bytes().into();
    let sealed = context
        .seal(plaintext, &[])
        .map_err(|_| SealError::TooLong)?;
    let mut secret = Zeroizing::new([0; 32]);
    context
        .export(&prefix(ANSWER_NAMESPACE), secret.as_mut())
        .map_err(|_| SealError::Key)?;
    Ok((
        [enc.as_slice(), &sealed].concat(),
        AnswerSecret { enc, secret },
    ))
}

/// Opens what was sealed to this node.
pub(crate) fn open(
    namespace: &str,
    keys: &NodeKeys,
    boxed: &[u8],
) -> Result<(Zeroizing<Vec<u8>>, AnswerSecret), CannotOpen> {
    let (enc, sealed) = boxed.split_first_chunk::<ENC>().ok_or(CannotOpen)?;
    let key = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(enc).map_err(|_| CannotOpen)?;
    let mut context = setup_receiver::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        keys.forward(),
        &key,
        &info(namespace, &keys.fingerprint()),
    )
    .map_err(|_| CannotOpen)?;
    let plaintext = Zeroizing::new(context.open(sealed, &[]).map_err(|_| CannotOpen)?);
    let mut secret = Zeroizing::new([0; 32]);
    context
        .export(&prefix(ANSWER_NAMESPACE), secret.as_mut())
        .map_err(|_| CannotOpen)?;
    Ok((plaintext, AnswerSecret { enc: *enc, secret }))
}

fn info(namespace: &str, node: &NodeFingerprint) -> Vec<u8> {
    [prefix(namespace).as_slice(), node.as_bytes()].concat()
}
