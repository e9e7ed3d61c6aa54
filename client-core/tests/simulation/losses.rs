//! What is lost and made good: copies that are older than what was agreed since.

use client_core::driver::Frame;
use client_core::request::{Answer, Removal, Request, Secret};
use client_core::store::Table;
use client_core::view::{BodyView, ContactState, DeliveryView};
use shared_crypto::envelope::{EnvelopeKind, peek};
use shared_crypto::id::{MailboxId, MessageId};
use shared_crypto::live::NodeBinary;
use shared_crypto::time::{DAY, HOUR, MINUTE, RETENTION, SECOND};

use crate::hostile_nodes::{forked, held, look_up_again};
use crate::node::Word;
use crate::people::{self, add, identity_of, lines, link_of, phrase_of, talking, texts};
use crate::vault::files::{backup, import};
use crate::vault::{say, talkers, talkers_among};
use crate::world::{Act, NO_FAULTS, Who, World};

const ALICE: Who = 0;
const BOB: Who = 1;

/// Bob begins a new pair secret after Alice's copy was made. Whoever restores the copy lacks it, and tells Bob so.
#[test]
fn an_older_copy_than_a_contacts_new_keys_is_understood() {
    let mut world = talkers(60);
    let words = phrase_of(&mut world, ALICE);
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

/// Bob begins a new pair secret, and Alice's answer is lost: he learns her half from a message, which says it as well until he
/// has used it. Then he falls over.
#[test]
fn the_half_of_a_secret_that_came_with_a_message_is_kept() {
    let mut world = talking(2);
    assert_eq!(world.ask(BOB, Request::RotateKeys), Answer::Done);
    world.run_for(200);
    world.switch_off(BOB);
    world.run_for(MINUTE);
    world.nodes[1].forget_mail();
    people::say(&mut world, ALICE, BOB, "with my half");
    world.run_for(MINUTE);
    world.switch_on(BOB);
    world.run_for(MINUTE);
    assert_eq!(
        texts(&mut world, BOB, ALICE).last().unwrap(),
        "with my half"
    );
    world.switch_off(BOB);
    world.switch_on(BOB);
    world.run_for(MINUTE);
    people::say(&mut world, ALICE, BOB, "without it");
    world.run_for(MINUTE);
    assert_eq!(texts(&mut world, BOB, ALICE).last().unwrap(), "without it");
}

/// Alice leaves a node, and so gives Bob another mailbox, after her copy was made.
fn copied_before_a_mailbox(is_renewed: bool) -> (World, Who) {
    let mut world = talkers_among(60, 3);
    assert_eq!(add(&mut world, ALICE, 2), Answer::Done);
    world.run_for(10 * MINUTE);
    let words = phrase_of(&mut world, ALICE);
    let file = backup(&mut world, ALICE);
    let (node, when) = (world.nodes[2].url.to_string(), Removal::AtOnce);
    let removes = Request::RemoveNode { node, when };
    assert_eq!(world.ask(ALICE, removes), Answer::Done);
    world.run_for(10 * MINUTE);
    if is_renewed {
        // Her receive keys are of a week.
        world.run_for(8 * DAY);
        say(&mut world, ALICE, BOB, "with my newest key");
        world.run_for(10 * MINUTE);
    }
    world.kill(ALICE);
    if is_renewed {
        people::say(&mut world, BOB, ALICE, "sealed to what the copy lacks");
        world.run_for(MINUTE);
    }
    let (copy, answer) = import(&mut world, &file.bytes, &words);
    assert_eq!(answer, Answer::Done);
    world.run_for(MINUTE);
    (world, copy)
}

/// It tells Bob of another mailbox and then of its new record; they go through two nodes, and the second comes first.
#[test]
fn a_new_mailbox_is_taken_over_when_later_news_overtake_it() {
    // Which of the two comes first is chance.
    for seed in 60..62 {
        let mut world = talkers_among(seed, 3);
        assert_eq!(add(&mut world, ALICE, 2), Answer::Done);
        world.run_for(10 * MINUTE);
        let (node, when) = (world.nodes[2].url.to_string(), Removal::AtOnce);
        let removes = Request::RemoveNode { node, when };
        assert_eq!(world.ask(ALICE, removes), Answer::Done);
        world.run_for(RETENTION + 2 * DAY);
        say(&mut world, BOB, ALICE, "a month later");
        world.run_for(10 * MINUTE);
        let read = texts(&mut world, ALICE, BOB);
        assert_eq!(read.last().unwrap(), "a month later", "{seed}");
    }
}

#[test]
fn mail_in_a_mailbox_that_an_older_copy_does_not_know_is_read() {
    let (mut world, copy) = copied_before_a_mailbox(false);
    say(&mut world, BOB, copy, "left where you told me");
    world.run_for(10 * MINUTE);
    let read = texts(&mut world, copy, BOB);
    assert_eq!(read.last().unwrap(), "left where you told me");
    say(&mut world, BOB, copy, "and this?");
    world.run_for(10 * MINUTE);
    // What Bob was told anew is the mailbox of before; that of the copy that is gone is open until nothing can be on its way,
    // and read until nothing can be left there.
    let known = world.rows(copy, Table::Mailboxes);
    world.run_for(2 * (RETENTION + 2 * DAY));
    assert!(world.rows(copy, Table::Mailboxes) < known);
    say(&mut world, BOB, copy, "and in a month?");
    world.run_for(10 * MINUTE);
    let read = texts(&mut world, copy, BOB);
    assert_eq!(read[read.len() - 2..], ["and this?", "and in a month?"]);
}

#[test]
fn mail_that_nobody_can_be_known_to_have_left_has_everybody_told_anew() {
    let (mut world, copy) = copied_before_a_mailbox(true);
    assert_eq!(world.people[copy].app.dropped.unreadable, 1);
    world.run_for(10 * MINUTE);
    say(&mut world, BOB, copy, "and now?");
    say(&mut world, copy, BOB, "I hear you");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, copy, BOB).last().unwrap(), "and now?");
    assert_eq!(texts(&mut world, BOB, copy).last().unwrap(), "I hear you");
    // It came to the mailbox that the copy knew, as Bob was told.
    assert_eq!(world.rows(copy, Table::Mailboxes), 2);
}

