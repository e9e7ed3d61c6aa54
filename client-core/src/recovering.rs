//! Taking an identity back with its recovery phrase: find its records, make new keys, sign the recovery record.
//!
//! Nothing is stored before the record is signed, so a failure up to there leaves nothing behind. Then everything is,
//! before a node is told (see [`offering`]). It works where there is nothing, and in a client that still has its
//! conversations; that one keeps them.

mod offering;
mod search;

use core::ops::Range;

use shared_crypto::cbor::Bytes;
use shared_crypto::event::Name;
use shared_crypto::id::{DeviceId, IdentityId, MailboxId};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::link::{NODE_MARK, node_mark};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::{Chain, Delivery, DeliveryState, MAX_DELIVERY, RecoveryChanges};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::rsa_keys::{SealingKeyPair, SigningKeyPair};
use shared_crypto::signed::Verified;

use crate::driver::{Action, Call, HttpCall};
use crate::offer;
use crate::own::Own;
use crate::problem::code_of;
use crate::request::{Failure, Secret};
use crate::rows::IdentityRow;
use crate::store::Store;
use crate::telling::MAX_BUNDLE;
use crate::turn::Turn;
use crate::vault::keys::parse_phrase;
use crate::view::{Millis, RecoveryStep};

pub(crate) use offering::Said;
pub(crate) use search::Search;
use search::{MAX_ASKED, is_spent};

/// The HTTP call of a recovery that concerns one node: above those of the client, which fit 32 bits, and below those
/// of the vault. Those of the search for the records follow it.
const CALL: HttpCall = 1 << 36;

/// The HTTP calls of a recovery.
pub(crate) const RECOVERY_CALLS: Range<HttpCall> = CALL..CALL + 64;

/// What is asked for: whose identity is taken back, and where its records may be.
pub(crate) struct Wanted {
    pub(crate) identity: IdentityId,
    /// Nodes to ask; the first that says who it is is the one where mail is left from then on.
    pub(crate) nodes: Vec<NodeUrl>,
    /// What a link says of the key of the node that it names.
    pub(crate) mark: Option<(NodeUrl, [u8; NODE_MARK])>,
    /// What is known of it here.
    pub(crate) known: Option<Chain>,
    /// Records of it that locked this copy out.
    pub(crate) superseded: Option<Chain>,
    /// The epoch of the first key package under the new signing key: one that is not in use here.
    pub(crate) epoch: u64,
    pub(crate) phrase: Secret,
    /// What the new phrase's vault is to have besides.
    pub(crate) passphrase: Secret,
    pub(crate) name: String,
}

/// A recovery under way.
pub(crate) struct Recovery {
    pub(crate) call: Call,
    name: Name,
    phrase: RecoveryPhrase,
    passphrase: Secret,
    identity: IdentityId,
    mark: Option<(NodeUrl, [u8; NODE_MARK])>,
    epoch: u64,
    /// Nodes that may take the recovery record, the best first; the first is being dealt with.
    nodes: Vec<NodeUrl>,
    stage: Stage,
}

enum Stage {
    Searching(Box<Search>),
    MeetingNode(Box<Chain>),
    MakingSigningKey(Box<Chain>, Box<Verified<NodeDocument>>),
    MakingSealingKey(Box<Chain>, Box<Verified<NodeDocument>>, Box<SigningKeyPair>),
    /// It is in another's hands for a moment.
    Taken,
}

/// An identity that was taken back.
pub(crate) struct Recovered {
    pub(crate) name: Name,
    pub(crate) signing: SigningKeyPair,
    pub(crate) sealing: SealingKeyPair,
    pub(crate) chain: Chain,
    pub(crate) package: Verified<KeyPackage>,
    pub(crate) keys: ReceiveKeyPair,
    /// The next phrase: the old one was for one use.
    pub(crate) phrase: RecoveryPhrase,
    /// The passphrase of its vault, or nothing.
    pub(crate) passphrase: Secret,
    /// The node that is to have the recovery record first.
    pub(crate) node: NodeUrl,
    /// How long it keeps mail.
    pub(crate) retention: Millis,
}

/// How a recovery goes on.
pub(crate) enum Progress {
    /// It waits for what it asked for.
    Going(Box<Recovery>),
    /// The recovery record is signed: nobody knows of it yet.
    Made(Box<Recovered>),
    /// It ended.
    Failed(Failure),
}

