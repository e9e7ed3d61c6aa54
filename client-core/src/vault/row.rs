//! What is stored of the vault itself. It never goes into the vault.

use shared_crypto::cbor::Bytes;
use shared_crypto::cbor_map;
use shared_crypto::id::{DeviceId, Hash, VaultId};
use shared_crypto::vault::{Absorbed, VaultAuth, VaultHalf, VaultKey};

use super::journal::Sequence;
use crate::rows::StoredRow;
use crate::store::Table;
use crate::view::Millis;

cbor_map! {
    /// The vault as this device knows it.
    #[derive(Debug, Clone)]
    pub(crate) struct VaultRow {
        /// Seed of the key that finds and writes it.
        0 => pub(crate) auth: Bytes,
        /// The phrase's half of what opens it: a new passphrase needs no phrase.
        1 => pub(crate) half: Bytes,
        /// The key that it is sealed under.
        2 => pub(crate) key: Bytes,
        /// The same, wrapped.
        3 => pub(crate) wrapped: Bytes,
        /// Whether a passphrase is part of the wrapping.
        4 => pub(crate) has_passphrase: bool,
        /// Whether the wrapping is newer than that of the nodes.
        5 => pub(crate) rewrapped: bool,
        /// Whether the phrase was proven to be written down.
        6 => pub(crate) confirmed: bool,
        /// The highest version seen.
        7 => pub(crate) version: u64,
        /// Revision of our section.
        8 => pub(crate) revision: u64,
        /// The segments of our section.
        9 => pub(crate) segments: Vec<OwnSegmentRow>,
        /// What our section contains of others.
        10 => pub(crate) absorbed: Vec<AbsorbedRow>,
        /// What each node has.
        11 => pub(crate) nodes: Vec<VaultNodeRow>,
        /// When it was last saved.
        12 => pub(crate) saved_at: Option<u64>,
        /// When everything was last written anew.
        13 => pub(crate) whole_at: Option<u64>,
        /// Whether a row that is in the base was removed since: it is destroyed with the base only.
        14 => pub(crate) removed: Option<bool>,
        /// Vaults of phrases that were replaced, which nodes still keep.
        15 => pub(crate) replaced: Option<Vec<ReplacedRow>>,
        /// The other devices that wrote what our section does not contain.
        16 => pub(crate) others: Option<Vec<OtherDeviceRow>>,
    }
}

cbor_map! {
    /// Another device of the same identity, as the vault names it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) struct OtherDeviceRow {
        /// Which one.
        0 => pub(crate) device: DeviceId,
        /// When it last saved, by its own clock.
        1 => pub(crate) saved_at: u64,
    }
}

cbor_map! {
    /// The vault of a phrase that was replaced.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) struct ReplacedRow {
        /// Seed of the key that finds it.
        0 => pub(crate) auth: Bytes,
        /// URLs of the nodes that still keep it.
        1 => pub(crate) nodes: Vec<String>,
    }
}

impl ReplacedRow {
    pub(super) fn auth(&self) -> Option<VaultAuth> {
        let seed = self.auth.0.as_slice().try_into().ok()?;
        Some(VaultAuth::from_seed(seed))
    }
}

cbor_map! {
    /// A segment of our section.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) struct OwnSegmentRow {
        /// Its chunks.
        0 => pub(crate) chunks: Vec<Hash>,
        /// Bytes of its rows.
        1 => pub(crate) bytes: u64,
        /// The commit after the last one that is in it.
        2 => pub(crate) end: u64,
    }
}

cbor_map! {
    /// A section of another device that is contained in ours.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) struct AbsorbedRow {
        /// Which device.
        0 => pub(crate) device: DeviceId,
        /// Up to which revision.
        1 => pub(crate) revision: u64,
    }
}

cbor_map! {
    /// What a node has.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) struct VaultNodeRow {
        /// URL of the node.
        0 => pub(crate) url: String,
        /// Its version.
        1 => pub(crate) version: u64,
        /// When it was saved there.
        2 => pub(crate) saved_at: u64,
    }
}

impl StoredRow for VaultRow {
    const TABLE: Table = Table::Vault;
}

impl VaultRow {
    /// The commit after the last one that is saved.
    pub(super) fn saved_to(&self) -> Sequence {
        self.segments.last().map_or(0, |segment| segment.end)
    }

    /// Takes over what is true once a save has arrived that was planned from an earlier state of this. A passphrase that was set
    /// meanwhile stays, and is to be saved.
    pub(super) fn saved(&mut self, planned: &Self) {
        self.version = planned.version;
        self.revision = planned.revision;
        self.segments.clone_from(&planned.segments);
        self.whole_at = planned.whole_at;
        self.removed = planned.removed;
        self.saved_at = planned.saved_at;
        self.nodes.clone_from(&planned.nodes);
        self.others.clone_from(&planned.others);
        if self.wrapped == planned.wrapped {
            self.rewrapped = planned.rewrapped;
        }
    }

    pub(super) fn auth(&self) -> Option<VaultAuth> {
        let seed = self.auth.0.as_slice().try_into().ok()?;
        Some(VaultAuth::from_seed(seed))
    }

    pub(super) fn half(&self) -> Option<VaultHalf> {
        let half = self.half.0.as_slice().try_into().ok()?;
        Some(VaultHalf::from_bytes(half))
    }

    pub(super) fn key(&self) -> Option<VaultKey> {
        let key = self.key.0.as_slice().try_into().ok()?;
        Some(VaultKey::from_bytes(key))
    }

    pub(super) fn vault(&self) -> Option<VaultId> {
        self.auth().map(|auth| auth.vault())
    }

    /// What our section contains of others, as it travels.
    pub(super) fn absorbed(&self) -> Vec<Absorbed> {
        self.absorbed
            .iter()
            .map(|it| Absorbed {
                device: it.device,
                revision: it.revision,
            })
            .collect()
    }

    /// Whether our section contains what a device wrote.
    pub(super) fn contains(&self, device: &DeviceId, revision: u64) -> bool {
        self.absorbed
            .iter()
            .any(|it| it.device == *device && it.revision >= revision)
    }

    /// Notes what a node has.
    pub(super) fn note_node(&mut self, url: &str, version: u64, now: Millis) {
        let node = VaultNodeRow {
            url: url.to_owned(),
            version,
            saved_at: now,
        };
        match self.nodes.iter_mut().find(|known| known.url == url) {
            Some(known) => *known = node,
            None => self.nodes.push(node),
        }
    }
}
