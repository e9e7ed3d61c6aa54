//! Every route, with every method, for everybody who may not: with nothing in hand, with what is truly somebody else's,
//! as an account that is blocked, and with what another node truly signed about another body or for another route.
//! The table of routes is in `attacks`.

use reqwest::Method;
use shared_crypto::id::{Hash, MessageId};
use shared_crypto::live::ClientFrame;
use shared_crypto::login::Login;
use shared_crypto::lookup::SEALED_LOOKUP;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::peer::{DeliverBatch, PEER_HEADER};
use shared_crypto::postage::{POSTAGE_HEADER, Postage};
use shared_crypto::problem::ProblemCode;
use shared_crypto::signed::Verified;
use shared_crypto::vault::{Manifest, VAULT_HEADER, VaultCall, VaultOwner, chunk_id};
use zechat_node::admin::{Admin, Request};
use zechat_node::random;

use super::attacks::{ROUTES, Route, Who};
use super::federation::Peer;
use super::support::*;
use super::vaults::Vault;

const METHODS: &[&str] = &[
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "TRACE",
];

/// Who asks for what is Alice's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asker {
    /// Without anything.
    Nobody,
    /// With credentials of Bob's, true for what is his.
    Bob,
    /// With those of Carol, whose account is blocked.
    Carol,
    /// With the signature of another node.
    Peer,
}

const ASKERS: &[Asker] = &[Asker::Nobody, Asker::Bob, Asker::Carol, Asker::Peer];

/// Somebody with an account and a vault.
struct Resident {
    person: Person,
    vault: Vault,
    chunk: Vec<u8>,
    manifest: Verified<Manifest>,
}

impl Resident {
    async fn new(node: &TestNode, number: usize) -> Self {
        let person = node.person(number).await;
        let vault = Vault::new();
        assert_eq!(vault.own(node, &person).await, (200, None));
        let chunk = vault.chunk(10);
        assert_eq!(vault.put_chunk(node, &chunk).await, (201, None));
        let manifest = vault.manifest(1, &[&chunk]);
        let put = vault.put_manifest(node, &manifest, None).await;
        assert_eq!(put, (201, None));
        Self {
            person,
            vault,
            chunk,
            manifest,
        }
    }

    /// A header that opens their vault for this call.
    fn header(&self, node: &TestNode, call: VaultCall, chunk: &[u8]) -> String {
        let subject = match call {
            VaultCall::ReadChunk | VaultCall::WriteChunk => Some(chunk_id(chunk)),
            VaultCall::WriteManifest => Some(self.manifest.hash()),
            VaultCall::ReadManifest | VaultCall::Own | VaultCall::Forget => None::<Hash>,
        };
        self.vault.header(node, call, subject)
    }

    /// What they would bring with this call: something new.
    fn body(&self, stage: &Stage, call: VaultCall) -> Vec<u8> {
        match call {
            VaultCall::ReadManifest | VaultCall::ReadChunk => Vec::new(),
            VaultCall::WriteChunk => self.chunk.clone(),
            VaultCall::WriteManifest => {
                let next = self.vault.manifest(2, &[&self.chunk]);
                next.bytes().to_vec()
            }
            VaultCall::Own | VaultCall::Forget => {
                let owner = VaultOwner {
                    node: stage.node.url(),
                    fingerprint: stage.document.fingerprint(),
                    vault: self.vault.id(),
                    identity: self.person.identity(),
                    at: START,
                };
                let rng = &mut random::system();
                let signed = owner.sign(&self.person.signing, rng).unwrap();
                signed.bytes().to_vec()
            }
        }
    }
}

struct Stage {
    node: TestNode,
    document: NodeDocument,
    alice: Resident,
    bob: Resident,
    carol: Resident,
    peer: Peer,
    message: MessageId,
}

/// A request, and how it is to be refused.
struct Attempt {
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    expected: ProblemCode,
}

