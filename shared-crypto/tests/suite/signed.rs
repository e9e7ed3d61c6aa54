//! The frame around signed objects, and that no kind passes for another.

use shared_crypto::cbor::{self, DecodeError};
use shared_crypto::event::Event;
use shared_crypto::id::{DeviceId, Hash, MessageId, Nonce};
use shared_crypto::key_package::KeyPackage;
use shared_crypto::login::Login;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::peer::PeerRequest;
use shared_crypto::record::Record;
use shared_crypto::signed::{Payload, Signed, SignedError, Signer, VerifyingKey, sign};

use crate::support::{NOW, alice, bob, describe, flipped, forge, node_a, node_b, rng};

forge!(AsRecord, Record::NAMESPACE);
forge!(AsKeyPackage, KeyPackage::NAMESPACE);
forge!(AsEvent, Event::NAMESPACE);
forge!(AsLogin, Login::NAMESPACE);
forge!(AsNode, NodeDocument::NAMESPACE);
forge!(AsPeer, PeerRequest::NAMESPACE);

fn login() -> Login {
    Login {
        node: node_a().url.clone(),
        fingerprint: node_a().keys.fingerprint(),
        nonce: Nonce::from_bytes([4; 32]),
        identity: alice().id(),
        device: DeviceId::from_bytes([5; 16]),
        at: NOW,
    }
}

fn event() -> Event {
    alice().says("hello", bob(), MessageId::from_bytes([6; 16]))
}

fn peer() -> PeerRequest {
    PeerRequest {
        sender: node_a().url.clone(),
        signing_key: node_a().keys.signing_public(),
        receiver: node_b().keys.fingerprint(),
        at: NOW,
        body_hash: Hash::from_bytes([1; 32]),
    }
}

fn genesis() -> Record {
    Signed::<Record>::parse(&alice().chain.records()[0])
        .unwrap()
        .unverified()
        .clone()
}

/// Signs the payload of a `T` under every namespace with its right key, and sees that only `T`'s own
/// verifies.
fn only_its_own_namespace<T: Payload>(payload: &T, key: &impl Signer, public: &impl VerifyingKey) {
    let encoded = cbor::encode(payload);
    let rng = &mut rng(1);
    let signed = [
        (
            Record::NAMESPACE,
            sign(AsRecord(encoded.clone()), key, rng)
                .unwrap()
                .bytes()
                .to_vec(),
        ),
        (
            KeyPackage::NAMESPACE,
            sign(AsKeyPackage(encoded.clone()), key, rng)
                .unwrap()
                .bytes()
                .to_vec(),
        ),
        (
            Event::NAMESPACE,
            sign(AsEvent(encoded.clone()), key, rng)
                .unwrap()
                .bytes()
                .to_vec(),
        ),
        (
            Login::NAMESPACE,
            sign(AsLogin(encoded.clone()), key, rng)
                .unwrap()
                .bytes()
                .to_vec(),
        ),
        (
            NodeDocument::NAMESPACE,
            sign(AsNode(encoded.clone()), key, rng)
                .unwrap()
                .bytes()
                .to_vec(),
        ),
        (
            PeerRequest::NAMESPACE,
            sign(AsPeer(encoded), key, rng).unwrap().bytes().to_vec(),
        ),
    ];
    let mut verified = 0;
    for (namespace, bytes) in signed {
        let outcome = Signed::<T>::parse(&bytes).unwrap().verify(public);
        if namespace == T::NAMESPACE {
            assert!(outcome.is_ok());
            verified += 1;
        } else {
            assert_eq!(outcome.err(), Some(SignedError::Signature), "{namespace}");
        }
    }
    assert_eq!(verified, 1);
}

#[test]
fn no_kind_passes_for_another() {
    let (key, public) = (&alice().signing, alice().signing.public());
    only_its_own_namespace(&genesis(), key, public);
    only_its_own_namespace(&alice().package.clone().into_inner(), key, public);
    only_its_own_namespace(&event(), key, public);
    only_its_own_namespace(&login(), key, public);
    let keys = &node_a().keys;
    let document = describe(keys, &node_a().url);
    only_its_own_namespace(&document, keys.signing(), &keys.signing_public());
    only_its_own_namespace(&peer(), keys.signing(), &keys.signing_public());
}

#[test]
fn what_is_signed_is_read_back() {
    let signed = sign(login(), &alice().signing, &mut rng(2)).unwrap();
    let read = Signed::<Login>::parse(signed.bytes()).unwrap();
    assert_eq!((read.unverified(), read.hash()), (&login(), signed.hash()));
    let verified = read.verify(alice().signing.public()).unwrap();
    assert_eq!(verified.bytes(), signed.bytes());
    assert_eq!(verified.into_inner(), login());
}

#[test]
fn another_signer_is_refused() {
    let signed = sign(login(), &bob().signing, &mut rng(2)).unwrap();
    let read = Signed::<Login>::parse(signed.bytes()).unwrap();
    assert_eq!(
        read.verify(alice().signing.public()).err(),
        Some(SignedError::Signature)
    );
    let read = Signed::<Login>::parse(signed.bytes()).unwrap();
    let other_algorithm = node_a().keys.signing_public();
    assert_eq!(
        read.verify(&other_algorithm).err(),
        Some(SignedError::Signature)
    );
}

#[test]
fn every_damaged_frame_is_refused() {
    let signed = sign(login(), &alice().signing, &mut rng(2)).unwrap();
    let read = |bytes: &[u8]| {
        Signed::<Login>::parse(bytes).and_then(|login| login.verify(alice().signing.public()))
    };
    assert!(read(signed.bytes()).is_ok());
    for damaged in flipped(signed.bytes(), &[1, 5, signed.bytes().len() - 384]) {
        assert!(read(&damaged).is_err());
    }
    for length in 0..signed.bytes().len() {
        assert!(read(&signed.bytes()[..length]).is_err());
    }
    let longer = [signed.bytes(), &[0]].concat();
    assert_eq!(read(&longer).err(), Some(SignedError::Signature));
}

#[test]
fn frames_say_what_is_wrong() {
    let signed = sign(login(), &alice().signing, &mut rng(2)).unwrap();
    let parse = |bytes: &[u8]| Signed::<Login>::parse(bytes).err();
    let with = |index: usize, byte: u8| {
        let mut bytes = signed.bytes().to_vec();
        bytes[index] = byte;
        bytes
    };
    assert_eq!(parse(&[]), Some(SignedError::Framing));
    assert_eq!(parse(&with(0, 2)), Some(SignedError::UnknownSuite(2)));
    assert_eq!(parse(&with(1, 0xff)), Some(SignedError::Framing));
    assert_eq!(parse(&[1; 3_000]), Some(SignedError::TooLong));
    let negative = with(6, 0x20);
    assert_eq!(
        parse(&negative),
        Some(SignedError::Payload(DecodeError::Keys))
    );
    let long_signature = [signed.bytes(), &[0; 129]].concat();
    assert_eq!(parse(&long_signature), Some(SignedError::Framing));
}
