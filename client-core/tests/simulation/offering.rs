//! A recovery record that was signed is offered until a node has it, whatever nodes answer and whenever the client ends:
//! another one for the same place would contradict it for ever.

use client_core::request::{Answer, Failure, Request, Secret};
use client_core::view::{NodeStep, StageView};
use shared_crypto::id::IdentityId;
use shared_crypto::record::Chain;
use shared_crypto::time::{DAY, HOUR, MINUTE};

use crate::hostile_nodes::storms::run_unstormed;
use crate::node::Word;
use crate::people::{add, identity_of, link_of, phrase_of, say, steps, talking, texts};
use crate::recovering::recover;
use crate::world::{NO_FAULTS, World};

fn chain_at(world: &World, node: usize, identity: &IdentityId) -> Chain {
    world.nodes[node].account(identity).0.clone()
}

fn is_recovering(world: &World, who: usize) -> bool {
    let me = world.people[who].app.me.as_ref();
    me.is_some_and(|me| me.recovering)
}

fn begin(world: &mut World, who: usize, phrase: &Secret, from: &str) {
    let request = Request::Recover {
        phrase: phrase.clone(),
        passphrase: Secret::default(),
        from: from.to_owned(),
        name: "person again".to_owned(),
        without_vault: false,
    };
    world.ask_later(who, request);
}

/// Runs until the record is signed and stored: it has not left yet.
fn until_signed(world: &mut World, who: usize) {
    for _ in 0..10_000 {
        if is_recovering(world, who) {
            return;
        }
        world.run_for(1);
    }
    panic!("a recovery is signed within ten seconds");
}

/// There is one recovery record, everybody knows it, and both can talk; the next phrase is the one that is shown.
fn all_is_well(world: &mut World, before: &Chain, next: &Secret) {
    world.run_for(DAY);
    assert!(!is_recovering(world, 0));
    assert_eq!(world.people[0].app.stage, StageView::Ready);
    assert_eq!(phrase_of(world, 0), *next);
    let after = chain_at(world, 0, &before.identity());
    assert!(after.recovered_since(before.number() + 1));
    let first = after.hash_at(before.number()).unwrap();
    assert_eq!(first, before.head());
    for (who, whom, text) in [(0, 1, "it is me"), (1, 0, "welcome back")] {
        say(world, who, whom, text);
        world.run_for(10 * MINUTE);
        assert_eq!(texts(world, whom, who).last().unwrap(), text);
    }
    // The phrase that is shown is the one in force.
    assert_eq!(recover(world, 0, next, ""), Answer::Done);
}

#[test]
fn a_node_that_takes_a_recovery_and_says_that_it_failed_does_not_lead_to_a_second_one() {
    for (status, code) in [
        (503, "unavailable"),
        (502, "no code of ours"),
        (403, "account_blocked"),
        (409, "forked_record"),
    ] {
        let mut world = talking(2);
        let phrase = phrase_of(&mut world, 0);
        let before = chain_at(&world, 0, &identity_of(&world, 0));
        world.nodes[0].word = Word::Lie(status, code);
        let answer = recover(&mut world, 0, &phrase, "");
        assert!(
            matches!(
                answer,
                Answer::Done | Answer::Failed(Failure::NodeRefused { .. })
            ),
            "{answer:?}"
        );
        let signed = chain_at(&world, 0, &before.identity());
        assert_eq!(signed.number(), before.number() + 1);
        let next = phrase_of(&mut world, 0);
        assert_ne!(next, phrase);
        // However often it is tried.
        for _ in 0..3 {
            recover(&mut world, 0, &phrase, "");
            assert_eq!(
                chain_at(&world, 0, &before.identity()).head(),
                signed.head()
            );
        }
        world.nodes[0].word = Word::True;
        all_is_well(&mut world, &before, &next);
    }
}

#[test]
fn answers_that_are_lost_again_and_again_do_not_lead_to_a_second_recovery() {
    let mut world = talking(2);
    let phrase = phrase_of(&mut world, 0);
    let before = chain_at(&world, 0, &identity_of(&world, 0));
    begin(&mut world, 0, &phrase, "");
    until_signed(&mut world, 0);
    // It hears what it is told; nothing that it says arrives.
    world.faults.lose_reply = 1_000;
    world.nodes[0].turns_away = true;
    world.run_for(MINUTE);
    assert!(is_recovering(&world, 0));
    assert_eq!(
        world.people[0].app.stage,
        StageView::Ready,
        "nobody waits any more"
    );
    let signed = chain_at(&world, 0, &before.identity());
    assert_eq!(signed.number(), before.number() + 1);
    let next = phrase_of(&mut world, 0);
    world.faults = NO_FAULTS;
    world.nodes[0].turns_away = false;
    // The old phrase is what the person knows; somebody else's is none.
    let other = phrase_of(&mut world, 1);
    assert_eq!(
        recover(&mut world, 0, &other, ""),
        Answer::Failed(Failure::WrongPhrase)
    );
    assert_eq!(recover(&mut world, 0, &phrase, ""), Answer::Done);
    assert_eq!(
        chain_at(&world, 0, &before.identity()).head(),
        signed.head()
    );
    all_is_well(&mut world, &before, &next);
}

