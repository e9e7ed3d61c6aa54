//! People and nodes that the tests share, made once from frozen keys, and ways to damage bytes.

use std::sync::OnceLock;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use shared_crypto::cbor::{ByteArray, Bytes};
use shared_crypto::event::{Body, Event, NO_PREVIOUS, conversation_of};
use shared_crypto::fixtures;
use shared_crypto::id::{DeviceId, Hash, IdentityId, MailboxId, MessageId};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::node_document::{NodeDocument, Registration};
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::{Chain, Delivery, DeliveryState, RecordChanges};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::rsa_keys::{SealingKeyPair, SigningKeyPair};
use shared_crypto::signed::Verified;
use shared_crypto::time::{DAY, Millis};

pub const NOW: Millis = 1_790_000_000_000;

pub struct Person {
    pub signing: SigningKeyPair,
    pub sealing: SealingKeyPair,
    pub phrase: RecoveryPhrase,
    pub chain: Chain,
    pub receive: ReceiveKeyPair,
    pub package: Verified<KeyPackage>,
    pub intro: MailboxId,
}

pub struct Node {
    pub keys: NodeKeys,
    pub url: NodeUrl,
    pub document: Verified<NodeDocument>,
}

impl Person {
    fn make(number: u8) -> Self {
        let rng = &mut rng(u64::from(number));
        let (signing, sealing) = fixtures::person(usize::from(number));
        let phrase = RecoveryPhrase::from_entropy(&[number; 16]);
        let intro = MailboxId::from_bytes([0x50 + number; 32]);
        let list = vec![delivery(number, intro)];
        let chain = Chain::create(
            &signing,
            sealing.public(),
            phrase.commitment(),
            list,
            NOW,
            rng,
        )
        .unwrap();
        let receive = ReceiveKeyPair::from_bytes(&[number + 1; 32]);
        let package =
            KeyPackage::create(chain.identity(), 1, &receive, NOW, &signing, rng).unwrap();
        Self {
            signing,
            sealing,
            phrase,
            chain,
            receive,
            package,
            intro,
        }
    }

    pub fn id(&self) -> IdentityId {
        self.chain.identity()
    }

    /// Their chain after they replaced the signing key, and the new one.
    pub fn with_another_key(&self) -> (Chain, SigningKeyPair) {
        let new = fixtures::signing_key(10);
        let mut chain = self.chain.clone();
        let changes = RecordChanges {
            signing_key: Some(new.public().clone()),
            ..RecordChanges::default()
        };
        chain
            .append_update(changes, &self.signing, NOW, &mut rng(1))
            .unwrap();
        (chain, new)
    }

    /// The first event that they sent somebody.
    pub fn says(&self, text: &str, to: &Self, message_id: MessageId) -> Event {
        let body = Body::Text(text.into());
        Event {
            sender: self.id(),
            record: self.chain.head(),
            recipient: to.id(),
            conversation: conversation_of(&self.id(), &to.id()),
            device: DeviceId::from_bytes([5; 16]),
            counter: 1,
            previous: NO_PREVIOUS,
            sent_at: NOW,
            message_id,
            kind: body.kind(),
            body: Bytes(body.to_bytes().unwrap()),
            lifetime: None,
        }
    }
}

impl Node {
    fn make(number: u8) -> Self {
        let keys = NodeKeys::from_bytes(&[number + 1; 64]);
        let url = NodeUrl::parse(&format!("https://node-{number}.example")).unwrap();
        let document = describe(&keys, &url).sign(&keys, &mut rng(0)).unwrap();
        Self {
            keys,
            url,
            document,
        }
    }
}

pub fn alice() -> &'static Person {
    static PERSON: OnceLock<Person> = OnceLock::new();
    PERSON.get_or_init(|| Person::make(0))
}

pub fn bob() -> &'static Person {
    static PERSON: OnceLock<Person> = OnceLock::new();
    PERSON.get_or_init(|| Person::make(1))
}

pub fn carol() -> &'static Person {
    static PERSON: OnceLock<Person> = OnceLock::new();
    PERSON.get_or_init(|| Person::make(2))
}

pub fn node_a() -> &'static Node {
    static NODE: OnceLock<Node> = OnceLock::new();
    NODE.get_or_init(|| Node::make(0))
}

pub fn node_b() -> &'static Node {
    static NODE: OnceLock<Node> = OnceLock::new();
    NODE.get_or_init(|| Node::make(1))
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub fn describe(keys: &NodeKeys, url: &NodeUrl) -> NodeDocument {
    NodeDocument {
        url: url.clone(),
        signing_key: keys.signing_public(),
        forward_key: ByteArray(*keys.forward_public()),
        issued_at: NOW,
        expires_at: NOW + DAY,
        software: "zechat-node 0.1.0".into(),
        registration: Registration::Open,
        retention_seconds: 21 * 86_400,
        quota_bytes: 64 << 20,
        quota_count: 10_000,
        postage_bits: 16,
        name: None,
        closing_at: None,
        vault_quota_bytes: None,
    }
}

pub fn delivery(node: u8, intro: MailboxId) -> Delivery {
    Delivery {
        node: NodeUrl::parse(&format!("https://node-{node}.example")).unwrap(),
        fingerprint: NodeKeys::from_bytes(&[node + 1; 64]).fingerprint(),
        intro,
        state: DeliveryState::Active,
        priority: 0,
    }
}

pub fn zero_hash() -> Hash {
    Hash::from_bytes([0; 32])
}

/// The bytes with one bit flipped: at the edges of each region given, and at places between.
pub fn flipped(bytes: &[u8], edges: &[usize]) -> Vec<Vec<u8>> {
    let stride = (bytes.len() / 40).max(1);
    let mut places: Vec<usize> = (0..bytes.len()).step_by(stride).collect();
    places.extend(
        edges
            .iter()
            .flat_map(|edge| [edge.saturating_sub(1), *edge]),
    );
    places.push(bytes.len() - 1);
    places
        .into_iter()
        .filter(|place| *place < bytes.len())
        .map(|place| {
            let mut damaged = bytes.to_vec();
            damaged[place] ^= 1 << (place % 8);
            damaged
        })
        .collect()
}

/// Declares a payload of raw bytes under a namespace, to sign what no honest writer would.
macro_rules! forge {
    ($name:ident, $namespace:expr) => {
        struct $name(Vec<u8>);

        impl shared_crypto::cbor::minicbor::Encode<()> for $name {
            fn encode<W: shared_crypto::cbor::minicbor::encode::Write>(
                &self,
                e: &mut shared_crypto::cbor::minicbor::Encoder<W>,
                _: &mut (),
            ) -> Result<(), shared_crypto::cbor::minicbor::encode::Error<W::Error>> {
                let writer = e.writer_mut();
                writer
                    .write_all(&self.0)
                    .map_err(shared_crypto::cbor::minicbor::encode::Error::write)
            }
        }

        impl<'b> shared_crypto::cbor::minicbor::Decode<'b, ()> for $name {
            fn decode(
                _: &mut shared_crypto::cbor::minicbor::Decoder<'b>,
                _: &mut (),
            ) -> Result<Self, shared_crypto::cbor::minicbor::decode::Error> {
                Err(shared_crypto::cbor::minicbor::decode::Error::message(
                    "write only",
                ))
            }
        }

        impl shared_crypto::signed::Payload for $name {
            const NAMESPACE: &'static str = $namespace;
            const MAX_SIGNED: usize = 1 << 20;
        }
    };
}
pub(crate) use forge;
