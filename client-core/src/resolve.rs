//! Looks up who a contact link belongs to, and whether a contact has newer records, through one of our own nodes,
//! which does not learn whom.
//!
//! A contact is looked up at all of their nodes in turn until one has news: a node may be dead, or hold back what is
//! new.

use std::collections::VecDeque;

use shared_crypto::bundle::verify_key_package;
use shared_crypto::cbor::Bytes;
use shared_crypto::id::{IdentityId, Pass};
use shared_crypto::key_package::KeyPackage;
use shared_crypto::link::{ContactLink, LinkError, node_mark};
use shared_crypto::live::ClientBinary;
use shared_crypto::lookup::{LookupAnswer, LookupPending, LookupRequest, seal_lookup};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::{Chain, DeliveryState, MAX_RECORDS};
use shared_crypto::signed::Verified;
use shared_crypto::time::MINUTE;

use crate::compose::Refusal;
use crate::contact::Contact;
use crate::driver::{Action, Call};
use crate::ready::Ready;
use crate::request::{Answer, Failure};
use crate::sorted::sort_by_key;
use crate::store::Store;
use crate::trust::is_of_now;
use crate::turn::Turn;
use crate::view::{ContactNumber, ContactState, Millis};

/// How long one node may take, the wait for a connection included.
const TIME_LIMIT: Millis = 20_000;

/// Least time between two lookups that what a contact sent brings about: a chain can take a second to verify.
const AGAIN: Millis = MINUTE;

/// The mark of a node in a link.
type Mark = [u8; 10];

/// A lookup under way.
pub(crate) struct Resolve {
    /// Who waits for it; nobody when it only refreshes what is known.
    call: Option<Call>,
    identity: IdentityId,
    /// That of the link that was opened.
    pass: Option<Pass>,
    /// The nodes still to be asked; the first is being asked.
    nodes: VecDeque<(NodeUrl, Mark)>,
    deadline: Millis,
    asked: Option<Asked>,
    /// What the node answered so far: long chains come in parts.
    records: Vec<Bytes>,
    /// Whether mail waits for what is found.
    came_back: bool,
    /// Whether any node answered well.
    found: bool,
}

struct Asked {
    request: u32,
    /// The home node that carries the question.
    home: NodeUrl,
    pending: LookupPending,
}

