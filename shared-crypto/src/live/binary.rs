//! Binary frames: mail both ways, lookups and node documents through the home node.

use alloc::vec::Vec;
use core::fmt;

use super::{LiveError, MAX_BINARY_FRAME};
use crate::envelope::CLASSES;
use crate::forward::FORWARD_CLASSES;
use crate::id::{MailboxId, MessageId, SubmissionId};
use crate::lookup::SEALED_LOOKUP;
use crate::node_url::NodeUrl;
use crate::problem::ProblemCode;
use crate::time::Millis;

/// What a client sends as binary.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientBinary<'a> {
    /// Hands over mail for another node.
    Submit {
        /// The client's id for it.
        submission: SubmissionId,
        /// The destination node.
        node: NodeUrl,
        /// The forward box, of a permitted length.
        forward_box: &'a [u8],
    },
    /// Asks another node for records.
    Lookup {
        /// The client's number for the request.
        request: u32,
        /// The asked node.
        node: NodeUrl,
        /// The sealed lookup, of its exact length.
        sealed: &'a [u8],
    },
    /// Asks for another node's document.
    NodeDocument {
        /// The client's number for the request.
        request: u32,
        /// The asked node.
        node: NodeUrl,
    },
}

/// What a node sends as binary.
#[derive(Clone, PartialEq, Eq)]
pub enum NodeBinary<'a> {
    /// Mail.
    Envelope {
        /// Acknowledge with this.
        cursor: u64,
        /// When it arrived.
        arrived_at: Millis,
        /// In which mailbox.
        mailbox: MailboxId,
        /// Under which id.
        message_id: MessageId,
        /// The envelope, of a permitted size.
        envelope: &'a [u8],
    },
    /// Answers a lookup.
    LookupAnswer {
        /// The client's number for the request.
        request: u32,
        /// The sealed answer or a problem.
        reply: LookupReply<'a>,
    },
    /// Answers the request for a node document.
    NodeDocument {
        /// The client's number for the request.
        request: u32,
        /// The signed document or a problem.
        reply: LookupReply<'a>,
    },
}

/// Bytes from another node, or why there are none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LookupReply<'a> {
    /// The bytes, unread by the home node.
    Bytes(&'a [u8]),
    /// The problem.
    Problem(ProblemCode),
}

impl<'a> ClientBinary<'a> {
    /// Parses a binary frame of bounded length.
    ///
    /// # Errors
    /// [`LiveError`].
    pub fn parse(frame: &'a [u8]) -> Result<Self, LiveError> {
        let (kind, mut rest) = start(frame)?;
        match kind {
            2 => {
                let submission = SubmissionId::from_bytes(take(&mut rest)?);
                let node = take_url(&mut rest)?;
                let forward_box = of_length(rest, &FORWARD_CLASSES)?;
                Ok(Self::Submit {
                    submission,
                    node,
                    forward_box,
                })
            }
            3 => {
                let request = u32::from_be_bytes(take(&mut rest)?);
                let node = take_url(&mut rest)?;
                Ok(Self::Lookup {
                    request,
                    node,
                    sealed: of_length(rest, &[SEALED_LOOKUP])?,
                })
            }
            5 => {
                let request = u32::from_be_bytes(take(&mut rest)?);
                let node = take_url(&mut rest)?;
                of_length(rest, &[0])?;
                Ok(Self::NodeDocument { request, node })
            }
            _ => Err(LiveError::UnknownType),
        }
    }

    /// The bytes that travel.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Submit {
                submission,
                node,
                forward_box,
            } => [
                &[2],
                submission.as_bytes().as_slice(),
                &url(node),
                forward_box,
            ]
            .concat(),
            Self::Lookup {
                request,
                node,
                sealed,
            } => [&[3], request.to_be_bytes().as_slice(), &url(node), sealed].concat(),
            Self::NodeDocument { request, node } => {
                [&[5], request.to_be_bytes().as_slice(), &url(node)].concat()
            }
        }
    }
}

impl<'a> NodeBinary<'a> {
    /// Parses a binary frame of bounded length.
    ///
    /// # Errors
    /// [`LiveError`].
    pub fn parse(frame: &'a [u8]) -> Result<Self, LiveError> {
        let (kind, mut rest) = start(frame)?;
        match kind {
            1 => {
                let cursor = u64::from_be_bytes(take(&mut rest)?);
                let arrived_at = u64::from_be_bytes(take(&mut rest)?);
                let mailbox = MailboxId::from_bytes(take(&mut rest)?);
                let message_id = MessageId::from_bytes(take(&mut rest)?);
                let envelope = of_length(rest, &CLASSES)?;
                Ok(Self::Envelope {
                    cursor,
                    arrived_at,
                    mailbox,
                    message_id,
                    envelope,
                })
            }
            4 => {
                let request = u32::from_be_bytes(take(&mut rest)?);
                Ok(Self::LookupAnswer {
                    request,
                    reply: LookupReply::parse(rest)?,
                })
            }
            6 => {
                let request = u32::from_be_bytes(take(&mut rest)?);
                Ok(Self::NodeDocument {
                    request,
                    reply: LookupReply::parse(rest)?,
                })
            }
            _ => Err(LiveError::UnknownType),
        }
    }

