//! Families of what follows what: two chains of records, the events of one device.

use serde_json::{Value, json};
use shared_crypto::cbor::{self, Bytes};
use shared_crypto::event::{Body, Event, NO_PREVIOUS, conversation_of};
use shared_crypto::fixtures;
use shared_crypto::id::{Hash, MailboxId, MessageId};
use shared_crypto::record::{Chain, Record, RecordChanges, RecoveryChanges};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::signed::{Verified, sign};
use shared_crypto::time::{HOUR, Millis};

use crate::family::{Family, hex, same, with};
use crate::identities::hexes;
use crate::people::{DEVICE, NOW, Person, delivery, person, rng};
use crate::plain;
use crate::records::next;

/// How a chain that is offered relates to the one that is pinned.
pub fn chain_order() -> Family {
    let mut family = Family::new(
        "chain-order",
        "How a verified chain that is offered relates to the pinned one, protocol §4. A reader takes what is \
         `newer`, keeps the pin for `same` and `older`, and warns of `forked`, unless a recovery record has \
         `overruled` what the pin has; `first_seen` is when the reader first saw what would go.",
    );
    let (alice, bob) = (person(0), person(1));
    let moved = |chain: &Chain, node: u8| {
        let list = vec![delivery(node, MailboxId::from_bytes([0x11; 32]))];
        let changes = RecordChanges {
            delivery: Some(list),
            ..RecordChanges::default()
        };
        let mut chain = chain.clone();
        chain
            .append_update(changes, &alice.signing, NOW, &mut rng(22))
            .expect("an update");
        chain
    };
    let genesis = &alice.chain;
    let one = moved(genesis, 1);
    let two = moved(&one, 2);
    let other = moved(genesis, 3);
    let other_two = moved(&other, 2);
    for (name, order, pinned, offered) in [
        ("the same", "same", &one, &one),
        ("one record more", "newer", &one, &two),
        ("two records more", "newer", genesis, &two),
        ("rollback", "older", &two, &one),
        ("rollback to genesis", "older", &two, genesis),
        ("fork of the same length", "forked", &one, &other),
        ("longer fork", "forked", &one, &other_two),
        ("shorter fork", "forked", &two, &other),
        ("somebody else", "forked", genesis, &bob.chain),
    ] {
        family.valid(
            name,
            json!({
                "pinned": hexes(pinned.records()),
                "offered": hexes(offered.records()),
                "first_seen": NOW,
            }),
            json!({"order": order, "overruled": false}),
        );
    }
    add_recoveries(&mut family, &alice);
    refuse_offers(&mut family, &alice, &bob, &two);
    family
}

/// Chains that a reader does not compare at all: the pin stays, and no fork is shown.
fn refuse_offers(family: &mut Family, alice: &Person, bob: &Person, two: &Chain) {
    let genesis = alice.chain.records();
    let [first, second, third] = two.records() else {
        return;
    };
    let record = |owner: &Person| Record {
        identity: Some(owner.id()),
        ..next(&alice.chain)
    };
    let signed = |record: &Record, key: usize| {
        let payload = cbor::encode(record);
        plain::signed("zechat/record/v1", &payload, key)
    };
    let mut flipped = second.clone();
    if let Some(last) = flipped.last_mut() {
        *last ^= 1;
    }
    let mut cut = second.clone();
    cut.pop();
    // Whoever exchanges the first record can say what they like after it, but not that it follows.
    let exchanged = [bob.chain.records(), &[signed(&record(bob), 2)]].concat();
    let (of_bob, by_bob) = (signed(&record(bob), 0), signed(&record(alice), 2));
    let after = |record: &[u8]| vec![first.clone(), record.to_vec()];
    for (name, reason, error, offered) in [
        ("nothing", "no record at all", "Empty", Vec::new()),
        (
            "a flipped bit",
            "in the signature of the update",
            "Record(Signature)",
            after(&flipped),
        ),
        (
            "a cut record",
            "one byte less",
            "Record(Signature)",
            after(&cut),
        ),
        (
            "an update by a foreign key",
            "by the key of somebody else",
            "Record(Signature)",
            after(&by_bob),
        ),
        (
            "an update of another identity",
            "by the owner's key, but of somebody else",
            "Identity",
            after(&of_bob),
        ),
        (
            "another genesis",
            "somebody else's first record, and an update of theirs that names the owner's",
            "Previous",
            exchanged,
        ),
        (
            "without genesis",
            "it begins with an update",
            "Genesis",
            vec![second.clone()],
        ),
        (
            "a record left out",
            "the second is missing",
            "Number { expected: 1, found: 2 }",
            after(third),
        ),
    ] {
        family.invalid(
            name,
            reason,
            error,
            json!({"pinned": hexes(genesis), "offered": hexes(&offered), "first_seen": NOW}),
        );
    }
}

