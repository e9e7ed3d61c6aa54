//! Bodies of events by kind.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{MAX_LIFETIME, Name};
use crate::cbor::{self, DecodeError};
use crate::cbor_map;
use crate::id::{MailboxId, MessageId, Pass};

/// Longest text, in bytes.
pub const MAX_TEXT: usize = 16_384;
/// Most message ids in a receipt.
pub const MAX_RECEIPTS: usize = 512;
/// Longest reaction, in bytes: room for any one emoji.
pub const MAX_REACTION: usize = 64;

/// The numbers of the kinds that this version reads.
pub mod kind {
    /// A text.
    pub const TEXT: u64 = 1;
    /// A text that answers another message.
    pub const REPLY: u64 = 2;
    /// A sign under a message.
    pub const REACTION: u64 = 3;
    /// Another text for a message of the sender.
    pub const EDIT: u64 = 4;
    /// The wish that a message of the sender be forgotten.
    pub const DELETE: u64 = 5;
    /// What was delivered and read.
    pub const RECEIPT: u64 = 6;
    /// The sender is writing.
    pub const TYPING: u64 = 7;
    /// The sender's name.
    pub const PROFILE: u64 = 8;
    /// The sender's records, which are in the content, changed.
    pub const RECORD_UPDATE: u64 = 9;
    /// Another mailbox for messages to the sender.
    pub const MAILBOX_UPDATE: u64 = 10;
    /// How long messages of the conversation live.
    pub const TIMER: u64 = 11;
    /// The first message to somebody.
    pub const FIRST_CONTACT: u64 = 12;
    /// The answer to a first message.
    pub const ACCEPTANCE: u64 = 13;
    /// A first message to somebody who was in contact before keys were lost or replaced.
    pub const REINTRODUCTION: u64 = 14;
}

