//! Node documents, logins, requests between nodes, bundles and key packages.

use shared_crypto::bundle::{Bundle, BundleError};
use shared_crypto::cbor::{self, ByteArray, Bytes, DecodeError};
use shared_crypto::id::{DeviceId, Nonce};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::login::{Login, LoginError};
use shared_crypto::node_document::{NodeDocument, NodeDocumentError};
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::peer::{
    DeliverBatch, DeliverItem, DeliverResult, DeliverResults, MAX_BATCH, PeerError, PeerRequest,
};
use shared_crypto::problem::ProblemCode;
use shared_crypto::record::ChainError;
use shared_crypto::signed::{Signed, SignedError, sign};
use shared_crypto::time::{CLOCK_SKEW, DAY, REFRESH};

use crate::support::{NOW, alice, bob, describe, flipped, forge, node_a, node_b, rng};

forge!(ForgedPackage, "zechat/key-package/v1");

const NONCE: Nonce = Nonce::from_bytes([4; 32]);

fn login() -> Login {
    Login {
        node: node_a().url.clone(),
        fingerprint: node_a().keys.fingerprint(),
        nonce: NONCE,
        identity: alice().id(),
        device: DeviceId::from_bytes([5; 16]),
        at: NOW,
    }
}

fn log_in(bytes: &[u8]) -> Result<(), LoginError> {
    let (url, fingerprint) = (&node_a().url, node_a().keys.fingerprint());
    Login::verify(
        bytes,
        url,
        &fingerprint,
        &NONCE,
        alice().signing.public(),
        NOW,
    )
    .map(|_| ())
}

fn signed_login(login: Login) -> Vec<u8> {
    login
        .sign(&alice().signing, &mut rng(1))
        .unwrap()
        .bytes()
        .to_vec()
}

#[test]
fn a_login_is_for_one_node_one_challenge_and_now() {
    assert_eq!(log_in(&signed_login(login())), Ok(()));
    let other = node_b();
    for (login, error) in [
        (
            Login {
                node: other.url.clone(),
                ..login()
            },
            LoginError::OtherNode,
        ),
        (
            Login {
                fingerprint: other.keys.fingerprint(),
                ..login()
            },
            LoginError::OtherNode,
        ),
        (
            Login {
                nonce: Nonce::from_bytes([3; 32]),
                ..login()
            },
            LoginError::OtherNonce,
        ),
        (
            Login {
                at: NOW - CLOCK_SKEW - 1,
                ..login()
            },
            LoginError::Time,
        ),
        (
            Login {
                at: NOW + CLOCK_SKEW + 1,
                ..login()
            },
            LoginError::Time,
        ),
        (
            Login {
                at: u64::MAX,
                ..login()
            },
            LoginError::Time,
        ),
        (Login { at: 0, ..login() }, LoginError::Time),
    ] {
        assert_eq!(log_in(&signed_login(login)), Err(error));
    }
    for at in [NOW - CLOCK_SKEW, NOW + CLOCK_SKEW] {
        assert_eq!(log_in(&signed_login(Login { at, ..login() })), Ok(()));
    }
    let by_bob = login().sign(&bob().signing, &mut rng(1)).unwrap();
    assert_eq!(
        log_in(by_bob.bytes()),
        Err(LoginError::Signed(SignedError::Signature))
    );
}

#[test]
fn damaged_logins_are_refused() {
    let bytes = signed_login(login());
    for damaged in flipped(&bytes, &[1, 5, bytes.len() - 384]) {
        assert!(log_in(&damaged).is_err());
    }
    assert_eq!(log_in(&[]), Err(LoginError::Signed(SignedError::Framing)));
}

#[test]
fn a_node_document_is_for_its_url_and_key() {
    let (node, other) = (node_a(), node_b());
    let bytes = node.document.bytes();
    let fingerprint = node.keys.fingerprint();
    let read = NodeDocument::verify(bytes, &node.url, Some(&fingerprint), NOW).unwrap();
    assert_eq!(
        (read.fingerprint(), read.url.clone()),
        (fingerprint, node.url.clone())
    );
    assert!(NodeDocument::verify(bytes, &node.url, None, NOW).is_ok());
    let verify = |url, fingerprint, now| NodeDocument::verify(bytes, url, fingerprint, now).err();
    assert_eq!(
        verify(&other.url, None, NOW),
        Some(NodeDocumentError::OtherUrl)
    );
    let theirs = other.keys.fingerprint();
    assert_eq!(
        verify(&node.url, Some(&theirs), NOW),
        Some(NodeDocumentError::OtherKey)
    );
    assert_eq!(verify(&node.url, None, NOW + DAY), None);
    assert_eq!(
        verify(&node.url, None, NOW + DAY + 1),
        Some(NodeDocumentError::NotNow)
    );
    assert_eq!(verify(&node.url, None, NOW - CLOCK_SKEW), None);
    assert_eq!(
        verify(&node.url, None, NOW - CLOCK_SKEW - 1),
        Some(NodeDocumentError::NotNow)
    );
}

