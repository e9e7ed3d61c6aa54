//! The vault end to end: saved on a node, restored in another client.

mod devices;
pub mod files;
mod nodes;

use client_core::request::{Answer, Failure, PhraseFault, Request, Secret, Talk};
use client_core::store::Table;
use client_core::view::{AppView, BodyView, StageView, VaultProofView};
use shared_crypto::id::Hash;
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::time::{MINUTE, SECOND};

use crate::people::{link_of, phrase_of, restore};
use crate::texts;
use crate::world::{Act, NO_FAULTS, Who, World};

const ALICE: Who = 0;
const BOB: Who = 1;

/// Alice and Bob, on a node each, who have talked.
pub fn talkers(seed: u64) -> World {
    talkers_among(seed, 2)
}

/// The same, with more nodes.
pub fn talkers_among(seed: u64, nodes: usize) -> World {
    let mut world = World::new(seed, 2, nodes);
    for who in [ALICE, BOB] {
        world.act_after(0, who, Act::Create { node: who });
    }
    let ask = Act::Ask {
        whom: BOB,
        text: "hello Bob".into(),
    };
    world.act_after(20 * SECOND, ALICE, ask);
    for number in 0..3 {
        say(&mut world, BOB, ALICE, &format!("from Bob, {number}"));
        say(&mut world, ALICE, BOB, &format!("from Alice, {number}"));
    }
    world.run_for(5 * MINUTE);
    world
}

pub fn say(world: &mut World, from: Who, to: Who, text: &str) {
    let act = Act::Say {
        whom: to,
        text: text.to_owned(),
    };
    world.act_after(30 * SECOND, from, act);
}

fn secret(text: &str) -> Secret {
    Secret(text.to_owned())
}

fn save(world: &mut World, who: Who) {
    assert_eq!(world.ask(who, Request::SaveVault), Answer::Done);
}

fn prove(world: &mut World, who: Who) -> VaultProofView {
    match world.ask(who, Request::ProveVault) {
        Answer::VaultProof(proof) => proof,
        other => panic!("not proven: {other:?}"),
    }
}

/// What the person sees of conversations, whatever the numbers of contacts.
fn seen(app: &AppView) -> Vec<(String, u32, String, Option<BodyView>)> {
    let mut seen: Vec<_> = app
        .conversations
        .iter()
        .map(|it| {
            let last = it.last.as_ref().map(|last| last.body.clone());
            (it.contact.name.clone(), it.unread, it.draft.clone(), last)
        })
        .collect();
    seen.sort_by(|a, b| a.0.cmp(&b.0));
    seen
}

#[test]
fn a_deleted_browser_is_restored_with_everything_and_gets_what_came_meanwhile() {
    let mut world = talkers(1);
    let bob = world.contact(ALICE, BOB).unwrap();
    let draft = Request::SetDraft {
        contact: bob,
        text: "not sent yet".into(),
    };
    assert_eq!(world.ask(ALICE, draft), Answer::Done);
    let (words, link) = (phrase_of(&mut world, ALICE), link_of(&world, ALICE));
    save(&mut world, ALICE);
    let before = world.people[ALICE].app.clone();
    let entries = world.conversation(ALICE, BOB);
    let number = world.ask(ALICE, Request::SafetyNumber(bob));
    assert!(seen(&before)[0].1 > 0, "something is unread");
    world.kill(ALICE);
    say(&mut world, BOB, ALICE, "sent meanwhile");
    world.run_for(2 * MINUTE);

    let (copy, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Done);
    let contact = world.contact(copy, BOB).unwrap();
    assert_eq!(world.ask(copy, Request::SafetyNumber(contact)), number);
    let app = world.people[copy].app.clone();
    assert_eq!(
        app.me.as_ref().unwrap().identity,
        before.me.as_ref().unwrap().identity
    );
    assert!(app.vault.phrase_confirmed && !app.vault.phrase_kept);
    world.run_for(5 * MINUTE);
    let mut expected = texts(&entries, false);
    expected.push("sent meanwhile".into());
    let restored = world.conversation(copy, BOB);
    assert_eq!(texts(&restored, false), expected);
    assert_eq!(texts(&restored, true), texts(&entries, true));
    let (one, other) = (seen(&before), seen(&world.people[copy].app));
    assert_eq!(other[0].1, one[0].1 + 1, "what was unread still is");
    assert_eq!(other[0].2, "not sent yet");

    // It is a device of its own: what it says continues no other device's chain.
    say(&mut world, copy, BOB, "from the copy");
    world.run_for(3 * MINUTE);
    let heard = world.conversation(BOB, copy);
    assert_eq!(texts(&heard, false).last().unwrap(), "from the copy");
    let sound = heard
        .iter()
        .all(|it| matches!(it.body, BodyView::Text(_) | BodyView::Connected));
    assert!(sound, "{heard:?}");
}

