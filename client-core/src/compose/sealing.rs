//! From what is said to a signed event, and from that to an envelope for a contact.

use shared_crypto::cbor::Bytes;
use shared_crypto::envelope::{seal_first_contact, seal_lane};
use shared_crypto::event::{Body, Content, Event, conversation_of};
use shared_crypto::id::MessageId;
use shared_crypto::signed::{Signed, Verified, sign};

use super::{Refusal, internal};
use crate::ready::Ready;
use crate::request::Failure;
use crate::rows::{PairingRow, SealedRow};
use crate::store::{Store, StoreError};
use crate::turn::Turn;
use crate::view::ContactNumber;

/// Most bytes of our records in one message.
const MAX_NEWS: usize = 40_000;

impl Ready {
    pub(super) fn make_event<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        id: MessageId,
        body: Body,
    ) -> Result<Verified<Event>, Refusal> {
        let me = self.own.identity();
        let contact = self.contacts.get_mut(&number).ok_or(Failure::NotFound)?;
        let recipient = contact.identity();
        let counter = contact.conversation.counter.saturating_add(1);
        let kind = body.kind();
        let forgettable = matches!(
            body,
            Body::Text(_) | Body::Reply { .. } | Body::FirstContact { .. }
        );
        let lifetime = contact.conversation.timer.filter(|_| forgettable);
        let body = body.to_bytes().map_err(|error| internal(&error))?;
        let event = Event {
            sender: me,
            record: self.own.chain.head(),
            recipient,
            conversation: conversation_of(&me, &recipient),
            device: self.own.row.device,
            counter,
            previous: contact.conversation.previous,
            sent_at: turn.now,
            message_id: id,
            kind,
            body: Bytes(body),
            lifetime,
        };
        let event = sign(event, &self.own.signing, turn.rng).map_err(|error| internal(&error))?;
        contact.conversation.counter = counter;
        contact.conversation.previous = event.hash();
        let before = contact.conversation.spoke_at.unwrap_or_default();
        contact.conversation.spoke_at = Some(before.max(turn.now));
        contact.save_conversation(turn);
        Ok(event)
    }

    /// Seals an event of ours to a contact as it is known now.
    pub(crate) fn seal_event<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        event: &[u8],
    ) -> Result<SealedRow, Refusal> {
        let damaged = StoreError::Damaged("outbox");
        let event = Signed::<Event>::parse(event).map_err(|_| damaged.clone())?;
        // The key may have been replaced since it was said.
        let key = self.own.chain.signing_key_of(&event.unverified().record);
        let key = key.ok_or_else(|| damaged.clone())?;
        let event = event.verify(key).map_err(|_| damaged)?;
        match event.body() {
            Ok(Body::FirstContact { .. } | Body::Reintroduction { .. }) => {
                self.seal_first(turn, number, &event)
            }
            _ => self.seal_later(turn, number, &event),
        }
    }

    fn seal_first<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        event: &Verified<Event>,
    ) -> Result<SealedRow, Refusal> {
        let package = self.own.package().ok_or(Failure::NoIdentity)?;
        let epoch = package.epoch;
        let content = Content {
            event: Bytes(event.bytes().to_vec()),
            key_package: Some(Bytes(package.bytes().to_vec())),
            records: Some(self.own.records()),
        };
        let contact = self.contact_mut(number)?;
        let delivery = contact
            .delivery()
            .cloned()
            .ok_or(Failure::IdentityInvalid)?;
        // Somebody who has given us a mailbox wants no postage.
        let known = contact
            .row
            .theirs
            .filter(|_| matches!(event.body(), Ok(Body::Reintroduction { .. })));
        let mailbox = known.unwrap_or(delivery.intro);
        let sealed = seal_first_contact(
            &content.to_bytes(),
            &contact.identity(),
            &mailbox,
            contact.package.as_ref().ok_or(Failure::WrongState)?,
            contact.chain.sealing_key(),
            turn.rng,
        )
        .map_err(|error| internal(&error))?;
        contact.add_pairing(PairingRow {
            pairing: sealed.pairing,
            r1: Bytes(sealed.r1.to_vec()),
            r2: None,
            initiated: true,
            acceptance: None,
            at: turn.now,
            outdated: None,
        });
        contact.row.epoch_sent = epoch;
        contact.save(turn);
        Ok(SealedRow {
            mailbox,
            envelope: Bytes(sealed.envelope),
            intro: known.is_none(),
        })
    }

    fn seal_later<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        event: &Verified<Event>,
    ) -> Result<SealedRow, Refusal> {
        let me = self.own.identity();
        let package = self.own.package().ok_or(Failure::NoIdentity)?;
        let (epoch, package) = (package.epoch, package.bytes().to_vec());
        let contact = self.contacts.get_mut(&number).ok_or(Failure::NotFound)?;
        let lacking = self
            .own
            .records_from(contact.row.record_known.saturating_add(1));
        let size: usize = lacking.iter().map(|record| record.0.len()).sum();
        // Who was away for so many records looks them up.
        let records = (!lacking.is_empty() && size <= MAX_NEWS).then_some(lacking);
        let mailbox = contact.row.theirs.ok_or(Failure::WrongState)?;
        let pairing = contact
            .sending_pairing()
            .cloned()
            .ok_or(Failure::WrongState)?;
        let pair = contact
            .pair_secret(&me, &pairing)
            .ok_or(Failure::WrongState)?;
        // Records that overrule others may leave them without a key package of ours that they can use.
        let recovered = records.is_some()
            && (self.own.chain).has_recovery(contact.row.record_known.saturating_add(1));
        let news = (contact.row.epoch_sent < epoch || recovered).then_some(Bytes(package));
        if news.is_some() {
            contact.row.epoch_sent = epoch;
            contact.save(turn);
        }
        let event = Bytes(event.bytes().to_vec());
        let content = Content {
            event,
            key_package: news,
            records,
        };
        let envelope = seal_lane(
            &content.to_bytes(),
            &me,
            &contact.identity(),
            &mailbox,
            contact.package.as_ref().ok_or(Failure::WrongState)?,
            &pair,
            pairing.acceptance.as_ref().map(Bytes::as_slice),
            turn.rng,
        )
        .map_err(|error| internal(&error))?;
        Ok(SealedRow {
            mailbox,
            envelope: Bytes(envelope),
            intro: false,
        })
    }
}
