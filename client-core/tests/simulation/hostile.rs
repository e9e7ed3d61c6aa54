//! Nodes, contacts and strangers that do not keep to the protocol. Whatever they send is refused with its own
//! error, and nothing already stored is harmed.

use client_core::client::Client;
use client_core::driver::{Action, Event as Happened, Frame};
use client_core::own_code;
use client_core::request::{Answer, Failure, Request};
use client_core::view::{BodyView, ConnectionView, DeliveryView};
use pollster::block_on;
use shared_crypto::cbor::Bytes;
use shared_crypto::envelope::seal_first_contact;
use shared_crypto::event::{Body, Content, Event, NO_PREVIOUS, Name, conversation_of};
use shared_crypto::fixtures;
use shared_crypto::id::{DeviceId, Hash, IdentityId, MailboxId, MessageId, NodeFingerprint, Nonce};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::link::{ContactLink, node_mark};
use shared_crypto::live::{LookupReply, NodeBinary, NodeFrame};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::{Chain, Delivery, DeliveryState, RecordChanges};
use shared_crypto::signed::{Verified, sign};
use shared_crypto::time::DAY;

use crate::world::{Act, World};

const MINUTE: u64 = 60_000;
const YEAR: u64 = 365 * DAY;

/// Two people on two nodes who talk, and what both see.
fn talking() -> World {
    let mut world = World::new(7, 2, 2);
    world.act_after(0, 0, Act::Create { node: 0 });
    world.act_after(0, 1, Act::Create { node: 1 });
    world.act_after(
        MINUTE,
        0,
        Act::Ask {
            whom: 1,
            text: "hello".into(),
        },
    );
    world.act_after(
        2 * MINUTE,
        1,
        Act::Say {
            whom: 0,
            text: "hello yourself".into(),
        },
    );
    world.act_after(
        3 * MINUTE,
        0,
        Act::Say {
            whom: 1,
            text: "how are you".into(),
        },
    );
    world.run_for(10 * MINUTE);
    assert_eq!(
        texts(&mut world, 1, 0),
        ["hello", "hello yourself", "how are you"]
    );
    world
}

fn texts(world: &mut World, who: usize, whom: usize) -> Vec<String> {
    let text = |body| match body {
        BodyView::Text(text) => Some(text),
        _ => None,
    };
    world
        .conversation(who, whom)
        .into_iter()
        .filter_map(|entry| text(entry.body))
        .collect()
}

/// Envelope frames that a person heard.
fn envelopes(world: &World, who: usize) -> Vec<Vec<u8>> {
    let envelope = |frame: &Frame| match frame {
        Frame::Binary(bytes) if bytes[0] == 1 => Some(bytes.clone()),
        _ => None,
    };
    world
        .heard
        .iter()
        .filter(|(heard, _)| *heard == who)
        .filter_map(|(_, f)| envelope(f))
        .collect()
}

const CURSOR: std::ops::Range<usize> = 1..9;
const MAILBOX: std::ops::Range<usize> = 17..49;
const MESSAGE_ID: std::ops::Range<usize> = 49..65;
const ENVELOPE: usize = 65;

#[test]
fn a_replayed_envelope_is_shown_once() {
    let mut world = talking();
    let before = world.conversation(1, 0);
    for (cursor, mut frame) in (1_000_u64..).zip(envelopes(&world, 1)) {
        frame[CURSOR].copy_from_slice(&cursor.to_be_bytes());
        world.inject(1, Frame::Binary(frame));
    }
    world.run_for(MINUTE);
    assert_eq!(world.conversation(1, 0), before);
}

#[test]
fn a_replay_under_another_message_id_is_not_believed() {
    let mut world = talking();
    let before = texts(&mut world, 1, 0);
    for mut frame in envelopes(&world, 1) {
        frame[MESSAGE_ID].fill(9);
        world.inject(1, Frame::Binary(frame));
    }
    assert_eq!(texts(&mut world, 1, 0), before);
    assert!(world.people[1].app.requests.is_empty());
}

