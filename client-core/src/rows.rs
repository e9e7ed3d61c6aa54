//! Rows as they are stored: deterministic CBOR, one type a table, with the keys they stand under.
//!
//! A key gets a new number when its meaning changes; old numbers are not used again.

use shared_crypto::cbor::{ByteArray, Bytes};
use shared_crypto::cbor_map;
use shared_crypto::event::NO_PREVIOUS;
use shared_crypto::id::{
    DeviceId, Hash, IdentityId, MailboxId, MessageId, NodeFingerprint, Pass, SubmissionId,
};
use shared_crypto::postage::POSTAGE_LENGTH;
use shared_crypto::record::Chain;
use shared_crypto::time::DAY;

use crate::store::{KeyRange, Table};
use crate::view::{ContactNumber, Millis, Position};

/// A type that is stored in a table of its own.
pub(crate) trait StoredRow: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()> {
    const TABLE: Table;
}

macro_rules! stored {
    ($($row:ident in $table:ident),* $(,)?) => {
        $(impl StoredRow for $row { const TABLE: Table = Table::$table; })*
    };
}

stored! {
    IdentityRow in Identity,
    KeyPackageRow in KeyPackages,
    ContactRow in Contacts,
    ConversationRow in Conversations,
    EntryRow in Entries,
    EventRow in Events,
    PlaceRow in Places,
    OutboxRow in Outbox,
    SeenRow in Seen,
    MailboxRow in Mailboxes,
    NodeRow in Nodes,
    TombstoneRow in Tombstones,
    HomeRow in Homes,
    ExpiringRow in Expiring,
    WaitingNotesRow in WaitingNotes,
    SearchRow in Search,
    PassRow in Passes,
}

cbor_map! {
    /// The local identity.
    #[derive(Debug, Clone)]
    pub struct IdentityRow {
        /// Name that contacts are told.
        0 => pub name: String,
        /// This copy's id.
        1 => pub device: DeviceId,
        /// Signing key, PKCS#8.
        2 => pub signing: Bytes,
        /// Sealing key, PKCS#8.
        3 => pub sealing: Bytes,
        /// Entropy of the recovery phrase.
        4 => pub entropy: Bytes,
        /// The record chain, signed.
        5 => pub records: Vec<Bytes>,
        /// Whether receipts are sent.
        6 => pub receipts: bool,
        /// Number of the next contact.
        7 => pub next_contact: u32,
        /// Number of the next outbox row.
        8 => pub next_outbox: u64,
        /// When it was made.
        9 => pub created_at: u64,
        /// Messages that could not be opened and are of nobody known, since the person last saw it.
        10 => pub unreadable: Option<u64>,
        /// First contacts for which there was no room, since then.
        11 => pub too_many: Option<u64>,
        /// Whether another copy replaced our keys.
        12 => pub locked_out: Option<bool>,
        /// Sealing keys replaced, kept for what was sealed to them before.
        13 => pub old_sealing: Option<Vec<OldKeyRow>>,
        /// The chain with which another copy replaced our keys.
        14 => pub superseded: Option<Vec<Bytes>>,
        /// Whether typing is told and shown.
        20 => pub typing: Option<bool>,
        /// Whether no node is known to have taken the recovery record that is the newest in the chain.
        21 => pub recovering: Option<bool>,
        /// When this was last found to be older than what was done elsewhere: it came from a vault or a file, or a node had a
        /// newer record or key package of ours.
        22 => pub outdated_at: Option<u64>,
        /// Whether strangers are heard only if they come by a link that was made for somebody.
        23 => pub only_by_pass: Option<bool>,
    }
}

impl IdentityRow {
    /// A row of this chain, without keys.
    pub(crate) fn new(chain: &Chain, now: Millis) -> Self {
        Self {
            name: String::new(),
            device: DeviceId::from_bytes([0; 16]),
            signing: Bytes(Vec::new()),
            sealing: Bytes(Vec::new()),
            entropy: Bytes(Vec::new()),
            records: crate::contact::records(chain),
            receipts: true,
            next_contact: 1,
            next_outbox: 1,
            created_at: now,
            unreadable: None,
            too_many: None,
            locked_out: None,
            old_sealing: None,
            superseded: None,
            typing: None,
            recovering: None,
            outdated_at: None,
            only_by_pass: None,
        }
    }
}

