//! What somebody with a stolen copy prepares against the owner's recovery: each test is named after the attack.

use client_core::request::{Answer, Failure, Request};
use client_core::view::{BodyView, NodeStep, StageView};
use shared_crypto::fixtures;
use shared_crypto::id::{IdentityId, MailboxId};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::record::{Chain, Delivery, DeliveryState, RecordChanges};
use shared_crypto::signed::Verified;
use shared_crypto::time::{DAY, MINUTE, SECOND};

use crate::node::Word;
use crate::people::{add, identity_of, lines, link_of, phrase_of, say, steps, talking, texts};
use crate::recovering::{recover, recover_alone, set_passphrase};
use crate::world::{Act, World};

/// The mailbox in which a thief would have the mail of strangers left.
const THIEFS: MailboxId = MailboxId::from_bytes([66; 32]);

/// A key package of this epoch that somebody signs with the first person's first key.
fn package(world: &mut World, identity: IdentityId, epoch: u64) -> Verified<KeyPackage> {
    let (keys, owner) = (
        ReceiveKeyPair::generate(&mut world.rng),
        fixtures::signing_key(0),
    );
    KeyPackage::create(identity, epoch, &keys, world.now, &owner, &mut world.rng).unwrap()
}

fn entry(world: &World, node: usize, priority: u64) -> Delivery {
    Delivery {
        node: world.nodes[node].url.clone(),
        fingerprint: world.nodes[node].keys.fingerprint(),
        intro: THIEFS,
        state: DeliveryState::Active,
        priority,
    }
}

/// The first person's records as a thief continues them: mail goes to nodes of the thief's, before the owner's.
fn listed_by_a_thief(world: &mut World, identity: IdentityId, nodes: &[usize]) {
    let (mut chain, _) = world.nodes[0].account(&identity).clone();
    let all = nodes.iter().chain([&0]);
    let list = (0..).zip(all).map(|(at, node)| entry(world, *node, at));
    let changes = RecordChanges {
        delivery: Some(list.collect()),
        ..RecordChanges::default()
    };
    let (now, owner) = (world.now, fixtures::signing_key(0));
    chain
        .append_update(changes, &owner, now, &mut world.rng)
        .unwrap();
    let package = package(world, identity, 5);
    for node in nodes.iter().chain([&0]) {
        world.nodes[*node].serve(chain.clone(), package.clone());
    }
}

/// Where a chain has mail left.
fn active(chain: &Chain) -> Vec<Delivery> {
    chain.active().cloned().collect()
}

#[test]
fn a_recovery_does_not_have_mail_left_where_a_thief_wants_it() {
    let mut world = talking(4);
    let (phrase, link) = (phrase_of(&mut world, 0), link_of(&world, 0));
    let identity = identity_of(&world, 0);
    set_passphrase(&mut world, 0, "forgotten");
    world.lose_device(0);
    listed_by_a_thief(&mut world, identity, &[2, 3]);
    assert_eq!(recover_alone(&mut world, 0, &phrase, &link), Answer::Done);
    world.run_for(DAY);
    let list = active(&world.nodes[0].account(&identity).0);
    assert_eq!(list.len(), 1);
    assert_eq!(list[0].node, world.nodes[0].url);
    assert_ne!(list[0].intro, THIEFS);
    world.run_for(9 * DAY);
    say(&mut world, 1, 0, "who is there");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "who is there");
    let taken = world.nodes[2].stored_count() + world.nodes[3].stored_count();
    assert_eq!(taken, 0);
    // They go when nothing can be left there any more.
    world.run_for(15 * DAY);
    let (chain, _) = world.nodes[0].account(&identity);
    assert_eq!(chain.delivery().len(), 1);
}

/// A copy that has the same keys is believed to be another device. A recovery puts an end to that.
#[test]
fn a_recovery_in_a_client_goes_to_the_node_that_its_owner_chose_and_not_to_a_copys() {
    let mut world = talking(3);
    let phrase = phrase_of(&mut world, 0);
    let thief = world.copy_device(0);
    world.switch_off(0);
    assert_eq!(add(&mut world, thief, 2), Answer::Done);
    world.run_for(5 * MINUTE);
    let node = world.nodes[2].url.to_string();
    let prefer = Request::PreferNode { node };
    assert_eq!(world.ask(thief, prefer), Answer::Done);
    world.run_for(5 * MINUTE);
    world.switch_on(0);
    world.run_for(2 * DAY);
    assert_eq!(steps(&world, 0), [NodeStep::Active, NodeStep::Active]);
    assert_eq!(world.home_of(0), world.nodes[2].url);
    let identity = identity_of(&world, 0);
    let known = world.nodes[2].mailboxes_of(&identity).len() + 1;
    assert_eq!(recover(&mut world, 0, &phrase, ""), Answer::Done);
    world.run_for(10 * MINUTE);
    assert_eq!(world.home_of(0), world.nodes[0].url);
    assert_eq!(steps(&world, 0), [NodeStep::Active, NodeStep::Draining]);
    // It learns of nobody who is met from then on; the record names the mailbox for strangers.
    let stranger = world.add_person();
    world.act_after(0, stranger, Act::Create { node: 1 });
    let text = "you do not know me".to_owned();
    world.act_after(MINUTE, stranger, Act::Ask { whom: 0, text });
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 0, stranger).len(), 1);
    say(&mut world, 1, 0, "is it you");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "is it you");
    // The person wants it after all.
    let node = world.nodes[2].url.to_string();
    assert_eq!(world.nodes[2].mailboxes_of(&identity).len(), known);
    assert_eq!(world.ask(0, Request::KeepNode { node }), Answer::Done);
    world.run_for(MINUTE);
    assert!(world.nodes[2].mailboxes_of(&identity).len() > known);
    assert_eq!(steps(&world, 0), [NodeStep::Active, NodeStep::Active]);
}

