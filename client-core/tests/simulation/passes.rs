//! Contact links that are made for somebody, and people who want one of whoever asks.

use client_core::request::{Answer, Failure, Request};
use client_core::view::{BodyView, ContactState, DeliveryView, PassView};
use shared_crypto::id::{MessageId, Pass};
use shared_crypto::link::ContactLink;
use shared_crypto::time::{MINUTE, SECOND};

use crate::people::{link_of, phrase_of, restore, say, texts};
use crate::world::{Act, Who, World};

const BOB: Who = 0;
const ADA: Who = 1;
const CAROL: Who = 2;
const DAVE: Who = 3;

/// Bob on one node, who decides himself about requests; three others on another.
fn people() -> World {
    let mut world = World::new(60, 4, 2);
    for who in [BOB, ADA, CAROL, DAVE] {
        let node = usize::from(who != BOB);
        world.act_after(0, who, Act::Create { node });
    }
    world.people[BOB].is_shy = true;
    world.run_for(MINUTE);
    world
}

fn links(world: &World, who: Who) -> Vec<PassView> {
    world.people[who].app.me.as_ref().unwrap().links.clone()
}

/// Bob makes a link.
fn make(world: &mut World, label: &str, once: bool) -> PassView {
    let number = world.random(u64::MAX);
    let pass = Pass::from_bytes(number.to_be_bytes());
    let request = Request::MakeLink {
        pass,
        label: label.into(),
        once,
    };
    assert_eq!(world.ask(BOB, request), Answer::Done);
    let made = links(world, BOB).into_iter().find(|it| it.pass == pass);
    made.expect("the link in the list")
}

fn revoke(world: &mut World, link: &PassView) {
    assert_eq!(world.ask(BOB, Request::RevokeLink(link.pass)), Answer::Done);
}

fn want_a_pass(world: &mut World, wanted: bool) {
    assert_eq!(world.ask(BOB, Request::SetOnlyByPass(wanted)), Answer::Done);
}

fn open(world: &mut World, who: Who, link: &str) -> u32 {
    match world.ask(who, Request::OpenLink { link: link.into() }) {
        Answer::Contact(contact) => contact.number,
        other => panic!("{other:?}"),
    }
}

/// Opens a link and asks, with the name of who does it for a text.
fn ask(world: &mut World, who: Who, link: &str) {
    let contact = open(world, who, link);
    let id = MessageId::from_bytes(u128::from(world.random(u64::MAX)).to_be_bytes());
    let text = NAMES[who].to_owned();
    let answer = world.ask(who, Request::Ask { contact, id, text });
    assert_eq!(answer, Answer::Done);
    world.run_for(MINUTE);
}

const NAMES: [&str; 4] = ["Bob", "Ada", "Carol", "Dave"];

/// Who asks Bob, and by the link for whom.
fn requests(world: &World, who: Who) -> Vec<(String, Option<String>)> {
    let requests = world.people[who].app.requests.iter();
    let mut requests: Vec<_> = requests
        .map(|it| (it.text.clone(), it.by_link.clone()))
        .collect();
    requests.sort();
    requests
}

fn seen(requests: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
    let owned = |(text, link): &(&str, Option<&str>)| ((*text).to_owned(), link.map(str::to_owned));
    requests.iter().map(owned).collect()
}

#[test]
fn a_link_for_one_person_counts_for_the_first_who_uses_it() {
    let mut world = people();
    let link = make(&mut world, " Ada, from work ", true);
    assert_eq!((link.label.as_str(), link.once), ("Ada, from work", true));
    assert!(link.link.len() < 120, "{}", link.link);
    assert_ne!(link.link, link_of(&world, BOB));
    let contact = open(&mut world, ADA, &link.link);
    // The link is remembered with who it leads to.
    world.switch_off(ADA);
    world.switch_on(ADA);
    world.run_for(MINUTE);
    let id = MessageId::from_bytes([1; 16]);
    let text = "Ada".into();
    let asked = world.ask(ADA, Request::Ask { contact, id, text });
    assert_eq!(asked, Answer::Done);
    world.run_for(MINUTE);
    let by_ada = ("Ada", Some("Ada, from work"));
    assert_eq!(requests(&world, BOB), seen(&[by_ada]));
    assert_eq!(links(&world, BOB), [], "it is used up");
    ask(&mut world, CAROL, &link.link);
    let common = link_of(&world, BOB);
    ask(&mut world, DAVE, &common);
    let all = seen(&[by_ada, ("Carol", None), ("Dave", None)]);
    assert_eq!(requests(&world, BOB), all);
    // All of them can be talked with.
    world.people[BOB].is_shy = false;
    say(&mut world, BOB, CAROL, "hello Carol");
    say(&mut world, ADA, BOB, "thank you");
    world.run_for(5 * MINUTE);
    assert_eq!(texts(&mut world, CAROL, BOB), ["Carol", "hello Carol"]);
    assert_eq!(texts(&mut world, BOB, ADA), ["Ada", "thank you"]);
}