cbor_map! {
    /// A sealing key that was replaced.
    #[derive(Debug, Clone)]
    pub struct OldKeyRow {
        /// The key, PKCS#8.
        0 => pub key: Bytes,
        /// When it was replaced.
        1 => pub replaced_at: u64,
    }
}

cbor_map! {
    /// One epoch's receive key.
    #[derive(Debug, Clone)]
    pub struct KeyPackageRow {
        /// The key package, signed.
        0 => pub package: Bytes,
        /// The private part.
        1 => pub secret: Bytes,
        /// When a later epoch replaced it.
        3 => pub replaced_at: Option<u64>,
        /// Number of our newest record when it was made: who has it knows that record.
        4 => pub record: u64,
    }
}

cbor_map! {
    /// A contact.
    #[derive(Debug, Clone)]
    pub struct ContactRow {
        /// Who.
        0 => pub identity: IdentityId,
        /// What they call themselves; empty until they said.
        1 => pub name: String,
        /// See [`crate::contact::state_number`].
        2 => pub state: u64,
        /// Their record chain, signed.
        3 => pub records: Vec<Bytes>,
        /// Their newest key package, signed.
        4 => pub package: Bytes,
        /// Where we deliver to them.
        5 => pub theirs: Option<MailboxId>,
        /// Where they deliver to us.
        6 => pub ours: Option<MailboxId>,
        /// Pairings, oldest first.
        7 => pub pairings: Vec<PairingRow>,
        /// Newest epoch of our key package that they were sent.
        8 => pub epoch_sent: u64,
        /// The first text of a stranger.
        9 => pub request: Option<String>,
        /// When it arrived, or when we looked them up.
        10 => pub since: u64,
        /// Sent time of the event that last said their name.
        11 => pub introduced_at: u64,
        /// The newest record of ours that they have shown to know.
        12 => pub record_known: u64,
        /// When each of their records was first seen here.
        13 => pub seen_at: Vec<u64>,
        /// Since when two records of theirs contradict each other.
        14 => pub forked_at: Option<u64>,
        /// Heads of contradicting chains that the person knows of.
        15 => pub forks: Vec<Hash>,
        /// Whether the pair secret is to be made anew, because keys of ours or theirs were replaced.
        16 => pub renew: Option<bool>,
        /// The first record in which chains of theirs differ, while that is not settled.
        17 => pub forked_from: Option<u64>,
        /// Which keys the person compared, see [`crate::verification`].
        20 => pub verified: Option<Hash>,
        /// When the person blocked them last, or took that back.
        21 => pub blocked_at: Option<u64>,
        /// When they were last told anew who we are, because they could not be understood.
        22 => pub healed_at: Option<u64>,
        /// Sent time of the event that last said their mailbox.
        23 => pub theirs_at: Option<u64>,
        /// What the person calls them. Nobody else is told.
        24 => pub petname: Option<String>,
        /// When the person said so last, or took it back.
        25 => pub petname_at: Option<u64>,
        /// The message with which they were asked last.
        26 => pub asked: Option<MessageId>,
        /// That of the link of theirs which was opened last.
        27 => pub pass: Option<Pass>,
        /// What the link of ours is for by which they asked.
        28 => pub by_link: Option<String>,
    }
}

impl ContactRow {
    /// How new what is known of their mailbox is. A row of before that was kept has the time of their name.
    pub(crate) fn reachable_since(&self) -> Millis {
        self.theirs_at.unwrap_or(self.introduced_at)
    }

    /// Whether a mailbox that was said at a time is to take the place of the one that is known. A time that was ahead
    /// of the clock does not keep later ones from counting.
    pub(crate) fn is_reached_better(&self, at: Millis, now: Millis) -> bool {
        let since = self.reachable_since();
        self.theirs.is_none() || at > since || since > now.saturating_add(DAY)
    }

    /// Their mailbox is of no use any more.
    pub(crate) fn forget_theirs(&mut self) {
        self.theirs = None;
        self.theirs_at = None;
    }
}

