//! Taking an identity back with its recovery phrase: find its records, make new keys, sign the recovery record, register.
//!
//! Nothing is stored before a node has agreed, so a failure leaves nothing behind. It works where there is nothing, and
//! in a client that still has its conversations; that one keeps them.

mod search;

use core::ops::Range;

use shared_crypto::bundle::Bundle;
use shared_crypto::cbor::Bytes;
use shared_crypto::event::Name;
use shared_crypto::id::{DeviceId, IdentityId};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::{Chain, Delivery, DeliveryState, MAX_DELIVERY, RecoveryChanges};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::rsa_keys::{SealingKeyPair, SigningKeyPair};
use shared_crypto::signed::Verified;

use crate::creation::MAX_ANSWER;
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

pub(crate) use search::Found;
use search::{MAX_ASKED, Search};

/// The HTTP call of a recovery that concerns one node: above those of the client, which fit 32 bits, and below those
/// of the vault. Those of the search for the records follow it.
const CALL: HttpCall = 1 << 36;

/// The HTTP calls of a recovery.
pub(crate) const RECOVERY_CALLS: Range<HttpCall> = CALL..CALL + 64;

/// What is asked for: whose identity is taken back, and where its records may be.
pub(crate) struct Wanted {
    pub(crate) identity: IdentityId,
    /// Nodes to ask.
    pub(crate) nodes: Vec<NodeUrl>,
    /// What is known of it here, with the epoch of the newest key package.
    pub(crate) known: Option<(Chain, u64)>,
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
    /// Nodes that may take the recovery record, the best first; the first is being dealt with.
    nodes: Vec<NodeUrl>,
    stage: Stage,
}

enum Stage {
    Searching(Box<Search>),
    MeetingNode(Box<Found>),
    MakingSigningKey(Box<Found>, Box<Verified<NodeDocument>>),
    MakingSealingKey(Box<Found>, Box<Verified<NodeDocument>>, Box<SigningKeyPair>),
    Registering(Box<Recovered>),
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
    /// The node that has the recovery record.
    pub(crate) node: NodeUrl,
    /// How long it keeps mail.
    pub(crate) retention: Millis,
}

/// How a recovery goes on.
pub(crate) enum Progress {
    /// It waits for what it asked for.
    Going(Box<Recovery>),
    /// It is done.
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
        let known = wanted
            .known
            .and_then(|(chain, epoch)| Found::new(chain, epoch, &commitment));
        let mut search = Search::new(identity, commitment, known);
        for node in &wanted.nodes {
            ask(turn, &mut search, &identity, node);
        }
        turn.app_changed();
        Ok(Self {
            call,
            name,
            phrase,
            passphrase: wanted.passphrase,
            identity,
            nodes: Vec::new(),
            stage: Stage::Searching(Box::new(search)),
        })
    }

    pub(crate) fn step(&self) -> RecoveryStep {
        match self.stage {
            Stage::Searching(_) | Stage::MeetingNode(_) | Stage::Taken => RecoveryStep::Fetching,
            Stage::MakingSigningKey(..) | Stage::MakingSealingKey(..) => RecoveryStep::Keys,
            Stage::Registering(_) => RecoveryStep::Registering,
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
            (Stage::Registering(recovered), None) => match answer {
                Some((200 | 201, _)) => Progress::Made(recovered),
                Some((_, body)) => Progress::Failed(refused(&body)),
                None => Progress::Failed(Failure::NodeUnreachable),
            },
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
        match search.end() {
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
        found: Box<Found>,
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

    /// The node said who it is; if it did not, the next one is asked.
    fn met<S: Store>(
        mut self,
        turn: &mut Turn<'_, S>,
        found: Box<Found>,
        answer: Option<(u16, Vec<u8>)>,
    ) -> Progress {
        let Some(node) = self.nodes.first() else {
            return Progress::Failed(Failure::NodeUnreachable);
        };
        match offer::read(answer, node, turn.now) {
            Ok(document) => {
                turn.act(Action::MakeSigningKey);
                self.at(Stage::MakingSigningKey(found, Box::new(document)))
            }
            Err(failure) => {
                self.nodes.remove(0);
                self.meet(turn, found, failure)
            }
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

    /// The sealing key pair is made: everything can be signed and handed over.
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
        match self.recover(turn, *found, &document, *signing, sealing) {
            Ok(recovered) => {
                turn.act(Action::Http {
                    call: CALL,
                    node: recovered.node.clone(),
                    path: format!("/v1/identities/{}", self.identity),
                    vault: None,
                    put: Some(Bundle::new(&recovered.chain, &recovered.package).to_bytes()),
                    limit: MAX_ANSWER,
                });
                self.at(Stage::Registering(Box::new(recovered)))
            }
            Err(detail) => Progress::Failed(Failure::Internal { detail }),
        }
    }

    fn recover<S: Store>(
        &self,
        turn: &mut Turn<'_, S>,
        found: Found,
        document: &NodeDocument,
        signing: SigningKeyPair,
        sealing: SealingKeyPair,
    ) -> Result<Recovered, String> {
        let Found { mut chain, epoch } = found;
        let phrase = RecoveryPhrase::generate(turn.rng);
        let changes = RecoveryChanges {
            signing_key: signing.public().clone(),
            sealing_key: sealing.public().clone(),
            recovery: phrase.commitment(),
            delivery: Some(delivery(&chain, document)),
        };
        let now = turn.now;
        chain
            .append_recovery(changes, &self.phrase.recovery_key(), now, turn.rng)
            .map_err(|error| error.to_string())?;
        let keys = ReceiveKeyPair::generate(turn.rng);
        let epoch = epoch.saturating_add(1);
        let package = KeyPackage::create(self.identity, epoch, &keys, now, &signing, turn.rng)
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
fn ask<S: Store>(
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
fn number_of(call: HttpCall) -> Option<usize> {
    let number = usize::try_from(call.checked_sub(CALL)?).ok()?;
    number.checked_sub(1).filter(|number| *number < MAX_ASKED)
}

/// The delivery list as it was, with the node at hand among the active ones.
fn delivery(chain: &Chain, document: &NodeDocument) -> Vec<Delivery> {
    let fingerprint = document.fingerprint();
    let mut list = chain.delivery().to_vec();
    if let Some(entry) = list
        .iter_mut()
        .find(|entry| entry.fingerprint == fingerprint)
    {
        entry.state = DeliveryState::Active;
        return list;
    }
    list.truncate(MAX_DELIVERY.saturating_sub(1));
    let intro = list.first().map(|entry| entry.intro);
    if let Some(intro) = intro {
        let last = list.iter().map(|entry| entry.priority).max();
        list.push(Delivery {
            node: document.url.clone(),
            fingerprint,
            intro,
            state: DeliveryState::Active,
            priority: last.map_or(0, |last| last.saturating_add(1)),
        });
    }
    list
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
