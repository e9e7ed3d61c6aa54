//! The vault end to end: saved on a node, restored in another client, also when nodes and devices do what they
//! should not.

use client_core::request::{
    Answer, ExportFormat, ExportWords, Failure, PhraseFault, Request, Secret, Talk,
};
use client_core::view::{
    AppView, BodyView, FileView, StageView, VaultActivity, VaultFault, VaultProofView,
};
use shared_crypto::export::{ExportProblem, verify_export};
use shared_crypto::id::Hash;
use shared_crypto::recovery::RecoveryPhrase;

use crate::people::add;
use crate::world::{Act, NO_FAULTS, Who, World};
use crate::{MINUTE, SECOND, texts};

const ALICE: Who = 0;
const BOB: Who = 1;

/// Alice and Bob, on a node each, who have talked.
pub fn talkers(seed: u64) -> World {
    talkers_among(seed, 2)
}

/// The same, with more nodes.
fn talkers_among(seed: u64, nodes: usize) -> World {
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

pub fn phrase(world: &mut World, who: Who) -> Secret {
    match world.ask(who, Request::RecoveryPhrase) {
        Answer::RecoveryPhrase(words) => words,
        other => panic!("no phrase: {other:?}"),
    }
}

fn link(world: &World, who: Who) -> String {
    world.people[who].app.me.as_ref().unwrap().link.clone()
}

fn save(world: &mut World, who: Who) {
    assert_eq!(world.ask(who, Request::SaveVault), Answer::Done);
}

fn restore(world: &mut World, phrase: &Secret, passphrase: &str, from: &str) -> (Who, Answer) {
    let who = world.add_person();
    let request = Request::Restore {
        phrase: phrase.clone(),
        passphrase: secret(passphrase),
        from: from.to_owned(),
    };
    let answer = world.ask(who, request);
    (who, answer)
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
    let (words, link) = (phrase(&mut world, ALICE), link(&world, ALICE));
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
    let words = phrase(&mut world, ALICE);
    let (link, node) = (link(&world, ALICE), world.nodes[0].url.to_string());
    save(&mut world, ALICE);
    let others = phrase(&mut world, BOB);
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
    let (words, others) = (phrase(&mut world, ALICE), phrase(&mut world, BOB));
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
    let link = link(&world, ALICE);
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
    let (words, link) = (phrase(&mut world, ALICE), link(&world, ALICE));
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
fn two_devices_that_save_at_once_lose_nothing() {
    let mut world = talkers(5);
    let (words, link) = (phrase(&mut world, ALICE), link(&world, ALICE));
    save(&mut world, ALICE);
    let (copy, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Done);
    for round in 0..3 {
        say(&mut world, ALICE, BOB, &format!("device one, {round}"));
        say(&mut world, copy, BOB, &format!("device two, {round}"));
        world.run_for(32 * SECOND);
        // Both begin before either ends.
        world.ask_later(ALICE, Request::SaveVault);
        world.ask_later(copy, Request::SaveVault);
        world.run_for(20 * SECOND);
    }
    world.run_for(5 * MINUTE);
    let proof = prove(&mut world, copy);
    assert_eq!(proof.devices, 2);
    assert_eq!(proof.messages, 7 + 6);
    for who in [ALICE, copy] {
        world.kill(who);
    }
    let (third, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Done);
    let mine = texts(&world.conversation(third, BOB), true);
    for device in ["device one", "device two"] {
        let of: Vec<&String> = mine
            .iter()
            .filter(|text| text.starts_with(device))
            .collect();
        assert_eq!(
            of,
            [0, 1, 2]
                .map(|n| format!("{device}, {n}"))
                .iter()
                .collect::<Vec<_>>()
        );
    }
    // What it took over is not kept twice.
    save(&mut world, third);
    assert_eq!(prove(&mut world, third).devices, 1);
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
    let (words, link) = (phrase(&mut world, ALICE), link(&world, ALICE));
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
    let (words, link) = (phrase(&mut world, ALICE), link(&world, ALICE));
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

pub fn backup(world: &mut World, who: Who) -> FileView {
    match world.ask(who, Request::ExportBackup) {
        Answer::File(file) => file,
        other => panic!("no file: {other:?}"),
    }
}

pub fn import(world: &mut World, file: &[u8], phrase: &Secret) -> (Who, Answer) {
    let who = world.add_person();
    let request = Request::ImportBackup {
        file: file.to_vec(),
        phrase: phrase.clone(),
        passphrase: secret(""),
    };
    let answer = world.ask(who, request);
    (who, answer)
}

#[test]
fn a_backup_file_restores_without_any_node() {
    let mut world = talkers(11);
    let (words, others) = (phrase(&mut world, ALICE), phrase(&mut world, BOB));
    let entries = world.conversation(ALICE, BOB);
    let file = backup(&mut world, ALICE);
    world.kill(ALICE);
    world.nodes[0].vaults.forget();
    let (_, answer) = import(&mut world, &file.bytes, &others);
    assert_eq!(answer, Answer::Failed(Failure::WrongPhrase));
    let mut damaged = file.bytes.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    for bad in [
        &damaged[..],
        &file.bytes[..file.bytes.len() - 1],
        b"a picture",
    ] {
        let (_, answer) = import(&mut world, bad, &words);
        assert_eq!(answer, Answer::Failed(Failure::VaultDamaged));
    }
    let mut newer = file.bytes.clone();
    newer[14] = b'2';
    let (_, answer) = import(&mut world, &newer, &words);
    assert_eq!(answer, Answer::Failed(Failure::VaultTooNew));
    let (copy, answer) = import(&mut world, &file.bytes, &words);
    assert_eq!(answer, Answer::Done);
    let restored = world.conversation(copy, BOB);
    assert_eq!(texts(&restored, false), texts(&entries, false));
    say(&mut world, BOB, copy, "are you there?");
    world.run_for(3 * MINUTE);
    assert_eq!(
        texts(&world.conversation(copy, BOB), false).last().unwrap(),
        "are you there?"
    );
    // And the vault is there again.
    assert_eq!(prove(&mut world, copy).messages, 8);
}

fn export(world: &mut World, format: ExportFormat) -> String {
    match world.ask(ALICE, Request::Export(format)) {
        Answer::File(file) => String::from_utf8(file.bytes).unwrap(),
        other => panic!("no file: {other:?}"),
    }
}

#[test]
fn an_export_is_verified_by_its_signatures_alone() {
    let mut world = talkers(12);
    let lines = export(&mut world, ExportFormat::JsonLines);
    let report = verify_export(&lines).unwrap();
    // His acceptance is signed as well.
    assert_eq!(
        (report.people, report.mine, report.theirs, report.edited),
        (2, 4, 4, 0)
    );
    // Somebody changes a word, with or without the signed event, or leaves a line out.
    let problem = |text: &str| verify_export(text).unwrap_err().problem;
    let changed = lines.replace("from Bob, 1", "from Bob, 7");
    assert_eq!(problem(&changed), ExportProblem::Differs);
    let mut all: Vec<&str> = lines.lines().collect();
    let at = all
        .iter()
        .position(|line| line.contains("from Bob, 1"))
        .unwrap();
    let mut line: serde_json::Value = serde_json::from_str(all[at]).unwrap();
    line.as_object_mut().unwrap().remove("event");
    line["text"] = "invented".into();
    let invented = line.to_string();
    all[at] = &invented;
    assert_eq!(
        problem(&format!("{}\n", all.join("\n"))),
        ExportProblem::Changed
    );
    all.remove(at);
    assert_eq!(
        problem(&format!("{}\n", all.join("\n"))),
        ExportProblem::Changed
    );
    all.pop();
    assert_eq!(
        problem(&format!("{}\n", all.join("\n"))),
        ExportProblem::Order
    );
}

#[test]
fn an_exported_page_holds_texts_and_no_markup_of_anybody() {
    let mut world = talkers(13);
    say(
        &mut world,
        BOB,
        ALICE,
        "<img src=x onerror=alert(1)> & \"quoted\"",
    );
    world.run_for(2 * MINUTE);
    let words = ExportWords {
        language: "en".into(),
        title: "<Alice>".into(),
        ..ExportWords::default()
    };
    let page = export(&mut world, ExportFormat::Html(words));
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quoted&quot;"));
    assert!(page.contains("from Alice, 2") && page.contains("&lt;Alice&gt;"));
    assert!(!page.contains("<img") && !page.contains("<script"));
    assert!(page.contains("default-src 'none'"));
}

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
fn two_nodes_keep_it_and_one_of_them_that_goes_back_is_outdone_by_the_other() {
    let mut world = with_two_nodes(30);
    let (words, link) = (phrase(&mut world, ALICE), link(&world, ALICE));
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
    let words = phrase(&mut world, ALICE);
    let (copy, answer) = restore(&mut world, &words, "", &node);
    assert_eq!(answer, Answer::Done);
    assert_eq!(
        texts(&world.conversation(copy, BOB), false).last().unwrap(),
        "while it was away"
    );
}

#[test]
fn contacts_that_only_one_device_had_are_all_there() {
    const CAROL: Who = 2;
    const DAVE: Who = 3;
    let mut world = World::new(40, 4, 2);
    for who in [ALICE, BOB, CAROL, DAVE] {
        world.act_after(0, who, Act::Create { node: who % 2 });
    }
    let ask = |whom, text: &str| Act::Ask {
        whom,
        text: text.into(),
    };
    world.act_after(20 * SECOND, ALICE, ask(BOB, "hello Bob"));
    world.run_for(3 * MINUTE);
    let (words, link) = (phrase(&mut world, ALICE), link(&world, ALICE));
    save(&mut world, ALICE);
    let (copy, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Done);
    // Both take the same local number for different people.
    world.act_after(SECOND, ALICE, ask(CAROL, "hello Carol"));
    world.act_after(SECOND, copy, ask(DAVE, "hello Dave"));
    world.run_for(3 * MINUTE);
    say(&mut world, CAROL, ALICE, "Carol to the first");
    say(&mut world, DAVE, copy, "Dave to the second");
    world.run_for(3 * MINUTE);
    assert_eq!(world.contact(ALICE, CAROL), world.contact(copy, DAVE));
    save(&mut world, ALICE);
    save(&mut world, copy);
    world.kill(ALICE);
    world.kill(copy);
    let (third, answer) = restore(&mut world, &words, "", &link);
    assert_eq!(answer, Answer::Done);
    world.run_for(MINUTE);
    assert_eq!(
        texts(&world.conversation(third, CAROL), false),
        ["Carol to the first"]
    );
    assert_eq!(
        texts(&world.conversation(third, DAVE), false),
        ["Dave to the second"]
    );
    assert_eq!(texts(&world.conversation(third, BOB), true), ["hello Bob"]);
    // And all of them can be talked with.
    for (whom, name) in [(BOB, "Bob"), (CAROL, "Carol"), (DAVE, "Dave")] {
        say(&mut world, third, whom, &format!("again, {name}"));
        say(&mut world, whom, third, &format!("{name} again"));
    }
    world.run_for(5 * MINUTE);
    for (whom, name) in [(BOB, "Bob"), (CAROL, "Carol"), (DAVE, "Dave")] {
        let read = texts(&world.conversation(third, whom), false);
        assert_eq!(read.last().unwrap(), &format!("{name} again"));
        let heard = texts(&world.conversation(whom, third), false);
        assert_eq!(heard.last().unwrap(), &format!("again, {name}"));
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