#[test]
fn a_changed_envelope_cannot_be_opened_and_the_genuine_one_still_can() {
    let mut world = talking();
    world.act_after(
        0,
        0,
        Act::Say {
            whom: 1,
            text: "the genuine one".into(),
        },
    );
    world.run_for(MINUTE);
    let genuine = envelopes(&world, 1).pop().unwrap();
    // A fresh reader of the same mail: the frame is tried changed before it was ever read.
    let mut world = talking();
    let before = texts(&mut world, 1, 0);
    for at in (ENVELOPE..genuine.len()).step_by(97) {
        let mut changed = genuine.clone();
        changed[at] ^= 1;
        world.inject(1, Frame::Binary(changed));
        assert_eq!(texts(&mut world, 1, 0), before, "a change at {at}");
    }
    let unopened = |body: &BodyView| *body == BodyView::CannotOpen;
    let shown = world
        .conversation(1, 0)
        .iter()
        .filter(|entry| unopened(&entry.body))
        .count();
    assert!(shown <= 1, "many in a row are shown once");
    world.inject(1, Frame::Binary(genuine));
    assert_eq!(texts(&mut world, 1, 0).last().unwrap(), "the genuine one");
}

#[test]
fn an_envelope_in_another_mailbox_is_not_read() {
    let mut world = talking();
    world.act_after(
        0,
        0,
        Act::Say {
            whom: 1,
            text: "once".into(),
        },
    );
    world.run_for(MINUTE);
    let frame = envelopes(&world, 1).pop().unwrap();
    let mut world = talking();
    let before = texts(&mut world, 1, 0);
    let intro = world.nodes[1].account(&identity(&world, 1)).0.delivery()[0].intro;
    for mailbox in [intro, MailboxId::from_bytes([3; 32])] {
        let mut moved = frame.clone();
        moved[MAILBOX].copy_from_slice(mailbox.as_bytes());
        world.inject(1, Frame::Binary(moved));
    }
    assert_eq!(texts(&mut world, 1, 0), before);
}

