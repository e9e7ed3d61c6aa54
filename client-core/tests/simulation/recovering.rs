//! New keys: replaced by choice, taken back after a theft, and what becomes of the old ones.

use client_core::request::{Answer, Failure, Request, Secret};
use client_core::view::{BodyView, ContactState, DeliveryView, StageView};
use shared_crypto::time::{DAY, MINUTE};

use crate::hostile_nodes::held;
use crate::people::{add, identity_of, lines, link_of, phrase_of, restore, say, talking, texts};
use crate::world::World;

pub fn recover(world: &mut World, who: usize, phrase: &Secret, from: &str) -> Answer {
    recover_with(world, who, phrase, "", from)
}

fn recover_with(
    world: &mut World,
    who: usize,
    phrase: &Secret,
    passphrase: &str,
    from: &str,
) -> Answer {
    let request = Request::Recover {
        phrase: phrase.clone(),
        passphrase: Secret(passphrase.to_owned()),
        from: from.to_owned(),
        name: "person again".to_owned(),
        without_vault: false,
    };
    world.ask(who, request)
}

/// As somebody does who has nothing but phrase and link, and says so.
pub fn recover_alone(world: &mut World, who: usize, phrase: &Secret, link: &str) -> Answer {
    let request = Request::Recover {
        phrase: phrase.clone(),
        passphrase: Secret::default(),
        from: link.to_owned(),
        name: "person again".to_owned(),
        without_vault: true,
    };
    world.ask(who, request)
}

pub fn set_passphrase(world: &mut World, who: usize, passphrase: &str) {
    let request = Request::SetPassphrase(Secret(passphrase.to_owned()));
    assert_eq!(world.ask(who, request), Answer::Done);
}

fn warned(world: &mut World, who: usize, whom: usize, recovered: bool) -> usize {
    lines(world, who, whom, |body| {
        *body == BodyView::KeyChanged { recovered }
    })
}

#[test]
fn replaced_keys_are_a_clear_warning_and_both_go_on() {
    let mut world = talking(2);
    assert_eq!(world.ask(0, Request::RotateKeys), Answer::Done);
    world.run_for(5 * MINUTE);
    assert_eq!(warned(&mut world, 1, 0, false), 1);
    for text in ["one", "two"] {
        say(&mut world, 1, 0, text);
        world.run_for(MINUTE);
        say(&mut world, 0, 1, text);
        world.run_for(MINUTE);
    }
    assert_eq!(texts(&mut world, 0, 1).len(), 6);
    assert_eq!(texts(&mut world, 1, 0).len(), 6);
    let broken = |body: &BodyView| matches!(body, BodyView::CannotOpen | BodyView::Broken);
    assert_eq!(lines(&mut world, 0, 1, broken), 0);
    assert_eq!(lines(&mut world, 1, 0, broken), 0);
}

/// The node ends what was opened under the old key: our own doing, and no reason to stay away.
#[test]
fn mail_comes_at_once_after_our_own_change_of_keys() {
    let mut world = talking(2);
    assert_eq!(world.ask(0, Request::RotateKeys), Answer::Done);
    world.run_for(5_000);
    say(&mut world, 1, 0, "are you still you");
    world.run_for(10_000);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "are you still you");
}

/// One that does so again and again is asked once a minute, as any that refuses.
#[test]
fn a_node_that_says_for_ever_that_a_key_was_replaced_is_not_stormed() {
    let mut world = talking(2);
    let identity = identity_of(&world, 0);
    world.nodes[0].turns_away = true;
    assert_eq!(world.ask(0, Request::RotateKeys), Answer::Done);
    world.run_for(10 * MINUTE);
    // One under the new key at once, then one a minute; each is followed by a question what it holds.
    assert!(
        (5..=13).contains(&world.nodes[0].logins),
        "{} logins",
        world.nodes[0].logins
    );
    let app = &world.people[0].app;
    assert_eq!(
        (app.stage, app.me.as_ref().unwrap().identity),
        (StageView::Ready, identity)
    );
    world.nodes[0].turns_away = false;
    say(&mut world, 1, 0, "back again");
    world.run_for(2 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "back again");
}

