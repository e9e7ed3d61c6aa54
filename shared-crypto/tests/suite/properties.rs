//! Properties: whatever the bytes, no parser panics, and what is read was written in that form.

use proptest::collection::vec;
use proptest::prelude::*;
use shared_crypto::bundle::Bundle;
use shared_crypto::cbor::{self, Bytes, walk};
use shared_crypto::envelope::{CLASSES, PairSecret, open_acceptance, open_lane, peek, seal_lane};
use shared_crypto::event::{Body, Content, Event, Name};
use shared_crypto::forward::open_forward;
use shared_crypto::id::{Hash, IdentityId, MailboxId, MessageId, Pass};
use shared_crypto::key_package::KeyPackage;
use shared_crypto::link::ContactLink;
use shared_crypto::live::{ClientBinary, ClientFrame, NodeBinary, NodeFrame};
use shared_crypto::login::Login;
use shared_crypto::lookup::{LookupAnswer, LookupRequest, open_lookup, seal_lookup};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::peer::{DeliverBatch, DeliverResults, PeerRequest};
use shared_crypto::postage::Postage;
use shared_crypto::record::{Chain, Record};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::rsa_keys::{SealingPublicKey, SigningPublicKey};
use shared_crypto::signed::Signed;

use crate::support::{NOW, alice, bob, node_a, node_b, rng};

/// Offers bytes to everything that reads bytes from outside.
fn offer(bytes: &[u8]) {
    let _ = walk(bytes);
    let _ = Signed::<Record>::parse(bytes);
    let _ = Signed::<KeyPackage>::parse(bytes);
    let _ = Signed::<Event>::parse(bytes);
    let _ = Signed::<Login>::parse(bytes);
    let _ = Signed::<NodeDocument>::parse(bytes);
    let _ = Signed::<PeerRequest>::parse(bytes);
    let _ = cbor::decode::<Record>(bytes);
    let _ = cbor::decode::<KeyPackage>(bytes);
    let _ = cbor::decode::<Event>(bytes);
    let _ = cbor::decode::<Login>(bytes);
    let _ = cbor::decode::<NodeDocument>(bytes);
    let _ = cbor::decode::<LookupRequest>(bytes);
    let _ = cbor::decode::<LookupAnswer>(bytes);
    let _ = Chain::verify(&[bytes]);
    let _ = Bundle::verify(bytes);
    let _ = Content::parse(bytes);
    let _ = DeliverBatch::parse(bytes);
    let _ = DeliverResults::parse(bytes);
    let _ = NodeDocument::verify(bytes, &node_a().url, None, NOW);
    let _ = PeerRequest::verify_bytes(bytes, &[], &node_a().keys.fingerprint(), NOW);
    let _ = peek(bytes);
    let _ = open_forward(&node_a().keys, bytes);
    let _ = open_lookup(&node_a().keys, bytes);
    let _ = ClientBinary::parse(bytes);
    let _ = NodeBinary::parse(bytes);
    let _ = SigningPublicKey::from_modulus(bytes);
    let _ = SealingPublicKey::from_modulus(bytes);
    let _ = bytes.first_chunk().map(Postage::from_bytes);
    for kind in 0..15 {
        let _ = Body::decode(kind, bytes);
    }
}

fn offer_text(text: &str) {
    let _ = ClientFrame::parse(text);
    let _ = NodeFrame::parse(text);
    let _ = NodeUrl::parse(text);
    let _ = ContactLink::parse(text);
    let _ = Name::parse(text);
    let _ = RecoveryPhrase::parse(text);
    let _ = Postage::parse(text);
    let _ = PeerRequest::verify(text, &[], &node_a().keys.fingerprint(), NOW);
    let _ = MessageId::parse(text);
}

/// Bytes that look like CBOR more often than random ones do.
fn cbor_like() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        0u8..0x20,
        0x40u8..0x48,
        0x60u8..0x68,
        0x80u8..0x84,
        0xa0u8..0xac,
        Just(0x18),
        Just(0x58),
        any::<u8>(),
    ];
    vec(byte, 0..200)
}

fn samples() -> Vec<Vec<u8>> {
    vec![
        alice().chain.records()[0].clone(),
        alice().package.bytes().to_vec(),
        node_a().document.bytes().to_vec(),
        Bundle::new(&alice().chain, &alice().package).to_bytes(),
    ]
}