/// The vault names nodes as the device did that saved it last, and that was the thief's copy.
#[test]
fn a_thiefs_node_in_a_vault_is_none_that_its_owner_chose() {
    for is_joining in [false, true] {
        let mut world = talking(3);
        let (phrase, link) = (phrase_of(&mut world, 0), link_of(&world, 0));
        let identity = identity_of(&world, 0);
        world.run_for(DAY);
        let thief = world.copy_device(0);
        world.switch_off(0);
        if is_joining {
            world.nodes[2].word = Word::Refuse(503, "unavailable");
        }
        assert_eq!(add(&mut world, thief, 2), Answer::Done);
        world.run_for(5 * MINUTE);
        assert_eq!(world.ask(thief, Request::SaveVault), Answer::Done);
        world.switch_off(thief);
        world.nodes[2].word = Word::True;
        world.lose_device(0);
        world.nodes[0].word = Word::Refuse(403, "account_blocked");
        let answer = recover(&mut world, 0, &phrase, &link);
        assert!(
            matches!(answer, Answer::Failed(Failure::NodeRefused { .. })),
            "{answer:?}"
        );
        assert_eq!(texts(&mut world, 0, 1), ["hello", "hello yourself"]);
        world.run_for(DAY);
        assert_eq!(world.home_of(0), world.nodes[0].url);
        world.nodes[0].word = Word::True;
        world.run_for(DAY);
        assert_eq!(steps(&world, 0), [NodeStep::Active, NodeStep::Draining]);
        let list = active(&world.nodes[0].account(&identity).0);
        assert_eq!(list.len(), 1);
        assert_eq!(list[0].node, world.nodes[0].url);
        // It learns of nobody who is met from then on.
        let known = world.nodes[2].mailboxes_of(&identity).len();
        let stranger = world.add_person();
        world.act_after(0, stranger, Act::Create { node: 1 });
        let text = "you do not know me".to_owned();
        world.act_after(MINUTE, stranger, Act::Ask { whom: 0, text });
        world.run_for(10 * MINUTE);
        assert_eq!(texts(&mut world, 0, stranger).len(), 1);
        assert_eq!(world.nodes[2].mailboxes_of(&identity).len(), known);
    }
}

#[test]
fn a_node_that_holds_back_records_does_not_have_the_owner_contradict_them() {
    let mut world = talking(3);
    let (phrase, link) = (phrase_of(&mut world, 0), link_of(&world, 0));
    let identity = identity_of(&world, 0);
    assert_eq!(add(&mut world, 0, 2), Answer::Done);
    world.run_for(5 * MINUTE);
    set_passphrase(&mut world, 0, "forgotten");
    // From here on the first node holds what is new back.
    world.nodes[0].deaf = true;
    assert_eq!(world.ask(0, Request::RotateKeys), Answer::Done);
    world.run_for(DAY);
    world.lose_device(0);
    world.nodes[0].deaf = false;
    let newest = world.nodes[2].account(&identity).0.head();
    assert_ne!(world.nodes[0].account(&identity).0.head(), newest);
    assert_eq!(recover_alone(&mut world, 0, &phrase, &link), Answer::Done);
    world.run_for(DAY);
    let (chain, _) = world.nodes[0].account(&identity);
    assert!(chain.number_of(&newest).is_some());
    say(&mut world, 1, 0, "who is there");
    world.run_for(10 * DAY);
    let forked = |body: &BodyView| *body == BodyView::Forked;
    assert_eq!(lines(&mut world, 1, 0, forked), 0);
}

#[test]
fn a_thiefs_last_epoch_keeps_nobody_from_a_recovery() {
    let mut world = talking(2);
    let (phrase, link) = (phrase_of(&mut world, 0), link_of(&world, 0));
    let identity = identity_of(&world, 0);
    set_passphrase(&mut world, 0, "forgotten");
    world.lose_device(0);
    let last = world.now / SECOND;
    let package = package(&mut world, identity, last);
    let (chain, _) = world.nodes[0].account(&identity).clone();
    world.nodes[0].serve(chain, package);
    assert_eq!(recover_alone(&mut world, 0, &phrase, &link), Answer::Done);
    assert_eq!(world.nodes[0].account(&identity).1.epoch, 1);
    world.run_for(9 * DAY);
    say(&mut world, 1, 0, "who is there");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "who is there");
}

