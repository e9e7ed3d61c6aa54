//! People, and what they send.

use shared_crypto::bundle::Bundle;
use shared_crypto::fixtures;
use shared_crypto::forward::seal_forward;
use shared_crypto::id::{DeviceId, Hash, IdentityId, MailboxId, MessageId, SubmissionId};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::postage::Postage;
use shared_crypto::record::{Chain, Delivery, DeliveryState};
use shared_crypto::rsa_keys::SigningKeyPair;
use shared_crypto::signed::Verified;
use zechat_node::clock::Millis;
use zechat_node::random;

pub fn delivery(url: &NodeUrl, document: &NodeDocument) -> Delivery {
    Delivery {
        node: url.clone(),
        fingerprint: document.fingerprint(),
        intro: MailboxId::from_bytes(random::bytes()),
        state: DeliveryState::Active,
        priority: 0,
    }
}

/// Somebody with an identity.
pub struct Person {
    pub signing: SigningKeyPair,
    pub chain: Chain,
    pub key_package: Verified<KeyPackage>,
    pub device: DeviceId,
}

impl Person {
    pub fn new(number: usize, delivery: &[Delivery], now: Millis) -> Self {
        let (signing, sealing) = fixtures::person(number);
        let recovery = Hash::from_bytes([1; 32]);
        let rng = &mut random::system();
        let chain = Chain::create(
            &signing,
            sealing.public(),
            recovery,
            delivery.to_vec(),
            now,
            rng,
        )
        .unwrap();
        let key_package = make_key_package(&chain, &signing, 1, now);
        Self {
            signing,
            chain,
            key_package,
            device: DeviceId::from_bytes(random::bytes()),
        }
    }

    pub fn identity(&self) -> IdentityId {
        self.chain.identity()
    }

    pub fn intro(&self) -> MailboxId {
        self.chain.delivery()[0].intro
    }

    pub fn bundle(&self) -> Vec<u8> {
        Bundle::new(&self.chain, &self.key_package).to_bytes()
    }
}

pub fn make_key_package(
    chain: &Chain,
    signing: &SigningKeyPair,
    epoch: u64,
    now: Millis,
) -> Verified<KeyPackage> {
    let rng = &mut random::system();
    let receive = ReceiveKeyPair::generate(rng);
    KeyPackage::create(chain.identity(), epoch, &receive, now, signing, rng).unwrap()
}

pub fn mailbox() -> MailboxId {
    MailboxId::from_bytes(random::bytes())
}

pub fn message() -> MessageId {
    MessageId::from_bytes(random::bytes())
}

pub fn submission() -> SubmissionId {
    SubmissionId::from_bytes(random::bytes())
}

/// An envelope that a node takes for one: nobody can open it.
pub fn envelope(size: usize) -> Vec<u8> {
    let mut envelope = vec![0; size];
    envelope[0] = 1;
    envelope[1] = 2;
    let noise: [u8; 32] = random::bytes();
    envelope[size - 32..].copy_from_slice(&noise);
    envelope
}

/// The same for a first contact.
pub fn first_contact() -> Vec<u8> {
    let mut envelope = envelope(16_384);
    envelope[1] = 1;
    envelope[2 + 16 + 1120..][..2].copy_from_slice(&384_u16.to_be_bytes());
    envelope
}

pub fn boxed(node: &NodeDocument, mailbox: &MailboxId, message: &MessageId) -> Vec<u8> {
    let rng = &mut random::system();
    seal_forward(
        node,
        mailbox,
        message,
        &Postage::none(),
        &envelope(4096),
        rng,
    )
    .unwrap()
}