#[test]
fn frames_that_are_no_frames_end_the_connection_and_harm_nothing() {
    let genuine = envelopes(&talking(), 1).pop().unwrap();
    let mut rubbish = vec![
        Frame::Text(String::new()),
        Frame::Text("{}".into()),
        Frame::Text(r#"{"type":"no such"}"#.into()),
        Frame::Text(r#"{"type":"accepted","submissions":"x"}"#.into()),
        Frame::Text("[".repeat(5_000)),
        Frame::Binary(Vec::new()),
        Frame::Binary(vec![99; 100]),
        Frame::Binary(vec![1; 70_000]),
    ];
    rubbish.extend(
        (1..genuine.len())
            .step_by(501)
            .map(|end| Frame::Binary(genuine[..end].to_vec())),
    );
    let mut world = talking();
    let before = world.conversation(1, 0);
    for frame in rubbish {
        world.inject(1, frame);
        let refused = ConnectionView::Refused {
            code: own_code::NODE_MISBEHAVES.into(),
        };
        assert_eq!(world.people[1].app.connection, refused);
        assert_eq!(world.conversation(1, 0), before);
        // It is tried again later, and goes on where it was.
        world.run_for(3 * MINUTE);
        assert_eq!(world.people[1].app.connection, ConnectionView::Online);
    }
}

#[test]
fn an_envelope_of_an_unknown_suite_or_kind_is_not_read() {
    let mut world = talking();
    let before = texts(&mut world, 1, 0);
    let frame = envelopes(&world, 1).pop().unwrap();
    for (at, value) in [(0, 2), (0, 0), (1, 0), (1, 3), (1, 255)] {
        let mut unknown = frame.clone();
        unknown[ENVELOPE + at] = value;
        unknown[MESSAGE_ID].fill(value.wrapping_add(1));
        world.inject(1, Frame::Binary(unknown));
    }
    assert_eq!(texts(&mut world, 1, 0), before);
}

#[test]
fn a_challenge_of_another_node_gets_no_login() {
    let mut world = talking();
    let own = world.nodes[1].url.clone();
    let real = world.nodes[1].keys.fingerprint();
    let other = NodeUrl::parse("https://elsewhere.test").unwrap();
    let nonce = Nonce::from_bytes([1; 32]);
    let forged = NodeFingerprint::from_bytes([2; 32]);
    let genuine = NodeFrame::Challenge {
        nonce,
        url: own.clone(),
        fingerprint: real,
    };
    let frames = [
        (
            NodeFrame::Challenge {
                nonce,
                url: other,
                fingerprint: real,
            },
            own_code::WRONG_NODE,
        ),
        (
            NodeFrame::Challenge {
                nonce,
                url: own.clone(),
                fingerprint: forged,
            },
            own_code::WRONG_NODE,
        ),
        // Nothing but a challenge may come first.
        (
            NodeFrame::Welcome {
                cursor: 0,
                time: 0,
                closing_at: None,
            },
            own_code::NODE_MISBEHAVES,
        ),
        (NodeFrame::CaughtUp, own_code::NODE_MISBEHAVES),
    ];
    let mut hear = |frame: &NodeFrame| {
        let store = world.people[1].store.snapshot();
        let opened = block_on(Client::open(store, world.now, &mut world.rng));
        let (mut client, _) = opened.unwrap();
        let frames = Happened::Frames(own.clone(), vec![Frame::Text(frame.to_text())]);
        let output = block_on(client.event(frames, world.now, &mut world.rng));
        let says =
            |action: &Action| matches!(action, Action::SendText(..) | Action::SendBinary(..));
        (client.view().connection, output.actions.iter().any(says))
    };
    for (frame, code) in frames {
        assert_eq!(
            hear(&frame),
            (ConnectionView::Refused { code: code.into() }, false)
        );
    }
    assert_eq!(hear(&genuine), (ConnectionView::Connecting, true));
}

fn identity(world: &World, who: usize) -> IdentityId {
    world.people[who].app.me.as_ref().unwrap().identity
}

// ---- links and lookups ----

#[test]
fn links_that_are_no_links_are_refused_with_their_own_error() {
    let mut world = talking();
    let own = world.people[0].app.me.as_ref().unwrap().link.clone();
    let open =
        |world: &mut World, link: &str| world.ask(0, Request::OpenLink { link: link.into() });
    assert_eq!(open(&mut world, &own), Answer::Failed(Failure::OwnLink));
    let other = world.people[1].app.me.as_ref().unwrap().link.clone();
    let code = other.find('#').unwrap() + 1;
    for at in code..other.len() {
        let mut typo = other.clone().into_bytes();
        typo[at] = if typo[at] == b'A' { b'B' } else { b'A' };
        let answer = open(&mut world, std::str::from_utf8(&typo).unwrap());
        let bad = [Failure::BadLink, Failure::LinkTooNew];
        assert!(
            matches!(&answer, Answer::Failed(why) if bad.contains(why)),
            "{at}: {answer:?}"
        );
    }
    for nonsense in [
        "",
        "hello",
        "https://node-1.test/i#",
        "javascript:alert(1)",
        "\u{202e}",
    ] {
        assert_eq!(open(&mut world, nonsense), Answer::Failed(Failure::BadLink));
    }
    assert!(matches!(open(&mut world, &other), Answer::Contact(_)));
}

#[test]
fn an_identity_that_its_node_does_not_know_is_said_to_be_unknown() {
    let mut world = talking();
    let node = world.nodes[1].url.clone();
    let node_mark = node_mark(&world.nodes[1].keys.fingerprint());
    let identity = IdentityId::from_bytes([5; 32]);
    let link = ContactLink {
        node,
        node_mark,
        identity,
        invite: None,
    }
    .to_string();
    let answer = world.ask(0, Request::OpenLink { link });
    assert_eq!(answer, Answer::Failed(Failure::IdentityUnknown));
}

/// A home node that answers with a document of its own, to read the lookup, is not believed.
#[test]
fn a_home_node_that_poses_as_the_other_learns_nothing() {
    let mut world = World::new(11, 2, 2);
    world.act_after(0, 0, Act::Create { node: 0 });
    world.act_after(0, 1, Act::Create { node: 1 });
    world.run_for(MINUTE);
    world.pose_as(0, 1);
    let link = world.people[1].app.me.as_ref().unwrap().link.clone();
    let answer = world.ask(0, Request::OpenLink { link });
    assert_eq!(answer, Answer::Failed(Failure::TheirNodeUnreachable));
    assert_eq!(world.lookups, 0);
}

#[test]
fn a_lookup_answered_with_rubbish_or_by_somebody_else_is_refused() {
    let mut world = talking();
    // The link names one person; the node answers with the records of another.
    let (alice, bob) = (identity(&world, 0), identity(&world, 1));
    let wrong = Chain::verify(world.nodes[0].account(&alice).0.records()).unwrap();
    assert_ne!(wrong.identity(), bob);
    let node = world.nodes[1].url.clone();
    let somebody = IdentityId::from_bytes([6; 32]);
    let node_mark = node_mark(&world.nodes[1].keys.fingerprint());
    world.nodes[1].impersonate(somebody, bob);
    let link = ContactLink {
        node: node.clone(),
        node_mark,
        identity: somebody,
        invite: None,
    }
    .to_string();
    let answer = world.ask(0, Request::OpenLink { link });
    assert_eq!(answer, Answer::Failed(Failure::IdentityInvalid));
    // Whatever comes under a number that nobody asked for is ignored.
    let before = world.people[0].app.clone();
    for reply in [LookupReply::Bytes(b"rubbish"), LookupReply::Bytes(&[])] {
        let frame = NodeBinary::LookupAnswer {
            request: 9_999,
            reply,
        };
        world.inject(0, Frame::Binary(frame.encode()));
        let frame = NodeBinary::NodeDocument {
            request: 9_999,
            reply,
        };
        world.inject(0, Frame::Binary(frame.encode()));
    }
    assert_eq!(world.people[0].app, before);
}

// ---- strangers ----

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
        let commitment = Hash::from_bytes([8; 32]);
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
        let recipient = identity(world, 1);
        let body = Body::FirstContact {
            name: Name::parse("Mallory").unwrap(),
            mailbox: MailboxId::from_bytes([9; 32]),
            text: text.into(),
        };
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
        let event = sign(event, &fixtures::signing_key(signer), &mut world.rng).unwrap();
        let content = Content {
            event: Bytes(event.bytes().to_vec()),
            key_package: Some(Bytes(self.package.bytes().to_vec())),
            records: Some(
                self.chain
                    .records()
                    .iter()
                    .map(|r| Bytes(r.clone()))
                    .collect(),
            ),
        };
        self.send_content(world, message, &content);
    }

    fn send_content(&self, world: &mut World, message: MessageId, content: &Content) {
        let victim = identity(world, 1);
        let (chain, package) = world.nodes[1].account(&victim);
        let (mailbox, sealing) = (chain.delivery()[0].intro, chain.sealing_key().clone());
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
        let frame = NodeBinary::Envelope {
            cursor: 10_000,
            arrived_at: world.now,
            mailbox,
            message_id: message,
            envelope: &sealed.unwrap().envelope,
        };
        let frame = frame.encode();
        world.inject(1, Frame::Binary(frame));
    }
}