#[test]
fn a_contact_offline_for_two_weeks_follows_a_rotation() {
    let mut world = talking(2);
    world.switch_off(1);
    assert_eq!(world.ask(0, Request::RotateKeys), Answer::Done);
    world.run_for(14 * DAY);
    world.switch_on(1);
    say(&mut world, 1, 0, "what did I miss");
    world.run_for(5 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "what did I miss");
    assert_eq!(warned(&mut world, 1, 0, false), 1);
}

/// With the phrase and any node that keeps the vault, all that was there is there again, under new keys.
#[test]
fn phrase_and_node_bring_everything_back_under_new_keys_and_lock_the_thief_out() {
    let mut world = talking(3);
    let phrase = phrase_of(&mut world, 0);
    let before = world.people[0].app.me.clone().unwrap();
    world.run_for(DAY);
    let thief = world.copy_device(0);
    world.lose_device(0);
    let node = world.nodes[0].url.to_string();
    assert_eq!(recover(&mut world, 0, &phrase, &node), Answer::Done);
    let me = world.people[0].app.me.clone().unwrap();
    assert_eq!((me.identity, me.name), (before.identity, before.name));
    assert_eq!(world.people[0].app.stage, StageView::Ready);
    assert_eq!(texts(&mut world, 0, 1), ["hello", "hello yourself"]);
    let new = phrase_of(&mut world, 0);
    assert_ne!(new, phrase);
    world.run_for(10 * MINUTE);
    assert_eq!(world.people[thief].app.stage, StageView::LockedOut);
    // Contacts are warned at once, and both go on.
    assert_eq!(warned(&mut world, 1, 0, true), 1);
    for (who, whom, text) in [(0, 1, "it is me"), (1, 0, "welcome back")] {
        say(&mut world, who, whom, text);
        world.run_for(10 * MINUTE);
        assert_eq!(texts(&mut world, whom, who).last().unwrap(), text);
    }
    // The old phrase is of no use any more, and its vault is gone.
    assert_eq!(world.nodes[0].vaults.count(), 1);
    let (_, answer) = restore(&mut world, &phrase, "", &node);
    assert_eq!(answer, Answer::Failed(Failure::NoVault));
    let (restored, answer) = restore(&mut world, &new, "", &node);
    assert_eq!(answer, Answer::Done);
    assert_eq!(texts(&mut world, restored, 1).len(), 4);
}

/// A link may name a node that was left long ago: it still serves the newest record, which names the others.
#[test]
fn a_node_that_is_dead_or_was_left_does_not_keep_anybody_from_coming_back() {
    let mut world = talking(4);
    let (phrase, link) = (phrase_of(&mut world, 0), link_of(&world, 0));
    let (from, to) = (
        world.nodes[0].url.to_string(),
        world.nodes[2].url.to_string(),
    );
    let moves = Request::Move {
        from,
        to: to.clone(),
    };
    assert_eq!(world.ask(0, moves), Answer::Done);
    world.run_for(40 * DAY);
    let node = world.nodes[3].url.to_string();
    assert_eq!(world.ask(0, Request::AddNode { node }), Answer::Done);
    world.run_for(DAY);
    set_passphrase(&mut world, 0, "forgotten");
    let number = world.people[0].app.me.clone().unwrap().nodes.len();
    assert_eq!(number, 2, "the two that are used");
    world.lose_device(0);
    world.kill_node(2);
    let answer = recover(&mut world, 0, &phrase, &to);
    assert_eq!(answer, Answer::Failed(Failure::NodeUnreachable));
    // The node in the link names the others; one has the vault as it was before the passphrase.
    assert_eq!(recover(&mut world, 0, &phrase, &link), Answer::Done);
    assert_eq!(texts(&mut world, 0, 1), ["hello", "hello yourself"]);
    let me = world.people[0].app.me.clone().unwrap();
    assert_eq!(me.link.split('#').count(), 2);
    world.run_for(DAY);
    // It took up after the newest record, not after the one that named the node in the link.
    say(&mut world, 1, 0, "who is there");
    world.run_for(DAY);
    assert_eq!(warned(&mut world, 1, 0, true), 1);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "who is there");
}

