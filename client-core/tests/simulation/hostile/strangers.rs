//! First contacts of strangers, who may lie about anything.

use client_core::client::Client;
use client_core::request::{Answer, Request};
use client_core::view::BodyView;
use pollster::block_on;
use shared_crypto::cbor::Bytes;
use shared_crypto::envelope::seal_first_contact;
use shared_crypto::event::{Body, Content, Event, NO_PREVIOUS, Name, conversation_of};
use shared_crypto::fixtures;
use shared_crypto::id::{DeviceId, Hash, MailboxId, MessageId, Pass};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::record::{Chain, Delivery, DeliveryState, RecordChanges, RecoveryChanges};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::signed::{Verified, sign};
use shared_crypto::time::{DAY, MINUTE};

use super::talking;
use crate::people::{identity_of, link_of, phrase_of, restore, texts};
use crate::talk::is_stored;
use crate::world::{Who, World};

/// A stranger with frozen keys who may lie about anything.
struct Stranger {
    chain: Chain,
    package: Verified<KeyPackage>,
    person: usize,
}

impl Stranger {
    fn new(world: &mut World, person: usize) -> Self {
        let signing = fixtures::signing_key(person);
        let sealing = fixtures::sealing_key(person);
        let delivery = Delivery {
            node: world.nodes[0].url.clone(),
            fingerprint: world.nodes[0].keys.fingerprint(),
            intro: MailboxId::from_bytes([7; 32]),
            state: DeliveryState::Active,
            priority: 0,
        };
        let (now, rng) = (world.now, &mut world.rng);
        let commitment = phrase().commitment();
        let chain = Chain::create(
            &signing,
            sealing.public(),
            commitment,
            vec![delivery],
            now,
            rng,
        )
        .unwrap();
        let keys = ReceiveKeyPair::generate(rng);
        let package = KeyPackage::create(chain.identity(), 1, &keys, now, &signing, rng).unwrap();
        Self {
            chain,
            package,
            person,
        }
    }

    fn event(&self, world: &World, message: MessageId, text: &str) -> Event {
        self.event_with(world, message, text, None)
    }

    fn event_with(
        &self,
        world: &World,
        message: MessageId,
        text: &str,
        pass: Option<Pass>,
    ) -> Event {
        let body = Body::FirstContact {
            name: Name::parse("Mallory").unwrap(),
            mailbox: MailboxId::from_bytes([9; 32]),
            text: text.into(),
            pass,
        };
        self.event_of(world, message, &body)
    }

    fn event_of(&self, world: &World, message: MessageId, body: &Body) -> Event {
        let recipient = identity_of(world, 1);
        Event {
            sender: self.chain.identity(),
            record: self.chain.head(),
            recipient,
            conversation: conversation_of(&self.chain.identity(), &recipient),
            device: DeviceId::from_bytes([1; 16]),
            counter: 1,
            previous: NO_PREVIOUS,
            sent_at: world.now,
            message_id: message,
            kind: body.kind(),
            body: Bytes(body.to_bytes().unwrap()),
            lifetime: None,
        }
    }

    /// Signs and seals an event for person 1, and has their node push it.
    fn send(&self, world: &mut World, message: MessageId, event: Event, signer: usize) {
        let content = self.content(world, event, signer);
        self.send_content(world, message, &content);
    }

    fn content(&self, world: &mut World, event: Event, signer: usize) -> Content {
        let event = sign(event, &fixtures::signing_key(signer), &mut world.rng).unwrap();
        Content {
            event: Bytes(event.bytes().to_vec()),
            key_package: Some(Bytes(self.package.bytes().to_vec())),
            records: Some(
                self.chain
                    .records()
                    .iter()
                    .map(|r| Bytes(r.clone()))
                    .collect(),
            ),
        }
    }

    fn send_content(&self, world: &mut World, message: MessageId, content: &Content) {
        let mailbox = intro(world);
        self.send_to(world, mailbox, message, content);
    }

    fn send_to(
        &self,
        world: &mut World,
        mailbox: MailboxId,
        message: MessageId,
        content: &Content,
    ) {
        self.send_to_device(world, 1, mailbox, message, content);
    }

    /// The same, pushed to a device of theirs.
    fn send_to_device(
        &self,
        world: &mut World,
        device: Who,
        mailbox: MailboxId,
        message: MessageId,
        content: &Content,
    ) {
        let victim = identity_of(world, 1);
        let (chain, package) = world.nodes[1].account(&victim);
        let sealing = chain.sealing_key().clone();
        let package = package.clone();
        let content = content.to_bytes();
        let sealed = seal_first_contact(
            &content,
            &victim,
            &mailbox,
            &package,
            &sealing,
            &mut world.rng,
        );
        world.inject_envelope(device, 10_000, mailbox, message, &sealed.unwrap().envelope);
    }
}