#[test]
fn a_document_must_be_signed_by_the_key_it_names() {
    let (node, other) = (node_a(), node_b());
    let stolen = describe(&node.keys, &node.url)
        .sign(&other.keys, &mut rng(1))
        .unwrap();
    let error = NodeDocument::verify(stolen.bytes(), &node.url, None, NOW).unwrap_err();
    assert_eq!(error, NodeDocumentError::Signed(SignedError::Signature));
    for damaged in flipped(
        node.document.bytes(),
        &[1, 5, node.document.bytes().len() - 64],
    ) {
        let fingerprint = node.keys.fingerprint();
        assert!(NodeDocument::verify(&damaged, &node.url, Some(&fingerprint), NOW).is_err());
    }
}

#[test]
fn documents_out_of_bounds_are_neither_written_nor_read() {
    let node = node_a();
    let good = || describe(&node.keys, &node.url);
    for document in [
        NodeDocument {
            software: "x".repeat(257),
            ..good()
        },
        NodeDocument {
            software: "a\nb".into(),
            ..good()
        },
        NodeDocument {
            name: Some("x".repeat(257)),
            ..good()
        },
        NodeDocument {
            postage_bits: 41,
            ..good()
        },
        NodeDocument {
            expires_at: NOW - 1,
            ..good()
        },
    ] {
        let outcome = document.sign(&node.keys, &mut rng(1)).err();
        assert_eq!(outcome, Some(SignedError::Payload(DecodeError::Shape)));
    }
}

#[test]
fn node_keys_survive_storage_and_are_not_shown() {
    let keys = NodeKeys::generate(&mut rng(1));
    let again = NodeKeys::from_bytes(&keys.to_bytes());
    assert_eq!(again.fingerprint(), keys.fingerprint());
    assert_eq!(again.forward_public(), keys.forward_public());
    assert_eq!(again.to_bytes(), keys.to_bytes());
    assert!(format!("{keys:?}").len() < 60);
}

#[test]
fn a_peer_request_is_for_one_node_one_body_and_now() {
    let (from, to, other) = (&node_a().keys, node_b().keys.fingerprint(), node_a());
    let rng = &mut rng(1);
    let request = PeerRequest::sign(&node_a().url, from, &to, NOW, b"body", rng).unwrap();
    let header = PeerRequest::to_header(&request);
    let read = PeerRequest::verify(&header, b"body", &to, NOW).unwrap();
    assert_eq!(
        (read.fingerprint(), &read.sender),
        (from.fingerprint(), &node_a().url)
    );
    let verify = |body: &[u8], own: &_, now| PeerRequest::verify(&header, body, own, now).err();
    assert_eq!(verify(b"bodi", &to, NOW), Some(PeerError::Body));
    assert_eq!(verify(b"", &to, NOW), Some(PeerError::Body));
    let own = other.keys.fingerprint();
    assert_eq!(verify(b"body", &own, NOW), Some(PeerError::OtherReceiver));
    assert_eq!(
        verify(b"body", &to, NOW + CLOCK_SKEW + 1),
        Some(PeerError::Time)
    );
    assert_eq!(
        verify(b"body", &to, NOW - CLOCK_SKEW - 1),
        Some(PeerError::Time)
    );
}

#[test]
fn damaged_peer_headers_are_refused() {
    let (from, to) = (&node_a().keys, node_b().keys.fingerprint());
    let request = PeerRequest::sign(&node_a().url, from, &to, NOW, b"", &mut rng(1)).unwrap();
    for damaged in flipped(request.bytes(), &[1, 5, request.bytes().len() - 64]) {
        assert!(PeerRequest::verify_bytes(&damaged, b"", &to, NOW).is_err());
    }
    let header = PeerRequest::to_header(&request);
    let verify = |header: &str| PeerRequest::verify(header, b"", &to, NOW).err();
    assert_eq!(verify("é"), Some(PeerError::Header));
    assert_eq!(verify(&format!("{header}=")), Some(PeerError::Header));
    assert_eq!(verify(""), Some(PeerError::Signed(SignedError::Framing)));
    let long = "A".repeat(1 << 20);
    assert_eq!(verify(&long), Some(PeerError::Signed(SignedError::TooLong)));
}