/// The client ends after the record was stored and before a node has it, and after a node has it and before it hears so;
/// where the identity was, and where there was nothing.
#[test]
fn a_recovery_goes_on_after_the_client_was_killed() {
    for arrives in [false, true] {
        for is_here in [false, true] {
            let mut world = talking(2);
            world.run_for(DAY);
            let (phrase, link) = (phrase_of(&mut world, 0), link_of(&world, 0));
            let before = chain_at(&world, 0, &identity_of(&world, 0));
            if !is_here {
                world.lose_device(0);
            }
            begin(&mut world, 0, &phrase, &link);
            until_signed(&mut world, 0);
            let next = phrase_of(&mut world, 0);
            if !arrives {
                world.kill_node(0);
            }
            world.switch_off(0);
            world.run_for(MINUTE);
            world.revive_node(0);
            let there = chain_at(&world, 0, &before.identity());
            assert_eq!(there.number(), before.number() + u64::from(arrives));
            world.switch_on(0);
            assert!(is_recovering(&world, 0));
            all_is_well(&mut world, &before, &next);
        }
    }
}

/// Mail is left at another node that was chosen here, which an update after the recovery names.
#[test]
fn a_node_in_the_place_of_one_that_refuses_is_named_after_the_recovery() {
    let mut world = talking(3);
    assert_eq!(add(&mut world, 0, 2), Answer::Done);
    world.run_for(5 * MINUTE);
    let phrase = phrase_of(&mut world, 0);
    let before = chain_at(&world, 0, &identity_of(&world, 0));
    world.nodes[0].word = Word::Refuse(403, "account_blocked");
    assert_eq!(recover(&mut world, 0, &phrase, ""), Answer::Done);
    world.run_for(MINUTE);
    let after = chain_at(&world, 2, &before.identity());
    assert_eq!(after.last_recovery(1), Some(before.number() + 1));
    assert!(after.number() > before.number() + 1);
    let active: Vec<_> = after.active().map(|entry| entry.node.clone()).collect();
    assert_eq!(active, [world.nodes[2].url.clone()]);
    say(&mut world, 1, 0, "welcome back");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "welcome back");
}

/// Another recovery by a phrase that signed one already would contradict that.
#[test]
fn a_phrase_that_was_used_recovers_nothing() {
    let mut world = talking(2);
    let (phrase, link) = (phrase_of(&mut world, 0), link_of(&world, 0));
    let identity = identity_of(&world, 0);
    assert_eq!(recover(&mut world, 0, &phrase, ""), Answer::Done);
    world.run_for(DAY);
    let there = chain_at(&world, 0, &identity);
    assert_eq!(
        recover(&mut world, 0, &phrase, ""),
        Answer::Failed(Failure::WrongPhrase)
    );
    let empty = world.add_person();
    assert_eq!(
        recover(&mut world, empty, &phrase, &link),
        Answer::Failed(Failure::WrongPhrase)
    );
    world.run_for(DAY);
    assert_eq!(world.people[0].app.stage, StageView::Ready);
    assert!(there.number() <= chain_at(&world, 0, &identity).number());
    assert!(!is_recovering(&world, 0));
}

/// The node that told the copy of the recovery holds it back now. A second one would contradict the first for ever.
#[test]
fn a_copy_that_a_recovery_locked_out_signs_no_other_one_with_that_phrase() {
    let mut world = talking(2);
    let phrase = phrase_of(&mut world, 0);
    let identity = identity_of(&world, 0);
    let copy = world.copy_device(0);
    let (before, package) = world.nodes[0].account(&identity).clone();
    assert_eq!(recover(&mut world, 0, &phrase, ""), Answer::Done);
    world.run_for(10 * MINUTE);
    assert_eq!(world.people[copy].app.stage, StageView::LockedOut);
    world.switch_off(0);
    world.nodes[0].serve(before.clone(), package);
    assert_eq!(
        recover(&mut world, copy, &phrase, ""),
        Answer::Failed(Failure::WrongPhrase)
    );
    world.run_for(MINUTE);
    assert_eq!(chain_at(&world, 0, &identity).head(), before.head());
    assert_eq!(world.people[copy].app.stage, StageView::LockedOut);
}

