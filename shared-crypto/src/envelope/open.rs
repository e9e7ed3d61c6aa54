//! Opening envelopes. The commitment is compared before anything is decrypted.

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::keys::{EnvelopeKeys, NO_SENDER, PairSecret, Transcript, pairing_of};
use super::seal::{ACCEPTANCE_LABEL, FIRST_CONTACT_LABEL};
use super::{EnvelopeKind, Parts};
use crate::aead;
use crate::cannot_open::CannotOpen;
use crate::id::{Hash, IdentityId, MailboxId};
use crate::key_package::ReceiveKeyPair;
use crate::padding::unpad;
use crate::rsa_keys::SealingKeyPair;

/// An opened first contact.
#[derive(Clone)]
pub struct FirstContactOpened {
    /// What was sealed: the encoding of a [`Content`](crate::event::Content).
    pub content: Zeroizing<Vec<u8>>,
    /// What names the pairing.
    pub pairing: Hash,
    /// The initiator's half of the pair secret.
    pub r1: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for FirstContactOpened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstContactOpened")
            .field("pairing", &self.pairing)
            .finish_non_exhaustive()
    }
}

/// Opens a first contact that arrived in one of the reader's intro mailboxes.
///
/// # Errors
/// [`CannotOpen`], whatever is wrong.
pub fn open_first_contact<R: CryptoRng + ?Sized>(
    envelope: &[u8],
    me: &IdentityId,
    mailbox: &MailboxId,
    receive: &ReceiveKeyPair,
    sealing: &SealingKeyPair,
    rng: &mut R,
) -> Result<FirstContactOpened, CannotOpen> {
    let parts = Parts::of_kind(envelope, EnvelopeKind::FirstContact)?;
    let r1 = sealing.open(rng, FIRST_CONTACT_LABEL, parts.r);
    let shared = receive.private().decapsulate(parts.ciphertext);
    let shared = shared.ok_or(CannotOpen)?;
    let content = open(&parts, &NO_SENDER, me, mailbox, &shared, &r1)?;
    Ok(FirstContactOpened {
        content,
        pairing: pairing_of(parts.header),
        r1,
    })
}

/// A message of a contact that the reader's receive key has been applied to: that is most of the work, and is done
/// once, however many pair secrets are tried.
pub struct ReceivedLane<'a> {
    parts: Parts<'a>,
    shared: Zeroizing<[u8; 32]>,
}

impl<'a> ReceivedLane<'a> {
    /// Applies the receive key.
    ///
    /// # Errors
    /// [`CannotOpen`] if it is not a message of a contact.
    pub fn new(envelope: &'a [u8], receive: &ReceiveKeyPair) -> Result<Self, CannotOpen> {
        let parts = Parts::of_kind(envelope, EnvelopeKind::Lane)?;
        let shared = receive.private().decapsulate(parts.ciphertext);
        let shared = shared.ok_or(CannotOpen)?;
        Ok(Self { parts, shared })
    }

    /// Opens it.
    ///
    /// # Errors
    /// [`CannotOpen`], whatever is wrong.
    pub fn open(
        &self,
        sender: &IdentityId,
        me: &IdentityId,
        mailbox: &MailboxId,
        pair: &PairSecret,
    ) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        let (parts, shared, other) = (&self.parts, &self.shared, pair.as_bytes());
        open(parts, sender.as_bytes(), me, mailbox, shared, other)
    }
}

impl fmt::Debug for ReceivedLane<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceivedLane(…)")
    }
}

/// Opens a message of a contact.
///
/// # Errors
/// [`CannotOpen`], whatever is wrong.
pub fn open_lane(
    envelope: &[u8],
    sender: &IdentityId,
    me: &IdentityId,
    mailbox: &MailboxId,
    receive: &ReceiveKeyPair,
    pair: &PairSecret,
) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
    ReceivedLane::new(envelope, receive)?.open(sender, me, mailbox, pair)
}

/// The responder's half of the pair secret, if the envelope is a lane message that carries one. An
/// R that does not open gives a half with which nothing opens.
pub fn open_acceptance<R: CryptoRng + ?Sized>(
    envelope: &[u8],
    sealing: &SealingKeyPair,
    rng: &mut R,
) -> Option<Zeroizing<[u8; 32]>> {
    let parts = Parts::of_kind(envelope, EnvelopeKind::Lane).ok()?;
    (!parts.r.is_empty()).then(|| sealing.open(rng, ACCEPTANCE_LABEL, parts.r))
}

fn open(
    parts: &Parts<'_>,
    sender: &[u8; 32],
    recipient: &IdentityId,
    mailbox: &MailboxId,
    shared: &Zeroizing<[u8; 32]>,
    other: &[u8; 32],
) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
    let transcript = Transcript {
        header: parts.header,
        sender,
        recipient,
        mailbox,
    };
    let keys = EnvelopeKeys::derive(shared, other, &transcript);
    if !bool::from(keys.commitment().ct_eq(parts.commitment)) {
        return Err(CannotOpen);
    }
    let padded = aead::open(keys.key(), keys.nonce(), parts.header, parts.sealed)?;
    unpad(&padded)
        .map(|content| Zeroizing::new(content.to_vec()))
        .ok_or(CannotOpen)
}
