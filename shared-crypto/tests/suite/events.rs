//! Events, bodies, names and what an envelope contains.

use shared_crypto::cbor::{self, Bytes, DecodeError};
use shared_crypto::event::{
    Body, Content, Event, EventError, MAX_LIFETIME, MAX_REACTION, MAX_RECEIPTS, MAX_TEXT, Name,
    NameError, conversation_of, kind,
};
use shared_crypto::id::{ConversationId, Hash, MailboxId, MessageId, Pass};
use shared_crypto::signed::{SignedError, sign};

use crate::support::{NOW, alice, bob, carol, flipped, rng, zero_hash};

const ID: MessageId = MessageId::from_bytes([6; 16]);

fn event() -> Event {
    alice().says("hello", bob(), ID)
}

fn signed(event: Event) -> Vec<u8> {
    sign(event, &alice().signing, &mut rng(1))
        .unwrap()
        .bytes()
        .to_vec()
}

fn read(bytes: &[u8]) -> Result<Event, EventError> {
    Event::verify(bytes, &alice().chain, &bob().id(), &ID).map(|event| event.into_inner())
}

#[test]
fn an_event_is_read_as_it_was_said() {
    let read = read(&signed(event())).unwrap();
    assert_eq!(read, event());
    assert_eq!(read.body(), Ok(Body::Text("hello".into())));
}

#[test]
fn every_circumstance_is_checked() {
    let good = event();
    for (event, error) in [
        (
            Event {
                sender: carol().id(),
                ..good.clone()
            },
            EventError::Sender,
        ),
        (
            Event {
                recipient: carol().id(),
                ..good.clone()
            },
            EventError::Recipient,
        ),
        (
            Event {
                conversation: ConversationId::from_bytes([1; 16]),
                ..good.clone()
            },
            EventError::Conversation,
        ),
        (
            Event {
                message_id: MessageId::from_bytes([7; 16]),
                ..good.clone()
            },
            EventError::MessageId,
        ),
        (
            Event {
                record: zero_hash(),
                ..good.clone()
            },
            EventError::UnknownRecord,
        ),
        (
            Event {
                record: bob().chain.head(),
                ..good.clone()
            },
            EventError::UnknownRecord,
        ),
    ] {
        assert_eq!(read(&signed(event)), Err(error));
    }
    let to_me = Event::verify(&signed(good.clone()), &alice().chain, &carol().id(), &ID);
    assert_eq!(to_me.err(), Some(EventError::Recipient));
    let by_bob = sign(good, &bob().signing, &mut rng(1)).unwrap();
    assert_eq!(
        read(by_bob.bytes()),
        Err(EventError::Signed(SignedError::Signature))
    );
}

#[test]
fn a_replay_under_another_id_or_back_to_its_sender_is_refused() {
    let bytes = signed(event());
    let other = MessageId::from_bytes([9; 16]);
    let replayed = Event::verify(&bytes, &alice().chain, &bob().id(), &other);
    assert_eq!(replayed.err(), Some(EventError::MessageId));
    let reflected = Event::verify(&bytes, &bob().chain, &alice().id(), &ID);
    assert_eq!(reflected.err(), Some(EventError::Sender));
}

#[test]
fn counters_begin_at_one_and_the_first_has_no_previous() {
    let shape = Err(SignedError::Payload(DecodeError::Shape));
    let signed = |event| sign(event, &alice().signing, &mut rng(1)).map(|_| ());
    assert_eq!(
        signed(Event {
            counter: 0,
            ..event()
        }),
        shape
    );
    assert_eq!(
        signed(Event {
            counter: 2,
            ..event()
        }),
        shape
    );
    let previous = Hash::from_bytes([1; 32]);
    assert_eq!(
        signed(Event {
            previous,
            ..event()
        }),
        shape
    );
    assert_eq!(
        signed(Event {
            counter: 2,
            previous,
            ..event()
        }),
        Ok(())
    );
}

