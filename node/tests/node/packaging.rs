//! What comes with the program: the unit of systemd, the settings of the package.

use std::path::{Path, PathBuf};
use std::process::Command;

fn packaging(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../packaging")
        .join(name)
}

/// `cargo xtask test` leaves it out, in words, where there is no systemd to read the unit.
#[test]
fn systemd_understands_the_unit() {
    let analyze = std::env::var("ZECHAT_SYSTEMD_ANALYZE");
    let analyze = analyze.unwrap_or_else(|_| "systemd-analyze".to_owned());
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(packaging("zechat-node.service")).unwrap();
    let program = env!("CARGO_BIN_EXE_zechat-node");
    assert!(text.contains("ExecStart=/usr/bin/zechat-node serve\n"));
    let unit = folder.path().join("zechat-node.service");
    std::fs::write(&unit, text.replace("/usr/bin/zechat-node", program)).unwrap();
    let verified = Command::new(analyze)
        .arg("verify")
        .arg(&unit)
        .output()
        .expect("systemd-analyze is not installed");
    let words = String::from_utf8_lossy(&verified.stderr);
    let ours: Vec<&str> = words
        .lines()
        .filter(|line| line.contains("zechat"))
        .collect();
    assert!(ours.is_empty(), "{ours:?}");
    assert!(verified.status.success(), "{}: {words}", verified.status);
}

#[test]
fn the_package_brings_settings_that_the_program_reads() {
    let read = Command::new(env!("CARGO_BIN_EXE_zechat-node"))
        .args(["config", "print", "--config"])
        .arg(packaging("settings.toml"))
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success(), "{words}");
    let text = String::from_utf8(read.stdout).unwrap();
    assert!(
        text.contains("server.data = \"/var/lib/zechat-node\""),
        "{text}"
    );
}
