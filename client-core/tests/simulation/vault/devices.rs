//! One vault of several devices.

use client_core::request::{Answer, Request, Talk};
use shared_crypto::time::{MINUTE, SECOND};

use super::{ALICE, BOB, prove, save, say, talkers};
use crate::people::{link_of, phrase_of, restore};
use crate::texts;
use crate::world::{Act, Who, World};

#[test]
fn two_devices_that_save_at_once_lose_nothing() {
    let mut world = talkers(5);
    let (words, link) = (phrase_of(&mut world, ALICE), link_of(&world, ALICE));
    save(&mut world, ALICE);
    let (copy, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Done);
    for round in 0..3 {
        say(&mut world, ALICE, BOB, &format!("device one, {round}"));
        say(&mut world, copy, BOB, &format!("device two, {round}"));
        world.run_for(32 * SECOND);
        // Both begin before either ends.
        world.ask_later(ALICE, Request::SaveVault);
        world.ask_later(copy, Request::SaveVault);
        world.run_for(20 * SECOND);
    }
    world.run_for(5 * MINUTE);
    let proof = prove(&mut world, copy);
    assert_eq!(proof.devices, 2);
    assert_eq!(proof.messages, 7 + 6);
    // Each names the other to the person, and when that one saved.
    let seen = [ALICE, copy].map(|who| {
        let vault = &world.people[who].app.vault;
        let [device] = &vault.devices[..] else {
            panic!("{:?}", vault.devices);
        };
        assert!(device.saved_at.abs_diff(vault.saved_at.unwrap()) < MINUTE);
        device.mark.clone()
    });
    assert_ne!(seen[0], seen[1]);
    for who in [ALICE, copy] {
        world.kill(who);
    }
    let (third, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Done);
    let mine = texts(&world.conversation(third, BOB), true);
    for device in ["device one", "device two"] {
        let of: Vec<&String> = mine
            .iter()
            .filter(|text| text.starts_with(device))
            .collect();
        assert_eq!(
            of,
            [0, 1, 2]
                .map(|n| format!("{device}, {n}"))
                .iter()
                .collect::<Vec<_>>()
        );
    }
    // What it took over is not kept twice.
    save(&mut world, third);
    assert_eq!(prove(&mut world, third).devices, 1);
    assert_eq!(world.people[third].app.vault.devices, []);
}

/// Whichever saves last, and whatever was said since.
#[test]
fn what_one_device_cleared_does_not_come_back_from_another() {
    for clears_first in [true, false] {
        let mut world = talkers(5);
        let (words, link) = (phrase_of(&mut world, ALICE), link_of(&world, ALICE));
        save(&mut world, ALICE);
        let (copy, answer) = restore(&mut world, &words, "", &link);
        assert_eq!(answer, Answer::Done);
        let last = |world: &World, who: Who| {
            let last = world.people[who].app.conversations[0].last.as_ref();
            last.unwrap().position
        };
        let what = Talk::Clear {
            to: last(&world, copy),
        };
        let contact = world.contact(copy, BOB).unwrap();
        let clear = Request::Talk { contact, what };
        assert_eq!(world.ask(copy, clear), Answer::Done);
        if clears_first {
            save(&mut world, copy);
        }
        say(&mut world, ALICE, BOB, "said since");
        world.run_for(5 * MINUTE);
        save(&mut world, ALICE);
        if !clears_first {
            save(&mut world, copy);
        }
        for who in [ALICE, copy] {
            world.kill(who);
        }
        let (third, answer) = restore(&mut world, &words, "", &link);
        assert_eq!(answer, Answer::Done);
        let mine = texts(&world.conversation(third, BOB), true);
        assert_eq!(mine, ["said since"]);
        assert_eq!(crate::talk::search(&mut world, third, "from").len(), 0);
    }
}

#[test]
fn contacts_that_only_one_device_had_are_all_there() {
    const CAROL: Who = 2;
    const DAVE: Who = 3;
    let mut world = World::new(40, 4, 2);
    for who in [ALICE, BOB, CAROL, DAVE] {
        world.act_after(0, who, Act::Create { node: who % 2 });
    }
    let ask = |whom, text: &str| Act::Ask {
        whom,
        text: text.into(),
    };
    world.act_after(20 * SECOND, ALICE, ask(BOB, "hello Bob"));
    world.run_for(3 * MINUTE);
    let (words, link) = (phrase_of(&mut world, ALICE), link_of(&world, ALICE));
    save(&mut world, ALICE);
    let (copy, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Done);
    // Both take the same local number for different people.
    world.act_after(SECOND, ALICE, ask(CAROL, "hello Carol"));
    world.act_after(SECOND, copy, ask(DAVE, "hello Dave"));
    world.run_for(3 * MINUTE);
    say(&mut world, CAROL, ALICE, "Carol to the first");
    say(&mut world, DAVE, copy, "Dave to the second");
    world.run_for(3 * MINUTE);
    assert_eq!(world.contact(ALICE, CAROL), world.contact(copy, DAVE));
    save(&mut world, ALICE);
    save(&mut world, copy);
    world.kill(ALICE);
    world.kill(copy);
    let (third, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Done);
    world.run_for(MINUTE);
    assert_eq!(
        texts(&world.conversation(third, CAROL), false),
        ["Carol to the first"]
    );
    assert_eq!(
        texts(&world.conversation(third, DAVE), false),
        ["Dave to the second"]
    );
    assert_eq!(texts(&world.conversation(third, BOB), true), ["hello Bob"]);
    // And all of them can be talked with.
    for (whom, name) in [(BOB, "Bob"), (CAROL, "Carol"), (DAVE, "Dave")] {
        say(&mut world, third, whom, &format!("again, {name}"));
        say(&mut world, whom, third, &format!("{name} again"));
    }
    world.run_for(5 * MINUTE);
    for (whom, name) in [(BOB, "Bob"), (CAROL, "Carol"), (DAVE, "Dave")] {
        let read = texts(&world.conversation(third, whom), false);
        assert_eq!(read.last().unwrap(), &format!("{name} again"));
        let heard = texts(&world.conversation(whom, third), false);
        assert_eq!(heard.last().unwrap(), &format!("again, {name}"));
    }
}