/// Forks in which the owner takes back what a thief signed.
fn add_recoveries(family: &mut Family, alice: &Person) {
    let stolen = |at: Millis| {
        let (signing, _) = fixtures::person(12);
        let changes = RecordChanges {
            signing_key: Some(signing.public().clone()),
            ..RecordChanges::default()
        };
        let mut chain = alice.chain.clone();
        chain
            .append_update(changes, &alice.signing, at, &mut rng(24))
            .expect("an update");
        chain
    };
    let recovered = |at: Millis, person: usize| {
        let (signing, sealing) = fixtures::person(person);
        let changes = RecoveryChanges {
            signing_key: signing.public().clone(),
            sealing_key: sealing.public().clone(),
            recovery: RecoveryPhrase::from_entropy(&[0x44; 16]).commitment(),
            delivery: None,
        };
        let mut chain = alice.chain.clone();
        let key = alice.phrase.recovery_key();
        chain
            .append_recovery(changes, &key, at, &mut rng(25))
            .expect("a recovery");
        chain
    };
    // By a key that the thief committed to first.
    let stolen_and_recovered = |at: Millis| {
        let (signing, sealing) = fixtures::person(12);
        let phrase = RecoveryPhrase::from_entropy(&[0x55; 16]);
        let mut chain = alice.chain.clone();
        let changes = RecordChanges {
            recovery: Some(phrase.commitment()),
            ..RecordChanges::default()
        };
        chain
            .append_update(changes, &alice.signing, at, &mut rng(26))
            .expect("an update");
        let changes = RecoveryChanges {
            signing_key: signing.public().clone(),
            sealing_key: sealing.public().clone(),
            recovery: RecoveryPhrase::from_entropy(&[0x66; 16]).commitment(),
            delivery: None,
        };
        chain
            .append_recovery(changes, &phrase.recovery_key(), at, &mut rng(27))
            .expect("a recovery");
        chain
    };
    let window = 72 * HOUR;
    let in_time = NOW.saturating_add(window);
    let late = in_time.saturating_add(1);
    let long_ago = NOW.saturating_sub(10 * 24 * HOUR);
    let theft = stolen(NOW);
    let backdated = stolen(long_ago);
    for (name, overruled, pinned, offered, first_seen) in [
        (
            "recovery at the last moment",
            true,
            &theft,
            &recovered(in_time, 11),
            NOW,
        ),
        (
            "recovery too late",
            false,
            &theft,
            &recovered(late, 11),
            NOW,
        ),
        (
            "recovery too late, but the theft was seen later",
            true,
            &theft,
            &recovered(late, 11),
            late,
        ),
        (
            "a thief who sets the time back",
            true,
            &backdated,
            &recovered(in_time, 11),
            NOW,
        ),
        (
            "the same, seen at that time",
            false,
            &backdated,
            &recovered(in_time, 11),
            long_ago,
        ),
        (
            "a thief after the recovery",
            false,
            &recovered(NOW, 11),
            &theft,
            NOW,
        ),
        (
            "two recoveries",
            false,
            &recovered(NOW, 11),
            &recovered(in_time, 10),
            NOW,
        ),
        (
            "a thief's recovery by a key of their own",
            false,
            &theft,
            &stolen_and_recovered(NOW),
            NOW,
        ),
        (
            "the owner's recovery over a thief's",
            true,
            &stolen_and_recovered(NOW),
            &recovered(in_time, 11),
            NOW,
        ),
        (
            "a thief's recovery over the owner's",
            false,
            &recovered(in_time, 11),
            &stolen_and_recovered(NOW),
            in_time,
        ),
        (
            "the owner's recovery over a thief's, too late",
            false,
            &stolen_and_recovered(NOW),
            &recovered(late, 11),
            NOW,
        ),
    ] {
        family.valid(
            name,
            json!({
                "pinned": hexes(pinned.records()),
                "offered": hexes(offered.records()),
                "first_seen": first_seen,
            }),
            json!({"order": "forked", "overruled": overruled}),
        );
    }
}

/// A name, events in the order in which they come, and what each is taken for.
type Order<'a> = (&'a str, &'a [&'a Verified<Event>], &'a [&'a str]);

