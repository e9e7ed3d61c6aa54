//! Making an identity: meet the node, make two keys, sign the genesis record, register.
//!
//! Nothing is stored before the node has agreed, so a failure leaves nothing behind.

use shared_crypto::bundle::Bundle;
use shared_crypto::cbor::Bytes;
use shared_crypto::event::Name;
use shared_crypto::id::{DeviceId, MailboxId};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::record::{Chain, Delivery, DeliveryState};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::rsa_keys::{SealingKeyPair, SigningKeyPair};
use shared_crypto::signed::Verified;

use crate::driver::{Action, Call, HttpCall};
use crate::offer::{self, Address};
use crate::own::Own;
use crate::problem::code_of;
use crate::request::Failure;
use crate::rows::IdentityRow;
use crate::store::Store;
use crate::turn::Turn;
use crate::view::{CreationStep, Millis};

/// Largest node document to read.
pub(crate) const MAX_DOCUMENT: usize = 16 * 1024;

/// Largest answer to a registration to read.
pub(crate) const MAX_ANSWER: usize = 16 * 1024;

/// The HTTP call of a creation; there is never another one before there is an identity.
const HTTP_CALL: HttpCall = 0;

/// An identity being made.
pub(crate) struct Creation {
    pub(crate) call: Call,
    name: Name,
    home: Address,
    stage: Stage,
}

enum Stage {
    MeetingNode,
    MakingSigningKey {
        document: Box<Verified<NodeDocument>>,
    },
    MakingSealingKey {
        document: Box<Verified<NodeDocument>>,
        signing: Box<SigningKeyPair>,
    },
    Registering(Box<Made>),
}

/// An identity that waits for its node's word.
struct Made {
    row: IdentityRow,
    signing: SigningKeyPair,
    sealing: SealingKeyPair,
    chain: Chain,
    package: Verified<KeyPackage>,
    keys: ReceiveKeyPair,
    /// How long the node keeps mail.
    retention: Millis,
}

/// How a creation goes on.
pub(crate) enum Progress {
    /// It waits for what it asked for.
    Going(Creation),
    /// There is an identity on its first node, which keeps mail so long.
    Made(Box<Own>, Millis),
    /// It ended.
    Failed(Failure),
}

impl Creation {
    /// Begins by fetching the node's document.
    pub(crate) fn begin<S: Store>(
        turn: &mut Turn<'_, S>,
        call: Call,
        name: &str,
        node: Option<&str>,
    ) -> Result<Self, Failure> {
        let name = Name::parse(name).map_err(|_| Failure::BadName)?;
        let node = node.ok_or(Failure::NodeUnreachable)?;
        let home = Address::parse(node).map_err(|_| Failure::NodeUnreachable)?;
        turn.act(Action::Http {
            call: HTTP_CALL,
            node: home.node.clone(),
            path: "/v1/node".to_owned(),
            vault: None,
            put: None,
            limit: MAX_DOCUMENT,
        });
        turn.app_changed();
        Ok(Self {
            call,
            name,
            home,
            stage: Stage::MeetingNode,
        })
    }

    pub(crate) fn step(&self) -> CreationStep {
        match self.stage {
            Stage::MeetingNode => CreationStep::MeetingNode,
            Stage::MakingSigningKey { .. } => CreationStep::SigningKey,
            Stage::MakingSealingKey { .. } => CreationStep::SealingKey,
            Stage::Registering(_) => CreationStep::Registering,
        }
    }

    /// Takes the answer to the HTTP request of the current stage.
    pub(crate) fn http<S: Store>(
        self,
        turn: &mut Turn<'_, S>,
        answer: Option<(u16, Vec<u8>)>,
    ) -> Progress {
        turn.app_changed();
        match self.stage {
            Stage::MeetingNode => Self::met_node(turn, self.call, self.name, self.home, answer),
            Stage::Registering(made) => match answer {
                None => Progress::Failed(Failure::NodeUnreachable),
                Some((200 | 201, _)) => made.settle(turn),
                Some((_, body)) => Progress::Failed(refused(&body)),
            },
            _ => Progress::Going(self),
        }
    }

