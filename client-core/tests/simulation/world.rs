//! People, nodes and an unreliable network between them, under one simulated clock.
//!
//! Frames of one connection keep their order, as TCP keeps it; everything else may overtake. Connections
//! break at any time and lose what was on its way. Requests between nodes are lost before or after
//! they took effect, and are then repeated. Nodes and clients crash: what they stored survives.

mod clients;
mod network;

use std::collections::{BTreeMap, BTreeSet};

use client_core::client::Client;
use client_core::driver::{Event, Frame};
use client_core::memory::MemoryStore;
use client_core::request::{Answer, Request};
use client_core::store::Table;
use client_core::view::{AppView, ContactNumber, EntryView};
use pollster::block_on;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use shared_crypto::cbor::ByteArray;
use shared_crypto::id::{MailboxId, MessageId};
use shared_crypto::live::NodeBinary;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;

use self::network::{Happening, Line};
use crate::node::{Connection, SimNode};

/// Index of a person.
pub type Who = usize;

/// How unreliable the world is, in thousandths per frame or request.
#[derive(Clone, Copy)]
pub struct Faults {
    pub break_connection: u64,
    pub lose_request: u64,
    pub lose_reply: u64,
}

pub const NO_FAULTS: Faults = Faults {
    break_connection: 0,
    lose_request: 0,
    lose_reply: 0,
};

/// What a person does.
#[derive(Clone)]
pub enum Act {
    Create {
        node: usize,
    },
    /// Opens the other's link and asks.
    Ask {
        whom: Who,
        text: String,
    },
    Say {
        whom: Who,
        text: String,
    },
}

pub struct Person {
    pub store: MemoryStore,
    pub client: Option<Client<MemoryStore>>,
    pub app: AppView,
    /// Texts said to each other person, in order.
    pub said: BTreeMap<Who, Vec<String>>,
    /// How far their clock is ahead.
    pub ahead: u64,
    /// Does not accept whoever asks.
    pub is_shy: bool,
    connections: BTreeMap<NodeUrl, Connection>,
    waiting: BTreeMap<u64, Act>,
    answered: Vec<(u64, Answer)>,
    wake: u64,
    life: u64,
    calls: u64,
}

pub struct World {
    pub now: u64,
    pub rng: ChaCha20Rng,
    pub nodes: Vec<SimNode>,
    pub people: Vec<Person>,
    pub faults: Faults,
    muted: BTreeSet<Connection>,
    /// Nodes that are gone for good.
    dead: BTreeSet<usize>,
    /// Key pairs that people made so far: each makes another one.
    keys_made: BTreeMap<Who, usize>,
    /// Lookups that clients made.
    pub lookups: u64,
    /// Frames that reached somebody, in order.
    pub heard: Vec<(Who, Frame)>,
    /// The document with which the first node poses as the second.
    forged: Option<Vec<u8>>,
    queue: BTreeMap<(u64, u64), Happening>,
    sequence: u64,
    lines: BTreeMap<Connection, Line>,
    connections: u64,
}