/// Every stranger's.
fn phrase() -> RecoveryPhrase {
    RecoveryPhrase::from_entropy(&[8; 16])
}

/// Where strangers write to person 1.
fn intro(world: &World) -> MailboxId {
    let victim = identity_of(world, 1);
    world.nodes[1].account(&victim).0.delivery()[0].intro
}

fn strangers(world: &World) -> usize {
    strangers_of(world, 1)
}

fn strangers_of(world: &World, device: Who) -> usize {
    let app = &world.people[device].app;
    app.requests.len() + app.conversations.len() - 1
}

/// A node reads the ids of messages, and has them to give to what somebody else writes.
#[test]
fn a_first_contact_is_not_hidden_by_what_another_stranger_wrote_under_its_id() {
    let mut world = talking();
    let (mallory, somebody) = (Stranger::new(&mut world, 2), Stranger::new(&mut world, 3));
    let (first, second) = (
        MessageId::from_bytes([4; 16]),
        MessageId::from_bytes([5; 16]),
    );
    world.people[1].is_shy = true;
    let hi = mallory.event(&world, first, "hi");
    mallory.send(&mut world, first, hi, 2);
    assert_eq!(strangers(&world), 1);
    let blocked = world.people[1].app.requests[0].contact.number;
    assert_eq!(world.ask(1, Request::Block(blocked)), Answer::Done);
    let before = strangers(&world);
    let again = mallory.event(&world, second, "hi");
    mallory.send(&mut world, second, again, 2);
    assert_eq!(strangers(&world), before);
    for message in [first, second] {
        let event = somebody.event(&world, message, "it is me");
        somebody.send(&mut world, message, event, 3);
        assert_eq!(strangers(&world), before + 1);
    }
}

/// However often, and whoever has seen it.
#[test]
fn a_pass_that_is_used_up_counts_for_whoever_used_it_alone() {
    let mut world = talking();
    let (ada, mallory) = (Stranger::new(&mut world, 2), Stranger::new(&mut world, 3));
    world.people[1].is_shy = true;
    let pass = Pass::from_bytes([5; 8]);
    let make = Request::MakeLink {
        pass,
        label: "Ada".into(),
        once: true,
    };
    assert_eq!(world.ask(1, make), Answer::Done);
    let wanted = Request::SetOnlyByPass(true);
    assert_eq!(world.ask(1, wanted), Answer::Done);
    for round in 1..4 {
        let message = MessageId::from_bytes([round; 16]);
        let event = ada.event_with(&world, message, "hi", Some(pass));
        ada.send(&mut world, message, event, 2);
        let [request] = &world.people[1].app.requests[..] else {
            panic!("not heard the {round}. time");
        };
        assert_eq!(request.by_link.as_deref(), Some("Ada"));
        let number = request.contact.number;
        for pass in [Some(pass), Some(Pass::from_bytes([6; 8])), None] {
            let event = mallory.event_with(&world, message, "hi", pass);
            mallory.send(&mut world, message, event, 3);
            assert_eq!(strangers(&world), 1);
        }
        assert_eq!(world.ask(1, Request::Refuse(number)), Answer::Done);
        assert_eq!(strangers(&world), 0);
    }
}

/// As long as they wait; who begins anew begins without one.
#[test]
fn a_request_names_the_link_that_was_shown_last() {
    let mut world = talking();
    let stranger = Stranger::new(&mut world, 2);
    world.people[1].is_shy = true;
    let passes = [5, 6].map(|number| Pass::from_bytes([number; 8]));
    for (pass, label) in passes.into_iter().zip(["Ada", "Workshop"]) {
        let make = Request::MakeLink {
            pass,
            label: label.into(),
            once: false,
        };
        assert_eq!(world.ask(1, make), Answer::Done);
    }
    let ask = |world: &mut World, number: u8, pass| {
        let message = MessageId::from_bytes([number; 16]);
        let event = Event {
            counter: number.into(),
            previous: match number {
                1 => NO_PREVIOUS,
                _ => Hash::from_bytes([1; 32]),
            },
            ..stranger.event_with(world, message, "hi", pass)
        };
        stranger.send(world, message, event, 2);
        world.people[1].app.requests[0].by_link.clone()
    };
    let named = |label: &str| Some(label.to_owned());
    assert_eq!(ask(&mut world, 1, Some(passes[0])), named("Ada"));
    assert_eq!(ask(&mut world, 2, None), named("Ada"));
    assert_eq!(ask(&mut world, 3, Some(passes[1])), named("Workshop"));
    let number = world.people[1].app.requests[0].contact.number;
    for request in [Request::Block(number), Request::Unblock(number)] {
        assert_eq!(world.ask(1, request), Answer::Done);
    }
    assert_eq!(ask(&mut world, 4, None), None);
}

