//! Envelopes: they open for whom they are meant, where they are meant, and for nobody else.

use shared_crypto::envelope::{
    CLASSES, CannotOpen, EnvelopeError, EnvelopeKind, PairSecret, SealError, max_content,
    open_acceptance, open_first_contact, open_lane, peek, seal_acceptance, seal_first_contact,
    seal_lane,
};
use shared_crypto::id::{Hash, MailboxId};
use zeroize::Zeroizing;

use crate::support::{Person, alice, bob, carol, flipped, rng};

const CONTACT: MailboxId = MailboxId::from_bytes([0x77; 32]);
/// Where the parts of an envelope with an R of 384 bytes begin.
const PARTS: [usize; 8] = [1, 2, 18, 1_106, 1_138, 1_140, 1_524, 1_556];

fn pairing() -> Hash {
    Hash::from_bytes([8; 32])
}

fn pair() -> PairSecret {
    PairSecret::derive(&[1; 32], &[2; 32], &alice().id(), &bob().id(), &pairing())
}

fn first_contact(content: &[u8]) -> Vec<u8> {
    let to = bob();
    let public = to.sealing.public();
    let sealed = seal_first_contact(
        content,
        &to.id(),
        &to.intro,
        &to.package,
        public,
        &mut rng(1),
    )
    .unwrap();
    sealed.envelope
}

fn open_as(person: &Person, envelope: &[u8]) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
    let (id, rng) = (person.id(), &mut rng(2));
    open_first_contact(
        envelope,
        &id,
        &person.intro,
        &person.receive,
        &person.sealing,
        rng,
    )
    .map(|opened| opened.content)
}

fn lane(content: &[u8], acceptance: Option<&[u8]>) -> Vec<u8> {
    let (from, to, rng) = (alice().id(), bob(), &mut rng(3));
    seal_lane(
        content,
        &from,
        &to.id(),
        &CONTACT,
        &to.package,
        &pair(),
        acceptance,
        rng,
    )
    .unwrap()
}

fn open(envelope: &[u8]) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
    open_lane(
        envelope,
        &alice().id(),
        &bob().id(),
        &CONTACT,
        &bob().receive,
        &pair(),
    )
}

#[test]
fn a_first_contact_opens_for_its_recipient() {
    let to = bob();
    let public = to.sealing.public();
    let sealed = seal_first_contact(
        b"hello",
        &to.id(),
        &to.intro,
        &to.package,
        public,
        &mut rng(1),
    )
    .unwrap();
    let header = peek(&sealed.envelope).unwrap();
    assert_eq!(
        (header.kind(), header.has_r()),
        (EnvelopeKind::FirstContact, true)
    );
    assert_eq!(header.key_package(), &to.package.id().as_bytes()[..16]);
    assert_eq!(sealed.envelope.len(), 16_384);
    let envelope = &sealed.envelope;
    let opened = open_first_contact(
        envelope,
        &to.id(),
        &to.intro,
        &to.receive,
        &to.sealing,
        &mut rng(2),
    )
    .unwrap();
    assert_eq!(opened.content.as_slice(), b"hello");
    assert_eq!((opened.pairing, &opened.r1), (sealed.pairing, &sealed.r1));
}

#[test]
fn a_first_contact_opens_nowhere_else() {
    let envelope = first_contact(b"hello");
    let (to, other, rng) = (bob(), carol(), &mut rng(2));
    assert_eq!(open_as(other, &envelope), Err(CannotOpen));
    let outcomes = [
        open_first_contact(
            &envelope,
            &other.id(),
            &to.intro,
            &to.receive,
            &to.sealing,
            rng,
        ),
        open_first_contact(
            &envelope,
            &to.id(),
            &other.intro,
            &to.receive,
            &to.sealing,
            rng,
        ),
        open_first_contact(
            &envelope,
            &to.id(),
            &to.intro,
            &other.receive,
            &to.sealing,
            rng,
        ),
        open_first_contact(
            &envelope,
            &to.id(),
            &to.intro,
            &to.receive,
            &other.sealing,
            rng,
        ),
    ];
    for outcome in outcomes {
        assert_eq!(outcome.err(), Some(CannotOpen));
    }
}

#[test]
fn a_lane_message_opens_for_its_pair() {
    let envelope = lane(b"hello", None);
    let header = peek(&envelope).unwrap();
    assert_eq!((header.kind(), header.has_r()), (EnvelopeKind::Lane, false));
    assert_eq!(envelope.len(), 4_096);
    assert_eq!(open(&envelope).unwrap().as_slice(), b"hello");
}