/// Alice's node has accepted a message, and loses it with its disk before it could hand it on.
fn lost_with_the_disk() -> World {
    let mut world = talking(2);
    world.kill_node(1);
    people::say(&mut world, ALICE, BOB, "kept by the node");
    world.run_for(MINUTE);
    let last = world.conversation(ALICE, BOB).pop().unwrap();
    assert_eq!(last.delivery, Some(DeliveryView::Sent));
    world.nodes[0].forget_everything();
    world.revive_node(1);
    world.run_for(2 * MINUTE);
    assert_eq!(texts(&mut world, BOB, ALICE).len(), 2);
    world
}

/// It says that it knows nobody; the answer that we were new to it goes astray.
#[test]
fn mail_that_a_node_lost_with_its_disk_is_handed_over_again() {
    let mut world = lost_with_the_disk();
    world.nodes[0].word = Word::Lie(200, "");
    world.crash_node_after(0, 0);
    world.run_for(5 * MINUTE);
    let read = texts(&mut world, BOB, ALICE);
    assert_eq!(read.last().unwrap(), "kept by the node");
    let last = world.conversation(ALICE, BOB).pop().unwrap();
    assert!(matches!(
        last.delivery,
        Some(DeliveryView::Delivered | DeliveryView::Read)
    ));
}

/// Somebody else has told it of us before we come back: nothing tells of the loss but its silence.
#[test]
fn mail_that_a_node_lost_without_a_word_is_handed_over_again() {
    // It is the same world each time.
    let (chain, package) = held(&talking(2), 0, ALICE);
    let mut world = lost_with_the_disk();
    world.nodes[0].serve(chain, package);
    world.crash_node_after(0, 0);
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, BOB, ALICE).len(), 2);
    world.run_for(4 * HOUR);
    let read = texts(&mut world, BOB, ALICE);
    assert_eq!(read.last().unwrap(), "kept by the node");
}

