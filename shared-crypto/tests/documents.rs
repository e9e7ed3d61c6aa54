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

/// The attributes that make a test.
const TESTS: &[&str] = &[
    "test",
    "tokio::test",
    "actix_web::test",
    "wasm_bindgen_test",
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

/// Where each test of a package stands: functions right below an attribute that makes a test of them and no `#[ignore]`.
fn tests_of(package: &str) -> BTreeMap<String, Vec<PathBuf>> {
    let mut tests: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let mut folders = vec![root().join(package)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                for name in tests_in(&fs::read_to_string(&path).unwrap()) {
                    tests.entry(name).or_default().push(path.clone());
                }
            }
        }
    }
    tests
}

fn tests_in(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut attributes = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(attribute) = line.strip_prefix("#[") {
            let end = attribute.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            attributes.push(attribute.get(..end.unwrap_or(attribute.len())).unwrap());
            continue;
        }
        let function = line.strip_prefix("async ").unwrap_or(line);
        if let Some(rest) = function.strip_prefix("fn ") {
            let is_test = attributes.iter().any(|it| TESTS.contains(it));
            if is_test && !attributes.contains(&"ignore") {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                names.push(rest.get(..end.unwrap()).unwrap().to_owned());
            }
        }
        // What an attribute says may go on in the next lines.
        let is_between = line.is_empty() || line.starts_with("//") || line == ")]";
        if !is_between && !line.starts_with("reason") {
            attributes.clear();
        }
    }
    names
}

/// `package::name`, if a code span has that form.
fn named_test(span: &str) -> Option<(&str, &str)> {
    let (package, name) = span.split_once("::")?;
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (!name.contains("::") && name.chars().all(is_name)).then_some((package, name))
}

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let text = document("threat-model.md");
    let mut known: BTreeMap<&str, BTreeMap<String, Vec<PathBuf>>> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (package, name) in code_spans(&text).filter_map(named_test) {
        // `package::test` says what a name looks like.
        if (package, name) == ("package", "test") {
            continue;
        }
        count += 1;
        if !PACKAGES.contains(&package) {
            wrong.push(format!("{package}::{name}: no such package"));
            continue;
        }
        let tests = known.entry(package).or_insert_with(|| tests_of(package));
        match tests.get(name).map(Vec::as_slice) {
            Some([_]) => {}
            None => wrong.push(format!("{package}::{name}: no such test")),
            Some(files) => wrong.push(format!("{package}::{name}: in {files:?}")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 200, "the threat model names its tests: {count}");
}

#[test]
fn everything_that_an_adversary_cannot_do_is_shown_by_a_test() {
    let text = document("threat-model.md");
    let mut claims = 0;
    let mut wrong = Vec::new();
    let mut columns: Option<(usize, usize)> = None;
    for line in text.lines() {
        if !line.starts_with('|') {
            columns = None;
            continue;
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let Some((claim, shown)) = columns else {
            let find = |names: &[&str]| cells.iter().position(|cell| names.contains(cell));
            columns = find(&["cannot", "hole"]).zip(find(&["shown by"]));
            assert!(columns.is_some(), "a table that shows nothing: {line}");
            continue;
        };
        let (claim, shown) = (cells.get(claim).unwrap(), cells.get(shown).unwrap());
        if claim.starts_with("---") {
            continue;
        }
        claims += 1;
        let mut spans = code_spans(shown).peekable();
        if spans.peek().is_none() || !spans.all(|span| named_test(span).is_some()) {
            wrong.push((*claim).to_owned());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(claims > 100, "{claims} claims");
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
