//! A node's place in the world: its name and keys, its disk, and the node while it runs.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};
use shared_crypto::bundle::Bundle;
use shared_crypto::id::IdentityId;
use shared_crypto::lookup::{LookupAnswer, open_lookup};
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::peer::PEER_HEADER;
use zechat_node::federation::transport::PeerCall;
use zechat_node::in_process::{HttpAnswer, HttpRequest, InProcess, Method, Parts};
use zechat_node::settings::{RegistrationMode, Settings};
use zechat_node::store::Disk;

use crate::network::Wire;
use crate::world::{Happening, World};

/// A node, running or not.
pub(crate) struct Place {
    pub(crate) url: NodeUrl,
    keys: [u8; 64],
    disk: Option<Disk>,
    /// Gone for ever.
    pub(crate) is_dead: bool,
    pub(crate) lies: Lies,
    pub(crate) running: Option<InProcess>,
}

/// How a hostile node is going to lie.
#[derive(Default)]
pub(crate) struct Lies {
    /// Pushes that it keeps for itself.
    pub(crate) withhold: u32,
    /// Pushes that it makes twice.
    pub(crate) twice: u32,
    /// Submissions that it throws away and says it has delivered.
    pub(crate) swallow: u32,
    /// The records that it has of somebody, as far as it tells.
    pub(crate) records: Option<(IdentityId, Vec<u8>)>,
}

impl Place {
    /// What it answers in the place of the truth to whoever asks openly for somebody's records.
    pub(crate) fn false_answer(&self, path: &str) -> Option<HttpAnswer> {
        let (identity, bundle) = self.lies.records.as_ref()?;
        let is_asked = path == format!("/v1/identities/{identity}");
        is_asked.then(|| (200, bundle.clone().into()))
    }

    /// What it answers in the place of the truth to a contact, who asks under a seal.
    pub(crate) fn false_lookup(&self, call: &PeerCall, rng: &mut ChaCha8Rng) -> Option<HttpAnswer> {
        let (identity, bundle) = self.lies.records.as_ref()?;
        let (_, sealed) = call.post.as_ref()?;
        if call.path != "/v1/federation/lookup" {
            return None;
        }
        let keys = NodeKeys::from_bytes(&self.keys);
        let (asked, responder) = open_lookup(&keys, sealed).ok()?;
        if asked.identity != *identity {
            return None;
        }
        let bundle = Bundle::parse(bundle).expect("what a node served");
        let from = usize::try_from(asked.from).unwrap_or(usize::MAX);
        let records = bundle.records.get(from..).unwrap_or_default();
        let answer = LookupAnswer::found(records, Some(&bundle.key_package.0));
        let sealed = responder.seal(&answer, rng);
        Some((200, sealed.expect("an answer that fits").into()))
    }

    pub(crate) fn new(number: usize, rng: &mut ChaCha8Rng) -> Self {
        let keys = NodeKeys::generate(rng);
        Self {
            url: NodeUrl::parse(&format!("https://node-{number}.example")).expect("a URL"),
            keys: *keys.to_bytes(),
            disk: Some(Disk::new().expect("a database in memory")),
            is_dead: false,
            lies: Lies::default(),
            running: None,
        }
    }
}

impl World {
    pub(crate) async fn start_node(&mut self, number: usize) {
        let seed = self.rng.next_u64();
        let clock = Arc::new(self.clock.clone());
        let world = self.input.clone();
        let place = &mut self.nodes[number];
        if place.is_dead {
            return;
        }
        let Some(disk) = place.disk.take() else {
            return;
        };
        let chance = Mutex::new(ChaCha8Rng::seed_from_u64(seed));
        let jitter = move |bound: u64| {
            let mut chance = chance.lock().expect("one thread");
            chance.next_u64().checked_rem(bound).unwrap_or(0)
        };
        let parts = Parts {
            settings: settings(),
            keys: NodeKeys::from_bytes(&place.keys),
            url: place.url.clone(),
            clock,
            disk,
            transport: Arc::new(Wire {
                from: number,
                world,
            }),
            jitter: Arc::new(jitter),
        };
        place.running = Some(InProcess::start(parts).await.expect("a node starts"));
    }

    /// The node falls over, and starts again after a while.
    pub(crate) fn crash_node(&mut self, number: usize) {
        if let Some(node) = self.nodes[number].running.take() {
            self.nodes[number].disk = node.crash();
            self.cut(|line| line.node == number);
            let delay = 500 + self.random(20_000);
            self.schedule(delay, Happening::StartNode(number));
        }
    }

    /// The node falls over, and all that it had is gone.
    pub(crate) fn lose_disk(&mut self, number: usize) {
        self.crash_node(number);
        let place = &mut self.nodes[number];
        place.disk = Some(Disk::new().expect("a database in memory"));
        place.lies = Lies::default();
    }

    /// The node is gone for ever.
    pub(crate) fn kill_node(&mut self, number: usize) {
        self.crash_node(number);
        let place = &mut self.nodes[number];
        (place.is_dead, place.disk) = (true, None);
    }
}

fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.registration.mode = RegistrationMode::Open;
    settings.mail.postage_bits = 0;
    let limits = &mut settings.limits;
    limits.account_per_second = 0;
    limits.address_per_second = 0;
    limits.peer_per_second = 0;
    limits.registrations_per_hour = 0;
    settings
}

pub(crate) fn peer_request(call: PeerCall) -> HttpRequest {
    let (method, headers, body) = match call.post {
        None => (Method::GET, Vec::new(), Bytes::new()),
        Some((proof, body)) => (Method::POST, vec![(PEER_HEADER, proof)], body),
    };
    HttpRequest {
        method,
        path: call.path.to_owned(),
        headers,
        body,
    }
}

pub(crate) fn client_request(
    path: String,
    vault: Option<String>,
    put: Option<Vec<u8>>,
) -> HttpRequest {
    HttpRequest {
        method: if put.is_some() {
            Method::PUT
        } else {
            Method::GET
        },
        path,
        headers: vault
            .map(|vault| ("ZeChat-Vault", vault))
            .into_iter()
            .collect(),
        body: put.map(Bytes::from).unwrap_or_default(),
    }
}