#[test]
fn a_lane_message_opens_nowhere_else() {
    let envelope = lane(b"hello", None);
    let (from, to, other) = (alice().id(), bob().id(), carol().id());
    let receive = &bob().receive;
    let reversed = PairSecret::derive(&[1; 32], &[2; 32], &to, &from, &pairing());
    let swapped = PairSecret::derive(&[2; 32], &[1; 32], &from, &to, &pairing());
    let other_pairing = Hash::from_bytes([9; 32]);
    let repaired = PairSecret::derive(&[1; 32], &[2; 32], &from, &to, &other_pairing);
    let elsewhere = MailboxId::from_bytes([0x78; 32]);
    let outcomes = [
        open_lane(&envelope, &other, &to, &CONTACT, receive, &pair()),
        open_lane(&envelope, &from, &other, &CONTACT, receive, &pair()),
        open_lane(&envelope, &to, &from, &CONTACT, receive, &pair()),
        open_lane(&envelope, &from, &to, &elsewhere, receive, &pair()),
        open_lane(&envelope, &from, &to, &CONTACT, &carol().receive, &pair()),
        open_lane(&envelope, &from, &to, &CONTACT, receive, &reversed),
        open_lane(&envelope, &from, &to, &CONTACT, receive, &swapped),
        open_lane(&envelope, &from, &to, &CONTACT, receive, &repaired),
    ];
    for outcome in outcomes {
        assert_eq!(outcome, Err(CannotOpen));
    }
}

#[test]
fn kinds_are_not_exchanged() {
    let rng = &mut rng(2);
    let contact = first_contact(b"hello");
    assert_eq!(open(&contact), Err(CannotOpen));
    assert!(open_acceptance(&contact, &bob().sealing, rng).is_none());
    let lane = lane(b"hello", None);
    assert_eq!(open_as(bob(), &lane), Err(CannotOpen));
    assert!(open_acceptance(&lane, &bob().sealing, rng).is_none());
}

#[test]
fn the_pair_secret_is_the_same_on_both_sides() {
    let (initiator, responder, rng) = (alice(), bob(), &mut rng(4));
    let (to, public) = (responder.id(), responder.sealing.public());
    let asked = seal_first_contact(
        b"ask",
        &to,
        &responder.intro,
        &responder.package,
        public,
        rng,
    )
    .unwrap();
    let (receive, sealing) = (&responder.receive, &responder.sealing);
    let read = open_first_contact(
        &asked.envelope,
        &to,
        &responder.intro,
        receive,
        sealing,
        rng,
    )
    .unwrap();
    let r2 = [6; 32];
    let theirs = PairSecret::derive(&read.r1, &r2, &initiator.id(), &to, &read.pairing);
    let r = seal_acceptance(&r2, initiator.sealing.public(), rng).unwrap();
    let answer = |content: &[u8], rng: &mut _| {
        let (me, package) = (initiator.id(), &initiator.package);
        seal_lane(content, &to, &me, &CONTACT, package, &theirs, Some(&r), rng).unwrap()
    };
    // Whichever arrives first will do.
    let _lost = answer(b"one", rng);
    let second = answer(b"two", rng);
    assert!(peek(&second).unwrap().has_r());
    let learnt = open_acceptance(&second, &initiator.sealing, rng).unwrap();
    let ours = PairSecret::derive(&asked.r1, &learnt, &initiator.id(), &to, &asked.pairing);
    assert_eq!(ours, theirs);
    let (me, receive) = (initiator.id(), &initiator.receive);
    let content = open_lane(&second, &to, &me, &CONTACT, receive, &ours).unwrap();
    assert_eq!(content.as_slice(), b"two");
    assert_eq!(PairSecret::from_bytes(&ours.to_bytes()), ours);
}

#[test]
fn an_r_that_does_not_open_looks_like_any_other_failure() {
    let rng = &mut rng(5);
    let r = seal_acceptance(&[2; 32], bob().sealing.public(), rng).unwrap();
    let good = lane(b"hello", Some(&r));
    assert_eq!(
        *open_acceptance(&good, &bob().sealing, rng).unwrap(),
        [2; 32]
    );
    for place in [0, 200, 383] {
        let mut damaged = good.clone();
        damaged[1_140 + place] ^= 1;
        let learnt = open_acceptance(&damaged, &bob().sealing, rng).unwrap();
        assert_ne!(*learnt, [2; 32]);
        let wrong = PairSecret::derive(&[1; 32], &learnt, &alice().id(), &bob().id(), &pairing());
        let opened = open_lane(
            &damaged,
            &alice().id(),
            &bob().id(),
            &CONTACT,
            &bob().receive,
            &wrong,
        );
        assert_eq!(opened, Err(CannotOpen));
    }
    // Sealed under the label of the other direction.
    let contact = first_contact(b"hello");
    let label_swapped = lane(b"hello", Some(&contact[1_140..1_524]));
    let learnt = open_acceptance(&label_swapped, &bob().sealing, rng).unwrap();
    let rejected = open_acceptance(&label_swapped, &bob().sealing, rng).unwrap();
    assert_eq!(learnt, rejected);
}