    fn met_node<S: Store>(
        turn: &mut Turn<'_, S>,
        call: Call,
        name: Name,
        home: Address,
        answer: Option<(u16, Vec<u8>)>,
    ) -> Progress {
        let document = match offer::read(answer, &home.node, turn.now) {
            Ok(document) => document,
            Err(failure) => return Progress::Failed(failure),
        };
        if let Err(failure) = home.check(&document) {
            return Progress::Failed(failure);
        }
        turn.act(Action::MakeSigningKey);
        let stage = Stage::MakingSigningKey {
            document: Box::new(document),
        };
        Progress::Going(Self {
            call,
            name,
            home,
            stage,
        })
    }

    pub(crate) fn signing_key<S: Store>(
        mut self,
        turn: &mut Turn<'_, S>,
        signing: Box<SigningKeyPair>,
    ) -> Self {
        if let Stage::MakingSigningKey { document } = self.stage {
            turn.act(Action::MakeSealingKey);
            self.stage = Stage::MakingSealingKey { document, signing };
        }
        turn.app_changed();
        self
    }

    pub(crate) fn sealing_key<S: Store>(
        mut self,
        turn: &mut Turn<'_, S>,
        sealing: Box<SealingKeyPair>,
    ) -> Progress {
        let Stage::MakingSealingKey { document, signing } = self.stage else {
            return Progress::Going(self);
        };
        let made = match Made::new(turn, &self.name, &document, *signing, *sealing) {
            Ok(made) => made,
            Err(detail) => return Progress::Failed(Failure::Internal { detail }),
        };
        turn.act(Action::Http {
            call: HTTP_CALL,
            node: self.home.node.clone(),
            path: format!("/v1/identities/{}", made.chain.identity()),
            vault: None,
            put: Some(
                Bundle::new(&made.chain, &made.package)
                    .with_invite(self.home.token)
                    .to_bytes(),
            ),
            limit: MAX_ANSWER,
        });
        turn.app_changed();
        self.stage = Stage::Registering(Box::new(made));
        Progress::Going(self)
    }
}

impl Made {
    fn new<S: Store>(
        turn: &mut Turn<'_, S>,
        name: &Name,
        document: &Verified<NodeDocument>,
        signing: SigningKeyPair,
        sealing: SealingKeyPair,
    ) -> Result<Self, String> {
        let phrase = RecoveryPhrase::generate(turn.rng);
        let intro = MailboxId::from_bytes(turn.random());
        let delivery = Delivery {
            node: document.url.clone(),
            fingerprint: document.fingerprint(),
            intro,
            state: DeliveryState::Active,
            priority: 0,
        };
        let commitment = phrase.commitment();
        let now = turn.now;
        let public = sealing.public();
        let chain = Chain::create(&signing, public, commitment, vec![delivery], now, turn.rng)
            .map_err(|error| error.to_string())?;
        let keys = ReceiveKeyPair::generate(turn.rng);
        let package = KeyPackage::create(chain.identity(), 1, &keys, now, &signing, turn.rng)
            .map_err(|error| error.to_string())?;
        let row = IdentityRow {
            name: name.to_string(),
            device: DeviceId::from_bytes(turn.random()),
            signing: Bytes(
                signing
                    .to_pkcs8()
                    .map_err(|error| error.to_string())?
                    .to_vec(),
            ),
            sealing: Bytes(
                sealing
                    .to_pkcs8()
                    .map_err(|error| error.to_string())?
                    .to_vec(),
            ),
            entropy: Bytes(phrase.entropy().to_vec()),
            ..IdentityRow::new(&chain, now)
        };
        Ok(Self {
            row,
            signing,
            sealing,
            chain,
            package,
            keys,
            retention: offer::retention(document),
        })
    }

    fn settle<S: Store>(self, turn: &mut Turn<'_, S>) -> Progress {
        let Self {
            row,
            signing,
            sealing,
            chain,
            package,
            keys,
            retention,
        } = self;
        let own = Own::store_new(turn, row, signing, sealing, chain, package, keys);
        Progress::Made(Box::new(own), retention)
    }
}

fn refused(body: &[u8]) -> Failure {
    match code_of(body) {
        Some(code) => Failure::NodeRefused { code },
        None => Failure::NodeMisbehaves,
    }
}