/// What the events of one device say of each other.
pub fn event_chain() -> Family {
    let mut family = Family::new(
        "event-chain",
        "Events of one device in one conversation in the order in which they come, protocol §7. For each one: \
         `follows` what came last, comes after a `gap`, is `late`, is `broken` (does not fit to a neighbour that is \
         known), or is `repeated` (a counter that another event has used). The same event again is `again`.",
    );
    let (alice, bob) = (person(0), person(1));
    let say = |counter: u64, previous: Hash, text: &str| -> Verified<Event> {
        let body = Body::Text(text.into());
        let mut id = [0; 16];
        for (place, byte) in id.iter_mut().zip(text.bytes()) {
            *place = byte;
        }
        let event = Event {
            sender: alice.id(),
            record: alice.chain.head(),
            recipient: bob.id(),
            conversation: conversation_of(&alice.id(), &bob.id()),
            device: DEVICE,
            counter,
            previous,
            sent_at: NOW,
            message_id: MessageId::from_bytes(id),
            kind: body.kind(),
            body: Bytes(body.to_bytes().expect("a body")),
            lifetime: None,
        };
        sign(event, &alice.signing, &mut rng(41)).expect("an event")
    };
    let first = say(1, NO_PREVIOUS, "first");
    let second = say(2, first.hash(), "second");
    let third = say(3, second.hash(), "third");
    let invented = say(2, Hash::from_bytes([7; 32]), "invented");
    let instead = say(2, first.hash(), "instead");
    let fourth = say(4, third.hash(), "fourth");
    let upon_invented = say(3, invented.hash(), "upon it");
    let elsewhere = say(4, Hash::from_bytes([8; 32]), "elsewhere");
    let base = json!({
        "records": hexes(alice.chain.records()),
        "recipient": hex(bob.id().as_bytes()),
    });
    let input = |events: &[&Verified<Event>]| {
        let events: Value = events.iter().map(|event| hex(event.bytes())).collect();
        with(&base, json!({"events": events}))
    };
    let orders: [Order<'_>; 12] = [
        (
            "in order",
            &[&first, &second, &third],
            &["follows", "follows", "follows"],
        ),
        ("a gap", &[&first, &third], &["follows", "gap"]),
        (
            "a gap that is filled",
            &[&first, &third, &second],
            &["follows", "gap", "late"],
        ),
        (
            "begins in the middle",
            &[&second, &third],
            &["gap", "follows"],
        ),
        ("delivered twice", &[&first, &first], &["follows", "again"]),
        (
            "an invented event",
            &[&first, &invented],
            &["follows", "broken"],
        ),
        (
            "a gap filled with another",
            &[&first, &third, &instead],
            &["follows", "gap", "broken"],
        ),
        (
            "a counter used twice",
            &[&first, &second, &instead],
            &["follows", "follows", "repeated"],
        ),
        (
            "a break is shown once",
            &[&first, &invented, &upon_invented],
            &["follows", "broken", "follows"],
        ),
        (
            "a break on each side",
            &[&first, &invented, &third, &fourth],
            &["follows", "broken", "broken", "follows"],
        ),
        (
            "two breaks apart",
            &[&first, &invented, &upon_invented, &elsewhere],
            &["follows", "broken", "follows", "broken"],
        ),
        (
            "a gap filled by what breaks with the next",
            &[&first, &fourth, &upon_invented, &second],
            &["follows", "gap", "broken", "broken"],
        ),
    ];
    for (index, (name, events, verdicts)) in (0..).zip(orders) {
        let input = match index {
            0 => input(events),
            _ => with(&input(events), json!({"records": same("in order")})),
        };
        family.valid(name, input, json!({"verdicts": verdicts}));
    }
    refuse_events(&mut family, &second, [&alice, &bob, &person(2)], &|event| {
        let fields =
            json!({"records": same("in order"), "events": [hex(first.bytes()), hex(event)]});
        with(&base, fields)
    });
    family
}

/// Events that are no part of the chain, whatever their counter and previous hash: the second of two.
fn refuse_events(
    family: &mut Family,
    good: &Verified<Event>,
    [alice, bob, carol]: [&Person; 3],
    input: &dyn Fn(&[u8]) -> Value,
) {
    let good_event = || Event::clone(good);
    let signed =
        |event: &Event, key: usize| plain::signed("zechat/event/v1", &cbor::encode(event), key);
    let mut forged = good.bytes().to_vec();
    if let Some(last) = forged.last_mut() {
        *last ^= 1;
    }
    for (name, reason, error, event) in [
        (
            "an event of another sender",
            "carol's, signed by her",
            "Sender",
            signed(
                &Event {
                    sender: carol.id(),
                    record: carol.chain.head(),
                    conversation: conversation_of(&carol.id(), &bob.id()),
                    ..good_event()
                },
                4,
            ),
        ),
        (
            "an event of the recipient",
            "what bob said himself comes back to him",
            "Sender",
            signed(
                &Event {
                    sender: bob.id(),
                    record: bob.chain.head(),
                    ..good_event()
                },
                2,
            ),
        ),
        (
            "a forged signature",
            "a flipped bit in it",
            "Signed(Signature)",
            forged,
        ),
        (
            "signed by another key",
            "carol signs in the name of alice",
            "Signed(Signature)",
            signed(&good_event(), 4),
        ),
        (
            "under a record that is not in the chain",
            "carol's record",
            "UnknownRecord",
            signed(
                &Event {
                    record: carol.chain.head(),
                    ..good_event()
                },
                0,
            ),
        ),
        (
            "of another conversation",
            "that of alice and carol",
            "Conversation",
            signed(
                &Event {
                    conversation: conversation_of(&alice.id(), &carol.id()),
                    ..good_event()
                },
                0,
            ),
        ),
        (
            "said to somebody else",
            "alice said it to carol, in their conversation",
            "Recipient",
            signed(
                &Event {
                    recipient: carol.id(),
                    conversation: conversation_of(&alice.id(), &carol.id()),
                    ..good_event()
                },
                0,
            ),
        ),
        (
            "a second beginning",
            "counter 2 without a previous hash",
            "Signed(Payload(Shape))",
            signed(
                &Event {
                    previous: NO_PREVIOUS,
                    ..good_event()
                },
                0,
            ),
        ),
    ] {
        family.invalid(name, reason, error, input(&event));
    }
}