#[test]
fn an_address_of_a_node_is_enough_and_wrong_words_are_told_apart() {
    let mut world = talkers(2);
    let words = phrase_of(&mut world, ALICE);
    let (link, node) = (link_of(&world, ALICE), world.nodes[0].url.to_string());
    save(&mut world, ALICE);
    let others = phrase_of(&mut world, BOB);
    let cases = [
        (
            "twelve words are not three",
            "",
            &link,
            PhraseFault::WordCount { found: 5 },
        ),
        (
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon wromg",
            "",
            &link,
            PhraseFault::UnknownWord { number: 12 },
        ),
    ];
    for (typed, passphrase, from, fault) in cases {
        let (_, answer) = restore(&mut world, &secret(typed), passphrase, from);
        assert_eq!(answer, Answer::Failed(Failure::BadPhrase(fault)));
    }
    let (who, answer) = restore(&mut world, &others, "", &link);
    assert_eq!(answer, Answer::Failed(Failure::WrongPhrase));
    assert_eq!(world.people[who].app.stage, StageView::NoIdentity);
    let (_, answer) = restore(&mut world, &others, "", &node);
    assert_eq!(answer, Answer::Failed(Failure::NoVault));
    let (_, answer) = restore(&mut world, &words, "", "what is this");
    assert_eq!(answer, Answer::Failed(Failure::BadOrigin));
    let (_, answer) = restore(&mut world, &words, "no such passphrase", &link);
    assert_eq!(answer, Answer::Failed(Failure::WrongPassphrase));
    let shouted = secret(&format!(
        "  {}  ",
        words.0.to_uppercase().replace(' ', "\n")
    ));
    let (copy, answer) = restore(&mut world, &shouted, "", &node);
    assert_eq!(answer, Answer::Done);
    assert_eq!(texts(&world.conversation(copy, BOB), false).len(), 3);
}

#[test]
fn the_phrase_is_forgotten_when_it_was_proven_to_be_written_down() {
    let mut world = talkers(3);
    let (words, others) = (phrase_of(&mut world, ALICE), phrase_of(&mut world, BOB));
    let confirm = |phrase: &Secret, passphrase: &str| Request::ConfirmPhrase {
        phrase: phrase.clone(),
        passphrase: secret(passphrase),
    };
    let answer = world.ask(ALICE, confirm(&others, ""));
    assert_eq!(answer, Answer::Failed(Failure::WrongPhrase));
    let answer = world.ask(ALICE, confirm(&words, "x"));
    assert_eq!(answer, Answer::Failed(Failure::WrongPassphrase));
    assert!(world.people[ALICE].app.vault.phrase_kept);
    let Answer::VaultProof(proof) = world.ask(ALICE, confirm(&words, "")) else {
        panic!("not confirmed");
    };
    assert_eq!(
        (proof.name.as_str(), proof.contacts, proof.messages),
        ("person 0", 1, 7)
    );
    let vault = &world.people[ALICE].app.vault;
    assert!(vault.phrase_confirmed && !vault.phrase_kept);
    let answer = world.ask(ALICE, Request::RecoveryPhrase);
    assert_eq!(answer, Answer::Failed(Failure::PhraseNotKept));
    let entropy = *RecoveryPhrase::parse(&words.0).unwrap().entropy();
    for (table, _, value) in world.people[ALICE].store.dump() {
        assert!(!value.windows(16).any(|part| part == entropy), "{table:?}");
    }
    // The vault is saved on without it.
    say(&mut world, BOB, ALICE, "one more");
    world.run_for(3 * MINUTE);
    assert_eq!(prove(&mut world, ALICE).messages, 8);
    let link = link_of(&world, ALICE);
    let (copy, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Done);
    assert_eq!(
        texts(&world.conversation(copy, BOB), false).last().unwrap(),
        "one more"
    );
}

