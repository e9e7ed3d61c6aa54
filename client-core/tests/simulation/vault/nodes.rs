//! Vaults on nodes that lose them, go back, answer with something else, are full or away.

use client_core::request::{Answer, Failure, Request};
use client_core::view::{StageView, VaultActivity, VaultFault};
use shared_crypto::time::MINUTE;

use super::{ALICE, BOB, prove, save, say, secret, talkers, talkers_among};
use crate::people::{add, link_of, phrase_of, restore};
use crate::texts;
use crate::world::World;

/// Alice and Bob; Alice has a second node, the third of the world.
fn with_two_nodes(seed: u64) -> World {
    let mut world = talkers_among(seed, 3);
    assert_eq!(add(&mut world, ALICE, 2), Answer::Done);
    world.run_for(10 * MINUTE);
    world
}

fn versions(world: &mut World) -> [u64; 2] {
    [0, 2].map(|node| world.nodes[node].vaults.only().version())
}

#[test]
fn a_node_that_lost_the_vault_gets_it_again() {
    let mut world = talkers(7);
    save(&mut world, ALICE);
    world.nodes[0].vaults.forget();
    let answer = world.ask(ALICE, Request::ProveVault);
    assert_eq!(answer, Answer::Failed(Failure::NoVault));
    say(&mut world, BOB, ALICE, "and on");
    world.run_for(3 * MINUTE);
    assert_eq!(prove(&mut world, ALICE).messages, 8);
}

#[test]
fn a_node_that_serves_other_chunks_is_found_out_and_given_new_ones() {
    let mut world = talkers(8);
    save(&mut world, ALICE);
    let bob = world.contact(ALICE, BOB).unwrap();
    let draft = Request::SetDraft {
        contact: bob,
        text: "x".into(),
    };
    world.ask(ALICE, draft);
    save(&mut world, ALICE);
    assert!(world.nodes[0].vaults.only().chunks.len() > 1);
    world.nodes[0].vaults.only().swap_chunks();
    let (words, link) = (phrase_of(&mut world, ALICE), link_of(&world, ALICE));
    let (who, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Failed(Failure::VaultDamaged));
    assert_eq!(world.people[who].app.stage, StageView::NoIdentity);
    assert!(
        world.people[who].store.dump().is_empty(),
        "nothing of it is kept"
    );
    let answer = world.ask(ALICE, Request::ProveVault);
    assert_eq!(answer, Answer::Failed(Failure::VaultDamaged));
    world.run_for(MINUTE);
    assert_eq!(prove(&mut world, ALICE).messages, 7);
}

#[test]
fn a_node_that_goes_back_is_found_out() {
    let mut world = talkers(9);
    save(&mut world, ALICE);
    let before = world.nodes[0].vaults.only().clone();
    say(&mut world, BOB, ALICE, "newer");
    world.run_for(2 * MINUTE);
    save(&mut world, ALICE);
    let version = world.nodes[0].vaults.only().version();
    world.nodes[0].vaults.roll_back(before);
    say(&mut world, BOB, ALICE, "newest");
    world.run_for(MINUTE);
    save(&mut world, ALICE);
    let node = &world.people[ALICE].app.vault.nodes[0];
    assert_eq!(node.fault, Some(VaultFault::RolledBack));
    assert!(world.nodes[0].vaults.only().version() > version);
    assert_eq!(prove(&mut world, ALICE).messages, 9);
}