cbor_map! {
    /// One run of first contact and acceptance.
    #[derive(Debug, Clone)]
    pub struct PairingRow {
        /// Hash of the first contact's header.
        0 => pub pairing: Hash,
        /// The initiator's secret.
        1 => pub r1: Bytes,
        /// The responder's secret, once known.
        2 => pub r2: Option<Bytes>,
        /// Whether we are the initiator.
        3 => pub initiated: bool,
        /// R of our lane messages until the initiator has shown to have it.
        4 => pub acceptance: Option<Bytes>,
        /// When it was last shown to work, or made, or outdated.
        5 => pub at: u64,
        /// Whether it is of before a recovery: it opens what was sealed then, and seals nothing.
        6 => pub outdated: Option<bool>,
    }
}

cbor_map! {
    /// What moves in a conversation.
    #[derive(Debug, Clone)]
    pub struct ConversationRow {
        /// Counter of our last event.
        0 => pub counter: u64,
        /// Hash of our last event.
        1 => pub previous: Hash,
        /// Position of the next entry.
        2 => pub next: u64,
        /// Read up to here.
        3 => pub read: u64,
        /// Typed and not sent.
        4 => pub draft: String,
        /// Latest activity.
        5 => pub active_at: u64,
        /// The other person's devices.
        6 => pub chains: Vec<ChainRow>,
        /// Receipts to send: delivered.
        7 => pub delivered: Vec<MessageId>,
        /// Receipts to send: read.
        8 => pub seen: Vec<MessageId>,
        /// When to send them.
        9 => pub receipts_at: Option<u64>,
        /// Whether it stands above the others.
        20 => pub pinned: Option<bool>,
        /// Whether it is put away.
        21 => pub archived: Option<bool>,
        /// Nobody is notified before.
        22 => pub muted_until: Option<u64>,
        /// Seconds that new messages live.
        23 => pub timer: Option<u64>,
        /// Sent time of the event that said so.
        24 => pub timer_at: Option<u64>,
        /// Places up to the read mark that took their message after it had passed and were not seen since, rising.
        25 => pub late: Option<Vec<u64>>,
        /// When our last event was said, by the clock of then.
        26 => pub spoke_at: Option<u64>,
        /// Up to and with this place the person deleted everything: no gap is shown there any more.
        27 => pub cleared: Option<u64>,
        /// Whether receipts and writing are told in this one; nothing: as the settings say.
        28 => pub tells: Option<bool>,
        /// Another text for a message of ours that was begun.
        29 => pub edit: Option<EditRow>,
    }
}

cbor_map! {
    /// Another text for a message, typed and not sent.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EditRow {
        /// The place of the message.
        0 => pub of: u64,
        /// The text.
        1 => pub text: String,
    }
}

impl ConversationRow {
    /// A conversation in which nothing was said.
    pub(crate) fn new(now: Millis) -> Self {
        Self {
            counter: 0,
            previous: NO_PREVIOUS,
            next: 1,
            read: 0,
            draft: String::new(),
            active_at: now,
            chains: Vec::new(),
            delivered: Vec::new(),
            seen: Vec::new(),
            receipts_at: None,
            pinned: None,
            archived: None,
            muted_until: None,
            timer: None,
            timer_at: None,
            late: None,
            spoke_at: None,
            cleared: None,
            tells: None,
            edit: None,
        }
    }
}

cbor_map! {
    /// How far the chain of one device of the other person was followed.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ChainRow {
        /// Which device.
        0 => pub device: DeviceId,
        /// Highest counter seen.
        1 => pub counter: u64,
        /// Hash of the event with it.
        2 => pub hash: Hash,
        /// Events below that are missing and have a place kept for them, rising.
        3 => pub missing: Vec<MissingRow>,
        /// Events up to this counter may be missing without a place.
        4 => pub lost_to: u64,
    }
}

cbor_map! {
    /// An event that the chain names and that is not here.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct MissingRow {
        /// Its counter.
        0 => pub counter: u64,
        /// The place kept for it.
        1 => pub position: u64,
        /// Its hash, when the event after it is here.
        2 => pub hash: Option<Hash>,
        /// Hash of the event before it, when that is here.
        3 => pub previous: Option<Hash>,
    }
}