#[test]
fn damaged_envelopes_do_not_open() {
    let contact = first_contact(b"hello");
    for damaged in flipped(&contact, &PARTS) {
        assert_eq!(open_as(bob(), &damaged), Err(CannotOpen));
    }
    let r = seal_acceptance(&[2; 32], bob().sealing.public(), &mut rng(5)).unwrap();
    let lane = lane(b"hello", Some(&r));
    for damaged in flipped(&lane, &PARTS) {
        assert_eq!(open(&damaged), Err(CannotOpen));
    }
}

#[test]
fn truncated_and_resized_envelopes_are_refused() {
    let lane = lane(b"hello", None);
    for length in (0..lane.len()).step_by(7).chain([4_095]) {
        assert_eq!(peek(&lane[..length]), Err(EnvelopeError::WrongSize));
        assert_eq!(open(&lane[..length]), Err(CannotOpen));
    }
    let padded = [lane.as_slice(), &vec![0; 16_384 - 4_096]].concat();
    assert!(peek(&padded).is_ok());
    assert_eq!(open(&padded), Err(CannotOpen));
    let contact = first_contact(b"hello");
    assert_eq!(peek(&contact[..4_096]), Err(EnvelopeError::Shape));
}

#[test]
fn the_outside_is_checked_without_keys() {
    let lane = lane(b"hello", None);
    let with = |index: usize, byte: u8| {
        let mut envelope = lane.clone();
        envelope[index] = byte;
        peek(&envelope).map(|_| ())
    };
    assert_eq!(with(0, 0), Err(EnvelopeError::UnknownSuite(0)));
    assert_eq!(with(0, 2), Err(EnvelopeError::UnknownSuite(2)));
    assert_eq!(with(1, 0), Err(EnvelopeError::UnknownKind(0)));
    assert_eq!(with(1, 3), Err(EnvelopeError::UnknownKind(3)));
    assert_eq!(with(1, 1), Err(EnvelopeError::Shape));
    assert_eq!(with(1_139, 1), Err(EnvelopeError::Shape));
    assert_eq!(with(1_138, 0xff), Err(EnvelopeError::Shape));
    assert_eq!(with(1_138, 1).map_err(|_| ()), Err(()));
    assert_eq!(peek(&[]), Err(EnvelopeError::WrongSize));
    for class in CLASSES {
        assert!(peek(&vec![0; class]).is_err());
        assert!(peek(&vec![0xff; class]).is_err());
    }
}

#[test]
fn the_smallest_class_is_taken() {
    let room = |class: usize| class - 1_140 - 32 - 16 - 4;
    for (length, class) in [
        (0, 4_096),
        (room(4_096), 4_096),
        (room(4_096) + 1, 16_384),
        (room(16_384), 16_384),
        (room(16_384) + 1, 65_536),
        (room(65_536), 65_536),
    ] {
        let content = vec![3; length];
        let envelope = lane(&content, None);
        assert_eq!(envelope.len(), class);
        assert_eq!(open(&envelope).unwrap().as_slice(), content);
    }
    assert_eq!(max_content(), room(65_536) - 512);
    let (from, to) = (alice().id(), bob());
    let long = vec![3; room(65_536) + 1];
    let sealed = seal_lane(
        &long,
        &from,
        &to.id(),
        &CONTACT,
        &to.package,
        &pair(),
        None,
        &mut rng(3),
    );
    assert_eq!(sealed, Err(SealError::TooLong));
    let strange = seal_lane(
        b"x",
        &from,
        &to.id(),
        &CONTACT,
        &to.package,
        &pair(),
        Some(&[1]),
        &mut rng(3),
    );
    assert_eq!(strange, Err(SealError::Key));
}

#[test]
fn nothing_repeats_between_envelopes() {
    let rng = &mut rng(6);
    let (from, to) = (alice().id(), bob());
    let mut seal = || {
        seal_lane(
            b"x",
            &from,
            &to.id(),
            &CONTACT,
            &to.package,
            &pair(),
            None,
            rng,
        )
        .unwrap()
    };
    let (one, two) = (seal(), seal());
    assert_eq!(one[..18], two[..18]);
    let same = one
        .iter()
        .zip(&two)
        .skip(18)
        .filter(|(a, b)| a == b)
        .count();
    assert!(same < 100, "{same} bytes of 4,078 are equal");
}

#[test]
fn secrets_are_not_shown() {
    assert_eq!(
        format!("{:?} {:?}", pair(), bob().receive),
        "PairSecret(…) ReceiveKeyPair(…)"
    );
}