fn attempt(path: &str, body: Vec<u8>, expected: ProblemCode) -> Attempt {
    Attempt {
        path: path.to_owned(),
        headers: Vec::new(),
        body,
        expected,
    }
}

impl Attempt {
    fn with(mut self, header: &'static str, value: String) -> Self {
        self.headers.push((header, value));
        self
    }
}

impl Stage {
    async fn new() -> Self {
        let node = TestNode::start().await;
        let stage = Self {
            document: node.document().await,
            alice: Resident::new(&node, 0).await,
            bob: Resident::new(&node, 1).await,
            carol: Resident::new(&node, 2).await,
            peer: Peer::new(),
            message: message(),
            node,
        };
        let block = Request::AccountBlock {
            identity: stage.carol.person.identity(),
            is_blocked: true,
        };
        let admin = Admin::of(stage.node.node().app());
        admin.perform(block).await.unwrap();
        stage
    }

    /// A path of the route that is somebody's.
    fn path(&self, route: &Route, whose: &Resident) -> String {
        let person = &whose.person;
        route
            .path
            .replace("{identity}", &person.identity().to_string())
            .replace("{mailbox}", &person.intro().to_string())
            .replace("{message}", &self.message.to_string())
            .replace("{vault}", &whose.vault.id().to_string())
            .replace("{chunk}", &chunk_id(&whose.chunk).to_string())
            .replace("{path:.*}", "somewhere")
    }

    fn resident(&self, asker: Asker) -> Option<&Resident> {
        match asker {
            Asker::Nobody | Asker::Peer => None,
            Asker::Bob => Some(&self.bob),
            Asker::Carol => Some(&self.carol),
        }
    }

    fn peer_header(&self, body: &[u8]) -> String {
        self.peer.header(&self.document, START, body)
    }

    /// What somebody has to show that is true of something else.
    fn shown(&self, asker: Asker, body: &[u8]) -> Vec<(&'static str, String)> {
        let theirs = self.resident(asker).map(|it| {
            let header = it.header(&self.node, VaultCall::ReadManifest, &it.chunk);
            (VAULT_HEADER, header)
        });
        let peers = (asker == Asker::Peer).then(|| (PEER_HEADER, self.peer_header(body)));
        theirs.into_iter().chain(peers).collect()
    }

    /// What is tried on a route of Alice's.
    fn attempts(&self, route: &Route, method: &str, asker: Asker) -> Vec<Attempt> {
        let path = self.path(route, &self.alice);
        match route.who {
            Who::Everybody => Vec::new(),
            Who::Owner => self.on_records(&path, asker),
            Who::Sender => self.on_mailbox(&path, asker),
            Who::Phrase => self.on_vault(route, method, asker),
            Who::Device => {
                let mut attempt = attempt(&path, Vec::new(), ProblemCode::Malformed);
                attempt.headers = self.shown(asker, b"");
                vec![attempt]
            }
            Who::Peer => self.on_federation(&path, asker),
        }
    }

    fn on_records(&self, path: &str, asker: Asker) -> Vec<Attempt> {
        let unsigned = || {
            let mut bundle = self.alice.person.bundle();
            *bundle.last_mut().unwrap() ^= 1;
            bundle
        };
        let forged = ProblemCode::InvalidSignature;
        let attempt = match self.resident(asker) {
            Some(it) => attempt(path, it.person.bundle(), ProblemCode::InvalidRecord),
            None if asker == Asker::Peer => {
                attempt(path, unsigned(), forged).with(PEER_HEADER, self.peer_header(&unsigned()))
            }
            None => attempt(path, unsigned(), forged),
        };
        vec![attempt]
    }

