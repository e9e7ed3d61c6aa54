//! Accepting envelopes, whether left here directly, forwarded by another node or submitted by one of
//! our own for one of our own.

use bytes::Bytes;
use shared_crypto::envelope::{self, EnvelopeError};
use shared_crypto::forward::open_forward;
use shared_crypto::id::{MailboxId, MessageId};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::postage::Postage;
use shared_crypto::problem::ProblemCode;

use super::{App, Refusal};
use crate::metrics::{Since, Way};
use crate::store::{Deliver, Delivered, Route};

impl App {
    /// Stores an envelope that somebody left.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn deliver(
        &self,
        mailbox: MailboxId,
        message_id: MessageId,
        postage: Postage,
        envelope: Bytes,
    ) -> Result<Delivered, Refusal> {
        let since = Since::now();
        let command = self.acceptance(mailbox, message_id, &postage, envelope)?;
        let delivered = self.store.write(command).await??;
        since.accepted(Way::Http);
        Ok(delivered)
    }

    /// Checks an envelope as far as that needs no database.
    pub(crate) fn acceptance(
        &self,
        mailbox: MailboxId,
        message_id: MessageId,
        postage: &Postage,
        envelope: Bytes,
    ) -> Result<Deliver, ProblemCode> {
        envelope::peek(&envelope).map_err(|error| match error {
            EnvelopeError::WrongSize => ProblemCode::WrongSize,
            _ => ProblemCode::Malformed,
        })?;
        if self.is_closing() {
            return Err(ProblemCode::NodeClosing);
        }
        if self.high_water.is_full() {
            return Err(ProblemCode::NodeFull);
        }
        let bits = self.postage.demanded();
        let is_paid = postage.verify(&mailbox, &message_id, &envelope, bits);
        Ok(Deliver {
            mailbox,
            message_id,
            envelope,
            is_paid,
        })
    }

    /// Opens a forward box and checks what is in it.
    pub(crate) fn open_box(&self, boxed: &[u8]) -> Result<Deliver, ProblemCode> {
        let opened =
            open_forward(&self.identity.keys, boxed).map_err(|_| ProblemCode::CannotOpen)?;
        let envelope = Bytes::from(opened.envelope);
        self.acceptance(opened.mailbox, opened.message_id, &opened.postage, envelope)
    }

    /// How a submission goes on its way: into our own mailboxes at once, or to another node.
    pub(crate) fn route(&self, destination: &NodeUrl, boxed: Bytes) -> Result<Route, ProblemCode> {
        if *destination == self.identity.url {
            return Ok(Route::Local(self.open_box(&boxed)));
        }
        if self.high_water.is_full() {
            return Err(ProblemCode::NodeFull);
        }
        self.peers
            .check_url(destination)
            .map_err(|error| error.code())?;
        Ok(Route::Remote(boxed))
    }
}
