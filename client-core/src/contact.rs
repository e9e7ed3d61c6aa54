//! A contact and the conversation with it, as held in memory.

use core::ops::RangeInclusive;

use shared_crypto::cbor::Bytes;
use shared_crypto::envelope::PairSecret;
use shared_crypto::event::{Event, NO_PREVIOUS};
use shared_crypto::id::{DeviceId, IdentityId};
use shared_crypto::key_package::KeyPackage;
use shared_crypto::record::{Chain, Delivery};
use shared_crypto::signed::{Signed, Verified};
use shared_crypto::time::DAY;

use crate::entry;
use crate::own::verify_by_any_key;
use crate::rows::{ChainRow, ContactRow, ConversationRow, EntryRow, PairingRow, key};
use crate::store::{Order, Store, StoreError};
use crate::turn::Turn;
use crate::typing::Presence;
use crate::view::{
    ContactNumber, ContactState, ContactView, ConversationMarks, ConversationView, EditView,
    EntryView, Millis, Position, VerificationView,
};

/// Pairings kept with one contact. Whoever replaces their keys a few times, and tries each again for want of an
/// answer, begins several before the first is answered.
const MAX_PAIRINGS: usize = 16;

/// Devices followed of one contact.
const MAX_DEVICES: usize = 8;

/// Entries that a stranger may add before there is an answer.
const MAX_ASKED: Position = 8;

/// Unread messages counted at most when a conversation is read from the store.
const MAX_UNREAD: usize = 1_000;

/// A contact and the conversation with it.
pub(crate) struct Contact {
    pub(crate) number: ContactNumber,
    pub(crate) row: ContactRow,
    pub(crate) conversation: ConversationRow,
    pub(crate) chain: Chain,
    /// Their newest key package; nothing is sealed without one.
    pub(crate) package: Option<Verified<KeyPackage>>,
    /// When their node was last asked for what it knows of them.
    pub(crate) looked_at: Option<Millis>,
    /// When they are to be told anew who we are, since they cannot be read.
    pub(crate) heal_at: Option<Millis>,
    /// What is known of their presence.
    pub(crate) presence: Presence,
    last: Option<EntryView>,
    unread: u32,
    first_unread: Option<Position>,
}

/// The stored number of a state.
pub(crate) fn state_number(state: ContactState) -> u64 {
    match state {
        ContactState::Resolved => 0,
        ContactState::Asked => 1,
        ContactState::Asking => 2,
        ContactState::Accepted => 3,
        ContactState::Blocked => 4,
    }
}

impl Contact {
    /// A contact that was just looked up or who just asked.
    pub(crate) fn new(
        number: ContactNumber,
        chain: Chain,
        package: Verified<KeyPackage>,
        state: ContactState,
        now: Millis,
    ) -> Self {
        let row = ContactRow {
            identity: chain.identity(),
            name: String::new(),
            state: state_number(state),
            records: records(&chain),
            package: Bytes(package.bytes().to_vec()),
            theirs: None,
            ours: None,
            pairings: Vec::new(),
            epoch_sent: 0,
            request: None,
            since: now,
            introduced_at: 0,
            record_known: 0,
            seen_at: chain.records().iter().map(|_| now).collect(),
            forked_at: None,
            forked_from: None,
            forks: Vec::new(),
            renew: None,
            verified: None,
            blocked_at: None,
            healed_at: None,
            theirs_at: None,
            asked: None,
            petname: None,
            petname_at: None,
            pass: None,
            by_link: None,
        };
        Self {
            number,
            row,
            conversation: ConversationRow::new(now),
            chain,
            package: Some(package),
            looked_at: None,
            heal_at: None,
            presence: Presence::default(),
            last: None,
            unread: 0,
            first_unread: None,
        }
    }

    /// Puts a stored contact together; `None` if its records do not verify. What others signed never keeps the rest
    /// from being read.
    pub(crate) async fn load<S: Store>(
        turn: &Turn<'_, S>,
        number: ContactNumber,
        row: ContactRow,
    ) -> Result<Option<Self>, StoreError> {
        let bytes: Vec<&[u8]> = row
            .records
            .iter()
            .map(|record| record.0.as_slice())
            .collect();
        let Ok(chain) = Chain::verify(&bytes) else {
            return Ok(None);
        };
        // It was verified when it came; since then the signing key may have changed. Without one they are looked up.
        let package = Signed::<KeyPackage>::parse(&row.package.0).ok();
        let package = package.and_then(|package| verify_by_any_key(&package, &chain));
        let conversation = turn
            .get::<ConversationRow>(&key::contact(number))
            .await?
            .unwrap_or_else(|| ConversationRow::new(row.since));
        let (last, unread, first_unread) = (None, 0, None);
        let mut contact = Self {
            number,
            row,
            conversation,
            chain,
            package,
            looked_at: None,
            heal_at: None,
            presence: Presence::default(),
            last,
            unread,
            first_unread,
        };
        contact.read_last(turn).await?;
        contact.count_unread(turn).await?;
        Ok(Some(contact))
    }

