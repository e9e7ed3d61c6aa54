//! Identity records: numbered, hash-linked statements that list keys and nodes
//! (`docs/protocol.md` §4). This file knows one record; [`Chain`] knows how they follow.

mod append;
mod branch;
mod chain;

use alloc::vec::Vec;

use crate::cbor::DecodeError;
use crate::ed25519_keys::RecoveryPublicKey;
use crate::hash::hash;
use crate::id::{Hash, IdentityId, MailboxId, NodeFingerprint};
use crate::node_url::NodeUrl;
use crate::rsa_keys::{SealingPublicKey, SigningPublicKey};
use crate::signed::Payload;
use crate::time::Millis;
use crate::{cbor_map, cbor_uint};

pub use append::{RecordChanges, RecoveryChanges};
pub use branch::{RECOVERY_WINDOW, Replaced};
pub use chain::{Chain, ChainError, ChainOrder};

/// Longest signed record, in bytes.
pub const MAX_RECORD: usize = 16_384;
/// Most records in a chain.
pub const MAX_RECORDS: usize = 4_096;
/// Most bytes of signed records in a chain.
pub const MAX_CHAIN: usize = 1_048_576;
/// Of the records of a chain, those that are left to recoveries.
pub const RECOVERY_RECORDS: usize = 16;
/// Of the bytes of a chain, those that are left to recoveries.
pub const RECOVERY_BYTES: usize = 65_536;
/// Most nodes in a delivery list.
pub const MAX_DELIVERY: usize = 5;

const COMMITMENT_NAMESPACE: &str = "zechat/recovery-commitment/v1";

cbor_uint! {
    /// What a record does.
    pub enum RecordKind {
        /// Creates the identity; its hash is the identity id.
        Genesis = 0,
        /// Changes something, signed by the signing key in force.
        Update = 1,
        /// Replaces both keys, signed by the revealed recovery key.
        Recovery = 2,
    }
}

cbor_uint! {
    /// Whether new mail may be left on a node.
    pub enum DeliveryState {
        /// Mail may be left here.
        Active = 0,
        /// The owner still fetches here; new mail goes elsewhere.
        Draining = 1,
    }
}

cbor_map! {
    /// A node where an identity's mail may be left.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Delivery {
        /// The node's URL.
        0 => pub node: NodeUrl,
        /// The node's key.
        1 => pub fingerprint: NodeFingerprint,
        /// The mailbox for strangers.
        2 => pub intro: MailboxId,
        /// Whether new mail may be left here.
        3 => pub state: DeliveryState,
        /// Lower is tried first.
        4 => pub priority: u64,
    }
}

cbor_map! {
    /// One statement of an identity about itself.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Record {
        /// What the record does.
        0 => pub kind: RecordKind,
        /// 0 in genesis, then rising by one.
        1 => pub number: u64,
        /// Hash of the record before; absent in genesis.
        2 => pub previous: Option<Hash>,
        /// Whose record it is; absent in genesis.
        3 => pub identity: Option<IdentityId>,
        /// The signing key from here on, if it changes.
        4 => pub signing_key: Option<SigningPublicKey>,
        /// The sealing key from here on, if it changes.
        5 => pub sealing_key: Option<SealingPublicKey>,
        /// Commitment to the recovery key, if it changes.
        6 => pub recovery: Option<Hash>,
        /// Where mail may be left from here on, if it changes.
        7 => pub delivery: Option<Vec<Delivery>>,
        /// When the record was signed.
        8 => pub signed_at: Millis,
        /// The revealed recovery key; in recovery only.
        9 => pub recovery_key: Option<RecoveryPublicKey>,
    }
}

impl Payload for Record {
    const NAMESPACE: &'static str = "zechat/record/v1";
    const MAX_SIGNED: usize = MAX_RECORD;

    fn check(&self) -> Result<(), DecodeError> {
        let is_first = self.kind == RecordKind::Genesis;
        let has_new_keys =
            self.signing_key.is_some() && self.sealing_key.is_some() && self.recovery.is_some();
        let fits_kind = match self.kind {
            RecordKind::Genesis => has_new_keys && self.delivery.is_some(),
            RecordKind::Update => true,
            RecordKind::Recovery => has_new_keys,
        };
        let is_well_formed = fits_kind
            && is_first == (self.number == 0)
            && is_first == self.previous.is_none()
            && is_first == self.identity.is_none()
            && (self.kind == RecordKind::Recovery) == self.recovery_key.is_some()
            && self.delivery.as_deref().is_none_or(is_delivery_list);
        if is_well_formed {
            Ok(())
        } else {
            Err(DecodeError::Shape)
        }
    }
}

/// One to five different nodes, at least one of them active.
fn is_delivery_list(list: &[Delivery]) -> bool {
    let is_repeated = |(index, entry): (usize, &Delivery)| {
        list.iter()
            .take(index)
            .any(|earlier| earlier.fingerprint == entry.fingerprint)
    };
    (1..=MAX_DELIVERY).contains(&list.len())
        && list
            .iter()
            .any(|entry| entry.state == DeliveryState::Active)
        && !list.iter().enumerate().any(is_repeated)
}

/// The commitment to a recovery key that records carry.
pub fn recovery_commitment(key: &RecoveryPublicKey) -> Hash {
    hash(COMMITMENT_NAMESPACE, key.as_bytes())
}