impl Recovery {
    /// Begins by asking for the records.
    pub(crate) fn begin<S: Store>(
        turn: &mut Turn<'_, S>,
        call: Call,
        wanted: Wanted,
    ) -> Result<Self, Failure> {
        let name = Name::parse(&wanted.name).map_err(|_| Failure::BadName)?;
        let phrase = parse_phrase(&wanted.phrase)?;
        let (identity, commitment) = (wanted.identity, phrase.commitment());
        let mut seen = wanted.known.iter().chain(&wanted.superseded);
        if seen.any(|chain| is_spent(chain, &commitment)) {
            return Err(Failure::WrongPhrase);
        }
        let known = wanted.known;
        let known = known.and_then(|chain| chain.committed_to(&commitment));
        let mut search = Search::new(identity, commitment, known);
        for node in &wanted.nodes {
            ask(turn, &mut search, &identity, node);
        }
        // The nodes that answer may hold back what locked this copy out.
        if let Some(chain) = &wanted.superseded {
            let (_, named) = search.take(chain, turn.now);
            for node in named {
                ask(turn, &mut search, &identity, &node);
            }
        }
        turn.app_changed();
        Ok(Self {
            call,
            name,
            phrase,
            passphrase: wanted.passphrase,
            identity,
            mark: wanted.mark,
            epoch: wanted.epoch,
            nodes: Vec::new(),
            stage: Stage::Searching(Box::new(search)),
        })
    }

    pub(crate) fn step(&self) -> RecoveryStep {
        match self.stage {
            Stage::Searching(_) | Stage::MeetingNode(_) | Stage::Taken => RecoveryStep::Fetching,
            Stage::MakingSigningKey(..) | Stage::MakingSealingKey(..) => RecoveryStep::Keys,
        }
    }

    fn at(self, stage: Stage) -> Progress {
        Progress::Going(Box::new(Self { stage, ..self }))
    }

    /// Takes the answer to an HTTP request of the current stage.
    pub(crate) fn http<S: Store>(
        mut self,
        turn: &mut Turn<'_, S>,
        call: HttpCall,
        answer: Option<(u16, Vec<u8>)>,
    ) -> Progress {
        if !RECOVERY_CALLS.contains(&call) {
            return Progress::Going(Box::new(self));
        }
        turn.app_changed();
        match (
            core::mem::replace(&mut self.stage, Stage::Taken),
            number_of(call),
        ) {
            (Stage::Searching(search), Some(number)) => self.heard(turn, search, number, answer),
            (Stage::MeetingNode(found), None) => self.met(turn, found, answer),
            (stage, _) => self.at(stage),
        }
    }

    /// A node said what it holds.
    fn heard<S: Store>(
        mut self,
        turn: &mut Turn<'_, S>,
        mut search: Box<Search>,
        number: usize,
        answer: Option<(u16, Vec<u8>)>,
    ) -> Progress {
        for node in search.answered(number, answer, turn.now) {
            ask(turn, &mut search, &self.identity, &node);
        }
        if !search.is_over() {
            return self.at(Stage::Searching(search));
        }
        match search.end(turn.now) {
            Ok((found, nodes)) => {
                self.nodes = nodes;
                self.meet(turn, Box::new(found), Failure::NodeUnreachable)
            }
            Err(failure) => Progress::Failed(failure),
        }
    }

    /// Asks the best node who it is.
    fn meet<S: Store>(
        self,
        turn: &mut Turn<'_, S>,
        found: Box<Chain>,
        otherwise: Failure,
    ) -> Progress {
        match self.nodes.first() {
            Some(node) => {
                offer::ask(turn, CALL, node);
                self.at(Stage::MeetingNode(found))
            }
            None => Progress::Failed(otherwise),
        }
    }

    /// Goes on with the next node.
    fn next<S: Store>(
        mut self,
        turn: &mut Turn<'_, S>,
        found: Box<Chain>,
        failure: Failure,
    ) -> Progress {
        if !self.nodes.is_empty() {
            self.nodes.remove(0);
        }
        self.meet(turn, found, failure)
    }

    /// The node said who it is; if it did not, or is not the one that the link means, the next one is asked.
    fn met<S: Store>(
        self,
        turn: &mut Turn<'_, S>,
        found: Box<Chain>,
        answer: Option<(u16, Vec<u8>)>,
    ) -> Progress {
        let Some(node) = self.nodes.first() else {
            return Progress::Failed(Failure::NodeUnreachable);
        };
        let mark = self.mark.as_ref().filter(|(named, _)| named == node);
        let is_meant = |document: &NodeDocument| {
            mark.is_none_or(|(_, mark)| node_mark(&document.fingerprint()) == *mark)
        };
        match offer::read(answer, node, turn.now) {
            Ok(document) if is_meant(&document) => {
                turn.act(Action::MakeSigningKey);
                self.at(Stage::MakingSigningKey(found, Box::new(document)))
            }
            Ok(_) => self.next(turn, found, Failure::NodeMisbehaves),
            Err(failure) => self.next(turn, found, failure),
        }
    }

    /// The signing key pair is made.
    pub(crate) fn signing_key<S: Store>(
        mut self,
        turn: &mut Turn<'_, S>,
        keys: Box<SigningKeyPair>,
    ) -> Progress {
        let stage = core::mem::replace(&mut self.stage, Stage::Taken);
        match stage {
            Stage::MakingSigningKey(found, document) => {
                turn.act(Action::MakeSealingKey);
                self.at(Stage::MakingSealingKey(found, document, keys))
            }
            stage => self.at(stage),
        }
    }