/// Nobody would be shown who used it up, and whom it is for would be a stranger like any other.
#[test]
fn a_contact_does_not_use_up_a_link_that_is_for_somebody_else() {
    let mut world = talking();
    let (mallory, ada) = (Stranger::new(&mut world, 2), Stranger::new(&mut world, 3));
    world.people[1].is_shy = true;
    let messages = [1, 2, 3].map(|number| MessageId::from_bytes([number; 16]));
    let event = mallory.event(&world, messages[0], "hi");
    mallory.send(&mut world, messages[0], event, 2);
    let number = world.people[1].app.requests[0].contact.number;
    assert_eq!(world.ask(1, Request::Accept(number)), Answer::Done);
    let pass = Pass::from_bytes([5; 8]);
    let make = Request::MakeLink {
        pass,
        label: "Ada".into(),
        once: true,
    };
    assert_eq!(world.ask(1, make), Answer::Done);
    let event = Event {
        counter: 2,
        previous: Hash::from_bytes([1; 32]),
        ..mallory.event_with(&world, messages[1], "hi again", Some(pass))
    };
    mallory.send(&mut world, messages[1], event, 2);
    assert_eq!(world.people[1].app.me.as_ref().unwrap().links.len(), 1);
    let event = ada.event_with(&world, messages[2], "hi", Some(pass));
    ada.send(&mut world, messages[2], event, 3);
    let [request] = &world.people[1].app.requests[..] else {
        panic!("not one request");
    };
    assert_eq!(request.by_link.as_deref(), Some("Ada"));
}

/// It has no pass, and would be a way around what is wanted of strangers. A copy that has forgotten people hears them all the same.
#[test]
fn who_says_to_have_been_in_contact_before_is_heard_where_that_may_have_been_forgotten() {
    let mut world = talking();
    let mallory = Stranger::new(&mut world, 2);
    let words = phrase_of(&mut world, 1);
    let link = link_of(&world, 1);
    assert_eq!(world.ask(1, Request::SetOnlyByPass(true)), Answer::Done);
    let message = MessageId::from_bytes([4; 16]);
    let body = Body::Reintroduction {
        name: Name::parse("Mallory").unwrap(),
        mailbox: MailboxId::from_bytes([9; 32]),
    };
    let event = mallory.event_of(&world, message, &body);
    world.people[1].is_shy = true;
    mallory.send(&mut world, message, event.clone(), 2);
    assert_eq!(strangers(&world), 0);
    assert_eq!(world.ask(1, Request::SaveVault), Answer::Done);
    world.kill(1);
    let (copy, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Done);
    world.people[copy].is_shy = true;
    world.run_for(MINUTE);
    let content = mallory.content(&mut world, event, 2);
    let mailbox = intro(&world);
    mallory.send_to_device(&mut world, copy, mailbox, message, &content);
    assert_eq!(strangers_of(&world, copy), 1);
}

/// A newer copy of us made it, and this one does not know its record yet.
#[test]
fn a_first_contact_in_a_mailbox_that_is_not_known_is_read() {
    let mut world = talking();
    let stranger = Stranger::new(&mut world, 2);
    let message = MessageId::from_bytes([4; 16]);
    world.people[1].is_shy = true;
    let event = stranger.event(&world, message, "hi");
    let content = stranger.content(&mut world, event, 2);
    let mailbox = MailboxId::from_bytes([44; 32]);
    stranger.send_to(&mut world, mailbox, message, &content);
    assert_eq!(strangers(&world), 1);
    assert_eq!(world.people[1].app.dropped.unreadable, 0);
}

/// As what a contact says.
#[test]
fn a_request_with_a_lifetime_is_forgotten_in_the_list_of_requests_too() {
    let mut world = talking();
    world.people[1].is_shy = true;
    let stranger = Stranger::new(&mut world, 2);
    for (number, sent_at, shown) in [
        (1, world.now, "the secret 1"),
        // It was over before it came.
        (2, world.now - 120 * MINUTE, ""),
    ] {
        let message = MessageId::from_bytes([number; 16]);
        let event = Event {
            sent_at,
            lifetime: Some(3_600),
            ..stranger.event(&world, message, &format!("the secret {number}"))
        };
        stranger.send(&mut world, message, event, 2);
        let [request] = &world.people[1].app.requests[..] else {
            panic!("not one request");
        };
        assert_eq!(request.text, shown);
        world.run_for(120 * MINUTE);
        assert_eq!(world.people[1].app.requests[0].text, "");
        assert!(!is_stored(&world, 1, b"the secret"));
        let refuse = Request::Refuse(world.people[1].app.requests[0].contact.number);
        assert_eq!(world.ask(1, refuse), Answer::Done);
    }
}

