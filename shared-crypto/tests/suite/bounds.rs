//! What is just inside of a bound is taken, what is just outside is refused; and what only looks like a detail
//! of checking. Each of these was found by changing the check and seeing that no other test noticed.

use shared_crypto::cbor::{self, Bytes};
use shared_crypto::envelope::PairSecret;
use shared_crypto::event::{Body, Event, NO_PREVIOUS, Name, conversation_of};
use shared_crypto::export::{
    EXPORT_FORMAT, ExportLine, ExportProblem, ExportWriter, verify_export,
};
use shared_crypto::id::{DeviceId, Hash, IdentityId, MessageId};
use shared_crypto::link::node_mark;
use shared_crypto::live::{
    Base64Bytes, LiveError, MAX_BINARY_FRAME, MAX_TEXT_FRAME, NodeBinary, NodeFrame,
};
use shared_crypto::node_url::{NodeUrl, NodeUrlError};
use shared_crypto::peer::{
    DeliverBatch, DeliverItem, DeliverResult, DeliverResults, MAX_BATCH, MAX_BATCH_BYTES,
};
use shared_crypto::problem::ProblemCode;
use shared_crypto::record::{Chain, ChainError, MAX_RECORDS};
use shared_crypto::rsa_keys::SigningPublicKey;
use shared_crypto::signed::{Payload, Signed, SignedError, Verified, sign};
use shared_crypto::vault::{MAX_CHUNKS, Manifest, ManifestError, VaultAuth, VaultKey};
use shared_crypto::{cbor::DecodeError, recovery::RecoveryPhrase};

use crate::support::{NOW, Person, alice, bob, node_a, rng};

fn event(from: &Person, to: &Person, counter: u64, previous: Hash, body: &Body) -> Event {
    Event {
        sender: from.id(),
        record: from.chain.head(),
        recipient: to.id(),
        conversation: conversation_of(&from.id(), &to.id()),
        device: DeviceId::from_bytes([5; 16]),
        counter,
        previous,
        sent_at: NOW,
        message_id: MessageId::from_bytes([u8::try_from(counter).unwrap(); 16]),
        kind: body.kind(),
        body: Bytes(body.to_bytes().unwrap()),
        lifetime: None,
    }
}

fn signed(event: Event) -> Result<Verified<Event>, SignedError> {
    sign(event, &alice().signing, &mut rng(1))
}

#[test]
fn events_are_counted_from_one() {
    let text = Body::Text("a".into());
    let other = Hash::from_bytes([1; 32]);
    for (counter, previous, is_sound) in [
        (0, other, false),
        (0, NO_PREVIOUS, false),
        (1, NO_PREVIOUS, true),
        (1, other, false),
        (2, other, true),
    ] {
        let made = signed(event(alice(), bob(), counter, previous, &text));
        assert_eq!(made.is_ok(), is_sound, "{counter}");
    }
}

#[test]
fn a_signed_object_may_be_as_long_as_its_kind_and_no_longer() {
    let of_length = |length: usize| {
        let mut event = event(alice(), bob(), 1, NO_PREVIOUS, &Body::Text("a".into()));
        event.kind = 99;
        // The body's own bytes are of no matter here: its length makes the object's.
        event.body = Bytes(vec![0; length]);
        signed(event)
    };
    let short = of_length(60_000).unwrap().bytes().len();
    let fitting = 60_000 + Event::MAX_SIGNED - short;
    let longest = of_length(fitting).unwrap();
    assert_eq!(longest.bytes().len(), Event::MAX_SIGNED);
    let read = Signed::<Event>::parse(longest.bytes()).unwrap();
    assert_eq!(read.bytes(), longest.bytes());
    assert!(matches!(of_length(fitting + 1), Err(SignedError::TooLong)));
    assert!(matches!(of_length(fitting + 2), Err(SignedError::TooLong)));
}

#[test]
fn a_chain_has_so_many_records_and_no_more() {
    let empty: &[u8] = &[];
    let too_many = Chain::verify(&vec![empty; MAX_RECORDS + 1]);
    assert_eq!(too_many.err(), Some(ChainError::TooMany));
    let many = Chain::verify(&vec![empty; MAX_RECORDS]);
    assert_eq!(many.err(), Some(ChainError::Record(SignedError::Framing)));
    let far_too_many = Chain::verify(&vec![empty; MAX_RECORDS + 2]);
    assert_eq!(far_too_many.err(), Some(ChainError::TooMany));
}

