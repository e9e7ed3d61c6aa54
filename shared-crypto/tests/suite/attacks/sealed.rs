//! Kinds that are sealed to people and nodes.

use shared_crypto::envelope::{
    PairSecret, open_acceptance, open_first_contact, open_lane, seal_acceptance,
    seal_first_contact, seal_lane,
};
use shared_crypto::forward::{open_forward, seal_forward};
use shared_crypto::id::{Hash, MailboxId};
use shared_crypto::lookup::{LookupAnswer, LookupRequest, open_lookup, seal_lookup};
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::postage::Postage;

use super::{ID, Kind, Reads, reads};
use crate::support::{Person, alice, bob, carol, node_a, node_b, rng};

const MAILBOX: MailboxId = MailboxId::from_bytes([0x77; 32]);
const OTHER_MAILBOX: MailboxId = MailboxId::from_bytes([0x78; 32]);

pub(super) fn first_contact() -> Kind {
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

pub(super) fn lane() -> Kind {
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
pub(super) fn acceptance() -> Kind {
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

fn opens_box(keys: &'static NodeKeys) -> Reads {
    reads(move |bytes| open_forward(keys, bytes).is_ok())
}

fn opens_lookup(keys: &'static NodeKeys) -> Reads {
    reads(move |bytes| open_lookup(keys, bytes).is_ok())
}

pub(super) fn forward_box() -> Kind {
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
        reads: opens_box(&node_b().keys),
        elsewhere: vec![
            ("at another node", opens_box(&node_a().keys)),
            (
                "at another signing key",
                reads(move |bytes| open_forward(&other_signer, bytes).is_ok()),
            ),
            ("as a lookup", opens_lookup(&node_b().keys)),
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

pub(super) fn lookup() -> Kind {
    let (sealed, _) = seal_lookup(&node_b().document, &asked(), &mut rng(19)).unwrap();
    Kind {
        namespaces: &["zechat/lookup/v1"],
        name: "lookup",
        genuine: sealed,
        reads: opens_lookup(&node_b().keys),
        elsewhere: vec![
            ("at another node", opens_lookup(&node_a().keys)),
            ("as a forward box", opens_box(&node_b().keys)),
        ],
        stride: 1,
    }
}

pub(super) fn lookup_answer() -> Kind {
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