impl Ready {
    /// Starts a lookup, or answers at once if there is nothing to look up.
    pub(crate) async fn open_link<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Call,
        link: &str,
    ) -> Result<(), Refusal> {
        let link = ContactLink::parse(link).map_err(|error| match error {
            LinkError::TooNew => Failure::LinkTooNew,
            _ => Failure::BadLink,
        })?;
        if link.identity == self.own.identity() {
            return Err(Failure::OwnLink.into());
        }
        if let Some(contact) = self.find_contact(&link.identity)
            && contact.state() != ContactState::Resolved
        {
            let (number, view) = (contact.number, contact.view());
            if let (ContactState::Asked, Some(pass)) = (view.state, link.pass) {
                self.ask_by(turn, number, pass).await?;
            }
            turn.answer(call, Answer::Contact(view));
            return Ok(());
        }
        let nodes = VecDeque::from([(link.node, link.node_mark)]);
        self.start(turn, Some(call), link.identity, link.pass, nodes, false);
        Ok(())
    }

    /// Looks up a contact again, unless that is under way or was done a moment ago: what is known of it may be too old to use.
    pub(crate) fn look_again<S: Store>(&mut self, turn: &mut Turn<'_, S>, number: ContactNumber) {
        let now = turn.now;
        let asked = self.contacts.get(&number).and_then(|it| it.looked_at);
        // A clock that was set back does not keep it from happening.
        if !asked.is_some_and(|at| at <= now && now < at.saturating_add(AGAIN)) {
            self.look_up(turn, number, None, false);
        }
    }

    /// Looks up a contact from whom mail came back, at the node that it came back from first.
    pub(crate) fn look_for<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        first: Option<&NodeUrl>,
    ) {
        self.look_up(turn, number, first, true);
    }

    fn look_up<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        first: Option<&NodeUrl>,
        came_back: bool,
    ) {
        let Some(contact) = self.contacts.get(&number) else {
            return;
        };
        let identity = contact.identity();
        let running = |resolve: &&mut Resolve| resolve.identity == identity;
        if let Some(resolve) = self.resolves.iter_mut().find(running) {
            resolve.came_back |= came_back;
            return;
        }
        let mut entries: Vec<_> = contact.chain.delivery().iter().collect();
        sort_by_key(&mut entries, |entry| {
            (
                Some(&entry.node) != first,
                entry.state == DeliveryState::Draining,
                entry.priority,
            )
        });
        let nodes = entries
            .into_iter()
            .map(|entry| (entry.node.clone(), node_mark(&entry.fingerprint)))
            .collect();
        self.start(turn, None, identity, None, nodes, came_back);
    }

    fn start<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Option<Call>,
        identity: IdentityId,
        pass: Option<Pass>,
        nodes: VecDeque<(NodeUrl, Mark)>,
        came_back: bool,
    ) {
        self.resolves.push(Resolve {
            call,
            identity,
            pass,
            nodes,
            deadline: turn.now.saturating_add(TIME_LIMIT),
            asked: None,
            records: Vec::new(),
            came_back,
            found: false,
        });
        self.advance_resolves(turn);
    }

    /// One node said all that it will: on to the next, unless there was news or there is none.
    fn next_node<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        mut resolve: Resolve,
        result: Result<bool, Failure>,
    ) {
        resolve.nodes.pop_front();
        resolve.asked = None;
        resolve.records.clear();
        resolve.found |= result.is_ok();
        let news = matches!(result, Ok(true));
        if !news && !resolve.nodes.is_empty() {
            resolve.deadline = turn.now.saturating_add(TIME_LIMIT);
            return self.resolves.push(resolve);
        }
        if let (Some(call), Err(failure)) = (resolve.call, result) {
            turn.fail(call, failure);
        }
        let (now, identity) = (turn.now, resolve.identity);
        let known = self
            .contacts
            .values_mut()
            .find(|contact| contact.identity() == identity);
        if let Some(contact) = known {
            contact.looked_at = Some(now);
            if resolve.came_back {
                let number = contact.number;
                self.looked.push((number, news));
            }
        }
    }

    /// Takes each lookup as far as it can go now.
    pub(crate) fn advance_resolves<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let online = self.homes.is_any_online();
        for resolve in core::mem::take(&mut self.resolves) {
            if turn.now < resolve.deadline {
                self.resolves.push(resolve);
            } else if online {
                self.next_node(turn, resolve, Err(Failure::TheirNodeUnreachable));
            } else if let Some(call) = resolve.call {
                // Mail that came back waits until there is a connection.
                turn.fail(call, Failure::NotConnected);
            }
        }
        let mut under_way = core::mem::take(&mut self.resolves);
        for resolve in &mut under_way {
            if resolve.asked.is_none() {
                self.ask(turn, resolve);
            }
        }
        self.resolves = under_way;
    }

    fn ask<S: Store>(&mut self, turn: &mut Turn<'_, S>, resolve: &mut Resolve) {
        let Some(home) = self.homes.online(&self.own.chain).into_iter().next() else {
            return;
        };
        let Some((url, mark)) = resolve.nodes.front() else {
            return;
        };
        let request = self.next_request();
        let Some(document) = self.nodes.find(url, turn.now) else {
            return self.nodes.ask(turn, &home, url, request);
        };
        if node_mark(&document.fingerprint()) != *mark {
            // Not the node that the link names: perhaps our own node poses as it, to learn whom we look up.
            return self.nodes.reject(turn, url);
        }
        let wanted = LookupRequest {
            identity: resolve.identity,
            from: u64::try_from(resolve.records.len()).unwrap_or(u64::MAX),
        };
        let Ok((sealed, pending)) = seal_lookup(document, &wanted, turn.rng) else {
            return;
        };
        let frame = ClientBinary::Lookup {
            request,
            node: url.clone(),
            sealed: &sealed,
        };
        turn.act(Action::SendBinary(home.clone(), frame.encode()));
        resolve.asked = Some(Asked {
            request,
            home,
            pending,
        });
    }

    /// A node's document cannot be had: lookups there end.
    pub(crate) fn node_failed<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        url: &NodeUrl,
        code: &str,
    ) {
        for resolve in core::mem::take(&mut self.resolves) {
            if resolve.nodes.front().is_some_and(|(node, _)| node == url) {
                self.next_node(turn, resolve, Err(failure_of(code)));
            } else {
                self.resolves.push(resolve);
            }
        }
    }

    /// A home node's connection ended: what was asked on it is lost.
    pub(crate) fn restart_resolves(&mut self, home: &NodeUrl) {
        for resolve in &mut self.resolves {
            if resolve
                .asked
                .as_ref()
                .is_some_and(|asked| asked.home == *home)
            {
                resolve.asked = None;
            }
        }
    }

    /// When the first lookup runs out of time.
    pub(crate) fn resolve_deadline(&self) -> Option<Millis> {
        self.resolves.iter().map(|resolve| resolve.deadline).min()
    }

    /// Takes the answer to a lookup.
    pub(crate) fn looked_up<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        request: u32,
        answer: Result<&[u8], &str>,
    ) {
        let concerns = |resolve: &Resolve| {
            resolve
                .asked
                .as_ref()
                .is_some_and(|asked| asked.request == request)
        };
        let Some(index) = self.resolves.iter().position(concerns) else {
            return;
        };
        let mut resolve = self.resolves.swap_remove(index);
        let Some(asked) = resolve.asked.take() else {
            return;
        };
        let answer = match answer {
            Err(code) => Err(failure_of(code)),
            Ok(sealed) => asked.pending.open(sealed).map_err(|_| {
                // The node may have new keys: next time its document is fetched again.
                if let Some((url, _)) = resolve.nodes.front() {
                    self.nodes.forget(url);
                }
                Failure::NodeMisbehaves
            }),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => return self.next_node(turn, resolve, Err(failure)),
        };
        let part = answer.records.clone().unwrap_or_default();
        let follows = answer.more.unwrap_or_default() && !part.is_empty();
        let records = resolve.records.len().saturating_add(part.len());
        resolve.records.extend(part);
        if answer.found && follows && records < MAX_RECORDS {
            resolve.deadline = turn.now.saturating_add(TIME_LIMIT);
            self.ask(turn, &mut resolve);
            return self.resolves.push(resolve);
        }
        let found = verify(&answer, &resolve.records, &resolve.identity);
        let (call, pass) = (resolve.call, resolve.pass);
        let result = found.map(|(chain, package)| self.resolved(turn, call, pass, &chain, package));
        self.next_node(turn, resolve, result);
    }

    /// Takes over what a lookup found; whether that is news.
    fn resolved<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Option<Call>,
        pass: Option<Pass>,
        chain: &Chain,
        package: Verified<KeyPackage>,
    ) -> bool {
        let known = self
            .find_contact(&chain.identity())
            .map(|contact| contact.number);
        let package = Some(package).filter(|package| is_of_now(package, turn.now));
        let number = match (known, &package) {
            (Some(number), _) => number,
            (None, Some(package)) => {
                let number = self.new_number(turn);
                let (state, now) = (ContactState::Resolved, turn.now);
                let contact = Contact::new(number, chain.clone(), package.clone(), state, now);
                self.contacts.insert(number, contact);
                number
            }
            // Nothing can be sealed to them that they could open.
            (None, None) => {
                if let Some(call) = call {
                    turn.fail(call, Failure::IdentityInvalid);
                }
                return false;
            }
        };
        let news = self.learn(turn, number, chain, package);
        if let Some(contact) = self.contacts.get_mut(&number) {
            contact.looked_at = Some(turn.now);
            contact.row.pass = pass.or(contact.row.pass);
            contact.save(turn);
            if let Some(call) = call {
                turn.answer(call, Answer::Contact(contact.view()));
            }
        }
        news
    }
}

