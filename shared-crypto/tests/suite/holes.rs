//! Holes that earlier systems of this kind had, each as a test named after the hole. The threat model
//! lists them, with the tests of other crates that belong to them.

use shared_crypto::cbor::{self, Bytes};
use shared_crypto::envelope::{CannotOpen, PairSecret, open_lane, seal_lane};
use shared_crypto::event::{Content, Event, EventError};
use shared_crypto::id::{DeviceId, Hash, MailboxId, MessageId, Nonce};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::login::{Login, LoginError};
use shared_crypto::node_document::{NodeDocument, NodeDocumentError};
use shared_crypto::record::{Chain, ChainError, RecordChanges};
use shared_crypto::signed::{SignedError, sign};

use crate::records::next_update;
use crate::support::{NOW, Person, alice, bob, carol, delivery, describe, node_a, node_b, rng};

const CONTACT: MailboxId = MailboxId::from_bytes([0x77; 32]);
const ID: MessageId = MessageId::from_bytes([0x3c; 16]);

fn said(by: &Person, to: &Person) -> Event {
    by.says("meet me at nine", to, ID)
}

fn pair() -> PairSecret {
    PairSecret::derive(
        &[1; 32],
        &[2; 32],
        &alice().id(),
        &bob().id(),
        &Hash::from_bytes([8; 32]),
    )
}

/// Who guesses what somebody typed must not get their identity: it comes from a random key, and even the
/// same recovery phrase makes another one.
#[test]
fn hole_identity_derived_from_a_password() {
    let phrase = &alice().phrase;
    let identity = |keys: &Person| {
        let list = vec![delivery(0, keys.intro)];
        Chain::create(
            &keys.signing,
            keys.sealing.public(),
            phrase.commitment(),
            list,
            NOW,
            &mut rng(1),
        )
        .unwrap()
        .identity()
    };
    assert_ne!(identity(alice()), identity(bob()));
    // And the phrase alone signs nothing but a recovery that the identity committed to.
    let mut chain = alice().chain.clone();
    let recovery = phrase.recovery_key();
    let record = sign(next_update(&chain), &recovery, &mut rng(2)).unwrap();
    assert_eq!(
        chain.extend(&[record.bytes()]),
        Err(ChainError::Record(SignedError::Signature))
    );
}

/// The name in the sender field is a claim; the key of that identity must have signed it.
#[test]
fn hole_sender_field_believed() {
    let forged = sign(said(alice(), bob()), &carol().signing, &mut rng(3)).unwrap();
    assert_eq!(
        Event::verify(forged.bytes(), &alice().chain, &bob().id(), &ID).err(),
        Some(EventError::Signed(SignedError::Signature))
    );
    // Nor does an own chain help that is offered along with the claim.
    assert_eq!(
        Event::verify(forged.bytes(), &carol().chain, &bob().id(), &ID).err(),
        Some(EventError::Sender)
    );
}

/// A node that is asked for a login cannot use the answer at another node.
#[test]
fn hole_challenge_not_bound_to_the_nodes_name() {
    let (evil, honest) = (node_a(), node_b());
    // The evil node passes on the honest one's challenge as its own.
    let nonce = Nonce::from_bytes([9; 32]);
    let login = Login {
        node: evil.url.clone(),
        fingerprint: evil.keys.fingerprint(),
        nonce,
        identity: alice().id(),
        device: DeviceId::from_bytes([5; 16]),
        at: NOW,
    };
    let signed = login.sign(&alice().signing, &mut rng(4)).unwrap();
    let key = alice().signing.public();
    let relayed = Login::verify(
        signed.bytes(),
        &honest.url,
        &honest.keys.fingerprint(),
        &nonce,
        key,
        NOW,
    );
    assert_eq!(relayed.err(), Some(LoginError::OtherNode));
    // The same URL with another key is another node.
    let taken_over = Login::verify(
        signed.bytes(),
        &evil.url,
        &honest.keys.fingerprint(),
        &nonce,
        key,
        NOW,
    );
    assert_eq!(taken_over.err(), Some(LoginError::OtherNode));
}

/// A changed ciphertext gives no text at all, rather than a changed one.
#[test]
fn hole_encryption_without_authentication() {
    let envelope = lane(b"pay 100");
    for place in (1_172..envelope.len()).step_by(61) {
        let mut changed = envelope.clone();
        changed[place] ^= 1;
        assert_eq!(open(&changed, &bob().receive, &pair()), Err(CannotOpen));
    }
}

/// What alice said to bob, bob cannot pass on to carol as said to her.
#[test]
fn hole_signature_not_bound_to_the_recipient() {
    let to_bob = sign(said(alice(), bob()), &alice().signing, &mut rng(5)).unwrap();
    let content = Content {
        event: Bytes(to_bob.bytes().to_vec()),
        key_package: None,
        records: None,
    };
    // Sealed anew to carol; her reader opens it and looks inside.
    let read = Content::parse(&content.to_bytes()).unwrap();
    assert_eq!(
        Event::verify(&read.event.0, &alice().chain, &carol().id(), &ID).err(),
        Some(EventError::Recipient)
    );
}

