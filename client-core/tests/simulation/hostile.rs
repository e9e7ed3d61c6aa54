//! Nodes, contacts and strangers that do not keep to the protocol. Whatever they send is refused with its own
//! error, and nothing already stored is harmed.

mod blocks;
mod envelopes;
mod lookups;
mod silence;
mod strangers;

use client_core::client::Client;
use client_core::driver::{Action, Event, Frame};
use client_core::memory::MemoryStore;
use client_core::own_code;
use client_core::request::{Answer, Failure, Request};
use client_core::store::{StoreError, Table};
use client_core::view::{ConnectionView, StageView};
use pollster::block_on;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use shared_crypto::id::{NodeFingerprint, Nonce};
use shared_crypto::live::NodeFrame;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::time::{DAY, MINUTE};

use crate::people::{say, texts};
use crate::world::{Act, World};

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
        let frames = Event::Frames(own.clone(), vec![Frame::Text(frame.to_text())]);
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

#[test]
fn a_node_that_is_none_leaves_nothing_behind() {
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
        let happened = Event::Http { call: 0, answer };
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

/// What a browser cleared by halves: the identity is gone, and any one row is left.
#[test]
fn a_store_without_its_identity_is_damaged_and_not_empty() {
    let mut world = talking();
    let rows = world.people[1].store.dump();
    assert!(rows.iter().any(|(table, ..)| *table == Table::Contacts));
    for (table, key, value) in rows {
        if table == Table::Identity {
            continue;
        }
        let left = MemoryStore::new();
        left.tamper(table, &key, value);
        let before = left.dump();
        let opened = block_on(Client::open(left.clone(), world.now, &mut world.rng));
        let damaged = StoreError::Damaged(Table::Identity.name());
        assert_eq!(opened.err(), Some(damaged), "{table:?}");
        assert_eq!(left.dump(), before);
    }
}

/// A node that lost an account is given everything again.
#[test]
fn a_node_with_amnesia_is_told_again() {
    let mut world = talking();
    world.nodes[1].forget_everything();
    world.crash_node_after(0, 1);
    world.run_for(10 * MINUTE);
    assert_eq!(world.people[1].app.connection, ConnectionView::Online);
    say(&mut world, 0, 1, "after the loss");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 1, 0).last().unwrap(), "after the loss");
}
