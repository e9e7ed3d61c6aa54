//! The nodes that a save goes to.

use shared_crypto::id::{Hash, NodeFingerprint};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::signed::Verified;
use shared_crypto::vault::{Manifest, VaultIndex};

use crate::own_code;
use crate::problem::code_of;
use crate::sorted::SortedSet;
use crate::view::VaultFault;

/// Nodes that keep the vault.
pub(super) const COPIES: usize = 2;

/// A node that a save goes to.
pub(super) struct Target {
    pub(super) url: NodeUrl,
    pub(super) fingerprint: NodeFingerprint,
    /// What it has.
    pub(super) found: Option<(Verified<Manifest>, VaultIndex)>,
    /// The chunks that it has.
    pub(super) has: SortedSet<Hash>,
    /// Why it is left out.
    pub(super) fault: Option<VaultFault>,
    /// Whether it has the new manifest.
    pub(super) done: bool,
}

impl Target {
    pub(super) fn new(url: NodeUrl, fingerprint: NodeFingerprint) -> Self {
        Self {
            url,
            fingerprint,
            found: None,
            has: SortedSet::new(),
            fault: None,
            done: false,
        }
    }

    pub(super) fn is_alive(&self) -> bool {
        self.fault.is_none()
    }
}

/// What an answer other than success means.
pub(super) fn fault_of(answer: Option<&(u16, Vec<u8>)>) -> VaultFault {
    match answer {
        None => VaultFault::Unreachable,
        Some((status, body)) => match code_of(body).as_deref() {
            Some("vault_full" | "node_full") => VaultFault::Full,
            Some("not_found") => VaultFault::Missing,
            Some("unavailable") => VaultFault::Unreachable,
            Some(code) => VaultFault::Refused {
                code: code.to_owned(),
            },
            None if *status == 404 => VaultFault::Missing,
            None => VaultFault::Refused {
                code: own_code::NODE_MISBEHAVES.to_owned(),
            },
        },
    }
}
