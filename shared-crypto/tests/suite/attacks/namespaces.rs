//! No namespace of the crate is missing in the table.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::kinds;

/// Namespaces that sign and seal nothing, with where it is shown that they keep things apart.
const DERIVATIONS: &[(&str, &str)] = &[
    ("zechat/link/v1", "each_changed_character_is_refused"),
    (
        "zechat/postage/v1",
        "work_is_enough_for_its_delivery_and_no_other",
    ),
    (
        "zechat/safety-number/v1",
        "safety_numbers_are_the_same_from_both_sides",
    ),
    // A salt: who stretches a passphrase for one vault has it for no other.
    (
        "zechat/vault-salt/v1",
        "a_manifest_opens_with_phrase_and_passphrase",
    ),
    // Slots of a lock stay on the device: nobody else is meant, and no peer can hand one over.
    (
        "zechat/lock-passphrase/v1",
        "a_passphrase_opens_its_slot_and_no_other_does",
    ),
    (
        "zechat/lock-passkey/v1",
        "a_passkey_opens_its_slot_and_no_other_does",
    ),
    // Exports are signed lines that anybody may verify.
    ("zechat/export/v1", "shared-crypto/src/export.rs"),
    ("zechat/export-lines/v1", "shared-crypto/src/export.rs"),
    // In tests of the functions themselves.
    (
        "zechat/a/v1",
        "namespaces_and_boundaries_matter_and_parts_do_not",
    ),
    (
        "zechat/b/v1",
        "namespaces_and_boundaries_matter_and_parts_do_not",
    ),
];

#[test]
fn every_namespace_is_in_the_table() {
    let mut listed: BTreeSet<String> = DERIVATIONS
        .iter()
        .map(|(namespace, _)| (*namespace).to_owned())
        .collect();
    for kind in kinds() {
        listed.extend(
            kind.namespaces
                .iter()
                .map(|namespace| (*namespace).to_owned()),
        );
    }
    let mut used = BTreeSet::new();
    read_folder(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut used,
    );
    assert_eq!(used, listed);
}

fn read_folder(folder: &Path, used: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(&path, used);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let strings = text.split('"').skip(1).step_by(2);
        let namespaces =
            strings.filter(|text| text.starts_with("zechat/") && text.ends_with("/v1"));
        used.extend(namespaces.map(str::to_owned));
    }
}
