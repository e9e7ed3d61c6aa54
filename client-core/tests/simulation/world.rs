//! People, nodes and an unreliable network between them, under one simulated clock.
//!
//! Frames of one connection keep their order, as TCP keeps it; everything else may overtake. Connections
//! break at any time and lose what was on its way. Requests between nodes are lost before or after
//! they took effect, and are then repeated. Nodes and clients crash: what they stored survives.

use std::collections::{BTreeMap, BTreeSet};

use client_core::client::Client;
use client_core::driver::{Action, CloseReason, Event, Frame, Output};
use client_core::memory::MemoryStore;
use client_core::request::{Answer, Request, Update};
use client_core::store::Table;
use client_core::view::{AppView, ContactNumber, EntryView, StageView};
use pollster::block_on;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use shared_crypto::cbor::ByteArray;
use shared_crypto::fixtures;
use shared_crypto::id::MessageId;
use shared_crypto::live::CloseCode;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;
use shared_crypto::time::DAY;

use crate::node::{
    Connection, Effect, SimNode, Word, document_answer, document_problem, lookup_answer,
    lookup_problem,
};

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

enum Happening {
    Act(Who, Act),
    Wake(Who, u64),
    Opening(Connection),
    ToNode(Connection, Frame),
    ToPerson(Connection, Frame),
    Closed(Connection),
    /// A node ends a login, and says why.
    Refused(Connection, ProblemCode),
    Http {
        who: Who,
        call: u64,
        node: NodeUrl,
        path: String,
        vault: Option<String>,
        put: Option<Vec<u8>>,
        life: u64,
    },
    HttpAnswer {
        who: Who,
        call: u64,
        answer: Option<(u16, Vec<u8>)>,
        life: u64,
    },
    Key {
        who: Who,
        event: Event,
        life: u64,
    },
    Forward {
        from: NodeUrl,
        row: u64,
        to: NodeUrl,
        sealed: Vec<u8>,
    },
    Forwarded {
        from: NodeUrl,
        row: u64,
        code: Option<ProblemCode>,
    },
    CrashNode(usize),
    CrashClient(Who),
    Restart(Who),
}

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

