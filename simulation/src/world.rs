//! The world: people with real clients, real nodes, and everything between them that can go wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use client_core::driver::{Action, Event, Frame, HttpCall};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng as _};
use shared_crypto::node_url::NodeUrl;
use tokio::sync::mpsc;
use tokio::time::Instant;
use zechat_node::clock::Clock as _;
use zechat_node::federation::client::PeerError;
use zechat_node::federation::transport::PeerCall;
use zechat_node::in_process::HttpRequest;
use zechat_node::live::wire::Said;

use crate::clock::{START, WorldClock};
use crate::lines::{Line, Seen};
use crate::network::{Connection, Input};
use crate::node::Place;
use crate::person::Person;

pub(crate) type Reply = tokio::sync::oneshot::Sender<Result<bytes::Bytes, PeerError>>;

/// Something that is going to happen.
pub(crate) enum Happening {
    PeerArrives(usize, PeerCall, Reply),
    PeerAnswered(Reply, Result<bytes::Bytes, PeerError>),
    HttpArrives {
        who: usize,
        life: u64,
        call: HttpCall,
        node: usize,
        request: HttpRequest,
    },
    HttpAnswered {
        who: usize,
        life: u64,
        call: HttpCall,
        answer: Option<(u16, Vec<u8>)>,
    },
    Opening(Connection),
    ToNode(Connection, Frame),
    ToPerson(Connection, Said),
    /// A client notices that its connection to a node is gone.
    Closed(usize, u64, NodeUrl),
    Key(usize, u64, Box<Event>),
    StartClient(usize),
    StartNode(usize),
}

/// What is wrong with the networks now.
#[derive(Default)]
pub(crate) struct Faults {
    /// How many requests and answers were lost so far.
    pub(crate) dropped: u64,
    pub(crate) drop_requests: u32,
    pub(crate) drop_replies: u32,
    pub(crate) slow: u32,
    pub(crate) partitions: BTreeSet<(usize, usize)>,
    pub(crate) offline: BTreeSet<usize>,
}

/// Everything.
pub struct World {
    pub(crate) clock: WorldClock,
    since: Instant,
    pub(crate) rng: ChaCha8Rng,
    pub(crate) nodes: Vec<Place>,
    pub(crate) people: Vec<Person>,
    pub(crate) lines: BTreeMap<Connection, Line>,
    pub(crate) next_connection: Connection,
    inputs: mpsc::UnboundedReceiver<Input>,
    pub(crate) input: mpsc::UnboundedSender<Input>,
    queue: BTreeMap<(u64, u64), Happening>,
    sequence: u64,
    pub(crate) faults: Faults,
    pub(crate) seen: Vec<Seen>,
    /// Envelopes that nodes pushed.
    pub(crate) pushed: u64,
    /// Old or forged records that nodes gave to contacts.
    pub(crate) false_answers: u64,
    /// How many fixture keys were given away.
    pub(crate) keys: usize,
}

impl World {
    /// People without identities, and nodes that run.
    pub async fn new(seed: u64, people: usize, nodes: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (input, inputs) = mpsc::unbounded_channel();
        let mut world = Self {
            clock: WorldClock::new(START),
            since: Instant::now(),
            nodes: (0..nodes)
                .map(|number| Place::new(number, &mut rng))
                .collect(),
            people: (0..people).map(|_| Person::default()).collect(),
            rng,
            lines: BTreeMap::new(),
            next_connection: 1,
            inputs,
            input,
            queue: BTreeMap::new(),
            sequence: 0,
            faults: Faults::default(),
            seen: Vec::new(),
            pushed: 0,
            false_answers: 0,
            keys: 0,
        };
        for node in 0..nodes {
            world.start_node(node).await;
        }
        for who in 0..people {
            world.start_client(who);
        }
        world
    }

    pub(crate) fn random(&mut self, bound: u64) -> u64 {
        self.rng.next_u64() % bound
    }

