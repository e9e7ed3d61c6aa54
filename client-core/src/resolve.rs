//! Looks up who a contact link belongs to, through our own node, which does not learn whom.

use shared_crypto::bundle::verify_key_package;
use shared_crypto::cbor::Bytes;
use shared_crypto::id::IdentityId;
use shared_crypto::key_package::KeyPackage;
use shared_crypto::link::{ContactLink, LinkError, node_mark};
use shared_crypto::live::ClientBinary;
use shared_crypto::lookup::{LookupAnswer, LookupPending, LookupRequest, seal_lookup};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::Chain;
use shared_crypto::signed::Verified;

use crate::contact::Contact;
use crate::driver::{Action, Call};
use crate::ready::Ready;
use crate::request::{Answer, Failure};
use crate::store::Store;
use crate::turn::Turn;
use crate::view::{ContactNumber, ContactState, Millis};

/// How long a lookup may take, the wait for a connection included.
const TIME_LIMIT: Millis = 20_000;

/// A lookup under way.
pub(crate) struct Resolve {
    /// Who waits for it; nobody when it only refreshes what is known.
    call: Option<Call>,
    link: ContactLink,
    deadline: Millis,
    asked: Option<(u32, LookupPending)>,
}

impl Ready {
    /// Starts a lookup, or answers at once if there is nothing to look up.
    pub(crate) fn open_link<S: Store>(&mut self, turn: &mut Turn<'_, S>, call: Call, link: &str) {
        let link = match ContactLink::parse(link) {
            Ok(link) => link,
            Err(LinkError::TooNew) => return turn.fail(call, Failure::LinkTooNew),
            Err(_) => return turn.fail(call, Failure::BadLink),
        };
        if link.identity == self.own.identity() {
            return turn.fail(call, Failure::OwnLink);
        }
        if let Some(contact) = self.find_contact(&link.identity)
            && contact.state() != ContactState::Resolved
        {
            return turn.answer(call, Answer::Contact(contact.view()));
        }
        let deadline = turn.now.saturating_add(TIME_LIMIT);
        self.resolves.push(Resolve {
            call: Some(call),
            link,
            deadline,
            asked: None,
        });
        self.advance_resolves(turn);
    }

    /// Looks up a contact again, unless that is under way: what is known of it may be too old to use.
    pub(crate) fn look_again<S: Store>(&mut self, turn: &mut Turn<'_, S>, number: ContactNumber) {
        let Some(contact) = self.contacts.get(&number) else {
            return;
        };
        let (identity, delivery) = (contact.identity(), contact.delivery());
        let Some(delivery) = delivery else {
            return;
        };
        let node_mark = node_mark(&delivery.fingerprint);
        let node = delivery.node.clone();
        if self
            .resolves
            .iter()
            .any(|resolve| resolve.link.identity == identity)
        {
            return;
        }
        let link = ContactLink {
            node,
            node_mark,
            identity,
            invite: None,
        };
        let deadline = turn.now.saturating_add(TIME_LIMIT);
        self.resolves.push(Resolve {
            call: None,
            link,
            deadline,
            asked: None,
        });
        self.advance_resolves(turn);
    }

