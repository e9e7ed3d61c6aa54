//! What two people do in a conversation besides writing: answers, signs, changes, deletions, timers, search.

use client_core::driver::Frame;
use client_core::request::{Answer, Failure, Request, Talk};
use client_core::view::{
    BodyView, DeliveryView, EntryView, Millis, Position, QuoteView, ReactionView, VerificationView,
};
use shared_crypto::id::MessageId;
use shared_crypto::time::{MINUTE, SECOND};

use crate::world::{Act, Who, World};

/// Two people who have accepted each other: 0 asked, 1 accepted.
pub fn talking(seed: u64) -> World {
    let mut world = World::new(seed, 2, 2);
    world.act_after(0, 0, Act::Create { node: 0 });
    world.act_after(0, 1, Act::Create { node: 1 });
    let text = "hello".to_owned();
    world.act_after(MINUTE, 0, Act::Ask { whom: 1, text });
    world.run_for(3 * MINUTE);
    let asking = world.contact(1, 0).unwrap();
    assert_eq!(world.ask(1, Request::Accept(asking)), Answer::Done);
    world.run_for(MINUTE);
    world
}

fn id(number: u8) -> MessageId {
    MessageId::from_bytes([number; 16])
}

pub fn say(world: &mut World, who: Who, number: u8, text: &str) {
    let contact = world.contact(who, 1 - who).unwrap();
    let (id, text) = (id(number), text.to_owned());
    let answer = world.ask(who, Request::Send { contact, id, text });
    assert_eq!(answer, Answer::Done);
}

pub fn talk(world: &mut World, who: Who, what: Talk) -> Answer {
    let contact = world.contact(who, 1 - who).unwrap();
    world.ask(who, Request::Talk { contact, what })
}

pub fn does(world: &mut World, who: Who, what: Talk) {
    // Every act may be repeated, as a page does when another worker takes over.
    assert_eq!(talk(world, who, what.clone()), Answer::Done);
    assert_eq!(talk(world, who, what), Answer::Done);
    world.run_for(20 * SECOND);
}

fn find(world: &mut World, who: Who, text: &str) -> EntryView {
    let entries = world.conversation(who, 1 - who);
    let is = |entry: &&EntryView| entry.body == BodyView::Text(text.to_owned());
    entries.iter().find(is).cloned().expect(text)
}

pub fn place(world: &mut World, who: Who, text: &str) -> Position {
    find(world, who, text).position
}

pub fn search(world: &mut World, who: Who, text: &str) -> Vec<String> {
    let (contact, text) = (None, text.to_owned());
    let Answer::Found { found, .. } = world.ask(who, Request::Search { contact, text }) else {
        panic!("a search is answered with what it found");
    };
    let text = |body| match body {
        BodyView::Text(text) => text,
        other => panic!("{other:?} has no text"),
    };
    found
        .into_iter()
        .map(|found| text(found.entry.body))
        .collect()
}

/// Whether the text stands anywhere in what a person's client keeps.
pub fn is_stored(world: &World, who: Who, text: &[u8]) -> bool {
    let rows = world.people[who].store.dump();
    rows.iter()
        .any(|(_, _, value)| value.windows(text.len()).any(|bytes| bytes == text))
}

pub fn unread(world: &World, who: Who) -> u32 {
    world.people[who].app.conversations[0].unread
}

pub fn has_gaps(world: &mut World, who: Who) -> bool {
    let entries = world.conversation(who, 1 - who);
    entries.iter().any(|entry| {
        matches!(
            entry.body,
            BodyView::Gap { .. } | BodyView::Broken | BodyView::NeedsNewerVersion { .. }
        )
    })
}

