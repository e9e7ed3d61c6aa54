//! Which home nodes there are: adding, draining, removing, and moving, which is all three.
//!
//! What a person asks is noted in the step of a node, and in our record. [`Ready::advance_homes`] takes the next
//! steps whenever something happened; it finds them in what is stored, so a restart loses nothing.

use shared_crypto::cbor::ByteArray;
use shared_crypto::event::Body;
use shared_crypto::id::{MailboxId, MessageId};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::{Delivery, DeliveryState, MAX_DELIVERY};
use shared_crypto::signed::Verified;

use crate::driver::Call;
use crate::mailboxes::Trust;
use crate::offer::{self, Address};
use crate::outbox::Shown;
use crate::own_code;
use crate::ready::{Asked, Ready};
use crate::request::{Answer, Failure, Removal};
use crate::sorted::sort_by_key;
use crate::store::Store;
use crate::turn::Turn;
use crate::view::{ContactNumber, ContactState, Millis, NodeStep};

impl Ready {
    /// Notes the node that a new identity was made on.
    pub(crate) fn settle_in<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &NodeUrl,
        retention: Millis,
    ) {
        let (head, epoch) = (self.own.chain.head(), self.own.epoch());
        self.list_homes(turn, node, retention);
        if let Some(home) = self.homes.get_mut(node) {
            home.told(head, epoch);
            home.save(turn);
        }
        self.tell_homes(turn);
        self.homes.connect(turn);
    }

    /// Notes the nodes of our record, and what is known of the one that was chosen here.
    pub(crate) fn list_homes<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &NodeUrl,
        retention: Millis,
    ) {
        let chain = self.own.chain.clone();
        self.mailboxes.follow(turn, &chain);
        self.homes.follow(turn, &chain);
        self.homes.let_drained_go(turn);
        if let Some(home) = self.homes.get_mut(node) {
            home.row.retention = retention;
            home.row.adopted = None;
            home.save(turn);
        }
    }

    /// Begins to add a node; when it is ready it takes the place of `replaces`.
    pub(crate) fn add_node<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Call,
        node: &str,
        replaces: Option<NodeUrl>,
    ) -> Result<(), Failure> {
        let address = Address::parse(node)?;
        self.may_add(&address.node)?;
        let asked = self.next_http();
        offer::ask(turn, asked, &address.node);
        let joins = Asked::Join {
            call,
            address,
            replaces,
        };
        self.http.insert(asked, joins);
        Ok(())
    }

    fn may_add(&self, node: &NodeUrl) -> Result<(), Failure> {
        if self
            .homes
            .get(node)
            .is_some_and(|home| home.step() != NodeStep::Leaving)
        {
            return Err(Failure::NodeListed);
        }
        if self.own.chain.delivery().len() >= MAX_DELIVERY {
            return Err(Failure::TooManyNodes);
        }
        Ok(())
    }

    /// The node that is to be added said who it is.
    pub(crate) fn join<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Call,
        document: Result<Verified<NodeDocument>, Failure>,
        address: &Address,
        replaces: Option<NodeUrl>,
    ) {
        let joined = document.and_then(|document| self.enlist(turn, &document, address, replaces));
        match joined {
            Ok(()) => turn.answer(call, Answer::Done),
            Err(failure) => turn.fail(call, failure),
        }
    }

    fn enlist<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        document: &NodeDocument,
        address: &Address,
        replaces: Option<NodeUrl>,
    ) -> Result<(), Failure> {
        self.may_add(&document.url)?;
        let fingerprint = document.fingerprint();
        if self.own.chain.lists(&fingerprint) {
            return Err(Failure::NodeListed);
        }
        address.check(document)?;
        let mut list = self.own.chain.delivery().to_vec();
        let last = list.iter().map(|entry| entry.priority).max();
        let entry = Delivery {
            node: document.url.clone(),
            fingerprint,
            // The same everywhere: an envelope for strangers then fits each of our nodes.
            intro: self.own.home().intro,
            // Nobody delivers there before it knows our mailboxes.
            state: DeliveryState::Draining,
            priority: last.map_or(0, |last| last.saturating_add(1)),
        };
        list.push(entry.clone());
        self.own.deliver_to(turn, list)?;
        let retention = offer::retention(document);
        if let Some(home) = self.homes.add(turn, &entry, NodeStep::Joining, retention) {
            home.row.replaces = replaces.map(|node| node.to_string());
            home.row.invite = address.token.map(ByteArray);
            home.row.closing_at = document.closing_at;
            home.save(turn);
        }
        self.tell_homes(turn);
        Ok(())
    }

    /// Tells the page what a node says of itself.
    pub(crate) fn offered<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Call,
        address: &Address,
        answer: Option<(u16, Vec<u8>)>,
    ) {
        match offer::read(answer, &address.node, turn.now) {
            Ok(document) => {
                let listed = self.own.chain.lists(&document.fingerprint());
                if let Some(home) = self.homes.get_mut(&address.node)
                    && home.row.fingerprint == document.fingerprint()
                {
                    home.closes(turn, document.closing_at);
                }
                let invited = address.token.is_some();
                turn.answer(call, Answer::Node(offer::view(&document, listed, invited)));
            }
            Err(failure) => turn.fail(call, failure),
        }
    }

    /// Moves from one node to another.
    pub(crate) fn move_node<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Call,
        from: &str,
        to: &str,
    ) -> Result<Option<Answer>, Failure> {
        let from = self.home_node(from)?;
        let target = Address::parse(to)?.node;
        if from == target {
            return Err(Failure::NodeListed);
        }
        match self.homes.get_mut(&target) {
            Some(home) if home.step() == NodeStep::Joining => {
                home.row.replaces = Some(from.to_string());
                home.save(turn);
            }
            Some(home) if home.trust() == Trust::Revocations => {
                home.row.adopted = None;
                home.set_step(turn, NodeStep::Joining);
                home.row.replaces = Some(from.to_string());
                home.save(turn);
                self.tell_mailboxes(turn);
            }
            Some(home) if home.step() != NodeStep::Leaving => {
                self.become_active(turn, &target, Some(&from))?;
            }
            _ => {
                self.add_node(turn, call, to, Some(from))?;
                return Ok(None);
            }
        }
        Ok(Some(Answer::Done))
    }

    fn home_node(&self, node: &str) -> Result<NodeUrl, Failure> {
        let node = offer::parse_node(node)?;
        self.homes.get(&node).ok_or(Failure::NotFound)?;
        Ok(node)
    }

    /// Has contacts deliver elsewhere.
    pub(crate) fn drain_node<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &str,
    ) -> Result<(), Failure> {
        let node = self.home_node(node)?;
        self.drain(turn, &node, None)
    }

    fn drain<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &NodeUrl,
        remove_at: Option<Millis>,
    ) -> Result<(), Failure> {
        self.not_last(node)?;
        let mut list = self.own.chain.delivery().to_vec();
        for entry in list.iter_mut().filter(|entry| entry.node == *node) {
            entry.state = DeliveryState::Draining;
        }
        if list != self.own.chain.delivery() {
            self.own.deliver_to(turn, list)?;
            self.announce(turn);
        }
        if let Some(home) = self.homes.get_mut(node) {
            home.set_step(turn, NodeStep::Draining);
            home.row.remove_at = remove_at;
            home.save(turn);
        }
        self.tell_homes(turn);
        Ok(())
    }

    /// Has contacts deliver to a draining node again.
    pub(crate) fn keep_node<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &str,
    ) -> Result<(), Failure> {
        let node = self.home_node(node)?;
        match self.homes.get(&node).map(crate::homes::Home::step) {
            Some(NodeStep::Draining) if self.trusts(&node) => self.become_active(turn, &node, None),
            // It was not told of our mailboxes: mail is left there when it has them.
            Some(NodeStep::Draining) => {
                if let Some(home) = self.homes.get_mut(&node) {
                    home.row.adopted = None;
                    home.set_step(turn, NodeStep::Joining);
                }
                self.tell_mailboxes(turn);
                Ok(())
            }
            Some(NodeStep::Active | NodeStep::Joining) => Ok(()),
            _ => Err(Failure::WrongState),
        }
    }

    fn trusts(&self, node: &NodeUrl) -> bool {
        let home = self.homes.get(node);
        home.is_some_and(|home| home.trust() == Trust::Everything)
    }

    /// Makes an active node the one that contacts try first.
    pub(crate) fn prefer_node<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &str,
    ) -> Result<(), Failure> {
        let node = self.home_node(node)?;
        let mut list = self.own.chain.delivery().to_vec();
        let is_active = |entry: &Delivery| entry.state == DeliveryState::Active;
        if !list
            .iter()
            .any(|entry| entry.node == node && is_active(entry))
        {
            return Err(Failure::WrongState);
        }
        if self.own.home().node == node {
            return Ok(());
        }
        sort_by_key(&mut list, |entry| (entry.node != node, entry.priority));
        for (priority, entry) in (0..).zip(&mut list) {
            entry.priority = priority;
        }
        self.own.deliver_to(turn, list)?;
        self.announce(turn);
        self.tell_homes(turn);
        turn.app_changed();
        Ok(())
    }

    /// Removes a node, now or when it has been drained.
    pub(crate) fn remove_node<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &str,
        when: Removal,
    ) -> Result<(), Failure> {
        let node = self.home_node(node)?;
        let home = self.homes.get(&node).ok_or(Failure::NotFound)?;
        let drained_at = turn.now.saturating_add(home.row.retention);
        match (home.step(), when) {
            (NodeStep::Leaving, _) => {
                self.homes.forget(turn, &node);
                Ok(())
            }
            (NodeStep::Joining, _) | (_, Removal::AtOnce) => self.remove(turn, &node),
            (_, Removal::Drained) => self.drain(turn, &node, Some(drained_at)),
        }
    }

    fn not_last(&self, node: &NodeUrl) -> Result<(), Failure> {
        let others = self.own.chain.active().any(|entry| entry.node != *node);
        if others {
            Ok(())
        } else {
            Err(Failure::LastNode)
        }
    }

    fn remove<S: Store>(&mut self, turn: &mut Turn<'_, S>, node: &NodeUrl) -> Result<(), Failure> {
        self.not_last(node)?;
        let list: Vec<Delivery> = self
            .own
            .chain
            .delivery()
            .iter()
            .filter(|entry| entry.node != *node)
            .cloned()
            .collect();
        let was_used = self.own.chain.active().any(|entry| entry.node == *node);
        self.own.deliver_to(turn, list)?;
        let mut hosted = false;
        if let Some(home) = self.homes.get_mut(node) {
            hosted = home.step() != NodeStep::Joining;
            home.live.shut(turn);
            home.set_step(turn, NodeStep::Leaving);
            let fingerprint = home.row.fingerprint;
            self.mailboxes.unconfirm(turn, &fingerprint);
        }
        self.nodes.forget_asked(node);
        self.restart_resolves(node);
        if hosted {
            self.renew_mailboxes(turn);
        }
        if was_used {
            self.announce(turn);
        }
        self.tell_homes(turn);
        Ok(())
    }

    /// A node that was removed knows the mailboxes that contacts write to, and could fill them elsewhere: contacts are
    /// told new ones. The old ones stay open for what is on its way.
    fn renew_mailboxes<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let accepted: Vec<(ContactNumber, Option<MailboxId>)> = self
            .contacts
            .values()
            .filter(|contact| contact.state() == ContactState::Accepted)
            .map(|contact| (contact.number, contact.row.ours))
            .collect();
        for (number, old) in accepted {
            self.renew_mailbox(turn, number, old);
        }
        self.tell_mailboxes(turn);
    }

    /// Gives a contact another mailbox.
    pub(crate) fn renew_mailbox<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        old: Option<MailboxId>,
    ) {
        if let Some(old) = old {
            self.mailboxes.retire(turn, old);
        }
        let mailbox = self.mailboxes.make(turn, number);
        if let Some(contact) = self.contacts.get_mut(&number) {
            contact.row.ours = Some(mailbox);
            contact.save(turn);
        }
        let id = MessageId::from_bytes(turn.random());
        let body = Body::MailboxUpdate { mailbox };
        // A contact whose state does not allow it is told with the next message.
        let _untold = self.say(turn, number, id, body, Shown::Quietly).is_err();
    }

    /// A node knows us and our mailboxes: contacts deliver there from now on.
    pub(crate) fn become_active<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &NodeUrl,
        replaces: Option<&NodeUrl>,
    ) -> Result<(), Failure> {
        let mut list = self.own.chain.delivery().to_vec();
        let priority = |list: &[Delivery], node: &NodeUrl| {
            let entry = list.iter().find(|entry| entry.node == *node);
            entry.map(|entry| entry.priority)
        };
        let old = replaces.and_then(|old| priority(&list, old).map(|priority| (old, priority)));
        let new = priority(&list, node).ok_or(Failure::NotFound)?;
        for entry in &mut list {
            if entry.node == *node {
                entry.state = DeliveryState::Active;
                entry.priority = old.map_or(new, |(_, priority)| priority.min(new));
            } else if let Some((old, priority)) = old
                && entry.node == *old
            {
                entry.state = DeliveryState::Draining;
                entry.priority = priority.max(new);
            }
        }
        self.own.deliver_to(turn, list)?;
        if let Some(home) = self.homes.get_mut(node) {
            home.set_step(turn, NodeStep::Active);
        }
        if let Some((old, _)) = old
            && let Some(home) = self.homes.get_mut(old)
        {
            home.set_step(turn, NodeStep::Draining);
            home.row.remove_at = Some(turn.now.saturating_add(home.row.retention));
            home.save(turn);
        }
        self.announce(turn);
        self.tell_homes(turn);
        Ok(())
    }

    /// Contacts are told where we are now, at once: they might write only after their old knowledge is of no use.
    pub(crate) fn announce<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let known: Vec<(ContactNumber, ContactState)> = self
            .contacts
            .values()
            .map(|contact| (contact.number, contact.state()))
            .collect();
        for (number, state) in known {
            let told = match state {
                ContactState::Accepted => {
                    let id = MessageId::from_bytes(turn.random());
                    self.say(turn, number, id, Body::RecordUpdate, Shown::Quietly)
                }
                // Their answer is to find us.
                ContactState::Asked => self.reintroduce(turn, number),
                _ => Ok(()),
            };
            if told.is_err() {
                continue;
            }
        }
    }

    /// Takes the next steps of our home nodes.
    pub(crate) fn advance_homes<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        if self.is_locked_out() {
            return;
        }
        let ready: Vec<(NodeUrl, Option<NodeUrl>)> = self
            .homes
            .iter()
            .filter(|home| home.step() == NodeStep::Joining && home.live.is_online())
            .filter(|home| self.mailboxes.all_confirmed_at(&home.row.fingerprint))
            .map(|home| {
                let replaces = home.row.replaces.as_deref();
                let replaces = replaces.and_then(|node| NodeUrl::parse(node).ok());
                (home.live.node.clone(), replaces)
            })
            .collect();
        for (node, replaces) in ready {
            if let Err(failure) = self.become_active(turn, &node, replaces.as_ref()) {
                self.note_problem(turn, &node, &failure);
            }
        }
        let now = turn.now;
        let due: Vec<NodeUrl> = self
            .homes
            .iter()
            .filter(|home| home.step() == NodeStep::Draining)
            .filter(|home| home.row.remove_at.is_some_and(|at| at <= now))
            .map(|home| home.live.node.clone())
            .collect();
        for node in due {
            if let Err(failure) = self.remove(turn, &node) {
                if let Some(home) = self.homes.get_mut(&node) {
                    home.row.remove_at = None;
                }
                self.note_problem(turn, &node, &failure);
            }
        }
        self.tell_homes(turn);
        let head = self.own.chain.head();
        self.homes.forget_gone(turn, &head);
    }

    /// A node that is to be ours does not want us: it is taken out of our record again.
    pub(crate) fn give_up_joining<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &NodeUrl,
        code: &str,
    ) {
        let list: Vec<Delivery> = self
            .own
            .chain
            .delivery()
            .iter()
            .filter(|entry| entry.node != *node)
            .cloned()
            .collect();
        if self.own.deliver_to(turn, list).is_err() {
            return;
        }
        if let Some(home) = self.homes.get_mut(node) {
            home.set_step(turn, NodeStep::Leaving);
            home.row.problem = Some(code.to_owned());
            home.save(turn);
        }
    }

    fn note_problem<S: Store>(&mut self, turn: &mut Turn<'_, S>, node: &NodeUrl, why: &Failure) {
        let code = match why {
            Failure::LastNode => own_code::LAST_NODE,
            Failure::NotFound => own_code::NOT_FOUND,
            _ => own_code::INTERNAL,
        };
        if let Some(home) = self.homes.get_mut(node) {
            home.row.problem = Some(code.to_owned());
            home.save(turn);
        }
    }
}
