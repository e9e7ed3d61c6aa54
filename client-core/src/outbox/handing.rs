//! Handing over: sealing a row to the contact as it is known now, and giving its copies to our nodes.

use shared_crypto::cbor::ByteArray;
use shared_crypto::forward::seal_forward;
use shared_crypto::live::ClientBinary;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::postage::Postage;
use shared_crypto::record::Delivery;
use shared_crypto::time::{HOUR, MINUTE};

use super::Held;
use crate::compose::Refusal;
use crate::driver::Action;
use crate::homes::Home;
use crate::own_code;
use crate::ready::Ready;
use crate::rows::{CopyRow, OutboxRow, SealedRow};
use crate::sorted::{SortedSet, sort_by_key};
use crate::store::Store;
use crate::turn::Turn;
use crate::view::{ContactNumber, Millis};

/// Submissions handed over on one link and not answered, at most.
const WINDOW: usize = 32;

/// How long a home node may be away with mail of ours whose outcome it did not tell.
pub(super) const HOME_PATIENCE: Millis = 5 * MINUTE;

/// How long a home node that is there may keep silent about mail that it accepted: it may have lost it with its disk, and
/// have been told of us by somebody else since. It knows by the id what it has.
pub(super) const HOME_SILENCE: Millis = 3 * HOUR;

/// To how many nodes of the recipient an envelope goes.
const COPIES: usize = 2;

/// Largest proof of work that this client is ready to do: a second or two.
const MAX_POSTAGE_BITS: u64 = 22;

impl Ready {
    pub(super) fn hand_over<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: u64,
        held: &mut SortedSet<NodeUrl>,
    ) -> Result<(), Held> {
        let row = self
            .outbox
            .rows
            .get(&number)
            .cloned()
            .ok_or(Held::Contact)?;
        // Somebody else may use their keys: nothing is sent until that is settled, sealed already or not.
        let contact = self.contacts.get(&row.contact);
        if contact.is_some_and(|contact| contact.row.forked_at.is_some()) {
            return Err(Held::Contact);
        }
        let row = match row.sealed {
            Some(_) => row,
            None => {
                let row = self.seal_row(turn, row)?;
                self.outbox.set(turn, number, row.clone());
                row
            }
        };
        if !row.copies.is_empty() && row.copies.iter().all(CopyRow::failed) {
            // It came back before the last start; see `copy_failed`.
            self.look_for(turn, row.contact, None);
            return Ok(());
        }
        for index in 0..row.copies.len() {
            self.hand_over_copy(turn, number, index, held)?;
        }
        Ok(())
    }

    fn hand_over_copy<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: u64,
        index: usize,
        held: &mut SortedSet<NodeUrl>,
    ) -> Result<(), Held> {
        let Some(row) = self.outbox.rows.get(&number) else {
            return Ok(());
        };
        let Some(copy) = row.copies.get(index).cloned() else {
            return Ok(());
        };
        let url = NodeUrl::parse(&copy.node).map_err(|_| Held::Failed(own_code::BAD_NODE))?;
        if held.contains(&url) || !self.is_open(&copy, turn.now) {
            return Ok(());
        }
        let Some(home) = self.home_for(row, index, turn.now) else {
            return Ok(());
        };
        let row = row.clone();
        let known = self.nodes.find(&url, turn.now);
        let genuine = known.filter(|document| document.fingerprint() == copy.fingerprint);
        let Some(document) = genuine else {
            if known.is_some() {
                // Not the node that the contact's record names: perhaps our own node lies.
                self.nodes.reject(turn, &url);
            }
            let request = self.next_request();
            self.nodes.ask(turn, &home, &url, request);
            held.insert(url);
            return Ok(());
        };
        let (row, forward_box) = stamp(turn, row, index, document)?;
        self.outbox.set(turn, number, row);
        let frame = ClientBinary::Submit {
            submission: copy.submission,
            node: url,
            forward_box: &forward_box,
        };
        turn.act(Action::SendBinary(home.clone(), frame.encode()));
        if let Some(home) = self.homes.get_mut(&home) {
            home.live.in_flight.insert(copy.submission);
        }
        Ok(())
    }

    /// Whether a copy is to be handed over: nobody has it, or only a home node that has been away, or silent, for long.
    fn is_open(&self, copy: &CopyRow, now: Millis) -> bool {
        if copy.outcome.is_some() || copy.not_before.is_some_and(|at| now < at) {
            return false;
        }
        let handed = |home: &Home| home.live.in_flight.contains(&copy.submission);
        if self.homes.iter().any(handed) {
            return false;
        }
        let Some(holder) = &copy.home else {
            return true;
        };
        let holder = NodeUrl::parse(holder)
            .ok()
            .and_then(|url| self.homes.get(&url));
        let away = holder.is_none_or(|home| !home.live.is_online());
        let patience = if away { HOME_PATIENCE } else { HOME_SILENCE };
        let accepted_at = copy.accepted_at.unwrap_or_default();
        accepted_at.saturating_add(patience) <= now
    }

    /// The home node to hand a copy to: connected, with room, and not the one that has the other copy if there is a
    /// choice, so that one bad home node cannot stop both.
    fn home_for(&self, row: &OutboxRow, index: usize, now: Millis) -> Option<NodeUrl> {
        let has_other = |home: &Home| {
            let others = row.copies.iter().enumerate().filter(|(at, _)| *at != index);
            others.map(|(_, copy)| copy).any(|copy| {
                copy.home.as_deref() == Some(home.live.node.as_str())
                    || home.live.in_flight.contains(&copy.submission)
            })
        };
        let online = self.homes.online(&self.own.chain);
        let able: Vec<&Home> = online
            .iter()
            .filter_map(|url| self.homes.get(url))
            .filter(|home| home.live.in_flight.len() < WINDOW)
            .filter(|home| home.live.hold_until.is_none_or(|until| until <= now))
            .collect();
        let best = able.into_iter().min_by_key(|home| has_other(home));
        best.map(|home| home.live.node.clone())
    }

    /// Seals a row's event to the contact as it is known now.
    fn seal_row<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        row: OutboxRow,
    ) -> Result<OutboxRow, Held> {
        let contact = self
            .contacts
            .get(&row.contact)
            .ok_or(Held::Failed(own_code::NOT_FOUND))?;
        // What we give away must work: one of our nodes has to know the mailbox for the answer first.
        if contact
            .row
            .ours
            .is_some_and(|ours| !self.mailboxes.is_confirmed(&ours))
        {
            return Err(Held::Contact);
        }
        // They destroy old receive keys: what is sealed to a package long replaced could not be opened.
        let without = contact.package.is_none();
        if contact.package_is_stale(turn.now) {
            self.look_again(turn, row.contact);
            return Err(Held::Contact);
        }
        if without {
            return Err(Held::Contact);
        }
        let sealed = self
            .seal_event(turn, row.contact, &row.event.0)
            .map_err(|refusal| match refusal {
                Refusal::Request(_) => Held::Failed(own_code::WRONG_STATE),
                Refusal::Store(_) => Held::Failed(own_code::INTERNAL),
            })?;
        let targets = self.targets(row.contact, &sealed, turn.now);
        let copies = targets
            .iter()
            .take(COPIES)
            .map(|entry| CopyRow::new(turn, entry))
            .collect();
        Ok(OutboxRow {
            sealed: Some(sealed),
            copies,
            ..row
        })
    }

    /// The recipient's nodes where this envelope may be left, the best first: those that mail reaches, in the order of
    /// their record.
    pub(super) fn targets(
        &self,
        contact: ContactNumber,
        sealed: &SealedRow,
        now: Millis,
    ) -> Vec<Delivery> {
        let Some(contact) = self.contacts.get(&contact) else {
            return Vec::new();
        };
        // An envelope is bound to its mailbox.
        let fits = |entry: &&Delivery| !sealed.intro || entry.intro == sealed.mailbox;
        let mut targets: Vec<Delivery> = contact.chain.active().filter(fits).cloned().collect();
        sort_by_key(&mut targets, |entry| {
            self.nodes.is_unhealthy(&entry.node, now)
        });
        targets
    }
}

