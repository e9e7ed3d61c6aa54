//! What a person changes of a conversation for themselves alone: what the contact is called, and that all is deleted.

use client_core::request::{Answer, Failure, Request, Talk};
use client_core::view::{BodyView, ContactState, ContactView, ConversationView, Position};
use shared_crypto::id::MessageId;
use shared_crypto::time::{DAY, MINUTE, SECOND};

use crate::people::{link_of, phrase_of, restore, texts};
use crate::talk::{does, has_gaps, is_stored, mail_heard, place, say, search, talk, talking};
use crate::unread::six_envelopes;
use crate::world::{Act, Who, World};

fn conversation(world: &World, who: Who) -> &ConversationView {
    &world.people[who].app.conversations[0]
}

fn contact(world: &World, who: Who) -> &ContactView {
    &conversation(world, who).contact
}

fn last(world: &World, who: Who) -> Position {
    let last = conversation(world, who).last.as_ref();
    last.expect("something was said").position
}

#[test]
fn a_cleared_conversation_is_gone_here_and_nowhere_else() {
    let mut world = talking(20);
    let timer = Talk::SetTimer { seconds: 3_600 };
    say(&mut world, 0, 1, "the first secret");
    say(&mut world, 1, 2, "the second secret");
    world.run_for(MINUTE);
    let of = place(&mut world, 0, "the first secret");
    let text = "the third secret".to_owned();
    does(&mut world, 0, Talk::Edit { of, text });
    let to = place(&mut world, 0, "the second secret");
    let sign = "👍".to_owned();
    does(&mut world, 0, Talk::React { to, sign });
    does(&mut world, 0, timer);
    say(&mut world, 1, 3, "the fourth secret");
    world.run_for(MINUTE);
    let theirs = world.conversation(1, 0);

    let to = last(&world, 0);
    does(&mut world, 0, Talk::Clear { to });
    for again in 0..2 {
        assert_eq!(world.conversation(0, 1), [], "{again}");
        assert_eq!(search(&mut world, 0, "secret"), [""; 0], "{again}");
        assert!(!is_stored(&world, 0, b"secret"), "{again}");
        let shown = conversation(&world, 0);
        assert_eq!((&shown.last, shown.unread), (&None, 0), "{again}");
        world.crash_client_after(0, 0);
        // Longer than the timer: what was to be forgotten is forgotten already.
        world.run_for(90 * MINUTE);
    }
    assert!(theirs.len() > 5, "{theirs:?}");
    assert_eq!(texts(&mut world, 1, 0).len(), 3, "all but what had a timer");

    // Whoever was talking goes on, and what is said of what was deleted brings nothing back.
    let of = place(&mut world, 1, "the second secret");
    let text = "the fifth secret".to_owned();
    does(&mut world, 1, Talk::Edit { of, text });
    say(&mut world, 1, 4, "are you there?");
    world.run_for(MINUTE);
    say(&mut world, 0, 5, "I am");
    world.run_for(MINUTE);
    assert_eq!(texts(&mut world, 0, 1), ["are you there?", "I am"]);
    assert!(!has_gaps(&mut world, 0) && !has_gaps(&mut world, 1));
    assert!(!is_stored(&world, 0, b"secret"));
    // A repeated wish is about what there was then.
    does(&mut world, 0, Talk::Clear { to });
    assert_eq!(texts(&mut world, 0, 1).len(), 2);
}