/// Alice did not hear that it arrived. When Bob leaves a node he gives her another mailbox, and she hands it over again.
#[test]
fn what_came_to_two_mailboxes_is_one_event() {
    // Which of Bob's two news comes first is chance.
    for chance in 0..4 {
        let mut world = talking(3);
        for _ in 0..chance {
            world.random(2);
        }
        assert_eq!(add(&mut world, BOB, 2), Answer::Done);
        world.run_for(10 * MINUTE);
        world.faults.lose_reply = 1_000;
        people::say(&mut world, ALICE, BOB, "once");
        world.run_for(20 * SECOND);
        world.faults = NO_FAULTS;
        world.nodes[0].forget_outbox();
        assert_eq!(texts(&mut world, BOB, ALICE).last().unwrap(), "once");
        let (node, when) = (world.nodes[2].url.to_string(), Removal::AtOnce);
        let removes = Request::RemoveNode { node, when };
        assert_eq!(world.ask(BOB, removes), Answer::Done);
        world.run_for(10 * MINUTE);
        people::say(&mut world, ALICE, BOB, "twice");
        world.run_for(10 * MINUTE);
        let read = texts(&mut world, BOB, ALICE);
        assert_eq!(read[2..], ["once", "twice"]);
        let broken = |body: &BodyView| *body == BodyView::Broken;
        assert_eq!(lines(&mut world, BOB, ALICE, broken), 0, "{chance}");
    }
}

/// Bob answered after the copy was made, to the device that is gone. Nobody would write to the other any more.
#[test]
fn an_answer_that_an_older_copy_lacks_is_given_again() {
    let mut world = World::new(61, 2, 2);
    for who in [ALICE, BOB] {
        world.act_after(0, who, Act::Create { node: who });
    }
    world.run_for(MINUTE);
    world.switch_off(BOB);
    let text = "hello Bob".to_owned();
    world.act_after(0, ALICE, Act::Ask { whom: BOB, text });
    world.run_for(MINUTE);
    let words = phrase_of(&mut world, ALICE);
    let file = backup(&mut world, ALICE);
    world.switch_on(BOB);
    world.run_for(10 * MINUTE);
    say(&mut world, ALICE, BOB, "so we are in contact");
    world.run_for(10 * MINUTE);
    let state = |world: &World, who: Who| world.people[who].app.conversations[0].contact.state;
    assert_eq!(state(&world, ALICE), ContactState::Accepted);
    world.kill(ALICE);
    let (copy, answer) = import(&mut world, &file.bytes, &words);
    assert_eq!(answer, Answer::Done);
    assert_eq!(state(&world, copy), ContactState::Asked);
    world.run_for(10 * MINUTE);
    assert_eq!(state(&world, copy), ContactState::Accepted);
    say(&mut world, BOB, copy, "do you hear me?");
    say(&mut world, copy, BOB, "I do");
    world.run_for(10 * MINUTE);
    for (who, whom) in [(copy, BOB), (BOB, copy)] {
        let read = texts(&mut world, who, whom);
        for text in ["do you hear me?", "I do"] {
            assert!(read.contains(&text.to_owned()), "{read:?}");
        }
    }
    let unread = |body: &BodyView| matches!(body, BodyView::CannotOpen | BodyView::Broken);
    assert_eq!(lines(&mut world, copy, BOB, unread), 0);
    assert_eq!(lines(&mut world, BOB, copy, unread), 0);
}

fn is_lane(envelope: &[u8]) -> bool {
    peek(envelope).is_ok_and(|header| header.kind() == EnvelopeKind::Lane)
}

/// A node leaves in a contact's mailbox what nobody can read.
fn leave_garbage(world: &mut World, who: Who) {
    leave_garbage_in(world, who, None);
}