#[test]
fn an_answer_shows_what_it_answers_on_both_sides() {
    let mut world = talking(1);
    say(&mut world, 0, 1, "where shall we meet?");
    world.run_for(MINUTE);
    let to = place(&mut world, 1, "where shall we meet?");
    let (text, reply) = ("at the station".to_owned(), id(2));
    does(
        &mut world,
        1,
        Talk::Reply {
            id: reply,
            text,
            to,
        },
    );
    for (who, mine) in [(0, true), (1, false)] {
        let position = place(&mut world, who, "where shall we meet?");
        let quote = find(&mut world, who, "at the station").marks.reply;
        let expected = QuoteView {
            id: id(1),
            position: Some(position),
            mine,
            text: Some("where shall we meet?".into()),
        };
        assert_eq!(quote, Some(expected));
    }
    assert!(!has_gaps(&mut world, 0));
}

#[test]
fn a_person_has_one_sign_under_a_message_and_takes_it_back() {
    let mut world = talking(2);
    say(&mut world, 0, 1, "I passed!");
    world.run_for(MINUTE);
    for sign in ["👍", "🎉"] {
        let to = place(&mut world, 1, "I passed!");
        does(
            &mut world,
            1,
            Talk::React {
                to,
                sign: sign.into(),
            },
        );
    }
    let to = place(&mut world, 0, "I passed!");
    does(
        &mut world,
        0,
        Talk::React {
            to,
            sign: "❤️".into(),
        },
    );
    let signs = |world: &mut World, who| {
        let mut reactions = find(world, who, "I passed!").marks.reactions;
        reactions.sort_by_key(|reaction| reaction.mine);
        reactions
    };
    let reaction = |mine, sign: &str| ReactionView {
        mine,
        sign: sign.into(),
    };
    assert_eq!(
        signs(&mut world, 0),
        [reaction(false, "🎉"), reaction(true, "❤️")]
    );
    assert_eq!(
        signs(&mut world, 1),
        [reaction(false, "❤️"), reaction(true, "🎉")]
    );
    let to = place(&mut world, 1, "I passed!");
    does(
        &mut world,
        1,
        Talk::React {
            to,
            sign: String::new(),
        },
    );
    assert_eq!(signs(&mut world, 0), [reaction(true, "❤️")]);
    let sign = "x".repeat(65);
    let too_long = talk(&mut world, 1, Talk::React { to, sign });
    assert_eq!(too_long, Answer::Failed(Failure::TextTooLong { limit: 64 }));
    assert!(!has_gaps(&mut world, 0) && !has_gaps(&mut world, 1));
}

#[test]
fn a_change_is_marked_and_what_stood_there_before_is_kept() {
    let mut world = talking(3);
    say(&mut world, 0, 1, "at nine");
    world.run_for(MINUTE);
    let of = place(&mut world, 0, "at nine");
    does(
        &mut world,
        0,
        Talk::Edit {
            of,
            text: "at ten".into(),
        },
    );
    for who in [0, 1] {
        let entry = find(&mut world, who, "at ten");
        assert!(entry.marks.edited_at.is_some());
        let (contact, position) = (world.contact(who, 1 - who).unwrap(), entry.position);
        let Answer::Info(info) = world.ask(who, Request::Info { contact, position }) else {
            panic!("info is answered with info");
        };
        let texts: Vec<_> = info
            .versions
            .iter()
            .map(|(text, _)| text.as_str())
            .collect();
        assert_eq!(texts, ["at nine"]);
        assert_eq!(search(&mut world, who, "nine"), Vec::<String>::new());
        assert_eq!(search(&mut world, who, "TEN"), ["at ten"]);
    }
    let theirs = place(&mut world, 1, "at ten");
    let edit = Talk::Edit {
        of: theirs,
        text: "never".into(),
    };
    assert_eq!(
        talk(&mut world, 1, edit),
        Answer::Failed(Failure::WrongState)
    );
}