cbor_map! {
    /// One entry of a conversation.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EntryRow {
        /// The message's id.
        0 => pub id: MessageId,
        /// Whether we sent it.
        1 => pub mine: bool,
        /// Sender's clock.
        2 => pub sent_at: u64,
        /// Our clock.
        3 => pub stored_at: u64,
        /// See [`crate::entry`].
        4 => pub kind: u64,
        /// The text of a text.
        5 => pub text: Option<String>,
        /// How many are missing, or which kind is not known.
        6 => pub number: Option<u64>,
        /// How far it got, see [`crate::entry`].
        7 => pub delivery: Option<u64>,
        /// Why it failed.
        8 => pub code: Option<String>,
        /// What it answers.
        20 => pub reply: Option<MessageId>,
        /// Signs under it, also those taken back.
        21 => pub reactions: Option<Vec<ReactionRow>>,
        /// Its earlier texts, oldest first.
        22 => pub versions: Option<Vec<VersionRow>>,
        /// Sent time of the last change of its text.
        23 => pub edited_at: Option<u64>,
        /// When it is forgotten.
        24 => pub expires_at: Option<u64>,
        /// When it reached which state.
        25 => pub reached: Option<Vec<ReachedRow>>,
    }
}

cbor_map! {
    /// A sign under an entry; empty when it was taken back.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ReactionRow {
        /// Whether it is ours.
        0 => pub mine: bool,
        /// The sign.
        1 => pub sign: String,
        /// When it was sent.
        2 => pub sent_at: u64,
    }
}

cbor_map! {
    /// A text that was replaced.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct VersionRow {
        /// The text.
        0 => pub text: String,
        /// Until when it stood, by the sender's clock.
        1 => pub until: u64,
    }
}

cbor_map! {
    /// When a message reached a state.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct ReachedRow {
        /// Which, see [`crate::entry`].
        0 => pub state: u64,
        /// Our clock.
        1 => pub at: u64,
    }
}

cbor_map! {
    /// An entry that is to be forgotten; its key says when.
    #[derive(Debug, Clone, Copy)]
    pub struct ExpiringRow {}
}

cbor_map! {
    /// What was said of a message that has not arrived.
    #[derive(Debug, Clone, Default)]
    pub struct WaitingNotesRow {
        /// What, in the order of arrival.
        0 => pub notes: Vec<WaitingNoteRow>,
    }
}

cbor_map! {
    /// Something said of a message that has not arrived.
    #[derive(Debug, Clone)]
    pub struct WaitingNoteRow {
        /// Kind of the event that says it.
        0 => pub kind: u64,
        /// Its body.
        1 => pub body: Bytes,
        /// When it was sent.
        2 => pub sent_at: u64,
    }
}

cbor_map! {
    /// Texts of neighbouring entries as a search reads them.
    #[derive(Debug, Clone, Default)]
    pub struct SearchRow {
        /// The texts, by rising position.
        0 => pub texts: Vec<SearchTextRow>,
    }
}

cbor_map! {
    /// One text as a search reads it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SearchTextRow {
        /// Place of the entry.
        0 => pub position: u64,
        /// Its folded text.
        1 => pub text: String,
    }
}

cbor_map! {
    /// A signed event, as it travelled.
    #[derive(Debug, Clone)]
    pub struct EventRow {
        /// The signed bytes.
        0 => pub event: Bytes,
    }
}

cbor_map! {
    /// Where a message stands.
    #[derive(Debug, Clone, Copy)]
    pub struct PlaceRow {
        /// In which conversation.
        0 => pub contact: u32,
        /// At which position.
        1 => pub position: u64,
    }
}

cbor_map! {
    /// An event on its way out.
    #[derive(Debug, Clone)]
    pub struct OutboxRow {
        /// For whom.
        1 => pub contact: u32,
        /// The event's id.
        2 => pub message: MessageId,
        /// The event, signed.
        3 => pub event: Bytes,
        /// Whether no entry shows it.
        4 => pub quiet: bool,
        /// The envelope, once it was sealed.
        5 => pub sealed: Option<SealedRow>,
        /// When it was made.
        7 => pub created_at: u64,
        /// When it may be tried again.
        8 => pub not_before: Option<u64>,
        /// Where the envelope goes: to each of these nodes.
        9 => pub copies: Vec<CopyRow>,
        /// Whether the recipient was looked up again because it came back.
        10 => pub looked: Option<bool>,
    }
}

cbor_map! {
    /// One delivery of an envelope, at one node.
    #[derive(Debug, Clone)]
    pub struct CopyRow {
        /// URL of the node that gets it.
        0 => pub node: String,
        /// That node's fingerprint.
        1 => pub fingerprint: NodeFingerprint,
        /// What our node knows it by.
        2 => pub submission: SubmissionId,
        /// The postage, once it was made.
        3 => pub postage: Option<ByteArray<POSTAGE_LENGTH>>,
        /// URL of the home node that has it durably.
        4 => pub home: Option<String>,
        /// Since when.
        5 => pub accepted_at: Option<u64>,
        /// What became of it: empty when the node has it durably, else the code.
        6 => pub outcome: Option<String>,
        /// When it may be tried again.
        7 => pub not_before: Option<u64>,
    }
}