/// What a reader takes is the one encoding of what it read.
fn one_encoding<T>(bytes: &[u8])
where
    T: for<'b> cbor::minicbor::Decode<'b, ()> + cbor::minicbor::Encode<()>,
{
    if let Ok(value) = cbor::decode::<T>(bytes) {
        assert_eq!(cbor::encode(&value), bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_panic_any_parser(bytes in vec(any::<u8>(), 0..3_000)) {
        offer(&bytes);
    }

    #[test]
    fn no_cbor_like_bytes_panic_any_parser(bytes in cbor_like()) {
        offer(&bytes);
        let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
        offer(&[&[1], length.as_slice(), &bytes, &[7; 64]].concat());
    }

    #[test]
    fn no_text_panics_any_parser(text in any::<String>(), json in "[\\[\\]{}\":,a-z0-9_]{0,80}") {
        offer_text(&text);
        offer_text(&json);
        offer_text(&format!("https://{json}"));
        offer_text(&format!("https://a.example/i#{json}"));
    }

    #[test]
    fn changed_objects_neither_panic_nor_verify(
        sample in 0usize..4,
        place in any::<prop::sample::Index>(),
        byte in 1u8..,
        cut in any::<prop::sample::Index>(),
    ) {
        let good = &samples()[sample];
        let mut bytes = good.clone();
        bytes[place.index(good.len())] ^= byte;
        offer(&bytes);
        prop_assert!(Chain::verify(&[&bytes]).is_err());
        prop_assert!(Bundle::verify(&bytes).is_err());
        prop_assert!(NodeDocument::verify(&bytes, &node_a().url, None, NOW).is_err());
        offer(&good[..cut.index(good.len())]);
        let inserted = [&good[..place.index(good.len())], &[byte], &good[place.index(good.len())..]];
        offer(&inserted.concat());
    }

    #[test]
    fn what_is_read_has_one_encoding(bytes in cbor_like()) {
        one_encoding::<u64>(&bytes);
        one_encoding::<Bytes>(&bytes);
        one_encoding::<String>(&bytes);
        one_encoding::<Vec<u64>>(&bytes);
        one_encoding::<Vec<Vec<bool>>>(&bytes);
        if !bytes.contains(&0x18) {
            one_encoding::<Pair>(&bytes);
        }
    }

    #[test]
    fn bodies_come_back(text in ".{1,200}", ids in vec(any::<[u8; 16]>(), 1..20), split in 0usize..20) {
        let body = Body::Text(text);
        prop_assert_eq!(Body::decode(body.kind(), &body.to_bytes().unwrap()), Ok(body));
        let mut delivered: Vec<_> = ids.into_iter().map(MessageId::from_bytes).collect();
        let read = delivered.split_off(split.min(delivered.len()));
        let body = Body::Receipt { delivered, read };
        prop_assert_eq!(Body::decode(body.kind(), &body.to_bytes().unwrap()), Ok(body));
    }

    #[test]
    fn links_come_back(identity in any::<[u8; 32]>(), pass in any::<Option<[u8; 8]>>(), invite in any::<Option<[u8; 16]>>(), port in 1u16..) {
        prop_assume!(port != 443);
        let node = NodeUrl::parse(&format!("https://n{port}.example:{port}")).unwrap();
        let node_mark = [7; 10];
        let pass = pass.map(Pass::from_bytes);
        let link = ContactLink { node, node_mark, identity: IdentityId::from_bytes(identity), pass, invite };
        prop_assert_eq!(ContactLink::parse(&link.to_string()), Ok(link));
    }

    #[test]
    fn names_are_stable(text in any::<String>()) {
        if let Ok(name) = Name::parse(&text) {
            prop_assert_eq!(Name::parse(name.as_str()), Ok(name.clone()));
            prop_assert_eq!(cbor::decode::<Name>(&cbor::encode(&name)), Ok(name));
        }
    }
}

shared_crypto::cbor_map! {
    struct Pair {
        0 => first: u64,
        5 => second: Option<Bytes>,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn lane_messages_come_back_and_not_when_changed(
        content in vec(any::<u8>(), 0..6_000),
        seed in any::<u64>(),
        place in any::<prop::sample::Index>(),
        bit in 0u32..8,
    ) {
        let (from, to) = (alice().id(), bob());
        let mailbox = MailboxId::from_bytes([1; 32]);
        let pair = PairSecret::derive(&[1; 32], &[2; 32], &from, &to.id(), &Hash::from_bytes([3; 32]));
        let mut envelope =
            seal_lane(&content, &from, &to.id(), &mailbox, &to.package, &pair, None, &mut rng(seed))
                .unwrap();
        prop_assert!(CLASSES.contains(&envelope.len()));
        let open = |envelope: &[u8]| {
            open_lane(envelope, &from, &to.id(), &mailbox, &to.receive, &pair)
        };
        let opened = open(&envelope).unwrap();
        prop_assert_eq!(opened.as_slice(), content.as_slice());
        let place = place.index(envelope.len());
        envelope[place] ^= 1 << bit;
        prop_assert!(open(&envelope).is_err());
    }

    #[test]
    fn no_envelope_shaped_bytes_panic(
        start in vec(any::<u8>(), 1_600),
        kind in 1u8..=2,
        length in prop_oneof![Just(0u16), 384u16..=512],
        class in 0usize..2,
    ) {
        let mut envelope = vec![0; CLASSES[class]];
        envelope[..1_600].copy_from_slice(&start);
        envelope[..2].copy_from_slice(&[1, kind]);
        envelope[1_138..1_140].copy_from_slice(&length.to_be_bytes());
        let _ = peek(&envelope);
        let _ = open_acceptance(&envelope, &bob().sealing, &mut rng(1));
        let pair = PairSecret::from_bytes(&[1; 32]);
        let (from, to) = (alice().id(), bob());
        let mailbox = MailboxId::from_bytes([1; 32]);
        prop_assert!(open_lane(&envelope, &from, &to.id(), &mailbox, &to.receive, &pair).is_err());
    }

    #[test]
    fn no_answer_panics(bytes in vec(any::<u8>(), 0..200), seed in any::<u64>()) {
        let request = LookupRequest { identity: alice().id(), from: seed };
        let (_, pending) = seal_lookup(&node_b().document, &request, &mut rng(seed)).unwrap();
        prop_assert!(pending.open(&bytes).is_err());
    }
}