    async fn read_last<S: Store>(&mut self, turn: &Turn<'_, S>) -> Result<(), StoreError> {
        self.read_last_from(turn, 0).await
    }

    /// The last entry, where there is none before a place.
    async fn read_last_from<S: Store>(
        &mut self,
        turn: &Turn<'_, S>,
        from: Position,
    ) -> Result<(), StoreError> {
        let all = key::entries(self.number, from, Position::MAX);
        let last = turn.scan::<EntryRow>(&all, Order::Descending, 1).await?;
        self.last = last.first().and_then(|(key, row)| {
            key::position(key).map(|position| entry::to_view(position, row))
        });
        Ok(())
    }

    /// Counts what lies after the read mark, and what took its place before it too late to be seen: the number is
    /// derived from them and kept nowhere.
    pub(crate) async fn count_unread<S: Store>(
        &mut self,
        turn: &Turn<'_, S>,
    ) -> Result<(), StoreError> {
        let unread = key::entries(
            self.number,
            self.conversation.read.saturating_add(1),
            Position::MAX,
        );
        let rows = turn
            .scan::<EntryRow>(&unread, Order::Ascending, MAX_UNREAD)
            .await?;
        let counted = rows.iter().filter(|(_, row)| entry::counts(row));
        let mut unread: Vec<Position> = Vec::new();
        // Some of those that came late may have been deleted or forgotten since.
        for position in self.conversation.late.iter().flatten() {
            let place = key::entry(self.number, *position);
            let row = turn.get::<EntryRow>(&place).await?;
            unread.extend(row.filter(entry::counts).map(|_| *position));
        }
        unread.extend(counted.filter_map(|(key, _)| key::position(key)));
        self.first_unread = unread.first().copied();
        self.unread = u32::try_from(unread.len()).unwrap_or(u32::MAX);
        Ok(())
    }

    /// Whether a message that was stored just now is unread. One below the read mark, which took the place that was
    /// kept for it, is noted: the mark does not tell of it.
    fn is_unread(&mut self, position: Position) -> bool {
        if position > self.conversation.read {
            return true;
        }
        let late = self.conversation.late.get_or_insert_default();
        match late.binary_search(&position) {
            Err(at) if late.len() < MAX_UNREAD => {
                late.insert(at, position);
                true
            }
            _ => false,
        }
    }

    pub(crate) fn identity(&self) -> IdentityId {
        self.row.identity
    }

    pub(crate) fn state(&self) -> ContactState {
        match self.row.state {
            1 => ContactState::Asked,
            2 => ContactState::Asking,
            3 => ContactState::Accepted,
            4 => ContactState::Blocked,
            _ => ContactState::Resolved,
        }
    }

    pub(crate) fn set_state(&mut self, state: ContactState) {
        self.row.state = state_number(state);
    }

    pub(crate) fn save<S: Store>(&self, turn: &mut Turn<'_, S>) {
        turn.put(&key::contact(self.number), &self.row);
        turn.app_changed();
    }

    pub(crate) fn save_conversation<S: Store>(&self, turn: &mut Turn<'_, S>) {
        turn.put(&key::contact(self.number), &self.conversation);
    }

    /// Where their mail goes now.
    pub(crate) fn delivery(&self) -> Option<&Delivery> {
        self.chain.active().next()
    }

    /// Whether it is somebody with whom nothing was said, asked or decided yet.
    pub(crate) fn is_new(&self) -> bool {
        // A restored copy counts what it says anew.
        let spoke = self.conversation.counter > 0 || self.conversation.spoke_at.is_some();
        self.state() == ContactState::Resolved && !spoke
    }

    /// Whether somebody who waits for an answer has asked often enough.
    pub(crate) fn too_many_requests(&self) -> bool {
        self.state() == ContactState::Asking && self.conversation.next > MAX_ASKED
    }

    /// Whether there is no key package, or one that should have been replaced by now, and nobody was asked for a newer
    /// one today.
    pub(crate) fn package_is_stale(&self, now: Millis) -> bool {
        let refresh_at = self.package.as_ref().map(|package| package.refresh_at);
        let due = refresh_at.unwrap_or_default().saturating_add(DAY);
        let asked = self
            .looked_at
            .is_some_and(|at| now < at.saturating_add(DAY));
        now > due && !asked
    }

