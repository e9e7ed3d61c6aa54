//! Moving while contacts write, when the old node is alive, dead for ever or hostile, and contacts who were away for two
//! weeks.

use client_core::request::{Answer, Failure, Removal, Request};
use client_core::view::{BodyView, ConnectionView, DeliveryView, NodeStep};
use shared_crypto::link::{NodeInvite, node_mark};
use shared_crypto::time::{DAY, MINUTE};

use crate::people::{add, lines, say, steps, talking, texts};
use crate::world::World;

fn move_to(world: &mut World, who: usize, from: usize, to: usize) -> Answer {
    let (from, to) = (
        world.nodes[from].url.to_string(),
        world.nodes[to].url.to_string(),
    );
    world.ask(who, Request::Move { from, to })
}

fn moved(world: &mut World, who: usize, whom: usize) -> usize {
    lines(world, who, whom, |body| {
        matches!(body, BodyView::Moved { .. })
    })
}

#[test]
fn a_second_node_joins_and_both_are_connected() {
    let mut world = talking(3);
    assert_eq!(add(&mut world, 0, 2), Answer::Done);
    world.run_for(5 * MINUTE);
    assert_eq!(steps(&world, 0), [NodeStep::Active, NodeStep::Active]);
    let me = world.people[0].app.me.clone().unwrap();
    assert!(
        me.nodes
            .iter()
            .all(|node| node.connection == ConnectionView::Online)
    );
    // Nobody has to be told, and nobody is shown anything.
    assert_eq!(moved(&mut world, 1, 0), 0);
    say(&mut world, 1, 0, "to both");
    world.run_for(5 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "to both");
    let all = texts(&mut world, 0, 1);
    assert_eq!(all.iter().filter(|text| *text == "to both").count(), 1);
    assert_eq!(add(&mut world, 0, 2), Answer::Failed(Failure::NodeListed));
}

#[test]
fn one_of_two_nodes_dies_and_delays_nothing() {
    let mut world = talking(3);
    add(&mut world, 0, 2);
    world.run_for(5 * MINUTE);
    world.kill_node(0);
    world.run_for(MINUTE);
    say(&mut world, 1, 0, "can you still hear me");
    say(&mut world, 0, 1, "and I you");
    world.run_for(MINUTE);
    assert!(texts(&mut world, 0, 1).contains(&"can you still hear me".to_owned()));
    assert!(texts(&mut world, 1, 0).contains(&"and I you".to_owned()));
    world.run_for(3 * DAY);
    for (who, whom) in [(0, 1), (1, 0)] {
        for entry in world.conversation(who, whom) {
            let failed = matches!(entry.delivery, Some(DeliveryView::Failed { .. }));
            assert!(!failed, "{entry:?}");
        }
    }
}

#[test]
fn a_move_while_the_old_node_is_alive_shows_one_quiet_line() {
    let mut world = talking(3);
    assert_eq!(move_to(&mut world, 0, 0, 2), Answer::Done);
    world.run_for(5 * MINUTE);
    assert_eq!(steps(&world, 0), [NodeStep::Active, NodeStep::Draining]);
    assert_eq!(world.home_of(0), world.nodes[2].url);
    assert_eq!(moved(&mut world, 1, 0), 1);
    say(&mut world, 1, 0, "to the new place");
    world.run_for(5 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "to the new place");
    // After its retention the old node is removed by itself, and nobody notices.
    world.run_for(22 * DAY);
    assert_eq!(steps(&world, 0), [NodeStep::Active]);
    say(&mut world, 1, 0, "and later");
    world.run_for(MINUTE);
    say(&mut world, 0, 1, "still here");
    world.run_for(5 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "still here");
    assert!(texts(&mut world, 0, 1).contains(&"and later".to_owned()));
    assert_eq!(moved(&mut world, 1, 0), 1);
}

#[test]
fn a_move_survives_restarts_at_every_step() {
    let mut world = talking(3);
    assert_eq!(move_to(&mut world, 0, 0, 2), Answer::Done);
    for _ in 0..40 {
        world.switch_off(0);
        world.switch_on(0);
        world.run_for(700);
    }
    world.run_for(5 * MINUTE);
    assert_eq!(steps(&world, 0), [NodeStep::Active, NodeStep::Draining]);
    assert_eq!(moved(&mut world, 1, 0), 1);
}

#[test]
fn old_node_dead_for_ever_and_a_contact_offline_for_two_weeks() {
    let mut world = talking(3);
    world.switch_off(1);
    world.run_for(MINUTE);
    world.kill_node(0);
    world.run_for(MINUTE);
    assert_eq!(move_to(&mut world, 0, 0, 2), Answer::Done);
    world.run_for(14 * DAY);
    world.switch_on(1);
    say(&mut world, 1, 0, "I was away");
    world.run_for(5 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "I was away");
    say(&mut world, 0, 1, "welcome back");
    world.run_for(5 * MINUTE);
    assert_eq!(texts(&mut world, 1, 0).last().unwrap(), "welcome back");
    assert_eq!(moved(&mut world, 1, 0), 1);
}

