//! Fifty people on five nodes, with a network that breaks, repeats and re-orders, and nodes and clients that
//! crash. Whatever was said is read by the other person exactly once, in the order it was written.
//!
//! What counts as a failure: a text that is missing, doubled or out of order; a gap, a broken chain or an
//! envelope that could not be opened; a message whose sender is never told that it arrived; mail or
//! submissions that are left on a node. What does not: how long anything takes.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod bounds;
mod clearing;
mod drafts;
mod forward_secrecy;
#[path = "../../../node/tests/node/support/frames.rs"]
mod frames;
mod hostile;
mod hostile_nodes;
mod losses;
mod moving;
mod node;
mod offering;
mod passes;
mod people;
mod recovering;
mod stolen;
mod talk;
mod unread;
mod vault;
mod vault_node;
mod world;

use client_core::view::{BodyView, DeliveryView, EntryView};
use shared_crypto::time::{MINUTE, SECOND};

use world::{Act, Faults, NO_FAULTS, World};

fn texts(entries: &[EntryView], mine: bool) -> Vec<String> {
    entries
        .iter()
        .filter(|entry| entry.mine == mine)
        .filter_map(|entry| match &entry.body {
            BodyView::Text(text) => Some(text.clone()),
            _ => None,
        })
        .collect()
}

/// Everybody asks some others, and all who know each other talk.
fn script(world: &mut World, friends: &[usize], messages: usize) {
    let people = world.people.len();
    let nodes = world.nodes.len();
    for who in 0..people {
        let delay = world.random(10 * SECOND);
        world.act_after(delay, who, Act::Create { node: who % nodes });
    }
    for who in 0..people {
        for step in friends {
            let whom = (who + step) % people;
            let delay = 30 * SECOND + world.random(30 * SECOND);
            let text = format!("hello {whom}, this is {who}");
            world.act_after(delay, who, Act::Ask { whom, text });
            for (from, to) in [(who, whom), (whom, who)] {
                for number in 0..messages {
                    let delay = MINUTE + world.random(5 * MINUTE);
                    let text = format!("{from} to {to}: {number} (asked by {who})");
                    world.act_after(delay, from, Act::Say { whom: to, text });
                }
            }
        }
    }
}

fn check(world: &mut World) {
    let people = world.people.len();
    let mut said_in_all = 0;
    for who in 0..people {
        for whom in 0..people {
            let said = world.people[whom]
                .said
                .get(&who)
                .cloned()
                .unwrap_or_default();
            let entries = world.conversation(who, whom);
            said_in_all += said.len();
            assert_eq!(texts(&entries, false), said, "what {who} reads of {whom}");
            for entry in &entries {
                let fine = match &entry.body {
                    BodyView::Text(_) if entry.mine => matches!(
                        entry.delivery,
                        Some(DeliveryView::Delivered | DeliveryView::Read)
                    ),
                    BodyView::Text(_) | BodyView::Connected => true,
                    _ => false,
                };
                assert!(fine, "{who} with {whom} sees {entry:?}");
            }
        }
    }
    for node in &world.nodes {
        assert_eq!(node.stored_count(), 0, "mail left on {}", node.url);
        assert_eq!(node.outbox_count(), 0, "submissions left on {}", node.url);
    }
    assert!(said_in_all > 0);
    println!("{said_in_all} messages, each read once, in order");
}

#[test]
fn fifty_people_on_five_nodes_read_everything_exactly_once() {
    let mut world = World::new(1, 50, 5);
    world.faults = Faults {
        break_connection: 10,
        lose_request: 100,
        lose_reply: 100,
    };
    script(&mut world, &[1, 7], 4);
    for _ in 0..20 {
        let (delay, node) = (20 * SECOND + world.random(6 * MINUTE), world.random(5));
        world.crash_node_after(delay, usize::try_from(node).unwrap());
    }
    for _ in 0..60 {
        let (delay, who) = (20 * SECOND + world.random(6 * MINUTE), world.random(50));
        world.crash_client_after(delay, usize::try_from(who).unwrap());
    }
    world.run_for(10 * MINUTE);
    world.faults = NO_FAULTS;
    world.run_for(60 * MINUTE);
    check(&mut world);
}

#[test]
fn two_who_ask_each_other_at_once_end_up_talking() {
    for seed in 0..8 {
        let mut world = World::new(seed, 2, 2);
        world.faults = Faults {
            break_connection: 20,
            lose_request: 200,
            lose_reply: 200,
        };
        // With two people, each one's next is the other: both ask.
        script(&mut world, &[1], 5);
        world.run_for(10 * MINUTE);
        world.faults = NO_FAULTS;
        world.run_for(60 * MINUTE);
        check(&mut world);
    }
}

#[test]
fn a_perfect_network_on_one_node_works_too() {
    let mut world = World::new(3, 4, 1);
    script(&mut world, &[1], 3);
    world.run_for(30 * MINUTE);
    check(&mut world);
}
