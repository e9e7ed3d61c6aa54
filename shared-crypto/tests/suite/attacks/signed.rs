//! Kinds that are signed: what an honest writer makes, and who reads it.

use shared_crypto::event::Event;
use shared_crypto::id::{DeviceId, MessageId, Nonce};
use shared_crypto::key_package::KeyPackage;
use shared_crypto::login::Login;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::peer::PeerRequest;
use shared_crypto::record::{Chain, RecordChanges, RecoveryChanges};
use shared_crypto::signed::{Signed, sign};

use super::{ID, Kind, reads};
use crate::support::{NOW, Node, Person, alice, bob, carol, node_a, node_b, rng};

const NONCE: Nonce = Nonce::from_bytes([0x2a; 32]);

/// Whether a record continues alice's chain, and with whose key.
fn continues(record: &[u8], signer: &Person) -> bool {
    let mut chain = alice().chain.clone();
    chain.extend(&[record]).is_ok() && chain.signing_key() == signer.signing.public()
}

pub(super) fn genesis() -> Kind {
    Kind {
        namespaces: &["zechat/record/v1"],
        name: "genesis record",
        genuine: alice().chain.records()[0].clone(),
        // A chain of other bytes is somebody else's: what was meant is alice's.
        reads: reads(|bytes| {
            Chain::verify(&[bytes]).is_ok_and(|chain| chain.identity() == alice().id())
        }),
        elsewhere: vec![(
            "as a later record",
            reads(|bytes| alice().chain.clone().extend(&[bytes]).is_ok()),
        )],
        stride: 1,
    }
}

pub(super) fn update() -> Kind {
    let mut chain = alice().chain.clone();
    chain
        .append_update(
            RecordChanges::default(),
            &alice().signing,
            NOW,
            &mut rng(10),
        )
        .unwrap();
    Kind {
        namespaces: &["zechat/record/v1"],
        name: "update record",
        genuine: chain.records()[1].clone(),
        reads: reads(|bytes| continues(bytes, alice())),
        elsewhere: vec![
            (
                "in another's chain",
                reads(|bytes| bob().chain.clone().extend(&[bytes]).is_ok()),
            ),
            (
                "twice",
                reads(move |bytes| chain.clone().extend(&[bytes]).is_ok()),
            ),
            ("as genesis", reads(|bytes| Chain::verify(&[bytes]).is_ok())),
        ],
        stride: 1,
    }
}

pub(super) fn recovery() -> Kind {
    let (mut chain, new) = (alice().chain.clone(), carol());
    let changes = RecoveryChanges {
        signing_key: new.signing.public().clone(),
        sealing_key: new.sealing.public().clone(),
        recovery: new.phrase.commitment(),
        delivery: None,
    };
    chain
        .append_recovery(changes, &alice().phrase.recovery_key(), NOW, &mut rng(11))
        .unwrap();
    Kind {
        namespaces: &[
            "zechat/record/v1",
            "zechat/recovery-commitment/v1",
            "zechat/recovery-key/v1",
        ],
        name: "recovery record",
        genuine: chain.records()[1].clone(),
        reads: reads(|bytes| continues(bytes, carol())),
        elsewhere: vec![
            (
                "in another's chain",
                reads(|bytes| bob().chain.clone().extend(&[bytes]).is_ok()),
            ),
            (
                "twice",
                reads(move |bytes| chain.clone().extend(&[bytes]).is_ok()),
            ),
        ],
        stride: 1,
    }
}

pub(super) fn key_package() -> Kind {
    let by = |person: &'static Person| {
        reads(move |bytes| {
            Signed::<KeyPackage>::parse(bytes)
                .is_ok_and(|read| read.verify(person.signing.public()).is_ok())
        })
    };
    Kind {
        namespaces: &["zechat/key-package/v1"],
        name: "key package",
        genuine: alice().package.bytes().to_vec(),
        reads: by(alice()),
        elsewhere: vec![("of another", by(bob()))],
        stride: 1,
    }
}

