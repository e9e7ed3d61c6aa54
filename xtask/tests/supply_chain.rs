//! What the lock file and the dependency policy promise, seen without any tool or list from outside.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in tests a panic is the report"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The versions of each package, and whether it comes from crates.io with a checksum.
fn packages() -> BTreeMap<String, Vec<(String, bool)>> {
    let mut packages: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
    for entry in read("Cargo.lock").split("[[package]]").skip(1) {
        let field = |name: &str| {
            let start = format!("{name} = \"");
            let line = entry
                .lines()
                .find_map(|line| line.strip_prefix(start.as_str()));
            line.and_then(|rest| rest.strip_suffix('"'))
                .map(str::to_owned)
        };
        let is_registered = field("source").as_deref()
            == Some("registry+https://github.com/rust-lang/crates.io-index")
            && field("checksum").is_some_and(|sum| sum.len() == 64);
        packages
            .entry(field("name").unwrap())
            .or_default()
            .push((field("version").unwrap(), is_registered));
    }
    packages
}

#[test]
fn there_is_one_tls_stack() {
    let packages = packages();
    for other in [
        "openssl",
        "openssl-sys",
        "native-tls",
        "boring",
        "boring-sys",
        "mbedtls",
        "s2n-tls",
        "wolfssl",
        "aws-lc-sys",
        "aws-lc-fips-sys",
    ] {
        assert!(
            !packages.contains_key(other),
            "{other} is a second TLS stack"
        );
    }
    for one in ["rustls", "ring"] {
        assert_eq!(packages[one].len(), 1, "one version of {one}");
    }
}

#[test]
fn there_is_one_yew_and_no_old_http_2() {
    let packages = packages();
    for one in [
        "yew",
        "wasm-bindgen",
        "js-sys",
        "web-sys",
        "rsa",
        "actix-web",
        "diesel",
        "tokio",
    ] {
        assert_eq!(packages[one].len(), 1, "one version of {one}");
    }
    for (version, _) in packages.get("h2").into_iter().flatten() {
        assert!(!version.starts_with("0.3"), "h2 {version}");
    }
    for banned in ["awc", "actix-test", "serde_yaml", "rustls-pemfile"] {
        assert!(!packages.contains_key(banned), "{banned}");
    }
}

#[test]
fn everything_comes_from_crates_io_with_its_hash() {
    let ours = [
        "shared-crypto",
        "client-core",
        "zechat-node",
        "web-client",
        "qr-reader",
        "xtask",
        "e2e",
        "simulation",
        "zechat-bench",
    ];
    for (name, versions) in packages() {
        for (version, is_registered) in versions {
            assert!(
                is_registered || ours.contains(&name.as_str()),
                "{name} {version}"
            );
        }
    }
}

/// Nobody can say any more why an exception without a date was right.
#[test]
fn every_exception_says_when_and_why() {
    let policy = read("deny.toml");
    let mut count = 0;
    for exception in policy.split("{ id = \"").skip(1) {
        let (id, rest) = exception.split_once('"').unwrap();
        assert!(id.starts_with("RUSTSEC-"), "{id}");
        let reason = rest
            .split_once("reason = ")
            .unwrap()
            .1
            .trim_start_matches(['"', '\n']);
        let date: Vec<&str> = reason.get(..10).unwrap().split('-').collect();
        let is_date = date.len() == 3 && date.iter().all(|part| part.parse::<u16>().is_ok());
        assert!(is_date, "{id} has no date: {reason}");
        let end = reason.find(" }").unwrap();
        assert!(end > 60, "{id} has no reason");
        count += 1;
    }
    assert!(count > 0);
}

/// The fuzzer has a lock file of its own; it must be about the same versions.
#[test]
fn the_fuzzer_runs_what_the_program_runs() {
    let of = |path: &str, name: &str| {
        let lock = read(path);
        let (_, rest) = lock
            .split_once(&format!("name = \"{name}\"\nversion = \""))
            .unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    for name in [
        "rsa",
        "aes-gcm",
        "x-wing",
        "ml-kem",
        "hpke",
        "minicbor",
        "serde_json",
        "ed25519-dalek",
    ] {
        assert_eq!(
            of("Cargo.lock", name),
            of("fuzz/Cargo.lock", name),
            "{name}"
        );
    }
}
