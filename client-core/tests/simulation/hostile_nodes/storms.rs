//! Nodes whose answers would have a client come back at once, again and again.

use client_core::request::{Answer, Request};
use shared_crypto::time::{DAY, HOUR, MINUTE, SECOND};

use crate::node::Manner;
use crate::people::{say, talking, texts};
use crate::world::World;

/// How long a storm may last before it is noticed.
const STEP: u64 = 10 * SECOND;

/// Runs on, and ends as soon as the first node is given records, or asked to let somebody in, more often than it should: a
/// storm takes its time here, too. How often each was.
pub fn run_unstormed(world: &mut World, time: u64, given: usize, logins: usize) -> (usize, usize) {
    let now = |world: &World| (world.nodes[0].given, world.nodes[0].logins);
    let before = now(world);
    assert_eq!(time % STEP, 0);
    for _ in 0..time / STEP {
        world.run_for(STEP);
        let after = (now(world).0 - before.0, now(world).1 - before.1);
        assert!(after.0 <= given, "given records {} times", after.0);
        assert!(after.1 <= logins, "{} logins", after.1);
    }
    (now(world).0 - before.0, now(world).1 - before.1)
}

/// What the other one says reaches the first.
fn is_reached(world: &mut World, text: &str) {
    say(world, 1, 0, text);
    world.run_for(2 * MINUTE);
    assert_eq!(texts(world, 0, 1).last().unwrap(), text);
}

/// Each time it lets us in, says that it does not know us, and says that it took our records.
#[test]
fn a_node_that_lets_somebody_in_and_then_knows_nobody_is_told_ever_more_seldom() {
    let mut world = talking(2);
    world.nodes[0].manner = Manner::Disowns;
    world.crash_node_after(0, 0);
    let (given, logins) = run_unstormed(&mut world, 12 * HOUR, 20, 45);
    assert!(given >= 8 && logins >= 8, "{given}, {logins}");
    world.nodes[0].manner = Manner::True;
    world.run_for(2 * HOUR);
    is_reached(&mut world, "back again");
    // After a good day it is told at once again.
    world.run_for(2 * DAY);
    world.nodes[0].forget_everything();
    world.crash_node_after(0, 0);
    world.run_for(2 * MINUTE);
    is_reached(&mut world, "and again");
}

/// Each time it says that it took them, and that the key was replaced, and has what it had.
#[test]
fn a_node_that_keeps_older_records_is_given_newer_ones_ever_more_seldom() {
    let mut world = talking(2);
    world.nodes[0].deaf = true;
    assert_eq!(world.ask(0, Request::RotateKeys), Answer::Done);
    world.crash_node_after(0, 0);
    let (given, logins) = run_unstormed(&mut world, 12 * HOUR, 20, 45);
    assert!(given >= 8 && logins >= 8, "{given}, {logins}");
    world.nodes[0].deaf = false;
    world.run_for(2 * HOUR);
    is_reached(&mut world, "back again");
}

#[test]
fn a_node_that_lets_somebody_in_and_hangs_up_is_not_stormed() {
    let mut world = talking(2);
    world.nodes[0].manner = Manner::HangsUp;
    world.crash_node_after(0, 0);
    let (_, logins) = run_unstormed(&mut world, 2 * HOUR, 20, 250);
    assert!(logins >= 100, "{logins}");
    world.nodes[0].manner = Manner::True;
    world.run_for(2 * MINUTE);
    is_reached(&mut world, "back again");
    // Whoever was in for a while comes back at once.
    let before = world.nodes[0].logins;
    world.crash_node_after(0, 0);
    world.run_for(5 * SECOND);
    assert_eq!(world.nodes[0].logins, before + 1);
}

#[test]
fn a_node_that_hangs_up_some_seconds_later_is_not_stormed() {
    let mut world = talking(2);
    world.crash_node_after(0, 0);
    let before = world.nodes[0].logins;
    let mut logins = before;
    for _ in 0..2 * HOUR / 500 {
        world.run_for(500);
        if world.nodes[0].logins > logins {
            logins = world.nodes[0].logins;
            world.crash_node_after(3_500, 0);
        }
    }
    assert!((100..250).contains(&(logins - before)), "{logins}");
}