/// One object has one encoding, so it has one id: no other spelling of the same record is taken.
#[test]
fn hole_id_over_a_text_encoding() {
    let genesis = alice().chain.records()[0].clone();
    let length = u32::from_be_bytes(genesis[1..5].try_into().unwrap());
    let payload = &genesis[5..5 + usize::try_from(length).unwrap()];
    // `0: 0` as its kind in two bytes: the same value for a lenient reader.
    let mut wider = vec![payload[0], 0x00, 0x18, 0x00];
    wider.extend_from_slice(&payload[3..]);
    assert!(cbor::walk(payload).is_ok());
    assert_eq!(cbor::walk(&wider), Err(cbor::DecodeError::NotShortest));
    // And the text forms of an id are one: letters in the other case are another id.
    let text = alice().id().to_string();
    let swapped: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_lowercase() {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    assert!(
        shared_crypto::id::IdentityId::parse(&swapped).map_or(true, |other| other != alice().id())
    );
    assert!(shared_crypto::id::IdentityId::parse(&format!("{text}=")).is_err());
    assert!(shared_crypto::id::IdentityId::parse(&format!(" {text}")).is_err());
}

/// The previous hash of a record is compared and not only carried.
#[test]
fn hole_hash_chain_never_verified() {
    let update = |chain: &Chain, seed| {
        let mut chain = chain.clone();
        chain
            .append_update(
                RecordChanges::default(),
                &alice().signing,
                NOW + seed,
                &mut rng(seed),
            )
            .unwrap();
        chain
    };
    let one = update(&alice().chain, 1);
    let other = update(&alice().chain, 2);
    let two = update(&one, 3);
    let (genesis, second) = (alice().chain.records()[0].clone(), two.records()[2].clone());
    // A record of the middle exchanged for another that its owner signed, too.
    let spliced = [genesis.clone(), other.records()[1].clone(), second.clone()];
    assert_eq!(Chain::verify(&spliced).err(), Some(ChainError::Previous));
    // And left out.
    assert_eq!(
        Chain::verify(&[genesis, second]).err(),
        Some(ChainError::Number {
            expected: 1,
            found: 2
        })
    );
}

/// A node is its key, not its name: whoever gets the name (and a certificate for it) is not the node.
#[test]
fn hole_certificate_checked_by_name_only() {
    let (honest, thief) = (node_a(), node_b());
    let posing = describe(&thief.keys, &honest.url)
        .sign(&thief.keys, &mut rng(6))
        .unwrap();
    let known = honest.keys.fingerprint();
    assert_eq!(
        NodeDocument::verify(posing.bytes(), &honest.url, Some(&known), NOW).err(),
        Some(NodeDocumentError::OtherKey)
    );
}

/// A key for each message is worth nothing under a key that never changes. Here the receive key
/// changes: once its private part is destroyed, recorded mail stays shut to everything that is left.
#[test]
fn hole_forward_secrecy_from_a_message_key_under_a_static_key() {
    let recorded = lane(b"of last month");
    assert!(open(&recorded, &bob().receive, &pair()).is_ok());
    // What a thief finds after the key was replaced: identity keys, pair secret, the next receive key.
    let next = ReceiveKeyPair::from_bytes(&[0x99; 32]);
    let package =
        KeyPackage::create(bob().id(), 2, &next, NOW, &bob().signing, &mut rng(7)).unwrap();
    assert_ne!(package.id(), bob().package.id());
    assert_eq!(open(&recorded, &next, &pair()), Err(CannotOpen));
    // The other half is needed as well: the receive key without the pair secret opens nothing.
    assert_eq!(
        open(&recorded, &bob().receive, &PairSecret::from_bytes(&[0; 32])),
        Err(CannotOpen)
    );
}

fn lane(content: &[u8]) -> Vec<u8> {
    let (from, to) = (alice().id(), bob());
    seal_lane(
        content,
        &from,
        &to.id(),
        &CONTACT,
        &to.package,
        &pair(),
        None,
        &mut rng(8),
    )
    .unwrap()
}

fn open(
    envelope: &[u8],
    receive: &ReceiveKeyPair,
    pair: &PairSecret,
) -> Result<Vec<u8>, CannotOpen> {
    open_lane(
        envelope,
        &alice().id(),
        &bob().id(),
        &CONTACT,
        receive,
        pair,
    )
    .map(|content| content.to_vec())
}

/// A thief who could take the last epoch would keep the owner from ever publishing a key package again.
#[test]
fn an_epoch_ahead_of_time_is_refused() {
    let make = |epoch: u64, at: u64| {
        let person = bob();
        KeyPackage::create(
            person.id(),
            epoch,
            &person.receive,
            at,
            &person.signing,
            &mut rng(9),
        )
    };
    assert!(make(NOW / 1_000, NOW).is_ok());
    assert!(make(NOW / 1_000 + 1, NOW).is_err());
    assert!(make(u64::MAX, NOW).is_err());
    assert!(make(u64::MAX, u64::MAX).is_err());
}
