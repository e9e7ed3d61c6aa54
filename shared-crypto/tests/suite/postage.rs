//! Postage: work is for one delivery only.

use shared_crypto::id::{MailboxId, MessageId};
use shared_crypto::postage::{Postage, PostageKind, Work};

const MAILBOX: MailboxId = MailboxId::from_bytes([1; 32]);
const ID: MessageId = MessageId::from_bytes([2; 16]);

#[test]
fn work_is_enough_for_its_delivery_and_no_other() {
    let postage = Postage::work(&MAILBOX, &ID, b"envelope", 10, 77);
    assert!(postage.verify(&MAILBOX, &ID, b"envelope", 10));
    assert!(postage.verify(&MAILBOX, &ID, b"envelope", 3));
    let other_mailbox = MailboxId::from_bytes([9; 32]);
    let other_id = MessageId::from_bytes([9; 16]);
    assert!(!postage.verify(&other_mailbox, &ID, b"envelope", 10));
    assert!(!postage.verify(&MAILBOX, &other_id, b"envelope", 10));
    assert!(!postage.verify(&MAILBOX, &ID, b"envelops", 10));
    assert!(!postage.verify(&MAILBOX, &ID, b"envelope", 40));
}

#[test]
fn stepping_finds_what_searching_finds() {
    let mut work = Work::new(&MAILBOX, &ID, b"envelope", 9, u64::MAX - 5);
    let mut steps = 0;
    let found = loop {
        steps += 1;
        if let Some(postage) = work.step(16) {
            break postage;
        }
    };
    assert!(steps > 1, "the search was too short to show anything");
    assert_eq!(
        found,
        Postage::work(&MAILBOX, &ID, b"envelope", 9, u64::MAX - 5)
    );
    assert_eq!(work.step(0), None);
}

#[test]
fn other_postage_is_not_work() {
    let token = Postage::invite(&[3; 16]);
    assert_eq!(token.kind(), PostageKind::Invite([3; 16]));
    for postage in [Postage::none(), token] {
        assert!(postage.verify(&MAILBOX, &ID, b"envelope", 0));
        assert!(!postage.verify(&MAILBOX, &ID, b"envelope", 1));
    }
}

#[test]
fn postage_has_one_form() {
    let work = Postage::work(&MAILBOX, &ID, b"envelope", 4, 1 << 60);
    for postage in [Postage::none(), work, Postage::invite(&[3; 16])] {
        assert_eq!(Postage::from_bytes(postage.as_bytes()), Ok(postage));
        assert_eq!(Postage::parse(&postage.to_text()), Ok(postage));
        let used = match postage.kind() {
            PostageKind::None => 1,
            PostageKind::Work { .. } => 9,
            PostageKind::Invite(_) => 17,
        };
        for index in used..40 {
            let mut bytes = *postage.as_bytes();
            bytes[index] = 1;
            assert!(Postage::from_bytes(&bytes).is_err());
        }
    }
    let mut unknown = [0; 40];
    unknown[0] = 3;
    assert!(Postage::from_bytes(&unknown).is_err());
    for text in [
        "",
        "AA",
        "????",
        &"A".repeat(53),
        &"A".repeat(55),
        &"B".repeat(54),
    ] {
        assert!(Postage::parse(text).is_err(), "{text}");
    }
}
