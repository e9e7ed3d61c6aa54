//! What comes with the program: the unit of systemd, the settings of the package.

use std::path::{Path, PathBuf};
use std::process::Command;

fn packaging(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../packaging")
        .join(name)
}

/// Where there is systemd; elsewhere nothing would read the unit.
#[test]
fn systemd_understands_the_unit() {
    if Command::new("systemd-analyze")
        .arg("--version")
        .output()
        .is_err()
    {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(packaging("zechat-node.service")).unwrap();
    let program = env!("CARGO_BIN_EXE_zechat-node");
    assert!(text.contains("ExecStart=/usr/bin/zechat-node serve\n"));
    let unit = folder.path().join("zechat-node.service");
    std::fs::write(&unit, text.replace("/usr/bin/zechat-node", program)).unwrap();
    let verified = Command::new("systemd-analyze")
        .arg("verify")
        .arg(&unit)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&verified.stderr);
    let ours: Vec<&str> = words
        .lines()
        .filter(|line| line.contains("zechat"))
        .collect();
    assert!(ours.is_empty(), "{ours:?}");
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