    /// Adds a pairing and forgets the oldest ones beyond what is kept.
    pub(crate) fn add_pairing(&mut self, pairing: PairingRow) {
        self.row.pairings.push(pairing);
        while self.row.pairings.len() > MAX_PAIRINGS {
            // What is on its way is sealed under the one that worked last: it stays, however many are begun.
            let working = self.sending_pairing().map(|pairing| pairing.pairing);
            let mut pairings = self.row.pairings.iter();
            let oldest = pairings.position(|pairing| Some(pairing.pairing) != working);
            self.row.pairings.remove(oldest.unwrap_or_default());
        }
    }

    /// Those begun here that nothing came after: the newest first.
    pub(crate) fn unanswered(&self) -> impl Iterator<Item = &PairingRow> {
        let open = |pairing: &&PairingRow| pairing.initiated && pairing.r2.is_none();
        self.row.pairings.iter().rev().take_while(open)
    }

    /// Nothing is sealed any more under the pair secrets there are. What was sealed before is still opened for a while:
    /// who said it is told by its signature.
    pub(crate) fn outdate_pairings(&mut self, now: Millis) {
        self.row.pairings.retain(|pairing| pairing.r2.is_some());
        for pairing in &mut self.row.pairings {
            if !pairing.outdated.unwrap_or_default() {
                pairing.outdated = Some(true);
                pairing.acceptance = None;
                pairing.at = now;
            }
        }
    }

    /// The pair secret of a complete pairing.
    pub(crate) fn pair_secret(&self, me: &IdentityId, pairing: &PairingRow) -> Option<PairSecret> {
        let r2 = pairing.r2.as_ref()?;
        let them = &self.row.identity;
        let (initiator, responder) = if pairing.initiated {
            (me, them)
        } else {
            (them, me)
        };
        let r1 = pairing.r1.0.as_slice().try_into().ok()?;
        let r2 = r2.0.as_slice().try_into().ok()?;
        Some(PairSecret::derive(
            r1,
            r2,
            initiator,
            responder,
            &pairing.pairing,
        ))
    }

    /// The pairing to send under: the one made or shown to work last, of those that are complete.
    pub(crate) fn sending_pairing(&self) -> Option<&PairingRow> {
        self.row
            .pairings
            .iter()
            .filter(|pairing| pairing.r2.is_some() && !pairing.outdated.unwrap_or_default())
            .max_by_key(|pairing| pairing.at)
    }

    /// The chain of one of their devices, made when it is new. Of too many, the one heard of longest ago is
    /// forgotten.
    pub(crate) fn device_chain(&mut self, device: DeviceId) -> Option<&mut ChainRow> {
        let chains = &mut self.conversation.chains;
        let known = chains.iter().position(|chain| chain.device == device);
        let chain = match known {
            Some(index) => chains.remove(index),
            None => {
                let excess = chains.len().saturating_add(1).saturating_sub(MAX_DEVICES);
                chains.drain(..excess);
                let (hash, missing) = (NO_PREVIOUS, Vec::new());
                ChainRow {
                    device,
                    counter: 0,
                    hash,
                    missing,
                    lost_to: 0,
                }
            }
        };
        // In the order in which they were last heard of.
        chains.push(chain);
        chains.last_mut()
    }

    /// Somebody who knew us before begins again: what they said earlier is not missing here.
    pub(crate) fn begin_late(&mut self, event: &Event) {
        if let Some(chain) = self.device_chain(event.device)
            && chain.counter == 0
        {
            chain.counter = event.counter.saturating_sub(1);
            chain.hash = event.previous;
            chain.lost_to = chain.counter;
        }
    }

    /// Stores and shows an entry at the next position; returns it.
    pub(crate) fn append<S: Store>(&mut self, turn: &mut Turn<'_, S>, row: &EntryRow) -> Position {
        let position = self.conversation.next;
        self.conversation.next = position.saturating_add(1);
        self.insert(turn, position, row);
        position
    }