fn strangers(world: &World) -> usize {
    let app = &world.people[1].app;
    app.requests.len() + app.conversations.len() - 1
}

#[test]
fn a_stranger_who_lies_is_not_heard_and_one_who_does_not_is() {
    let mut world = talking();
    let stranger = Stranger::new(&mut world, 2);
    let message = MessageId::from_bytes([4; 16]);
    let genuine = stranger.event(&world, message, "hi");
    let alice = identity(&world, 0);

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

#[test]
fn a_blocked_contact_is_not_heard_again() {
    let mut world = talking();
    let contact = world.contact(1, 0).unwrap();
    assert_eq!(world.ask(1, Request::Block(contact)), Answer::Done);
    let before = world.conversation(1, 0);
    world.act_after(
        0,
        0,
        Act::Say {
            whom: 1,
            text: "can you hear me".into(),
        },
    );
    world.run_for(10 * MINUTE);
    assert_eq!(world.conversation(1, 0), before);
    assert!(world.people[1].app.requests.is_empty());
    // The sender is told that it did not arrive.
    let last = world.conversation(0, 1).pop().unwrap();
    let failed = DeliveryView::Failed {
        code: "unknown_mailbox".into(),
    };
    assert_eq!(last.delivery, Some(failed));
}

#[test]
fn what_nobody_asked_for_is_ignored() {
    let mut world = talking();
    let before = world.conversation(0, 1);
    for text in [
        r#"{"type":"done","request":77}"#,
        r#"{"type":"failed","request":77,"code":"internal","detail":"x"}"#,
        r#"{"type":"outcomes","items":[{"submission":"AAAAAAAAAAAAAAAAAAAAAA","code":null}]}"#,
        r#"{"type":"accepted","submissions":["AAAAAAAAAAAAAAAAAAAAAA"]}"#,
        r#"{"type":"refused","submission":"AAAAAAAAAAAAAAAAAAAAAA","code":"mailbox_full"}"#,
    ] {
        world.inject(0, Frame::Text(text.into()));
    }
    assert_eq!(world.conversation(0, 1), before);
}

// ---- making an identity ----

#[test]
fn a_node_that_is_none_leaves_nothing_behind() {
    use client_core::memory::MemoryStore;
    use client_core::view::StageView;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let world = talking();
    let document = world.nodes[0].document.bytes().to_vec();
    let mut changed = document.clone();
    *changed.last_mut().unwrap() ^= 1;
    let answers = [
        (None, Failure::NodeUnreachable),
        (
            Some((200, b"<html>hello</html>".to_vec())),
            Failure::NodeMisbehaves,
        ),
        (Some((200, Vec::new())), Failure::NodeMisbehaves),
        (Some((200, changed)), Failure::NodeMisbehaves),
        (Some((500, document.clone())), Failure::NodeMisbehaves),
        // A genuine document, but of another node than the one asked.
        (
            Some((200, world.nodes[1].document.bytes().to_vec())),
            Failure::NodeMisbehaves,
        ),
    ];
    let answers = answers.map(|(answer, failure)| (world.now, answer, failure));
    // A device whose clock is years off says so itself: the node has done nothing wrong.
    let clocks = [world.now - 2 * YEAR, world.now + 2 * YEAR];
    let wrong = clocks.map(|now| (now, Some((200, document.clone())), Failure::ClockWrong));
    for (now, answer, failure) in answers.into_iter().chain(wrong) {
        let store = MemoryStore::new();
        let (mut client, _) = block_on(Client::open(store.clone(), now, &mut rng)).unwrap();
        let request = Request::CreateIdentity {
            name: "Alice".into(),
            node: Some(world.nodes[0].url.to_string()),
        };
        block_on(client.request(1, request, now, &mut rng));
        let happened = Happened::Http { call: 0, answer };
        let output = block_on(client.event(happened, now, &mut rng));
        assert_eq!(output.answers, vec![(1, Answer::Failed(failure))]);
        assert_eq!(client.view().stage, StageView::NoIdentity);
        assert!(store.dump().is_empty());
    }
    for name in ["", "   ", "a\u{7}b", &"x".repeat(65)] {
        let (mut client, _) =
            block_on(Client::open(MemoryStore::new(), world.now, &mut rng)).unwrap();
        let request = Request::CreateIdentity {
            name: name.into(),
            node: Some(world.nodes[0].url.to_string()),
        };
        let output = block_on(client.request(1, request, world.now, &mut rng));
        assert_eq!(output.answers, vec![(1, Answer::Failed(Failure::BadName))]);
    }
}

#[test]
fn a_damaged_store_is_refused_and_not_overwritten() {
    use client_core::store::{StoreError, Table};

    let mut world = talking();
    let rows = world.people[1].store.dump();
    for (table, key, value) in rows {
        if !matches!(
            table,
            Table::Identity | Table::Contacts | Table::KeyPackages
        ) {
            continue;
        }
        let copy = world.people[1].store.snapshot();
        copy.tamper(table, &key, value[..value.len() - 1].to_vec());
        let before = copy.dump();
        let opened = block_on(Client::open(copy.clone(), world.now, &mut world.rng));
        assert!(matches!(opened, Err(StoreError::Damaged(_))), "{table:?}");
        assert_eq!(copy.dump(), before);
    }
}

// ---- found by attacking the engine ----

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

/// Two who are silent for months destroy the receive keys that the other knows.
#[test]
fn two_who_were_silent_for_months_can_still_talk() {
    let mut world = talking();
    world.run_for(60 * 24 * 60 * MINUTE);
    world.act_after(
        0,
        0,
        Act::Say {
            whom: 1,
            text: "long time no see".into(),
        },
    );
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 1, 0).last().unwrap(), "long time no see");
    let unopened = |world: &mut World, who, whom| {
        world
            .conversation(who, whom)
            .iter()
            .any(|entry| entry.body == BodyView::CannotOpen)
    };
    assert!(!unopened(&mut world, 1, 0) && !unopened(&mut world, 0, 1));
}

