//! Gives our nodes our records and key package, old nodes too, and finds out when somebody else did.
//!
//! Every node that is ours, or was, is told each new record until it has it. A node that a login shows to think
//! otherwise is asked what it holds: something older is corrected, something newer is another copy of this
//! identity, which may be a thief's or the owner's after a recovery: then this copy is locked out.

use shared_crypto::bundle::Bundle;
use shared_crypto::cbor::Bytes;
use shared_crypto::id::Hash;
use shared_crypto::key_package::KeyPackage;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::{Chain, ChainOrder};
use shared_crypto::signed::Verified;

use crate::creation::MAX_ANSWER;
use crate::driver::Action;
use crate::own_code;
use crate::problem::code_of;
use crate::ready::{Asked, Ready};
use crate::recovering::Said;
use crate::request::Failure;
use crate::store::Store;
use crate::turn::Turn;
use crate::view::NodeStep;

/// Largest bundle to read (`docs/protocol.md` §14).
pub(crate) const MAX_BUNDLE: usize = 8 * 1024 * 1024;

impl Ready {
    /// Tells every node that lacks something what it lacks.
    pub(crate) fn tell_homes<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let (head, epoch) = (self.own.chain.head(), self.own.epoch());
        let lacking: Vec<NodeUrl> = self
            .homes
            .iter()
            .filter(|home| home.lacks(&head, epoch) && home.may_be_told(turn.now))
            // A node that refused us for good is not asked again.
            .filter(|home| home.step() != NodeStep::Leaving || home.row.problem.is_none())
            .map(|home| home.live.node.clone())
            .collect();
        for node in lacking {
            self.register(turn, &node);
        }
    }

    /// Gives a node the record chain and the newest key package.
    pub(crate) fn register<S: Store>(&mut self, turn: &mut Turn<'_, S>, node: &NodeUrl) {
        let Some(package) = self.own.package() else {
            return;
        };
        let bundle = Bundle::new(&self.own.chain, package);
        let (head, epoch) = (self.own.chain.head(), self.own.epoch());
        let Some(home) = self.homes.get_mut(node) else {
            return;
        };
        let invite = home.row.invite.as_ref().map(|token| token.0);
        let bundle = bundle.with_invite(invite).to_bytes();
        home.telling = true;
        let call = self.next_http();
        let node = node.clone();
        let path = format!("/v1/identities/{}", self.own.identity());
        turn.act(Action::Http {
            call,
            node: node.clone(),
            path,
            vault: None,
            put: Some(bundle),
            limit: MAX_ANSWER,
        });
        self.http.insert(call, Asked::Publish { node, head, epoch });
    }

    /// A node answered to our records.
    pub(crate) fn published<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &NodeUrl,
        (head, epoch): (Hash, u64),
        answer: Option<(u16, Vec<u8>)>,
    ) {
        let Some(home) = self.homes.get_mut(node) else {
            return;
        };
        match answer {
            Some((status @ (200 | 201), _)) => {
                home.told(head, epoch);
                home.save(turn);
                if status == 201 {
                    // It did not know us: it has none of our mailboxes and nothing of what it took from us.
                    let fingerprint = home.row.fingerprint;
                    self.mailboxes.unconfirm(turn, &fingerprint);
                    self.outbox.submit_again(turn, node);
                }
                self.homes.connect(turn);
                self.tell_mailboxes(turn);
            }
            Some((_, body)) => {
                let code = code_of(&body).unwrap_or_else(|| own_code::NODE_MISBEHAVES.to_owned());
                home.not_told(turn);
                home.row.problem = Some(code.clone());
                home.save(turn);
                let (step, fingerprint) = (home.step(), home.row.fingerprint);
                let is_ours = step != NodeStep::Leaving;
                if is_ours && code == "unauthorized" && self.intro_taken(turn, fingerprint) {
                    return self.tell_homes(turn);
                }
                let Some(home) = self.homes.get_mut(node) else {
                    return;
                };
                match (step, code.as_str()) {
                    (_, "stale_record" | "forked_record" | "stale_key_package") => {
                        self.check_own(turn, node);
                    }
                    (
                        _,
                        "rate_limited" | "unavailable" | "internal" | own_code::NODE_MISBEHAVES,
                    ) => {}
                    (NodeStep::Joining, _) => self.give_up_joining(turn, node, &code),
                    (NodeStep::Leaving, _) => {}
                    _ if !home.live.is_online() => home.live.refused(turn, &code),
                    _ => {}
                }
            }
            None => home.not_told(turn),
        }
    }

    /// Asks a node what it holds of us.
    pub(crate) fn check_own<S: Store>(&mut self, turn: &mut Turn<'_, S>, node: &NodeUrl) {
        let running = |asked: &Asked| matches!(asked, Asked::Check(asked) if asked == node);
        if self.http.values().any(running) {
            return;
        }
        let call = self.next_http();
        turn.act(Action::Http {
            call,
            node: node.clone(),
            path: format!("/v1/identities/{}", self.own.identity()),
            vault: None,
            put: None,
            limit: MAX_BUNDLE,
        });
        self.http.insert(call, Asked::Check(node.clone()));
    }

    /// A node said what it holds of us.
    pub(crate) fn checked<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &NodeUrl,
        answer: Option<(u16, Vec<u8>)>,
    ) {
        let Some((200, body)) = answer else { return };
        // What does not verify is a lie and changes nothing.
        let Ok((chain, package)) = Bundle::verify(&body) else {
            return;
        };
        if chain.identity() != self.own.identity() {
            return;
        }
        match self.own.chain.compare(&chain) {
            ChainOrder::Same => {
                self.catch_up(turn, &package);
                let ours = self.own.package().map(|package| package.hash());
                // Whatever it said of a recovery record, it has it.
                if self.is_recovering()
                    && let Some(home) = self.homes.get_mut(node)
                    && ours == Some(package.hash())
                {
                    home.told(chain.head(), package.epoch);
                    home.save(turn);
                }
                let head = chain.head();
                self.recovery_answered(turn, node, &head, Said::Taken);
            }
            ChainOrder::Older => {
                // Whoever has our signing key may have made a newer key package under it.
                if chain.signing_key() == self.own.chain.signing_key() {
                    self.catch_up(turn, &package);
                }
                self.correct(turn, node);
            }
            ChainOrder::Newer => self.superseded(turn, &chain, &package),
            ChainOrder::Forked if self.own.chain.is_overruled_by(&chain, turn.now) => {
                self.superseded(turn, &chain, &package);
            }
            ChainOrder::Forked if chain.is_overruled_by(&self.own.chain, turn.now) => {
                self.correct(turn, node);
            }
            ChainOrder::Forked => {
                if let Some(home) = self.homes.get_mut(node) {
                    home.row.problem = Some("forked_record".to_owned());
                    home.save(turn);
                }
            }
        }
    }

    /// A key package whose private part is not here would make mail unreadable here: ours takes its place.
    fn catch_up<S: Store>(&mut self, turn: &mut Turn<'_, S>, theirs: &Verified<KeyPackage>) {
        let ours = self.own.package().map(|package| package.hash());
        if theirs.epoch >= self.own.epoch() && ours != Some(theirs.hash()) {
            self.outdated(turn);
            let before = self.own.epoch();
            self.own.refresh_after(turn, theirs.epoch);
            // There is none after a thief's of the future: nothing is new then.
            if self.own.epoch() == before {
                return;
            }
            self.tell_homes(turn);
            // Contacts may have the other one already.
            self.announce(turn);
        }
    }

    /// This copy is older than what was done elsewhere.
    pub(crate) fn outdated<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        self.own.row.outdated_at = Some(turn.now);
        self.own.save(turn);
    }

    /// A node holds something older, whatever it said before.
    fn correct<S: Store>(&mut self, turn: &mut Turn<'_, S>, node: &NodeUrl) {
        if let Some(home) = self.homes.get_mut(node) {
            home.lost_us(turn.now);
            home.save(turn);
        }
        self.tell_homes(turn);
    }

    /// Another copy of this identity went on with it.
    fn superseded<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        chain: &Chain,
        package: &Verified<KeyPackage>,
    ) {
        if chain.signing_key() == self.own.signing.public()
            && chain.sealing_key() == self.own.sealing.public()
        {
            // A copy with the same keys, or this one before its store was set back.
            self.own.chain = chain.clone();
            self.own.row.records = self.own.records();
            self.outdated(turn);
            self.catch_up(turn, package);
            self.mailboxes.follow(turn, chain);
            self.homes.follow(turn, chain);
            self.homes.connect(turn);
            self.tell_mailboxes(turn);
            return;
        }
        self.own.row.locked_out = Some(true);
        self.own.row.superseded = Some(
            chain
                .records()
                .iter()
                .map(|record| Bytes(record.clone()))
                .collect(),
        );
        self.own.save(turn);
        if self.recovery.is_none()
            && let Some(call) = self.recovery_call.take()
        {
            turn.fail(call, Failure::LockedOut);
        }
        for home in self.homes.iter_mut() {
            home.live.shut(turn);
        }
        turn.app_changed();
    }

    /// Whether another copy replaced our keys.
    pub(crate) fn is_locked_out(&self) -> bool {
        self.own.row.locked_out.unwrap_or_default()
    }
}