#[test]
fn what_was_missing_still_comes_and_no_gap_does() {
    let mail = six_envelopes(21);
    let mut world = talking(21);
    let come = |world: &mut World, number: usize| world.inject(1, mail[number].clone());
    for number in [0, 3, 5] {
        come(&mut world, number);
    }
    let gap = |body: &BodyView| matches!(body, BodyView::Gap { .. });
    let gaps = |world: &mut World| {
        let entries = world.conversation(1, 0);
        entries.iter().filter(|entry| gap(&entry.body)).count()
    };
    assert_eq!(gaps(&mut world), 2);
    let to = last(&world, 1);
    does(&mut world, 1, Talk::Clear { to });
    assert_eq!(world.conversation(1, 0), []);
    // Each comes twice, as one that is delivered again does.
    for number in [1, 0, 4, 3, 2, 5, 1, 4, 2] {
        come(&mut world, number);
        assert!(!has_gaps(&mut world, 1), "{number}");
    }
    assert_eq!(texts(&mut world, 1, 0), ["text 1", "text 2", "text 4"]);
    assert_eq!(conversation(&world, 1).unread, 3);
    // A new gap is shown as ever.
    let later = {
        let mut other = talking(21);
        let before = other.heard.len();
        for number in 0..8 {
            say(&mut other, 0, number + 1, &format!("text {number}"));
            other.run_for(10 * SECOND);
        }
        let heard = other.heard.drain(before..);
        let mut mail = heard.filter(|(who, frame)| *who == 1 && is_mail(frame));
        mail.next_back().map(|(_, frame)| frame).unwrap()
    };
    world.inject(1, later);
    assert_eq!(gaps(&mut world), 1);
}

fn is_mail(frame: &client_core::driver::Frame) -> bool {
    matches!(frame, client_core::driver::Frame::Binary(bytes) if bytes[0] == 1)
}

#[test]
fn a_blocked_contact_whose_conversation_is_cleared_can_still_be_unblocked() {
    let mut world = talking(22);
    let number = world.contact(0, 1).unwrap();
    assert_eq!(world.ask(0, Request::Block(number)), Answer::Done);
    let to = last(&world, 0);
    does(&mut world, 0, Talk::Clear { to });
    world.crash_client_after(0, 0);
    world.run_for(MINUTE);
    assert_eq!(contact(&world, 0).number, number);
    assert_eq!(world.ask(0, Request::Unblock(number)), Answer::Done);
    assert_eq!(contact(&world, 0).number, number);
}

/// The request fails before or after, and no entry is there to send it again from.
#[test]
fn who_could_not_be_asked_is_asked_with_the_next_message() {
    for fails_first in [true, false] {
        let mut world = World::new(25, 2, 2);
        for who in [0, 1] {
            world.act_after(0, who, Act::Create { node: who });
        }
        world.run_for(MINUTE);
        let ask = |text: &str| Act::Ask {
            whom: 1,
            text: text.to_owned(),
        };
        world.nodes[1].full = true;
        world.act_after(0, 0, ask("the first"));
        world.run_for(MINUTE);
        assert_eq!(contact(&world, 0).state, ContactState::Asked);
        world.run_for(if fails_first { 3 * DAY } else { 0 });
        let to = last(&world, 0);
        does(&mut world, 0, Talk::Clear { to });
        world.run_for(if fails_first { 0 } else { 3 * DAY });
        let number = world.contact(0, 1).unwrap();
        world.nodes[1].full = false;
        let request = Request::Ask {
            contact: number,
            id: MessageId::from_bytes([7; 16]),
            text: "the second".into(),
        };
        assert_eq!(world.ask(0, request), Answer::Done, "{fails_first}");
        world.run_for(10 * MINUTE);
        assert_eq!(texts(&mut world, 1, 0), ["the second"]);
        assert_eq!(contact(&world, 0).state, ContactState::Accepted);
    }
}

