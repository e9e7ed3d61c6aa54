//! Where the client keeps what it knows: ordered tables of opaque rows with atomic batches.
//!
//! A store does not understand its rows. [`crate::sealed::SealedStore`] encrypts their values on the way to a
//! store that others might read. Keys are numbers and random ids only, so they stay as they are.

/// The tables. The number is part of what is stored: never reuse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Table {
    /// The local identity: one row.
    Identity = 1,
    /// Receive keys by epoch.
    KeyPackages = 2,
    /// Contacts by number.
    Contacts = 3,
    /// Conversation counters, marks and drafts by contact number.
    Conversations = 4,
    /// Entries by contact number and position.
    Entries = 5,
    /// Signed events by message id.
    Events = 6,
    /// Contact number and position by message id.
    Places = 7,
    /// What waits for a node, in order of creation.
    Outbox = 8,
    /// Ids of events received, against replay.
    Seen = 9,
    /// Mailboxes of ours.
    Mailboxes = 10,
    /// Documents of nodes by URL hash.
    Nodes = 11,
    /// Tombstones not dismissed.
    Tombstones = 12,
    /// Our home nodes by URL hash.
    Homes = 13,
    /// Entries to be forgotten, by time.
    Expiring = 20,
    /// What was said of messages that have not arrived.
    WaitingNotes = 21,
    /// Folded texts for the search, by contact number and block.
    Search = 22,
    /// Contact links made for somebody, by their passes.
    Passes = 23,
    /// The vault itself: keys and what is saved where.
    Vault = 30,
    /// Which rows changed, by commit.
    VaultChanges = 31,
}

impl Table {
    /// All tables, in order of their numbers.
    pub const ALL: [Self; 19] = [
        Self::Identity,
        Self::KeyPackages,
        Self::Contacts,
        Self::Conversations,
        Self::Entries,
        Self::Events,
        Self::Places,
        Self::Outbox,
        Self::Seen,
        Self::Mailboxes,
        Self::Nodes,
        Self::Tombstones,
        Self::Homes,
        Self::Expiring,
        Self::WaitingNotes,
        Self::Search,
        Self::Passes,
        Self::Vault,
        Self::VaultChanges,
    ];

    /// The number that names it in a vault.
    #[expect(clippy::as_conversions, reason = "the discriminant is the number")]
    pub const fn number(self) -> u64 {
        self as u64
    }

    /// The table with this number.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.number() == number)
    }

    /// Whether its rows belong into the vault: all but what is about the vault itself.
    pub const fn is_in_vault(self) -> bool {
        !matches!(self, Self::Vault | Self::VaultChanges)
    }

    /// Stable name, for stores that name their tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::KeyPackages => "key_packages",
            Self::Contacts => "contacts",
            Self::Conversations => "conversations",
            Self::Entries => "entries",
            Self::Events => "events",
            Self::Places => "places",
            Self::Outbox => "outbox",
            Self::Seen => "seen",
            Self::Mailboxes => "mailboxes",
            Self::Nodes => "nodes",
            Self::Tombstones => "tombstones",
            Self::Homes => "homes",
            Self::Expiring => "expiring",
            Self::WaitingNotes => "waiting_notes",
            Self::Search => "search",
            Self::Passes => "passes",
            Self::Vault => "vault",
            Self::VaultChanges => "vault_changes",
        }
    }
}

/// One change of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// In which table.
    pub table: Table,
    /// Which row.
    pub key: Vec<u8>,
    /// The new value; `None` removes the row.
    pub value: Option<Vec<u8>>,
}

/// Direction of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// From the smallest key on.
    Ascending,
    /// From the largest key on.
    Descending,
}

/// Keys from `from` (inclusive) to `to` (exclusive), compared as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// First key.
    pub from: Vec<u8>,
    /// Key after the last one.
    pub to: Vec<u8>,
}

/// A row: key and value.
pub type Row = (Vec<u8>, Vec<u8>);

/// The store failed; nothing of the batch was applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The platform's store refused; the words are the platform's.
    #[error("storage failed: {0}")]
    Platform(String),
    /// There is no room left.
    #[error("storage is full")]
    Full,
    /// What is stored was written by a newer version of this program.
    #[error("what is stored was written by a newer version of this program")]
    Newer,
    /// A row cannot be read back: changed, damaged or under another key.
    #[error("a stored row of {0} is damaged")]
    Damaged(&'static str),
}

/// Ordered tables with atomic batches.
///
/// The conformance suite (module `conformance`) says exactly what is expected.
#[expect(
    async_fn_in_trait,
    reason = "one thread drives a store; futures need not be Send"
)]
pub trait Store {
    /// Reads one row.
    async fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Reads at most `limit` rows of a range in order.
    async fn scan(
        &self,
        table: Table,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError>;

    /// Applies all changes in order, or none. Durable when it returns.
    async fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError>;
}