/// The same, in a mailbox that it invents.
fn leave_garbage_in(world: &mut World, who: Who, invented: Option<MailboxId>) {
    let lane = |frame: &Frame| match frame {
        Frame::Binary(bytes) => match NodeBinary::parse(bytes) {
            Ok(NodeBinary::Envelope { envelope, .. }) => is_lane(envelope),
            _ => false,
        },
        Frame::Text(_) => false,
    };
    let mut heard = world.heard.iter().rev();
    let genuine = heard.find(|(heard, frame)| *heard == who && lane(frame));
    let Some((_, Frame::Binary(genuine))) = genuine.cloned() else {
        panic!("something came to the contact's mailbox");
    };
    let Ok(NodeBinary::Envelope {
        cursor,
        mailbox,
        envelope,
        ..
    }) = NodeBinary::parse(&genuine)
    else {
        panic!("an envelope");
    };
    let mut garbage = envelope.to_vec();
    *garbage.last_mut().unwrap() ^= 1;
    let mut id = [0; 16];
    id[..8].copy_from_slice(&world.random(u64::MAX).to_be_bytes());
    let mailbox = invented.unwrap_or(mailbox);
    world.inject_envelope(who, cursor, mailbox, MessageId::from_bytes(id), &garbage);
}

fn waiting(world: &World, who: Who) -> usize {
    world.rows(who, Table::Outbox)
}

/// All of them would be sealed and sent when the contact's node is back.
#[test]
fn of_a_contact_who_cannot_be_read_one_new_pair_secret_waits() {
    let mut world = talking(2);
    world.kill_node(1);
    leave_garbage(&mut world, ALICE);
    // Who left it would see at once to whom something goes.
    assert_eq!(waiting(&world, ALICE), 0);
    world.run_for(10 * SECOND);
    assert_eq!(waiting(&world, ALICE), 1);
    for _ in 0..40 {
        world.run_for(HOUR);
        leave_garbage(&mut world, ALICE);
    }
    world.run_for(10 * SECOND);
    assert_eq!(waiting(&world, ALICE), 1);
}

#[test]
fn a_contact_who_cannot_be_read_and_does_not_answer_is_told_ever_more_seldom() {
    let mut world = talking(2);
    world.switch_off(BOB);
    for _ in 0..48 {
        leave_garbage(&mut world, ALICE);
        world.run_for(HOUR);
    }
    let left = world.nodes[1].stored_count();
    assert!((2..=6).contains(&left), "{left} letters");
    world.switch_on(BOB);
    world.run_for(10 * MINUTE);
    people::say(&mut world, BOB, ALICE, "what is it?");
    people::say(&mut world, ALICE, BOB, "nothing");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, ALICE, BOB).len(), 4);
    assert_eq!(texts(&mut world, BOB, ALICE).len(), 4);
}

/// How often Bob was told who somebody is; the first is how they met.
fn told(world: &World) -> usize {
    let first = |(who, frame): &&(Who, Frame)| match frame {
        Frame::Binary(bytes) if *who == BOB => match NodeBinary::parse(bytes) {
            Ok(NodeBinary::Envelope { envelope, .. }) => !is_lane(envelope),
            _ => false,
        },
        _ => false,
    };
    world.heard.iter().filter(first).count()
}

fn leave_garbage_everywhere(world: &mut World, who: Who, letters: u64, every: u64) {
    for _ in 0..letters {
        let mut mailbox = [1; 32];
        mailbox[..8].copy_from_slice(&world.random(u64::MAX).to_be_bytes());
        leave_garbage_in(world, who, Some(MailboxId::from_bytes(mailbox)));
        world.run_for(every);
    }
}

/// A node would see from it to which nodes somebody writes.
#[test]
fn garbage_in_invented_mailboxes_has_nobody_told_anything() {
    let mut world = talking(2);
    leave_garbage_everywhere(&mut world, ALICE, 48, HOUR);
    assert_eq!(told(&world), 1);
    assert_eq!(world.people[ALICE].app.dropped.unreadable, 48);
    assert_eq!(world.rows(ALICE, Table::Mailboxes), 2);
}

