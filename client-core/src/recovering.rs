//! Taking an identity back with its recovery phrase: fetch its records, make new keys, sign the recovery record, register.
//!
//! Nothing is stored before a node has agreed, so a failure leaves nothing behind. It works where there is nothing, and
//! in a client that still has its conversations; that one keeps them.

use shared_crypto::bundle::Bundle;
use shared_crypto::cbor::Bytes;
use shared_crypto::event::Name;
use shared_crypto::id::{DeviceId, IdentityId};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::link::{ContactLink, LinkError};
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

/// The HTTP call of a recovery: above those of the client, which fit 32 bits, and below those of the vault.
pub(crate) const RECOVERY_CALL: HttpCall = 1 << 36;

/// A recovery under way.
pub(crate) struct Recovery {
    pub(crate) call: Call,
    name: Name,
    phrase: RecoveryPhrase,
    identity: IdentityId,
    node: NodeUrl,
    stage: Stage,
}

enum Stage {
    Fetching,
    MeetingNode(Box<Found>),
    MakingSigningKey(Box<Found>, Box<Verified<NodeDocument>>),
    MakingSealingKey(Box<Found>, Box<Verified<NodeDocument>>, Box<SigningKeyPair>),
    Registering(Box<Recovered>),
}

/// What a node holds of the identity.
struct Found {
    /// The records up to where the phrase is the right one.
    chain: Chain,
    epoch: u64,
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
    /// Begins by fetching the records.
    pub(crate) fn begin<S: Store>(
        turn: &mut Turn<'_, S>,
        call: Call,
        phrase: &Secret,
        link: &str,
        name: &str,
    ) -> Result<Self, Failure> {
        let name = Name::parse(name).map_err(|_| Failure::BadName)?;
        let phrase = parse_phrase(phrase)?;
        let link = ContactLink::parse(link).map_err(|error| match error {
            LinkError::TooNew => Failure::LinkTooNew,
            _ => Failure::BadLink,
        })?;
        turn.act(Action::Http {
            call: RECOVERY_CALL,
            node: link.node.clone(),
            path: format!("/v1/identities/{}", link.identity),
            vault: None,
            put: None,
            limit: MAX_BUNDLE,
        });
        turn.app_changed();
        Ok(Self {
            call,
            name,
            phrase,
            identity: link.identity,
            node: link.node,
            stage: Stage::Fetching,
        })
    }

    pub(crate) fn identity(&self) -> IdentityId {
        self.identity
    }

    pub(crate) fn step(&self) -> RecoveryStep {
        match self.stage {
            Stage::Fetching | Stage::MeetingNode(_) => RecoveryStep::Fetching,
            Stage::MakingSigningKey(..) | Stage::MakingSealingKey(..) => RecoveryStep::Keys,
            Stage::Registering(_) => RecoveryStep::Registering,
        }
    }

    fn at(self, stage: Stage) -> Progress {
        Progress::Going(Box::new(Self { stage, ..self }))
    }

    /// Takes the answer to the HTTP request of the current stage.
    pub(crate) fn http<S: Store>(
        mut self,
        turn: &mut Turn<'_, S>,
        answer: Option<(u16, Vec<u8>)>,
    ) -> Progress {
        turn.app_changed();
        let stage = core::mem::replace(&mut self.stage, Stage::Fetching);
        match stage {
            Stage::Fetching => match self.found(answer) {
                Ok(found) => {
                    offer::ask(turn, RECOVERY_CALL, &self.node);
                    self.at(Stage::MeetingNode(Box::new(found)))
                }
                Err(failure) => Progress::Failed(failure),
            },
            Stage::MeetingNode(found) => match offer::read(answer, &self.node, turn.now) {
                Ok(document) => {
                    turn.act(Action::MakeSigningKey);
                    self.at(Stage::MakingSigningKey(found, Box::new(document)))
                }
                Err(failure) => Progress::Failed(failure),
            },
            Stage::Registering(recovered) => match answer {
                Some((200 | 201, _)) => Progress::Made(recovered),
                Some((_, body)) => Progress::Failed(refused(&body)),
                None => Progress::Failed(Failure::NodeUnreachable),
            },
            stage => self.at(stage),
        }
    }

    /// Finds the place in the chain where the phrase is the right one. A thief may have put records of their own on
    /// top, and may have replaced the commitment in them: the recovery record then takes up before them.
    fn found(&self, answer: Option<(u16, Vec<u8>)>) -> Result<Found, Failure> {
        let (status, body) = answer.ok_or(Failure::NodeUnreachable)?;
        match status {
            200 => {}
            404 => return Err(Failure::IdentityUnknown),
            _ => return Err(refused(&body)),
        }
        let (chain, package) = Bundle::verify(&body).map_err(|_| Failure::IdentityInvalid)?;
        if chain.identity() != self.identity {
            return Err(Failure::IdentityInvalid);
        }
        let wanted = self.phrase.commitment();
        let epoch = package.epoch;
        if chain.recovery() == wanted {
            return Ok(Found { chain, epoch });
        }
        let mut records = chain.records();
        while let Some((_, earlier)) = records.split_last() {
            let chain = Chain::verify(earlier).map_err(|_| Failure::WrongPhrase)?;
            if chain.recovery() == wanted {
                return Ok(Found { chain, epoch });
            }
            records = earlier;
        }
        Err(Failure::WrongPhrase)
    }

    /// The signing key pair is made.
    pub(crate) fn signing_key<S: Store>(
        mut self,
        turn: &mut Turn<'_, S>,
        keys: Box<SigningKeyPair>,
    ) -> Progress {
        let stage = core::mem::replace(&mut self.stage, Stage::Fetching);
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
        let stage = core::mem::replace(&mut self.stage, Stage::Fetching);
        let Stage::MakingSealingKey(found, document, signing) = stage else {
            return self.at(stage);
        };
        turn.app_changed();
        match self.recover(turn, *found, &document, *signing, sealing) {
            Ok(recovered) => {
                turn.act(Action::Http {
                    call: RECOVERY_CALL,
                    node: self.node.clone(),
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
            node: self.node.clone(),
            retention: offer::retention(document),
        })
    }
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
