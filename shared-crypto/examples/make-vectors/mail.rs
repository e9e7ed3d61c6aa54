//! Families of envelopes, made by [`crate::plain`] and therefore not by the library that reads them.

use serde_json::{Value, json};
use shared_crypto::envelope::PairSecret;
use shared_crypto::id::{Hash, MailboxId};

use crate::family::{Family, changed, cut, hex, same, with};
use crate::people::{Person, person};
use crate::plain::{self, Envelope};

const CONTACT: MailboxId = MailboxId::from_bytes([0x77; 32]);
const CONTENT: &[u8] = b"content of an envelope";
/// Where R begins.
const R: usize = 1_140;

fn hint(person: &Person) -> Vec<u8> {
    person
        .package
        .id()
        .as_bytes()
        .get(..16)
        .expect("a hash")
        .to_vec()
}

struct Parts {
    hint: Vec<u8>,
    public_key: [u8; 1_216],
    recipient: [u8; 32],
}

impl Parts {
    fn of(person: &Person) -> Self {
        Self {
            hint: hint(person),
            public_key: person.receive.public(),
            recipient: *person.id().as_bytes(),
        }
    }
}

fn opening(person: &Person, mailbox: &MailboxId) -> Value {
    json!({
        "recipient": hex(person.id().as_bytes()),
        "mailbox": hex(mailbox.as_bytes()),
        "receive_seed": hex(*person.receive.to_bytes()),
    })
}

pub fn first_contact() -> Family {
    let mut family = Family::new(
        "first-contact",
        "Envelopes of kind 1, protocol §6 and §8. `of` repeats the bytes of another case, with one \
         byte changed or cut short.",
    );
    let (bob, carol) = (person(1), person(2));
    let parts = Parts::of(&bob);
    let r1 = [0x61; 32];
    let r = plain::oaep(bob.sealing_index, "zechat/first-contact/v1", &r1);
    let padded = plain::pad(CONTENT, 16_384 - R - r.len() - 32 - 16);
    let envelope = Envelope {
        kind: 1,
        hint: &parts.hint,
        public_key: &parts.public_key,
        r: &r,
        other: &r1,
        sender: &[0; 32],
        recipient: &parts.recipient,
        mailbox: bob.intro.as_bytes(),
        padded: &padded,
        seed: 50,
        break_commitment: false,
    };
    let sealed = envelope.seal();
    let header = sealed.get(..R + r.len()).expect("a header");
    let pairing = plain::h("zechat/pair/v1", header);
    let input = with(
        &opening(&bob, &bob.intro),
        json!({"envelope": hex(&sealed), "sealing_key": hex(bob.sealing_pkcs8())}),
    );
    let expected = json!({"content": hex(CONTENT), "r1": hex(r1), "pairing": hex(pairing)});
    family.valid("opens", input.clone(), expected);
    let base = with(
        &input,
        json!({"envelope": same("opens"), "sealing_key": same("opens")}),
    );
    let bad_commitment = Envelope {
        break_commitment: true,
        ..envelope
    }
    .seal();
    let label = plain::oaep(bob.sealing_index, "zechat/acceptance/v1", &r1);
    let other_label = Envelope {
        r: &label,
        ..copy(&envelope)
    }
    .seal();
    let sender = *carol.id().as_bytes();
    let with_sender = Envelope {
        sender: &sender,
        ..copy(&envelope)
    }
    .seal();
    for (name, reason, fields) in [
        (
            "other recipient",
            "the id is in the keys",
            json!({"recipient": hex(carol.id().as_bytes())}),
        ),
        (
            "other mailbox",
            "the mailbox is in the keys",
            json!({"mailbox": hex(CONTACT.as_bytes())}),
        ),
        (
            "other receive key",
            "not its owner",
            json!({"receive_seed": hex([1; 32])}),
        ),
        (
            "other sealing key",
            "implicit rejection",
            json!({"sealing_key": hex(carol.sealing_pkcs8())}),
        ),
        (
            "other label",
            "implicit rejection",
            json!({"envelope": hex(&other_label)}),
        ),
        (
            "a sender in the keys",
            "32 zero bytes stand there",
            json!({"envelope": hex(&with_sender)}),
        ),
        (
            "broken commitment",
            "compared before AES-GCM",
            json!({"envelope": hex(&bad_commitment)}),
        ),
        (
            "unknown suite",
            "suite 0",
            json!({"envelope": changed("opens", 0, 1)}),
        ),
        (
            "other kind",
            "a lane message",
            json!({"envelope": changed("opens", 1, 3)}),
        ),
        (
            "flipped hint",
            "in the header",
            json!({"envelope": changed("opens", 2, 1)}),
        ),
        (
            "flipped ML-KEM",
            "implicit rejection",
            json!({"envelope": changed("opens", 500, 1)}),
        ),
        (
            "flipped X25519",
            "another secret",
            json!({"envelope": changed("opens", 1_110, 1)}),
        ),
        (
            "impossible length of R",
            "0 in a first contact",
            json!({"envelope": changed("opens", 1_138, 1)}),
        ),
        (
            "flipped R",
            "implicit rejection",
            json!({"envelope": changed("opens", R + 100, 1)}),
        ),
        (
            "flipped commitment",
            "does not match",
            json!({"envelope": changed("opens", R + 384, 1)}),
        ),
        (
            "flipped ciphertext",
            "the tag does not match",
            json!({"envelope": changed("opens", 9_000, 1)}),
        ),
        (
            "flipped tag",
            "the tag does not match",
            json!({"envelope": changed("opens", 16_383, 1)}),
        ),
        (
            "too small",
            "4,096 bytes",
            json!({"envelope": cut("opens", 4_096)}),
        ),
        (
            "cut",
            "no permitted size",
            json!({"envelope": cut("opens", 16_383)}),
        ),
    ] {
        family.invalid(name, reason, "CannotOpen", with(&base, fields));
    }
    family
}