cbor_map! {
    /// An envelope and its mailbox.
    #[derive(Debug, Clone)]
    pub struct SealedRow {
        /// The mailbox.
        2 => pub mailbox: MailboxId,
        /// The envelope.
        3 => pub envelope: Bytes,
        /// Whether the mailbox is an intro mailbox, which wants postage.
        4 => pub intro: bool,
    }
}

cbor_map! {
    /// What came to a mailbox; see `key::seen` and its neighbours.
    #[derive(Debug, Clone, Copy)]
    pub struct SeenRow {
        /// When.
        0 => pub at: u64,
    }
}

cbor_map! {
    /// A mailbox of ours.
    #[derive(Debug, Clone)]
    pub struct MailboxRow {
        /// Whose answers go there; none for the intro mailbox.
        0 => pub contact: Option<u32>,
        /// Whether it is revoked.
        2 => pub revoked: bool,
        /// Which of our nodes have it; once it is revoked, which may still have it.
        3 => pub at: Vec<NodeFingerprint>,
        /// When it is to be revoked, because another one took its place.
        4 => pub retire_at: Option<u64>,
        /// At which of our nodes somebody else has it.
        5 => pub taken: Option<Vec<NodeFingerprint>>,
        /// Until when what was left there before it was revoked is read.
        6 => pub read_until: Option<u64>,
        /// Whether a copy of us made it, and the contact is to be told of another.
        7 => pub adopted: Option<bool>,
    }
}

cbor_map! {
    /// A contact link of ours that was made for somebody; its key is its pass.
    #[derive(Debug, Clone)]
    pub struct PassRow {
        /// What it is for, in the person's words; may be empty.
        0 => pub label: String,
        /// Whether it is for one person.
        1 => pub once: bool,
        /// When it was made.
        2 => pub made_at: u64,
        /// Who used it first, if it is for one person.
        3 => pub used_by: Option<IdentityId>,
        /// Whether it was taken back.
        4 => pub revoked: Option<bool>,
    }
}

cbor_map! {
    /// A node's document.
    #[derive(Debug, Clone)]
    pub struct NodeRow {
        /// The signed document.
        0 => pub document: Bytes,
        /// Its URL.
        1 => pub url: String,
    }
}

cbor_map! {
    /// One of our home nodes.
    #[derive(Debug, Clone)]
    pub struct HomeRow {
        /// Its URL.
        0 => pub node: String,
        /// Its fingerprint.
        1 => pub fingerprint: NodeFingerprint,
        /// See [`crate::homes::step_number`].
        2 => pub step: u64,
        /// Since when.
        3 => pub since: u64,
        /// How long it keeps mail, in milliseconds.
        4 => pub retention: u64,
        /// Our newest record that it is known to hold.
        5 => pub head: Option<Hash>,
        /// The epoch of our newest key package that it is known to hold.
        6 => pub epoch: u64,
        /// When it is to be removed.
        7 => pub remove_at: Option<u64>,
        /// The home node to leave when this one is ready.
        8 => pub replaces: Option<String>,
        /// Code of what went wrong with it last.
        9 => pub problem: Option<String>,
        /// Token of the invite that opens it, until it has taken us.
        10 => pub invite: Option<ByteArray<16>>,
        /// When it is closed down, if it is.
        11 => pub closing_at: Option<u64>,
        /// Whether another copy of this identity chose it, or nobody wanted mail left there when the recovery phrase was
        /// used.
        12 => pub adopted: Option<bool>,
    }
}

cbor_map! {
    /// What a node had to drop.
    #[derive(Debug, Clone, Copy)]
    pub struct TombstoneRow {
        /// How many envelopes.
        0 => pub count: u64,
        /// Arrival of the first.
        1 => pub from: u64,
        /// Arrival of the last.
        2 => pub to: u64,
        /// Which node, that adds to it.
        3 => pub node: Option<NodeFingerprint>,
    }
}

