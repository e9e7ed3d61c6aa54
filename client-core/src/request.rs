//! What the page asks of the client, and what it answers.
//!
//! The page repeats a request when another tab's worker takes over: nothing is done twice, though the second
//! answer may be a refusal.

use core::fmt;

use serde::{Deserialize, Serialize};
use shared_crypto::id::{MessageId, Pass};
use zeroize::Zeroizing;

use crate::nfkc::nfkc;
use crate::view::{
    AppView, ContactNumber, ContactView, EntryView, FileView, FoundView, MessageInfo, Millis,
    NodeOfferView, Position, VaultProofView,
};

/// A request from the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// The whole projection; answered with [`Answer::App`].
    App,
    /// Makes an identity on the node that `node` names, or on the node that served the page.
    CreateIdentity {
        /// Name that contacts are told; 1 to 64 characters after trimming.
        name: String,
        /// URL of another home node, or a link that invites to one.
        node: Option<String>,
    },
    /// Looks up who a contact link belongs to; answered with [`Answer::Contact`].
    OpenLink {
        /// The link, as pasted.
        link: String,
    },
    /// Sends a first message to a resolved contact.
    Ask {
        /// To whom.
        contact: ContactNumber,
        /// Chosen by the page.
        id: MessageId,
        /// The first text.
        text: String,
    },
    /// Accepts a stranger's request.
    Accept(ContactNumber),
    /// Removes a stranger's request without telling them.
    Refuse(ContactNumber),
    /// Blocks: revokes the mailbox they write to and drops what they send.
    Block(ContactNumber),
    /// Lifts a block; they may ask again.
    Unblock(ContactNumber),
    /// Sends a text.
    Send {
        /// To whom.
        contact: ContactNumber,
        /// Chosen by the page.
        id: MessageId,
        /// The text.
        text: String,
    },
    /// Tries a failed message again.
    Retry {
        /// To whom.
        contact: ContactNumber,
        /// Which.
        id: MessageId,
    },
    /// Everything up to a place is read.
    MarkRead {
        /// In which conversation.
        contact: ContactNumber,
        /// Up to and with this place.
        position: Position,
    },
    /// A person saw this part of a conversation: the read mark moves to its end, and what had come late is read
    /// if it stands in it.
    MarkSeen {
        /// Which conversation.
        contact: ContactNumber,
        /// The first place that was in view.
        first: Position,
        /// The last place that was in view.
        last: Position,
    },
    /// Keeps what is typed and not sent.
    SetDraft {
        /// In which conversation.
        contact: ContactNumber,
        /// The text; empty removes it.
        text: String,
    },
    /// Keeps another text for an own message, which is typed and not sent. Of a conversation, one is kept; of a message that is
    /// gone, none.
    SetEdit {
        /// In which conversation.
        contact: ContactNumber,
        /// The place of the message.
        of: Position,
        /// The text; empty removes what is kept, of whichever message.
        text: String,
    },
    /// Entries of a conversation in order, ending before `before` (or at the end); answered with
    /// [`Answer::Entries`].
    Entries {
        /// Which conversation.
        contact: ContactNumber,
        /// Upper bound, exclusive.
        before: Option<Position>,
        /// How many at most; at most 200.
        limit: u32,
    },
    /// The safety number with a contact; answered with [`Answer::SafetyNumber`].
    SafetyNumber(ContactNumber),
    /// Changes the own name; contacts are told at once.
    SetName(String),
    /// Switches receipts on or off.
    SetReceipts(bool),
    /// Connect now, do not wait for the backoff (the browser said `online` or became visible).
    Reconnect,
    /// Tombstones were seen by the person.
    DismissTombstones,
    /// Tells contacts that we are writing, and shows that they are; or neither.
    SetTyping(bool),
    /// Something about a conversation or a message in it.
    Talk {
        /// Which conversation.
        contact: ContactNumber,
        /// What.
        what: Talk,
    },
    /// Entries of a conversation in order from a place on; answered with [`Answer::Entries`].
    EntriesFrom {
        /// Which conversation.
        contact: ContactNumber,
        /// Lower bound, inclusive.
        from: Position,
        /// How many at most; at most 200.
        limit: u32,
    },
    /// What is known of a message; answered with [`Answer::Info`].
    Info {
        /// In which conversation.
        contact: ContactNumber,
        /// Its place.
        position: Position,
    },
    /// Messages in which every word of a text stands, newest first; answered with [`Answer::Found`].
    Search {
        /// In one conversation, or in all.
        contact: Option<ContactNumber>,
        /// What to look for.
        text: String,
    },
    /// The words of the recovery phrase, until they are confirmed; answered with [`Answer::RecoveryPhrase`].
    RecoveryPhrase,
    /// Downloads the vault and opens it with the phrase as the person has it, and forgets the phrase here when
    /// that works; answered with [`Answer::VaultProof`].
    ConfirmPhrase {
        /// The 12 words, typed or pasted.
        phrase: Secret,
        /// The passphrase, or nothing.
        passphrase: Secret,
    },
    /// Downloads the vault and opens it with the keys of this device; answered with [`Answer::VaultProof`].
    ProveVault,
    /// Saves the vault now; answered when a node has it.
    SaveVault,
    /// Sets, changes or (empty) removes the passphrase that is needed besides the phrase, and saves.
    SetPassphrase(Secret),
    /// Restores an identity from its vault, where there is none yet.
    Restore {
        /// The 12 words.
        phrase: Secret,
        /// The passphrase, or nothing.
        passphrase: Secret,
        /// The identity's contact link, or the URL of a node that keeps the vault.
        from: String,
    },
    /// Everything in one encrypted file; answered with [`Answer::File`].
    ExportBackup,
    /// Restores an identity from a backup file, where there is none yet.
    ImportBackup {
        /// The file.
        file: Vec<u8>,
        /// The 12 words.
        phrase: Secret,
        /// The passphrase, or nothing.
        passphrase: Secret,
    },
    /// What strangers sent in vain was seen by the person.
    DismissDropped,
    /// Asks a node what it says of itself; answered with [`Answer::Node`].
    LookUpNode {
        /// Its URL as typed, or a link that invites to it.
        node: String,
    },
    /// Adds a home node. Answered as soon as it is noted; how far it is, the projection shows.
    AddNode {
        /// Its URL, or a link that invites to it.
        node: String,
    },
    /// Moves: adds `to`; when it is ready contacts deliver there and no longer to `from`, which is removed when
    /// all mail that it may still hold has been fetched or has expired. Every step survives a restart.
    Move {
        /// URL of the home node to leave.
        from: String,
        /// URL of the node to go to, or a link that invites to it; one that is active already is fine.
        to: String,
    },
    /// Has contacts deliver elsewhere; what the node holds is still fetched.
    DrainNode {
        /// Its URL.
        node: String,
    },
    /// Has contacts deliver to a draining node again.
    KeepNode {
        /// Its URL.
        node: String,
    },
    /// Has contacts try this active node before the others.
    PreferNode {
        /// Its URL.
        node: String,
    },
    /// Removes a home node.
    RemoveNode {
        /// Its URL.
        node: String,
        /// When.
        when: Removal,
    },
    /// Replaces signing and sealing key; contacts get a clear warning.
    RotateKeys,
    /// Takes an identity back with its recovery phrase: new keys, all other copies are locked out.
    ///
    /// Where there is no identity yet its vault is restored first: then contacts and conversations are there and contacts are
    /// warned at once. It never goes on without the vault by itself. Where the identity is here already, even locked out,
    /// what is here stays.
    Recover {
        /// The 12 words.
        phrase: Secret,
        /// The passphrase of the vault, or nothing. It goes on holding beside the new phrase; without it the new
        /// vault has none.
        passphrase: Secret,
        /// A contact link of the identity, or the URL of a node that keeps its vault; may be empty where the
        /// identity is here already.
        from: String,
        /// Name that contacts are told without the vault; 1 to 64 characters after trimming.
        name: String,
        /// Where there is no identity yet: goes on without contacts and conversations, although a vault may be somewhere. Needs
        /// a contact link.
        without_vault: bool,
    },
    /// Goes on with a contact whose records contradict each other, with the keys known before.
    TrustPinned(ContactNumber),
    /// All conversations in one readable file, not encrypted; answered with [`Answer::File`].
    Export(ExportFormat),
    /// Makes a contact link for somebody. It is in the projection until it is used up or taken back.
    MakeLink {
        /// Chosen by the page, at random.
        pass: Pass,
        /// What it is for, in the person's words: a name as of a person, or nothing. Nobody else is told.
        label: String,
        /// Whether it is for one person, who uses it first; otherwise it works until it is taken back.
        once: bool,
    },
    /// Takes such a link back: who comes by it is a stranger like any other.
    RevokeLink(Pass),
    /// Whether strangers are heard only if they come by a link that was made for somebody. The others are not told.
    SetOnlyByPass(bool),
}