#[test]
fn the_named_record_says_which_key_signed() {
    let (chain, new) = alice().with_another_key();
    let verify = |bytes: &[u8]| Event::verify(bytes, &chain, &bob().id(), &ID).map(|_| ());
    // Said before the rotation, read after it.
    assert_eq!(verify(&signed(event())), Ok(()));
    let after = Event {
        record: chain.head(),
        ..event()
    };
    assert_eq!(
        verify(&signed(after.clone())),
        Err(EventError::Signed(SignedError::Signature))
    );
    let by_new = sign(after, &new, &mut rng(1)).unwrap();
    assert_eq!(verify(by_new.bytes()), Ok(()));
    assert_eq!(read(by_new.bytes()), Err(EventError::UnknownRecord));
}

#[test]
fn damaged_events_are_refused() {
    let bytes = signed(event());
    for damaged in flipped(&bytes, &[1, 5, bytes.len() - 384]) {
        assert!(read(&damaged).is_err());
    }
    for length in 0..bytes.len() {
        assert!(read(&bytes[..length]).is_err());
    }
}

#[test]
fn conversations_are_the_same_from_both_sides() {
    let (a, b, c) = (alice().id(), bob().id(), carol().id());
    assert_eq!(conversation_of(&a, &b), conversation_of(&b, &a));
    assert_ne!(conversation_of(&a, &b), conversation_of(&a, &c));
}

#[test]
fn bodies_come_back() {
    let name = Name::parse("Ada").unwrap();
    let mailbox = MailboxId::from_bytes([1; 32]);
    for body in [
        Body::Text("x".repeat(MAX_TEXT)),
        Body::Reply {
            text: "x".repeat(MAX_TEXT),
            to: ID,
        },
        Body::Reaction {
            to: ID,
            sign: "x".repeat(MAX_REACTION),
        },
        Body::Reaction {
            to: ID,
            sign: String::new(),
        },
        Body::Edit {
            of: ID,
            text: "hallo".into(),
        },
        Body::Delete { of: ID },
        Body::Typing,
        Body::Timer { seconds: 0 },
        Body::Timer {
            seconds: MAX_LIFETIME,
        },
        Body::Receipt {
            delivered: vec![ID],
            read: vec![],
        },
        Body::Receipt {
            delivered: vec![],
            read: vec![ID; MAX_RECEIPTS],
        },
        Body::Profile { name: name.clone() },
        Body::FirstContact {
            name: name.clone(),
            mailbox,
            text: "hi".into(),
            pass: None,
        },
        Body::FirstContact {
            name: name.clone(),
            mailbox,
            text: "hi".into(),
            pass: Some(Pass::from_bytes([5; 8])),
        },
        Body::Acceptance { name, mailbox },
        Body::Unknown {
            kind: 20,
            bytes: vec![0xa0],
        },
        Body::Unknown {
            kind: 900,
            bytes: vec![0x01],
        },
    ] {
        let bytes = body.to_bytes().unwrap();
        assert_eq!(Body::decode(body.kind(), &bytes), Ok(body));
    }
}

#[test]
fn bodies_out_of_bounds_are_neither_written_nor_read() {
    for body in [
        Body::Text(String::new()),
        Body::Text("x".repeat(MAX_TEXT + 1)),
        Body::Reply {
            text: String::new(),
            to: ID,
        },
        Body::Edit {
            of: ID,
            text: "x".repeat(MAX_TEXT + 1),
        },
        Body::Reaction {
            to: ID,
            sign: "x".repeat(MAX_REACTION + 1),
        },
        Body::Timer {
            seconds: MAX_LIFETIME + 1,
        },
        Body::Receipt {
            delivered: vec![],
            read: vec![],
        },
        Body::Receipt {
            delivered: vec![ID; 300],
            read: vec![ID; 213],
        },
    ] {
        assert!(body.to_bytes().is_err());
    }
    let long = [
        &[0xa1, 0x00, 0x79, 0x40, 0x01],
        vec![b'x'; 16_385].as_slice(),
    ]
    .concat();
    for (kind, bytes) in [
        (kind::TEXT, [0xa1, 0x00, 0x60].as_slice()),
        (kind::TEXT, long.as_slice()),
        (kind::TEXT, &[0xa0]),
        (kind::TEXT, &[0xa1, 0x00, 0x41, b'x']),
        (kind::TEXT, &[0xa2, 0x00, 0x61, b'x', 0x01, 0x00]),
        (kind::RECEIPT, &[0xa0]),
        (kind::RECEIPT, &[0xa1, 0x00, 0x80]),
        (kind::RECEIPT, &[0xa1, 0x00, 0x81, 0x41, 0x00]),
        (kind::PROFILE, &[0xa1, 0x00, 0x60]),
        (kind::PROFILE, &[0xa1, 0x00, 0x62, b'a', b'\n']),
        (kind::PROFILE, &[0xa1, 0x00, 0x62, b'a', b' ']),
        (2, &[]),
        (2, &[0xf6]),
    ] {
        assert!(Body::decode(kind, bytes).is_err(), "kind {kind}");
    }
}