#[test]
fn a_stranger_who_lies_is_not_heard_and_one_who_does_not_is() {
    let mut world = talking();
    let stranger = Stranger::new(&mut world, 2);
    let message = MessageId::from_bytes([4; 16]);
    let genuine = stranger.event(&world, message, "hi");
    let alice = identity_of(&world, 0);

    let lies: [(&str, Event); 6] = [
        (
            "a sender who is somebody else",
            Event {
                sender: alice,
                ..genuine.clone()
            },
        ),
        (
            "another recipient",
            Event {
                recipient: alice,
                ..genuine.clone()
            },
        ),
        (
            "another conversation",
            Event {
                conversation: conversation_of(&alice, &genuine.recipient),
                ..genuine.clone()
            },
        ),
        (
            "another message id",
            Event {
                message_id: MessageId::from_bytes([5; 16]),
                ..genuine.clone()
            },
        ),
        (
            "a record that is not in the chain",
            Event {
                record: Hash::from_bytes([1; 32]),
                ..genuine.clone()
            },
        ),
        (
            "a body that is none",
            Event {
                body: Bytes(vec![0xff]),
                ..genuine.clone()
            },
        ),
    ];
    for (lie, event) in lies {
        stranger.send(&mut world, message, event, stranger.person);
        assert_eq!(strangers(&world), 0, "{lie}");
    }
    stranger.send(&mut world, message, genuine.clone(), 3);
    assert_eq!(strangers(&world), 0, "signed by another key");

    let event = sign(genuine.clone(), &fixtures::signing_key(2), &mut world.rng).unwrap();
    let records: Vec<Bytes> = stranger
        .chain
        .records()
        .iter()
        .map(|record| Bytes(record.clone()))
        .collect();
    let honest = Content {
        event: Bytes(event.bytes().to_vec()),
        key_package: Some(Bytes(stranger.package.bytes().to_vec())),
        records: Some(records.clone()),
    };
    let other = Stranger::new(&mut world, 3);
    let contents = [
        (
            "no records",
            Content {
                records: None,
                ..honest.clone()
            },
        ),
        (
            "empty records",
            Content {
                records: Some(Vec::new()),
                ..honest.clone()
            },
        ),
        (
            "records that do not chain",
            Content {
                records: Some([records.clone(), records.clone()].concat()),
                ..honest.clone()
            },
        ),
        (
            "no key package",
            Content {
                key_package: None,
                ..honest.clone()
            },
        ),
        (
            "somebody else's key package",
            Content {
                key_package: Some(Bytes(other.package.bytes().to_vec())),
                ..honest.clone()
            },
        ),
        (
            "no event",
            Content {
                event: Bytes(Vec::new()),
                ..honest.clone()
            },
        ),
    ];
    for (lie, content) in contents {
        stranger.send_content(&mut world, message, &content);
        assert_eq!(strangers(&world), 0, "{lie}");
    }

    stranger.send_content(&mut world, message, &honest);
    assert_eq!(strangers(&world), 1, "the genuine one");
    assert_eq!(
        texts(&mut world, 1, 0),
        ["hello", "hello yourself", "how are you"]
    );
}

