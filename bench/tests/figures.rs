//! What programs read: a line of JSON for each figure. How large the figures are is nothing for a test.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// By how much a figure may differ from what it was before it was rounded.
const ROUNDED: f64 = 0.000_51;

/// The node that the tests of the workspace have built beside this; built now, if it is alone.
fn node() -> PathBuf {
    let mut program = PathBuf::from(env!("CARGO_BIN_EXE_zechat-bench"));
    program.set_file_name("zechat-node");
    program.set_extension(std::env::consts::EXE_EXTENSION);
    if !program.exists() {
        let mut cargo = Command::new(env!("CARGO"));
        let built = cargo.args(["build", "--package", "zechat-node"]).status();
        assert!(built.unwrap().success());
    }
    program
}

#[test]
fn every_figure_is_an_object_on_a_line() {
    let output = Command::new(env!("CARGO_BIN_EXE_zechat-bench"))
        .args(["--quick", "--json", "--workload", "W1,W5"])
        .args(["--backend", "sqlite", "--node"])
        .arg(node())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let mut seen = BTreeSet::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let figure: Value = serde_json::from_str(line).expect(line);
        let members: Vec<&str> = figure
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(
            members,
            ["backend", "bare", "figure", "ratio", "value", "workload"],
            "{line}"
        );
        assert_eq!(figure["backend"], "sqlite");
        let number = |name: &str| figure[name].as_f64().unwrap();
        assert!(number("value") > 0.0 && number("bare") > 0.0, "{line}");
        // All three are rounded to a thousandth, which is much of a small one.
        let (value, bare) = (number("value"), number("bare"));
        let least = (value - ROUNDED) / (bare + ROUNDED);
        let most = (value + ROUNDED) / (bare - ROUNDED).max(f64::MIN_POSITIVE);
        let ratio = number("ratio");
        assert!(ratio > least - ROUNDED && ratio < most + ROUNDED, "{line}");
        let name = |name: &str| figure[name].as_str().unwrap().to_owned();
        assert!(seen.insert((name("workload"), name("figure"))), "{line}");
    }
    let mut expected: BTreeSet<(String, String)> = [
        ("W5 cold start, new database", "ms"),
        ("W5 cold start, existing database", "ms"),
        ("W5 binary size, stripped", "bytes"),
    ]
    .map(|(workload, figure)| (workload.to_owned(), figure.to_owned()))
    .into();
    for window in ["W1 window 1", "W1 window 32"] {
        for sync in ["", ", slower sync"] {
            for bytes in ["", ", raw 1 KiB"] {
                let counted: &[&str] = if sync.is_empty() { &[] } else { &["syncs"] };
                for figure in ["rate", "cpu_us", "p50_ms", "p99_ms"].iter().chain(counted) {
                    expected.insert((format!("{window}{sync}{bytes}"), (*figure).to_owned()));
                }
            }
        }
    }
    assert_eq!(seen, expected);
}
