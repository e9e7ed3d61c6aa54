//! Events: what a person or client says, signed, inside an envelope (`docs/protocol.md` §7).

mod body;
mod name;

use alloc::vec::Vec;

use crate::cbor::{self, Bytes, DecodeError};
use crate::cbor_map;
use crate::hash::hash_parts;
use crate::id::{ConversationId, DeviceId, Hash, IdentityId, MessageId};
use crate::record::{Chain, MAX_RECORDS};
use crate::signed::{Payload, Signed, SignedError, Verified};
use crate::time::Millis;

pub use body::{Body, BodyError, MAX_REACTION, MAX_RECEIPTS, MAX_TEXT, kind};
pub use name::{Name, NameError};

/// Longest life of a message that is to be forgotten, in seconds: a year.
pub const MAX_LIFETIME: u64 = 365 * 24 * 3_600;
const CONVERSATION_NAMESPACE: &str = "zechat/conversation/v1";
/// What stands for the hash of the event before a device's first one.
pub const NO_PREVIOUS: Hash = Hash::from_bytes([0; 32]);

cbor_map! {
    /// A signed statement of one device in one conversation.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Event {
        /// Who says it.
        0 => pub sender: IdentityId,
        /// The hash of the sender's newest record, whose signing key signs.
        1 => pub record: Hash,
        /// To whom.
        2 => pub recipient: IdentityId,
        /// In which conversation.
        3 => pub conversation: ConversationId,
        /// With which device.
        4 => pub device: DeviceId,
        /// This device's events in this conversation, from 1.
        5 => pub counter: u64,
        /// Hash of the event with the counter before, [`NO_PREVIOUS`] at 1.
        6 => pub previous: Hash,
        /// When.
        7 => pub sent_at: Millis,
        /// The id that the envelope is delivered under.
        8 => pub message_id: MessageId,
        /// The kind of the body.
        9 => pub kind: u64,
        /// The encoding of the body.
        10 => pub body: Bytes,
        /// Both sides forget what it says so many seconds after it was sent; 1 to [`MAX_LIFETIME`].
        11 => pub lifetime: Option<u64>,
    }
}

cbor_map! {
    /// What an envelope contains.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Content {
        /// The signed event.
        0 => pub event: Bytes,
        /// The sender's newest signed key package.
        1 => pub key_package: Option<Bytes>,
        /// Signed records of the sender that the reader may lack.
        2 => pub records: Option<Vec<Bytes>>,
    }
}

/// Why an event is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Unreadable, or not signed by the sender.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// The sender is somebody else.
    #[error("the event is somebody else's")]
    Sender,
    /// The record it names is not in the sender's chain as far as it is known.
    #[error("the event names a record that is not known")]
    UnknownRecord,
    /// It was said to somebody else.
    #[error("the event is for somebody else")]
    Recipient,
    /// It belongs to another conversation.
    #[error("the event belongs to another conversation")]
    Conversation,
    /// It was delivered under another id.
    #[error("the event was delivered under another id")]
    MessageId,
}

impl Payload for Event {
    const NAMESPACE: &'static str = "zechat/event/v1";
    const MAX_SIGNED: usize = 65_536;

    fn check(&self) -> Result<(), DecodeError> {
        let is_sound = self.counter > 0 && (self.counter == 1) == (self.previous == NO_PREVIOUS);
        let ends = self
            .lifetime
            .is_none_or(|seconds| (1..=MAX_LIFETIME).contains(&seconds));
        if is_sound && ends {
            Ok(())
        } else {
            Err(DecodeError::Shape)
        }
    }
}

impl Event {
    /// Verifies an event by its sender's chain: the signature by the signing key of the record that
    /// the event names, and that it is from this sender to this recipient, in their conversation,
    /// under this id.
    ///
    /// # Errors
    /// [`EventError`]. After [`EventError::UnknownRecord`] a longer chain may verify it.
    pub fn verify(
        bytes: &[u8],
        sender: &Chain,
        recipient: &IdentityId,
        message_id: &MessageId,
    ) -> Result<Verified<Self>, EventError> {
        let event = Signed::<Self>::parse(bytes)?;
        event
            .unverified()
            .check(&sender.identity(), recipient, message_id)?;
        let key = sender
            .signing_key_of(&event.unverified().record)
            .ok_or(EventError::UnknownRecord)?;
        Ok(event.verify(key)?)
    }

    /// Checks sender, recipient, conversation and message id.
    ///
    /// # Errors
    /// The [`EventError`] for the first that differs.
    pub fn check(
        &self,
        sender: &IdentityId,
        recipient: &IdentityId,
        message_id: &MessageId,
    ) -> Result<(), EventError> {
        if self.sender != *sender {
            return Err(EventError::Sender);
        }
        if self.recipient != *recipient {
            return Err(EventError::Recipient);
        }
        if self.conversation != conversation_of(sender, recipient) {
            return Err(EventError::Conversation);
        }
        if self.message_id != *message_id {
            return Err(EventError::MessageId);
        }
        Ok(())
    }

    /// When what it says is to be forgotten, if ever; `arrived_at` is the reader's clock. A sender whose clock is
    /// ahead does not gain time by it.
    pub fn expires_at(&self, arrived_at: Millis) -> Option<Millis> {
        self.lifetime.map(|seconds| {
            let from = self.sent_at.min(arrived_at);
            from.saturating_add(seconds.saturating_mul(1_000))
        })
    }

    /// Decodes the body. Kinds that this version does not read are [`Body::Unknown`].
    ///
    /// # Errors
    /// [`BodyError`] for a body that is not one of its kind.
    pub fn body(&self) -> Result<Body, BodyError> {
        Body::decode(self.kind, &self.body.0)
    }
}

impl Content {
    /// Decodes an opened envelope's content of bounded counts.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        let content: Self = cbor::decode(bytes)?;
        let is_bounded = content
            .records
            .as_ref()
            .is_none_or(|list| list.len() <= MAX_RECORDS);
        if is_bounded {
            Ok(content)
        } else {
            Err(DecodeError::Shape)
        }
    }

    /// The bytes that are sealed.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(self)
    }
}

/// The id of the conversation of two people, the same from both sides.
pub fn conversation_of(a: &IdentityId, b: &IdentityId) -> ConversationId {
    let (smaller, larger) = if a <= b { (a, b) } else { (b, a) };
    let hash = hash_parts(
        CONVERSATION_NAMESPACE,
        &[smaller.as_bytes(), larger.as_bytes()],
    );
    let start = hash.as_bytes().first_chunk().copied().unwrap_or_default();
    ConversationId::from_bytes(start)
}