/// The same envelope, to change one part of.
fn copy<'a>(envelope: &Envelope<'a>) -> Envelope<'a> {
    Envelope { ..*envelope }
}

fn pair() -> [u8; 32] {
    [0x70; 32]
}

pub fn pair_secret() -> Family {
    let mut family = Family::new("pair-secret", "The pair secret, protocol §8.");
    let (initiator, responder) = (person(0).id(), person(1).id());
    let (r1, r2, pairing) = ([0x61; 32], [0x62; 32], [0x63; 32]);
    let transcript = plain::h(
        "zechat/pair/v1",
        &[
            initiator.as_bytes().as_slice(),
            responder.as_bytes(),
            &pairing,
        ]
        .concat(),
    );
    let secret = plain::kdf("zechat/pair/v1", &[r1, r2].concat(), &transcript, 32);
    let pairing_hash = Hash::from_bytes(pairing);
    let derived = PairSecret::derive(&r1, &r2, &initiator, &responder, &pairing_hash);
    assert_eq!(derived.to_bytes().as_slice(), secret);
    family.valid(
        "of two halves",
        json!({
            "r1": hex(r1),
            "r2": hex(r2),
            "initiator": hex(initiator.as_bytes()),
            "responder": hex(responder.as_bytes()),
            "pairing": hex(pairing),
        }),
        json!({"pair": hex(secret)}),
    );
    family
}

/// A lane message from person 0 to person 1 of 4,096 bytes, whose padded content is `padded`.
fn lane_of(padded: &[u8], r: &[u8], pair: &[u8], seed: u64) -> Vec<u8> {
    let (alice, bob) = (person(0), person(1));
    let parts = Parts::of(&bob);
    let sender = *alice.id().as_bytes();
    let envelope = Envelope {
        kind: 2,
        hint: &parts.hint,
        public_key: &parts.public_key,
        r,
        other: pair,
        sender: &sender,
        recipient: &parts.recipient,
        mailbox: CONTACT.as_bytes(),
        padded,
        seed,
        break_commitment: false,
    };
    envelope.seal()
}

fn lane_input() -> Value {
    let (alice, bob) = (person(0), person(1));
    with(
        &opening(&bob, &CONTACT),
        json!({"sender": hex(alice.id().as_bytes()), "pair": hex(pair())}),
    )
}