/// Keys of rows.
pub(crate) mod key {
    use shared_crypto::hash::hash_parts;
    use shared_crypto::id::IdentityId;

    use super::{ContactNumber, KeyRange, MailboxId, MessageId, Pass, Position};

    /// Who wrote a message.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum By {
        Us,
        Them,
    }

    /// The single row of a table.
    pub(crate) const ONLY: &[u8] = b"";

    /// A contact, or the conversation with it.
    pub(crate) fn contact(number: ContactNumber) -> Vec<u8> {
        number.to_be_bytes().to_vec()
    }

    /// A numbered row: an epoch, a place in the outbox, a tombstone.
    pub(crate) fn number(number: u64) -> Vec<u8> {
        number.to_be_bytes().to_vec()
    }

    /// An entry.
    pub(crate) fn entry(contact: ContactNumber, position: Position) -> Vec<u8> {
        [&contact.to_be_bytes()[..], &position.to_be_bytes()].concat()
    }

    /// Entries of one conversation from `from` (inclusive) to `to` (exclusive).
    pub(crate) fn entries(contact: ContactNumber, from: Position, to: Position) -> KeyRange {
        KeyRange {
            from: entry(contact, from),
            to: entry(contact, to),
        }
    }

    /// A message of a conversation. Ids of others are not trusted to differ from ours, or from those of
    /// somebody else.
    pub(crate) fn message(contact: ContactNumber, by: By, id: &MessageId) -> Vec<u8> {
        let by = match by {
            By::Us => 1,
            By::Them => 0,
        };
        [&contact.to_be_bytes()[..], &[by], id.as_bytes()].concat()
    }

    /// When an entry is forgotten.
    pub(crate) fn expiring(at: u64, contact: ContactNumber, position: Position) -> Vec<u8> {
        [&at.to_be_bytes()[..], &entry(contact, position)].concat()
    }

    /// The entries that are forgotten before a moment.
    pub(crate) fn expiring_before(at: u64) -> KeyRange {
        KeyRange {
            from: Vec::new(),
            to: at.to_be_bytes().to_vec(),
        }
    }

    /// Contact and position of an entry that is to be forgotten, and when.
    pub(crate) fn expiring_entry(key: &[u8]) -> Option<(u64, ContactNumber, Position)> {
        let (at, rest) = key.split_first_chunk()?;
        let (contact, rest) = rest.split_first_chunk()?;
        let position = rest.first_chunk()?;
        Some((
            u64::from_be_bytes(*at),
            ContactNumber::from_be_bytes(*contact),
            Position::from_be_bytes(*position),
        ))
    }

    /// A message as it came to a mailbox of ours.
    pub(crate) fn seen(mailbox: &MailboxId, id: &MessageId) -> Vec<u8> {
        [&mailbox.as_bytes()[..], id.as_bytes()].concat()
    }

    /// A first contact that came to the mailbox where strangers write. Not by its id alone: one of our nodes reads the id,
    /// and can leave there under it what somebody else wrote.
    pub(crate) fn seen_from(mailbox: &MailboxId, from: &IdentityId, id: &MessageId) -> Vec<u8> {
        seen_as("zechat/seen-from/v1", mailbox, from.as_bytes(), id)
    }

    /// What nobody can read and was counted. It is not noted as the message whose id it has: that one may still come.
    pub(crate) fn unreadable(mailbox: &MailboxId, id: &MessageId) -> Vec<u8> {
        seen_as("zechat/unreadable/v1", mailbox, &[], id)
    }

    fn seen_as(namespace: &str, mailbox: &MailboxId, from: &[u8], id: &MessageId) -> Vec<u8> {
        let digest = hash_parts(namespace, &[from, id.as_bytes()]);
        let id = digest.as_bytes().first_chunk().copied().unwrap_or_default();
        seen(mailbox, &MessageId::from_bytes(id))
    }

    /// A mailbox.
    pub(crate) fn mailbox(id: &MailboxId) -> Vec<u8> {
        id.as_bytes().to_vec()
    }

    /// A link that was made for somebody.
    pub(crate) fn pass(pass: &Pass) -> Vec<u8> {
        pass.as_bytes().to_vec()
    }

    /// The position at the end of an entry's key.
    pub(crate) fn position(key: &[u8]) -> Option<Position> {
        key.last_chunk()
            .map(|bytes| Position::from_be_bytes(*bytes))
    }
}
