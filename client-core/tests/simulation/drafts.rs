//! What was typed and not sent: it is there again after the page or the machine goes, and no longer than it should be.

use client_core::request::{Answer, Failure, Request, Talk};
use client_core::view::{ContactState, EditView, Position};
use shared_crypto::id::MessageId;
use shared_crypto::time::MINUTE;

use crate::people::link_of;
use crate::talk::{does, is_stored, place, say, talk, talking};
use crate::world::{Act, Who, World};

fn edit_kept(world: &World, who: Who) -> Option<EditView> {
    world.people[who].app.conversations[0].edit.clone()
}

/// Types another text for a message, as the page has it kept.
fn begin_edit(world: &mut World, who: Who, of: Position, text: &str) {
    assert_eq!(keep_edit(world, who, of, text), Answer::Done);
}

fn keep_edit(world: &mut World, who: Who, of: Position, text: &str) -> Answer {
    let contact = world.contact(who, 1 - who).unwrap();
    let text = text.to_owned();
    world.ask(who, Request::SetEdit { contact, of, text })
}

fn crash(world: &mut World, who: Who) {
    world.crash_client_after(0, who);
    world.run_for(MINUTE);
}

#[test]
fn a_first_message_that_was_begun_is_found_again_until_it_is_sent_or_emptied() {
    let mut world = World::new(50, 2, 1);
    world.act_after(0, 0, Act::Create { node: 0 });
    world.act_after(0, 1, Act::Create { node: 0 });
    world.run_for(MINUTE);
    let link = link_of(&world, 1);
    let Answer::Contact(found) = world.ask(0, Request::OpenLink { link }) else {
        panic!("nobody is found");
    };
    let contact = found.number;
    let draft = |text: &str| Request::SetDraft {
        contact,
        text: text.into(),
    };
    for text in ["Hello, I am the one from", ""] {
        assert_eq!(world.ask(0, draft(text)), Answer::Done);
        crash(&mut world, 0);
        let listed = &world.people[0].app.conversations;
        let drafts: Vec<&str> = listed.iter().map(|it| it.draft.as_str()).collect();
        let expected: Vec<&str> = [text].into_iter().filter(|it| !it.is_empty()).collect();
        assert_eq!(drafts, expected);
    }
    assert_eq!(world.ask(0, draft("Hello, I am")), Answer::Done);
    let (id, text) = (MessageId::from_bytes([1; 16]), "Hello!".to_owned());
    let ask = Request::Ask { contact, id, text };
    assert_eq!(world.ask(0, ask), Answer::Done);
    let talked = &world.people[0].app.conversations[0];
    assert_eq!(talked.contact.state, ContactState::Asked);
    assert_eq!(talked.draft, "");
}

#[test]
fn an_edit_that_was_begun_is_kept_until_it_is_sent_or_not_made_after_all() {
    let mut world = talking(51);
    say(&mut world, 0, 1, "a typo");
    world.run_for(MINUTE);
    let of = place(&mut world, 0, "a typo");
    begin_edit(&mut world, 0, of, "no typo");
    crash(&mut world, 0);
    let text = "no typo".to_owned();
    assert_eq!(edit_kept(&world, 0), Some(EditView { of, text }));
    // A sign under the message changes nothing of it.
    let (to, sign) = (place(&mut world, 1, "a typo"), "👍".to_owned());
    does(&mut world, 1, Talk::React { to, sign });
    assert!(edit_kept(&world, 0).is_some());
    let text = "no typo any more".to_owned();
    does(&mut world, 0, Talk::Edit { of, text });
    assert_eq!(edit_kept(&world, 0), None);

    begin_edit(&mut world, 0, of, "another");
    begin_edit(&mut world, 0, of, "");
    assert_eq!(edit_kept(&world, 0), None);
}

#[test]
fn of_a_message_that_is_gone_no_edit_is_left() {
    type End = fn(&mut World, Position);
    let ends: [(&str, End); 4] = [
        ("deleted for all", |world, of| {
            does(world, 0, Talk::Delete { of });
        }),
        ("deleted here", |world, of| {
            assert_eq!(talk(world, 0, Talk::Forget { of }), Answer::Done);
        }),
        ("cleared", |world, to| does(world, 0, Talk::Clear { to })),
        ("expired", |world, _| world.run_for(2 * 60 * MINUTE)),
    ];
    for (how, end) in ends {
        let mut world = talking(52);
        if how == "expired" {
            does(&mut world, 0, Talk::SetTimer { seconds: 3_600 });
        }
        say(&mut world, 0, 1, "the secret");
        world.run_for(MINUTE);
        let of = place(&mut world, 0, "the secret");
        begin_edit(&mut world, 0, of, "the secret of mine");
        assert!(is_stored(&world, 0, b"secret of mine"), "{how}");
        end(&mut world, of);
        assert_eq!(edit_kept(&world, 0), None, "{how}");
        assert!(!is_stored(&world, 0, b"secret"), "{how}");
        // Nor of what is typed on in a field that is still open.
        let late = keep_edit(&mut world, 0, of, "the secret of mine, again");
        assert_eq!(late, Answer::Failed(Failure::NotFound), "{how}");
        assert!(!is_stored(&world, 0, b"secret"), "{how}");
        assert_eq!(keep_edit(&mut world, 0, of, ""), Answer::Done, "{how}");
    }
}
