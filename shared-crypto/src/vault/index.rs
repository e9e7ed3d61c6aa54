//! The index of a vault: what its chunks are. It travels sealed inside the manifest.
//!
//! Each device writes a *section* of its own and takes over those of others unchanged, so two devices
//! that write at once never undo what the other wrote. A section is a list of *segments*, oldest
//! first; the rows of a later one replace those of an earlier.

use alloc::string::String;
use alloc::vec::Vec;

use crate::cbor::DecodeError;
use crate::cbor_map;
use crate::id::{DeviceId, IdentityId};
use crate::time::Millis;

/// The format of rows and sections that this version writes.
pub const FORMAT: u64 = 1;
/// Sections that an index may have.
const MAX_SECTIONS: usize = 64;

cbor_map! {
    /// What a vault's chunks are.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct VaultIndex {
        /// [`FORMAT`].
        0 => pub format: u64,
        /// Whose vault it is.
        1 => pub identity: IdentityId,
        /// When it was saved, by the clock of who saved it.
        2 => pub saved_at: Millis,
        /// URLs of the nodes that keep it.
        3 => pub nodes: Vec<String>,
        /// What each device wrote, in the order of their ids.
        4 => pub sections: Vec<Section>,
        /// Whether the key is wrapped under a passphrase as well.
        5 => pub has_passphrase: bool,
    }
}

cbor_map! {
    /// What one device wrote.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Section {
        /// Which.
        0 => pub device: DeviceId,
        /// Rises with every change of the section.
        1 => pub revision: u64,
        /// When the device saved it.
        2 => pub saved_at: Millis,
        /// Its segments, oldest first.
        3 => pub segments: Vec<Segment>,
        /// Sections of other devices that are contained in this one.
        4 => pub absorbed: Vec<Absorbed>,
    }
}

cbor_map! {
    /// A run of chunks that hold rows.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Segment {
        /// Place of its first chunk in the manifest's list.
        0 => pub first: u64,
        /// How many chunks.
        1 => pub count: u64,
    }
}

cbor_map! {
    /// A section that another one contains.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Absorbed {
        /// The device that wrote it.
        0 => pub device: DeviceId,
        /// Up to which revision.
        1 => pub revision: u64,
    }
}

impl VaultIndex {
    /// Checks what the encoding does not say: bounds, the order of sections, and that every segment
    /// is inside the list of chunks.
    pub(super) fn check(&self, chunks: usize) -> Result<(), DecodeError> {
        let chunks = u64::try_from(chunks).unwrap_or(u64::MAX);
        let is_inside = |segment: &Segment| {
            segment.count > 0
                && segment
                    .first
                    .checked_add(segment.count)
                    .is_some_and(|end| end <= chunks)
        };
        let is_sound = self.sections.len() <= MAX_SECTIONS
            && self
                .sections
                .iter()
                .map(|section| section.device)
                .is_sorted_by(|a, b| a < b)
            && self
                .sections
                .iter()
                .flat_map(|section| &section.segments)
                .all(is_inside);
        if is_sound {
            Ok(())
        } else {
            Err(DecodeError::Shape)
        }
    }

    /// The sections that no other one contains.
    pub fn live_sections(&self) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(|section| {
            !self
                .sections
                .iter()
                .filter(|other| other.device != section.device)
                .flat_map(|other| &other.absorbed)
                .any(|it| it.device == section.device && it.revision >= section.revision)
        })
    }
}
