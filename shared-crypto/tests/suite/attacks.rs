//! Every sealed or signed kind against every attack: one table, so that a new kind cannot be forgotten.
//!
//! A kind is what an honest writer makes, how its reader reads it, and who else might be tricked into
//! reading it: another person, place, time or purpose. [`every_namespace_is_in_the_table`] finds kinds that
//! are not listed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use data_encoding::BASE64URL_NOPAD;
use shared_crypto::cbor::Bytes;
use shared_crypto::envelope::{
    PairSecret, open_acceptance, open_first_contact, open_lane, seal_acceptance,
    seal_first_contact, seal_lane,
};
use shared_crypto::event::{Body, Event, NO_PREVIOUS, conversation_of};
use shared_crypto::forward::{open_forward, seal_forward};
use shared_crypto::id::{DeviceId, Hash, MailboxId, MessageId, Nonce};
use shared_crypto::key_package::KeyPackage;
use shared_crypto::login::Login;
use shared_crypto::lookup::{LookupAnswer, LookupRequest, open_lookup, seal_lookup};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::peer::PeerRequest;
use shared_crypto::postage::Postage;
use shared_crypto::record::{Chain, RecordChanges, RecoveryChanges};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::signed::{Signed, sign};
use shared_crypto::vault::{
    FORMAT, Manifest, VaultAuth, VaultCall, VaultHalf, VaultIndex, VaultKey, VaultOwner,
    VaultRequest, open_chunk, seal_chunk, unlock_key,
};

use crate::support::{NOW, Node, Person, alice, bob, carol, node_a, node_b, rng};

/// Whether a reader takes the bytes.
type Reads = Box<dyn Fn(&[u8]) -> bool + Send + Sync>;

struct Kind {
    /// The namespaces that bind it.
    namespaces: &'static [&'static str],
    name: &'static str,
    genuine: Vec<u8>,
    reads: Reads,
    /// Readers in other circumstances, who must refuse the genuine bytes.
    elsewhere: Vec<(&'static str, Reads)>,
    /// How many bytes apart bits are flipped: RSA decryption takes its time.
    stride: usize,
}

const MAILBOX: MailboxId = MailboxId::from_bytes([0x77; 32]);
const OTHER_MAILBOX: MailboxId = MailboxId::from_bytes([0x78; 32]);
const ID: MessageId = MessageId::from_bytes([0x3c; 16]);
const NONCE: Nonce = Nonce::from_bytes([0x2a; 32]);

/// All of them, made once.
fn kinds() -> &'static [Kind] {
    static KINDS: OnceLock<Vec<Kind>> = OnceLock::new();
    KINDS.get_or_init(|| {
        vec![
            genesis(),
            update(),
            recovery(),
            key_package(),
            event(),
            login(),
            node_document(),
            peer_request(),
            first_contact(),
            lane(),
            acceptance(),
            forward_box(),
            lookup(),
            lookup_answer(),
            vault_request(),
            vault_owner(),
            vault_manifest(),
            vault_chunk(),
        ]
    })
}

/// Whether a record continues alice's chain, and with whose key.
fn continues(record: &[u8], signer: &Person) -> bool {
    let mut chain = alice().chain.clone();
    chain.extend(&[record]).is_ok() && chain.signing_key() == signer.signing.public()
}

fn reads(reads: impl Fn(&[u8]) -> bool + Send + Sync + 'static) -> Reads {
    Box::new(reads)
}