#[test]
fn a_deleted_message_is_gone_on_both_sides_and_its_author_learns_that() {
    let mut world = talking(4);
    say(&mut world, 0, 1, "a secret");
    world.run_for(MINUTE);
    let there = place(&mut world, 1, "a secret");
    let (text, reply) = ("what is?".to_owned(), id(2));
    does(
        &mut world,
        1,
        Talk::Reply {
            id: reply,
            text,
            to: there,
        },
    );
    assert_eq!(unread(&world, 1), 1 + 1, "hello and the secret");
    let of = place(&mut world, 0, "a secret");
    does(&mut world, 0, Talk::Delete { of });
    for who in [0, 1] {
        let entries = world.conversation(who, 1 - who);
        let bodies: Vec<_> = entries.iter().map(|entry| &entry.body).collect();
        assert!(bodies.contains(&&BodyView::Deleted), "{bodies:?}");
        assert!(!bodies.contains(&&BodyView::Text("a secret".into())));
        let quote = find(&mut world, who, "what is?").marks.reply.unwrap();
        assert_eq!(quote.text, None, "an answer does not keep it alive");
        assert!(search(&mut world, who, "secret").is_empty());
        assert!(!is_stored(&world, who, b"a secret"));
    }
    let entries = world.conversation(0, 1);
    let deleted = entries.iter().find(|entry| entry.position == of).unwrap();
    assert_eq!(
        deleted.delivery,
        Some(DeliveryView::Delivered),
        "they carried it out"
    );
    assert_eq!(unread(&world, 1), 1, "what is gone is not unread");
    let theirs = Talk::Delete {
        of: place(&mut world, 0, "what is?"),
    };
    assert_eq!(
        talk(&mut world, 0, theirs),
        Answer::Failed(Failure::WrongState)
    );
}

#[test]
fn a_message_deleted_here_stays_there() {
    let mut world = talking(5);
    say(&mut world, 0, 1, "keep this");
    world.run_for(MINUTE);
    let of = place(&mut world, 1, "keep this");
    does(&mut world, 1, Talk::Forget { of });
    let here = world.conversation(1, 0);
    assert!(here.iter().all(|entry| entry.position != of));
    find(&mut world, 0, "keep this");
}

#[test]
fn messages_with_a_timer_are_forgotten_on_both_sides_at_the_same_time() {
    let mut world = talking(6);
    does(&mut world, 0, Talk::SetTimer { seconds: 3_600 });
    for who in [0, 1] {
        let marks = world.people[who].app.conversations[0].marks;
        assert_eq!(marks.timer, Some(3_600));
    }
    say(&mut world, 1, 1, "this will vanish");
    world.run_for(MINUTE);
    let expiry = |world: &mut World, who| {
        let entry = find(world, who, "this will vanish");
        entry.marks.expires_at.unwrap()
    };
    let at: Millis = expiry(&mut world, 0);
    assert_eq!(at, expiry(&mut world, 1), "both count alike");
    // A copy of what was stored while it was there: it does not come back from it.
    let copy = world.people[0].store.snapshot();
    world.run_for(2 * 60 * MINUTE);
    for who in [0, 1] {
        let texts = search(&mut world, who, "vanish");
        assert!(texts.is_empty());
        assert!(!is_stored(&world, who, b"this will vanish"));
    }
    world.people[0].store = copy;
    world.crash_client_after(0, 0);
    world.run_for(MINUTE);
    let entries = world.conversation(0, 1);
    let vanished = BodyView::Text("this will vanish".into());
    assert!(entries.iter().all(|entry| entry.body != vanished));
    assert!(
        entries
            .iter()
            .any(|entry| entry.body == BodyView::Timer { seconds: 3_600 })
    );
}

#[test]
fn who_comes_back_too_late_is_told_that_there_was_a_message() {
    let mut world = talking(7);
    does(&mut world, 0, Talk::SetTimer { seconds: 20 });
    world.mute(1);
    say(&mut world, 0, 1, "be quick");
    world.run_for(30 * MINUTE);
    let entries = world.conversation(1, 0);
    let expired = entries
        .iter()
        .filter(|entry| entry.body == BodyView::Expired);
    assert_eq!(expired.count(), 1, "{entries:?}");
    assert_eq!(unread(&world, 1), 1, "only hello");
    assert!(!has_gaps(&mut world, 1));
}

