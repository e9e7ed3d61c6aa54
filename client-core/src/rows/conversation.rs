//! What is said with a contact, and what is known of it.

use shared_crypto::cbor::Bytes;
use shared_crypto::cbor_map;
use shared_crypto::event::NO_PREVIOUS;
use shared_crypto::id::{DeviceId, Hash, MessageId};

use crate::view::Millis;

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
    /// Another text for a message, typed and not sent.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EditRow {
        /// The place of the message.
        0 => pub of: u64,
        /// The text.
        1 => pub text: String,
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