#[test]
fn batches_are_bounded_and_without_repetition() {
    let item = |item| DeliverItem {
        item,
        forward_box: Bytes(vec![1, 2]),
    };
    let batch = |items: Vec<_>| DeliverBatch { items };
    let good = batch((0..64).map(item).collect());
    assert_eq!(DeliverBatch::parse(&good.to_bytes()), Ok(good));
    for bad in [
        batch((0..65).map(item).collect()),
        batch(vec![item(1), item(2), item(1)]),
    ] {
        assert_eq!(
            DeliverBatch::parse(&bad.to_bytes()),
            Err(DecodeError::Shape)
        );
    }
    assert_eq!(
        DeliverBatch::parse(&vec![0; (4 << 20) + 1]),
        Err(DecodeError::Shape)
    );
    let result = |item, code| DeliverResult { item, code };
    let results = DeliverResults {
        items: vec![
            result(0, None),
            result(1, Some(ProblemCode::UnknownMailbox)),
        ],
    };
    assert_eq!(DeliverResults::parse(&results.to_bytes()), Ok(results));
    let many = (0..=64).map(|item| result(item, None)).collect();
    assert_eq!(MAX_BATCH, 64);
    assert!(DeliverResults::parse(&DeliverResults { items: many }.to_bytes()).is_err());
    let twice = DeliverResults {
        items: vec![result(7, None), result(7, None)],
    };
    assert!(DeliverResults::parse(&twice.to_bytes()).is_err());
}

#[test]
fn bundles_verify_as_a_whole() {
    let person = alice();
    let bytes = Bundle::new(&person.chain, &person.package).to_bytes();
    let (chain, package) = Bundle::verify(&bytes).unwrap();
    assert_eq!(
        (chain.head(), package.id()),
        (person.chain.head(), person.package.id())
    );
    let mixed = Bundle::new(&person.chain, &bob().package).to_bytes();
    let error = Bundle::verify(&mixed).unwrap_err();
    assert_eq!(error, BundleError::KeyPackage(SignedError::Signature));
    let rng = &mut rng(1);
    let of_bob =
        KeyPackage::create(bob().id(), 1, &person.receive, NOW, &person.signing, rng).unwrap();
    let error = Bundle::verify(&Bundle::new(&person.chain, &of_bob).to_bytes()).unwrap_err();
    assert_eq!(error, BundleError::OtherIdentity);
    for damaged in flipped(&bytes, &[1, 2]) {
        assert!(Bundle::verify(&damaged).is_err());
    }
    let empty = cbor::encode(&Bundle {
        records: vec![],
        key_package: Bytes(vec![]),
        invite: None,
    });
    assert_eq!(
        Bundle::verify(&empty).unwrap_err(),
        BundleError::Chain(ChainError::Empty)
    );
}

#[test]
fn a_key_package_of_a_replaced_key_is_refused() {
    let (chain, _) = alice().with_another_key();
    let error = Bundle::verify(&Bundle::new(&chain, &alice().package).to_bytes()).unwrap_err();
    assert_eq!(error, BundleError::KeyPackage(SignedError::Signature));
}

#[test]
fn key_packages_out_of_bounds_are_neither_written_nor_read() {
    let person = alice();
    let good = person.package.clone().into_inner();
    assert_eq!(good.refresh_at, NOW + REFRESH);
    let mut weak = good.public_key;
    weak.0[1_184..].fill(0);
    let mut out_of_range = good.public_key;
    out_of_range.0[..3].fill(0xff);
    for package in [
        KeyPackage {
            epoch: 0,
            ..good.clone()
        },
        KeyPackage {
            refresh_at: NOW + REFRESH + 1,
            ..good.clone()
        },
        KeyPackage {
            created_at: u64::MAX,
            ..good.clone()
        },
        KeyPackage {
            public_key: weak,
            ..good.clone()
        },
        KeyPackage {
            public_key: out_of_range,
            ..good.clone()
        },
        KeyPackage {
            public_key: ByteArray([0; 1_216]),
            ..good
        },
    ] {
        let forged = sign(
            ForgedPackage(cbor::encode(&package)),
            &person.signing,
            &mut rng(1),
        );
        let read = Signed::<KeyPackage>::parse(forged.unwrap().bytes()).err();
        assert_eq!(read, Some(SignedError::Payload(DecodeError::Shape)));
        assert!(sign(package, &person.signing, &mut rng(1)).is_err());
    }
}

#[test]
fn receive_keys_survive_storage() {
    let key = ReceiveKeyPair::generate(&mut rng(1));
    assert_eq!(
        ReceiveKeyPair::from_bytes(&key.to_bytes()).public(),
        key.public()
    );
}
