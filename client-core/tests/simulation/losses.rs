//! What is lost and made good: copies that are older than what was agreed since.

use client_core::request::{Answer, Request};

use crate::MINUTE;
use crate::people::texts;
use crate::vault::{backup, import, phrase, say, talkers};
use crate::world::Who;

const ALICE: Who = 0;
const BOB: Who = 1;

/// Bob begins a new pair secret after Alice's copy was made. Whoever restores the copy lacks it, and tells Bob so.
#[test]
fn an_older_copy_than_a_contacts_new_keys_is_understood() {
    let mut world = talkers(60);
    let words = phrase(&mut world, ALICE);
    let file = backup(&mut world, ALICE);
    assert_eq!(world.ask(BOB, Request::RotateKeys), Answer::Done);
    world.run_for(10 * MINUTE);
    world.kill(ALICE);
    let (copy, answer) = import(&mut world, &file.bytes, &words);
    assert_eq!(answer, Answer::Done);
    world.run_for(MINUTE);
    say(&mut world, BOB, copy, "sealed under what the copy lacks");
    world.run_for(10 * MINUTE);
    say(&mut world, BOB, copy, "and now?");
    say(&mut world, copy, BOB, "I hear you");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, copy, BOB).last().unwrap(), "and now?");
    assert_eq!(texts(&mut world, BOB, copy).last().unwrap(), "I hear you");
}
