//! Nodes, people and sockets for the tests.

mod database;
mod frames;
mod people;
mod socket;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use shared_crypto::id::{IdentityId, MailboxId, MessageId};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::postage::Postage;
use shared_crypto::problem::ProblemCode;
use shared_crypto::record::Delivery;
use tempfile::TempDir;
use zechat_node::Node;
use zechat_node::clock::{Clock, Millis, MockClock, SystemClock};
use zechat_node::settings::Settings;

pub use database::TestDatabase;
pub use frames::frame_names;
pub use people::*;
pub use socket::*;

/// The hand of the mock clock when a test begins.
pub const START: Millis = 1_800_000_000_000;

/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How long a test waits to see that nothing comes.
pub const QUIET: Duration = Duration::from_millis(200);

pub fn clock() -> MockClock {
    MockClock::new(START)
}

/// A node on a free port, with its own folder.
pub struct TestNode {
    node: Option<Node>,
    pub settings: Settings,
    pub clock: MockClock,
    _folder: TempDir,
    _database: Option<TestDatabase>,
}

impl TestNode {
    pub async fn start() -> Self {
        Self::with(clock(), |_| ()).await
    }

    pub async fn with(clock: MockClock, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        settings.server.listen = "127.0.0.1:0".parse().unwrap();
        settings.server.data = folder.path().to_owned();
        settings.server.workers = 1;
        settings.mail.postage_bits = 8;
        settings.federation.allow_private_networks = true;
        let database = TestDatabase::create();
        if let Some(database) = &database {
            database.url().clone_into(&mut settings.database.url);
        }
        change(&mut settings);
        let node = Node::start(settings.clone(), Arc::new(clock.clone()))
            .await
            .unwrap();
        // A restart comes back at the same address.
        settings.server.listen = node.address();
        Self {
            node: Some(node),
            settings,
            clock,
            _folder: folder,
            _database: database,
        }
    }

    pub fn node(&self) -> &Node {
        self.node.as_ref().expect("the node runs")
    }

    pub fn url(&self) -> NodeUrl {
        NodeUrl::parse(&format!("http://{}", self.settings.server.listen)).unwrap()
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url())
    }

    pub async fn stop(&mut self) {
        if let Some(node) = self.node.take() {
            node.stop().await;
        }
    }

    pub async fn start_again(&mut self) {
        let clock = Arc::new(self.clock.clone());
        self.node = Some(Node::start(self.settings.clone(), clock).await.unwrap());
    }

    pub async fn document(&self) -> NodeDocument {
        document(&self.url(), self.clock.now()).await
    }

    pub async fn socket(&self) -> Socket {
        Socket::open(&self.url()).await
    }

    /// A person with an account here.
    pub async fn person(&self, number: usize) -> Person {
        let person = Person::new(number, &[self.delivery().await], self.clock.now());
        assert_eq!(self.put_identity(&person).await.0, 201);
        person
    }

    /// This node as an entry of a delivery list.
    pub async fn delivery(&self) -> Delivery {
        delivery(&self.url(), &self.document().await)
    }

    /// What is asked of somebody who comes through a proxy from this address.
    pub async fn get_from(&self, address: &str, path: &str) -> reqwest::Response {
        let request = http().get(self.at(path)).header("x-forwarded-for", address);
        request.send().await.unwrap()
    }

    pub async fn put_identity(&self, person: &Person) -> (u16, Option<ProblemCode>) {
        self.put_bundle(&person.identity(), person.bundle()).await
    }

    pub async fn put_bundle(
        &self,
        identity: &IdentityId,
        bundle: Vec<u8>,
    ) -> (u16, Option<ProblemCode>) {
        let path = self.at(&format!("/v1/identities/{identity}"));
        code(http().put(path).body(bundle).send().await.unwrap()).await
    }

    /// A logged-in device with an empty mail queue ahead of it.
    pub async fn connect(&self, person: &Person) -> Live {
        Live::connect(&self.url(), person, person.device, self.clock.now()).await
    }

    pub async fn put(
        &self,
        mailbox: &MailboxId,
        message: &MessageId,
        envelope: &[u8],
    ) -> (u16, Option<ProblemCode>) {
        self.put_paid(mailbox, message, envelope, None).await
    }

    pub async fn put_paid(
        &self,
        mailbox: &MailboxId,
        message: &MessageId,
        envelope: &[u8],
        postage: Option<&Postage>,
    ) -> (u16, Option<ProblemCode>) {
        let path = self.at(&format!("/v1/mailboxes/{mailbox}/messages/{message}"));
        let mut request = http().put(path).body(envelope.to_vec());
        if let Some(postage) = postage {
            request = request.header("ZeChat-Postage", postage.to_text());
        }
        code(request.send().await.unwrap()).await
    }
}

/// A port that is free now, and stays so: below those that systems give to whoever asks for any, and for each
/// process of tests in another place.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    const PLACES: u32 = 0x4000;
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let place = std::process::id().wrapping_mul(16).wrapping_add(number);
        let port = u16::try_from(PLACES + place % PLACES).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A client that follows no redirect and no proxy.
pub fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_only([])
        .build()
        .unwrap()
}

/// The status of an answer, and the code of a problem. Every problem is checked to be a whole one.
pub async fn code(response: reqwest::Response) -> (u16, Option<ProblemCode>) {
    let status = response.status().as_u16();
    if status < 400 {
        return (status, None);
    }
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let problem: serde_json::Value =
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(problem["status"], status);
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|detail| !detail.is_empty())
    );
    let code = problem["code"].as_str().and_then(ProblemCode::parse);
    assert!(code.is_some(), "{problem}");
    (status, code)
}

pub async fn document(url: &NodeUrl, now: Millis) -> NodeDocument {
    let response = http().get(format!("{url}/v1/node")).send().await.unwrap();
    let bytes = response.bytes().await.unwrap();
    NodeDocument::verify(&bytes, url, None, now)
        .unwrap()
        .into_inner()
}

/// Somebody with an account on a node that is a program, with the clock of the machine.
pub async fn register(url: &NodeUrl, number: usize) -> Person {
    let now = SystemClock.now();
    let entry = delivery(url, &document(url, now).await);
    let person = Person::new(number, &[entry], now);
    let path = format!("{url}/v1/identities/{}", person.identity());
    let response = http().put(path).body(person.bundle()).send().await.unwrap();
    assert_eq!(response.status(), 201);
    person
}

/// Their device, connected to such a node.
pub async fn connect(url: &NodeUrl, person: &Person) -> Live {
    Live::connect(url, person, person.device, SystemClock.now()).await
}

/// Tries until it is true.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut check: impl FnMut() -> F) {
    let tries = async {
        while !check().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(
        tokio::time::timeout(PATIENCE, tries).await.is_ok(),
        "never came true: {what}"
    );
}