#[test]
fn garbage_in_invented_mailboxes_fills_no_store() {
    let mut world = talking(2);
    let before = world.rows(ALICE, Table::Seen);
    leave_garbage_everywhere(&mut world, ALICE, 1_050, 0);
    assert_eq!(world.people[ALICE].app.dropped.unreadable, 1_000);
    assert_eq!(world.rows(ALICE, Table::Seen), before + 1_000);
}

/// It may be mail to a mailbox that was made since.
#[test]
fn an_older_copy_tells_contacts_anew_once_a_day_for_three_weeks() {
    let (mut world, copy) = copied_before_a_mailbox(false);
    say(&mut world, BOB, copy, "left where you told me");
    world.run_for(10 * MINUTE);
    let before = told(&world);
    leave_garbage_everywhere(&mut world, copy, 48, HOUR);
    let letters = told(&world) - before;
    assert!((1..=3).contains(&letters), "{letters} letters");
    world.run_for(RETENTION);
    let before = told(&world);
    leave_garbage_everywhere(&mut world, copy, 48, HOUR);
    assert_eq!(told(&world), before);
}

/// The page was closed before the contact could be told of another mailbox.
#[test]
fn a_contact_who_still_writes_to_a_mailbox_of_a_newer_copy_is_told_of_another() {
    let (mut world, copy) = copied_before_a_mailbox(false);
    people::say(&mut world, BOB, copy, "left where you told me");
    let before = texts(&mut world, copy, BOB).len();
    let known = told(&world);
    while texts(&mut world, copy, BOB).len() == before {
        world.run_for(100);
    }
    world.switch_off(copy);
    world.run_for(MINUTE);
    assert_eq!(told(&world), known);
    world.switch_on(copy);
    world.run_for(10 * MINUTE);
    assert_eq!(told(&world), known);
    say(&mut world, BOB, copy, "are you there?");
    world.run_for(2 * RETENTION);
    say(&mut world, BOB, copy, "and in a month?");
    world.run_for(10 * MINUTE);
    let read = texts(&mut world, copy, BOB);
    assert_eq!(read.last().unwrap(), "and in a month?");
}

#[test]
fn nothing_is_begun_with_a_contact_whose_records_contradict_each_other() {
    let mut world = talking(3);
    people::say(&mut world, ALICE, BOB, "how are you");
    world.run_for(MINUTE);
    let (old, _) = held(&world, 0, ALICE);
    assert_eq!(add(&mut world, ALICE, 2), Answer::Done);
    world.run_for(5 * MINUTE);
    let (chain, package) = forked(&mut world, ALICE, &old);
    world.nodes[0].serve(chain, package);
    look_up_again(&mut world, BOB, ALICE);
    assert!(world.people[BOB].app.conversations[0].contact.forked);
    let before = waiting(&world, BOB);
    for _ in 0..3 {
        leave_garbage(&mut world, BOB);
        world.run_for(HOUR);
    }
    assert_eq!(waiting(&world, BOB), before);
}

/// The vault was saved before one of the nodes heard that the mailbox is revoked.
#[test]
fn a_block_that_a_node_did_not_hear_of_is_carried_out_after_a_restore() {
    let mut world = talking(3);
    assert_eq!(add(&mut world, ALICE, 2), Answer::Done);
    world.run_for(5 * MINUTE);
    let identity = identity_of(&world, ALICE);
    let (phrase, from) = (phrase_of(&mut world, ALICE), link_of(&world, ALICE));
    world.kill_node(2);
    let contact = world.contact(ALICE, BOB).unwrap();
    assert_eq!(world.ask(ALICE, Request::Block(contact)), Answer::Done);
    world.run_for(10 * MINUTE);
    assert_eq!(world.nodes[0].mailboxes_of(&identity).len(), 1);
    assert_eq!(world.nodes[2].mailboxes_of(&identity).len(), 2);
    world.kill(ALICE);
    world.revive_node(2);
    let restored = world.add_person();
    let request = Request::Restore {
        phrase,
        passphrase: Secret::default(),
        from,
    };
    assert_eq!(world.ask(restored, request), Answer::Done);
    world.run_for(DAY);
    assert_eq!(world.nodes[2].mailboxes_of(&identity).len(), 1);
    // What was left there before is known for his for as long as it may come.
    assert_eq!(world.rows(restored, Table::Mailboxes), 2);
    world.run_for(RETENTION);
    assert_eq!(world.rows(restored, Table::Mailboxes), 1);
}

