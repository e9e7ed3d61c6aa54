//! Postage: what a stranger's message costs its sender (`docs/protocol.md` §10).

use alloc::string::String;
use core::fmt;

use sha2::{Digest, Sha256};

use crate::base64url;
use crate::hash::{prefix, sha256};
use crate::id::{MailboxId, MessageId};

/// Length of postage.
pub const POSTAGE_LENGTH: usize = 40;
/// The HTTP header that carries postage, in base64url.
pub const POSTAGE_HEADER: &str = "ZeChat-Postage";

const NAMESPACE: &str = "zechat/postage/v1";

/// Checked postage: a known kind, its unused bytes zero.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Postage([u8; POSTAGE_LENGTH]);

/// What postage consists of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PostageKind {
    /// Nothing.
    None,
    /// A proof of work.
    Work {
        /// The number that makes the hash small.
        nonce: u64,
    },
    /// An invite token.
    Invite([u8; 16]),
}

/// The bytes are not postage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not postage")]
pub struct PostageError;

/// A search for a proof of work that can be done in steps.
#[derive(Clone)]
pub struct Work {
    base: Sha256,
    bits: u32,
    next: u64,
}

impl Postage {
    /// No postage, for contact mailboxes.
    pub const fn none() -> Self {
        Self([0; POSTAGE_LENGTH])
    }

    /// Postage by invite token.
    pub fn invite(token: &[u8; 16]) -> Self {
        Self::build(2, token)
    }

    /// Searches for a proof of work from `start` on, however long it takes.
    pub fn work(
        mailbox: &MailboxId,
        message_id: &MessageId,
        envelope: &[u8],
        bits: u32,
        start: u64,
    ) -> Self {
        let mut work = Work::new(mailbox, message_id, envelope, bits, start);
        loop {
            if let Some(postage) = work.step(u32::MAX) {
                return postage;
            }
        }
    }

    /// Reads the 40 bytes.
    ///
    /// # Errors
    /// [`PostageError`] for an unknown kind or unused bytes that are not zero.
    pub fn from_bytes(bytes: &[u8; POSTAGE_LENGTH]) -> Result<Self, PostageError> {
        let used = match bytes.first() {
            Some(0) => 1,
            Some(1) => 9,
            Some(2) => 17,
            _ => return Err(PostageError),
        };
        let is_zero = bytes.iter().skip(used).all(|byte| *byte == 0);
        if is_zero {
            Ok(Self(*bytes))
        } else {
            Err(PostageError)
        }
    }

    /// Parses the value of the [`POSTAGE_HEADER`].
    ///
    /// # Errors
    /// [`PostageError`].
    pub fn parse(text: &str) -> Result<Self, PostageError> {
        let bytes = base64url::decode(text).map_err(|_| PostageError)?;
        Self::from_bytes(bytes.as_slice().try_into().map_err(|_| PostageError)?)
    }

    /// The 40 bytes.
    pub const fn as_bytes(&self) -> &[u8; POSTAGE_LENGTH] {
        &self.0
    }

    /// The value of the [`POSTAGE_HEADER`].
    pub fn to_text(&self) -> String {
        base64url::encode(&self.0)
    }

    /// What the postage consists of.
    pub fn kind(&self) -> PostageKind {
        let [kind, value @ ..] = &self.0;
        match kind {
            1 => PostageKind::Work {
                nonce: u64::from_be_bytes(start_of(value)),
            },
            2 => PostageKind::Invite(start_of(value)),
            _ => PostageKind::None,
        }
    }

    /// Whether this is work enough for this delivery. Zero bits need nothing; invite tokens are for
    /// the node to know.
    pub fn verify(
        &self,
        mailbox: &MailboxId,
        message_id: &MessageId,
        envelope: &[u8],
        bits: u32,
    ) -> bool {
        match self.kind() {
            _ if bits == 0 => true,
            PostageKind::Work { nonce } => {
                let base = base(mailbox, message_id, envelope);
                zero_bits(base, nonce) >= bits
            }
            PostageKind::None | PostageKind::Invite(_) => false,
        }
    }

    fn build(kind: u8, value: &[u8]) -> Self {
        let mut bytes = [0; POSTAGE_LENGTH];
        for (target, byte) in bytes.iter_mut().zip(core::iter::once(&kind).chain(value)) {
            *target = *byte;
        }
        Self(bytes)
    }
}

impl Work {
    /// Prepares a search for `bits` zero bits, from nonce `start` on.
    pub fn new(
        mailbox: &MailboxId,
        message_id: &MessageId,
        envelope: &[u8],
        bits: u32,
        start: u64,
    ) -> Self {
        Self {
            base: base(mailbox, message_id, envelope),
            bits,
            next: start,
        }
    }

    /// Tries up to `tries` nonces; `None` if none of them is enough, and the next step goes on.
    pub fn step(&mut self, tries: u32) -> Option<Postage> {
        for _ in 0..tries {
            let nonce = self.next;
            self.next = nonce.wrapping_add(1);
            if zero_bits(self.base.clone(), nonce) >= self.bits {
                return Some(Postage::build(1, &nonce.to_be_bytes()));
            }
        }
        None
    }
}

fn base(mailbox: &MailboxId, message_id: &MessageId, envelope: &[u8]) -> Sha256 {
    let mut digest = Sha256::new_with_prefix(prefix(NAMESPACE));
    digest.update(mailbox.as_bytes());
    digest.update(message_id.as_bytes());
    digest.update(sha256(envelope));
    digest
}

fn zero_bits(mut base: Sha256, nonce: u64) -> u32 {
    base.update(nonce.to_be_bytes());
    let digest: [u8; 32] = base.finalize().into();
    let whole = digest.iter().take_while(|byte| **byte == 0).count();
    let rest = digest.get(whole).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(whole)
        .unwrap_or(32)
        .saturating_mul(8)
        .saturating_add(rest)
}

fn start_of<const N: usize>(value: &[u8]) -> [u8; N] {
    value.first_chunk().copied().unwrap_or([0; N])
}

impl fmt::Debug for Postage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind() {
            PostageKind::None => "none",
            PostageKind::Work { .. } => "work",
            PostageKind::Invite(_) => "invite",
        };
        write!(f, "Postage({kind})")
    }
}

impl fmt::Debug for PostageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Work { nonce } => f.debug_struct("Work").field("nonce", nonce).finish(),
            Self::Invite(_) => f.write_str("Invite(…)"),
        }
    }
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work")
            .field("bits", &self.bits)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}