    /// Stores and shows an entry at a position taken before.
    pub(crate) fn insert<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        position: Position,
        row: &EntryRow,
    ) {
        turn.put_entry(self.number, position, row);
        self.show(position, row);
        if entry::counts(row) && self.is_unread(position) {
            if !self.is_muted(turn.now) {
                self.conversation.archived = None;
            }
            self.unread = self.unread.saturating_add(1);
            self.first_unread = Some(
                self.first_unread
                    .map_or(position, |first| first.min(position)),
            );
        }
        self.conversation.active_at = self.conversation.active_at.max(row.stored_at);
        turn.app_changed();
    }

    fn is_muted(&self, now: Millis) -> bool {
        let until = self.conversation.muted_until;
        until.is_some_and(|until| now < until)
    }

    /// Keeps the preview true when an entry changed.
    pub(crate) fn show(&mut self, position: Position, row: &EntryRow) {
        if self
            .last
            .as_ref()
            .is_none_or(|last| last.position <= position)
        {
            self.last = Some(entry::to_view(position, row));
        }
    }

    /// Keeps nothing that was typed in the place of a message whose text is gone or another one.
    pub(crate) fn forget_edit<S: Store>(&mut self, turn: &mut Turn<'_, S>, of: Position) {
        let begun = &mut self.conversation.edit;
        if begun.take_if(|edit| edit.of == of).is_some() {
            self.save_conversation(turn);
        }
    }

    /// Keeps the preview true when an entry was removed, and nothing of it.
    pub(crate) async fn hide<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        position: Position,
    ) -> Result<(), StoreError> {
        self.forget_edit(turn, position);
        if self
            .last
            .as_ref()
            .is_some_and(|last| last.position == position)
        {
            self.last = None;
            self.read_last(turn).await?;
        }
        Ok(())
    }

    /// Moves the read mark, forgets which messages came late among those seen, and counts again.
    pub(crate) async fn mark_read<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        seen: &RangeInclusive<Position>,
    ) -> Result<(), StoreError> {
        let last = self.conversation.next.saturating_sub(1);
        self.conversation.read = self.conversation.read.max(*seen.end().min(&last));
        if let Some(late) = &mut self.conversation.late {
            late.retain(|position| !seen.contains(position));
        }
        self.conversation.late.take_if(|late| late.is_empty());
        self.save_conversation(turn);
        turn.app_changed();
        self.count_unread(turn).await
    }

    /// Nothing up to and with a place is there any more.
    pub(crate) async fn clear<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        to: Position,
    ) -> Result<(), StoreError> {
        self.read_last_from(turn, to.saturating_add(1)).await?;
        let end = self.conversation.next.saturating_sub(1);
        // Where nothing is left, what may still be missing lies before its end.
        let to = self.last.as_ref().map_or(end, |_| to.min(end));
        self.conversation.edit.take_if(|edit| edit.of <= to);
        self.conversation.cleared = self.conversation.cleared.max(Some(to));
        self.mark_read(turn, &(0..=to)).await
    }

    /// Whether a gap at a place is shown.
    pub(crate) fn shows_gap_at(&self, position: Position) -> bool {
        position > self.conversation.cleared.unwrap_or_default()
    }

    /// What the person calls them, or else what they call themselves; may be empty.
    pub(crate) fn name(&self) -> &str {
        self.row.petname.as_ref().unwrap_or(&self.row.name)
    }

    /// What lists and headers show.
    pub(crate) fn view(&self) -> ContactView {
        let renamed = self.row.petname.is_some();
        ContactView {
            number: self.number,
            identity: self.row.identity,
            name: self.name().to_owned(),
            own_name: renamed.then(|| self.row.name.clone()),
            state: self.state(),
            node: self
                .delivery()
                .map(|delivery| delivery.node.to_string())
                .unwrap_or_default(),
            forked: self.row.forked_at.is_some(),
            verification: VerificationView::default(),
        }
    }

    /// Its line of the conversation list; `None` when nothing was said.
    pub(crate) fn conversation_view(&self) -> Option<ConversationView> {
        let listed = match self.state() {
            ContactState::Asked | ContactState::Accepted => true,
            // A first message that was begun is found again.
            ContactState::Resolved if !self.conversation.draft.is_empty() => true,
            ContactState::Resolved | ContactState::Blocked => {
                self.last.is_some() || self.conversation.cleared.is_some()
            }
            ContactState::Asking => false,
        };
        listed.then(|| ConversationView {
            contact: self.view(),
            last: self.last.clone(),
            unread: self.unread,
            first_unread: self.first_unread,
            draft: self.conversation.draft.clone(),
            edit: self.conversation.edit.as_ref().map(|edit| EditView {
                of: edit.of,
                text: edit.text.clone(),
            }),
            active_at: self.conversation.active_at,
            marks: ConversationMarks {
                pinned: self.conversation.pinned.unwrap_or_default(),
                archived: self.conversation.archived.unwrap_or_default(),
                muted_until: self.conversation.muted_until,
                timer: self.conversation.timer,
                typing: self.presence.is_writing(),
                tells: self.conversation.tells,
            },
        })
    }
}

pub(crate) fn records(chain: &Chain) -> Vec<Bytes> {
    chain
        .records()
        .iter()
        .map(|record| Bytes(record.clone()))
        .collect()
}