#[test]
fn typing_is_told_only_when_both_want_it() {
    let mut world = talking(8);
    let writes = |world: &World| world.people[1].app.conversations[0].marks.typing;
    assert_eq!(talk(&mut world, 0, Talk::Typing), Answer::Done);
    world.run_for(5 * SECOND);
    assert!(!writes(&world), "off until it is switched on");
    for who in [0, 1] {
        assert_eq!(world.ask(who, Request::SetTyping(true)), Answer::Done);
    }
    assert_eq!(talk(&mut world, 0, Talk::Typing), Answer::Done);
    world.run_for(5 * SECOND);
    assert!(writes(&world));
    world.run_for(MINUTE);
    assert!(!writes(&world), "nobody writes for ever");
    assert!(!has_gaps(&mut world, 1));
}

#[test]
fn a_verified_contact_stays_so_and_a_wrong_number_verifies_nobody() {
    let mut world = talking(9);
    let contact = world.contact(0, 1).unwrap();
    let Answer::SafetyNumber(number) = world.ask(0, Request::SafetyNumber(contact)) else {
        panic!("a number");
    };
    let state = |world: &World| world.people[0].app.conversations[0].contact.verification;
    let wrong = number.replace('1', "2");
    let answer = talk(&mut world, 0, Talk::Verify { number: wrong });
    assert_eq!(answer, Answer::Failed(Failure::NumberDiffers));
    assert_eq!(state(&world), VerificationView::Unverified);
    does(
        &mut world,
        0,
        Talk::Verify {
            number: number.replace(' ', "\n"),
        },
    );
    assert_eq!(state(&world), VerificationView::Verified);
    world.crash_client_after(0, 0);
    world.run_for(MINUTE);
    assert_eq!(state(&world), VerificationView::Verified, "it is kept");
    does(&mut world, 0, Talk::Unverify);
    assert_eq!(state(&world), VerificationView::Unverified);
}

#[test]
fn an_archived_conversation_comes_back_with_a_message_unless_it_is_muted() {
    let mut world = talking(10);
    let archived = |world: &World| world.people[1].app.conversations[0].marks.archived;
    does(&mut world, 1, Talk::Archive(true));
    say(&mut world, 0, 1, "news");
    world.run_for(MINUTE);
    assert!(!archived(&world));
    does(&mut world, 1, Talk::Archive(true));
    does(
        &mut world,
        1,
        Talk::Mute {
            until: Some(u64::MAX),
        },
    );
    say(&mut world, 0, 2, "more news");
    world.run_for(MINUTE);
    assert!(archived(&world));
    does(&mut world, 1, Talk::Pin(true));
    assert!(world.people[1].app.conversations[0].marks.pinned);
}

#[test]
fn searching_finds_words_in_any_order_and_an_empty_search_nothing() {
    let mut world = talking(11);
    for (number, text) in [
        (1, "Der Zug fährt um NEUN"),
        (2, "ein anderer Zug"),
        (3, "nichts"),
    ] {
        say(&mut world, 0, number, text);
    }
    world.run_for(MINUTE);
    for who in [0, 1] {
        assert_eq!(
            search(&mut world, who, "neun fahrt zug"),
            ["Der Zug fährt um NEUN"]
        );
        assert_eq!(search(&mut world, who, "zug").len(), 2);
        assert!(search(&mut world, who, "  ").is_empty());
        assert!(search(&mut world, who, "omnibus").is_empty());
    }
}

/// How many envelopes reached a person so far.
pub fn mail_heard(world: &World, who: Who) -> usize {
    let heard = world.heard.iter().filter(|(whose, _)| *whose == who);
    let is_mail = |frame: &&Frame| matches!(frame, Frame::Binary(bytes) if bytes[0] == 1);
    heard.map(|(_, frame)| frame).filter(is_mail).count()
}

fn read_all(world: &mut World, who: Who) {
    let contact = world.contact(who, 1 - who).unwrap();
    let position = world.conversation(who, 1 - who).last().unwrap().position;
    let read = Request::MarkRead { contact, position };
    assert_eq!(world.ask(who, read), Answer::Done);
}