#[test]
fn another_link_works_until_it_is_taken_back() {
    let mut world = people();
    let link = make(&mut world, "", false);
    ask(&mut world, ADA, &link.link);
    ask(&mut world, CAROL, &link.link);
    assert_eq!(links(&world, BOB), std::slice::from_ref(&link));
    revoke(&mut world, &link);
    assert_eq!(links(&world, BOB), []);
    ask(&mut world, DAVE, &link.link);
    let all = seen(&[("Ada", Some("")), ("Carol", Some("")), ("Dave", None)]);
    assert_eq!(requests(&world, BOB), all);
    let nobody = Pass::from_bytes([0; 8]);
    let answer = world.ask(BOB, Request::RevokeLink(nobody));
    assert_eq!(answer, Answer::Failed(Failure::NotFound));
}

#[test]
fn a_client_that_is_restarted_knows_its_links() {
    let mut world = people();
    let (once, many) = (make(&mut world, "a", true), make(&mut world, "b", false));
    want_a_pass(&mut world, true);
    world.switch_off(BOB);
    world.switch_on(BOB);
    world.run_for(MINUTE);
    let me = world.people[BOB].app.me.clone().unwrap();
    assert!(me.only_by_pass);
    assert_eq!((me.links.len(), me.links.contains(&once)), (2, true));
    assert!(me.links.contains(&many));
}

/// What they sent is taken off the node, nothing is kept of it, and their clients show what they would if Bob were asleep.
#[test]
fn where_a_pass_is_wanted_others_are_not_shown_and_hear_nothing() {
    let mut world = people();
    want_a_pass(&mut world, true);
    let (spent, revoked) = (
        make(&mut world, "spent", true),
        make(&mut world, "revoked", false),
    );
    ask(&mut world, ADA, &spent.link);
    assert_eq!(requests(&world, BOB), seen(&[("Ada", Some("spent"))]));
    let contact = open(&mut world, DAVE, &revoked.link);
    revoke(&mut world, &revoked);
    let before = world.people[BOB].app.clone();
    let rows = world.people[BOB].store.dump().len();
    let (id, text) = (MessageId::from_bytes([1; 16]), "Dave".into());
    let asked = world.ask(DAVE, Request::Ask { contact, id, text });
    assert_eq!(asked, Answer::Done);
    ask(&mut world, CAROL, &spent.link);
    world.run_for(10 * MINUTE);
    let common = link_of(&world, BOB);
    let carol = open(&mut world, CAROL, &common);
    assert_eq!(world.people[BOB].app.requests, before.requests);
    assert_eq!(world.people[BOB].app.dropped, before.dropped);
    assert_eq!(world.people[BOB].store.dump().len(), rows);
    assert_eq!(world.nodes[0].stored_count(), 0);
    for who in [CAROL, DAVE] {
        let [question] = &world.conversation(who, BOB)[..] else {
            panic!("more than the question");
        };
        assert_eq!(question.delivery, Some(DeliveryView::OnTheirNode));
        let state = world.people[who].app.conversations[0].contact.state;
        assert_eq!(state, ContactState::Asked);
    }
    // With a link that Bob made for her Carol asks again, without writing again.
    let fresh = make(&mut world, "Carol", true);
    assert_eq!(open(&mut world, CAROL, &fresh.link), carol);
    world.run_for(MINUTE);
    let both = seen(&[("Ada", Some("spent")), ("Carol", Some("Carol"))]);
    assert_eq!(requests(&world, BOB), both);
    world.people[BOB].is_shy = false;
    say(&mut world, BOB, CAROL, "hello Carol");
    world.run_for(5 * MINUTE);
    let asked = &world.conversation(CAROL, BOB)[0];
    let arrived = [Some(DeliveryView::Delivered), Some(DeliveryView::Read)];
    assert!(arrived.contains(&asked.delivery), "{asked:?}");
    let read = world.conversation(BOB, CAROL);
    let sound = |body: &BodyView| matches!(body, BodyView::Text(_) | BodyView::Connected);
    assert!(read.iter().all(|it| sound(&it.body)), "{read:?}");
    // And nobody needs one any more.
    want_a_pass(&mut world, false);
    world.people[BOB].is_shy = true;
    let late = world.add_person();
    world.act_after(0, late, Act::Create { node: 1 });
    let text = "late".into();
    world.act_after(SECOND, late, Act::Ask { whom: BOB, text });
    world.run_for(2 * MINUTE);
    assert_eq!(requests(&world, BOB), seen(&[("late", None)]));
}

