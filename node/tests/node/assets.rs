//! The client's files.

use std::io::{Read as _, Write as _};
use std::path::Path;

use super::support::*;

/// A request by hand: nothing is added or decoded.
fn request(node: &TestNode, method: &str, path: &str, headers: &str) -> (String, Vec<u8>) {
    let mut stream = std::net::TcpStream::connect(node.settings.server.listen).unwrap();
    let text = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let split = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap();
    (
        String::from_utf8(answer[..split].to_vec())
            .unwrap()
            .to_lowercase(),
        answer[split + 4..].to_vec(),
    )
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn write_client(folder: &Path) {
    let files = [
        ("index.html", "<!doctype html>page"),
        ("index.html.br", "br of page"),
        ("index.html.gz", "gz of page"),
        ("app-0123456789abcdef_bg.wasm", "\0asm"),
        ("app-0123456789abcdef_bg.wasm.gz", "gz of wasm"),
        ("manifest.webmanifest", "{}"),
        ("client-manifest.json", "{\"build\":\"x\"}"),
        (".secret", "hidden"),
        ("../outside.txt", "outside"),
    ];
    for (name, content) in files {
        std::fs::write(folder.join(name), content).unwrap();
    }
}

async fn node_with_client() -> (TestNode, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let client = folder.path().join("client");
    std::fs::create_dir(&client).unwrap();
    write_client(&client);
    (
        TestNode::with(clock(), |settings| settings.server.client_dir = client).await,
        folder,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_served_in_the_best_encoding() {
    let (node, _folder) = node_with_client().await;
    let cases = [
        ("", None, "<!doctype html>page"),
        (
            "accept-encoding: gzip, deflate, br\r\n",
            Some("br"),
            "br of page",
        ),
        ("accept-encoding: gzip\r\n", Some("gzip"), "gz of page"),
        (
            "accept-encoding: br;q=0, gzip;q=0\r\n",
            None,
            "<!doctype html>page",
        ),
    ];
    let mut etags = std::collections::BTreeSet::new();
    for path in ["/", "/i", "/i/", "/index.html"] {
        for (headers, encoding, body) in cases {
            let (head, content) = request(&node, "GET", path, headers);
            assert!(head.starts_with("http/1.1 200"), "{path} {headers} {head}");
            assert_eq!(header(&head, "content-encoding"), encoding);
            assert_eq!(header(&head, "vary"), Some("accept-encoding"));
            assert_eq!(header(&head, "cache-control"), Some("no-cache"));
            assert_eq!(
                header(&head, "content-type"),
                Some("text/html; charset=utf-8")
            );
            assert_eq!(content, body.as_bytes());
            etags.insert(header(&head, "etag").unwrap().to_owned());
        }
    }
    assert_eq!(etags.len(), 3, "each variant has its own tag");
    for etag in &etags {
        let (head, content) = request(
            &node,
            "GET",
            "/",
            &format!("accept-encoding: br\r\nif-none-match: \"x\", W/{etag}\r\n"),
        );
        let is_its_own = request(&node, "HEAD", "/", "accept-encoding: br\r\n")
            .0
            .contains(etag);
        assert_eq!(head.starts_with("http/1.1 304"), is_its_own, "{head}");
        assert_eq!(content.is_empty(), is_its_own);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hashed_files_are_kept_for_ever_and_have_their_type() {
    let (node, _folder) = node_with_client().await;
    let (head, content) = request(&node, "GET", "/app-0123456789abcdef_bg.wasm", "");
    assert_eq!(content, b"\0asm");
    assert_eq!(header(&head, "content-type"), Some("application/wasm"));
    assert_eq!(
        header(&head, "cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    let (head, content) = request(
        &node,
        "HEAD",
        "/app-0123456789abcdef_bg.wasm",
        "accept-encoding: br, gzip\r\n",
    );
    assert_eq!(header(&head, "content-encoding"), Some("gzip"));
    assert_eq!(header(&head, "content-length"), Some("10"));
    assert!(content.is_empty());
    let (head, _) = request(&node, "GET", "/manifest.webmanifest", "");
    assert_eq!(
        header(&head, "content-type"),
        Some("application/manifest+json")
    );
    let (head, content) = request(&node, "GET", "/.well-known/zechat/client", "");
    assert_eq!(content, b"{\"build\":\"x\"}");
    assert_eq!(header(&head, "content-type"), Some("application/json"));
    assert_eq!(header(&head, "access-control-allow-origin"), Some("*"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_the_page() {
    let (node, _folder) = node_with_client().await;
    let paths = [
        "/nothing",
        "/i/x",
        "/.secret",
        "/%2esecret",
        "/../outside.txt",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/index.html.br",
        "/index.html.gz",
        "//",
        "/%00",
        "/%ff",
    ];
    for path in paths {
        let (head, content) = request(&node, "GET", path, "");
        assert!(head.starts_with("http/1.1 404"), "{path} {head}");
        let content = String::from_utf8(content).unwrap();
        assert!(
            !content.contains("outside") && !content.contains("hidden"),
            "{path}"
        );
        assert!(
            !content.contains("page</h1>") && content.len() < 400,
            "{path} {content}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_its_headers() {
    let (node, _folder) = node_with_client().await;
    let everywhere = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
    ];
    let pages = [
        "/",
        "/i",
        "/nothing",
        "/livez",
        "/app-0123456789abcdef_bg.wasm",
    ];
    let calls = [
        "/v1/node",
        "/v1/nothing",
        "/v1/identities/x",
        "/.well-known/zechat/client",
    ];
    for path in pages.iter().chain(&calls) {
        for method in ["GET", "DELETE"] {
            let (head, _) = request(&node, method, path, "");
            for (name, value) in everywhere {
                assert_eq!(header(&head, name), Some(value), "{method} {path}");
            }
            let camera = header(&head, "permissions-policy").unwrap();
            assert!(camera.contains("camera=(self)") && camera.contains("microphone=()"));
            let is_page = pages.contains(path);
            let policy = header(&head, "content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'none'; "), "{policy}");
            assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"));
            assert_eq!(policy.contains("script-src"), is_page, "{path}");
            let typed =
                policy.ends_with("require-trusted-types-for 'script'; trusted-types zechat");
            assert_eq!(typed, is_page, "{path}");
            let resource = if is_page {
                "same-origin"
            } else {
                "cross-origin"
            };
            assert_eq!(
                header(&head, "cross-origin-resource-policy"),
                Some(resource),
                "{path}"
            );
            let origin = header(&head, "access-control-allow-origin");
            assert_eq!(origin, (!is_page).then_some("*"), "{path}");
            assert_eq!(header(&head, "access-control-allow-credentials"), None);
            assert!(header(&head, "x-request-id").is_some());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_any_origin_may_ask_first() {
    let node = TestNode::start().await;
    let headers = "origin: https://elsewhere.example\r\naccess-control-request-method: PUT\r\n\
                   access-control-request-headers: content-type,zechat-postage\r\n";
    for path in ["/v1/mailboxes/a/messages/b", "/v1/identities/x", "/v1/node"] {
        let (head, _) = request(&node, "OPTIONS", path, headers);
        assert!(head.starts_with("http/1.1 204"), "{head}");
        assert_eq!(header(&head, "access-control-allow-origin"), Some("*"));
        assert_eq!(
            header(&head, "access-control-allow-methods"),
            Some("get, put, post")
        );
        let allowed = header(&head, "access-control-allow-headers").unwrap();
        assert_eq!(allowed, "content-type, zechat-postage, zechat-vault");
    }
    let (head, _) = request(&node, "OPTIONS", "/", headers);
    assert_eq!(header(&head, "access-control-allow-origin"), None);
    assert_eq!(header(&head, "allow"), Some("get, head"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_client_the_page_says_how_to_build_one() {
    let node = TestNode::start().await;
    let (head, content) = request(&node, "GET", "/", "");
    assert!(head.starts_with("http/1.1 200"));
    let has_client = request(&node, "GET", "/.well-known/zechat/client", "")
        .0
        .contains(" 200 ");
    assert!(
        has_client
            || String::from_utf8(content)
                .unwrap()
                .contains("cargo xtask run")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_says_how_it_is() {
    let node = TestNode::start().await;
    for path in ["/livez", "/readyz"] {
        assert!(
            request(&node, "GET", path, "")
                .0
                .starts_with("http/1.1 204"),
            "{path}"
        );
    }
    node.node().app().draining.send_replace(true);
    assert!(
        request(&node, "GET", "/livez", "")
            .0
            .starts_with("http/1.1 204")
    );
    assert!(
        request(&node, "GET", "/readyz", "")
            .0
            .starts_with("http/1.1 503")
    );
}