/// A node that lost an account is given everything again.
#[test]
fn a_node_with_amnesia_is_told_again() {
    let mut world = talking();
    world.nodes[1].forget_everything();
    world.crash_node_after(0, 1);
    world.run_for(10 * MINUTE);
    assert_eq!(world.people[1].app.connection, ConnectionView::Online);
    world.act_after(
        0,
        0,
        Act::Say {
            whom: 1,
            text: "after the loss".into(),
        },
    );
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 1, 0).last().unwrap(), "after the loss");
}

/// After a block is lifted, a message that failed asks anew when it is tried again.
#[test]
fn after_a_block_is_lifted_a_retry_asks_anew() {
    let mut world = talking();
    let contact = world.contact(1, 0).unwrap();
    assert_eq!(world.ask(1, Request::Block(contact)), Answer::Done);
    world.run_for(MINUTE);
    assert_eq!(world.ask(1, Request::Unblock(contact)), Answer::Done);
    world.act_after(
        0,
        0,
        Act::Say {
            whom: 1,
            text: "are we good".into(),
        },
    );
    world.run_for(10 * MINUTE);
    let failed = world.conversation(0, 1).pop().unwrap();
    let number = world.contact(0, 1).unwrap();
    let answer = world.ask(
        0,
        Request::Retry {
            contact: number,
            id: failed.id,
        },
    );
    assert_eq!(answer, Answer::Done);
    world.run_for(10 * MINUTE);
    // Everybody in this world accepts whoever asks; both can talk again.
    assert_eq!(texts(&mut world, 1, 0).last().unwrap(), "are we good");
    world.act_after(
        0,
        1,
        Act::Say {
            whom: 0,
            text: "we are".into(),
        },
    );
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "we are");
    let last = world.conversation(1, 0).pop().unwrap();
    assert!(matches!(
        last.delivery,
        Some(DeliveryView::Delivered | DeliveryView::Read)
    ));
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