pub fn lane() -> Family {
    let mut family = Family::new(
        "lane",
        "Envelopes of kind 2, protocol §6 and §8; with `sealing_key`, the R they carry is opened too.",
    );
    let (alice, bob, carol) = (person(0), person(1), person(2));
    let room = 4_096 - R - 32 - 16;
    let plain_lane = lane_of(&plain::pad(CONTENT, room), &[], &pair(), 60);
    let input = with(&lane_input(), json!({"envelope": hex(&plain_lane)}));
    family.valid("without R", input.clone(), json!({"content": hex(CONTENT)}));
    let r2 = [0x62; 32];
    let r = plain::oaep(bob.sealing_index, "zechat/acceptance/v1", &r2);
    let with_r = lane_of(&plain::pad(CONTENT, room - r.len()), &r, &pair(), 61);
    let sealing_key = hex(bob.sealing_pkcs8());
    family.valid(
        "with R",
        with(
            &input,
            json!({"envelope": hex(&with_r), "sealing_key": sealing_key}),
        ),
        json!({"content": hex(CONTENT), "r2": hex(r2)}),
    );
    let base = with(&input, json!({"envelope": same("without R")}));
    let bob_id = hex(bob.id().as_bytes());
    let reflected = json!({"sender": bob_id, "recipient": hex(alice.id().as_bytes())});
    for (name, reason, fields) in [
        (
            "other sender",
            "the id is in the keys",
            json!({"sender": hex(carol.id().as_bytes())}),
        ),
        (
            "other recipient",
            "the id is in the keys",
            json!({"recipient": hex(carol.id().as_bytes())}),
        ),
        ("reflected", "ids have their places", reflected),
        (
            "other mailbox",
            "the mailbox is in the keys",
            json!({"mailbox": hex(bob.intro.as_bytes())}),
        ),
        (
            "other receive key",
            "not its owner",
            json!({"receive_seed": hex([1; 32])}),
        ),
        (
            "other pair",
            "not a contact",
            json!({"pair": hex([0x71; 32])}),
        ),
        (
            "unknown suite",
            "suite 3",
            json!({"envelope": changed("without R", 0, 2)}),
        ),
        (
            "unknown kind",
            "kind 6",
            json!({"envelope": changed("without R", 1, 4)}),
        ),
        (
            "flipped R",
            "the header is in the keys",
            json!({"envelope": changed("with R", R, 1)}),
        ),
        (
            "flipped commitment",
            "does not match",
            json!({"envelope": changed("without R", R, 1)}),
        ),
        (
            "flipped ciphertext",
            "the tag does not match",
            json!({"envelope": changed("without R", 3_000, 1)}),
        ),
        (
            "cut",
            "no permitted size",
            json!({"envelope": cut("without R", 4_095)}),
        ),
        ("empty", "no permitted size", json!({"envelope": ""})),
    ] {
        family.invalid(name, reason, "CannotOpen", with(&base, fields));
    }
    family
}

pub fn padding() -> Family {
    let mut family = Family::new(
        "padding",
        "Padding inside lane messages, protocol §6, under right keys and tags.",
    );
    let room = 4_096 - R - 32 - 16;
    let base = with(&lane_input(), json!({}));
    let case = |padded: &[u8], seed| {
        with(
            &base,
            json!({"envelope": hex(lane_of(padded, &[], &pair(), seed))}),
        )
    };
    let full = vec![0x5f; room - 4];
    family.valid(
        "nothing",
        case(&plain::pad(&[], room), 70),
        json!({"content": ""}),
    );
    family.valid(
        "full",
        case(&plain::pad(&full, room), 71),
        json!({"content": hex(&full)}),
    );
    let spoilt = |at: usize| {
        let mut padded = plain::pad(CONTENT, room);
        if let Some(byte) = padded.get_mut(at) {
            *byte ^= 1;
        }
        padded
    };
    let announced = |length: usize| {
        let length = u32::try_from(length).expect("short").to_be_bytes();
        let mut padded = plain::pad(CONTENT, room);
        for (byte, new) in padded.iter_mut().zip(length) {
            *byte = new;
        }
        padded
    };
    for (name, reason, padded) in [
        (
            "first byte not zero",
            "padding is zero",
            spoilt(4 + CONTENT.len()),
        ),
        ("last byte not zero", "padding is zero", spoilt(room - 1)),
        (
            "length beyond the end",
            "one byte too many",
            announced(room - 3),
        ),
        (
            "boundless length",
            "the largest number",
            announced(4_294_967_295),
        ),
        (
            "content cut",
            "what follows the content is not zero",
            announced(CONTENT.len() - 1),
        ),
    ] {
        family.invalid(name, reason, "CannotOpen", case(&padded, 72));
    }
    family
}
