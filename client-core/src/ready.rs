//! A client that has an identity: what it holds in memory and how events and requests reach its parts.

use shared_crypto::event::Name;
use shared_crypto::id::{Hash, IdentityId, MessageId, VaultId};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::safety_number::safety_number;

use crate::compose::Refusal;
use crate::contact::Contact;
use crate::driver::{Call, HttpCall};
use crate::homes::Homes;
use crate::mailboxes::Mailboxes;
use crate::nodes::Nodes;
use crate::offer::{self, Address};
use crate::outbox::{Outbox, Shown};
use crate::own::Own;
use crate::passes::Passes;
use crate::recovering::Recovery;
use crate::request::{Answer, Failure, Request};
use crate::resolve::Resolve;
use crate::rotating::Rotation;
use crate::rows::{ContactRow, TombstoneRow, key};
use crate::sorted::SortedMap;
use crate::store::{KeyRange, Order, Store, StoreError};
use crate::turn::Turn;
use crate::vault::Vault;
use crate::view::{ContactNumber, ContactState, Millis, Position};

/// A client that has an identity.
pub(crate) struct Ready {
    pub(crate) own: Own,
    pub(crate) homes: Homes,
    pub(crate) contacts: SortedMap<ContactNumber, Contact>,
    pub(crate) mailboxes: Mailboxes,
    pub(crate) outbox: Outbox,
    pub(crate) passes: Passes,
    pub(crate) nodes: Nodes,
    pub(crate) resolves: Vec<Resolve>,
    pub(crate) tombstones: SortedMap<u64, TombstoneRow>,
    /// When the next message is to be forgotten.
    pub(crate) next_expiry: Option<Millis>,
    next_request: u32,
    pub(crate) vault: Vault,
    pub(crate) http: SortedMap<HttpCall, Asked>,
    /// Contacts that were looked up because mail came back, and whether there was news.
    pub(crate) looked: Vec<(ContactNumber, bool)>,
    /// Messages that wait for an answer again.
    pub(crate) kept: Vec<(ContactNumber, MessageId)>,
    /// New keys of our own on the way.
    pub(crate) rotation: Option<Rotation>,
    pub(crate) recovery: Option<Box<Recovery>>,
    /// Who waits for the recovery.
    pub(crate) recovery_call: Option<Call>,
    /// When old things were last forgotten.
    pub(crate) pruned_at: Option<Millis>,
}

/// What an HTTP request is for.
pub(crate) enum Asked {
    /// A node is given our records up to this head and the key package of this epoch.
    Publish {
        node: NodeUrl,
        head: Hash,
        epoch: u64,
    },
    /// A node is asked what it holds of us.
    Check(NodeUrl),
    /// The page wants to know what a node says of itself.
    Offer(Call, Address),
    /// A node is to become ours.
    Join {
        call: Call,
        address: Address,
        replaces: Option<NodeUrl>,
    },
    /// A node is to forget the vault of a phrase that was replaced.
    Forget(VaultId, NodeUrl),
}

impl Ready {
    /// A client whose identity was just made.
    pub(crate) fn new(own: Own) -> Self {
        Self {
            own,
            homes: Homes::default(),
            contacts: SortedMap::new(),
            mailboxes: Mailboxes::default(),
            outbox: Outbox::default(),
            passes: Passes::default(),
            nodes: Nodes::default(),
            resolves: Vec::new(),
            tombstones: SortedMap::new(),
            next_expiry: None,
            next_request: 1,
            http: SortedMap::new(),
            vault: Vault::default(),
            looked: Vec::new(),
            kept: Vec::new(),
            rotation: None,
            recovery: None,
            recovery_call: None,
            pruned_at: None,
        }
    }

    /// Reads everything that is held in memory.
    pub(crate) async fn load<S: Store>(
        turn: &mut Turn<'_, S>,
        own: Own,
    ) -> Result<Self, StoreError> {
        let mut ready = Self::new(own);
        ready.homes = Homes::load(turn, &ready.own.chain).await?;
        ready.mailboxes = Mailboxes::load(turn).await?;
        ready.outbox = Outbox::load(turn).await?;
        ready.passes = Passes::load(turn).await?;
        ready.nodes = Nodes::load(turn).await?;
        let all = KeyRange {
            from: key::contact(0),
            to: key::contact(ContactNumber::MAX),
        };
        for (key, row) in turn
            .scan::<ContactRow>(&all, Order::Ascending, usize::MAX)
            .await?
        {
            if let Some(number) = key
                .last_chunk()
                .map(|bytes| ContactNumber::from_be_bytes(*bytes))
            {
                let contact = Contact::load(turn, number, row).await?;
                ready
                    .contacts
                    .extend(contact.map(|contact| (number, contact)));
            }
        }
        let all = KeyRange {
            from: key::number(0),
            to: key::number(u64::MAX),
        };
        for (key, row) in turn
            .scan::<TombstoneRow>(&all, Order::Ascending, usize::MAX)
            .await?
        {
            if let Some(id) = key.last_chunk().map(|bytes| u64::from_be_bytes(*bytes)) {
                ready.tombstones.insert(id, row);
            }
        }
        ready.read_next_expiry(turn).await?;
        ready.vault = Vault::load(turn).await?;
        Ok(ready)
    }

