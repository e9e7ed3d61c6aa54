//! The documents say what is so: tests that the threat model names exist, the protocol knows every
//! problem code and namespace.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in tests a panic is the report"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use shared_crypto::event::Body;
use shared_crypto::problem::ProblemCode;

/// The packages whose tests may be named.
const PACKAGES: &[&str] = &[
    "shared-crypto",
    "client-core",
    "node",
    "web-client",
    "qr-reader",
    "e2e",
    "simulation",
    "xtask",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap()
}

/// What stands between backticks.
fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// `package::name`, if a code span has that form.
fn named_test(span: &str) -> Option<(&str, &str)> {
    let (package, name) = span.split_once("::")?;
    PACKAGES.contains(&package).then_some((package, name))
}

/// The names of functions in a package's Rust files that stand below a `#[…test…]` attribute or inside
/// `proptest!`.
fn tests_of(package: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders = vec![root().join(package)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let mut is_test = false;
                for line in text.lines().map(str::trim) {
                    if line.starts_with("#[") && line.contains("test") {
                        is_test = true;
                    } else if let Some((_, rest)) = line.split_once("fn ") {
                        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                        if is_test {
                            names.insert(rest.get(..end.unwrap_or(rest.len())).unwrap().to_owned());
                        }
                        is_test = false;
                    }
                }
            }
        }
    }
    names
}

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let text = document("threat-model.md");
    let mut known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut missing = Vec::new();
    let mut count = 0;
    for (package, name) in code_spans(&text).filter_map(named_test) {
        let tests = known.entry(package).or_insert_with(|| tests_of(package));
        if !tests.contains(name) {
            missing.push(format!("{package}::{name}"));
        }
        count += 1;
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(count > 30, "the threat model names its tests");
}

#[test]
fn everything_that_an_adversary_cannot_do_is_shown_by_a_test() {
    let text = document("threat-model.md");
    let mut claims = 0;
    let mut unshown = Vec::new();
    let mut in_table = false;
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        match cells.as_slice() {
            ["", "cannot" | "hole", "shown by", ""] => in_table = true,
            ["", claim, shown, ""] if in_table && !claim.starts_with("---") => {
                claims += 1;
                if code_spans(shown).filter_map(named_test).next().is_none() {
                    unshown.push((*claim).to_owned());
                }
            }
            [_] => in_table = false,
            _ => {}
        }
    }
    assert!(unshown.is_empty(), "{unshown:#?}");
    assert!(claims > 30, "{claims} claims");
}

#[test]
fn the_protocol_lists_every_problem_code_and_no_other() {
    let text = document("protocol.md");
    let (_, after) = text.split_once("\nProblem codes:").unwrap();
    let (list, _) = after.split_once("\n\n").unwrap();
    let listed: BTreeSet<&str> = code_spans(list).collect();
    let codes: BTreeSet<&str> = ProblemCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(listed, codes);
}

#[test]
fn the_protocol_gives_every_problem_code_its_status() {
    let text = document("protocol.md");
    let (_, after) = text.split_once("Statuses:").unwrap();
    let (statuses, _) = after.split_once("\n\n").unwrap();
    for code in ProblemCode::ALL {
        let name = code.as_str();
        // This one is only told of submissions that were the node's to deliver or not.
        assert!(
            statuses.contains(&format!("`{name}`"))
                || ["stale_record", "forked_record", "stale_key_package"].contains(&name),
            "{name}"
        );
    }
}

/// Kinds of events by their number, as the protocol's table has them.
fn kinds_in_the_protocol() -> BTreeMap<u64, String> {
    let text = document("protocol.md");
    let (_, after) = text.split_once("\n| kind | name | body |\n").unwrap();
    let (table, _) = after.split_once("\n\n").unwrap();
    let rows = table.lines().skip(1).map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        match cells.as_slice() {
            ["", kind, name, _, ""] => (kind.parse().unwrap(), (*name).to_owned()),
            other => panic!("{other:?}"),
        }
    });
    rows.collect()
}

/// The same in the grammar: `body-1 = { … } ; text`.
fn kinds_in_the_grammar() -> BTreeMap<u64, String> {
    let text = document("protocol.cddl");
    let rules = text.lines().filter_map(|line| {
        let (kind, rest) = line.strip_prefix("body-")?.split_once(" = ")?;
        let (_, name) = rest.rsplit_once(';')?;
        Some((kind.parse().unwrap(), name.trim().to_owned()))
    });
    rules.collect()
}

/// The same in the code: `pub const TEXT: u64 = 1;`.
fn kinds_in_the_code() -> BTreeMap<u64, String> {
    let source = fs::read_to_string(root().join("shared-crypto/src/event/body.rs")).unwrap();
    let (_, after) = source.split_once("pub mod kind {").unwrap();
    let (module, _) = after.split_once("\n}\n").unwrap();
    let constants = module.lines().filter_map(|line| {
        let (name, kind) = line
            .trim()
            .strip_prefix("pub const ")?
            .split_once(": u64 = ")?;
        let name = name.to_lowercase().replace('_', " ");
        Some((kind.trim_end_matches(';').parse().unwrap(), name))
    });
    constants.collect()
}

#[test]
fn the_protocol_lists_every_kind_of_event_that_is_read_and_no_other() {
    let listed = kinds_in_the_protocol();
    assert_eq!(listed, kinds_in_the_code());
    assert_eq!(listed, kinds_in_the_grammar());
    // No map, so that no body of a kind that is read is like it; whatever is not read is kept as it is.
    let strange = [0x00];
    for kind in (0..256).chain([u64::from(u32::MAX), u64::MAX]) {
        let is_kept = matches!(Body::decode(kind, &strange), Ok(Body::Unknown { .. }));
        assert_eq!(is_kept, !listed.contains_key(&kind), "kind {kind}");
    }
    // Nor does the text say otherwise of one.
    let text = document("protocol.md");
    assert!(!text.contains("reserved by this version"));
}

#[test]
fn the_protocol_names_every_namespace_that_is_used() {
    let text = document("protocol.md");
    let mut folders = vec![root().join("shared-crypto/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = fs::read_to_string(&path).unwrap_or_default();
            // Tests of the functions themselves come last in a file.
            let source = source.split("#[cfg(test)]").next().unwrap_or_default();
            let strings = source.split('"').skip(1).step_by(2);
            for namespace in
                strings.filter(|text| text.starts_with("zechat/") && text.ends_with("/v1"))
            {
                assert!(
                    text.contains(namespace),
                    "{namespace}, in {}",
                    path.display()
                );
            }
        }
    }
}