    /// The sealing key pair is made: everything can be signed.
    pub(crate) fn sealing_key<S: Store>(
        mut self,
        turn: &mut Turn<'_, S>,
        sealing: SealingKeyPair,
    ) -> Progress {
        let stage = core::mem::replace(&mut self.stage, Stage::Taken);
        let Stage::MakingSealingKey(found, document, signing) = stage else {
            return self.at(stage);
        };
        turn.app_changed();
        match self.recover(turn, &found, &document, *signing, sealing) {
            Ok(recovered) => Progress::Made(Box::new(recovered)),
            Err(detail) => Progress::Failed(Failure::Internal { detail }),
        }
    }

    fn recover<S: Store>(
        &self,
        turn: &mut Turn<'_, S>,
        found: &Chain,
        document: &NodeDocument,
        signing: SigningKeyPair,
        sealing: SealingKeyPair,
    ) -> Result<Recovered, String> {
        let mut chain = found.clone();
        let phrase = RecoveryPhrase::generate(turn.rng);
        let changes = RecoveryChanges {
            signing_key: signing.public().clone(),
            sealing_key: sealing.public().clone(),
            recovery: phrase.commitment(),
            delivery: Some(delivery(&chain, document, turn.random())),
        };
        let now = turn.now;
        chain
            .append_recovery(changes, &self.phrase.recovery_key(), now, turn.rng)
            .map_err(|error| error.to_string())?;
        let keys = ReceiveKeyPair::generate(turn.rng);
        let (identity, epoch) = (self.identity, self.epoch);
        let package = KeyPackage::create(identity, epoch, &keys, now, &signing, turn.rng)
            .map_err(|error| error.to_string())?;
        Ok(Recovered {
            name: self.name.clone(),
            signing,
            sealing,
            chain,
            package,
            keys,
            phrase,
            passphrase: self.passphrase.clone(),
            node: document.url.clone(),
            retention: offer::retention(document),
        })
    }
}

/// Asks a node for the records, unless it was asked.
pub(crate) fn ask<S: Store>(
    turn: &mut Turn<'_, S>,
    search: &mut Search,
    identity: &IdentityId,
    node: &NodeUrl,
) {
    if let Some(call) = search.add(node).and_then(call_of) {
        turn.act(Action::Http {
            call,
            node: node.clone(),
            path: format!("/v1/identities/{identity}"),
            vault: None,
            put: None,
            limit: MAX_BUNDLE,
        });
    }
}

/// The HTTP call that asks the node of a search with this number.
fn call_of(number: usize) -> Option<HttpCall> {
    let number = HttpCall::try_from(number.checked_add(1)?).ok()?;
    CALL.checked_add(number)
}

/// The other way.
pub(crate) fn number_of(call: HttpCall) -> Option<usize> {
    let number = usize::try_from(call.checked_sub(CALL)?).ok()?;
    number.checked_sub(1).filter(|number| *number < MAX_ASKED)
}

/// Mail is left at the node at hand from now on, that of strangers in a mailbox that nobody has seen. The nodes of the
/// list as it was may be a thief's: they are only fetched from, until the person says otherwise or that is over.
fn delivery(chain: &Chain, document: &NodeDocument, intro: [u8; 32]) -> Vec<Delivery> {
    let (node, fingerprint) = (document.url.clone(), document.fingerprint());
    let intro = MailboxId::from_bytes(intro);
    let is_other = |entry: &&Delivery| entry.fingerprint != fingerprint && entry.node != node;
    let others = chain.delivery().iter().filter(is_other).cloned();
    let others = (1..).zip(others.take(MAX_DELIVERY.saturating_sub(1)));
    let drained = others.map(|(priority, entry)| Delivery {
        intro,
        state: DeliveryState::Draining,
        priority,
        ..entry
    });
    let first = Delivery {
        node: node.clone(),
        fingerprint,
        intro,
        state: DeliveryState::Active,
        priority: 0,
    };
    core::iter::once(first).chain(drained).collect()
}

impl Recovered {
    /// An identity where there was none.
    pub(crate) fn settle<S: Store>(self, turn: &mut Turn<'_, S>) -> Result<Own, Failure> {
        let failed = |error: &dyn core::fmt::Display| Failure::Internal {
            detail: error.to_string(),
        };
        let now = turn.now;
        let row = IdentityRow {
            name: self.name.to_string(),
            device: DeviceId::from_bytes(turn.random()),
            signing: Bytes(
                self.signing
                    .to_pkcs8()
                    .map_err(|error| failed(&error))?
                    .to_vec(),
            ),
            sealing: Bytes(
                self.sealing
                    .to_pkcs8()
                    .map_err(|error| failed(&error))?
                    .to_vec(),
            ),
            entropy: Bytes(self.phrase.entropy().to_vec()),
            recovering: Some(true),
            ..IdentityRow::new(&self.chain, now)
        };
        let Self {
            signing,
            sealing,
            chain,
            package,
            keys,
            ..
        } = self;
        Ok(Own::store_new(
            turn, row, signing, sealing, chain, package, keys,
        ))
    }
}

fn refused(body: &[u8]) -> Failure {
    match code_of(body) {
        Some(code) => Failure::NodeRefused { code },
        None => Failure::NodeMisbehaves,
    }
}
