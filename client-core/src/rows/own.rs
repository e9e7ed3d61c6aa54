//! The local identity, its nodes, mailboxes and links.

use shared_crypto::cbor::{ByteArray, Bytes};
use shared_crypto::cbor_map;
use shared_crypto::id::{DeviceId, Hash, IdentityId, NodeFingerprint};
use shared_crypto::record::Chain;

use crate::view::Millis;

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
