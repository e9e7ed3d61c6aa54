//! Forward boxes: what a client seals to the destination node and hands to its home node
//! (`docs/protocol.md` §11). Home sees the destination node and not the mailbox.

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use crate::envelope::CLASSES;
use crate::hpke_box;
use crate::id::{MailboxId, MessageId};
use crate::node_document::NodeDocument;
use crate::node_keys::NodeKeys;
use crate::postage::{POSTAGE_LENGTH, Postage};

pub use crate::cannot_open::{CannotOpen, SealError};

const NAMESPACE: &str = "zechat/forward/v1";
const START: usize = MailboxId::LENGTH + MessageId::LENGTH + POSTAGE_LENGTH;

/// The permitted lengths of a forward box, one for each envelope class.
pub const FORWARD_CLASSES: [usize; 3] = {
    let [small, middle, large] = CLASSES;
    let more = START + hpke_box::OVERHEAD;
    [small + more, middle + more, large + more]
};

/// What a forward box held.
#[derive(Clone, PartialEq, Eq)]
pub struct Forwarded {
    /// Where to deliver.
    pub mailbox: MailboxId,
    /// Under which id.
    pub message_id: MessageId,
    /// What the sender pays.
    pub postage: Postage,
    /// The envelope, of a permitted size.
    pub envelope: Vec<u8>,
}

/// Seals an envelope to the node that the document describes.
///
/// # Errors
/// [`SealError::TooLong`] for an envelope that is not of a permitted size, [`SealError::Key`] for a
/// forward key that cannot be used.
pub fn seal_forward<R: CryptoRng + ?Sized>(
    node: &NodeDocument,
    mailbox: &MailboxId,
    message_id: &MessageId,
    postage: &Postage,
    envelope: &[u8],
    rng: &mut R,
) -> Result<Vec<u8>, SealError> {
    if !CLASSES.contains(&envelope.len()) {
        return Err(SealError::TooLong);
    }
    let plaintext = [
        mailbox.as_bytes().as_slice(),
        message_id.as_bytes(),
        postage.as_bytes(),
        envelope,
    ]
    .concat();
    let fingerprint = node.fingerprint();
    hpke_box::seal(
        NAMESPACE,
        &node.forward_key.0,
        &fingerprint,
        &plaintext,
        rng,
    )
    .map(|(boxed, _)| boxed)
}

/// Opens a forward box that was sealed to this node.
///
/// # Errors
/// [`CannotOpen`], whatever is wrong.
pub fn open_forward(keys: &NodeKeys, boxed: &[u8]) -> Result<Forwarded, CannotOpen> {
    if !FORWARD_CLASSES.contains(&boxed.len()) {
        return Err(CannotOpen);
    }
    let (plaintext, _) = hpke_box::open(NAMESPACE, keys, boxed)?;
    let (mailbox, rest) = plaintext.split_first_chunk().ok_or(CannotOpen)?;
    let (message_id, rest) = rest.split_first_chunk().ok_or(CannotOpen)?;
    let (postage, envelope) = rest.split_first_chunk().ok_or(CannotOpen)?;
    Ok(Forwarded {
        mailbox: MailboxId::from_bytes(*mailbox),
        message_id: MessageId::from_bytes(*message_id),
        postage: Postage::from_bytes(postage).map_err(|_| CannotOpen)?,
        envelope: envelope.to_vec(),
    })
}

impl fmt::Debug for Forwarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forwarded")
            .field("mailbox", &self.mailbox)
            .field("message_id", &self.message_id)
            .field("postage", &self.postage)
            .field("envelope", &self.envelope.len())
            .finish()
    }
}