    fn on_mailbox(&self, path: &str, asker: Asker) -> Vec<Attempt> {
        let envelope = first_contact();
        let unpaid = attempt(path, envelope.clone(), ProblemCode::PostageRequired);
        let attempt = match self.resident(asker) {
            Some(it) => {
                // Paid for their own mailbox, and by chance for Alice's as well if it is not looked at.
                let (theirs, alices) = (it.person.intro(), self.alice.person.intro());
                let paid = (0..)
                    .map(|start| Postage::work(&theirs, &self.message, &envelope, 8, start << 32));
                let is_other = |it: &Postage| !it.verify(&alices, &self.message, &envelope, 8);
                let paid = paid.take(100).find(is_other).unwrap();
                unpaid.with(POSTAGE_HEADER, paid.to_text())
            }
            None if asker == Asker::Peer => unpaid.with(PEER_HEADER, self.peer_header(&envelope)),
            None => unpaid,
        };
        vec![attempt]
    }

    fn on_vault(&self, route: &Route, method: &str, asker: Asker) -> Vec<Attempt> {
        let call = match (route.path.rsplit('/').next().unwrap(), method) {
            ("{vault}", "GET") => VaultCall::ReadManifest,
            ("{vault}", _) => VaultCall::WriteManifest,
            ("{chunk}", "GET") => VaultCall::ReadChunk,
            ("{chunk}", _) => VaultCall::WriteChunk,
            ("owner", _) => VaultCall::Own,
            ("forgotten", _) => VaultCall::Forget,
            other => panic!("{other:?}"),
        };
        let path = self.path(route, &self.alice);
        let right = || self.alice.body(self, call);
        let refused = |body, code| attempt(&path, body, code);
        let Some(it) = self.resident(asker) else {
            let mut attempt = refused(right(), ProblemCode::Unauthorized);
            attempt.headers = self.shown(asker, &right());
            return vec![attempt];
        };
        // Of their own vault, for the very chunk that is asked for.
        let theirs = it.header(&self.node, call, &self.alice.chunk);
        // What Alice has truly signed about another call.
        let other_call = match call {
            VaultCall::ReadManifest => VaultCall::Own,
            _ => VaultCall::ReadManifest,
        };
        let leaked = self.alice.header(&self.node, other_call, &self.alice.chunk);
        let forged = ProblemCode::InvalidSignature;
        let mut attempts = vec![
            refused(right(), forged).with(VAULT_HEADER, theirs.clone()),
            refused(it.body(self, call), forged).with(VAULT_HEADER, theirs),
            refused(right(), ProblemCode::Unauthorized).with(VAULT_HEADER, leaked),
        ];
        if asker == Asker::Carol && method == "PUT" {
            let own = self.path(route, it);
            let blocked = attempt(&own, it.body(self, call), ProblemCode::AccountBlocked);
            let header = it.header(&self.node, call, &it.chunk);
            attempts.push(blocked.with(VAULT_HEADER, header));
        }
        attempts
    }