/// A text that no log may show.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Secret(pub String);

impl Secret {
    /// A passphrase in the form that keys are derived from: keyboards differ in how they compose letters.
    pub fn normal(&self) -> Zeroizing<String> {
        Zeroizing::new(nfkc(&self.0))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Form of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExportFormat {
    /// One page for people, in these words.
    Html(ExportWords),
    /// One JSON value a line, with the signed events (`docs/protocol.md`).
    JsonLines,
}

/// The words of an exported page, in the person's language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExportWords {
    /// Language tag of the page.
    pub language: String,
    /// Title of the page.
    pub title: String,
    /// What we are called in conversations.
    pub me: String,
    /// In the place of messages that are missing.
    pub missing: String,
    /// In the place of what this version cannot show.
    pub unreadable: String,
}

/// When a home node is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Removal {
    /// When all mail that it may still hold has been fetched or has expired.
    Drained,
    /// Now: it is dead or hostile. What it still holds is given up.
    AtOnce,
}

/// Something about a conversation or a message in it. Repeating one changes nothing more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Talk {
    /// Sends a text that answers a message.
    Reply {
        /// Chosen by the page.
        id: MessageId,
        /// The text.
        text: String,
        /// Place of the answered message.
        to: Position,
    },
    /// Puts a sign under a message in place of the own one there; empty takes it back.
    React {
        /// Place of the message.
        to: Position,
        /// The sign.
        sign: String,
    },
    /// Gives an own message another text.
    Edit {
        /// Place of the message.
        of: Position,
        /// The text.
        text: String,
    },
    /// Deletes an own message here and asks that it be deleted there.
    Delete {
        /// Place of the message.
        of: Position,
    },
    /// Deletes a message here only.
    Forget {
        /// Place of the message.
        of: Position,
    },
    /// How long new messages live; zero: for ever. The other person is told.
    SetTimer {
        /// Seconds.
        seconds: u64,
    },
    /// Something was typed.
    Typing,
    /// Puts the conversation above the others, or back.
    Pin(bool),
    /// Puts the conversation away, or takes it out.
    Archive(bool),
    /// Nobody is notified before this time.
    Mute {
        /// `None`: notify at once again.
        until: Option<Millis>,
    },
    /// Tells receipts and writing in this conversation, or does not, whatever the settings say of all.
    Tell(bool),
    /// The person says that this is the safety number that the other one sees. Refused with
    /// [`Failure::NumberDiffers`] if it is not ours.
    Verify {
        /// Its digits; what else is in it does not matter.
        number: String,
    },
    /// Takes the person's word back.
    Unverify,
    /// What the person calls them; empty: what they call themselves. Nobody else is told.
    Rename(String),
    /// Deletes everything up to and with a place, here only. What comes later, or was missing there, still comes.
    Clear {
        /// The last place that the person knows of.
        to: Position,
    },
}

