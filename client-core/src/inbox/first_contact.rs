//! First contacts: of strangers, of people who are asked anew, and of contacts who begin again.

use shared_crypto::bundle::verify_key_package;
use shared_crypto::cbor::Bytes;
use shared_crypto::envelope::{self, Header};
use shared_crypto::event::{Body, Content, Event};
use shared_crypto::id::{IdentityId, MessageId};
use shared_crypto::key_package::KeyPackage;
use shared_crypto::record::Chain;
use shared_crypto::signed::Verified;

use super::{Arrival, stored};
use crate::contact::Contact;
use crate::mailboxes::Purpose;
use crate::ready::Ready;
use crate::rows::{PairingRow, SeenRow, key};
use crate::store::{Store, StoreError};
use crate::trust::{is_of_now, may_speak};
use crate::turn::Turn;
use crate::view::{BodyView, ContactNumber, ContactState};

impl Ready {
    pub(super) async fn receive_first_contact<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        arrival: &Arrival<'_>,
        header: &Header,
        purpose: Option<Purpose>,
    ) -> Result<(), StoreError> {
        let me = self.own.identity();
        let Some((_, keys)) = self.own.receive_keys(header.key_package()) else {
            return self.unopened(turn, arrival, purpose).await;
        };
        let old = self.own.old_sealing();
        let opened = core::iter::once(&self.own.sealing)
            .chain(&old)
            .find_map(|sealing| {
                let (envelope, mailbox) = (arrival.envelope, &arrival.mailbox);
                envelope::open_first_contact(envelope, &me, mailbox, keys, sealing, turn.rng).ok()
            });
        let Some(opened) = opened else {
            return self.unopened(turn, arrival, purpose).await;
        };
        let Some(stranger) = read_stranger(&opened.content, &me, &arrival.message) else {
            return Ok(());
        };
        let Stranger {
            chain,
            package,
            event,
        } = stranger;
        let (name, mailbox, text, pass) = match event.body() {
            Ok(Body::FirstContact {
                name,
                mailbox,
                text,
                pass,
            }) => (name, mailbox, Some(text), pass),
            Ok(Body::Reintroduction { name, mailbox }) => (name, mailbox, None, None),
            _ => return Ok(()),
        };
        let them = chain.identity();
        let known = self.find_contact(&them).map(|contact| contact.number);
        let is_theirs = match purpose {
            // A contact's mailbox is theirs alone.
            Some(Purpose::Contact(number)) => known == Some(number),
            // A newer copy of us may have another mailbox for strangers than those that are known.
            Some(Purpose::Strangers) | None => true,
        };
        if !is_theirs {
            return Ok(());
        }
        let seen = match purpose {
            Some(Purpose::Contact(_)) => key::seen(&arrival.mailbox, &arrival.message),
            _ => key::seen_from(&arrival.mailbox, &them, &arrival.message),
        };
        if turn.get::<SeenRow>(&seen).await?.is_some() {
            return Ok(());
        }
        // Nothing is noted of it: it takes no room here, and its sender cannot tell.
        if !self.may_ask(&them, pass.as_ref(), text.is_none(), turn.now) {
            return Ok(());
        }
        let number = match known {
            Some(number) => number,
            // What is answered could not be read.
            None if !is_of_now(&package, turn.now) => return Ok(()),
            // Nothing that a replaced key signed makes anybody known.
            None if chain.replaced(&event.record).is_some() => return Ok(()),
            None => {
                self.make_room_for_a_request(turn).await?;
                let number = self.new_number(turn);
                let (state, now) = (ContactState::Asking, arrival.arrived_at);
                let contact = Contact::new(number, chain.clone(), package.clone(), state, now);
                self.contacts.insert(number, contact);
                number
            }
        };
        let Some(contact) = self.contacts.get_mut(&number) else {
            return Ok(());
        };
        turn.put(&seen, &SeenRow { at: turn.now });
        let before = contact.state();
        if before == ContactState::Blocked {
            return Ok(());
        }
        self.learn(turn, number, &chain, Some(package));
        let Some(contact) = self.contacts.get_mut(&number) else {
            return Ok(());
        };
        // What it is now: a chain that came with it may have made them a stranger again.
        let before = contact.state();
        let is_of_chain = contact.chain.number_of(&event.record).is_some();
        if !is_of_chain || contact.too_many_requests() {
            return Ok(());
        }
        // Signed by a key that was replaced since: no key and no mailbox is taken from it. But where the
        // contact's events continue through it, it is not missing.
        if contact.chain.replaced(&event.record).is_some() {
            let continues = text.is_none()
                && matches!(before, ContactState::Asked | ContactState::Accepted)
                && may_speak(&event, &contact.chain, arrival.arrived_at, turn.now);
            if continues {
                self.add_event(turn, number, &event, None).await?;
            }
            return Ok(());
        }
        contact.add_pairing(PairingRow {
            pairing: opened.pairing,
            r1: Bytes(opened.r1.to_vec()),
            r2: None,
            initiated: false,
            acceptance: None,
            at: turn.now,
            outdated: None,
        });
        // Of somebody who is in contact already nobody would be shown that they used it up.
        let pass = pass.filter(|_| before != ContactState::Accepted);
        let link = pass.and_then(|pass| {
            let label = self.passes.label_for(&pass, &them)?.to_owned();
            self.passes.used(turn, &pass, them);
            Some(label)
        });
        if matches!(before, ContactState::Resolved | ContactState::Asking) {
            contact.set_state(ContactState::Asking);
            let is_over = |at| at <= turn.now;
            let text = text.clone();
            let text = text.filter(|_| !event.expires_at(turn.now).is_some_and(is_over));
            contact.row.request.get_or_insert(text.unwrap_or_default());
            let known = contact.row.by_link.take();
            contact.row.by_link = link.or(known.filter(|_| before == ContactState::Asking));
        }
        contact.save(turn);
        // What they asked before without a pass is not missing.
        if text.is_none() || self.own.row.only_by_pass.unwrap_or_default() {
            contact.begin_late(&event);
        }
        let asked = text.is_some();
        let shown = text.map(BodyView::Text);
        let newest = self.add_event(turn, number, &event, shown).await?;
        self.reachable_at(turn, number, &event, newest, mailbox);
        self.named(turn, number, &event, newest, &name);
        // We asked them too, or agreed before they lost what they had: nobody needs to be asked again.
        if matches!(before, ContactState::Asked | ContactState::Accepted) {
            self.settle(turn, number).await?;
            if asked {
                self.owe_receipt(turn, number, arrival.message);
            }
        }
        Ok(())
    }

    async fn settle<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
    ) -> Result<(), StoreError> {
        stored(self.answer_request(turn, number))?;
        stored(self.send_kept(turn, number).await)
    }
}

struct Stranger {
    chain: Chain,
    package: Verified<KeyPackage>,
    event: Verified<Event>,
}

fn read_stranger(content: &[u8], me: &IdentityId, message: &MessageId) -> Option<Stranger> {
    let content = Content::parse(content).ok()?;
    let chain = Chain::verify(&content.records?).ok()?;
    let package = verify_key_package(&content.key_package?.0, &chain).ok()?;
    let event = Event::verify(&content.event.0, &chain, me, message).ok()?;
    Some(Stranger {
        chain,
        package,
        event,
    })
}