pub(super) fn event() -> Kind {
    let event = alice().says("hello", bob(), ID);
    let read = |from: &'static Person, to: &'static Person, id: MessageId| {
        reads(move |bytes| Event::verify(bytes, &from.chain, &to.id(), &id).is_ok())
    };
    Kind {
        namespaces: &["zechat/event/v1", "zechat/conversation/v1"],
        name: "event",
        genuine: sign(event, &alice().signing, &mut rng(12))
            .unwrap()
            .bytes()
            .to_vec(),
        reads: read(alice(), bob(), ID),
        elsewhere: vec![
            ("to another recipient", read(alice(), carol(), ID)),
            ("back to its sender", read(alice(), alice(), ID)),
            ("of another sender", read(carol(), bob(), ID)),
            (
                "under another message id",
                read(alice(), bob(), MessageId::from_bytes([0; 16])),
            ),
        ],
        stride: 1,
    }
}

pub(super) fn login() -> Kind {
    let (a, b) = (node_a(), node_b());
    let login = Login {
        node: a.url.clone(),
        fingerprint: a.keys.fingerprint(),
        nonce: NONCE,
        identity: alice().id(),
        device: DeviceId::from_bytes([5; 16]),
        at: NOW,
    };
    let other_nonce = Nonce::from_bytes([0; 32]);
    let at =
        |url: &'static Node, key: &'static Node, nonce: Nonce, who: &'static Person, now: u64| {
            reads(move |bytes| {
                let (fingerprint, key) = (key.keys.fingerprint(), who.signing.public());
                Login::verify(bytes, &url.url, &fingerprint, &nonce, key, now).is_ok()
            })
        };
    Kind {
        namespaces: &["zechat/login/v1"],
        name: "login",
        genuine: login
            .sign(&alice().signing, &mut rng(13))
            .unwrap()
            .bytes()
            .to_vec(),
        reads: at(a, a, NONCE, alice(), NOW),
        elsewhere: vec![
            ("at another node", at(b, b, NONCE, alice(), NOW)),
            ("at another URL", at(b, a, NONCE, alice(), NOW)),
            ("at another key", at(a, b, NONCE, alice(), NOW)),
            ("for another challenge", at(a, a, other_nonce, alice(), NOW)),
            ("as somebody else", at(a, a, NONCE, bob(), NOW)),
            ("too late", at(a, a, NONCE, alice(), NOW + 300_001)),
            ("too early", at(a, a, NONCE, alice(), NOW - 300_001)),
        ],
        stride: 1,
    }
}

pub(super) fn node_document() -> Kind {
    let asked = |asked: &'static Node, known: &'static Node, now: u64| {
        reads(move |bytes| {
            let fingerprint = known.keys.fingerprint();
            NodeDocument::verify(bytes, &asked.url, Some(&fingerprint), now).is_ok()
        })
    };
    let (a, b) = (node_a(), node_b());
    Kind {
        namespaces: &["zechat/node/v1", "zechat/node-key/v1"],
        name: "node document",
        genuine: a.document.bytes().to_vec(),
        reads: asked(a, a, NOW),
        elsewhere: vec![
            ("for another URL", asked(b, a, NOW)),
            ("for another key", asked(a, b, NOW)),
            ("before its time", asked(a, a, NOW - 300_001)),
            ("after its time", asked(a, a, NOW + 86_400_001)),
        ],
        stride: 3,
    }
}

pub(super) fn peer_request() -> Kind {
    let body = b"the body";
    let (from, to) = (node_a(), node_b());
    let request = PeerRequest::sign(
        &from.url,
        &from.keys,
        &to.keys.fingerprint(),
        NOW,
        body,
        &mut rng(14),
    )
    .unwrap();
    let at = |body: &'static [u8], node: &'static Node, now: u64| {
        reads(move |bytes| {
            PeerRequest::verify_bytes(bytes, body, &node.keys.fingerprint(), now).is_ok()
        })
    };
    Kind {
        namespaces: &["zechat/peer/v1"],
        name: "peer request",
        genuine: request.bytes().to_vec(),
        reads: at(body, to, NOW),
        elsewhere: vec![
            ("with another body", at(b"another body", to, NOW)),
            ("at another node", at(body, from, NOW)),
            ("too late", at(body, to, NOW + 300_001)),
            ("too early", at(body, to, NOW - 300_001)),
        ],
        stride: 3,
    }
}