#[test]
fn a_passphrase_is_needed_from_then_on_and_survives_other_devices() {
    let mut world = talkers(4);
    let (words, link) = (phrase_of(&mut world, ALICE), link_of(&world, ALICE));
    save(&mut world, ALICE);
    let (copy, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Done);
    // É in one letter here and in two below: keyboards differ.
    let set = Request::SetPassphrase(secret("caf\u{e9} au lait"));
    assert_eq!(world.ask(ALICE, set), Answer::Done);
    assert!(world.people[ALICE].app.vault.has_passphrase);
    // A device that knows nothing of it saves as well.
    save(&mut world, copy);
    assert!(world.people[copy].app.vault.has_passphrase);
    let (_, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Failed(Failure::WrongPassphrase));
    let (_, answer) = restore(&mut world, &words, "cafe\u{301} au lait", &link);
    assert_eq!(answer, Answer::Done);
}

#[test]
fn a_small_change_brings_little() {
    let mut world = talkers(6);
    let bob = world.contact(ALICE, BOB).unwrap();
    for number in 0..12 {
        let text = format!("{number} {}", "long ".repeat(2_000));
        say(&mut world, ALICE, BOB, &text);
    }
    world.run_for(3 * MINUTE);
    save(&mut world, ALICE);
    let all = world.nodes[0].vaults.brought;
    assert!(all > 300_000, "{all}");
    let draft = Request::SetDraft {
        contact: bob,
        text: "a word".into(),
    };
    assert_eq!(world.ask(ALICE, draft), Answer::Done);
    save(&mut world, ALICE);
    let little = world.nodes[0].vaults.brought - all;
    assert!(little <= 16_384, "{little} bytes for a draft");
    assert_eq!(prove(&mut world, ALICE).messages, 19);
}

/// Commits are numbered on after a restart: those that come then are newer than what was saved, though nothing is left that tells of
/// earlier ones.
#[test]
fn what_is_said_after_a_restart_is_in_the_vault() {
    let mut world = talkers(48);
    let bob = world.contact(ALICE, BOB).unwrap();
    save(&mut world, ALICE);
    let of = world.conversation(ALICE, BOB)[2].position;
    let what = Talk::Forget { of };
    let forget = Request::Talk { contact: bob, what };
    assert_eq!(world.ask(ALICE, forget), Answer::Done);
    save(&mut world, ALICE);
    world.run_for(25 * 60 * MINUTE);
    // What was removed a day ago has everything written anew.
    save(&mut world, ALICE);
    world.run_for(10 * MINUTE);
    assert_eq!(world.rows(ALICE, Table::VaultChanges), 0);
    let before = prove(&mut world, ALICE).messages;
    world.switch_off(ALICE);
    world.switch_on(ALICE);
    say(&mut world, BOB, ALICE, "after the restart");
    world.run_for(10 * MINUTE);
    let proof = prove(&mut world, ALICE);
    assert_eq!(proof.messages, before + 1);
}

#[test]
fn lost_answers_and_crashes_leave_a_vault_that_opens() {
    for seed in 20..22 {
        let mut world = talkers(seed);
        world.faults.lose_reply = 300;
        for number in 0..6 {
            say(&mut world, BOB, ALICE, &format!("storm {number}"));
            world.crash_client_after(40 * SECOND, ALICE);
            world.run_for(2 * MINUTE);
        }
        world.faults = NO_FAULTS;
        world.run_for(2 * 60 * MINUTE);
        let vault = &world.people[ALICE].app.vault;
        assert!(!vault.unsaved, "seed {seed}: {vault:?}");
        assert_eq!(prove(&mut world, ALICE).messages, 13, "seed {seed}");
    }
}

#[test]
fn what_was_forgotten_is_destroyed_in_the_vault_within_a_day_of_use() {
    let mut world = talkers(50);
    let bob = world.contact(ALICE, BOB).unwrap();
    save(&mut world, ALICE);
    let base: Vec<Hash> = world.nodes[0]
        .vaults
        .only()
        .chunks
        .keys()
        .copied()
        .collect();
    let of = world.conversation(ALICE, BOB)[2].position;
    let forget = Request::Talk {
        contact: bob,
        what: Talk::Forget { of },
    };
    assert_eq!(world.ask(ALICE, forget), Answer::Done);
    save(&mut world, ALICE);
    let draft = |text: &str| Request::SetDraft {
        contact: bob,
        text: text.into(),
    };
    world.ask(ALICE, draft("soon"));
    save(&mut world, ALICE);
    let kept = |world: &mut World| {
        let chunks = &world.nodes[0].vaults.only().chunks;
        base.iter().any(|chunk| chunks.contains_key(chunk))
    };
    assert!(kept(&mut world), "not everything is written anew at once");
    world.run_for(25 * 60 * MINUTE);
    world.ask(ALICE, draft("a day later"));
    save(&mut world, ALICE);
    assert!(!kept(&mut world));
}