    /// Milliseconds since it began, without jumps.
    pub(crate) fn tick(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn schedule(&mut self, delay: u64, happening: Happening) {
        self.sequence += 1;
        self.queue
            .insert((self.tick() + delay, self.sequence), happening);
    }

    pub(crate) fn node_at(&self, url: &NodeUrl) -> Option<usize> {
        self.nodes.iter().position(|node| node.url == *url)
    }

    /// Lets time pass in its order.
    pub async fn run_for(&mut self, time: u64) {
        let end = self.tick() + time;
        loop {
            while let Ok(input) = self.inputs.try_recv() {
                self.take(input);
            }
            let tick = self.tick();
            if let Some(entry) = self.queue.first_entry()
                && entry.key().0 <= tick
            {
                let happening = entry.remove();
                self.happen(happening).await;
                continue;
            }
            let now = self.clock.now();
            let left = |person: &Person| {
                let now = now.saturating_add_signed(person.clock);
                person.wake_at.map(|at| at.saturating_sub(now))
            };
            let is_due = |person: &Person| left(person) == Some(0);
            if let Some(who) = self.people.iter().position(is_due) {
                self.people[who].wake_at = None;
                self.event(who, Event::Wake);
                continue;
            }
            if tick >= end {
                return;
            }
            let next = self
                .people
                .iter()
                .filter_map(left)
                .map(|left| tick.saturating_add(left))
                .chain(self.queue.first_key_value().map(|((at, _), _)| *at))
                .chain([end])
                .min()
                .unwrap_or(end);
            let next = self.since + Duration::from_millis(next);
            tokio::select! {
                biased;
                Some(input) = self.inputs.recv() => self.take(input),
                () = tokio::time::sleep_until(next) => {}
            }
        }
    }

    /// Time passes in which nothing happens but what was due.
    pub(crate) async fn jump(&mut self, by: u64) {
        self.clock.jump(by);
        self.run_for(2_000).await;
    }

    // ---- what happens ----

    async fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::PeerArrives(from, call, reply) => self.peer_arrives(from, call, reply),
            Happening::PeerAnswered(reply, result) => {
                let _ = reply.send(result); // who asked may have fallen over
            }
            Happening::HttpArrives {
                who,
                life,
                call,
                node,
                request,
            } => self.http_arrives(who, life, call, node, request),
            Happening::HttpAnswered {
                who,
                life,
                call,
                answer,
            } => {
                if self.people[who].life == life {
                    self.event(who, Event::Http { call, answer });
                }
            }
            Happening::Opening(connection) => self.open(connection),
            Happening::ToNode(connection, frame) => self.say_to_node(connection, frame),
            Happening::ToPerson(connection, said) => self.heard(connection, said),
            Happening::Closed(who, life, url) => {
                let is_again = self
                    .lines
                    .values()
                    .any(|line| line.who == who && line.url == url);
                if self.people[who].life == life && !is_again {
                    self.event(who, Event::Closed(url, None));
                }
            }
            Happening::Key(who, life, event) => {
                if self.people[who].life == life {
                    self.event(who, *event);
                }
            }
            Happening::StartClient(who) => {
                if self.people[who].client.is_none() {
                    self.start_client(who);
                }
            }
            Happening::StartNode(node) => self.start_node(node).await,
        }
    }

    // ---- what clients want done ----

    pub(crate) fn carry_out(&mut self, who: usize, action: Action) {
        let life = self.people[who].life;
        match action {
            Action::Open(url) => self.dial(who, url),
            Action::Close(url) => self.cut(|line| line.who == who && line.url == url),
            Action::SendText(url, text) => self.up(who, &url, Frame::Text(text)),
            Action::SendBinary(url, bytes) => self.up(who, &url, Frame::Binary(bytes)),
            Action::Http {
                call,
                node,
                path,
                vault,
                put,
                ..
            } => {
                let request = crate::node::client_request(path, vault, put);
                self.ask_over_http(who, call, &node, request);
            }
            Action::MakeSigningKey => {
                let key = crate::keys::signing(self.keys);
                self.schedule(
                    300,
                    Happening::Key(who, life, Box::new(Event::SigningKey(key))),
                );
            }
            Action::MakeSealingKey => {
                let key = crate::keys::sealing(self.keys);
                self.keys += 1;
                self.schedule(
                    300,
                    Happening::Key(who, life, Box::new(Event::SealingKey(key))),
                );
            }
            Action::WakeAt(at) => self.people[who].wake_at = Some(at),
        }
    }
}

pub(crate) fn take_one(count: &mut u32) -> bool {
    let any = *count > 0;
    *count = count.saturating_sub(1);
    any
}
