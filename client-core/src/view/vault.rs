//! What the page may know of the vault.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::Millis;

/// The vault: an encrypted copy of everything this client knows, kept by the identity's nodes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct VaultView {
    /// When it was last saved on a node; never, if there is no time.
    pub saved_at: Option<Millis>,
    /// What it is doing.
    pub activity: VaultActivity,
    /// Whether something has changed since it was saved.
    pub unsaved: bool,
    /// Whether this device still has the words of the recovery phrase.
    pub phrase_kept: bool,
    /// Whether somebody has proven to have written the phrase down.
    pub phrase_confirmed: bool,
    /// Whether a passphrase is needed besides the phrase.
    pub has_passphrase: bool,
    /// The nodes that keep it.
    pub nodes: Vec<VaultNodeView>,
    /// The other devices that save to it, as it was found when this one saved last.
    pub devices: Vec<DeviceView>,
}

/// Another device of the same identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    /// The beginning of its id: tells it from others.
    pub mark: String,
    /// When it last saved, by its own clock.
    pub saved_at: Millis,
}

/// What the vault is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum VaultActivity {
    /// Nothing.
    #[default]
    Resting,
    /// It is being saved.
    Saving,
    /// No node has what was last to be saved; tried again at the given time. Each node says why.
    Failing {
        /// When it is tried again.
        retry_at: Millis,
    },
    /// The node has no room for it.
    Full,
}

/// The vault on one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultNodeView {
    /// URL of the node.
    pub node: String,
    /// The version that it has.
    pub version: Option<u64>,
    /// When it was saved there.
    pub saved_at: Option<Millis>,
    /// What is wrong there.
    pub fault: Option<VaultFault>,
}

/// What is wrong with the vault on a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum VaultFault {
    /// The node could not be reached.
    Unreachable,
    /// The node has no vault, or lost it.
    Missing,
    /// The node has an older version than it had.
    RolledBack,
    /// What the node has does not verify or cannot be opened.
    Damaged,
    /// It was written by a newer version of this program.
    TooNew,
    /// There is no room left on the node.
    Full,
    /// The node refused, with its stable code.
    Refused {
        /// The code.
        code: String,
    },
}

/// What was found in a vault that was really downloaded and opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultProofView {
    /// The name in it.
    pub name: String,
    /// How many contacts.
    pub contacts: u64,
    /// How many messages.
    pub messages: u64,
    /// Sent time of the newest message.
    pub newest_message_at: Option<Millis>,
    /// When it was saved.
    pub saved_at: Millis,
    /// Bytes that were downloaded.
    pub bytes: u64,
    /// How many devices write to it.
    pub devices: u64,
    /// What each node has.
    pub nodes: Vec<VaultNodeView>,
}

/// Steps of restoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RestoreStep {
    /// The nodes are being asked what they have.
    AskingNodes,
    /// The vault is being downloaded.
    Downloading {
        /// Parts that are here.
        done: u32,
        /// Parts in all.
        of: u32,
    },
}

/// A file for the person to keep.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileView {
    /// A name for it.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for FileView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileView({}, {} bytes)", self.name, self.bytes.len())
    }
}