/// A browser whose clock is a year ahead, and that no node has heard of since.
fn live_a_year_ahead(world: &mut World, who: Who) {
    world.switch_off(who);
    world.people[who].ahead = 365 * DAY;
    world.switch_on(who);
    world.run_for(10 * MINUTE);
    world.switch_off(who);
    world.people[who].ahead = 0;
}

/// What was sealed to the replaced keys waits on the node meanwhile.
#[test]
fn a_clock_that_is_a_year_ahead_destroys_no_keys_while_no_node_is_there() {
    let mut world = talking(2);
    world.switch_off(ALICE);
    people::say(&mut world, BOB, ALICE, "sealed to the keys of before");
    world.run_for(MINUTE);
    assert_eq!(world.nodes[0].waiting().len(), 1);
    world.kill_node(0);
    world.switch_on(ALICE);
    assert_eq!(world.ask(ALICE, Request::RotateKeys), Answer::Done);
    world.run_for(MINUTE);
    live_a_year_ahead(&mut world, ALICE);
    world.revive_node(0);
    world.switch_on(ALICE);
    world.run_for(10 * MINUTE);
    let read = texts(&mut world, ALICE, BOB);
    assert_eq!(read.last().unwrap(), "sealed to the keys of before");
    let unopened = |body: &BodyView| *body == BodyView::CannotOpen;
    assert_eq!(lines(&mut world, ALICE, BOB, unopened), 0);
}

/// The clock is set while the node is there: it looked at the clock before.
#[test]
fn a_clock_that_is_set_a_year_ahead_while_a_node_is_there_destroys_no_keys() {
    let mut world = talking(3);
    assert_eq!(people::add(&mut world, ALICE, 2), Answer::Done);
    world.run_for(5 * MINUTE);
    world.switch_off(ALICE);
    people::say(&mut world, BOB, ALICE, "sealed to the keys of before");
    world.run_for(5 * MINUTE);
    assert_eq!(world.nodes[2].waiting().len(), 1);
    world.nodes[0].forget_mail();
    world.kill_node(2);
    world.switch_on(ALICE);
    assert_eq!(world.ask(ALICE, Request::RotateKeys), Answer::Done);
    world.run_for(10 * MINUTE);
    world.people[ALICE].ahead = 365 * DAY;
    // What comes by that clock is not read, and comes again.
    people::say(&mut world, BOB, ALICE, "said meanwhile");
    world.run_for(10 * MINUTE);
    assert!(!texts(&mut world, ALICE, BOB).contains(&"said meanwhile".to_owned()));
    world.switch_off(ALICE);
    world.people[ALICE].ahead = 0;
    world.revive_node(2);
    world.switch_on(ALICE);
    world.run_for(10 * MINUTE);
    let mut read = texts(&mut world, ALICE, BOB).split_off(2);
    read.sort();
    assert_eq!(read, ["said meanwhile", "sealed to the keys of before"]);
}

/// Every key of the time has been replaced and destroyed; what came then is still known.
#[test]
fn a_clock_that_is_a_year_ahead_forgets_nothing_that_came_while_no_node_is_there() {
    let mut world = talking(2);
    world.run_for(7 * DAY + RETENTION + 2 * DAY);
    let before = world.rows(ALICE, Table::Seen);
    assert!(before > 0);
    world.kill_node(0);
    live_a_year_ahead(&mut world, ALICE);
    assert_eq!(world.rows(ALICE, Table::Seen), before);
}
