//! Who appears in the vectors: made from frozen keys and fixed seeds.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use shared_crypto::cbor::ByteArray;
use shared_crypto::fixtures;
use shared_crypto::id::{DeviceId, IdentityId, MailboxId};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::node_document::{NodeDocument, Registration};
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::{Chain, Delivery, DeliveryState};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::rsa_keys::SigningKeyPair;
use shared_crypto::signed::Verified;
use shared_crypto::time::{DAY, Millis};

pub const NOW: Millis = 1_790_000_000_000;
pub const DEVICE: DeviceId = DeviceId::from_bytes([0xd1; 16]);

pub struct Person {
    pub signing: SigningKeyPair,
    /// Index of the sealing key among the frozen keys.
    pub sealing_index: usize,
    pub phrase: RecoveryPhrase,
    pub chain: Chain,
    pub receive: ReceiveKeyPair,
    pub package: Verified<KeyPackage>,
    pub intro: MailboxId,
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub fn person(number: u8) -> Person {
    let rng = &mut rng(u64::from(number));
    let index = usize::from(number);
    let (signing, sealing) = fixtures::person(index);
    let phrase = RecoveryPhrase::from_entropy(&[0xe0 | number; 16]);
    let intro = MailboxId::from_bytes([0xa0 | number; 32]);
    let list = vec![delivery(number, intro)];
    let chain = Chain::create(
        &signing,
        sealing.public(),
        phrase.commitment(),
        list,
        NOW,
        rng,
    )
    .expect("a chain");
    let receive = ReceiveKeyPair::from_bytes(&[0xb0 | number; 32]);
    let package =
        KeyPackage::create(chain.identity(), 1, &receive, NOW, &signing, rng).expect("a package");
    let sealing_index = index.saturating_mul(2).saturating_add(1);
    Person {
        signing,
        sealing_index,
        phrase,
        chain,
        receive,
        package,
        intro,
    }
}

impl Person {
    pub fn id(&self) -> IdentityId {
        self.chain.identity()
    }

    pub fn sealing_pkcs8(&self) -> &'static [u8] {
        fixtures::key_pkcs8(self.sealing_index)
    }
}

pub fn node_url(number: u8) -> NodeUrl {
    NodeUrl::parse(&format!("https://node-{number}.example")).expect("a URL")
}

pub fn node_keys(number: u8) -> NodeKeys {
    NodeKeys::from_bytes(&[0xc0 | number; 64])
}

/// The private half of the node's signing key.
pub fn node_seed(number: u8) -> [u8; 32] {
    [0xc0 | number; 32]
}

pub fn delivery(node: u8, intro: MailboxId) -> Delivery {
    Delivery {
        node: node_url(node),
        fingerprint: node_keys(node).fingerprint(),
        intro,
        state: DeliveryState::Active,
        priority: 0,
    }
}

pub fn document(number: u8) -> NodeDocument {
    let keys = node_keys(number);
    NodeDocument {
        url: node_url(number),
        signing_key: keys.signing_public(),
        forward_key: ByteArray(*keys.forward_public()),
        issued_at: NOW,
        expires_at: NOW.saturating_add(DAY),
        software: "zechat-node 0.1.0".into(),
        registration: Registration::Open,
        retention_seconds: 1_814_400,
        quota_bytes: 67_108_864,
        quota_count: 10_000,
        postage_bits: 16,
        name: Some("Example".into()),
        closing_at: None,
        vault_quota_bytes: None,
    }
}