/// The same with records that hold: what locked the copy out is known, whatever nodes answer.
#[test]
fn a_copy_that_was_locked_out_takes_up_after_what_locked_it_out() {
    let mut world = talking(2);
    let phrase = phrase_of(&mut world, 0);
    let identity = identity_of(&world, 0);
    let copy = world.copy_device(0);
    let (before, package) = world.nodes[0].account(&identity).clone();
    assert_eq!(world.ask(0, Request::RotateKeys), Answer::Done);
    world.run_for(10 * MINUTE);
    assert_eq!(world.people[copy].app.stage, StageView::LockedOut);
    let newest = chain_at(&world, 0, &identity).head();
    world.switch_off(0);
    world.nodes[0].serve(before, package);
    assert_eq!(recover(&mut world, copy, &phrase, ""), Answer::Done);
    let after = chain_at(&world, 0, &identity);
    assert!(after.number_of(&newest).is_some());
}

/// Anybody behind the same address can bring a node to answer so; the person would have moved for good.
#[test]
fn a_failure_of_a_node_that_passes_moves_nobody() {
    for (status, code) in [
        (503, "unavailable"),
        (502, "no code of ours"),
        (429, "rate_limited"),
    ] {
        let mut world = talking(3);
        assert_eq!(add(&mut world, 0, 2), Answer::Done);
        world.run_for(5 * MINUTE);
        let phrase = phrase_of(&mut world, 0);
        let before = chain_at(&world, 0, &identity_of(&world, 0));
        world.nodes[0].word = Word::Refuse(status, code);
        begin(&mut world, 0, &phrase, "");
        until_signed(&mut world, 0);
        world.run_for(500);
        let other = chain_at(&world, 2, &before.identity());
        assert!(other.recovered_since(before.number() + 1));
        world.nodes[0].word = Word::True;
        world.run_for(10 * MINUTE);
        assert!(!is_recovering(&world, 0));
        assert_eq!(world.home_of(0), world.nodes[0].url);
        assert_eq!(steps(&world, 0), [NodeStep::Active, NodeStep::Draining]);
    }
}

/// It was left for a reason.
#[test]
fn mail_does_not_go_back_by_itself_to_a_node_that_was_being_left() {
    let mut world = talking(3);
    assert_eq!(add(&mut world, 0, 2), Answer::Done);
    world.run_for(5 * MINUTE);
    let node = world.nodes[2].url.to_string();
    assert_eq!(world.ask(0, Request::DrainNode { node }), Answer::Done);
    world.run_for(MINUTE);
    let phrase = phrase_of(&mut world, 0);
    world.nodes[0].word = Word::Refuse(403, "account_blocked");
    let answer = recover(&mut world, 0, &phrase, "");
    let refused = |answer| matches!(answer, Answer::Failed(Failure::NodeRefused { .. }));
    assert!(refused(answer));
    // Nor after a restart.
    world.switch_off(0);
    world.switch_on(0);
    world.run_for(DAY);
    assert!(is_recovering(&world, 0));
    assert_eq!(world.home_of(0), world.nodes[0].url);
    world.nodes[0].word = Word::True;
    world.run_for(DAY);
    assert!(!is_recovering(&world, 0));
    assert_eq!(steps(&world, 0), [NodeStep::Active, NodeStep::Draining]);
}

/// It takes nobody new, or says that it took the record and did not; each login it ends with that it knows nobody.
#[test]
fn a_node_that_lost_its_people_and_takes_no_recovery_is_not_stormed() {
    for word in [
        Word::Refuse(403, "registration_closed"),
        Word::Refuse(200, ""),
    ] {
        let mut world = talking(2);
        let phrase = phrase_of(&mut world, 0);
        world.nodes[0].forget_everything();
        world.nodes[0].word = word;
        begin(&mut world, 0, &phrase, "");
        let (given, logins) = run_unstormed(&mut world, HOUR, 20, 60);
        assert!(given >= 2 && logins >= 2, "{given}, {logins}");
        world.nodes[0].word = Word::True;
        world.run_for(2 * HOUR);
        assert!(!is_recovering(&world, 0));
        say(&mut world, 1, 0, "welcome back");
        world.run_for(10 * MINUTE);
        assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "welcome back");
    }
}
