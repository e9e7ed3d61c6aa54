//! Envelopes: what is delivered to a mailbox, of three sizes and opaque (`docs/protocol.md` §6).
//!
//! This file knows the outside, which a node checks; `seal` and `open` the inside, `keys` what both
//! derive. An envelope opens on its own, in any order; every failure to open looks the same.

mod keys;
mod open;
mod seal;

use crate::hash::SUITE;
use crate::rsa_keys::shortest_modulus;
use crate::x_wing_kem::CIPHERTEXT;

pub use crate::cannot_open::{CannotOpen, SealError};
pub use keys::PairSecret;
pub use open::{FirstContactOpened, ReceivedLane, open_acceptance, open_first_contact, open_lane};
pub use seal::{FirstContactSealed, max_content, seal_acceptance, seal_first_contact, seal_lane};

/// The permitted lengths of an envelope.
pub const CLASSES: [usize; 3] = [4_096, 16_384, 65_536];

/// Suite, kind and hint.
const START: usize = 18;
const COMMITMENT: usize = 32;
/// Longest OAEP ciphertext.
const LONGEST_R: usize = 512;

/// What an envelope is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EnvelopeKind {
    /// From somebody who is not a contact yet.
    FirstContact,
    /// From a contact.
    Lane,
}

impl EnvelopeKind {
    const fn number(self) -> u8 {
        match self {
            Self::FirstContact => 1,
            Self::Lane => 2,
        }
    }
}

/// Why bytes are not an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Not one of the three sizes.
    #[error("an envelope has 4, 16 or 64 KiB")]
    WrongSize,
    /// A suite that this version does not know.
    #[error("suite {0} is unknown")]
    UnknownSuite(u8),
    /// A kind that this version does not know.
    #[error("kind {0} is unknown")]
    UnknownKind(u8),
    /// The length of R is not possible, or a first contact is too small or without R.
    #[error("the envelope's shape is impossible")]
    Shape,
}

/// What is visible of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    kind: EnvelopeKind,
    key_package: [u8; 16],
    has_r: bool,
}

impl Header {
    /// What the envelope is for.
    pub fn kind(&self) -> EnvelopeKind {
        self.kind
    }

    /// The first 16 bytes of the id of the key package that it was sealed to.
    pub fn key_package(&self) -> &[u8; 16] {
        &self.key_package
    }

    /// Whether it carries an OAEP ciphertext.
    pub fn has_r(&self) -> bool {
        self.has_r
    }
}

/// Reads the visible part: size, suite, kind, lengths. What a node checks.
///
/// # Errors
/// [`EnvelopeError`].
pub fn peek(envelope: &[u8]) -> Result<Header, EnvelopeError> {
    let parts = Parts::parse(envelope)?;
    Ok(Header {
        kind: parts.kind,
        key_package: *parts.hint,
        has_r: !parts.r.is_empty(),
    })
}

/// An envelope taken apart.
struct Parts<'a> {
    kind: EnvelopeKind,
    hint: &'a [u8; 16],
    ciphertext: &'a [u8; CIPHERTEXT],
    /// Empty if there is none.
    r: &'a [u8],
    /// Everything before the commitment.
    header: &'a [u8],
    commitment: &'a [u8; COMMITMENT],
    sealed: &'a [u8],
}

impl<'a> Parts<'a> {
    fn parse(envelope: &'a [u8]) -> Result<Self, EnvelopeError> {
        if !CLASSES.contains(&envelope.len()) {
            return Err(EnvelopeError::WrongSize);
        }
        let ([suite, kind], rest) = chunk::<2>(envelope)?;
        if *suite != SUITE {
            return Err(EnvelopeError::UnknownSuite(*suite));
        }
        let kind = match kind {
            1 => EnvelopeKind::FirstContact,
            2 => EnvelopeKind::Lane,
            other => return Err(EnvelopeError::UnknownKind(*other)),
        };
        let (hint, rest) = chunk(rest)?;
        let (ciphertext, rest) = chunk(rest)?;
        let (r_length, rest) = chunk::<2>(rest)?;
        let r_length = usize::from(u16::from_be_bytes(*r_length));
        let is_possible = match kind {
            EnvelopeKind::FirstContact => {
                is_r_length(r_length) && envelope.len() != CLASSES.first().copied().unwrap_or(0)
            }
            EnvelopeKind::Lane => r_length == 0 || is_r_length(r_length),
        };
        if !is_possible {
            return Err(EnvelopeError::Shape);
        }
        let (r, rest) = rest
            .split_at_checked(r_length)
            .ok_or(EnvelopeError::Shape)?;
        let header_length = envelope.len().saturating_sub(rest.len());
        let header = envelope.get(..header_length).ok_or(EnvelopeError::Shape)?;
        let (commitment, sealed) = chunk(rest)?;
        Ok(Self {
            kind,
            hint,
            ciphertext,
            r,
            header,
            commitment,
            sealed,
        })
    }

    /// For opening: whatever is wrong with the outside, it cannot be opened.
    fn of_kind(envelope: &'a [u8], kind: EnvelopeKind) -> Result<Self, CannotOpen> {
        Self::parse(envelope)
            .ok()
            .filter(|parts| parts.kind == kind)
            .ok_or(CannotOpen)
    }
}

fn chunk<const N: usize>(bytes: &[u8]) -> Result<(&[u8; N], &[u8]), EnvelopeError> {
    bytes.split_first_chunk().ok_or(EnvelopeError::Shape)
}

fn is_r_length(length: usize) -> bool {
    (shortest_modulus()..=LONGEST_R).contains(&length)
}
