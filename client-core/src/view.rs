//! What the page may know: a projection of the client's state, without a key in it.

mod vault;

use serde::{Deserialize, Serialize};
use shared_crypto::id::{IdentityId, MessageId, Pass};

pub use vault::{
    DeviceView, FileView, RestoreStep, VaultActivity, VaultFault, VaultNodeView, VaultProofView,
    VaultView,
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
    /// What strangers sent and this client had to leave unread.
    pub dropped: DroppedView,
}

/// First contacts that were left unread, since the person last said to have seen it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DroppedView {
    /// They could not be opened: sealed to keys that are no more, or garbage.
    pub unreadable: u64,
    /// Too many strangers waited already.
    pub too_many: u64,
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
    /// An identity is being taken back with its recovery phrase.
    Recovering(RecoveryStep),
    /// Ready to talk.
    Ready,
    /// Another copy replaced the keys of this one: conversations can be read, nothing can be sent. Whoever
    /// did not do that themselves takes the identity back with the recovery phrase.
    LockedOut,
}

/// Steps of taking an identity back, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RecoveryStep {
    /// The identity's records are being fetched and checked.
    Fetching,
    /// New keys are being made: two seconds, sometimes eight.
    Keys,
    /// The recovery record is being given to the identity's nodes.
    Registering,
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
    /// URL of the home node that is tried first, without a trailing slash.
    pub node: String,
    /// Whether receipts are sent to accepted contacts.
    pub receipts: bool,
    /// All home nodes: the active ones in the order in which they are tried, then the others.
    pub nodes: Vec<NodeView>,
    /// Whether contacts are told that we are writing, and we that they are.
    pub typing: bool,
    /// Whether the recovery phrase was used and no node is known to have heard of it: it is told as soon as it answers. The
    /// old phrase is used up all the same.
    pub recovering: bool,
    /// The links that were made for somebody and are open, the newest first.
    pub links: Vec<PassView>,
    /// Whether strangers are heard only if they come by such a link; otherwise by any.
    pub only_by_pass: bool,
}

/// A contact link that was made for somebody and is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassView {
    /// What tells it from the others.
    pub pass: Pass,
    /// The link to give away.
    pub link: String,
    /// What it is for, in the person's words; may be empty.
    pub label: String,
    /// Whether it is for one person: who uses it first.
    pub once: bool,
    /// When it was made.
    pub made_at: Millis,
}

/// One of our home nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeView {
    /// Its URL, without a trailing slash.
    pub node: String,
    /// How far it is.
    pub step: NodeStep,
    /// The link to it.
    pub connection: ConnectionView,
    /// How long it keeps mail that is not fetched, as far as we know.
    pub retention: Option<Millis>,
    /// When it is going to be removed by itself.
    pub remove_at: Option<Millis>,
    /// Stable code of what went wrong with it last and is not put right yet.
    pub problem: Option<String>,
    /// When it is closed down, if its operator said so: who is there should move before.
    pub closing_at: Option<Millis>,
}

/// How far a home node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodeStep {
    /// Being told who we are and which mailboxes we have; contacts do not use it yet.
    Joining,
    /// Contacts deliver here.
    Active,
    /// Contacts deliver elsewhere; what is here is still fetched.
    Draining,
    /// Not ours any more; it is being told where we went.
    Leaving,
}

/// What a node says of itself, before it becomes one of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeOfferView {
    /// Its URL, without a trailing slash.
    pub node: String,
    /// What its operator calls it. Not trusted: isolate and clip it.
    pub name: Option<String>,
    /// Its software and version. Not trusted.
    pub software: String,
    /// Who may register.
    pub registration: RegistrationView,
    /// How long it keeps mail that is not fetched.
    pub retention: Millis,
    /// Bytes of mail that it keeps for one identity.
    pub quota_bytes: u64,
    /// Envelopes that it keeps for one identity.
    pub quota_count: u64,
    /// Bytes that it keeps of the encrypted copy of what a client knows, if it says so.
    pub vault_quota_bytes: Option<u64>,
    /// Whether it is one of ours already.
    pub listed: bool,
    /// Whether it was named with a link that invites to it.
    pub invited: bool,
    /// When it is closed down, if its operator said so.
    pub closing_at: Option<Millis>,
}