#[test]
fn the_last_node_can_neither_be_drained_nor_removed() {
    let mut world = talking(2);
    let node = world.nodes[0].url.to_string();
    let refused = Answer::Failed(Failure::LastNode);
    let drain = Request::DrainNode { node: node.clone() };
    assert_eq!(world.ask(0, drain), refused);
    for when in [Removal::AtOnce, Removal::Drained] {
        let node = node.clone();
        assert_eq!(world.ask(0, Request::RemoveNode { node, when }), refused);
    }
}

#[test]
fn a_node_that_takes_nobody_is_taken_out_again() {
    let mut world = talking(3);
    world.nodes[2].closed = true;
    assert_eq!(add(&mut world, 0, 2), Answer::Done);
    world.run_for(5 * MINUTE);
    let me = world.people[0].app.me.clone().unwrap();
    assert_eq!(steps(&world, 0), [NodeStep::Active, NodeStep::Leaving]);
    assert_eq!(me.nodes[1].problem.as_deref(), Some("registration_closed"));
    say(&mut world, 1, 0, "as before");
    world.run_for(5 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "as before");
}

/// Whoever still delivers to a node that was left is sent on, and the message is not lost.
#[test]
fn a_stale_sender_is_redirected() {
    let mut world = talking(3);
    world.switch_off(1);
    assert_eq!(move_to(&mut world, 0, 0, 2), Answer::Done);
    world.run_for(5 * MINUTE);
    let (node, when) = (world.nodes[0].url.to_string(), Removal::AtOnce);
    assert_eq!(
        world.ask(0, Request::RemoveNode { node, when }),
        Answer::Done
    );
    world.run_for(5 * MINUTE);
    // What was in-band is lost with the contact's node: only the old node can tell.
    world.nodes[1].forget_mail();
    world.switch_on(1);
    say(&mut world, 1, 0, "after the old address");
    world.run_for(10 * MINUTE);
    assert_eq!(
        texts(&mut world, 0, 1).last().unwrap(),
        "after the old address"
    );
    assert_eq!(moved(&mut world, 1, 0), 1);
}

#[test]
fn a_node_that_takes_invited_people_only_is_added_with_the_invite() {
    let mut world = talking(3);
    let link = world.nodes[2].demand_invite([9; 16], &mut world.rng);
    let required = Failure::NodeRefused {
        code: "invite_required".into(),
    };
    assert_eq!(add(&mut world, 0, 2), Answer::Failed(required));
    let node = link.clone();
    let Answer::Node(offer) = world.ask(0, Request::LookUpNode { node }) else {
        panic!("a node");
    };
    assert_eq!(offer.node, world.nodes[2].url.to_string());
    assert!(offer.invited);
    let node = link;
    assert_eq!(world.ask(0, Request::AddNode { node }), Answer::Done);
    world.run_for(5 * MINUTE);
    assert_eq!(steps(&world, 0), [NodeStep::Active, NodeStep::Active]);
}

/// An invite names the node's key: another node that answers at its address is not taken.
#[test]
fn an_invite_to_another_key_adds_nothing() {
    let mut world = talking(3);
    let link = world.nodes[2].demand_invite([9; 16], &mut world.rng);
    let other = world.nodes[1].keys.fingerprint();
    let mut invite = NodeInvite::parse(&link).unwrap();
    invite.node_mark = node_mark(&other);
    let node = invite.to_string();
    let answer = world.ask(0, Request::AddNode { node });
    assert_eq!(answer, Answer::Failed(Failure::NodeMisbehaves));
    assert_eq!(steps(&world, 0), [NodeStep::Active]);
}

#[test]
fn the_order_of_the_nodes_can_be_changed_and_contacts_follow() {
    let mut world = talking(3);
    let nodes: Vec<String> = [0, 2].map(|it| world.nodes[it].url.to_string()).into();
    let prefer = |node: &str| Request::PreferNode { node: node.into() };
    let answer = world.ask(0, prefer(&nodes[1]));
    assert_eq!(answer, Answer::Failed(Failure::NotFound));
    assert_eq!(add(&mut world, 0, 2), Answer::Done);
    world.run_for(5 * MINUTE);
    assert_eq!(world.ask(0, prefer(&nodes[1])), Answer::Done);
    world.run_for(5 * MINUTE);
    let me = world.people[0].app.me.clone().unwrap();
    let order: Vec<String> = me.nodes.into_iter().map(|node| node.node).collect();
    assert_eq!(order, [nodes[1].clone(), nodes[0].clone()]);
    assert_eq!(me.node, nodes[1]);
    assert!(me.link.starts_with(&nodes[1]));
    say(&mut world, 1, 0, "to the first");
    world.run_for(5 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "to the first");
    let seen = &world.people[1].app.conversations[0].contact.node;
    assert_eq!(*seen, nodes[1]);
    let drains = Request::DrainNode {
        node: nodes[0].clone(),
    };
    assert_eq!(world.ask(0, drains), Answer::Done);
    let answer = world.ask(0, prefer(&nodes[0]));
    assert_eq!(answer, Answer::Failed(Failure::WrongState));
}

