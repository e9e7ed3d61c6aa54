//! `zechat-node check`: what is wrong with a node, seen from inside and from outside.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use zechat_node::clock::{Clock as _, MockClock, SystemClock};

use super::peers::{Manner, Papers, Rogue};
use super::running::certify;
use super::site::Site;
use super::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_check_does_a_real_round_trip() {
    let site = Site::new();
    let mut node = site.start("127.0.0.1:0", &[]);
    let url = node.url.to_string();
    let here = [
        "--public-url",
        &url,
        "--set",
        "database.max_bytes=1000000000",
    ];
    let report = site.json(&[&here[..], &["check", "--peer", &url]].concat());
    assert_eq!(report["ok"], true, "{report}");
    for name in [
        "https",
        "websocket",
        "federation",
        "clock",
        "database",
        "disk",
    ] {
        assert_eq!(verdict(&report, name), "ok", "{report}");
    }
    if site.database.is_some() {
        let found = site.output(&["--json", "--public-url", &url, "check"]);
        let found = String::from_utf8(found.stdout).unwrap();
        assert!(found.contains("database.max_bytes is 0"), "{found}");
    }
    node.kill();
    let found = site.output(&["--json", "--public-url", &url, "check"]);
    assert_eq!(found.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(verdict(&report, "https"), "wrong", "{report}");
    assert_eq!(verdict(&report, "database"), "ok", "{report}");
}

/// What `check` says of one thing, and in which words.
fn found(site: &Site, arguments: &[&str], name: &str) -> (String, String) {
    let output = site.output(&[&["--json", "check"], arguments].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let is_sound = report["ok"] == true;
    assert_eq!(output.status.code(), Some(i32::from(!is_sound)), "{report}");
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["check"] == name).unwrap();
    let word = |name: &str| check[name].as_str().unwrap().to_owned();
    (word("verdict"), word("words"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_says_what_is_wrong_outside() {
    let wrong = |site: &Site, arguments: &[&str], name: &str, expected: &str| {
        let (verdict, words) = found(site, arguments, name);
        assert_eq!(verdict, "wrong", "{name}: {words}");
        assert!(words.contains(expected), "{name}: {words}");
    };
    let site = Site::new();
    // No name that anybody has (RFC 6761).
    let nowhere = ["--public-url", "https://nowhere.invalid"];
    wrong(&site, &nowhere, "name", "leads nowhere");
    // A node whose authority nobody here believes, until it is named.
    let secure = Site::of_files();
    certify(secure.path());
    let files = [("certificate", "chain"), ("key", "key")].map(|(name, file)| {
        let file = secure.file(&format!("{file}.pem"));
        format!("server.tls_{name}={file}")
    });
    let port = free_port();
    let url = format!("https://localhost:{port}");
    let set = ["--set", &files[0], "--set", &files[1], "--public-url", &url];
    let _secure = secure.start(&format!("127.0.0.1:{port}"), &set);
    let public = ["--public-url", &url];
    wrong(&secure, &public, "https", "certificate");
    wrong(&secure, &["--peer", &url], "federation", "certificate");
    let authority = format!("federation.extra_roots={}", secure.file("authority.pem"));
    let believed = [&public[..], &["--set", &authority]].concat();
    assert_eq!(found(&secure, &believed, "https").0, "ok");
    // At this node's address another one answers.
    let mut node = site.start("127.0.0.1:0", &[]);
    node.kill();
    let other = TestNode::with(MockClock::new(SystemClock.now()), |_| ()).await;
    let url = other.url().to_string();
    wrong(&site, &["--public-url", &url], "https", "is another node");
    // Nodes that are not there, and that fail.
    wrong(
        &site,
        &["--peer", "http://127.0.0.1:9"],
        "federation",
        "cannot be reached",
    );
    let failing = Rogue::start(Manner::HangUp).await;
    failing.show(Papers::Status("500 Internal Server Error"));
    let peer = ["--peer", failing.url.as_str()];
    wrong(&site, &peer, "federation", "answers 500");
}

/// Nobody else says so before people cannot log in.
#[tokio::test(flavor = "multi_thread")]
async fn the_check_compares_the_clock_with_another_nodes() {
    let site = Site::of_files();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        let answer =
            "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    let found = site.output(&["--json", "check", "--peer", &peer]).stdout;
    let report: Value = serde_json::from_slice(&found).unwrap();
    assert_eq!(verdict(&report, "clock"), "wrong", "{report}");
}

#[test]
fn the_check_says_when_the_certificate_runs_out() {
    let site = Site::of_files();
    let key = rcgen::KeyPair::generate().unwrap();
    std::fs::write(site.file("key.pem"), key.serialize_pem()).unwrap();
    let set = ["certificate", "key"].map(|name| {
        let file = site.file(&format!("{name}.pem"));
        format!("server.tls_{name}={file}")
    });
    let check = ["--json", "--set", &set[0], "--set", &set[1], "check"];
    for (year, expected) in [(2020, "wrong"), (2099, "ok")] {
        let mut certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        certificate.not_before = rcgen::date_time_ymd(2019, 1, 1);
        certificate.not_after = rcgen::date_time_ymd(year, 1, 1);
        let certificate = certificate.self_signed(&key).unwrap();
        std::fs::write(site.file("certificate.pem"), certificate.pem()).unwrap();
        let report = site.output(&check).stdout;
        let report: Value = serde_json::from_slice(&report).unwrap();
        assert_eq!(verdict(&report, "certificate"), expected, "{report}");
    }
}

pub fn verdict(report: &Value, name: &str) -> String {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["check"] == name).unwrap();
    check["verdict"].as_str().unwrap().to_owned()
}