/// Who may register at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RegistrationView {
    /// Everybody.
    Open,
    /// Who was invited.
    Invite,
    /// Nobody.
    Closed,
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
    /// What they call themselves, where we call them by another name. Not trusted either.
    pub own_name: Option<String>,
    /// Where the two stand.
    pub state: ContactState,
    /// URL of the node their mail goes to now.
    pub node: String,
    /// Whether two records of theirs contradict each other: somebody else may use their keys. Nothing is
    /// sent until they settle it or the person decides.
    pub forked: bool,
    /// Whether their safety number was compared.
    pub verification: VerificationView,
}

/// Whether the safety number with a contact was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum VerificationView {
    /// It was not.
    #[default]
    Unverified,
    /// It was, and the keys are still those.
    Verified,
    /// It was, but one of the two has another key now.
    KeyChanged,
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
    /// How many received messages were not seen.
    pub unread: u32,
    /// First unread position, when there is one. It may lie above messages that were read: one that comes late takes
    /// the place that was kept for it.
    pub first_unread: Option<Position>,
    /// Text typed and not sent.
    pub draft: String,
    /// Another text for an own message, typed and not sent.
    pub edit: Option<EditView>,
    /// Time of the latest activity.
    pub active_at: Millis,
    /// What was set for it.
    pub marks: ConversationMarks,
}

/// Another text for a message, typed and not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditView {
    /// The place of the message.
    pub of: Position,
    /// The text.
    pub text: String,
}

/// What was set for a conversation, here or by the other person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ConversationMarks {
    /// It stands above the others.
    pub pinned: bool,
    /// It is put away until something new comes.
    pub archived: bool,
    /// Nobody is notified before this time; the largest number: ever.
    pub muted_until: Option<Millis>,
    /// New messages are forgotten so many seconds after they were sent.
    pub timer: Option<u64>,
    /// The other person is writing.
    pub typing: bool,
    /// Whether receipts and writing are told in this one; nothing: as the settings say.
    pub tells: Option<bool>,
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
    /// What the link is for that was made for somebody and by which they came, if they did; may be empty.
    pub by_link: Option<String>,
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
    /// How far it got; only for what we sent. Of a deleted message: how far the wish to delete it got.
    pub delivery: Option<DeliveryView>,
    /// What happened to it since.
    pub marks: EntryMarks,
}

/// What happened to an entry since it was written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EntryMarks {
    /// What it answers.
    pub reply: Option<QuoteView>,
    /// Signs under it, at most one of each person.
    pub reactions: Vec<ReactionView>,
    /// When its text was last changed.
    pub edited_at: Option<Millis>,
    /// When it will be forgotten.
    pub expires_at: Option<Millis>,
}

/// What an entry answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteView {
    /// The answered message.
    pub id: MessageId,
    /// Its place, if it is here.
    pub position: Option<Position>,
    /// Whether we wrote it.
    pub mine: bool,
    /// The beginning of its text as it was when this view was made.
    pub text: Option<String>,
}

/// A sign under an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionView {
    /// Whether it is ours.
    pub mine: bool,
    /// The sign, at most 64 bytes. Not trusted.
    pub sign: String,
}

/// What is known of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageInfo {
    /// When it was sent, by the sender's clock.
    pub sent_at: Millis,
    /// When it was stored here.
    pub stored_at: Millis,
    /// States that it reached and when, in order; only for what we sent.
    pub reached: Vec<(DeliveryView, Millis)>,
    /// Its earlier texts and until when they stood, oldest first.
    pub versions: Vec<(String, Millis)>,
    /// When it will be forgotten.
    pub expires_at: Option<Millis>,
}

/// A message that a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundView {
    /// In which conversation.
    pub contact: ContactNumber,
    /// The message.
    pub entry: EntryView,
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
    /// Their mail goes to another node now: one quiet line.
    Moved {
        /// URL of the node that is tried first.
        node: String,
    },
    /// They sign with another key now: a clear warning, with the safety number to compare.
    KeyChanged {
        /// Whether they used their recovery phrase for it, because the old keys were lost or stolen.
        recovered: bool,
    },
    /// Two records of theirs contradict each other: a loud warning.
    Forked,
    /// What contradicted each other was settled: by their recovery phrase, or by a decision here.
    ForkSettled {
        /// Whether their recovery phrase settled it.
        recovered: bool,
    },
    /// A message that its sender deleted for both.
    Deleted,
    /// A message whose time was over before it arrived.
    Expired,
    /// From here on messages are forgotten so many seconds after they were sent.
    Timer {
        /// Zero: they are kept.
        seconds: u64,
    },
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