    /// The bytes that travel.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Envelope {
                cursor,
                arrived_at,
                mailbox,
                message_id,
                envelope,
            } => [
                &[1],
                cursor.to_be_bytes().as_slice(),
                &arrived_at.to_be_bytes(),
                mailbox.as_bytes(),
                message_id.as_bytes(),
                envelope,
            ]
            .concat(),
            Self::LookupAnswer { request, reply } => reply.encode(4, *request),
            Self::NodeDocument { request, reply } => reply.encode(6, *request),
        }
    }
}

impl<'a> LookupReply<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, LiveError> {
        match bytes.split_first() {
            Some((0, rest)) => Ok(Self::Bytes(rest)),
            Some((1, code)) => {
                let code = core::str::from_utf8(code).map_err(|_| LiveError::Malformed)?;
                Ok(Self::Problem(ProblemCode::parse_lenient(code)))
            }
            _ => Err(LiveError::Malformed),
        }
    }

    fn encode(&self, kind: u8, request: u32) -> Vec<u8> {
        let (status, rest) = match self {
            Self::Bytes(bytes) => (0, *bytes),
            Self::Problem(code) => (1, code.as_str().as_bytes()),
        };
        [&[kind], request.to_be_bytes().as_slice(), &[status], rest].concat()
    }
}

/// Frames are shown without the bytes that they carry.
impl fmt::Debug for ClientBinary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Submit {
                submission, node, ..
            } => f
                .debug_struct("Submit")
                .field("submission", submission)
                .field("node", node)
                .finish_non_exhaustive(),
            Self::Lookup { request, node, .. } => f
                .debug_struct("Lookup")
                .field("request", request)
                .field("node", node)
                .finish_non_exhaustive(),
            Self::NodeDocument { request, node } => f
                .debug_struct("NodeDocument")
                .field("request", request)
                .field("node", node)
                .finish(),
        }
    }
}

/// Frames are shown without the bytes that they carry.
impl fmt::Debug for NodeBinary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Envelope {
                cursor,
                mailbox,
                message_id,
                ..
            } => f
                .debug_struct("Envelope")
                .field("cursor", cursor)
                .field("mailbox", mailbox)
                .field("message_id", message_id)
                .finish_non_exhaustive(),
            Self::LookupAnswer { request, reply } => f
                .debug_struct("LookupAnswer")
                .field("request", request)
                .field("reply", reply)
                .finish(),
            Self::NodeDocument { request, reply } => f
                .debug_struct("NodeDocument")
                .field("request", request)
                .field("reply", reply)
                .finish(),
        }
    }
}

impl fmt::Debug for LookupReply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Problem(code) => write!(f, "Problem({code})"),
        }
    }
}

fn start(frame: &[u8]) -> Result<(u8, &[u8]), LiveError> {
    if frame.len() > MAX_BINARY_FRAME {
        return Err(LiveError::TooLong);
    }
    let (kind, rest) = frame.split_first().ok_or(LiveError::Malformed)?;
    Ok((*kind, rest))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], LiveError> {
    let (taken, after) = rest.split_first_chunk().ok_or(LiveError::Malformed)?;
    *rest = after;
    Ok(*taken)
}

fn take_url(rest: &mut &[u8]) -> Result<NodeUrl, LiveError> {
    let [length] = take(rest)?;
    let (text, after) = rest
        .split_at_checked(usize::from(length))
        .ok_or(LiveError::Malformed)?;
    *rest = after;
    let text = core::str::from_utf8(text).map_err(|_| LiveError::Malformed)?;
    NodeUrl::parse(text).map_err(|_| LiveError::Malformed)
}

fn of_length<'a>(bytes: &'a [u8], permitted: &[usize]) -> Result<&'a [u8], LiveError> {
    if permitted.contains(&bytes.len()) {
        Ok(bytes)
    } else {
        Err(LiveError::Malformed)
    }
}

/// Length in one byte, then the text; a URL has at most 200 bytes.
fn url(node: &NodeUrl) -> Vec<u8> {
    let length = u8::try_from(node.as_str().len()).unwrap_or(u8::MAX);
    [&[length], node.as_str().as_bytes()].concat()
}