impl World {
    pub fn new(seed: u64, people: usize, nodes: usize) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let now = 1_750_000_000_000;
        let nodes = (0..nodes)
            .map(|number| SimNode::new(&format!("https://node-{number}.test"), now, &mut rng))
            .collect();
        let mut world = Self {
            now,
            rng,
            nodes,
            people: Vec::new(),
            faults: NO_FAULTS,
            muted: BTreeSet::new(),
            dead: BTreeSet::new(),
            keys_made: BTreeMap::new(),
            lookups: 0,
            heard: Vec::new(),
            forged: None,
            queue: BTreeMap::new(),
            sequence: 0,
            lines: BTreeMap::new(),
            connections: 0,
        };
        for _ in 0..people {
            world.add_person();
        }
        world
    }

    /// Adds somebody with an empty browser.
    pub fn add_person(&mut self) -> Who {
        let who = self.people.len();
        self.people.push(Person {
            store: MemoryStore::new(),
            client: None,
            app: AppView::default(),
            said: BTreeMap::new(),
            ahead: 0,
            is_shy: false,
            connections: BTreeMap::new(),
            waiting: BTreeMap::new(),
            answered: Vec::new(),
            wake: 0,
            life: 0,
            calls: 0,
        });
        self.start(who);
        who
    }

    /// A person's browser is gone for good, with everything in it.
    pub fn kill(&mut self, who: Who) {
        self.switch_off(who);
        self.people[who].store = MemoryStore::new();
    }

    /// Makes a request whose answer nobody waits for.
    pub fn ask_later(&mut self, who: Who, request: Request) {
        self.request(who, request, None);
    }

    pub fn act_after(&mut self, delay: u64, who: Who, act: Act) {
        self.schedule(delay, Happening::Act(who, act));
    }

    pub fn crash_node_after(&mut self, delay: u64, node: usize) {
        self.schedule(delay, Happening::CrashNode(node));
    }

    pub fn crash_client_after(&mut self, delay: u64, who: Who) {
        self.schedule(delay, Happening::CrashClient(who));
    }

    /// Runs until nothing happens any more, or until the time is over.
    pub fn run_for(&mut self, time: u64) {
        let end = self.now + time;
        while let Some(((at, _), _)) = self.queue.first_key_value() {
            if *at > end {
                break;
            }
            let ((at, _), happening) = self.queue.pop_first().unwrap();
            self.now = at;
            self.happen(happening);
        }
        self.now = end;
    }

    pub fn random(&mut self, bound: u64) -> u64 {
        self.rng.next_u64() % bound
    }

    /// Lets a person hear a frame that their node did not send.
    pub fn inject(&mut self, who: Who, frame: Frame) {
        let url = self.home_of(who);
        self.event(who, Event::Frames(url, vec![frame]));
    }

    /// Lets a person hear an envelope that nobody left for them.
    pub fn inject_envelope(
        &mut self,
        who: Who,
        cursor: u64,
        mailbox: MailboxId,
        message_id: MessageId,
        envelope: &[u8],
    ) {
        let frame = NodeBinary::Envelope {
            cursor,
            arrived_at: self.now,
            mailbox,
            message_id,
            envelope,
        };
        self.inject(who, Frame::Binary(frame.encode()));
    }

    /// Has the first node answer for the second with a document of its own making.
    pub fn pose_as(&mut self, liar: usize, victim: usize) {
        let mut document = NodeDocument::clone(&self.nodes[victim].document);
        document.signing_key = self.nodes[liar].keys.signing_public();
        document.forward_key = ByteArray(*self.nodes[liar].keys.forward_public());
        let keys = &self.nodes[liar].keys;
        let document = document.sign(keys, &mut self.rng).unwrap();
        self.forged = Some(document.bytes().to_vec());
    }

    /// From now on nothing passes on a person's connection, and nobody is told.
    pub fn mute(&mut self, who: Who) {
        for connection in self.people[who].connections.values() {
            self.muted.insert(*connection);
        }
    }

    /// A node that was killed comes back with what it had.
    pub fn revive_node(&mut self, node: usize) {
        self.dead.remove(&node);
    }

    /// A node is gone for good, with everything on it.
    pub fn kill_node(&mut self, node: usize) {
        self.dead.insert(node);
        let (lost, _) = self.nodes[node].crash();
        for connection in lost {
            self.cut(connection);
        }
    }

    /// The node that a person tries first.
    pub fn home_of(&self, who: Who) -> NodeUrl {
        let me = self.people[who].app.me.as_ref().expect("an identity");
        NodeUrl::parse(&me.node).unwrap()
    }

    /// Closes a person's client, as a browser that is switched off.
    pub fn switch_off(&mut self, who: Who) {
        let person = &mut self.people[who];
        person.client = None;
        person.life += 1;
        person.wake += 1;
        for connection in std::mem::take(&mut person.connections).into_values() {
            self.cut(connection);
        }
    }

    /// Somebody copies a person's device; the copy runs from now on.
    pub fn copy_device(&mut self, who: Who) -> Who {
        let copy = self.people[who].store.snapshot();
        let thief = self.add_person();
        self.switch_off(thief);
        self.people[thief].store = copy;
        self.start(thief);
        thief
    }

    /// A person loses their device with all that is on it, and has an empty one.
    pub fn lose_device(&mut self, who: Who) {
        self.kill(who);
        self.start(who);
    }

    /// Opens it again.
    pub fn switch_on(&mut self, who: Who) {
        if self.people[who].client.is_none() {
            self.start(who);
        }
    }

    /// Makes a request and runs until it is answered.
    pub fn ask(&mut self, who: Who, request: Request) -> Answer {
        self.people[who].calls += 1;
        let call = self.people[who].calls;
        let now = self.clock_of(who);
        let client = self.people[who].client.as_mut().expect("a running client");
        let mut output = block_on(client.request(call, request, now, &mut self.rng));
        self.people[who].answered.append(&mut output.answers);
        self.output(who, output);
        for _ in 0..120 {
            let answers = &mut self.people[who].answered;
            if let Some(index) = answers.iter().position(|(answered, _)| *answered == call) {
                return answers.remove(index).1;
            }
            self.run_for(500);
        }
        panic!("a request is answered within a minute");
    }

    /// How many rows a person stores in a table.
    pub fn rows(&self, who: Who, of: Table) -> usize {
        let rows = self.people[who].store.dump();
        rows.iter().filter(|(table, ..)| *table == of).count()
    }

    /// The whole conversation of one person with another.
    pub fn conversation(&mut self, who: Who, whom: Who) -> Vec<EntryView> {
        let Some(contact) = self.contact(who, whom) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        let mut before = None;
        loop {
            let request = Request::Entries {
                contact,
                before,
                limit: 50,
            };
            let now = self.clock_of(who);
            let client = self.people[who].client.as_mut().expect("a running client");
            let output = block_on(client.request(0, request, now, &mut self.rng));
            let Some((_, Answer::Entries(mut page))) = output.answers.into_iter().next() else {
                panic!("entries are answered with entries");
            };
            let Some(first) = page.first() else { break };
            before = Some(first.position);
            page.append(&mut all);
            all = page;
        }
        all
    }

    /// The number under which one person knows another.
    pub fn contact(&self, who: Who, whom: Who) -> Option<ContactNumber> {
        let identity = self.people[whom].app.me.as_ref()?.identity;
        let app = &self.people[who].app;
        let talking = app
            .conversations
            .iter()
            .map(|conversation| &conversation.contact);
        let asking = app.requests.iter().map(|request| &request.contact);
        talking
            .chain(asking)
            .find(|contact| contact.identity == identity)
            .map(|c| c.number)
    }
}