/// What waits for somebody who is then blocked fails, and says so.
#[test]
fn a_block_fails_what_waits() {
    let mut world = talking();
    let contact = world.contact(1, 0).unwrap();
    let id = MessageId::from_bytes([8; 16]);
    let request = Request::Send {
        contact,
        id,
        text: "never sent".into(),
    };
    // Not connected: the message waits in the outbox.
    world.inject(1, Frame::Text("rubbish".into()));
    assert_eq!(world.ask(1, request), Answer::Done);
    assert_eq!(world.ask(1, Request::Block(contact)), Answer::Done);
    let last = world.conversation(1, 0).pop().unwrap();
    assert_eq!(
        last.delivery,
        Some(DeliveryView::Failed {
            code: "blocked".into()
        })
    );
}

/// A connection that is dead without either end being told is found out, and mail goes on.
#[test]
fn a_connection_that_died_in_silence_is_found_out() {
    let mut world = talking();
    world.mute(1);
    world.act_after(
        0,
        0,
        Act::Say {
            whom: 1,
            text: "into the silence".into(),
        },
    );
    world.run_for(1_000);
    assert_eq!(world.people[1].app.connection, ConnectionView::Online);
    assert_eq!(texts(&mut world, 1, 0).len(), 3);
    world.run_for(3 * MINUTE);
    assert_eq!(texts(&mut world, 1, 0).last().unwrap(), "into the silence");
}

/// A node that holds a message back cannot hide it once a later one arrives; late, it takes its place.
#[test]
fn a_withheld_message_is_shown_as_a_gap_until_it_comes() {
    let mut world = talking();
    for text in ["withheld", "the next"] {
        world.act_after(
            0,
            0,
            Act::Say {
                whom: 1,
                text: text.into(),
            },
        );
        world.run_for(MINUTE);
    }
    let mail = envelopes(&world, 1);
    let [.., withheld, next] = mail.as_slice() else {
        panic!("two envelopes")
    };
    let mut world = talking();
    let gaps = |world: &mut World| {
        let gap = |body| matches!(body, BodyView::Gap { missing: 1 });
        world
            .conversation(1, 0)
            .into_iter()
            .filter(|entry| gap(entry.body.clone()))
            .count()
    };
    world.inject(1, Frame::Binary(next.clone()));
    assert_eq!(gaps(&mut world), 1);
    world.inject(1, Frame::Binary(withheld.clone()));
    assert_eq!(gaps(&mut world), 0);
    assert!(texts(&mut world, 1, 0).ends_with(&["withheld".into(), "the next".into()]));
}