/// What an event says.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// A text of 1 to [`MAX_TEXT`] bytes.
    Text(String),
    /// A text of 1 to [`MAX_TEXT`] bytes that answers a message of either side.
    Reply {
        /// The text.
        text: String,
        /// What it answers.
        to: MessageId,
    },
    /// A sign under a message of either side; it takes the place of the sender's earlier one.
    Reaction {
        /// Under which message.
        to: MessageId,
        /// The sign, at most [`MAX_REACTION`] bytes; empty takes it back.
        sign: String,
    },
    /// Another text of 1 to [`MAX_TEXT`] bytes for a message of the sender.
    Edit {
        /// Which message.
        of: MessageId,
        /// The text in force from now on.
        text: String,
    },
    /// The sender wishes that a message of theirs be forgotten.
    Delete {
        /// Which message.
        of: MessageId,
    },
    /// Which messages were delivered and read; together 1 to [`MAX_RECEIPTS`].
    Receipt {
        /// Delivered to the sender of the receipt.
        delivered: Vec<MessageId>,
        /// Read by the sender of the receipt.
        read: Vec<MessageId>,
    },
    /// The sender is writing.
    Typing,
    /// The sender's name.
    Profile {
        /// The name.
        name: Name,
    },
    /// How long messages of the conversation live from now on.
    Timer {
        /// Seconds from when they are sent; zero: for ever. At most [`MAX_LIFETIME`].
        seconds: u64,
    },
    /// The first message to somebody.
    FirstContact {
        /// The sender's name.
        name: Name,
        /// The mailbox for answers.
        mailbox: MailboxId,
        /// The text.
        text: String,
        /// That of the link which the sender was given, if it has one.
        pass: Option<Pass>,
    },
    /// The answer to a first message.
    Acceptance {
        /// The sender's name.
        name: Name,
        /// The mailbox for messages to the sender.
        mailbox: MailboxId,
    },
    /// The sender's records changed; they are in the content.
    RecordUpdate,
    /// Another mailbox for messages to the sender.
    MailboxUpdate {
        /// The mailbox.
        mailbox: MailboxId,
    },
    /// A first message to somebody who was in contact before keys were lost or replaced.
    Reintroduction {
        /// The sender's name.
        name: Name,
        /// The mailbox for answers.
        mailbox: MailboxId,
    },
    /// A kind that this version does not read; kept, and shown as *needs a newer version*.
    Unknown {
        /// The kind.
        kind: u64,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// The bytes are not a body of their kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body is not one of kind {kind}: {cause}")]
pub struct BodyError {
    /// The kind.
    pub kind: u64,
    /// What is wrong.
    pub cause: DecodeError,
}

cbor_map! {
    struct TextBody {
        0 => text: String,
    }
}

cbor_map! {
    struct ReplyBody {
        0 => text: String,
        1 => to: MessageId,
    }
}

cbor_map! {
    struct ReactionBody {
        0 => to: MessageId,
        1 => sign: String,
    }
}

cbor_map! {
    struct EditBody {
        0 => of: MessageId,
        1 => text: String,
    }
}

cbor_map! {
    struct DeleteBody {
        0 => of: MessageId,
    }
}

cbor_map! {
    struct TypingBody {}
}

cbor_map! {
    struct RecordUpdateBody {}
}

cbor_map! {
    struct MailboxUpdateBody {
        0 => mailbox: MailboxId,
    }
}

cbor_map! {
    struct TimerBody {
        0 => seconds: u64,
    }
}

cbor_map! {
    struct ReceiptBody {
        0 => delivered: Option<Vec<MessageId>>,
        1 => read: Option<Vec<MessageId>>,
    }
}

cbor_map! {
    struct ProfileBody {
        0 => name: Name,
    }
}

cbor_map! {
    struct FirstContactBody {
        0 => name: Name,
        1 => mailbox: MailboxId,
        2 => text: String,
        3 => pass: Option<Pass>,
    }
}

cbor_map! {
    struct AcceptanceBody {
        0 => name: Name,
        1 => mailbox: MailboxId,
    }
}

impl Body {
    /// Decodes the body of a kind.
    ///
    /// # Errors
    /// [`BodyError`] for a kind that this version reads and bytes that are not it.
    pub fn decode(kind: u64, bytes: &[u8]) -> Result<Self, BodyError> {
        let body = match kind {
            kind::TEXT => cbor::decode(bytes).map(|body: TextBody| Self::Text(body.text)),
            kind::REPLY => cbor::decode(bytes).map(|body: ReplyBody| Self::Reply {
                text: body.text,
                to: body.to,
            }),
            kind::REACTION => cbor::decode(bytes).map(|body: ReactionBody| Self::Reaction {
                to: body.to,
                sign: body.sign,
            }),
            kind::EDIT => cbor::decode(bytes).map(|body: EditBody| Self::Edit {
                of: body.of,
                text: body.text,
            }),
            kind::DELETE => {
                cbor::decode(bytes).map(|body: DeleteBody| Self::Delete { of: body.of })
            }
            kind::RECEIPT => cbor::decode(bytes).and_then(receipt),
            kind::TYPING => cbor::decode(bytes).map(|_: TypingBody| Self::Typing),
            kind::PROFILE => {
                cbor::decode(bytes).map(|body: ProfileBody| Self::Profile { name: body.name })
            }
            kind::TIMER => cbor::decode(bytes).map(|body: TimerBody| Self::Timer {
                seconds: body.seconds,
            }),
            kind::FIRST_CONTACT => {
                cbor::decode(bytes).map(|body: FirstContactBody| Self::FirstContact {
                    name: body.name,
                    mailbox: body.mailbox,
                    text: body.text,
                    pass: body.pass,
                })
            }
            kind::ACCEPTANCE => cbor::decode(bytes).map(|body: AcceptanceBody| Self::Acceptance {
                name: body.name,
                mailbox: body.mailbox,
            }),
            kind::REINTRODUCTION => {
                cbor::decode(bytes).map(|body: AcceptanceBody| Self::Reintroduction {
                    name: body.name,
                    mailbox: body.mailbox,
                })
            }
            kind::RECORD_UPDATE => {
                cbor::decode(bytes).map(|_: RecordUpdateBody| Self::RecordUpdate)
            }
            kind::MAILBOX_UPDATE => {
                cbor::decode(bytes).map(|body: MailboxUpdateBody| Self::MailboxUpdate {
                    mailbox: body.mailbox,
                })
            }
            _ => cbor::walk(bytes).map(|()| Self::Unknown {
                kind,
                bytes: bytes.to_vec(),
            }),
        };
        body.and_then(|body| body.check().map(|()| body))
            .map_err(|cause| BodyError { kind, cause })
    }

    /// The kind's number.
    pub fn kind(&self) -> u64 {
        match self {
            Self::Text(_) => kind::TEXT,
            Self::Reply { .. } => kind::REPLY,
            Self::Reaction { .. } => kind::REACTION,
            Self::Edit { .. } => kind::EDIT,
            Self::Delete { .. } => kind::DELETE,
            Self::Receipt { .. } => kind::RECEIPT,
            Self::Typing => kind::TYPING,
            Self::Profile { .. } => kind::PROFILE,
            Self::Timer { .. } => kind::TIMER,
            Self::FirstContact { .. } => kind::FIRST_CONTACT,
            Self::Acceptance { .. } => kind::ACCEPTANCE,
            Self::RecordUpdate => kind::RECORD_UPDATE,
            Self::MailboxUpdate { .. } => kind::MAILBOX_UPDATE,
            Self::Reintroduction { .. } => kind::REINTRODUCTION,
            Self::Unknown { kind, .. } => *kind,
        }
    }

    /// The bytes that an event carries.
    ///
    /// # Errors
    /// [`BodyError`] for what a reader would refuse: a text or receipt of forbidden length.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BodyError> {
        self.check().map_err(|cause| BodyError {
            kind: self.kind(),
            cause,
        })?;
        let bytes = match self.clone() {
            Self::Text(text) => cbor::encode(&TextBody { text }),
            Self::Reply { text, to } => cbor::encode(&ReplyBody { text, to }),
            Self::Reaction { to, sign } => cbor::encode(&ReactionBody { to, sign }),
            Self::Edit { of, text } => cbor::encode(&EditBody { of, text }),
            Self::Delete { of } => cbor::encode(&DeleteBody { of }),
            Self::Typing => cbor::encode(&TypingBody {}),
            Self::Timer { seconds } => cbor::encode(&TimerBody { seconds }),
            Self::Receipt { delivered, read } => {
                let listed = |list: Vec<MessageId>| (!list.is_empty()).then_some(list);
                cbor::encode(&ReceiptBody {
                    delivered: listed(delivered),
                    read: listed(read),
                })
            }
            Self::Profile { name } => cbor::encode(&ProfileBody { name }),
            Self::FirstContact {
                name,
                mailbox,
                text,
                pass,
            } => cbor::encode(&FirstContactBody {
                name,
                mailbox,
                text,
                pass,
            }),
            Self::Acceptance { name, mailbox } | Self::Reintroduction { name, mailbox } => {
                cbor::encode(&AcceptanceBody { name, mailbox })
            }
            Self::RecordUpdate => cbor::encode(&RecordUpdateBody {}),
            Self::MailboxUpdate { mailbox } => cbor::encode(&MailboxUpdateBody { mailbox }),
            Self::Unknown { bytes, .. } => bytes,
        };
        Ok(bytes)
    }

    fn check(&self) -> Result<(), DecodeError> {
        let is_sound = match self {
            Self::Text(text)
            | Self::Reply { text, .. }
            | Self::Edit { text, .. }
            | Self::FirstContact { text, .. } => (1..=MAX_TEXT).contains(&text.len()),
            Self::Reaction { sign, .. } => sign.len() <= MAX_REACTION,
            Self::Timer { seconds } => *seconds <= MAX_LIFETIME,
            Self::Receipt { delivered, read } => {
                (1..=MAX_RECEIPTS).contains(&delivered.len().saturating_add(read.len()))
            }
            Self::Delete { .. }
            | Self::Typing
            | Self::Profile { .. }
            | Self::Acceptance { .. }
            | Self::RecordUpdate
            | Self::MailboxUpdate { .. }
            | Self::Reintroduction { .. }
            | Self::Unknown { .. } => true,
        };
        if is_sound {
            Ok(())
        } else {
            Err(DecodeError::Shape)
        }
    }
}