#[test]
fn names_are_short_and_plain() {
    assert_eq!(
        Name::parse("  Ada Lovelace ").unwrap().as_str(),
        "Ada Lovelace"
    );
    assert_eq!(Name::parse(&"ü".repeat(64)).unwrap().as_str().len(), 128);
    assert!(Name::parse("عائشة 👩🏽‍🚀").is_ok());
    for (text, error) in [
        ("", NameError::Empty),
        (" \t\n", NameError::Empty),
        ("a\nb", NameError::Control),
        ("a\u{0}b", NameError::Control),
        ("a\u{85}b", NameError::Control),
        ("a\u{202e}b", NameError::Control),
        ("a\u{2066}b", NameError::Control),
        ("a\u{2028}b", NameError::Control),
    ] {
        assert_eq!(Name::parse(text), Err(error), "{text:?}");
    }
    assert_eq!(Name::parse(&"a".repeat(65)), Err(NameError::TooLong));
    assert_eq!(Name::parse(&"👩🏽‍🚀".repeat(18)), Err(NameError::TooLong));
}

#[test]
fn contents_come_back() {
    let content = Content {
        event: Bytes(signed(event())),
        key_package: Some(Bytes(alice().package.bytes().to_vec())),
        records: Some(alice().chain.records().iter().cloned().map(Bytes).collect()),
    };
    assert_eq!(Content::parse(&content.to_bytes()), Ok(content));
    let bare = Content {
        event: Bytes(vec![1]),
        key_package: None,
        records: None,
    };
    assert_eq!(Content::parse(&bare.to_bytes()), Ok(bare));
    let many = Content {
        event: Bytes(vec![]),
        key_package: None,
        records: Some(vec![Bytes(vec![]); 4_097]),
    };
    assert_eq!(Content::parse(&many.to_bytes()), Err(DecodeError::Shape));
}

#[test]
fn what_people_say_is_not_shown() {
    let body = Body::FirstContact {
        name: Name::parse("Ada").unwrap(),
        mailbox: MailboxId::from_bytes([1; 32]),
        text: "secret".into(),
        pass: Some(Pass::from_bytes(*b"8 secret")),
    };
    let text = format!("{body:?} {:?} {:?}", Body::Text("secret".into()), event());
    assert!(!text.contains("secret") && !text.contains("Ada"), "{text}");
    assert!(!text.contains("Pass"), "{text}");
    assert!(!cbor::encode(&event()).is_empty());
}

#[test]
fn a_life_without_end_or_length_is_refused() {
    for lifetime in [0, MAX_LIFETIME + 1] {
        let event = Event {
            lifetime: Some(lifetime),
            ..event()
        };
        assert!(sign(event, &alice().signing, &mut rng(1)).is_err());
    }
    let event = Event {
        lifetime: Some(60),
        ..event()
    };
    assert_eq!(read(&signed(event.clone())), Ok(event));
}

#[test]
fn a_life_is_counted_from_when_it_was_sent_and_no_clock_prolongs_it() {
    let event = Event {
        lifetime: Some(60),
        ..event()
    };
    assert_eq!(event.expires_at(NOW + 5_000), Some(NOW + 60_000));
    let a_year = MAX_LIFETIME * 1_000;
    assert_eq!(event.expires_at(NOW - a_year), Some(NOW - a_year + 60_000));
}
