//! Files instead of a vault: backups, which restore everything, and exports, which anybody can read and verify.

use client_core::request::{Answer, ExportFormat, ExportWords, Failure, Request, Secret};
use client_core::view::FileView;
use shared_crypto::export::{ExportProblem, verify_export};
use shared_crypto::time::MINUTE;

use super::{ALICE, BOB, prove, say, secret, talkers};
use crate::people::phrase_of;
use crate::texts;
use crate::world::{Who, World};

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
    let (words, others) = (phrase_of(&mut world, ALICE), phrase_of(&mut world, BOB));
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
