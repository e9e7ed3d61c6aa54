//! Frames of the live socket (`docs/protocol.md` §14): JSON for control, binary for mail.

mod binary;
mod text;

pub use binary::{ClientBinary, LookupReply, NodeBinary};
pub use text::{
    Base64Bytes, ClientFrame, MailboxEntry, MailboxKind, NodeFrame, Outcome, Tombstone,
};

use crate::time::{Millis, SECOND};

/// The WebSocket subprotocol.
pub const SUBPROTOCOL: &str = "zechat.v1";
/// Longest text frame, in bytes.
pub const MAX_TEXT_FRAME: usize = 65_536;
/// Longest binary frame, in bytes: a forward box of the largest class with its submission id and
/// URL, rounded up.
pub const MAX_BINARY_FRAME: usize = 66_560;
/// Most entries in a list inside a text frame.
pub const MAX_LIST: usize = 512;
/// How often the node pings.
pub const PING_EVERY: Millis = 30 * SECOND;
/// After how much silence the node closes.
pub const SILENCE: Millis = 75 * SECOND;

/// Why a socket was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCode {
    /// The node is going down.
    GoingDown,
    /// A frame broke the protocol.
    ProtocolError,
    /// A frame was too big.
    TooBig,
    /// The client reads too slowly.
    SlowReader,
    /// The login was refused.
    LoginRefused,
    /// The same device connected again.
    Replaced,
}

impl CloseCode {
    /// The number that travels.
    pub const fn number(self) -> u16 {
        match self {
            Self::GoingDown => 1001,
            Self::ProtocolError => 1008,
            Self::TooBig => 1009,
            Self::SlowReader => 1013,
            Self::LoginRefused => 4001,
            Self::Replaced => 4003,
        }
    }

    /// The code with this number.
    pub const fn from_number(number: u16) -> Option<Self> {
        match number {
            1001 => Some(Self::GoingDown),
            1008 => Some(Self::ProtocolError),
            1009 => Some(Self::TooBig),
            1013 => Some(Self::SlowReader),
            4001 => Some(Self::LoginRefused),
            4003 => Some(Self::Replaced),
            _ => None,
        }
    }
}

/// Why a frame cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LiveError {
    /// Longer than a frame may be.
    #[error("the frame is too long")]
    TooLong,
    /// Cut short, or lengths that do not add up.
    #[error("the frame is malformed")]
    Malformed,
    /// A type that this version does not know.
    #[error("a frame of unknown type")]
    UnknownType,
    /// A list longer than [`MAX_LIST`].
    #[error("a list in the frame is too long")]
    ListTooLong,
}
