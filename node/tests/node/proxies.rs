//! The documented settings of proxies, with the proxies themselves and TLS in between. What is not
//! installed is named by `cargo xtask test`, which installs it where it can.

use std::net::IpAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::peer::{MAX_BATCH_BYTES, PEER_HEADER};
use shared_crypto::problem::ProblemCode;
use zechat_node::clock::{Clock as _, SystemClock};

use super::federation::Peer;
use super::garbage::MAX_BUNDLE;
use super::program::Program;
use super::running::certify;
use super::support::*;

const NGINX: &str = include_str!("../../../docs/proxy/nginx.conf");
const CADDY: &str = include_str!("../../../docs/proxy/Caddyfile");

/// A proxy as a process.
struct Proxy(Child);

impl Drop for Proxy {
    fn drop(&mut self) {
        // Told to end, it ends its own workers as well.
        let _ = Command::new("kill")
            .args(["-s", "TERM", &self.0.id().to_string()])
            .status();
        let _ = self.0.wait();
    }
}

/// The one that the environment names, or the first that is there.
fn start(variable: &str, names: &[&str], arguments: &[&str], folder: &Path) -> Proxy {
    let named = std::env::var(variable).ok();
    let names: Vec<&str> = match &named {
        Some(named) => vec![named],
        None => names.to_vec(),
    };
    let child = names.iter().find_map(|name| {
        Command::new(name)
            .args(arguments)
            .env("HOME", folder)
            .stdin(Stdio::null())
            .spawn()
            .ok()
    });
    Proxy(child.unwrap_or_else(|| panic!("{} is not installed", names[0])))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn nginx(folder: &Path, port: u16, node: &str) -> Proxy {
    nginx_of(NGINX, folder, port, node)
}

fn nginx_of(site: &str, folder: &Path, port: u16, node: &str) -> Proxy {
    let site = site
        .replace("listen 443 ssl;", &format!("listen 127.0.0.1:{port} ssl;"))
        .replace("    listen [::]:443 ssl;\n", "")
        .replace("chat.example.org;", "localhost;")
        .replace("127.0.0.1:8008", node)
        .replace(
            "/etc/letsencrypt/live/chat.example.org/fullchain.pem",
            text(&folder.join("chain.pem")),
        )
        .replace(
            "/etc/letsencrypt/live/chat.example.org/privkey.pem",
            text(&folder.join("key.pem")),
        );
    std::fs::write(folder.join("site.conf"), site).unwrap();
    let at = text(folder);
    let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let places: String = kinds
        .iter()
        .map(|kind| format!("{kind}_temp_path {at}/{kind};\n"))
        .collect();
    let main = format!(
        "daemon off;\nuser root;\npid {at}/nginx.pid;\nerror_log stderr error;\nworker_processes 1;\n\
         events {{ worker_connections 256; }}\n\
         http {{ access_log off;\n{places} include {at}/site.conf; }}\n"
    );
    std::fs::write(folder.join("nginx.conf"), main).unwrap();
    let file = folder.join("nginx.conf");
    start(
        "ZECHAT_NGINX",
        &["nginx", "/usr/sbin/nginx"],
        &["-e", "stderr", "-p", at, "-c", text(&file)],
        folder,
    )
}

fn caddy(folder: &Path, port: u16, node: &str) -> Proxy {
    let certificate = format!(
        "https://localhost:{port} {{\n\ttls {} {}",
        text(&folder.join("chain.pem")),
        text(&folder.join("key.pem"))
    );
    let options = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n";
    let site = CADDY
        .replace("chat.example.org {", &certificate)
        .replace("127.0.0.1:8008", node);
    let file = folder.join("Caddyfile");
    std::fs::write(&file, format!("{options}{site}")).unwrap();
    let arguments = ["run", "--adapter", "caddyfile", "--config", text(&file)];
    start("ZECHAT_CADDY", &["caddy"], &arguments, folder)
}

/// What `check` says of a node that is reached through a proxy.
fn check(folder: &Path, url: &str) -> Value {
    let roots = format!(
        "federation.extra_roots={}",
        text(&folder.join("authority.pem"))
    );
    let output = Command::new(env!("CARGO_BIN_EXE_zechat-node"))
        .env("HOME", folder)
        .args(["--json", "--data", text(folder), "--set", &roots])
        .args(["--public-url", url, "check", "--peer", url])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Somebody at this address of the machine, who believes the authority in the folder.
fn client_at(address: [u8; 4], authority: &reqwest::Certificate) -> reqwest::Client {
    http(); // sets the provider of cryptography
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([authority.clone()])
        .local_address(IpAddr::from(address))
        .build()
        .unwrap()
}

async fn passes(proxy: impl Fn(&Path, u16, &str) -> Proxy) {
    let folder = tempfile::tempdir().unwrap();
    let authority = certify(folder.path());
    let port = free_port();
    let url = format!("https://localhost:{port}");
    let node = Program::start_with(folder.path(), "127.0.0.1:0", &["--public-url", &url]);
    let _proxy = proxy(folder.path(), port, &node.listen());
    eventually("a browser gets through", || async {
        let report = check(folder.path(), &url);
        report["ok"] == true
    })
    .await;
    // The longest that there are reach the node, which finds that they are nothing.
    let client = client_at([127, 0, 0, 1], &authority);
    let bundle = client
        .put(format!("{url}/v1/identities/{}", "A".repeat(43)))
        .body(vec![0; MAX_BUNDLE]);
    let node_url = NodeUrl::parse(&url).unwrap();
    let direct = format!("http://{}/v1/node", node.listen());
    let document = http().get(direct).send().await.unwrap().bytes().await;
    let now = SystemClock.now();
    let document = NodeDocument::verify(&document.unwrap(), &node_url, None, now).unwrap();
    let batch = vec![0; MAX_BATCH_BYTES];
    let header = Peer::new().header(&document, now, &batch);
    let batch = client
        .post(format!("{url}/v1/federation/deliver"))
        .header(PEER_HEADER, header)
        .body(batch);
    for request in [bundle, batch] {
        let answer = code(request.send().await.unwrap()).await;
        assert_eq!(answer, (400, Some(ProblemCode::Malformed)));
    }
}

/// Limits count for who comes through the proxy, whatever they say of themselves, and not for the proxy.
async fn names_clients(proxy: impl Fn(&Path, u16, &str) -> Proxy) {
    let folder = tempfile::tempdir().unwrap();
    let authority = certify(folder.path());
    let port = free_port();
    let more = [
        "--public-url",
        "https://chat.example.org",
        "--set",
        "server.trusted_proxies=127.0.0.1/32",
        "--set",
        "limits.address_per_second=1",
        "--set",
        "limits.address_burst=20",
    ];
    let node = Program::start_with(folder.path(), "127.0.0.1:0", &more);
    let _proxy = proxy(folder.path(), port, &node.listen());
    let [first, greedy, modest] = [2, 3, 4].map(|last| client_at([127, 0, 0, last], &authority));
    let ask = async |client: &reqwest::Client, number: u8| {
        client
            .get(format!("https://localhost:{port}/v1/node"))
            .header("x-forwarded-for", format!("203.0.113.{number}"))
            .send()
            .await
            .map(|answer| answer.status().as_u16())
    };
    eventually("the proxy answers", || async {
        matches!(ask(&first, 0).await, Ok(200))
    })
    .await;
    let mut is_refused = false;
    for number in 0..200 {
        is_refused = is_refused || ask(&greedy, number).await.unwrap() == 429;
    }
    assert!(is_refused);
    assert_eq!(ask(&modest, 0).await.unwrap(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_passes_everything() {
    passes(nginx).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn caddy_passes_everything() {
    passes(caddy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_lets_no_websocket_through_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path());
    let port = free_port();
    let url = format!("https://localhost:{port}");
    let node = Program::start_with(folder.path(), "127.0.0.1:0", &["--public-url", &url]);
    let upgrade = "        proxy_set_header Upgrade $http_upgrade;\n";
    assert!(NGINX.contains(upgrade));
    let without = NGINX.replace(upgrade, "");
    let _proxy = nginx_of(&without, folder.path(), port, &node.listen());
    let verdict = |report: &Value, name: &str| {
        let checks = report["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["check"] == name).unwrap();
        ["verdict", "words"].map(|part| check[part].as_str().unwrap().to_owned())
    };
    eventually("the proxy answers", || async {
        verdict(&check(folder.path(), &url), "https")[0] == "ok"
    })
    .await;
    let [found, words] = verdict(&check(folder.path(), &url), "websocket");
    assert_eq!(found, "wrong");
    assert!(words.contains("let the proxy pass the headers"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_names_its_clients() {
    names_clients(nginx).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn caddy_names_its_clients() {
    names_clients(caddy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_reaches_a_node_behind_nginx_with_tls() {
    let (theirs, ours) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    certify(theirs.path());
    let port = free_port();
    let url = NodeUrl::parse(&format!("https://localhost:{port}")).unwrap();
    let public = [
        "--public-url",
        url.as_str(),
        "--set",
        "registration.mode=open",
    ];
    let far = Program::start_with(theirs.path(), "127.0.0.1:0", &public);
    let _proxy = nginx(theirs.path(), port, &far.listen());
    let roots = format!(
        "federation.extra_roots={}",
        text(&theirs.path().join("authority.pem"))
    );
    let near = Program::start_with(ours.path(), "127.0.0.1:0", &["--set", &roots]);

    let direct = format!("{}/v1/node", far.url);
    let bytes = http()
        .get(direct)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    let now = SystemClock.now();
    let document = NodeDocument::verify(&bytes, &url, None, now).unwrap();
    let bob = Person::new(1, &[delivery(&url, &document)], now);
    let path = format!("{}/v1/identities/{}", far.url, bob.identity());
    let put = http().put(path).body(bob.bundle()).send().await.unwrap();
    assert_eq!(put.status(), 201);

    let alice = near.register(0).await;
    let mut live = Live::connect(&near.url, &alice, alice.device, now).await;
    live.stored().await;
    // No mailbox of this name is there: that answer has come all the way.
    let submission = submission();
    let boxed = boxed(&document, &mailbox(), &message());
    live.submit(submission, &url, &boxed).await;
    assert_eq!(live.accepted().await, [submission]);
    let unknown = ProblemCode::UnknownMailbox;
    assert_eq!(live.outcome().await, (submission, Some(unknown)));
}
