//! JSON control frames.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{LiveError, MAX_LIST, MAX_TEXT_FRAME};
use crate::base64url;
use crate::id::{MailboxId, NodeFingerprint, Nonce, SubmissionId};
use crate::node_url::NodeUrl;
use crate::problem::ProblemCode;
use crate::time::Millis;

/// Bytes that travel as base64url text in JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct Base64Bytes(pub Vec<u8>);

/// What a mailbox is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailboxKind {
    /// For strangers; wants postage.
    Intro,
    /// For one contact.
    Contact,
}

/// A mailbox that a client adds to its account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailboxEntry {
    /// The mailbox.
    pub mailbox: MailboxId,
    /// What it is for.
    pub kind: MailboxKind,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Which one.
    pub submission: SubmissionId,
    /// Why it failed; `None` when the destination node has it durably.
    pub code: Option<ProblemCode>,
}

/// Mail that expired before every device had it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tombstone {
    /// The node's number for it.
    pub id: u64,
    /// How many envelopes.
    pub count: u64,
    /// When the first of them had arrived.
    pub from: Millis,
    /// When the last of them had arrived.
    pub to: Millis,
}

/// What a client sends as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Answers the challenge.
    Login {
        /// A signed [`Login`](crate::login::Login).
        login: Base64Bytes,
    },
    /// Adds and removes mailboxes.
    Mailboxes {
        /// The client's number for the request.
        request: u64,
        /// Mailboxes to add.
        #[serde(default)]
        add: Vec<MailboxEntry>,
        /// Mailboxes to remove.
        #[serde(default)]
        remove: Vec<MailboxId>,
    },
    /// Everything up to the cursor is durable at this device.
    Ack {
        /// The cursor.
        cursor: u64,
    },
    /// The node may forget these outcomes.
    OutcomesSeen {
        /// Which submissions.
        submissions: Vec<SubmissionId>,
    },
    /// The node may forget these tombstones.
    TombstonesSeen {
        /// Which ones.
        ids: Vec<u64>,
    },
}

/// What a node sends as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NodeFrame {
    /// The first frame on a socket.
    Challenge {
        /// What the login must contain.
        nonce: Nonce,
        /// The node's URL.
        url: NodeUrl,
        /// The node's key.
        fingerprint: NodeFingerprint,
    },
    /// The login was accepted.
    Welcome {
        /// The highest cursor that this device acknowledged.
        cursor: u64,
        /// The node's clock.
        time: Millis,
        /// When the node is closed down, if it is: move before.
        #[serde(skip_serializing_if = "Option::is_none")]
        closing_at: Option<Millis>,
    },
    /// A request was carried out.
    Done {
        /// The client's number for it.
        request: u64,
    },
    /// A request was refused.
    Failed {
        /// The client's number for it.
        request: u64,
        /// Why.
        code: ProblemCode,
        /// A sentence for the log.
        detail: String,
        /// Which mailboxes somebody else has here, if that is why.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        mailboxes: Vec<MailboxId>,
    },
    /// Submissions are durable in the outbox.
    Accepted {
        /// Which ones.
        submissions: Vec<SubmissionId>,
    },
    /// A submission was not taken.
    Refused {
        /// Which one.
        submission: SubmissionId,
        /// Why.
        code: ProblemCode,
    },
    /// What became of submissions.
    Outcomes {
        /// Each submission with its outcome.
        items: Vec<Outcome>,
    },
    /// Mail that expired.
    Tombstones {
        /// Spans of it.
        items: Vec<Tombstone>,
    },
    /// Everything stored at login was pushed.
    CaughtUp,
}

impl ClientFrame {
    /// Parses a text frame of bounded length.
    ///
    /// # Errors
    /// [`LiveError`].
    pub fn parse(text: &str) -> Result<Self, LiveError> {
        let frame: Self = parse(text)?;
        let longest = match &frame {
            Self::Mailboxes { add, remove, .. } => add.len().max(remove.len()),
            Self::OutcomesSeen { submissions } => submissions.len(),
            Self::TombstonesSeen { ids } => ids.len(),
            Self::Login { .. } | Self::Ack { .. } => 0,
        };
        bounded(frame, longest)
    }

    /// The text that travels.
    pub fn to_text(&self) -> String {
        to_text(self)
    }
}