/// What the client answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// Done; nothing to say. What changed follows as updates.
    Done,
    /// The whole projection.
    App(AppView),
    /// Who a link belongs to.
    Contact(ContactView),
    /// Entries of a conversation, oldest first.
    Entries(Vec<EntryView>),
    /// 60 digits in groups of five, separated by spaces.
    SafetyNumber(String),
    /// 12 words, separated by spaces.
    RecoveryPhrase(Secret),
    /// What was found in the vault.
    VaultProof(VaultProofView),
    /// A file for the person to keep.
    File(FileView),
    /// What a node says of itself.
    Node(NodeOfferView),
    /// What is known of a message.
    Info(MessageInfo),
    /// What a search found.
    Found {
        /// The newest of it, newest first.
        found: Vec<FoundView>,
        /// Whether there is more.
        more: bool,
    },
    /// Refused; nothing was changed.
    Failed(Failure),
}

/// Why a request was refused. The page has a sentence for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// The name is empty or too long.
    BadName,
    /// The link is not a contact link, or a character is wrong.
    BadLink,
    /// The link is of a later version.
    LinkTooNew,
    /// The link is our own.
    OwnLink,
    /// So many links that were made for somebody are open.
    TooManyLinks {
        /// At most.
        limit: u32,
    },
    /// The text is empty.
    EmptyText,
    /// The text is longer than a message can carry.
    TextTooLong {
        /// Bytes at most.
        limit: u32,
    },
    /// There is no such contact, conversation or message.
    NotFound,
    /// The contact's state does not allow it (blocked, not accepted, already accepted).
    WrongState,
    /// The safety number is another one.
    NumberDiffers,
    /// There is no identity yet.
    NoIdentity,
    /// There is one already.
    IdentityExists,
    /// Not connected to our own node.
    NotConnected,
    /// Our node could not be reached.
    NodeUnreachable,
    /// A node answered what no node should answer.
    NodeMisbehaves,
    /// By the clock of this device, what the node says of itself is from the future or has expired.
    ClockWrong,
    /// Our node answered with a problem.
    NodeRefused {
        /// Its stable code.
        code: String,
    },
    /// Their node could not be reached.
    TheirNodeUnreachable,
    /// Their node does not know the identity.
    IdentityUnknown,
    /// What their node answered about the identity does not verify.
    IdentityInvalid,
    /// The words are not a recovery phrase.
    BadPhrase(PhraseFault),
    /// They are, but not the one of this identity.
    WrongPhrase,
    /// The vault opens with another passphrase.
    WrongPassphrase,
    /// No node that was asked has a vault for this phrase, or admits it.
    NoVault,
    /// The vault or the file does not verify.
    VaultDamaged,
    /// The vault or the file was written by a newer version of this program.
    VaultTooNew,
    /// There is no room for the vault on the node.
    VaultFull,
    /// The phrase was confirmed, so this device does not have its words any more.
    PhraseNotKept,
    /// This is neither a contact link nor the address of a node.
    BadOrigin,
    /// Another copy replaced the keys of this one.
    LockedOut,
    /// The URL is not one of a node.
    BadNode,
    /// The node is one of ours already.
    NodeListed,
    /// There are as many home nodes as there may be.
    TooManyNodes,
    /// It is the only node that contacts deliver to.
    LastNode,
    /// The browser's store has no room left.
    NoRoom,
    /// The browser's store failed; the words are the browser's.
    Storage {
        /// What the browser said.
        detail: String,
    },
    /// A defect in this program; the words are for a bug report.
    Internal {
        /// What happened.
        detail: String,
    },
}

/// Why words are not a recovery phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PhraseFault {
    /// Not 12 words.
    WordCount {
        /// How many there are.
        found: u32,
    },
    /// A word that is not in the list.
    UnknownWord {
        /// Which, counted from 1.
        number: u32,
    },
    /// All words are in the list, but one is wrong, or their order is.
    Checksum,
}

/// What the client tells every page without being asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Update {
    /// The projection as it is now.
    App(AppView),
    /// Entries of a conversation that are new or changed.
    Entries {
        /// Which conversation.
        contact: ContactNumber,
        /// The entries, oldest first.
        entries: Vec<EntryView>,
    },
    /// Entries of a conversation are gone.
    Cleared(ContactNumber),
}