    /// Begins to connect, and tells our nodes what they lack.
    pub(crate) fn begin<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        if !self.is_locked_out() {
            self.homes.connect(turn);
            self.tell_homes(turn);
        }
    }

    pub(crate) fn next_request(&mut self) -> u32 {
        let request = self.next_request;
        self.next_request = request.wrapping_add(1);
        request
    }

    /// Takes the number of a new contact.
    pub(crate) fn new_number<S: Store>(&mut self, turn: &mut Turn<'_, S>) -> ContactNumber {
        let number = self.own.row.next_contact;
        self.own.row.next_contact = number.saturating_add(1);
        self.own.save(turn);
        number
    }

    pub(crate) fn find_contact(&self, identity: &IdentityId) -> Option<&Contact> {
        self.contacts
            .values()
            .find(|contact| contact.identity() == *identity)
    }

    pub(crate) fn contact_mut(&mut self, number: ContactNumber) -> Result<&mut Contact, Failure> {
        self.contacts.get_mut(&number).ok_or(Failure::NotFound)
    }

    /// The contact's state if it is one of those allowed.
    pub(crate) fn in_state(
        &self,
        number: ContactNumber,
        allowed: &[ContactState],
    ) -> Result<ContactState, Failure> {
        let state = self.contacts.get(&number).ok_or(Failure::NotFound)?.state();
        if allowed.contains(&state) {
            Ok(state)
        } else {
            Err(Failure::WrongState)
        }
    }

    /// Tells our nodes of mailboxes made or revoked, as far as they are there to be told.
    pub(crate) fn tell_mailboxes<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let next = &mut self.next_request;
        for home in self.homes.iter().filter(|home| home.live.is_online()) {
            let node = (&home.live.node, home.row.fingerprint);
            self.mailboxes.tell(turn, node, home.trust(), || {
                *next = next.wrapping_add(1);
                u64::from(*next)
            });
        }
    }

    // ---- what is asked ----

    /// Carries out a request of the page.
    pub(crate) async fn request<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Call,
        request: Request,
    ) -> Result<(), StoreError> {
        if self.is_locked_out() && !is_harmless(&request) {
            turn.fail(call, Failure::LockedOut);
            return Ok(());
        }
        let done = match request {
            Request::App => {
                turn.answer(call, Answer::App(self.app_view()));
                return Ok(());
            }
            Request::CreateIdentity { .. } => Err(Failure::IdentityExists.into()),
            Request::OpenLink { link } => match self.open_link(turn, call, &link).await {
                Ok(()) => return self.advance(turn).await,
                Err(refusal) => Err(refusal),
            },
            Request::MakeLink { pass, label, once } => self.make_link(turn, pass, &label, once),
            Request::RevokeLink(pass) => self.revoke_link(turn, &pass),
            Request::SetOnlyByPass(only_by_pass) => {
                self.own.row.only_by_pass = Some(only_by_pass);
                self.own.save(turn);
                turn.app_changed();
                Ok(())
            }
            Request::Ask { contact, id, text } => self.ask_contact(turn, contact, id, &text).await,
            Request::Accept(contact) => self.accept(turn, contact).await,
            Request::Refuse(contact) => self.refuse(turn, contact).await,
            Request::Block(contact) => self.block(turn, contact).await,
            Request::Unblock(contact) => self.unblock(turn, contact),
            Request::Send { contact, id, text } => self.send_text(turn, contact, id, &text).await,
            Request::Retry { contact, id } => self.retry(turn, contact, id).await,
            Request::MarkRead { contact, position } => {
                self.mark_read(turn, contact, 0..=position).await
            }
            Request::MarkSeen {
                contact,
                first,
                last,
            } => self.mark_read(turn, contact, first..=last).await,
            Request::SetDraft { contact, text } => self.set_draft(turn, contact, text),
            Request::SetEdit { contact, of, text } => self.set_edit(turn, contact, of, text).await,
            Request::Entries {
                contact,
                before,
                limit,
            } => {
                let before = before.unwrap_or(Position::MAX);
                let read = self.entries_before(turn, contact, before, limit).await;
                return Self::answer_read(turn, call, read);
            }
            Request::SafetyNumber(contact) => match self.contacts.get(&contact) {
                Some(contact) => {
                    let (me, them) = (self.own.identity(), contact.identity());
                    let mine = (&me, self.own.chain.signing_key());
                    let number = safety_number(mine, (&them, contact.chain.signing_key()));
                    turn.answer(call, Answer::SafetyNumber(number));
                    return Ok(());
                }
                None => Err(Failure::NotFound.into()),
            },
            Request::SetName(name) => self.set_name(turn, &name),
            Request::SetReceipts(receipts) => {
                self.own.row.receipts = receipts;
                self.own.save(turn);
                turn.app_changed();
                Ok(())
            }
            Request::SetTyping(typing) => {
                self.own.row.typing = Some(typing);
                self.own.save(turn);
                turn.app_changed();
                Ok(())
            }
            Request::Talk { contact, what } => self.talk(turn, contact, what).await,
            Request::EntriesFrom {
                contact,
                from,
                limit,
            } => {
                let read = self.entries_from(turn, contact, from, limit).await;
                return Self::answer_read(turn, call, read);
            }
            Request::Info { contact, position } => {
                let read = self.info(turn, contact, position).await;
                return Self::answer_read(turn, call, read);
            }
            Request::Search { contact, text } => {
                let read = self.search(turn, contact, &text).await;
                return Self::answer_read(turn, call, read);
            }
            Request::Reconnect => {
                self.homes.wanted(turn);
                Ok(())
            }
            request @ (Request::RecoveryPhrase
            | Request::ConfirmPhrase { .. }
            | Request::ProveVault
            | Request::SaveVault
            | Request::SetPassphrase(_)
            | Request::Restore { .. }
            | Request::ExportBackup
            | Request::ImportBackup { .. }
            | Request::Export(_)) => {
                self.vault_request(turn, call, request).await?;
                return self.advance(turn).await;
            }
            Request::DismissDropped => {
                self.own.row.unreadable = None;
                self.own.row.too_many = None;
                self.own.save(turn);
                turn.app_changed();
                Ok(())
            }
            Request::LookUpNode { node } => match Address::parse(&node) {
                Ok(address) => {
                    let asked = self.next_http();
                    offer::ask(turn, asked, &address.node);
                    self.http.insert(asked, Asked::Offer(call, address));
                    return Ok(());
                }
                Err(failure) => Err(failure.into()),
            },
            Request::AddNode { node } => match self.add_node(turn, call, &node, None) {
                Ok(()) => return self.advance(turn).await,
                Err(failure) => Err(failure.into()),
            },
            Request::Move { from, to } => match self.move_node(turn, call, &from, &to) {
                Ok(Some(_)) => Ok(()),
                Ok(None) => return self.advance(turn).await,
                Err(failure) => Err(failure.into()),
            },
            Request::DrainNode { node } => self.drain_node(turn, &node).map_err(Refusal::from),
            Request::KeepNode { node } => self.keep_node(turn, &node).map_err(Refusal::from),
            Request::PreferNode { node } => self.prefer_node(turn, &node).map_err(Refusal::from),
            Request::RemoveNode { node, when } => {
                self.remove_node(turn, &node, when).map_err(Refusal::from)
            }
            Request::TrustPinned(contact) => self.trust_pinned(turn, contact),
            Request::RotateKeys => {
                self.rotate_keys(turn, call);
                return Ok(());
            }
            Request::Recover {
                phrase,
                passphrase,
                from,
                ..
            } => {
                self.begin_recovery(turn, call, &phrase, &passphrase, &from);
                return Ok(());
            }
            Request::DismissTombstones => {
                for (id, _) in core::mem::take(&mut self.tombstones) {
                    turn.delete::<TombstoneRow>(&key::number(id));
                }
                turn.app_changed();
                Ok(())
            }
        };
        match done {
            Ok(()) => turn.answer(call, Answer::Done),
            Err(Refusal::Request(failure)) => turn.fail(call, failure),
            Err(Refusal::Store(error)) => return Err(error),
        }
        self.advance(turn).await
    }

    fn set_name<S: Store>(&mut self, turn: &mut Turn<'_, S>, name: &str) -> Result<(), Refusal> {
        let name = Name::parse(name).map_err(|_| Failure::BadName)?;
        if name.as_str() == self.own.row.name {
            return Ok(());
        }
        self.own.row.name = name.to_string();
        self.own.save(turn);
        turn.app_changed();
        let accepted: Vec<ContactNumber> = self
            .contacts
            .values()
            .filter(|contact| contact.state() == ContactState::Accepted)
            .map(|contact| contact.number)
            .collect();
        for number in accepted {
            let id = shared_crypto::id::MessageId::from_bytes(turn.random());
            let body = shared_crypto::event::Body::Profile { name: name.clone() };
            self.say(turn, number, id, body, Shown::Quietly)?;
        }
        Ok(())
    }
}

/// What a client whose keys were replaced may still do: look, and come back.
fn is_harmless(request: &Request) -> bool {
    matches!(
        request,
        Request::App
            | Request::Entries { .. }
            | Request::EntriesFrom { .. }
            | Request::Info { .. }
            | Request::Search { .. }
            | Request::MarkRead { .. }
            | Request::MarkSeen { .. }
            | Request::SafetyNumber(_)
            | Request::Reconnect
            | Request::LookUpNode { .. }
            | Request::DismissTombstones
            | Request::DismissDropped
            | Request::Recover { .. }
            | Request::ExportBackup
            | Request::Export(_)
    )
}
