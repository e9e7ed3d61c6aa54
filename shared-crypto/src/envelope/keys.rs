//! What sealing and opening derive alike: the pair secret and an envelope's one-time keys.

use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::COMMITMENT;
use crate::hash::{derive, hash, hash_parts};
use crate::id::{Hash, IdentityId, MailboxId};

const ENVELOPE_NAMESPACE: &str = "zechat/envelope/v1";
const PAIR_NAMESPACE: &str = "zechat/pair/v1";
/// The sender part of an envelope whose sender is not known before it is open.
pub(super) const NO_SENDER: [u8; 32] = [0; 32];

const KEY: usize = 32;
const NONCE: usize = 12;

/// The secret that two contacts share besides their receive keys (`docs/protocol.md` §8). Zeroed
/// when dropped.
#[derive(Clone)]
pub struct PairSecret(Zeroizing<[u8; 32]>);

impl PairSecret {
    /// Derives the secret of a pairing from both halves that RSA carried.
    pub fn derive(
        r1: &[u8; 32],
        r2: &[u8; 32],
        initiator: &IdentityId,
        responder: &IdentityId,
        pairing: &Hash,
    ) -> Self {
        let halves = join(r1, r2);
        let ids = [
            initiator.as_bytes().as_slice(),
            responder.as_bytes(),
            pairing.as_bytes(),
        ];
        let transcript = hash_parts(PAIR_NAMESPACE, &ids);
        Self(derive(PAIR_NAMESPACE, halves.as_slice(), &transcript))
    }

    /// Reads what [`PairSecret::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// The secret's bytes, for the client's sealed store.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.clone()
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for PairSecret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for PairSecret {}

impl fmt::Debug for PairSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairSecret(…)")
    }
}

/// What names a pairing: the hash of its first contact's header.
pub(super) fn pairing_of(header: &[u8]) -> Hash {
    hash(PAIR_NAMESPACE, header)
}

/// The public inputs that an envelope's keys depend on.
pub(super) struct Transcript<'a> {
    pub(super) header: &'a [u8],
    pub(super) sender: &'a [u8; 32],
    pub(super) recipient: &'a IdentityId,
    pub(super) mailbox: &'a MailboxId,
}

/// Key, nonce and commitment of one envelope.
pub(super) struct EnvelopeKeys(Zeroizing<[u8; KEY + NONCE + COMMITMENT]>);

impl EnvelopeKeys {
    pub(super) fn derive(shared: &[u8; 32], other: &[u8; 32], transcript: &Transcript<'_>) -> Self {
        let parts = [
            transcript.header,
            transcript.sender,
            transcript.recipient.as_bytes(),
            transcript.mailbox.as_bytes(),
        ];
        let secret = join(shared, other);
        let transcript = hash_parts(ENVELOPE_NAMESPACE, &parts);
        Self(derive(ENVELOPE_NAMESPACE, secret.as_slice(), &transcript))
    }

    pub(super) fn key(&self) -> &[u8; KEY] {
        self.part(0)
    }

    pub(super) fn nonce(&self) -> &[u8; NONCE] {
        self.part(KEY)
    }

    pub(super) fn commitment(&self) -> &[u8; COMMITMENT] {
        self.part(KEY + NONCE)
    }

    fn part<const N: usize>(&self, start: usize) -> &[u8; N] {
        #[expect(clippy::expect_used, reason = "the three parts add up to the length")]
        self.0
            .get(start..)
            .and_then(|rest| rest.first_chunk())
            .expect("inside the output")
    }
}

fn join(first: &[u8; 32], second: &[u8; 32]) -> Zeroizing<[u8; 64]> {
    let mut both = Zeroizing::new([0; 64]);
    for (target, byte) in both.iter_mut().zip(first.iter().chain(second)) {
        *target = *byte;
    }
    both
}
