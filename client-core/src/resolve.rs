//! Looks up who a contact link belongs to, through our own node, which does not learn whom.

use shared_crypto::bundle::verify_key_package;
use shared_crypto::cbor::Bytes;
use shared_crypto::id::IdentityId;
use shared_crypto::key_package::KeyPackage;
use shared_crypto::link::{ContactLink, LinkError};
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
use crate::view::{ContactState, Millis};

/// How long a lookup may take, the wait for a connection included.
const TIME_LIMIT: Millis = 20_000;

/// A lookup under way.
pub(crate) struct Resolve {
    call: Call,
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
            call,
            link,
            deadline,
            asked: None,
        });
        self.advance_resolves(turn);
    }

    /// Takes each lookup as far as it can go now.
    pub(crate) fn advance_resolves<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let online = self.live.is_online();
        let mut resolves = core::mem::take(&mut self.resolves);
        resolves.retain(|resolve| {
            let alive = turn.now < resolve.deadline;
            if !alive {
                let failure = if online {
                    Failure::TheirNodeUnreachable
                } else {
                    Failure::NotConnected
                };
                turn.fail(resolve.call, failure);
            }
            alive
        });
        for resolve in &mut resolves {
            if online && resolve.asked.is_none() {
                self.ask(turn, resolve);
            }
        }
        self.resolves = resolves;
    }

    fn ask<S: Store>(&mut self, turn: &mut Turn<'_, S>, resolve: &mut Resolve) {
        let request = self.next_request();
        let url = &resolve.link.node;
        let Some(document) = self.nodes.find(url, turn.now) else {
            return self.nodes.ask(turn, &self.own, url, request);
        };
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
        self.resolves.retain(|resolve| {
            let concerned = resolve.link.node == *url;
            if concerned {
                turn.fail(resolve.call, failure_of(code));
            }
            !concerned
        });
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
            Err(failure) => turn.fail(call, failure),
        }
    }

    fn resolved<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Call,
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
        contact.learn(Some(chain), Some(package));
        contact.save(turn);
        turn.answer(call, Answer::Contact(contact.view()));
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