/// A stranger who rotates a key between two first contacts once left a contact that could not be read back.
#[test]
fn a_first_contact_under_a_new_key_leaves_a_store_that_opens() {
    let mut world = talking();
    let mut stranger = Stranger::new(&mut world, 2);
    let first = MessageId::from_bytes([1; 16]);
    let event = stranger.event(&world, first, "one");
    stranger.send(&mut world, first, event, 2);
    let changes = RecordChanges {
        signing_key: Some(fixtures::signing_key(3).public().clone()),
        ..RecordChanges::default()
    };
    let (now, old) = (world.now, fixtures::signing_key(2));
    stranger
        .chain
        .append_update(changes, &old, now, &mut world.rng)
        .unwrap();
    let keys = ReceiveKeyPair::generate(&mut world.rng);
    let new = fixtures::signing_key(3);
    let identity = stranger.chain.identity();
    stranger.package = KeyPackage::create(identity, 1, &keys, now, &new, &mut world.rng).unwrap();
    let second = MessageId::from_bytes([2; 16]);
    let event = Event {
        counter: 2,
        previous: Hash::from_bytes([1; 32]),
        ..stranger.event(&world, second, "two")
    };
    stranger.send(&mut world, second, event, 3);
    assert_eq!(strangers(&world), 1);
    let store = world.people[1].store.snapshot();
    assert!(block_on(Client::open(store, world.now, &mut world.rng)).is_ok());

    // The old key says nothing any more, with the old chain or the new one.
    let mut old = Stranger::new(&mut world, 2);
    old.chain = Chain::verify(&stranger.chain.records()[..1]).unwrap();
    old.package = KeyPackage::create(
        identity,
        now / 1_000,
        &keys,
        now,
        &fixtures::signing_key(2),
        &mut world.rng,
    )
    .unwrap();
    let third = MessageId::from_bytes([3; 16]);
    let event = Event {
        counter: 3,
        previous: Hash::from_bytes([1; 32]),
        ..old.event(&world, third, "from a thief")
    };
    old.send(&mut world, third, event, 2);
    let app = &world.people[1].app;
    let talking = app
        .conversations
        .iter()
        .map(|conversation| &conversation.contact);
    let asking = app.requests.iter().map(|request| &request.contact);
    let number = talking
        .chain(asking)
        .find(|contact| contact.identity == identity)
        .unwrap()
        .number;
    let answer = world.ask(
        1,
        Request::Entries {
            contact: number,
            before: None,
            limit: 50,
        },
    );
    let Answer::Entries(entries) = answer else {
        panic!("{answer:?}")
    };
    assert!(
        !entries
            .iter()
            .any(|entry| entry.body == BodyView::Text("from a thief".into()))
    );
}

/// A stranger who knows the id of a message of ours cannot touch what we know of it.
#[test]
fn a_message_id_of_somebody_else_is_not_ours() {
    let mut world = talking();
    let mine = world
        .conversation(1, 0)
        .into_iter()
        .find(|entry| entry.mine)
        .unwrap();
    let before = world.conversation(1, 0);
    let stranger = Stranger::new(&mut world, 2);
    let event = stranger.event(&world, mine.id, "the same id");
    stranger.send(&mut world, mine.id, event, 2);
    assert_eq!(strangers(&world), 1);
    let contact = world.people[1]
        .app
        .requests
        .first()
        .map(|request| request.contact.number);
    if let Some(contact) = contact {
        assert_eq!(world.ask(1, Request::Refuse(contact)), Answer::Done);
    }
    assert_eq!(world.conversation(1, 0), before);
}

/// It would tell them when somebody is there who reads what they wrote, as a receipt does.
#[test]
fn no_stranger_has_themselves_looked_up() {
    let mut world = talking();
    world.people[1].is_shy = true;
    let mut stranger = Stranger::new(&mut world, 2);
    let (now, identity) = (world.now, stranger.chain.identity());
    let (mut rotated, mut recovered) = (stranger.chain.clone(), stranger.chain.clone());
    let changes = RecordChanges {
        signing_key: Some(fixtures::signing_key(3).public().clone()),
        ..RecordChanges::default()
    };
    let old = fixtures::signing_key(2);
    rotated
        .append_update(changes, &old, now, &mut world.rng)
        .unwrap();
    let changes = RecoveryChanges {
        signing_key: fixtures::signing_key(4).public().clone(),
        sealing_key: fixtures::sealing_key(4).public().clone(),
        recovery: RecoveryPhrase::from_entropy(&[9; 16]).commitment(),
        delivery: None,
    };
    recovered
        .append_recovery(changes, &phrase().recovery_key(), now, &mut world.rng)
        .unwrap();
    let keys = ReceiveKeyPair::generate(&mut world.rng);
    // The second chain overrules the first, and nothing can be sealed to the package that comes with it.
    for (number, chain, signer, at) in [(1, rotated, 3, now), (2, recovered, 4, now + 2 * DAY)] {
        let signing = fixtures::signing_key(signer);
        stranger.chain = chain;
        stranger.package =
            KeyPackage::create(identity, 1, &keys, at, &signing, &mut world.rng).unwrap();
        let message = MessageId::from_bytes([number; 16]);
        let event = stranger.event(&world, message, "hi");
        stranger.send(&mut world, message, event, signer);
        assert_eq!(strangers(&world), 1);
        if number == 1 {
            world.lookups = 0;
        }
    }
    world.run_for(MINUTE);
    assert_eq!(world.lookups, 0);
}