/// Only the request itself counts, and no older message that failed.
#[test]
fn a_request_that_is_under_way_is_not_taken_back_with_an_older_message() {
    let mut world = talking(26);
    let number = world.contact(0, 1).unwrap();
    world.nodes[1].full = true;
    say(&mut world, 0, 1, "this one fails");
    world.run_for(3 * DAY);
    world.nodes[1].full = false;
    for (who, whom) in [(0, 1), (1, 0)] {
        let of = world.contact(who, whom).unwrap();
        assert_eq!(world.ask(who, Request::Block(of)), Answer::Done);
        assert_eq!(world.ask(who, Request::Unblock(of)), Answer::Done);
    }
    world.run_for(MINUTE);
    world.people[1].is_shy = true;
    let request = Request::Ask {
        contact: number,
        id: MessageId::from_bytes([7; 16]),
        text: "once more".into(),
    };
    assert_eq!(world.ask(0, request), Answer::Done);
    world.run_for(10 * MINUTE);
    assert_eq!(contact(&world, 0).state, ContactState::Asked);
    let of = place(&mut world, 0, "this one fails");
    does(&mut world, 0, Talk::Forget { of });
    assert_eq!(contact(&world, 0).state, ContactState::Asked);
    let to = last(&world, 0);
    does(&mut world, 0, Talk::Clear { to });
    let asking = world.contact(1, 0).unwrap();
    assert_eq!(world.ask(1, Request::Accept(asking)), Answer::Done);
    say(&mut world, 1, 2, "gladly");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1), ["gladly"]);
}

#[test]
fn a_name_of_ones_own_wins_and_is_told_to_nobody() {
    let mut world = talking(23);
    let theirs = contact(&world, 0).name.clone();
    assert_eq!(contact(&world, 0).own_name, None);
    let before = (mail_heard(&world, 0), mail_heard(&world, 1));
    does(&mut world, 0, Talk::Rename("  Uncle Bob ".into()));
    world.run_for(60 * MINUTE);
    assert_eq!((mail_heard(&world, 0), mail_heard(&world, 1)), before);
    assert!(!is_stored(&world, 1, b"Uncle Bob"));
    world.crash_client_after(0, 0);
    world.run_for(MINUTE);
    assert_eq!(contact(&world, 0).name, "Uncle Bob");
    assert_eq!(contact(&world, 0).own_name, Some(theirs));

    // What they call themselves changes beside it.
    let name = "Robert".to_owned();
    assert_eq!(world.ask(1, Request::SetName(name.clone())), Answer::Done);
    world.run_for(MINUTE);
    assert_eq!(contact(&world, 0).name, "Uncle Bob");
    assert_eq!(contact(&world, 0).own_name, Some(name.clone()));

    for bad in ["x".repeat(65), "a\u{202e}b".into(), "two\nlines".into()] {
        let answer = talk(&mut world, 0, Talk::Rename(bad));
        assert_eq!(answer, Answer::Failed(Failure::BadName));
    }
    assert_eq!(contact(&world, 0).name, "Uncle Bob");
    does(&mut world, 0, Talk::Rename(" ".into()));
    let shown = contact(&world, 0);
    assert_eq!((&shown.name, &shown.own_name), (&name, &None));
}

#[test]
fn both_go_into_the_vault() {
    let mut world = talking(24);
    say(&mut world, 0, 1, "a secret");
    world.run_for(MINUTE);
    assert_eq!(world.ask(0, Request::SaveVault), Answer::Done);
    does(&mut world, 0, Talk::Rename("Uncle Bob".into()));
    let to = last(&world, 0);
    does(&mut world, 0, Talk::Clear { to });
    assert_eq!(world.ask(0, Request::SaveVault), Answer::Done);
    let (phrase, from) = (phrase_of(&mut world, 0), link_of(&world, 0));
    world.kill(0);
    let (who, answer) = restore(&mut world, &phrase, "", &from);
    assert_eq!(answer, Answer::Done);
    world.run_for(5 * MINUTE);
    assert_eq!(contact(&world, who).name, "Uncle Bob");
    assert!(!texts(&mut world, who, 1).contains(&"a secret".to_owned()));
    assert!(!is_stored(&world, who, b"a secret"));
    let number = world.contact(1, 0).unwrap();
    let (id, text) = (MessageId::from_bytes([9; 16]), "welcome".to_owned());
    let said = Request::Send {
        contact: number,
        id,
        text,
    };
    assert_eq!(world.ask(1, said), Answer::Done);
    world.run_for(60 * MINUTE);
    assert!(texts(&mut world, who, 1).contains(&"welcome".to_owned()));
}