impl NodeFrame {
    /// Parses a text frame of bounded length.
    ///
    /// # Errors
    /// [`LiveError`].
    pub fn parse(text: &str) -> Result<Self, LiveError> {
        let fields: NodeFields = parse(text)?;
        let frame = fields.frame().ok_or(LiveError::Malformed)?;
        let longest = match &frame {
            Self::Accepted { submissions } => submissions.len(),
            Self::Outcomes { items } => items.len(),
            Self::Tombstones { items } => items.len(),
            Self::Failed { mailboxes, .. } => mailboxes.len(),
            _ => 0,
        };
        bounded(frame, longest)
    }

    /// The text that travels.
    pub fn to_text(&self) -> String {
        to_text(self)
    }
}

/// What any frame of a node may say, in one shape: to derive a reader of tagged variants from [`NodeFrame`] makes
/// the program that everybody downloads eight kilobytes larger.
#[derive(Deserialize)]
struct NodeFields {
    r#type: NodeFrameType,
    nonce: Option<Nonce>,
    url: Option<NodeUrl>,
    fingerprint: Option<NodeFingerprint>,
    cursor: Option<u64>,
    time: Option<Millis>,
    closing_at: Option<Millis>,
    request: Option<u64>,
    code: Option<ProblemCode>,
    detail: Option<String>,
    mailboxes: Option<Vec<MailboxId>>,
    submission: Option<SubmissionId>,
    submissions: Option<Vec<SubmissionId>>,
    items: Option<Vec<ItemFields>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum NodeFrameType {
    Challenge,
    Welcome,
    Done,
    Failed,
    Accepted,
    Refused,
    Outcomes,
    Tombstones,
    CaughtUp,
}

/// What an [`Outcome`] or a [`Tombstone`] may say.
#[derive(Deserialize)]
struct ItemFields {
    submission: Option<SubmissionId>,
    code: Option<ProblemCode>,
    id: Option<u64>,
    count: Option<u64>,
    from: Option<Millis>,
    to: Option<Millis>,
}

impl NodeFields {
    /// The frame, if all that its type needs is there.
    fn frame(self) -> Option<NodeFrame> {
        Some(match self.r#type {
            NodeFrameType::Challenge => NodeFrame::Challenge {
                nonce: self.nonce?,
                url: self.url?,
                fingerprint: self.fingerprint?,
            },
            NodeFrameType::Welcome => NodeFrame::Welcome {
                cursor: self.cursor?,
                time: self.time?,
                closing_at: self.closing_at,
            },
            NodeFrameType::Done => NodeFrame::Done {
                request: self.request?,
            },
            NodeFrameType::Failed => NodeFrame::Failed {
                request: self.request?,
                code: self.code?,
                detail: self.detail?,
                mailboxes: self.mailboxes.unwrap_or_default(),
            },
            NodeFrameType::Accepted => NodeFrame::Accepted {
                submissions: self.submissions?,
            },
            NodeFrameType::Refused => NodeFrame::Refused {
                submission: self.submission?,
                code: self.code?,
            },
            NodeFrameType::Outcomes => NodeFrame::Outcomes {
                items: all(self.items?, ItemFields::outcome)?,
            },
            NodeFrameType::Tombstones => NodeFrame::Tombstones {
                items: all(self.items?, ItemFields::tombstone)?,
            },
            NodeFrameType::CaughtUp => NodeFrame::CaughtUp,
        })
    }
}

impl ItemFields {
    fn outcome(self) -> Option<Outcome> {
        Some(Outcome {
            submission: self.submission?,
            code: self.code,
        })
    }

    fn tombstone(self) -> Option<Tombstone> {
        Some(Tombstone {
            id: self.id?,
            count: self.count?,
            from: self.from?,
            to: self.to?,
        })
    }
}

fn all<T>(items: Vec<ItemFields>, read: fn(ItemFields) -> Option<T>) -> Option<Vec<T>> {
    items.into_iter().map(read).collect()
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, LiveError> {
    if text.len() > MAX_TEXT_FRAME {
        return Err(LiveError::TooLong);
    }
    serde_json::from_str(text).map_err(|_| LiveError::Malformed)
}

fn bounded<T>(frame: T, longest: usize) -> Result<T, LiveError> {
    if longest > MAX_LIST {
        Err(LiveError::ListTooLong)
    } else {
        Ok(frame)
    }
}

fn to_text(frame: &impl Serialize) -> String {
    #[expect(
        clippy::expect_used,
        reason = "frames have text keys and no Serialize implementation that fails"
    )]
    serde_json::to_string(frame).expect("encoding to memory")
}

impl fmt::Debug for Base64Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64Bytes({})", self.0.len())
    }
}

impl Serialize for Base64Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64url::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        base64url::decode(&text)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}
