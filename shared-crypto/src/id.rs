//! Fixed-length identifiers: each its own type, one textual form (base64url without padding).
//!
//! Nothing here is secret except [`MailboxId`] and [`Pass`], which are capabilities: knowing one is the
//! right to deliver to it, or to be heard by its owner. Their debug form is therefore shortened.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base64url;

/// The text is not an identifier of the expected length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}: expected {length} bytes in base64url")]
pub struct ParseIdError {
    kind: &'static str,
    length: usize,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $length:literal, $shown:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// Length in bytes.
            pub const LENGTH: usize = $length;

            /// Wraps exact bytes.
            pub const fn from_bytes(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }

            /// The bytes, as they travel.
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }

            /// Parses base64url without padding.
            pub fn parse(text: &str) -> Result<Self, ParseIdError> {
                let error = ParseIdError { kind: stringify!($name), length: $length };
                let bytes = base64url::decode(text).map_err(|_| error)?;
                Self::try_from(bytes.as_slice())
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = ParseIdError;
            fn try_from(bytes: &[u8]) -> Result<Self, ParseIdError> {
                bytes
                    .try_into()
                    .map(Self)
                    .map_err(|_| ParseIdError { kind: stringify!($name), length: $length })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&base64url::encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = base64url::encode(&self.0);
                let shown = text.get(..$shown).unwrap_or(&text);
                write!(f, concat!(stringify!($name), "({}…)"), shown)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <alloc::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(
                d: &mut minicbor::Decoder<'b>,
                _: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                Self::try_from(d.bytes()?)
                    .map_err(|_| minicbor::decode::Error::message("wrong identifier length"))
            }
        }
    };
}

id!(
    /// The hash of an identity's genesis record; never changes, whatever node or key.
    IdentityId, 32, 8
);
id!(
    /// A namespaced SHA-256: of a record, an event, a key package or a first contact.
    Hash, 32, 8
);
id!(
    /// 32 random bytes chosen by a mailbox's owner; knowing it is the right to deliver to it.
    MailboxId, 32, 4
);
id!(
    /// 8 random bytes in a contact link: whoever was given that link shows them when asking.
    Pass, 8, 2
);
id!(
    /// SHA-256 over a node's signing key.
    NodeFingerprint, 32, 8
);
id!(
    /// Random id of an event; makes delivery idempotent.
    MessageId, 16, 8
);
id!(
    /// Random id that a client gives what it hands to its home node for another node.
    SubmissionId, 16, 8
);
id!(
    /// Random id of one copy of an identity.
    DeviceId, 16, 8
);
id!(
    /// Id of a conversation; of two people it is derived from both identity ids.
    ConversationId, 16, 8
);
id!(
    /// A vault: the Ed25519 key that a recovery phrase gives for it. Who has the phrase finds it.
    VaultId, 32, 8
);
id!(
    /// 32 random bytes that a node challenges a login with, for one use.
    Nonce, 32, 8
);
