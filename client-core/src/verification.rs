//! The person's word that a contact's safety number was compared.
//!
//! What is kept is a hash over both identities and both signing keys. A move to another node changes neither, so
//! the word stands; another key on either side makes it void until the number is compared again.

use shared_crypto::hash::hash_parts;
use shared_crypto::id::Hash;
use shared_crypto::safety_number::safety_number;

use crate::compose::Refusal;
use crate::contact::Contact;
use crate::own::Own;
use crate::ready::Ready;
use crate::request::Failure;
use crate::store::Store;
use crate::turn::Turn;
use crate::view::{ContactNumber, VerificationView};

const NAMESPACE: &str = "zechat/verified/v1";

impl Ready {
    /// The person compared the number.
    pub(crate) fn verify<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        compared: &str,
    ) -> Result<(), Refusal> {
        let digits = |text: &str| {
            text.chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        };
        let contact = self.contacts.get(&number).ok_or(Failure::NotFound)?;
        let (me, them) = (self.own.identity(), contact.identity());
        let mine = (&me, self.own.chain.signing_key());
        let ours = safety_number(mine, (&them, contact.chain.signing_key()));
        if digits(compared) != digits(&ours) {
            return Err(Failure::NumberDiffers.into());
        }
        let keys = keys(&self.own, contact);
        let contact = self.contact_mut(number)?;
        contact.row.verified = Some(keys);
        contact.save(turn);
        turn.app_changed();
        Ok(())
    }

    /// The person takes the word back.
    pub(crate) fn unverify<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
    ) -> Result<(), Refusal> {
        let contact = self.contact_mut(number)?;
        contact.row.verified = None;
        contact.save(turn);
        turn.app_changed();
        Ok(())
    }

    /// How a contact's verification stands.
    pub(crate) fn verification(&self, number: ContactNumber) -> VerificationView {
        let contact = self.contacts.get(&number);
        let Some((contact, verified)) = contact.and_then(|it| it.row.verified.map(|v| (it, v)))
        else {
            return VerificationView::Unverified;
        };
        if verified == keys(&self.own, contact) {
            VerificationView::Verified
        } else {
            VerificationView::KeyChanged
        }
    }
}

fn keys(own: &Own, contact: &Contact) -> Hash {
    let (me, them) = (own.identity(), contact.identity());
    hash_parts(
        NAMESPACE,
        &[
            me.as_bytes(),
            own.chain.signing_key().modulus(),
            them.as_bytes(),
            contact.chain.signing_key().modulus(),
        ],
    )
}