#[test]
fn after_a_recovery_the_passphrase_goes_on_holding_if_it_is_given() {
    let mut world = talking(2);
    world.run_for(DAY);
    set_passphrase(&mut world, 0, "p\u{e4}ss");
    let phrase = phrase_of(&mut world, 0);
    let node = world.nodes[0].url.to_string();
    let wrong = recover_with(&mut world, 0, &phrase, "pass", "");
    assert_eq!(wrong, Answer::Failed(Failure::WrongPassphrase));
    let answer = recover_with(&mut world, 0, &phrase, "pa\u{308}ss", "");
    assert_eq!(answer, Answer::Done);
    world.run_for(DAY);
    assert!(world.people[0].app.vault.has_passphrase);
    assert_eq!(world.nodes[0].vaults.count(), 1, "the old vault is gone");
    let new = phrase_of(&mut world, 0);
    let (_, answer) = restore(&mut world, &new, "", &node);
    assert_eq!(answer, Answer::Failed(Failure::WrongPassphrase));
    let (_, answer) = restore(&mut world, &new, "p\u{e4}ss", &node);
    assert_eq!(answer, Answer::Done);
    // Who has forgotten it comes back all the same, and the new vault has none.
    assert_eq!(recover(&mut world, 0, &new, ""), Answer::Done);
    world.run_for(DAY);
    assert!(!world.people[0].app.vault.has_passphrase);
    assert_eq!(world.nodes[0].vaults.count(), 1);
}

#[test]
fn where_no_vault_can_be_opened_phrase_and_link_take_an_identity_back_and_contacts_can_talk_again()
{
    let mut world = talking(3);
    let (phrase, link) = (phrase_of(&mut world, 0), link_of(&world, 0));
    set_passphrase(&mut world, 0, "forgotten");
    let before = world.people[0].app.me.clone().unwrap();
    world.lose_device(0);
    let mistyped = recover_with(&mut world, 0, &phrase, "forgoten", &link);
    assert_eq!(mistyped, Answer::Failed(Failure::WrongPassphrase));
    let empty = recover(&mut world, 0, &phrase, &link);
    assert_eq!(empty, Answer::Failed(Failure::WrongPassphrase));
    let node = world.nodes[0].url.to_string();
    let no_link = recover_alone(&mut world, 0, &phrase, &node);
    assert_eq!(no_link, Answer::Failed(Failure::BadLink));
    assert_eq!(recover_alone(&mut world, 0, &phrase, &link), Answer::Done);
    let me = world.people[0].app.me.clone().unwrap();
    assert_eq!(me.identity, before.identity);
    assert_ne!(phrase_of(&mut world, 0), phrase);
    // Nobody is known here any more. The contact notices with the next message, and introduces themselves again.
    assert!(world.people[0].app.conversations.is_empty());
    world.run_for(9 * DAY);
    say(&mut world, 1, 0, "who is there");
    world.run_for(10 * MINUTE);
    assert_eq!(warned(&mut world, 1, 0, true), 1);
    // Everybody in this world accepts whoever asks.
    assert_eq!(world.people[0].app.conversations.len(), 1);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "who is there");
    say(&mut world, 0, 1, "it is me");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 1, 0).last().unwrap(), "it is me");
    let last = world.conversation(1, 0);
    let asked = last
        .iter()
        .find(|entry| entry.body == BodyView::Text("who is there".into()))
        .unwrap();
    assert!(
        matches!(
            asked.delivery,
            Some(DeliveryView::Delivered | DeliveryView::Read)
        ),
        "{asked:?}"
    );
}

/// Whoever is taken back without contacts and conversations cannot bring them in later.
#[test]
fn a_recovery_waits_for_the_node_with_the_vault_unless_the_person_does_without() {
    for hides_records in [0, 1] {
        let mut world = talking(3);
        assert_eq!(add(&mut world, 0, 2), Answer::Done);
        world.run_for(DAY);
        let (phrase, link) = (phrase_of(&mut world, 0), link_of(&world, 0));
        world.lose_device(0);
        // The node of the link has lost the vault, or hides it, and perhaps the records at first.
        world.nodes[0].vaults.forget();
        world.nodes[0].hides_records = hides_records;
        // The other one is down for a minute.
        world.kill_node(2);
        let answer = recover(&mut world, 0, &phrase, &link);
        let why = match hides_records {
            0 => Failure::NodeUnreachable,
            _ => Failure::NoVault,
        };
        assert_eq!(answer, Answer::Failed(why));
        assert_eq!(world.people[0].app.stage, StageView::NoIdentity);
        assert!(world.people[0].store.dump().is_empty());
        if hides_records > 0 {
            assert_eq!(recover_alone(&mut world, 0, &phrase, &link), Answer::Done);
            assert!(world.people[0].app.conversations.is_empty());
            continue;
        }
        world.revive_node(2);
        assert_eq!(recover(&mut world, 0, &phrase, &link), Answer::Done);
        assert_eq!(texts(&mut world, 0, 1), ["hello", "hello yourself"]);
    }
}

