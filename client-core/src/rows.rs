//! Rows as they are stored: deterministic CBOR, one type a table, with the keys they stand under.
//!
//! A key gets a new number when its meaning changes; old numbers are not used again.

mod contact;
mod conversation;
pub(crate) mod key;
mod outbox;
mod own;

pub(crate) use contact::{ContactRow, PairingRow};
pub(crate) use conversation::{
    ChainRow, ConversationRow, EditRow, EntryRow, EventRow, ExpiringRow, MissingRow, PlaceRow,
    ReachedRow, ReactionRow, SearchRow, SearchTextRow, VersionRow,
};
pub(crate) use outbox::{CopyRow, OutboxRow, SealedRow, SeenRow, WaitingNoteRow, WaitingNotesRow};
pub(crate) use own::{
    HomeRow, IdentityRow, KeyPackageRow, MailboxRow, NodeRow, OldKeyRow, PassRow, TombstoneRow,
};

use crate::store::Table;

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