/// A node that is going to be closed says so when one logs in, and one moves in time.
#[test]
fn a_node_that_is_closed_down_says_when_and_can_be_left_before() {
    let mut world = talking(3);
    let closing = world.now + 30 * DAY;
    world.nodes[0].declare(&mut world.rng, |document| {
        document.closing_at = Some(closing);
    });
    world.switch_off(0);
    world.switch_on(0);
    world.run_for(MINUTE);
    let closes = |world: &World| {
        let me = world.people[0].app.me.as_ref().unwrap();
        let closing = me.nodes.iter().map(|node| node.closing_at);
        closing.collect::<Vec<_>>()
    };
    assert_eq!(closes(&world), [Some(closing)]);
    let node = world.nodes[0].url.to_string();
    let Answer::Node(offer) = world.ask(0, Request::LookUpNode { node }) else {
        panic!("a node");
    };
    assert_eq!(offer.closing_at, Some(closing));
    assert_eq!(move_to(&mut world, 0, 0, 2), Answer::Done);
    world.run_for(5 * MINUTE);
    assert_eq!(closes(&world), [None, Some(closing)]);
    // Its operator changes their mind.
    world.nodes[0].declare(&mut world.rng, |document| document.closing_at = None);
    world.switch_off(0);
    world.switch_on(0);
    world.run_for(MINUTE);
    assert_eq!(closes(&world), [None, None]);
}

/// Whoever writes leaves two copies, at the first nodes of the list that mail reaches.
#[test]
fn of_five_nodes_the_best_two_that_live_have_the_mail() {
    let mut world = talking(7);
    for node in 2..6 {
        assert_eq!(add(&mut world, 0, node), Answer::Done);
        world.run_for(5 * MINUTE);
    }
    assert_eq!(steps(&world, 0), [NodeStep::Active; 5]);
    let too_many = Answer::Failed(Failure::TooManyNodes);
    assert_eq!(add(&mut world, 0, 6), too_many);
    let waiting = |world: &World| {
        let homes = [0, 2, 3, 4, 5].map(|node| world.nodes[node].waiting().len());
        (homes, world.nodes[6].waiting().len())
    };
    world.switch_off(0);
    say(&mut world, 1, 0, "two copies");
    world.run_for(10 * MINUTE);
    assert_eq!(waiting(&world), ([1, 1, 0, 0, 0], 0));
    world.kill_node(0);
    world.kill_node(2);
    say(&mut world, 1, 0, "the third has it");
    world.run_for(3 * DAY);
    let ([first, second, third, _, fifth], elsewhere) = waiting(&world);
    assert_eq!((first, second, third, fifth, elsewhere), (1, 1, 1, 0, 0));
    world.switch_on(0);
    world.run_for(10 * MINUTE);
    let read = texts(&mut world, 0, 1);
    assert_eq!(read.last().unwrap(), "the third has it");
    let once = |text: &str| read.iter().filter(|it| *it == text).count();
    assert_eq!(once("the third has it"), 1);
    // With one of the five gone there is room for the sixth.
    let (node, when) = (world.nodes[2].url.to_string(), Removal::AtOnce);
    assert_eq!(
        world.ask(0, Request::RemoveNode { node, when }),
        Answer::Done
    );
    assert_eq!(add(&mut world, 0, 6), Answer::Done);
}

/// The node has done nothing wrong, as far as anybody knows.
#[test]
fn a_node_that_does_not_hold_now_is_not_added_and_the_clock_is_blamed() {
    let mut world = talking(3);
    let now = world.now;
    world.nodes[2].declare(&mut world.rng, |document| {
        (document.issued_at, document.expires_at) = (now + 365 * DAY, now + 700 * DAY);
    });
    let wrong = Answer::Failed(Failure::ClockWrong);
    assert_eq!(add(&mut world, 0, 2), wrong);
    let node = world.nodes[2].url.to_string();
    assert_eq!(world.ask(0, Request::LookUpNode { node }), wrong);
    assert_eq!(steps(&world, 0), [NodeStep::Active]);
}
