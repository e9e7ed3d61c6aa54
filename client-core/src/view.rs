//! What the page may know: a projection of the client's state, without a key in it.

mod vault;

use serde::{Deserialize, Serialize};
use shared_crypto::id::{IdentityId, MessageId};

pub use vault::{
    FileView, RestoreStep, VaultActivity, VaultFault, VaultNodeView, VaultProofView, VaultView,
};

/// Local number of a contact; also the number of the conversation with it.
pub type ContactNumber = u32;

/// Place of an entry in a conversation, from 1 on: rising, with holes. Late messages take the place kept for them.
pub type Position = u64;

/// Milliseconds since 1970-01-01 UTC.
pub type Millis = u64;

/// Everything the page shows apart from the messages of the open conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AppView {
    /// How far the client is.
    pub stage: StageView,
    /// The identity in use, once there is one.
    pub me: Option<MeView>,
    /// The link to the home node.
    pub connection: ConnectionView,
    /// Accepted contacts and those we asked, the latest activity first.
    pub conversations: Vec<ConversationView>,
    /// Strangers who wait for an answer, the newest first.
    pub requests: Vec<RequestView>,
    /// What the node had to drop before this client came back for it, newest first.
    pub tombstones: Vec<TombstoneView>,
    /// The encrypted copy on the identity's nodes.
    pub vault: VaultView,
}

/// How far the client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum StageView {
    /// Stored state is being read.
    #[default]
    Loading,
    /// There is no identity yet: show the welcome page.
    NoIdentity,
    /// An identity is being made.
    Creating(CreationStep),
    /// An identity is being restored from its vault.
    Restoring(RestoreStep),
    /// Ready to talk.
    Ready,
}

/// Steps of making an identity, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CreationStep {
    /// The node's document is being fetched and checked.
    MeetingNode,
    /// The signing key is being made: about a second, sometimes four.
    SigningKey,
    /// The sealing key is being made: about a second, sometimes four.
    SealingKey,
    /// The record and the first key package are being signed and stored.
    Record,
    /// The node is being asked to carry the identity.
    Registering,
}

/// The identity in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeView {
    /// The identity's id.
    pub identity: IdentityId,
    /// The name that contacts are told.
    pub name: String,
    /// The contact link to give away.
    pub link: String,
    /// URL of the home node, without a trailing slash.
    pub node: String,
    /// Whether receipts are sent to accepted contacts.
    pub receipts: bool,
}

/// The link to the home node.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ConnectionView {
    /// Not tried yet, or there is no identity.
    #[default]
    Idle,
    /// Being made.
    Connecting,
    /// Logged in.
    Online,
    /// Lost; tried again at the given time.
    Offline {
        /// When it is tried again.
        retry_at: Millis,
    },
    /// The node refuses this client; the code says why.
    Refused {
        /// Stable problem code of the node.
        code: String,
    },
}

/// A contact as shown in lists and headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactView {
    /// Local number.
    pub number: ContactNumber,
    /// The identity's id.
    pub identity: IdentityId,
    /// Name: what we call them, or else what they call themselves. Not trusted: isolate and clip it.
    pub name: String,
    /// Where the two stand.
    pub state: ContactState,
    /// URL of the node their mail goes to now.
    pub node: String,
}

/// Where two identities stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContactState {
    /// Looked up from a link; nothing was sent.
    Resolved,
    /// We asked and wait for their answer.
    Asked,
    /// They asked and wait for ours.
    Asking,
    /// Both agreed.
    Accepted,
    /// Blocked by us: their mailbox is revoked.
    Blocked,
}

/// One line of the conversation list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationView {
    /// The other person.
    pub contact: ContactView,
    /// The latest entry.
    pub last: Option<EntryView>,
    /// How many received messages lie after the read mark.
    pub unread: u32,
    /// First unread position, when there is one.
    pub first_unread: Option<Position>,
    /// Text typed and not sent.
    pub draft: String,
    /// Time of the latest activity.
    pub active_at: Millis,
}

/// A stranger who waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestView {
    /// Who asks.
    pub contact: ContactView,
    /// The first text.
    pub text: String,
    /// When it arrived at our node.
    pub arrived_at: Millis,
}

/// What the node had to drop because it was not fetched in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TombstoneView {
    /// How many envelopes.
    pub count: u64,
    /// Arrival of the first.
    pub from: Millis,
    /// Arrival of the last.
    pub to: Millis,
}

/// One entry of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryView {
    /// Its place.
    pub position: Position,
    /// The message's id.
    pub id: MessageId,
    /// Whether we sent it.
    pub mine: bool,
    /// When it was sent, by the sender's clock.
    pub sent_at: Millis,
    /// When it was stored here.
    pub stored_at: Millis,
    /// What it says.
    pub body: BodyView,
    /// How far it got; only for what we sent.
    pub delivery: Option<DeliveryView>,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum BodyView {
    /// Plain text.
    Text(String),
    /// Messages that the sender's chain names and that are not here (yet).
    Gap {
        /// How many are missing. Zero: they have come, and this entry is to be taken away.
        missing: u64,
    },
    /// A kind that this version does not know.
    NeedsNewerVersion {
        /// The kind's number.
        kind: u64,
    },
    /// They accepted our request, or we theirs.
    Connected,
    /// The sender's chain contradicts itself: somebody forged or rolled back.
    Broken,
    /// An envelope for this conversation could not be opened.
    CannotOpen,
}

/// How far a sent message got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryView {
    /// In the local outbox; our node does not have it yet.
    Waiting,
    /// In the local outbox until they accept the request.
    WaitingForAcceptance,
    /// Our node has it durably.
    Sent,
    /// Their node has it durably.
    OnTheirNode,
    /// Their client has it.
    Delivered,
    /// They read it.
    Read,
    /// It will not arrive; the code says why. It can be tried again.
    Failed {
        /// Stable code: a node's problem code, or one of the client's own.
        code: String,
    },
}