/// An empty list would be a second spelling of an absent one.
fn receipt(body: ReceiptBody) -> Result<Body, DecodeError> {
    let is_empty = |list: &Option<Vec<MessageId>>| list.as_ref().is_some_and(Vec::is_empty);
    if is_empty(&body.delivered) || is_empty(&body.read) {
        return Err(DecodeError::Shape);
    }
    Ok(Body::Receipt {
        delivered: body.delivered.unwrap_or_default(),
        read: body.read.unwrap_or_default(),
    })
}

/// What people say stays out of logs.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({})", text.len()),
            Self::Reply { to, .. } => f.debug_tuple("Reply").field(to).finish(),
            Self::Reaction { to, .. } => f.debug_tuple("Reaction").field(to).finish(),
            Self::Edit { of, .. } => f.debug_tuple("Edit").field(of).finish(),
            Self::Delete { of } => f.debug_tuple("Delete").field(of).finish(),
            Self::Typing => f.write_str("Typing"),
            Self::Timer { seconds } => f.debug_tuple("Timer").field(seconds).finish(),
            Self::Receipt { delivered, read } => f
                .debug_struct("Receipt")
                .field("delivered", delivered)
                .field("read", read)
                .finish(),
            Self::Profile { .. } => f.write_str("Profile(…)"),
            Self::FirstContact { mailbox, .. } => f
                .debug_struct("FirstContact")
                .field("mailbox", mailbox)
                .finish_non_exhaustive(),
            Self::Acceptance { mailbox, .. } => f
                .debug_struct("Acceptance")
                .field("mailbox", mailbox)
                .finish_non_exhaustive(),
            Self::RecordUpdate => f.write_str("RecordUpdate"),
            Self::MailboxUpdate { mailbox } => {
                f.debug_tuple("MailboxUpdate").field(mailbox).finish()
            }
            Self::Reintroduction { mailbox, .. } => f
                .debug_struct("Reintroduction")
                .field("mailbox", mailbox)
                .finish_non_exhaustive(),
            Self::Unknown { kind, bytes } => f
                .debug_struct("Unknown")
                .field("kind", kind)
                .field("length", &bytes.len())
                .finish(),
        }
    }
}