fn genesis() -> Kind {
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

fn update() -> Kind {
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

fn recovery() -> Kind {
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

fn key_package() -> Kind {
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

fn event() -> Kind {
    let body = Body::Text("hello".into());
    let event = Event {
        sender: alice().id(),
        record: alice().chain.head(),
        recipient: bob().id(),
        conversation: conversation_of(&alice().id(), &bob().id()),
        device: DeviceId::from_bytes([5; 16]),
        counter: 1,
        previous: NO_PREVIOUS,
        sent_at: NOW,
        message_id: ID,
        kind: body.kind(),
        body: Bytes(body.to_bytes().unwrap()),
        lifetime: None,
    };
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

fn login() -> Kind {
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

fn node_document() -> Kind {
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

fn peer_request() -> Kind {
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

fn first_contact() -> Kind {
    let to = bob();
    let sealed = seal_first_contact(
        b"hello",
        &to.id(),
        &to.intro,
        &to.package,
        to.sealing.public(),
        &mut rng(15),
    )
    .unwrap();
    let open = |who: &'static Person,
                mailbox: MailboxId,
                receive: &'static Person,
                sealing: &'static Person| {
        reads(move |bytes| {
            let (receive, sealing) = (&receive.receive, &sealing.sealing);
            open_first_contact(bytes, &who.id(), &mailbox, receive, sealing, &mut rng(1)).is_ok()
        })
    };
    Kind {
        namespaces: &[
            "zechat/envelope/v1",
            "zechat/first-contact/v1",
            "zechat/oaep-reject/v1",
        ],
        name: "first contact",
        genuine: sealed.envelope,
        reads: open(to, to.intro, to, to),
        elsewhere: vec![
            ("by another", open(carol(), carol().intro, carol(), carol())),
            ("under another id", open(carol(), to.intro, to, to)),
            ("in another mailbox", open(to, OTHER_MAILBOX, to, to)),
            ("with another receive key", open(to, to.intro, carol(), to)),
            ("with another sealing key", open(to, to.intro, to, carol())),
        ],
        stride: 131,
    }
}

/// The pair secret of two people, from halves that depend on `halves`.
fn pair(halves: u8, initiator: &Person, responder: &Person) -> PairSecret {
    let pairing = Hash::from_bytes([8; 32]);
    PairSecret::derive(
        &[halves; 32],
        &[2; 32],
        &initiator.id(),
        &responder.id(),
        &pairing,
    )
}

fn lane() -> Kind {
    let (from, to) = (alice(), bob());
    let secret = pair(1, from, to);
    let envelope = seal_lane(
        b"hello",
        &from.id(),
        &to.id(),
        &MAILBOX,
        &to.package,
        &secret,
        None,
        &mut rng(16),
    )
    .unwrap();
    let open = |from: &'static Person,
                to: &'static Person,
                mailbox: MailboxId,
                receive: &'static Person,
                halves: u8| {
        reads(move |bytes| {
            let secret = pair(halves, alice(), bob());
            open_lane(
                bytes,
                &from.id(),
                &to.id(),
                &mailbox,
                &receive.receive,
                &secret,
            )
            .is_ok()
        })
    };
    Kind {
        namespaces: &["zechat/envelope/v1", "zechat/pair/v1"],
        name: "lane message",
        genuine: envelope,
        reads: open(from, to, MAILBOX, to, 1),
        elsewhere: vec![
            ("of another sender", open(carol(), to, MAILBOX, to, 1)),
            ("to another recipient", open(from, carol(), MAILBOX, to, 1)),
            ("reflected", open(to, from, MAILBOX, to, 1)),
            ("in another mailbox", open(from, to, OTHER_MAILBOX, to, 1)),
            (
                "with another receive key",
                open(from, to, MAILBOX, carol(), 1),
            ),
            ("with another pair secret", open(from, to, MAILBOX, to, 3)),
        ],
        stride: 7,
    }
}

/// R of an acceptance. It has no reader that refuses: whatever it gives is half of a pair secret, so what
/// is read is whether it gives the right one.
fn acceptance() -> Kind {
    let (from, to) = (alice(), bob());
    let r = seal_acceptance(&[6; 32], to.sealing.public(), &mut rng(17)).unwrap();
    let secret = pair(1, from, to);
    let envelope = seal_lane(
        b"hello",
        &from.id(),
        &to.id(),
        &MAILBOX,
        &to.package,
        &secret,
        Some(&r),
        &mut rng(17),
    )
    .unwrap();
    let (start, end) = (1_140, 1_140 + r.len());
    let learns = move |whose: &'static Person| {
        let around = envelope.clone();
        reads(move |bytes| {
            let Ok(r) = <&[u8; 384]>::try_from(bytes) else {
                return false;
            };
            let mut envelope = around.clone();
            envelope[start..end].copy_from_slice(r);
            open_acceptance(&envelope, &whose.sealing, &mut rng(1))
                .is_some_and(|half| *half == [6; 32])
        })
    };
    Kind {
        namespaces: &["zechat/acceptance/v1", "zechat/oaep-reject/v1"],
        name: "acceptance",
        genuine: r,
        reads: learns(to),
        elsewhere: vec![("by another", learns(carol()))],
        stride: 7,
    }
}

fn forward_box() -> Kind {
    let envelope = vec![7; 4_096];
    let postage = Postage::invite(&[3; 16]);
    let boxed = seal_forward(
        &node_b().document,
        &MAILBOX,
        &ID,
        &postage,
        &envelope,
        &mut rng(18),
    )
    .unwrap();
    let mut same_forward_key = node_b().keys.to_bytes();
    same_forward_key[0] ^= 1;
    let other_signer = NodeKeys::from_bytes(&same_forward_key);
    Kind {
        namespaces: &["zechat/forward/v1"],
        name: "forward box",
        genuine: boxed,
        reads: reads(|bytes| open_forward(&node_b().keys, bytes).is_ok()),
        elsewhere: vec![
            (
                "at another node",
                reads(|bytes| open_forward(&node_a().keys, bytes).is_ok()),
            ),
            (
                "at another signing key",
                reads(move |bytes| open_forward(&other_signer, bytes).is_ok()),
            ),
            (
                "as a lookup",
                reads(|bytes| open_lookup(&node_b().keys, bytes).is_ok()),
            ),
        ],
        stride: 7,
    }
}

fn asked() -> LookupRequest {
    LookupRequest {
        identity: alice().id(),
        from: 0,
    }
}

fn lookup() -> Kind {
    let (sealed, _) = seal_lookup(&node_b().document, &asked(), &mut rng(19)).unwrap();
    Kind {
        namespaces: &["zechat/lookup/v1"],
        name: "lookup",
        genuine: sealed,
        reads: reads(|bytes| open_lookup(&node_b().keys, bytes).is_ok()),
        elsewhere: vec![
            (
                "at another node",
                reads(|bytes| open_lookup(&node_a().keys, bytes).is_ok()),
            ),
            (
                "as a forward box",
                reads(|bytes| open_forward(&node_b().keys, bytes).is_ok()),
            ),
        ],
        stride: 1,
    }
}

fn lookup_answer() -> Kind {
    let (sealed, pending) = seal_lookup(&node_b().document, &asked(), &mut rng(20)).unwrap();
    let (_, responder) = open_lookup(&node_b().keys, &sealed).unwrap();
    let answer = responder
        .seal(
            &LookupAnswer::found(alice().chain.records(), None),
            &mut rng(21),
        )
        .unwrap();
    let (_, other) = seal_lookup(&node_b().document, &asked(), &mut rng(22)).unwrap();
    Kind {
        namespaces: &["zechat/lookup-answer/v1"],
        name: "lookup answer",
        genuine: answer,
        reads: reads(move |bytes| pending.open(bytes).is_ok()),
        elsewhere: vec![(
            "for another request",
            reads(move |bytes| other.open(bytes).is_ok()),
        )],
        stride: 7,
    }
}

fn vault_of(number: u8) -> (VaultAuth, VaultHalf, VaultKey) {
    let phrase = RecoveryPhrase::from_entropy(&[number; 16]);
    let key = VaultKey::from_bytes(&[number; 32]);
    (VaultAuth::of(&phrase), VaultHalf::of(&phrase), key)
}

fn vault_request() -> Kind {
    let (auth, _, _) = vault_of(1);
    let subject = Hash::from_bytes([4; 32]);
    let (call, at) = (VaultCall::ReadChunk, &node_a().url);
    let header = VaultRequest::header(&auth, at, call, Some(subject), NOW, &mut rng(30)).unwrap();
    let read = |vault: u8, node: &'static Node, call: VaultCall, subject: Hash, now: u64| {
        reads(move |bytes| {
            let (vault, header) = (vault_of(vault).0.vault(), BASE64URL_NOPAD.encode(bytes));
            VaultRequest::verify(&header, &node.url, &vault, call, Some(&subject), now).is_ok()
        })
    };
    let other = Hash::from_bytes([5; 32]);
    Kind {
        namespaces: &["zechat/vault-request/v1", "zechat/vault-auth/v1"],
        name: "vault request",
        genuine: BASE64URL_NOPAD.decode(header.as_bytes()).unwrap(),
        reads: read(1, node_a(), call, subject, NOW),
        elsewhere: vec![
            ("for another vault", read(2, node_a(), call, subject, NOW)),
            ("at another node", read(1, node_b(), call, subject, NOW)),
            (
                "to write",
                read(1, node_a(), VaultCall::WriteChunk, subject, NOW),
            ),
            ("for another chunk", read(1, node_a(), call, other, NOW)),
            ("too late", read(1, node_a(), call, subject, NOW + 300_001)),
            ("too early", read(1, node_a(), call, subject, NOW - 300_001)),
        ],
        stride: 3,
    }
}

fn vault_owner() -> Kind {
    let owner = VaultOwner {
        node: node_a().url.clone(),
        fingerprint: node_a().keys.fingerprint(),
        vault: vault_of(1).0.vault(),
        identity: alice().id(),
        at: NOW,
    };
    let read = |node: &'static Node, vault: u8, who: &'static Person, now: u64| {
        reads(move |bytes| {
            let (fingerprint, vault) = (node.keys.fingerprint(), vault_of(vault).0.vault());
            VaultOwner::verify(
                bytes,
                &node.url,
                &fingerprint,
                &vault,
                who.signing.public(),
                now,
            )
            .is_ok()
        })
    };
    Kind {
        namespaces: &["zechat/vault-owner/v1"],
        name: "vault owner",
        genuine: owner
            .sign(&alice().signing, &mut rng(31))
            .unwrap()
            .bytes()
            .to_vec(),
        reads: read(node_a(), 1, alice(), NOW),
        elsewhere: vec![
            ("at another node", read(node_b(), 1, alice(), NOW)),
            ("for another vault", read(node_a(), 2, alice(), NOW)),
            ("by another", read(node_a(), 1, bob(), NOW)),
            ("too late", read(node_a(), 1, alice(), NOW + 300_001)),
        ],
        stride: 3,
    }
}

fn vault_manifest() -> Kind {
    let (auth, half, key) = vault_of(1);
    let unlock = unlock_key("", &half, &auth.vault());
    let wrapped = Manifest::wrap(&unlock, &key, &auth.vault(), &mut rng(32)).unwrap();
    let index = VaultIndex {
        format: FORMAT,
        identity: alice().id(),
        saved_at: NOW,
        nodes: Vec::new(),
        sections: Vec::new(),
        has_passphrase: false,
    };
    let manifest =
        Manifest::create(&auth, &key, 1, Vec::new(), wrapped, &index, &mut rng(33)).unwrap();
    let read = |vault: u8, half: u8| {
        let unlock = unlock_key("", &vault_of(half).1, &vault_of(vault).0.vault());
        reads(move |bytes| {
            let vault = vault_of(vault).0.vault();
            Manifest::verify(bytes, &vault).is_ok_and(|manifest| manifest.open(&unlock).is_ok())
        })
    };
    Kind {
        namespaces: &[
            "zechat/vault-manifest/v1",
            "zechat/vault-wrap/v1",
            "zechat/vault-index/v1",
            "zechat/vault-unlock/v1",
            "zechat/vault-half/v1",
        ],
        name: "vault manifest",
        genuine: manifest.bytes().to_vec(),
        reads: read(1, 1),
        elsewhere: vec![
            ("of another vault", read(2, 2)),
            ("with another phrase", read(1, 2)),
        ],
        stride: 41,
    }
}

fn vault_chunk() -> Kind {
    let (auth, _, key) = vault_of(1);
    let read = |vault: u8, key: u8| {
        reads(move |bytes| open_chunk(&vault_of(key).2, &vault_of(vault).0.vault(), bytes).is_ok())
    };
    Kind {
        namespaces: &["zechat/vault-chunk/v1"],
        name: "vault chunk",
        genuine: seal_chunk(&key, &auth.vault(), b"content", &mut rng(34)).unwrap(),
        reads: read(1, 1),
        elsewhere: vec![
            ("in another vault", read(2, 1)),
            ("with another key", read(1, 2)),
        ],
        stride: 29,
    }
}

#[test]
fn every_kind_is_read_where_it_belongs() {
    for kind in kinds() {
        assert!((kind.reads)(&kind.genuine), "{}", kind.name);
    }
}

#[test]
fn one_flipped_bit_anywhere_is_refused() {
    for kind in kinds() {
        for place in (0..kind.genuine.len()).step_by(kind.stride) {
            let mut damaged = kind.genuine.clone();
            damaged[place] ^= 1 << (place % 8);
            assert!(
                !(kind.reads)(&damaged),
                "{}: a bit of byte {place}",
                kind.name
            );
        }
    }
}

#[test]
fn truncation_at_every_length_is_refused() {
    for kind in kinds() {
        for length in 0..kind.genuine.len() {
            assert!(
                !(kind.reads)(&kind.genuine[..length]),
                "{}: {length} bytes",
                kind.name
            );
        }
    }
}

#[test]
fn bytes_after_the_end_are_refused() {
    for kind in kinds() {
        for more in [1, 2, 32] {
            let longer = [kind.genuine.as_slice(), &vec![0; more]].concat();
            assert!(!(kind.reads)(&longer), "{}: {more} bytes more", kind.name);
        }
    }
}

#[test]
fn what_was_made_for_others_is_refused() {
    for kind in kinds() {
        assert!(
            !kind.elsewhere.is_empty(),
            "{} has a wrong recipient",
            kind.name
        );
        for (circumstance, reads) in &kind.elsewhere {
            assert!(!reads(&kind.genuine), "{} {circumstance}", kind.name);
        }
    }
}

#[test]
fn no_kind_is_read_as_another() {
    for kind in kinds() {
        for other in kinds() {
            if kind.name != other.name {
                assert!(
                    !(kind.reads)(&other.genuine),
                    "{} as {}",
                    other.name,
                    kind.name
                );
            }
        }
    }
}

/// Namespaces that sign and seal nothing, with where it is shown that they keep things apart.
const DERIVATIONS: &[(&str, &str)] = &[
    ("zechat/link/v1", "each_changed_character_is_refused"),
    (
        "zechat/postage/v1",
        "work_is_enough_for_its_delivery_and_no_other",
    ),
    (
        "zechat/safety-number/v1",
        "safety_numbers_are_the_same_from_both_sides",
    ),
    // A salt: who stretches a passphrase for one vault has it for no other.
    (
        "zechat/vault-salt/v1",
        "a_manifest_opens_with_phrase_and_passphrase",
    ),
    // Slots of a lock stay on the device: nobody else is meant, and no peer can hand one over.
    (
        "zechat/lock-passphrase/v1",
        "a_passphrase_opens_its_slot_and_no_other_does",
    ),
    (
        "zechat/lock-passkey/v1",
        "a_passkey_opens_its_slot_and_no_other_does",
    ),
    // Exports are signed lines that anybody may verify.
    ("zechat/export/v1", "shared-crypto/src/export.rs"),
    ("zechat/export-lines/v1", "shared-crypto/src/export.rs"),
    // In tests of the functions themselves.
    (
        "zechat/a/v1",
        "namespaces_and_boundaries_matter_and_parts_do_not",
    ),
    (
        "zechat/b/v1",
        "namespaces_and_boundaries_matter_and_parts_do_not",
    ),
];

#[test]
fn every_namespace_is_in_the_table() {
    let mut listed: BTreeSet<String> = DERIVATIONS
        .iter()
        .map(|(namespace, _)| (*namespace).to_owned())
        .collect();
    for kind in kinds() {
        listed.extend(
            kind.namespaces
                .iter()
                .map(|namespace| (*namespace).to_owned()),
        );
    }
    let mut used = BTreeSet::new();
    read_folder(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut used,
    );
    assert_eq!(used, listed);
}

fn read_folder(folder: &Path, used: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(&path, used);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let strings = text.split('"').skip(1).step_by(2);
        let namespaces =
            strings.filter(|text| text.starts_with("zechat/") && text.ends_with("/v1"));
        used.extend(namespaces.map(str::to_owned));
    }
}