#[test]
fn a_thiefs_key_package_at_a_node_with_older_records_is_outdone() {
    let mut world = talking(3);
    let identity = identity_of(&world, 0);
    let (old, _) = world.nodes[0].account(&identity).clone();
    assert_eq!(add(&mut world, 0, 2), Answer::Done);
    world.run_for(5 * MINUTE);
    let package = package(&mut world, identity, 1_000);
    world.nodes[0].serve(old, package);
    world.switch_off(0);
    world.run_for(DAY);
    world.switch_on(0);
    world.run_for(10 * MINUTE);
    let (chain, package) = world.nodes[0].account(&identity);
    assert_eq!(chain.active().count(), 2);
    assert!(package.epoch > 1_000);
}

/// Whoever would seal to it could not be read by the owner.
#[test]
fn a_thiefs_key_package_of_the_future_deceives_nobody_who_is_new() {
    let mut world = talking(2);
    let (identity, link) = (identity_of(&world, 0), link_of(&world, 0));
    let (chain, genuine) = world.nodes[0].account(&identity).clone();
    let future = world.now + 2 * DAY;
    let (keys, owner) = (
        ReceiveKeyPair::generate(&mut world.rng),
        fixtures::signing_key(0),
    );
    let package = KeyPackage::create(identity, 9, &keys, future, &owner, &mut world.rng).unwrap();
    world.nodes[0].serve(chain.clone(), package);
    let stranger = world.add_person();
    world.act_after(0, stranger, Act::Create { node: 1 });
    world.run_for(MINUTE);
    let open = Request::OpenLink { link };
    let answer = world.ask(stranger, open.clone());
    assert_eq!(answer, Answer::Failed(Failure::IdentityInvalid));
    world.nodes[0].serve(chain, genuine);
    assert!(matches!(world.ask(stranger, open), Answer::Contact(_)));
}

#[test]
fn a_node_that_poses_as_the_one_in_the_link_gets_no_recovery_record() {
    let mut world = talking(2);
    let (phrase, link) = (phrase_of(&mut world, 0), link_of(&world, 0));
    let identity = identity_of(&world, 0);
    set_passphrase(&mut world, 0, "forgotten");
    world.lose_device(0);
    let other = NodeKeys::generate(&mut world.rng);
    let mut document = NodeDocument::clone(&world.nodes[0].document);
    document.signing_key = other.signing_public();
    world.nodes[0].document = document.sign(&other, &mut world.rng).unwrap();
    let answer = recover_alone(&mut world, 0, &phrase, &link);
    assert_eq!(answer, Answer::Failed(Failure::NodeMisbehaves));
    assert_eq!(world.nodes[0].account(&identity).0.number(), 0);
    assert_eq!(world.people[0].app.stage, StageView::NoIdentity);
}

/// The contact may be away: what is said meanwhile waits until they have answered under the new keys.
#[test]
fn what_is_said_before_and_right_after_a_recovery_arrives() {
    let mut world = talking(2);
    let phrase = phrase_of(&mut world, 0);
    world.switch_off(1);
    say(&mut world, 0, 1, "before");
    world.run_for(5 * MINUTE);
    assert_eq!(recover(&mut world, 0, &phrase, ""), Answer::Done);
    for text in ["right after", "and after that"] {
        say(&mut world, 0, 1, text);
        world.run_for(1_000);
    }
    world.run_for(DAY);
    world.switch_on(1);
    world.run_for(10 * MINUTE);
    let said = texts(&mut world, 1, 0);
    assert_eq!(said[2..], ["before", "right after", "and after that"]);
    say(&mut world, 1, 0, "welcome");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "welcome");
    let broken = |body: &BodyView| matches!(body, BodyView::CannotOpen | BodyView::Broken);
    assert_eq!(lines(&mut world, 1, 0, broken), 0);
}

/// What was left before waits at one node, and the other one brings the news of the recovery.
#[test]
fn what_was_left_before_a_recovery_is_read_after_it_is_known() {
    let mut world = talking(3);
    assert_eq!(add(&mut world, 1, 2), Answer::Done);
    world.run_for(10 * MINUTE);
    let phrase = phrase_of(&mut world, 0);
    world.switch_off(1);
    // Only the first node has it.
    world.kill_node(2);
    say(&mut world, 0, 1, "before");
    world.run_for(5 * MINUTE);
    world.revive_node(2);
    // The other one only brings what comes later.
    assert_eq!(recover(&mut world, 0, &phrase, ""), Answer::Done);
    world.run_for(10 * MINUTE);
    world.kill_node(1);
    world.switch_on(1);
    world.run_for(10 * MINUTE);
    world.revive_node(1);
    world.run_for(DAY);
    let said = texts(&mut world, 1, 0);
    assert_eq!(said.last().unwrap(), "before");
    say(&mut world, 1, 0, "welcome");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "welcome");
}