/// Whether there is nothing to wait for is for the person to say, whoever says that there is no vault.
#[test]
fn a_recovery_goes_on_without_a_vault_only_when_the_person_says_so() {
    let mut world = talking(3);
    assert_eq!(add(&mut world, 0, 2), Answer::Done);
    world.run_for(DAY);
    let (phrase, link) = (phrase_of(&mut world, 0), link_of(&world, 0));
    world.lose_device(0);
    for node in [0, 2] {
        world.nodes[node].vaults.forget();
    }
    let answer = recover(&mut world, 0, &phrase, &link);
    assert_eq!(answer, Answer::Failed(Failure::NoVault));
    assert_eq!(world.people[0].app.stage, StageView::NoIdentity);
    assert!(world.people[0].store.dump().is_empty());
    assert_eq!(recover_alone(&mut world, 0, &phrase, &link), Answer::Done);
    assert!(world.people[0].app.conversations.is_empty());
}

/// It serves true records from before there was another node, so that nobody else is asked, and says that there is no vault:
/// going on would lose the history and contradict the newer records.
#[test]
fn a_node_of_the_link_with_an_older_true_chain_and_no_vault_costs_nothing() {
    let mut world = talking(3);
    let (phrase, link) = (phrase_of(&mut world, 0), link_of(&world, 0));
    let (older, its_package) = held(&world, 0, 0);
    assert_eq!(add(&mut world, 0, 2), Answer::Done);
    world.run_for(DAY);
    let (newest, _) = held(&world, 2, 0);
    assert!(older.number() < newest.number());
    world.lose_device(0);
    world.nodes[0].serve(older.clone(), its_package);
    world.nodes[0].vaults.forget();
    let answer = recover(&mut world, 0, &phrase, &link);
    assert_eq!(answer, Answer::Failed(Failure::NoVault));
    world.run_for(DAY);
    assert_eq!(world.people[0].app.stage, StageView::NoIdentity);
    assert!(world.people[0].store.dump().is_empty());
    let identity = older.identity();
    assert_eq!(world.nodes[0].account(&identity).0.head(), older.head());
    assert_eq!(world.nodes[2].account(&identity).0.head(), newest.head());
    // The person tries the other node, as they are told.
    let other = world.nodes[2].url.to_string();
    assert_eq!(recover(&mut world, 0, &phrase, &other), Answer::Done);
    assert_eq!(texts(&mut world, 0, 1), ["hello", "hello yourself"]);
    world.run_for(DAY);
    say(&mut world, 1, 0, "who is there");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "who is there");
    assert_eq!(warned(&mut world, 1, 0, true), 1);
    assert_eq!(lines(&mut world, 1, 0, |body| *body == BodyView::Forked), 0);
    let (after, _) = held(&world, 0, 0);
    assert!(after.number_of(&newest.head()).is_some());
}

#[test]
fn wrong_words_and_other_peoples_words_take_nothing_back() {
    let mut world = talking(2);
    let (other, link) = (phrase_of(&mut world, 1), link_of(&world, 0));
    world.lose_device(0);
    let wrong = recover(&mut world, 0, &other, &link);
    assert_eq!(wrong, Answer::Failed(Failure::WrongPhrase));
    let nonsense = Secret("one two three".to_owned());
    let answer = recover(&mut world, 0, &nonsense, &link);
    assert!(matches!(answer, Answer::Failed(Failure::BadPhrase(_))));
    assert_eq!(world.people[0].app.stage, StageView::NoIdentity);
    assert!(world.people[0].store.dump().is_empty());
}

