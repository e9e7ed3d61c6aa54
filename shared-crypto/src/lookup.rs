//! Sealed lookups: a request for somebody's records that goes through the home node unread, and its
//! answer, as in Oblivious HTTP (RFC 9458; `docs/protocol.md` §11).

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use crate::aead;
use crate::cbor::{self, Bytes, DecodeError};
use crate::cbor_map;
use crate::envelope::CLASSES;
use crate::hash::{derive, hash_parts};
use crate::hpke_box::{self, ANSWER_NAMESPACE, AnswerSecret};
use crate::id::IdentityId;
use crate::node_document::NodeDocument;
use crate::node_keys::NodeKeys;
use crate::padding::{self, pad, unpad};
use crate::record::MAX_RECORDS;

pub use crate::cannot_open::{CannotOpen, SealError};

const NAMESPACE: &str = "zechat/lookup/v1";
const REQUEST: usize = 128;
const RESPONSE_NONCE: usize = 32;
const KEY: usize = 32;
const KEY_AND_NONCE: usize = KEY + 12;
/// Room that an answer keeps for its map, counts and lengths when records are fitted in.
const ANSWER_FRAME: usize = 64;

/// Length of a sealed lookup.
pub const SEALED_LOOKUP: usize = REQUEST + hpke_box::OVERHEAD;
/// Longest sealed answer.
pub const MAX_SEALED_ANSWER: usize = {
    let [.., largest] = CLASSES;
    RESPONSE_NONCE + largest + aead::TAG
};

cbor_map! {
    /// Whose records are wanted, from which number on.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LookupRequest {
        /// Whose.
        0 => pub identity: IdentityId,
        /// The first record number wanted.
        1 => pub from: u64,
    }
}

cbor_map! {
    /// What a node holds of an identity.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LookupAnswer {
        /// Whether the node holds the identity at all.
        0 => pub found: bool,
        /// Signed records from the wanted number on.
        1 => pub records: Option<Vec<Bytes>>,
        /// The newest signed key package.
        2 => pub key_package: Option<Bytes>,
        /// Whether records follow that did not fit.
        3 => pub more: Option<bool>,
    }
}

/// What the asking client keeps until the answer comes.
pub struct LookupPending(AnswerSecret);

/// What the answering node seals its answer with.
pub struct LookupResponder(AnswerSecret);

/// Seals a lookup to the node that the document describes.
///
/// # Errors
/// [`SealError::Key`] for a forward key that cannot be used.
pub fn seal_lookup<R: CryptoRng + ?Sized>(
    node: &NodeDocument,
    request: &LookupRequest,
    rng: &mut R,
) -> Result<(Vec<u8>, LookupPending), SealError> {
    let plaintext = pad(&cbor::encode(request), REQUEST).ok_or(SealError::TooLong)?;
    let fingerprint = node.fingerprint();
    hpke_box::seal(
        NAMESPACE,
        &node.forward_key.0,
        &fingerprint,
        &plaintext,
        rng,
    )
    .map(|(sealed, secret)| (sealed, LookupPending(secret)))
}

/// Opens a lookup that was sealed to this node.
///
/// # Errors
/// [`CannotOpen`], whatever is wrong.
pub fn open_lookup(
    keys: &NodeKeys,
    sealed: &[u8],
) -> Result<(LookupRequest, LookupResponder), CannotOpen> {
    if sealed.len() != SEALED_LOOKUP {
        return Err(CannotOpen);
    }
    let (plaintext, secret) = hpke_box::open(NAMESPACE, keys, sealed)?;
    let request = unpad(&plaintext).ok_or(CannotOpen)?;
    let request = cbor::decode(request).map_err(|_| CannotOpen)?;
    Ok((request, LookupResponder(secret)))
}

impl LookupAnswer {
    /// The answer for an identity that the node does not hold.
    pub fn not_found() -> Self {
        Self {
            found: false,
            records: None,
            key_package: None,
            more: None,
        }
    }