#[test]
fn receipts_are_sent_only_while_they_are_switched_on() {
    let mut world = talking(14);
    read_all(&mut world, 1);
    world.run_for(MINUTE);
    let delivery = |world: &mut World, text: &str| find(world, 0, text).delivery.unwrap();
    assert_eq!(delivery(&mut world, "hello"), DeliveryView::Read);
    assert_eq!(world.ask(1, Request::SetReceipts(false)), Answer::Done);
    let before = mail_heard(&world, 0);
    say(&mut world, 0, 1, "unconfirmed");
    world.run_for(MINUTE);
    read_all(&mut world, 1);
    world.crash_client_after(0, 1);
    world.run_for(60 * MINUTE);
    find(&mut world, 1, "unconfirmed");
    assert_eq!(mail_heard(&world, 0), before);
    let unconfirmed = DeliveryView::OnTheirNode;
    assert_eq!(delivery(&mut world, "unconfirmed"), unconfirmed);
    // What was owed when they were switched off is not sent either.
    assert_eq!(world.ask(1, Request::SetReceipts(true)), Answer::Done);
    say(&mut world, 0, 2, "owed");
    while world.conversation(1, 0).last().unwrap().body != BodyView::Text("owed".into()) {
        world.run_for(20);
    }
    assert_eq!(world.ask(1, Request::SetReceipts(false)), Answer::Done);
    world.run_for(60 * MINUTE);
    assert_eq!(mail_heard(&world, 0), before);
    // From now on they are sent, of what comes from now on.
    assert_eq!(world.ask(1, Request::SetReceipts(true)), Answer::Done);
    say(&mut world, 0, 3, "confirmed");
    world.run_for(MINUTE);
    assert_eq!(delivery(&mut world, "confirmed"), DeliveryView::Delivered);
    read_all(&mut world, 1);
    world.run_for(MINUTE);
    assert_eq!(delivery(&mut world, "confirmed"), DeliveryView::Read);
    assert_eq!(delivery(&mut world, "unconfirmed"), unconfirmed);
    assert!(!has_gaps(&mut world, 0) && !has_gaps(&mut world, 1));
}

#[test]
fn one_conversation_may_tell_less_or_more_than_the_settings_say() {
    let mut world = talking(14);
    for (general, here) in [(true, false), (false, true)] {
        let set = Request::SetReceipts(general);
        assert_eq!(world.ask(1, set), Answer::Done);
        does(&mut world, 1, Talk::Tell(here));
        let text = format!("told: {here}");
        say(&mut world, 0, if here { 12 } else { 11 }, &text);
        world.run_for(MINUTE);
        read_all(&mut world, 1);
        world.run_for(60 * MINUTE);
        let shown = find(&mut world, 0, &text).delivery.unwrap();
        assert_eq!(shown == DeliveryView::Read, here, "{shown:?}");
        assert_eq!(shown == DeliveryView::OnTheirNode, !here, "{shown:?}");
    }
}

#[test]
fn a_stranger_does_not_learn_that_a_request_came_or_was_read() {
    let mut world = World::new(15, 2, 2);
    world.people[1].is_shy = true;
    world.act_after(0, 0, Act::Create { node: 0 });
    world.act_after(0, 1, Act::Create { node: 1 });
    let text = "hello".to_owned();
    world.act_after(MINUTE, 0, Act::Ask { whom: 1, text });
    world.run_for(3 * MINUTE);
    read_all(&mut world, 1);
    world.run_for(24 * 60 * MINUTE);
    assert_eq!(mail_heard(&world, 0), 0);
    let shown = find(&mut world, 0, "hello").delivery;
    assert!(!matches!(
        shown,
        Some(DeliveryView::Delivered | DeliveryView::Read)
    ));
    // Whoever is accepted is no stranger.
    let asking = world.contact(1, 0).unwrap();
    assert_eq!(world.ask(1, Request::Accept(asking)), Answer::Done);
    world.run_for(MINUTE);
    say(&mut world, 0, 1, "thank you");
    world.run_for(MINUTE);
    let shown = find(&mut world, 0, "thank you").delivery;
    assert_eq!(shown, Some(DeliveryView::Delivered));
}
