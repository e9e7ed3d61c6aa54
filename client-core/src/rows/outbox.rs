//! What is on its way.

use shared_crypto::cbor::{ByteArray, Bytes};
use shared_crypto::cbor_map;
use shared_crypto::id::{MailboxId, MessageId, NodeFingerprint, SubmissionId};
use shared_crypto::postage::POSTAGE_LENGTH;

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