    /// Ends a lookup that found nothing.
    fn not_found<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Option<Call>,
        identity: &IdentityId,
        failure: Failure,
    ) {
        if let Some(call) = call {
            turn.fail(call, failure);
        }
        let now = turn.now;
        let known = self
            .contacts
            .values_mut()
            .find(|contact| contact.identity() == *identity);
        if let Some(contact) = known {
            contact.looked_at = Some(now);
        }
    }

    /// Takes each lookup as far as it can go now.
    pub(crate) fn advance_resolves<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let online = self.live.is_online();
        let (mut alive, ended): (Vec<_>, Vec<_>) = self
            .resolves
            .drain(..)
            .partition(|resolve| turn.now < resolve.deadline);
        for Resolve { call, link, .. } in ended {
            let failure = if online {
                Failure::TheirNodeUnreachable
            } else {
                Failure::NotConnected
            };
            self.not_found(turn, call, &link.identity, failure);
        }
        for resolve in &mut alive {
            if online && resolve.asked.is_none() {
                self.ask(turn, resolve);
            }
        }
        self.resolves = alive;
    }

    fn ask<S: Store>(&mut self, turn: &mut Turn<'_, S>, resolve: &mut Resolve) {
        let request = self.next_request();
        let url = &resolve.link.node;
        let Some(document) = self.nodes.find(url, turn.now) else {
            return self.nodes.ask(turn, &self.own, url, request);
        };
        if node_mark(&document.fingerprint()) != resolve.link.node_mark {
            // Not the node that the link names: perhaps our own node poses as it, to learn whom we look up.
            return self.nodes.reject(turn, url);
        }
        let wanted = LookupRequest {
            identity: resolve.link.identity,
            from: 0,
        };
        let Ok((sealed, pending)) = seal_lookup(document, &wanted, turn.rng) else {
            return;
        };
        let frame = ClientBinary::Lookup {
            request,
            node: url.clone(),
            sealed: &sealed,
        };
        turn.act(Action::SendBinary(
            self.own.home.node.clone(),
            frame.encode(),
        ));
        resolve.asked = Some((request, pending));
    }

    /// A node's document cannot be had: lookups there end.
    pub(crate) fn node_failed<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        url: &NodeUrl,
        code: &str,
    ) {
        let (concerned, others): (Vec<_>, Vec<_>) = self
            .resolves
            .drain(..)
            .partition(|resolve| resolve.link.node == *url);
        self.resolves = others;
        for Resolve { call, link, .. } in concerned {
            self.not_found(turn, call, &link.identity, failure_of(code));
        }
    }

    /// A new connection: what was asked on the old one is lost.
    pub(crate) fn restart_resolves(&mut self) {
        for resolve in &mut self.resolves {
            resolve.asked = None;
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
                .is_some_and(|(asked, _)| *asked == request)
        };
        let Some(index) = self.resolves.iter().position(concerns) else {
            return;
        };
        let Resolve {
            call, link, asked, ..
        } = self.resolves.swap_remove(index);
        let Some((_, pending)) = asked else { return };
        let found = match answer {
            Err(code) => Err(failure_of(code)),
            Ok(sealed) => match pending.open(sealed) {
                Err(_) => {
                    // The node may have new keys: next time its document is fetched again.
                    self.nodes.forget(&link.node);
                    Err(Failure::NodeMisbehaves)
                }
                Ok(answer) => verify(&answer, &link.identity),
            },
        };
        match found {
            Ok((chain, package)) => self.resolved(turn, call, chain, package),
            Err(failure) => self.not_found(turn, call, &link.identity, failure),
        }
    }

    fn resolved<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Option<Call>,
        chain: Chain,
        package: Verified<KeyPackage>,
    ) {
        let known = self
            .find_contact(&chain.identity())
            .map(|contact| contact.number);
        let number = known.unwrap_or_else(|| {
            let number = self.new_number(turn);
            let (state, now) = (ContactState::Resolved, turn.now);
            let contact = Contact::new(number, chain.clone(), package.clone(), state, now);
            self.contacts.insert(number, contact);
            number
        });
        let Some(contact) = self.contacts.get_mut(&number) else {
            return;
        };
        contact.learn(&chain, Some(package));
        contact.looked_at = Some(turn.now);
        contact.save(turn);
        if let Some(call) = call {
            turn.answer(call, Answer::Contact(contact.view()));
        }
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
    identity: &IdentityId,
) -> Result<(Chain, Verified<KeyPackage>), Failure> {
    let (true, Some(records), Some(Bytes(package))) =
        (answer.found, &answer.records, &answer.key_package)
    else {
        return Err(Failure::IdentityUnknown);
    };
    let chain = Chain::verify(records).map_err(|_| Failure::IdentityInvalid)?;
    let package = verify_key_package(package, &chain).map_err(|_| Failure::IdentityInvalid)?;
    if chain.identity() != *identity {
        return Err(Failure::IdentityInvalid);
    }
    Ok((chain, package))
}