#[test]
fn a_batch_has_so_many_items_and_bytes_and_no_more() {
    let results = |count: usize| {
        let items =
            (0..u64::try_from(count).unwrap()).map(|item| DeliverResult { item, code: None });
        DeliverResults {
            items: items.collect(),
        }
        .to_bytes()
    };
    assert!(DeliverResults::parse(&results(MAX_BATCH)).is_ok());
    assert!(DeliverResults::parse(&results(MAX_BATCH + 1)).is_err());
    let batch = |length: usize| {
        let item = DeliverItem {
            item: 0,
            forward_box: Bytes(vec![0; length]),
        };
        DeliverBatch { items: vec![item] }.to_bytes()
    };
    let fitting = MAX_BATCH_BYTES - (batch(1 << 20).len() - (1 << 20));
    assert_eq!(batch(fitting).len(), MAX_BATCH_BYTES);
    assert!(DeliverBatch::parse(&batch(fitting)).is_ok());
    assert!(DeliverBatch::parse(&batch(fitting + 1)).is_err());
}

#[test]
fn a_url_is_so_long_and_no_longer() {
    let of_length = |length: usize| {
        let label = "a".repeat(63);
        let mut host = [label.as_str(); 3].join(".");
        host.truncate(length - "https://".len());
        NodeUrl::parse(&format!("https://{host}"))
    };
    assert_eq!(of_length(199).map(|url| url.as_str().len()), Ok(199));
    let long = |length: usize| {
        let host = format!("{0}.{0}.{0}.", "a".repeat(60));
        let rest = length - "https://".len() - host.len();
        NodeUrl::parse(&format!("https://{host}{}", "b".repeat(rest)))
    };
    assert!(long(200).is_ok());
    assert_eq!(long(201), Err(NodeUrlError::TooLong));
}

#[test]
fn names_that_look_like_others_are_told_apart() {
    let parse = |text: &str| NodeUrl::parse(text).unwrap();
    for loopback in [
        "http://localhost",
        "http://a.localhost",
        "http://127.0.0.1",
        "https://[::1]",
    ] {
        assert!(parse(loopback).is_loopback(), "{loopback}");
    }
    for other in [
        "http://alocalhost",
        "https://localhost.example",
        "http://10.0.0.1",
    ] {
        assert!(!parse(other).is_loopback(), "{other}");
    }
    // The last label is a number only if all of it is.
    assert!(NodeUrl::parse("https://a.0xfg").is_ok());
    assert_eq!(NodeUrl::parse("https://a.0xff"), Err(NodeUrlError::Host));
}

#[test]
fn the_smallest_modulus_of_3072_bits_is_one() {
    let modulus = |first: u8| {
        let mut modulus = vec![0; 384];
        modulus[0] = first;
        modulus[383] = 1;
        SigningPublicKey::from_modulus(&modulus)
    };
    assert!(modulus(0x80).is_ok());
    assert!(modulus(0x7f).is_err());
}

#[test]
fn frames_and_their_lists_are_so_long_and_no_longer() {
    let padded = |length: usize| {
        let text = NodeFrame::CaughtUp.to_text();
        NodeFrame::parse(&format!("{text}{}", " ".repeat(length - text.len())))
    };
    assert_eq!(padded(MAX_TEXT_FRAME), Ok(NodeFrame::CaughtUp));
    assert_eq!(padded(MAX_TEXT_FRAME + 1), Err(LiveError::TooLong));
    let binary = |length: usize| {
        let mut frame = vec![0; length];
        frame[0] = 6;
        NodeBinary::parse(&frame).map(drop)
    };
    assert_ne!(binary(MAX_BINARY_FRAME), Err(LiveError::TooLong));
    assert_eq!(binary(MAX_BINARY_FRAME + 1), Err(LiveError::TooLong));
    let submissions = |count: usize| {
        let one = "\"AAAAAAAAAAAAAAAAAAAAAA\"";
        NodeFrame::parse(&format!(
            "{{\"type\":\"accepted\",\"submissions\":[{}]}}",
            vec![one; count].join(",")
        ))
    };
    let tombstones = |count: usize| {
        let one = "{\"id\":1,\"count\":1,\"from\":1,\"to\":1}";
        NodeFrame::parse(&format!(
            "{{\"type\":\"tombstones\",\"items\":[{}]}}",
            vec![one; count].join(",")
        ))
    };
    for (longest, too_long) in [
        (submissions(512), submissions(513)),
        (tombstones(512), tombstones(513)),
    ] {
        assert!(longest.is_ok());
        assert_eq!(too_long, Err(LiveError::ListTooLong));
    }
}

#[test]
fn a_record_update_is_read_as_one() {
    assert_eq!(Body::decode(9, &[0xa0]), Ok(Body::RecordUpdate));
    assert!(Body::decode(9, &[0x80]).is_err());
}

