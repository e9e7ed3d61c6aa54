//! Making envelopes.

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::keys::{EnvelopeKeys, NO_SENDER, PairSecret, Transcript, pairing_of};
use super::{CLASSES, COMMITMENT, EnvelopeKind, LONGEST_R, START, is_r_length};
use crate::aead::{self, TAG};
use crate::cannot_open::SealError;
use crate::hash::SUITE;
use crate::id::{Hash, IdentityId, MailboxId};
use crate::key_package::KeyPackage;
use crate::padding::{self, pad};
use crate::rsa_keys::SealingPublicKey;
use crate::signed::Verified;
use crate::x_wing_kem::{CIPHERTEXT, encapsulate};

/// Label of the half that a first contact carries.
pub(super) const FIRST_CONTACT_LABEL: &str = "zechat/first-contact/v1";
/// Label of the half that an acceptance carries.
pub(super) const ACCEPTANCE_LABEL: &str = "zechat/acceptance/v1";

/// A sealed first contact and what its sender has to remember of it.
#[derive(Clone)]
pub struct FirstContactSealed {
    /// The envelope.
    pub envelope: Vec<u8>,
    /// What names the pairing.
    pub pairing: Hash,
    /// The initiator's half of the pair secret.
    pub r1: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for FirstContactSealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstContactSealed")
            .field("pairing", &self.pairing)
            .finish_non_exhaustive()
    }
}

/// The longest content that any envelope takes, whatever the size of the RSA keys.
pub const fn max_content() -> usize {
    let [.., largest] = CLASSES;
    largest - START - CIPHERTEXT - 2 - LONGEST_R - COMMITMENT - TAG - padding::LENGTH
}

/// Seals a first contact to somebody's intro mailbox.
///
/// # Errors
/// [`SealError::TooLong`] for content beyond [`max_content`], [`SealError::Key`] for keys that cannot
/// be used.
pub fn seal_first_contact<R: CryptoRng + ?Sized>(
    content: &[u8],
    recipient: &IdentityId,
    mailbox: &MailboxId,
    key_package: &Verified<KeyPackage>,
    sealing: &SealingPublicKey,
    rng: &mut R,
) -> Result<FirstContactSealed, SealError> {
    let mut r1 = Zeroizing::new([0; 32]);
    rng.fill_bytes(r1.as_mut());
    let r = sealing
        .seal(rng, FIRST_CONTACT_LABEL, &r1)
        .map_err(|_| SealError::Key)?;
    let route = Route {
        sender: &NO_SENDER,
        recipient,
        mailbox,
    };
    let (envelope, pairing) = seal(
        EnvelopeKind::FirstContact,
        content,
        &route,
        key_package,
        &r1,
        &r,
        rng,
    )?;
    Ok(FirstContactSealed {
        envelope,
        pairing,
        r1,
    })
}

/// Seals a message to a contact. `acceptance` is the R of [`seal_acceptance`] while the other side
/// may not have it yet.
///
/// # Errors
/// As [`seal_first_contact`].
#[expect(
    clippy::too_many_arguments,
    reason = "each is a different public input of the envelope"
)]
pub fn seal_lane<R: CryptoRng + ?Sized>(
    content: &[u8],
    sender: &IdentityId,
    recipient: &IdentityId,
    mailbox: &MailboxId,
    key_package: &Verified<KeyPackage>,
    pair: &PairSecret,
    acceptance: Option<&[u8]>,
    rng: &mut R,
) -> Result<Vec<u8>, SealError> {
    let route = Route {
        sender: sender.as_bytes(),
        recipient,
        mailbox,
    };
    let r = acceptance.unwrap_or_default();
    if !r.is_empty() && !is_r_length(r.len()) {
        return Err(SealError::Key);
    }
    seal(
        EnvelopeKind::Lane,
        content,
        &route,
        key_package,
        pair.as_bytes(),
        r,
        rng,
    )
    .map(|(envelope, _)| envelope)
}

/// Seals the responder's half of the pair secret: the R that lane messages carry until answered.
///
/// # Errors
/// [`SealError::Key`] for a key that cannot be used.
pub fn seal_acceptance<R: CryptoRng + ?Sized>(
    r2: &[u8; 32],
    initiator: &SealingPublicKey,
    rng: &mut R,
) -> Result<Vec<u8>, SealError> {
    initiator
        .seal(rng, ACCEPTANCE_LABEL, r2)
        .map_err(|_| SealError::Key)
}

struct Route<'a> {
    sender: &'a [u8; 32],
    recipient: &'a IdentityId,
    mailbox: &'a MailboxId,
}

fn seal<R: CryptoRng + ?Sized>(
    kind: EnvelopeKind,
    content: &[u8],
    route: &Route<'_>,
    key_package: &Verified<KeyPackage>,
    other: &[u8; 32],
    r: &[u8],
    rng: &mut R,
) -> Result<(Vec<u8>, Hash), SealError> {
    let (ciphertext, shared) = encapsulate(&key_package.public_key.0, rng).ok_or(SealError::Key)?;
    let id = key_package.id();
    let hint = id.as_bytes().get(..16).ok_or(SealError::Key)?;
    let r_length = u16::try_from(r.len()).map_err(|_| SealError::Key)?;
    let header = [
        &[SUITE, kind.number()],
        hint,
        &ciphertext,
        &r_length.to_be_bytes(),
        r,
    ]
    .concat();
    let outside = header.len().saturating_add(COMMITMENT).saturating_add(TAG);
    let plaintext = pad_to_class(content, kind, outside)?;
    let transcript = Transcript {
        header: &header,
        sender: route.sender,
        recipient: route.recipient,
        mailbox: route.mailbox,
    };
    let keys = EnvelopeKeys::derive(&shared, other, &transcript);
    let sealed = aead::seal(keys.key(), keys.nonce(), &header, &plaintext)?;
    let envelope = [header.as_slice(), keys.commitment(), &sealed].concat();
    Ok((envelope, pairing_of(&header)))
}

/// Pads to the smallest class that takes the content, given what else the envelope holds.
fn pad_to_class(
    content: &[u8],
    kind: EnvelopeKind,
    outside: usize,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let skipped = match kind {
        EnvelopeKind::FirstContact => 1,
        EnvelopeKind::Lane => 0,
    };
    CLASSES
        .iter()
        .skip(skipped)
        .find_map(|class| pad(content, class.checked_sub(outside)?))
        .ok_or(SealError::TooLong)
}