    /// The answer for an identity that the node holds: as many of `records` (which begin with the
    /// wanted number) as fit, and the key package.
    pub fn found(records: &[impl AsRef<[u8]>], key_package: Option<&[u8]>) -> Self {
        let [.., largest] = CLASSES;
        let frame = ANSWER_FRAME + padding::LENGTH;
        let mut room = largest
            .saturating_sub(frame)
            .saturating_sub(key_package.map_or(0, <[u8]>::len));
        let mut fitting = Vec::new();
        for record in records {
            // Five bytes are the longest header of a byte string below 64 KiB, and more.
            let Some(left) = room.checked_sub(record.as_ref().len().saturating_add(5)) else {
                break;
            };
            room = left;
            fitting.push(Bytes::from(record.as_ref()));
        }
        let is_cut = fitting.len() < records.len();
        Self {
            found: true,
            records: Some(fitting),
            key_package: key_package.map(Bytes::from),
            more: is_cut.then_some(true),
        }
    }

    fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        let answer: Self = cbor::decode(bytes)?;
        let is_bounded = answer
            .records
            .as_ref()
            .is_none_or(|list| list.len() <= MAX_RECORDS);
        if is_bounded {
            Ok(answer)
        } else {
            Err(DecodeError::Shape)
        }
    }
}

impl LookupResponder {
    /// Seals the answer, padded to one of three sizes.
    ///
    /// # Errors
    /// [`SealError::TooLong`]; what [`LookupAnswer::found`] made always fits.
    pub fn seal<R: CryptoRng + ?Sized>(
        &self,
        answer: &LookupAnswer,
        rng: &mut R,
    ) -> Result<Vec<u8>, SealError> {
        let encoded = cbor::encode(answer);
        let plaintext = CLASSES
            .iter()
            .find_map(|class| pad(&encoded, *class))
            .ok_or(SealError::TooLong)?;
        let mut nonce = [0; RESPONSE_NONCE];
        rng.fill_bytes(&mut nonce);
        let sealed = with_keys(&self.0, &nonce, |key, iv| {
            aead::seal(key, iv, &[], &plaintext)
        })
        .ok_or(SealError::Key)??;
        Ok([nonce.as_slice(), &sealed].concat())
    }
}

impl LookupPending {
    /// Opens the answer.
    ///
    /// # Errors
    /// [`CannotOpen`], whatever is wrong.
    pub fn open(&self, sealed: &[u8]) -> Result<LookupAnswer, CannotOpen> {
        let (nonce, sealed) = sealed.split_first_chunk().ok_or(CannotOpen)?;
        if !CLASSES
            .iter()
            .any(|class| sealed.len().checked_sub(aead::TAG) == Some(*class))
        {
            return Err(CannotOpen);
        }
        let plaintext = with_keys(&self.0, nonce, |key, iv| aead::open(key, iv, &[], sealed))
            .ok_or(CannotOpen)??;
        let encoded = unpad(&plaintext).ok_or(CannotOpen)?;
        LookupAnswer::parse(encoded).map_err(|_| CannotOpen)
    }
}

/// Derives key and nonce of an answer (RFC 9458 §4.4); always `Some`, the lengths are constants.
fn with_keys<T>(
    exchange: &AnswerSecret,
    response_nonce: &[u8; RESPONSE_NONCE],
    run: impl FnOnce(&[u8; KEY], &[u8; 12]) -> T,
) -> Option<T> {
    let transcript = hash_parts(ANSWER_NAMESPACE, &[&exchange.enc, response_nonce]);
    let output = derive::<KEY_AND_NONCE>(ANSWER_NAMESPACE, exchange.secret.as_slice(), &transcript);
    let (key, nonce) = output.split_first_chunk()?;
    Some(run(key, nonce.first_chunk()?))
}

impl fmt::Debug for LookupPending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookupPending(…)")
    }
}

impl fmt::Debug for LookupResponder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookupResponder(…)")
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    /// Also the one who answers cannot make an answer of a size of its own.
    #[test]
    fn an_answer_has_one_of_three_sizes() {
        let secret = || AnswerSecret {
            enc: [1; 32],
            secret: Zeroizing::new([2; 32]),
        };
        let encoded = cbor::encode(&LookupAnswer::not_found());
        for (size, is_one) in [(4_096, true), (16_384, true), (5_000, false), (128, false)] {
            let plaintext = pad(&encoded, size).unwrap();
            let nonce = [3; RESPONSE_NONCE];
            let sealed = with_keys(&secret(), &nonce, |key, iv| {
                aead::seal(key, iv, &[], &plaintext)
            });
            let sealed = sealed.unwrap().unwrap();
            let answer = [nonce.as_slice(), &sealed].concat();
            let opened = LookupPending(secret()).open(&answer);
            assert_eq!(opened.is_ok(), is_one, "{size}");
        }
    }
}