    fn on_federation(&self, path: &str, asker: Asker) -> Vec<Attempt> {
        let batch = DeliverBatch { items: Vec::new() }.to_bytes();
        let lookup = vec![1; SEALED_LOOKUP];
        let is_deliver = path.ends_with("deliver");
        let (right, other, code) = if is_deliver {
            (batch, lookup, ProblemCode::Malformed)
        } else {
            (lookup, batch, ProblemCode::CannotOpen)
        };
        let unsigned = attempt(path, right.clone(), ProblemCode::Unauthorized);
        if let Some(it) = self.resident(asker) {
            let header = it.header(&self.node, VaultCall::ReadManifest, &it.chunk);
            let as_peer = attempt(path, right, ProblemCode::Malformed);
            return vec![
                unsigned.with(VAULT_HEADER, header.clone()),
                as_peer.with(PEER_HEADER, header),
            ];
        }
        if asker == Asker::Nobody {
            return vec![unsigned];
        }
        let another = NodeDocument {
            signing_key: NodeKeys::generate(&mut random::system()).signing_public(),
            ..self.document.clone()
        };
        let for_another = self.peer.header(&another, START, &right);
        let other_body = self.peer_header(&other);
        vec![
            attempt(path, right.clone(), ProblemCode::InvalidSignature)
                .with(PEER_HEADER, other_body.clone()),
            attempt(path, right, ProblemCode::NotThisNode).with(PEER_HEADER, for_another),
            attempt(path, other, code).with(PEER_HEADER, other_body),
        ]
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> reqwest::Response {
        let method: Method = method.parse().unwrap();
        let mut request = http().request(method, self.node.at(path)).body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request.send().await.unwrap()
    }

    /// Everything that anybody has here.
    async fn possessions(&self) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        for it in [&self.alice, &self.bob, &self.carol] {
            all.push(it.vault.get_manifest(&self.node).await.unwrap());
            let name = chunk_id(&it.chunk);
            all.push(it.vault.get_chunk(&self.node, name).await.unwrap());
            let path = format!("/v1/identities/{}", it.person.identity());
            let records = http().get(self.node.at(&path)).send().await.unwrap();
            all.push(records.bytes().await.unwrap().to_vec());
        }
        all
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_true_of_something_else_opens_no_route() {
    let stage = Stage::new().await;
    let before = stage.possessions().await;
    let mut tried = 0;
    for route in ROUTES {
        for method in METHODS {
            let is_allowed = route.methods.split(", ").any(|it| it == *method);
            // What anybody may read is read whatever else is shown, and no other.
            let is_open =
                route.who == Who::Everybody || (route.who == Who::Owner && *method == "GET");
            let path = stage.path(route, &stage.alice);
            let plain = stage.send(method, &path, &[], Vec::new()).await.status();
            for asker in ASKERS {
                if !is_allowed || is_open {
                    let shown = stage.shown(*asker, b"");
                    let answer = stage.send(method, &path, &shown, Vec::new()).await;
                    assert_eq!(answer.status(), plain, "{method} {path}: {asker:?}");
                    let is_harmless = *method == "HEAD" && route.methods.starts_with("GET");
                    assert!(is_allowed || is_harmless || plain == 405, "{method} {path}");
                    tried += 1;
                    continue;
                }
                let attempts = stage.attempts(route, method, *asker);
                assert!(!attempts.is_empty(), "{method} {path}: {asker:?}");
                for it in attempts {
                    let (path, expected) = (it.path, it.expected);
                    let answer = stage.send(method, &path, &it.headers, it.body).await;
                    let (status, problem) = code(answer).await;
                    assert!((400..500).contains(&status), "{method} {path}: {status}");
                    assert_eq!(problem, Some(expected), "{method} {path}: {asker:?}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 500, "{tried} requests");
    assert_eq!(stage.possessions().await, before);
    for it in [&stage.alice, &stage.bob] {
        assert_eq!(stage.node.connect(&it.person).await.stored().await, []);
    }
}

/// The live socket is opened by a login alone: nothing that is shown before it counts.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_true_of_something_else_opens_no_socket() {
    let stage = Stage::new().await;
    let (alice, bob, carol) = (&stage.alice.person, &stage.bob.person, &stage.carol.person);
    for (identity, signer, expected) in [
        (alice, bob, ProblemCode::InvalidSignature),
        (alice, carol, ProblemCode::InvalidSignature),
        (carol, carol, ProblemCode::AccountBlocked),
        (carol, bob, ProblemCode::AccountBlocked),
    ] {
        let mut socket = stage.node.socket().await;
        let (nonce, node, fingerprint) = socket.challenge().await;
        let login = Login {
            node,
            fingerprint,
            nonce,
            identity: identity.identity(),
            device: identity.device,
            at: START,
        };
        socket.log_in(login, &signer.signing).await;
        let closed = (4001, expected.as_str().to_owned());
        assert_eq!(socket.closed().await, closed);
    }
    // Whoever talks before they have logged in is not heard.
    let mut socket = stage.node.socket().await;
    socket.challenge().await;
    socket.send(&ClientFrame::Ack { cursor: 1 }).await;
    assert_eq!(socket.closed().await.0, 1008);
}