fn failure_of(code: &str) -> Failure {
    match code {
        "peer_unreachable" | "private_address" | "peer_refused" | "unavailable" => {
            Failure::TheirNodeUnreachable
        }
        "peer_misbehaves" | "malformed" | "cannot_open" | "internal" => Failure::NodeMisbehaves,
        _ => Failure::NodeRefused {
            code: code.to_owned(),
        },
    }
}

fn verify(
    answer: &LookupAnswer,
    records: &[Bytes],
    identity: &IdentityId,
) -> Result<(Chain, Verified<KeyPackage>), Failure> {
    let (true, Some(Bytes(package))) = (answer.found, &answer.key_package) else {
        return Err(Failure::IdentityUnknown);
    };
    let chain = Chain::verify(records).map_err(|_| Failure::IdentityInvalid)?;
    let package = verify_key_package(package, &chain).map_err(|_| Failure::IdentityInvalid)?;
    if chain.identity() != *identity {
        return Err(Failure::IdentityInvalid);
    }
    Ok((chain, package))
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::memory::MemoryStore;
    use crate::strangers::tests::asked_by;

    const NOW: Millis = 1_750_000_000_000;

    /// A contact who names records that nobody has would keep us busy.
    #[test]
    fn a_contact_has_us_look_them_up_once_a_minute_at_most() {
        let (store, mut rng) = (MemoryStore::new(), ChaCha20Rng::seed_from_u64(1));
        let mut turn = Turn::new(&store, NOW, &mut rng);
        let mut ready = asked_by(&mut turn, 1);
        for (now, is_looked_up) in [
            (NOW, true),
            (NOW + 1, false),
            (NOW + MINUTE - 1, false),
            (NOW + MINUTE, true),
            (NOW - 1, true),
        ] {
            turn.now = now;
            ready.look_again(&mut turn, 1);
            assert_eq!(ready.resolves.len(), usize::from(is_looked_up), "{now}");
            if let Some(resolve) = ready.resolves.pop() {
                ready.next_node(&mut turn, resolve, Err(Failure::IdentityUnknown));
            }
        }
    }
}
