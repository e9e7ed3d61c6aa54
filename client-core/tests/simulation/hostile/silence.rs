//! Silence that is no end: of people for months, of a connection that is dead.

use client_core::view::{BodyView, ConnectionView};
use shared_crypto::time::MINUTE;

use super::talking;
use crate::people::{say, texts};
use crate::world::World;

/// Two who are silent for months destroy the receive keys that the other knows.
#[test]
fn two_who_were_silent_for_months_can_still_talk() {
    let mut world = talking();
    world.run_for(60 * 24 * 60 * MINUTE);
    say(&mut world, 0, 1, "long time no see");
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

/// A connection that is dead without either end being told is found out, and mail goes on.
#[test]
fn a_connection_that_died_in_silence_is_found_out() {
    let mut world = talking();
    world.mute(1);
    say(&mut world, 0, 1, "into the silence");
    world.run_for(1_000);
    assert_eq!(world.people[1].app.connection, ConnectionView::Online);
    assert_eq!(texts(&mut world, 1, 0).len(), 3);
    world.run_for(3 * MINUTE);
    assert_eq!(texts(&mut world, 1, 0).last().unwrap(), "into the silence");
}