#[test]
fn people_in_contact_are_not_touched_by_what_is_wanted_of_strangers() {
    let mut world = people();
    world.people[BOB].is_shy = false;
    let common = link_of(&world, BOB);
    ask(&mut world, ADA, &common);
    world.people[BOB].is_shy = true;
    ask(&mut world, CAROL, &common);
    want_a_pass(&mut world, true);
    // Who asked before still waits, and goes on waiting with other keys; so does talking.
    for who in [ADA, CAROL] {
        assert_eq!(world.ask(who, Request::RotateKeys), Answer::Done);
    }
    world.run_for(MINUTE);
    assert_eq!(requests(&world, BOB), seen(&[("Carol", None)]));
    say(&mut world, ADA, BOB, "with other keys");
    say(&mut world, BOB, ADA, "still there");
    world.run_for(MINUTE);
    let read = ["Ada", "with other keys", "still there"];
    let mut said = texts(&mut world, BOB, ADA);
    said.sort();
    let mut expected = read.map(str::to_owned);
    expected.sort();
    assert_eq!(said, expected);
    // Somebody whom Bob asks may ask him at the same time: nobody needs to be asked again.
    let link = link_of(&world, DAVE);
    world.people[DAVE].is_shy = true;
    let numbers = [
        open(&mut world, BOB, &link),
        open(&mut world, DAVE, &common),
    ];
    for (who, contact) in [BOB, DAVE].into_iter().zip(numbers) {
        let id = MessageId::from_bytes([9; 16]);
        let text = NAMES[who].to_owned();
        let answer = world.ask(who, Request::Ask { contact, id, text });
        assert_eq!(answer, Answer::Done);
    }
    world.run_for(MINUTE);
    for who in [BOB, DAVE] {
        let of = world.people[who].app.conversations.iter();
        let states: Vec<_> = of.map(|it| it.contact.state).collect();
        let accepted = ContactState::Accepted;
        assert!(states.iter().all(|state| *state == accepted), "{states:?}");
    }
    let mut said = texts(&mut world, BOB, DAVE);
    said.sort();
    assert_eq!(said, ["Bob", "Dave"]);
}

/// Whichever device saves last.
#[test]
fn what_was_used_up_or_taken_back_stays_so_after_a_restore() {
    for old_copy_saves_last in [true, false] {
        let mut world = people();
        let (words, common) = (phrase_of(&mut world, BOB), link_of(&world, BOB));
        let spent = make(&mut world, "spent", true);
        let revoked = make(&mut world, "revoked", false);
        let open = make(&mut world, "open", true);
        want_a_pass(&mut world, true);
        assert_eq!(world.ask(BOB, Request::SaveVault), Answer::Done);
        let (copy, answer) = restore(&mut world, &words, "", &common);
        assert_eq!(answer, Answer::Done);
        assert_eq!(links(&world, copy).len(), 3, "a restore brings them back");
        assert!(world.people[copy].app.me.as_ref().unwrap().only_by_pass);
        world.switch_off(copy);
        ask(&mut world, ADA, &spent.link);
        revoke(&mut world, &revoked);
        assert_eq!(requests(&world, BOB), seen(&[("Ada", Some("spent"))]));
        let later = |world: &mut World, who: Who| {
            world.run_for(MINUTE);
            assert_eq!(world.ask(who, Request::SaveVault), Answer::Done);
        };
        if old_copy_saves_last {
            later(&mut world, BOB);
        }
        world.switch_on(copy);
        world.people[copy].is_shy = true;
        world.run_for(MINUTE);
        later(&mut world, copy);
        if !old_copy_saves_last {
            later(&mut world, BOB);
        }
        for who in [BOB, copy] {
            world.kill(who);
        }
        let (third, answer) = restore(&mut world, &words, "", &common);
        assert_eq!(answer, Answer::Done);
        world.people[third].is_shy = true;
        assert_eq!(links(&world, third), std::slice::from_ref(&open));
        // The same person may ask by it again, and nobody else.
        let before = requests(&world, third);
        ask(&mut world, CAROL, &spent.link);
        ask(&mut world, DAVE, &revoked.link);
        assert_eq!(requests(&world, third), before);
    }
}

#[test]
fn a_link_with_a_pass_leads_to_the_same_identity_and_node() {
    let mut world = people();
    let (made, common) = (make(&mut world, "", true), link_of(&world, BOB));
    let (with, without) = (
        ContactLink::parse(&made.link).unwrap(),
        ContactLink::parse(&common).unwrap(),
    );
    assert_eq!(with.pass, Some(made.pass));
    assert_eq!(ContactLink { pass: None, ..with }, without);
    // One's own is nobody to write to.
    let link = made.link;
    let answer = world.ask(BOB, Request::OpenLink { link });
    assert_eq!(answer, Answer::Failed(Failure::OwnLink));
}