struct Line {
    who: Who,
    node: usize,
    up: u64,
    down: u64,
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
        let person = &mut self.people[who];
        person.client = None;
        person.store = MemoryStore::new();
        person.life += 1;
        person.wake += 1;
        for connection in std::mem::take(&mut person.connections).into_values() {
            self.cut(connection);
        }
    }

    /// Makes a request whose answer nobody waits for.
    pub fn ask_later(&mut self, who: Who, request: Request) {
        self.request(who, request, None);
    }

    // ---- the script ----

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

    // ---- the network ----

    fn schedule(&mut self, delay: u64, happening: Happening) {
        self.sequence += 1;
        self.queue
            .insert((self.now + delay, self.sequence), happening);
    }

    fn chance(&mut self, thousandths: u64) -> bool {
        self.random(1_000) < thousandths
    }

    fn node_at(&self, url: &NodeUrl) -> usize {
        self.nodes
            .iter()
            .position(|node| node.url == *url)
            .expect("a node of this world")
    }

    fn cut(&mut self, connection: Connection) {
        if let Some(line) = self.lines.remove(&connection) {
            self.nodes[line.node].lost(connection);
            let delay = self.random(200);
            self.lines.insert(connection, line);
            self.schedule(delay, Happening::Closed(connection));
        }
    }

    /// Sends a frame on a connection, in order, unless the connection breaks over it.
    fn send(&mut self, connection: Connection, frame: Frame, to_node: bool) {
        if self.chance(self.faults.break_connection) {
            return self.cut(connection);
        }
        if self.muted.contains(&connection) {
            return;
        }
        let delay = 1 + self.random(100);
        let Some(line) = self.lines.get_mut(&connection) else {
            return;
        };
        let last = if to_node {
            &mut line.up
        } else {
            &mut line.down
        };
        *last = (self.now + delay).max(*last);
        let delay = *last - self.now;
        self.schedule(
            delay,
            if to_node {
                Happening::ToNode(connection, frame)
            } else {
                Happening::ToPerson(connection, frame)
            },
        );
    }

    fn effects(&mut self, node: usize, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(connection, frame) => self.send(connection, frame, false),
                Effect::Close(connection) => self.cut(connection),
                Effect::Refuse(connection, code) => {
                    // What the node answers elsewhere meanwhile comes first.
                    self.schedule(100, Happening::Refused(connection, code));
                }
                Effect::Forward { row, to, sealed } => {
                    let delay = 1 + self.random(2_000);
                    let from = self.nodes[node].url.clone();
                    self.schedule(
                        delay,
                        Happening::Forward {
                            from,
                            row,
                            to,
                            sealed,
                        },
                    );
                }
                Effect::Lookup {
                    connection,
                    request,
                    to,
                    sealed,
                } => {
                    self.lookups += 1;
                    let other = self.node_at(&to);
                    if self.dead.contains(&other) {
                        let code = ProblemCode::PeerUnreachable;
                        let frame = lookup_problem(request, code);
                        self.send(connection, frame, false);
                        continue;
                    }
                    let answer = self.nodes[other].lookup(&sealed, &mut self.rng);
                    self.send(connection, lookup_answer(request, &answer), false);
                }
                Effect::Document {
                    connection,
                    request,
                    to,
                } => {
                    let other = self.node_at(&to);
                    if self.dead.contains(&other) {
                        let code = ProblemCode::PeerUnreachable;
                        let frame = document_problem(request, code);
                        self.send(connection, frame, false);
                        continue;
                    }
                    let genuine = self.nodes[other].document.bytes().to_vec();
                    let document = self.forged.clone().unwrap_or(genuine);
                    self.send(connection, document_answer(request, &document), false);
                }
            }
        }
    }

    // ---- what happens ----

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Act(who, act) => self.act(who, act),
            Happening::Wake(who, wake) if self.people[who].wake == wake => {
                self.event(who, Event::Wake);
            }
            Happening::Wake(..) => {}
            Happening::Opening(connection) => {
                let Some(line) = self.lines.get(&connection) else {
                    return;
                };
                let (who, node) = (line.who, line.node);
                self.event(who, Event::Opened(self.nodes[node].url.clone()));
                let effects = self.nodes[node].open(connection, &mut self.rng);
                self.effects(node, effects);
            }
            Happening::ToNode(connection, frame) => {
                let Some(node) = self.lines.get(&connection).map(|line| line.node) else {
                    return;
                };
                let effects = self.nodes[node].frame(connection, frame, self.now);
                self.effects(node, effects);
            }
            Happening::ToPerson(connection, frame) => {
                let Some(line) = self.lines.get(&connection) else {
                    return;
                };
                let (who, url) = (line.who, self.nodes[line.node].url.clone());
                if self.people[who].connections.get(&url) == Some(&connection) {
                    self.heard.push((who, frame.clone()));
                    self.event(who, Event::Frames(url, vec![frame]));
                }
            }
            Happening::Closed(connection) => {
                let Some(line) = self.lines.remove(&connection) else {
                    return;
                };
                let url = self.nodes[line.node].url.clone();
                if self.people[line.who].connections.get(&url) == Some(&connection) {
                    self.people[line.who].connections.remove(&url);
                    self.event(line.who, Event::Closed(url, None));
                }
            }
            Happening::Refused(connection, code) => {
                let Some(line) = self.lines.remove(&connection) else {
                    return;
                };
                self.nodes[line.node].lost(connection);
                let url = self.nodes[line.node].url.clone();
                if self.people[line.who].connections.get(&url) == Some(&connection) {
                    self.people[line.who].connections.remove(&url);
                    let reason = CloseReason {
                        code: CloseCode::LoginRefused.number(),
                        reason: code.as_str().to_owned(),
                    };
                    self.event(line.who, Event::Closed(url, Some(reason)));
                }
            }
            Happening::Http {
                who,
                call,
                node,
                path,
                vault,
                put,
                life,
            } => {
                let found = self.nodes.iter().position(|other| other.url == node);
                let found = found.filter(|node| !self.dead.contains(node));
                let answer = match (found, put) {
                    (None, _) => (0, Vec::new()),
                    (Some(node), put) if path.starts_with("/v1/vaults/") => {
                        let path = path.trim_start_matches("/v1/vaults/");
                        let SimNode { url, vaults, .. } = &mut self.nodes[node];
                        vaults.answer(url, path, vault.as_deref(), put.as_deref(), self.now)
                    }
                    (Some(node), None) if path == "/v1/node" => {
                        (200, self.nodes[node].document.bytes().to_vec())
                    }
                    (Some(node), None) => self.nodes[node].get_identity(&path),
                    (Some(node), Some(bundle)) => {
                        let problem = |code: &str| format!(r#"{{"code":"{code}"}}"#).into_bytes();
                        self.nodes[node].given += 1;
                        match self.nodes[node].word {
                            Word::True => self.nodes[node].put_identity(&bundle, self.now),
                            Word::Lie(status, code) => {
                                self.nodes[node].put_identity(&bundle, self.now);
                                (status, problem(code))
                            }
                            Word::Refuse(status, code) => (status, problem(code)),
                        }
                    }
                };
                if let Some(node) = found {
                    let out = std::mem::take(&mut self.nodes[node].locked_out);
                    let code = ProblemCode::KeyReplaced;
                    let refuse = |connection| Effect::Refuse(connection, code);
                    self.effects(node, out.into_iter().map(refuse).collect());
                }
                let lost = found.is_none() || self.chance(self.faults.lose_reply);
                let answer = (!lost).then_some(answer);
                self.schedule(
                    50,
                    Happening::HttpAnswer {
                        who,
                        call,
                        answer,
                        life,
                    },
                );
            }
            Happening::HttpAnswer {
                who,
                call,
                answer,
                life,
            } => {
                if self.people[who].life == life {
                    self.event(who, Event::Http { call, answer });
                }
            }
            Happening::Key { who, event, life } => {
                if self.people[who].life == life {
                    self.event(who, event);
                }
            }
            Happening::Forward {
                from,
                row,
                to,
                sealed,
            } => self.forward(from, row, to, sealed),
            Happening::Forwarded { from, row, code } => {
                let node = self.node_at(&from);
                let effects = self.nodes[node].result(row, code);
                self.effects(node, effects);
            }
            Happening::CrashNode(node) => {
                let (lost, again) = self.nodes[node].crash();
                for connection in lost {
                    self.cut(connection);
                }
                self.effects(node, again);
            }
            Happening::CrashClient(who) => {
                let person = &mut self.people[who];
                person.client = None;
                person.life += 1;
                person.wake += 1;
                // Whoever was waiting for an answer asks again.
                let waiting = std::mem::take(&mut person.waiting);
                for connection in std::mem::take(&mut person.connections).into_values() {
                    self.cut(connection);
                }
                for act in waiting.into_values() {
                    self.schedule(5_000, Happening::Act(who, act));
                }
                let delay = self.random(20_000);
                self.schedule(delay, Happening::Restart(who));
            }
            Happening::Restart(who) => {
                if self.people[who].client.is_none() {
                    self.start(who);
                }
            }
        }
    }

    fn forward(&mut self, from: NodeUrl, row: u64, to: NodeUrl, sealed: Vec<u8>) {
        if self.chance(self.faults.lose_request) {
            let delay = 2_000 + self.random(3_000);
            return self.schedule(
                delay,
                Happening::Forward {
                    from,
                    row,
                    to,
                    sealed,
                },
            );
        }
        let node = self.node_at(&to);
        if self.dead.contains(&self.node_at(&from)) {
            return;
        }
        if self.dead.contains(&node) {
            let code = Some(ProblemCode::Undeliverable);
            return self.schedule(2 * DAY, Happening::Forwarded { from, row, code });
        }
        let mut effects = Vec::new();
        let code = self.nodes[node].deliver(&sealed, self.now, &mut effects);
        self.effects(node, effects);
        if self.chance(self.faults.lose_reply) {
            let delay = 2_000 + self.random(3_000);
            return self.schedule(
                delay,
                Happening::Forward {
                    from,
                    row,
                    to,
                    sealed,
                },
            );
        }
        let delay = 1 + self.random(300);
        self.schedule(delay, Happening::Forwarded { from, row, code });
    }

    // ---- people ----

    /// What a person's clock shows.
    fn clock_of(&self, who: Who) -> u64 {
        self.now + self.people[who].ahead
    }

    fn start(&mut self, who: Who) {
        let (store, now) = (self.people[who].store.clone(), self.clock_of(who));
        let opened = block_on(Client::open(store, now, &mut self.rng));
        let (client, output) = opened.expect("what a client stored can be read back");
        self.people[who].client = Some(client);
        self.output(who, output);
    }

    fn act(&mut self, who: Who, act: Act) {
        let later = |world: &mut Self, act| world.schedule(3_000, Happening::Act(who, act));
        if self.people[who].client.is_none() {
            return later(self, act);
        }
        match &act {
            Act::Create { node } => {
                let name = format!("person {who}");
                let node = Some(self.nodes[*node].url.to_string());
                self.request(who, Request::CreateIdentity { name, node }, Some(act));
            }
            Act::Ask { whom, .. } => {
                let link = self.people[*whom].app.me.as_ref().map(|me| me.link.clone());
                match link {
                    Some(link) if self.people[who].app.stage == StageView::Ready => {
                        self.request(who, Request::OpenLink { link }, Some(act));
                    }
                    _ => later(self, act),
                }
            }
            Act::Say { whom, text } => match self.contact(who, *whom) {
                Some(contact) => self.say(who, *whom, contact, text.clone(), false),
                None => later(self, act),
            },
        }
    }

    fn say(&mut self, who: Who, whom: Who, contact: ContactNumber, text: String, first: bool) {
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        let id = MessageId::from_bytes(id);
        let request = if first {
            Request::Ask {
                contact,
                id,
                text: text.clone(),
            }
        } else {
            Request::Send {
                contact,
                id,
                text: text.clone(),
            }
        };
        if self.request(who, request, None) == Some(Answer::Done) {
            self.people[who].said.entry(whom).or_default().push(text);
        } else {
            let act = Act::Say { whom, text };
            self.schedule(3_000, Happening::Act(who, act));
        }
    }

    /// Makes a request; its answer if it came at once.
    fn request(&mut self, who: Who, request: Request, act: Option<Act>) -> Option<Answer> {
        let now = self.clock_of(who);
        let person = &mut self.people[who];
        person.calls += 1;
        let call = person.calls;
        if let Some(act) = act {
            person.waiting.insert(call, act);
        }
        let client = person.client.as_mut()?;
        let mut output = block_on(client.request(call, request, now, &mut self.rng));
        let waits = self.people[who].waiting.contains_key(&call);
        let index = output
            .answers
            .iter()
            .position(|(answered, _)| *answered == call && !waits);
        let answer = index.map(|index| output.answers.remove(index).1);
        self.output(who, output);
        answer
    }

    fn event(&mut self, who: Who, event: Event) {
        let now = self.clock_of(who);
        let Some(client) = self.people[who].client.as_mut() else {
            return;
        };
        let output = block_on(client.event(event, now, &mut self.rng));
        assert!(!client.broken());
        self.output(who, output);
    }

    fn output(&mut self, who: Who, output: Output) {
        for (call, answer) in output.answers {
            if let Some(act) = self.people[who].waiting.remove(&call) {
                self.answered(who, act, answer);
            } else {
                self.people[who].answered.push((call, answer));
            }
        }
        for update in output.updates {
            if let Update::App(app) = update {
                self.people[who].app = app;
            }
        }
        for action in output.actions {
            self.carry_out(who, action);
        }
        // Nearly everybody accepts whoever asks.
        let asking = self.people[who]
            .app
            .requests
            .first()
            .map(|request| request.contact.number);
        if let Some(contact) = asking.filter(|_| !self.people[who].is_shy) {
            self.request(who, Request::Accept(contact), None);
        }
    }

    fn answered(&mut self, who: Who, act: Act, answer: Answer) {
        match (act, answer) {
            (Act::Ask { whom, text }, Answer::Contact(contact)) => {
                // Somebody who asked first, or was asked before a crash, is just talked to.
                let first = contact.state == client_core::view::ContactState::Resolved;
                self.say(who, whom, contact.number, text, first);
            }
            (_, Answer::Done) => {}
            (act, _) => self.schedule(5_000, Happening::Act(who, act)),
        }
    }

    fn carry_out(&mut self, who: Who, action: Action) {
        let life = self.people[who].life;
        match action {
            Action::Open(url) => {
                let node = self.node_at(&url);
                self.connections += 1;
                let connection = self.connections;
                let (up, down) = (self.now, self.now);
                self.lines.insert(
                    connection,
                    Line {
                        who,
                        node,
                        up,
                        down,
                    },
                );
                self.people[who].connections.insert(url, connection);
                let delay = 1 + self.random(300);
                if self.dead.contains(&node) {
                    return self.schedule(delay, Happening::Closed(connection));
                }
                self.schedule(delay, Happening::Opening(connection));
            }
            Action::Close(url) => {
                if let Some(connection) = self.people[who].connections.get(&url) {
                    self.cut(*connection);
                }
            }
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
                self.schedule(
                    50,
                    Happening::Http {
                        who,
                        call,
                        node,
                        path,
                        vault,
                        put,
                        life,
                    },
                );
            }
            Action::MakeSigningKey => {
                let key = self.next_key(who);
                let event = Event::SigningKey(Box::new(fixtures::signing_key(key)));
                self.schedule(1_000, Happening::Key { who, event, life });
            }
            Action::MakeSealingKey => {
                let made = self.keys_made.get(&who).copied().unwrap_or(1);
                let key = key_of(who, made - 1);
                let event = Event::SealingKey(Box::new(fixtures::sealing_key(key)));
                self.schedule(1_000, Happening::Key { who, event, life });
            }
            Action::WakeAt(at) => {
                self.people[who].wake += 1;
                let wake = self.people[who].wake;
                let delay = at.saturating_sub(self.clock_of(who));
                self.schedule(delay, Happening::Wake(who, wake));
            }
        }
    }

    /// Each time that a person makes keys they are others.
    fn next_key(&mut self, who: Who) -> usize {
        let made = self.keys_made.entry(who).or_default();
        *made += 1;
        key_of(who, *made - 1)
    }

    fn up(&mut self, who: Who, node: &NodeUrl, frame: Frame) {
        if let Some(connection) = self.people[who].connections.get(node) {
            self.send(*connection, frame, true);
        }
    }
}

/// The frozen key of a person's first, second, … pair.
fn key_of(who: Who, made: usize) -> usize {
    (who + 7 * made) % fixtures::PEOPLE
}