#[test]
fn a_stolen_copy_is_locked_out_by_a_recovery_and_contacts_are_warned() {
    let mut world = talking(2);
    let phrase = phrase_of(&mut world, 0);
    let thief = world.copy_device(0);
    world.run_for(MINUTE);
    // The owner still has the device, and takes the identity back with everything in it.
    assert_eq!(recover(&mut world, 0, &phrase, ""), Answer::Done);
    world.run_for(10 * MINUTE);
    assert_eq!(world.people[0].app.stage, StageView::Ready);
    assert_eq!(world.people[thief].app.stage, StageView::LockedOut);
    assert_eq!(warned(&mut world, 1, 0, true), 1);
    say(&mut world, 1, 0, "is it you");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "is it you");
    assert_eq!(texts(&mut world, 0, 1).len(), 3);
    say(&mut world, 0, 1, "it is");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 1, 0).last().unwrap(), "it is");
    // The copy may look, and do nothing else.
    let answer = world.ask(thief, Request::SetName("Mallory".into()));
    assert_eq!(answer, Answer::Failed(Failure::LockedOut));
}

#[test]
fn a_thief_who_replaced_the_keys_is_overruled_everywhere_within_three_days() {
    let mut world = talking(2);
    let (phrase, link) = (phrase_of(&mut world, 0), link_of(&world, 0));
    let thief = world.copy_device(0);
    world.switch_off(0);
    assert_eq!(world.ask(thief, Request::RotateKeys), Answer::Done);
    world.run_for(DAY);
    assert_eq!(warned(&mut world, 1, 0, false), 1);
    world.switch_on(0);
    world.run_for(10 * MINUTE);
    assert_eq!(world.people[0].app.stage, StageView::LockedOut);
    assert_eq!(recover(&mut world, 0, &phrase, &link), Answer::Done);
    world.run_for(10 * MINUTE);
    assert_eq!(world.people[0].app.stage, StageView::Ready);
    assert_eq!(world.people[thief].app.stage, StageView::LockedOut);
    say(&mut world, 0, 1, "I am back");
    world.run_for(10 * MINUTE);
    assert_eq!(warned(&mut world, 1, 0, true), 1);
    assert_eq!(texts(&mut world, 1, 0).last().unwrap(), "I am back");
    let state = world.people[1].app.conversations[0].contact.state;
    assert_eq!(state, ContactState::Accepted);
}

/// The phrase is for one use. The next one opens a vault of its own, with everything that this device still had.
#[test]
fn after_a_recovery_the_new_phrase_opens_the_vault() {
    let mut world = talking(2);
    let old = phrase_of(&mut world, 0);
    world.run_for(DAY);
    assert_eq!(recover(&mut world, 0, &old, ""), Answer::Done);
    let (new, link) = (phrase_of(&mut world, 0), link_of(&world, 0));
    world.run_for(2 * DAY);
    let restored = world.add_person();
    let request = Request::Restore {
        phrase: new,
        passphrase: Secret::default(),
        from: link,
    };
    assert_eq!(world.ask(restored, request), Answer::Done);
    world.run_for(10 * MINUTE);
    assert_eq!(world.people[restored].app.stage, StageView::Ready);
    let said = texts(&mut world, restored, 1);
    assert_eq!(said, ["hello", "hello yourself"]);
}

/// A device that comes back from a vault may have missed what the lost one published last.
#[test]
fn a_restored_device_catches_up_with_what_the_lost_one_published() {
    let mut world = talking(3);
    let (phrase, link) = (phrase_of(&mut world, 0), link_of(&world, 0));
    world.run_for(DAY);
    // It moves on, and is lost before the vault knows of it.
    let node = world.nodes[2].url.to_string();
    assert_eq!(world.ask(0, Request::AddNode { node }), Answer::Done);
    world.run_for(2_000);
    world.kill(0);
    let restored = world.add_person();
    let request = Request::Restore {
        phrase,
        passphrase: Secret::default(),
        from: link,
    };
    assert_eq!(world.ask(restored, request), Answer::Done);
    world.run_for(2 * DAY);
    assert_eq!(world.people[restored].app.stage, StageView::Ready);
    say(&mut world, 1, restored, "to whoever is there");
    world.run_for(10 * MINUTE);
    let said = texts(&mut world, restored, 1);
    assert_eq!(said.last().unwrap(), "to whoever is there");
}
