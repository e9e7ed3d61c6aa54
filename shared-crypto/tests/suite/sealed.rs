//! Forward boxes and sealed lookups: for one node, of fixed sizes.

use shared_crypto::cbor::{ByteArray, Bytes};
use shared_crypto::envelope::CLASSES;
use shared_crypto::forward::{
    CannotOpen, FORWARD_CLASSES, Forwarded, SealError, open_forward, seal_forward,
};
use shared_crypto::id::{MailboxId, MessageId};
use shared_crypto::lookup::{
    LookupAnswer, LookupRequest, MAX_SEALED_ANSWER, SEALED_LOOKUP, open_lookup, seal_lookup,
};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::postage::Postage;

use crate::support::{alice, bob, flipped, node_a, node_b, rng};

const MAILBOX: MailboxId = MailboxId::from_bytes([1; 32]);
const ID: MessageId = MessageId::from_bytes([2; 16]);

fn forward(envelope: &[u8]) -> Vec<u8> {
    let postage = Postage::invite(&[3; 16]);
    seal_forward(
        &node_b().document,
        &MAILBOX,
        &ID,
        &postage,
        envelope,
        &mut rng(1),
    )
    .unwrap()
}

fn request() -> LookupRequest {
    LookupRequest {
        identity: alice().id(),
        from: 3,
    }
}

#[test]
fn a_forward_box_opens_at_its_node() {
    for (class, size) in CLASSES.into_iter().zip(FORWARD_CLASSES) {
        let envelope = vec![7; class];
        let boxed = forward(&envelope);
        assert_eq!(boxed.len(), size);
        let postage = Postage::invite(&[3; 16]);
        let expected = Forwarded {
            mailbox: MAILBOX,
            message_id: ID,
            postage,
            envelope,
        };
        assert_eq!(open_forward(&node_b().keys, &boxed), Ok(expected));
        assert_eq!(open_forward(&node_a().keys, &boxed), Err(CannotOpen));
    }
}

#[test]
fn a_box_is_bound_to_the_fingerprint_also() {
    // The right forward key under another signing key: the info differs.
    let document = NodeDocument {
        forward_key: ByteArray(*node_b().keys.forward_public()),
        ..node_a().document.clone().into_inner()
    };
    let envelope = vec![7; 4_096];
    let postage = Postage::none();
    let boxed = seal_forward(&document, &MAILBOX, &ID, &postage, &envelope, &mut rng(1)).unwrap();
    assert_eq!(open_forward(&node_b().keys, &boxed), Err(CannotOpen));
}

#[test]
fn damaged_boxes_do_not_open() {
    let boxed = forward(&[7; 4_096]);
    for damaged in flipped(&boxed, &[32, 64, 80, 120, boxed.len() - 16]) {
        assert_eq!(open_forward(&node_b().keys, &damaged), Err(CannotOpen));
    }
    for length in (0..boxed.len()).step_by(11) {
        assert_eq!(
            open_forward(&node_b().keys, &boxed[..length]),
            Err(CannotOpen)
        );
    }
    let mut small_order = boxed.clone();
    small_order[..32].fill(0);
    assert_eq!(open_forward(&node_b().keys, &small_order), Err(CannotOpen));
}

#[test]
fn only_envelopes_are_boxed_and_only_to_sound_keys() {
    let document = &node_b().document;
    let none = Postage::none();
    for length in [0, 4_095, 4_097, 65_537] {
        let sealed = seal_forward(
            document,
            &MAILBOX,
            &ID,
            &none,
            &vec![0; length],
            &mut rng(1),
        );
        assert_eq!(sealed, Err(SealError::TooLong));
    }
    let weak = NodeDocument {
        forward_key: ByteArray([0; 32]),
        ..document.clone().into_inner()
    };
    let sealed = seal_forward(&weak, &MAILBOX, &ID, &none, &[0; 4_096], &mut rng(1));
    assert_eq!(sealed, Err(SealError::Key));
    assert_eq!(
        seal_lookup(&weak, &request(), &mut rng(1)).err(),
        Some(SealError::Key)
    );
}