/// A node serves the manifest from before there was a passphrase.
#[test]
fn a_node_that_goes_back_does_not_take_the_passphrase_off() {
    let mut world = talkers(9);
    let (words, link) = (phrase_of(&mut world, ALICE), link_of(&world, ALICE));
    save(&mut world, ALICE);
    let before = world.nodes[0].vaults.only().clone();
    let set = Request::SetPassphrase(secret("open sesame"));
    assert_eq!(world.ask(ALICE, set), Answer::Done);
    save(&mut world, ALICE);
    world.nodes[0].vaults.roll_back(before);
    say(&mut world, BOB, ALICE, "newest");
    world.run_for(MINUTE);
    save(&mut world, ALICE);
    assert!(world.people[ALICE].app.vault.has_passphrase);
    let (_, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Failed(Failure::WrongPassphrase));
    let (_, answer) = restore(&mut world, &words, "open sesame", &link);
    assert_eq!(answer, Answer::Done);
}

#[test]
fn a_full_node_is_said_to_be_full_and_tried_again() {
    let mut world = talkers(10);
    world.nodes[0].vaults.full = true;
    say(&mut world, BOB, ALICE, "for which there is no room");
    world.run_for(MINUTE);
    let answer = world.ask(ALICE, Request::SaveVault);
    assert_eq!(answer, Answer::Failed(Failure::VaultFull));
    let vault = &world.people[ALICE].app.vault;
    assert_eq!(
        (&vault.activity, vault.unsaved),
        (&VaultActivity::Full, true)
    );
    world.nodes[0].vaults.full = false;
    world.run_for(30 * MINUTE);
    let vault = &world.people[ALICE].app.vault;
    assert_eq!(
        (&vault.activity, vault.unsaved),
        (&VaultActivity::Resting, false)
    );
}

#[test]
fn two_nodes_keep_it_and_one_of_them_that_goes_back_is_outdone_by_the_other() {
    let mut world = with_two_nodes(30);
    let (words, link) = (phrase_of(&mut world, ALICE), link_of(&world, ALICE));
    let before = world.nodes[0].vaults.only().clone();
    say(&mut world, BOB, ALICE, "newer");
    world.run_for(2 * MINUTE);
    save(&mut world, ALICE);
    let [one, other] = versions(&mut world);
    assert_eq!(one, other);
    let proof = prove(&mut world, ALICE);
    assert_eq!(proof.nodes.len(), 2);
    assert!(
        proof
            .nodes
            .iter()
            .all(|node| node.version == Some(one) && node.fault.is_none())
    );
    // The node that the link names serves an old one.
    world.nodes[0].vaults.roll_back(before);
    let (copy, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Done);
    assert_eq!(
        texts(&world.conversation(copy, BOB), false).last().unwrap(),
        "newer"
    );
    let proof = prove(&mut world, ALICE);
    assert_eq!(proof.nodes[0].fault, Some(VaultFault::RolledBack));
    // Nothing of a node that is gone is needed.
    world.kill_node(0);
    let node = world.nodes[2].url.to_string();
    let (copy, answer) = restore(&mut world, &words, "", &node);
    assert_eq!(answer, Answer::Done);
    assert_eq!(
        texts(&world.conversation(copy, BOB), false).last().unwrap(),
        "newer"
    );
    let (_, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Failed(Failure::NodeUnreachable));
}

#[test]
fn a_node_that_was_away_is_given_what_it_lacks_by_the_other() {
    let mut world = with_two_nodes(31);
    save(&mut world, ALICE);
    world.kill_node(2);
    say(&mut world, BOB, ALICE, "while it was away");
    world.run_for(2 * MINUTE);
    save(&mut world, ALICE);
    let vault = &world.people[ALICE].app.vault;
    assert_eq!(vault.nodes[1].fault, Some(VaultFault::Unreachable));
    world.revive_node(2);
    world.run_for(90 * MINUTE);
    let [one, other] = versions(&mut world);
    assert_eq!(one, other);
    world.nodes[0].vaults.forget();
    let node = world.nodes[2].url.to_string();
    let words = phrase_of(&mut world, ALICE);
    let (copy, answer) = restore(&mut world, &words, "", &node);
    assert_eq!(answer, Answer::Done);
    assert_eq!(
        texts(&world.conversation(copy, BOB), false).last().unwrap(),
        "while it was away"
    );
}