/// Puts postage on a copy, once, and boxes it for the destination.
fn stamp<S: Store>(
    turn: &mut Turn<'_, S>,
    mut row: OutboxRow,
    index: usize,
    document: &NodeDocument,
) -> Result<(OutboxRow, Vec<u8>), Held> {
    let sealed = row
        .sealed
        .as_ref()
        .ok_or(Held::Failed(own_code::INTERNAL))?;
    let SealedRow {
        mailbox,
        envelope,
        intro,
    } = sealed;
    let copy = row
        .copies
        .get_mut(index)
        .ok_or(Held::Failed(own_code::INTERNAL))?;
    let bits = document.postage_bits;
    let paid = match &copy.postage {
        Some(paid) => Postage::from_bytes(&paid.0).map_err(|_| Held::Failed(own_code::INTERNAL))?,
        None if *intro && bits > 0 => {
            let start = u64::from_be_bytes(turn.random());
            let bits = u32::try_from(bits)
                .ok()
                .filter(|_| bits <= MAX_POSTAGE_BITS);
            let bits = bits.ok_or(Held::Failed(own_code::NO_POSTAGE))?;
            Postage::work(mailbox, &row.message, &envelope.0, bits, start)
        }
        None => Postage::none(),
    };
    copy.postage = Some(ByteArray(*paid.as_bytes()));
    let boxed = seal_forward(
        document,
        mailbox,
        &row.message,
        &paid,
        &envelope.0,
        turn.rng,
    );
    let boxed = boxed.map_err(|_| Held::Failed(own_code::INTERNAL))?;
    Ok((row, boxed))
}