#[test]
fn a_lookup_and_its_answer_open_at_their_ends() {
    let rng = &mut rng(2);
    let (sealed, pending) = seal_lookup(&node_b().document, &request(), rng).unwrap();
    assert_eq!(sealed.len(), SEALED_LOOKUP);
    let (read, responder) = open_lookup(&node_b().keys, &sealed).unwrap();
    assert_eq!(read, request());
    let answer = LookupAnswer::found(alice().chain.records(), Some(alice().package.bytes()));
    assert_eq!((answer.found, answer.more), (true, None));
    let sealed = responder.seal(&answer, rng).unwrap();
    assert_eq!(sealed.len(), 32 + 4_096 + 16);
    assert_eq!(pending.open(&sealed), Ok(answer));
    let nobody = responder.seal(&LookupAnswer::not_found(), rng).unwrap();
    assert_eq!(nobody.len(), sealed.len());
    assert_eq!(pending.open(&nobody), Ok(LookupAnswer::not_found()));
}

#[test]
fn an_answer_is_for_its_request() {
    let rng = &mut rng(3);
    let (sealed, pending) = seal_lookup(&node_b().document, &request(), rng).unwrap();
    let (_, other_pending) = seal_lookup(&node_b().document, &request(), rng).unwrap();
    let (_, responder) = open_lookup(&node_b().keys, &sealed).unwrap();
    let answer = responder.seal(&LookupAnswer::not_found(), rng).unwrap();
    assert_eq!(other_pending.open(&answer), Err(CannotOpen));
    for damaged in flipped(&answer, &[32, answer.len() - 16]) {
        assert_eq!(pending.open(&damaged), Err(CannotOpen));
    }
    for length in (0..answer.len()).step_by(11) {
        assert_eq!(pending.open(&answer[..length]), Err(CannotOpen));
    }
}

#[test]
fn damaged_lookups_do_not_open() {
    let (sealed, _) = seal_lookup(&node_b().document, &request(), &mut rng(4)).unwrap();
    assert!(open_lookup(&node_a().keys, &sealed).is_err());
    for damaged in flipped(&sealed, &[32, sealed.len() - 16]) {
        assert!(open_lookup(&node_b().keys, &damaged).is_err());
    }
    for length in 0..sealed.len() {
        assert!(open_lookup(&node_b().keys, &sealed[..length]).is_err());
    }
    let boxed = forward(&[7; 4_096]);
    assert!(open_lookup(&node_b().keys, &boxed).is_err());
    assert!(open_lookup(&node_b().keys, &boxed[..SEALED_LOOKUP]).is_err());
}

#[test]
fn long_chains_are_cut_and_say_so() {
    let rng = &mut rng(5);
    let (sealed, pending) = seal_lookup(&node_b().document, &request(), rng).unwrap();
    let (_, responder) = open_lookup(&node_b().keys, &sealed).unwrap();
    for length in [0, 1, 23, 24, 255, 256, 700, 16_384] {
        let records = vec![vec![1; length]; 4_096];
        let answer = LookupAnswer::found(&records, Some(bob().package.bytes()));
        let count = answer.records.as_ref().unwrap().len();
        assert_eq!(answer.more, (count < 4_096).then_some(true));
        assert!(count >= 3);
        let sealed = responder.seal(&answer, rng).unwrap();
        assert!(sealed.len() <= MAX_SEALED_ANSWER);
        assert_eq!(pending.open(&sealed), Ok(answer));
    }
    let mut answer = LookupAnswer::found(&[[0; 4]], None);
    answer.records = Some(vec![Bytes(vec![0; 65_536])]);
    assert_eq!(responder.seal(&answer, rng), Err(SealError::TooLong));
}