#[test]
fn a_manifest_out_of_bounds_is_refused() {
    let vault = VaultAuth::of(&RecoveryPhrase::from_entropy(&[1; 16])).vault();
    let sound = || Manifest {
        vault,
        version: 1,
        chunks: Vec::new(),
        wrapped: Bytes(vec![0; 112]),
        index: Bytes(vec![0; 1_104]),
    };
    let parse = |manifest: &Manifest| {
        let payload = cbor::encode(manifest);
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        Signed::<Manifest>::parse(&[&[1], length.as_slice(), &payload, &[0; 64]].concat()).map(drop)
    };
    for length in [1_104, 8_272, 65_616] {
        let index = Bytes(vec![0; length]);
        assert_eq!(parse(&Manifest { index, ..sound() }), Ok(()));
    }
    let full = vec![Hash::from_bytes([1; 32]); MAX_CHUNKS];
    assert_eq!(
        parse(&Manifest {
            chunks: full.clone(),
            ..sound()
        }),
        Ok(())
    );
    let too_full = [full, vec![Hash::from_bytes([1; 32])]].concat();
    for manifest in [
        Manifest {
            version: 0,
            ..sound()
        },
        Manifest {
            chunks: too_full,
            ..sound()
        },
        Manifest {
            wrapped: Bytes(vec![0; 111]),
            ..sound()
        },
        Manifest {
            wrapped: Bytes(vec![0; 113]),
            ..sound()
        },
        Manifest {
            index: Bytes(vec![0; 1_103]),
            ..sound()
        },
        Manifest {
            index: Bytes(vec![0; 1_105]),
            ..sound()
        },
        Manifest {
            index: Bytes(Vec::new()),
            ..sound()
        },
    ] {
        let refused = Err(SignedError::Payload(DecodeError::Shape));
        assert_eq!(parse(&manifest), refused);
    }
}

#[test]
fn only_a_later_suite_is_newer() {
    assert!(ManifestError::Signed(SignedError::UnknownSuite(2)).is_newer());
    for other in [
        ManifestError::Signed(SignedError::UnknownSuite(0)),
        ManifestError::Signed(SignedError::UnknownSuite(1)),
        ManifestError::Signed(SignedError::Signature),
        ManifestError::OtherVault,
    ] {
        assert!(!other.is_newer(), "{other}");
    }
}

#[test]
fn secrets_that_differ_are_different() {
    let (one, other) = ([1; 32], [2; 32]);
    assert!(PairSecret::from_bytes(&one) != PairSecret::from_bytes(&other));
    assert!(VaultKey::from_bytes(&one) != VaultKey::from_bytes(&other));
    let auth = VaultAuth::of(&RecoveryPhrase::from_entropy(&[1; 16]));
    let again = VaultAuth::from_seed(&auth.to_seed());
    assert_eq!(again.vault(), auth.vault());
}

#[test]
fn what_is_shown_or_passed_on_is_what_is_meant() {
    assert_eq!(ProblemCode::MailboxFull.to_string(), "mailbox_full");
    assert_eq!(Name::parse("Ada").unwrap().to_string(), "Ada");
    assert_eq!(Bytes::from(vec![1, 2]).as_slice(), [1, 2]);
    assert_eq!(Bytes::from([3].as_slice()).as_slice(), [3]);
    let fingerprint = node_a().keys.fingerprint();
    assert_eq!(node_mark(&fingerprint), fingerprint.as_bytes()[..10]);
}

/// The lines of an export in which Alice says these events to Bob, in this order.
fn export(events: &[&Verified<Event>]) -> String {
    let mut writer = ExportWriter::default();
    let identity: IdentityId = alice().id();
    writer.add(&ExportLine::Head {
        format: EXPORT_FORMAT,
        identity,
        exported_at: NOW,
    });
    let records = alice().chain.records().iter().cloned().map(Base64Bytes);
    writer.add(&ExportLine::Chain {
        identity,
        name: "Alice".into(),
        records: records.collect(),
    });
    for event in events {
        let Ok(Body::Text(text)) = event.body() else {
            panic!("a text")
        };
        writer.add(&ExportLine::Message {
            contact: bob().id(),
            mine: true,
            sent_at: event.sent_at,
            text: Some(text),
            note: None,
            edited: false,
            event: Some(Base64Bytes(event.bytes().to_vec())),
        });
    }
    writer.seal(&alice().signing, &mut rng(2)).unwrap()
}

#[test]
fn exported_events_fit_both_neighbours_in_whatever_order_they_stand() {
    let say = |counter, previous, text: &str| {
        signed(event(
            alice(),
            bob(),
            counter,
            previous,
            &Body::Text(text.into()),
        ))
        .unwrap()
    };
    let first = say(1, NO_PREVIOUS, "first");
    let second = say(2, first.hash(), "second");
    let invented = say(1, NO_PREVIOUS, "invented");
    for order in [[&first, &second], [&second, &first]] {
        assert_eq!(verify_export(&export(&order)).unwrap().mine, 2);
    }
    let refused = verify_export(&export(&[&second, &invented])).unwrap_err();
    assert_eq!(
        (refused.line, refused.problem),
        (4, ExportProblem::BrokenChain)
    );
}
