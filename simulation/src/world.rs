//! The world: people with real clients, real nodes, and everything between them that can go wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use client_core::driver::{Action, CloseReason, Event, Frame, HttpCall};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng as _};
use shared_crypto::id::{MailboxId, MessageId};
use shared_crypto::live::{ClientBinary, NodeBinary, NodeFrame, Outcome};
use shared_crypto::node_url::NodeUrl;
use tokio::sync::mpsc;
use tokio::time::Instant;
use zechat_node::clock::Clock as _;
use zechat_node::federation::client::PeerError;
use zechat_node::federation::transport::{PeerCall, refused};
use zechat_node::in_process::{HttpRequest, Method};
use zechat_node::live::wire::{Pipe, Said};

use crate::clock::{START, WorldClock};
use crate::network::{Connection, Input};
use crate::node::Place;
use crate::person::Person;

type Reply = tokio::sync::oneshot::Sender<Result<bytes::Bytes, PeerError>>;

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

/// A live connection.
pub(crate) struct Line {
    pub(crate) who: usize,
    pub(crate) node: usize,
    pub(crate) url: NodeUrl,
    pipe: Option<Pipe>,
    up: u64,
    down: u64,
}

/// An envelope that came by.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) node: usize,
    pub(crate) mailbox: MailboxId,
    pub(crate) message: MessageId,
    pub(crate) envelope: Vec<u8>,
}

/// Envelopes remembered for whoever wants to deliver them again.
const REMEMBERED: usize = 64;

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
    next_connection: Connection,
    inputs: mpsc::UnboundedReceiver<Input>,
    pub(crate) input: mpsc::UnboundedSender<Input>,
    queue: BTreeMap<(u64, u64), Happening>,
    sequence: u64,
    pub(crate) faults: Faults,
    pub(crate) seen: Vec<Seen>,
    /// Envelopes that nodes pushed.
    pub(crate) pushed: u64,
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

    fn tick(&self) -> u64 {
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

    // ---- what the world hears ----

    fn take(&mut self, input: Input) {
        match input {
            Input::Peer { from, call, reply } => {
                let to = self.node_at(&call.node);
                let lost = Err(PeerError::Unreachable);
                match to {
                    Some(to)
                        if self.reaches(from, to) && !take_one(&mut self.faults.drop_requests) =>
                    {
                        let delay = self.delay();
                        self.schedule(delay, Happening::PeerArrives(from, call, reply));
                    }
                    _ => {
                        self.faults.dropped += 1;
                        self.schedule(5_000, Happening::PeerAnswered(reply, lost));
                    }
                }
            }
            Input::PeerAnswer {
                from,
                to,
                answer,
                reply,
            } => {
                let (status, body) = answer;
                if !self.reaches(from, to) || take_one(&mut self.faults.drop_replies) {
                    let lost = Err(PeerError::Unreachable);
                    self.faults.dropped += 1;
                    return self.schedule(5_000, Happening::PeerAnswered(reply, lost));
                }
                let result = match status {
                    200 => Ok(body),
                    _ => Err(refused(status, &body)),
                };
                let delay = self.delay();
                self.schedule(delay, Happening::PeerAnswered(reply, result));
            }
            Input::HttpAnswer {
                who,
                life,
                call,
                answer: (status, body),
            } => {
                let is_lost =
                    self.faults.offline.contains(&who) || take_one(&mut self.faults.drop_replies);
                let (delay, answer) = if is_lost {
                    self.faults.dropped += 1;
                    (20_000, None)
                } else {
                    (self.delay(), Some((status, body.to_vec())))
                };
                let happening = Happening::HttpAnswered {
                    who,
                    life,
                    call,
                    answer,
                };
                self.schedule(delay, happening);
            }
            Input::Said(connection, said) => {
                let delay = 1 + self.random(80);
                let Some(line) = self.lines.get_mut(&connection) else {
                    return;
                };
                let at = line
                    .down
                    .max(self.since.elapsed().as_millis() as u64 + delay);
                line.down = at;
                let tick = self.tick();
                self.schedule(at - tick, Happening::ToPerson(connection, said));
            }
        }
    }

    fn reaches(&self, one: usize, other: usize) -> bool {
        let pair = (one.min(other), one.max(other));
        !self.faults.partitions.contains(&pair)
    }

    fn delay(&mut self) -> u64 {
        if take_one(&mut self.faults.slow) {
            5_000 + self.random(20_000)
        } else {
            1 + self.random(200)
        }
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
            } => {
                let (at, path) = (node, request.path.clone());
                let is_get = request.method == Method::GET;
                let Some(node) = self.nodes[at].running.as_ref() else {
                    let answer = None;
                    return self.schedule(
                        1_000,
                        Happening::HttpAnswered {
                            who,
                            life,
                            call,
                            answer,
                        },
                    );
                };
                let (answer, input) = (node.http(request), self.input.clone());
                let old = self.nodes[at].old_answer(&path).filter(|_| is_get);
                tokio::task::spawn_local(async move {
                    let answer = old.unwrap_or(answer.await);
                    let _ = input.send(Input::HttpAnswer {
                        who,
                        life,
                        call,
                        answer,
                    });
                });
            }
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

    fn peer_arrives(&mut self, from: usize, call: PeerCall, reply: Reply) {
        let place = self
            .node_at(&call.node)
            .filter(|to| self.reaches(from, *to));
        let running = place.and_then(|to| Some((to, self.nodes[to].running.as_ref()?)));
        let Some((to, node)) = running else {
            let lost = Err(PeerError::Unreachable);
            return self.schedule(1_000, Happening::PeerAnswered(reply, lost));
        };
        let request = crate::node::peer_request(call);
        let (answer, input) = (node.http(request), self.input.clone());
        tokio::task::spawn_local(async move {
            let answer = answer.await;
            let _ = input.send(Input::PeerAnswer {
                from,
                to,
                answer,
                reply,
            });
        });
    }

    // ---- live connections ----

    fn open(&mut self, connection: Connection) {
        let Some(line) = self.lines.get(&connection) else {
            return;
        };
        let (who, node, url) = (line.who, line.node, line.url.clone());
        let input = self.input.clone();
        let hear = move |said| {
            let _ = input.send(Input::Said(connection, said));
        };
        let is_offline = self.faults.offline.contains(&who);
        let pipe = self.nodes[node]
            .running
            .as_mut()
            .filter(|_| !is_offline)
            .and_then(|node| node.connect(hear).ok());
        match (pipe, self.lines.get_mut(&connection)) {
            (Some(pipe), Some(line)) => {
                line.pipe = Some(pipe);
                self.event(who, Event::Opened(url));
            }
            _ => {
                self.lines.remove(&connection);
                self.event(who, Event::Closed(url, None));
            }
        }
    }

    fn heard(&mut self, connection: Connection, said: Said) {
        let Some(line) = self.lines.get(&connection) else {
            return;
        };
        let (who, node, url) = (line.who, line.node, line.url.clone());
        match said {
            Said::Text(text) => self.event(who, Event::Frames(url, vec![Frame::Text(text)])),
            Said::Binary(frame) => {
                let times = self.remember(node, &frame);
                for _ in 0..times {
                    let frames = vec![Frame::Binary(frame.to_vec())];
                    self.event(who, Event::Frames(url.clone(), frames));
                }
            }
            Said::Closed(reason) => {
                self.lines.remove(&connection);
                let reason = reason.map(|(code, reason)| CloseReason { code, reason });
                self.event(who, Event::Closed(url, reason));
            }
        }
    }

    /// Notes an envelope that a node pushes; how often it does so.
    fn remember(&mut self, node: usize, frame: &[u8]) -> usize {
        let Ok(NodeBinary::Envelope {
            mailbox,
            message_id,
            envelope,
            ..
        }) = NodeBinary::parse(frame)
        else {
            return 1;
        };
        if self.seen.len() >= REMEMBERED {
            self.seen.remove(0);
        }
        self.seen.push(Seen {
            node,
            mailbox,
            message: message_id,
            envelope: envelope.to_vec(),
        });
        self.pushed += 1;
        let lies = &mut self.nodes[node].lies;
        if take_one(&mut lies.withhold) {
            0
        } else if take_one(&mut lies.twice) {
            2
        } else {
            1
        }
    }

    fn say_to_node(&mut self, connection: Connection, frame: Frame) {
        let Some(line) = self.lines.get(&connection) else {
            return;
        };
        let (who, url) = (line.who, line.url.clone());
        if let Frame::Binary(bytes) = &frame
            && let Ok(ClientBinary::Submit { submission, .. }) = ClientBinary::parse(bytes)
            && take_one(&mut self.nodes[line.node].lies.swallow)
        {
            let submissions = vec![submission];
            let items = vec![Outcome {
                submission,
                code: None,
            }];
            for lie in [
                NodeFrame::Accepted { submissions },
                NodeFrame::Outcomes { items },
            ] {
                let frames = vec![Frame::Text(lie.to_text())];
                self.event(who, Event::Frames(url.clone(), frames));
            }
            return;
        }
        let pipe = self
            .lines
            .get(&connection)
            .and_then(|line| line.pipe.as_ref());
        match (pipe, frame) {
            (Some(pipe), Frame::Text(text)) => pipe.send_text(text),
            (Some(pipe), Frame::Binary(bytes)) => pipe.send_binary(bytes),
            (None, _) => {}
        }
    }

    /// Breaks all connections of which this is true; the clients notice a little later.
    pub(crate) fn cut(&mut self, is_cut: impl Fn(&Line) -> bool) {
        let cut: Vec<Connection> = self
            .lines
            .iter()
            .filter(|(_, line)| is_cut(line))
            .map(|(connection, _)| *connection)
            .collect();
        for connection in cut {
            if let Some(line) = self.lines.remove(&connection) {
                let delay = 1 + self.random(500);
                let life = self.people[line.who].life;
                self.schedule(delay, Happening::Closed(line.who, life, line.url));
            }
        }
    }

    // ---- what clients want done ----

    pub(crate) fn carry_out(&mut self, who: usize, action: Action) {
        let life = self.people[who].life;
        match action {
            Action::Open(url) => {
                self.lines
                    .retain(|_, line| line.who != who || line.url != url);
                let Some(node) = self.node_at(&url) else {
                    return self.schedule(1_000, Happening::Closed(who, life, url));
                };
                let connection = self.next_connection;
                self.next_connection += 1;
                let (up, down) = (self.tick(), self.tick());
                let line = Line {
                    who,
                    node,
                    url,
                    pipe: None,
                    up,
                    down,
                };
                self.lines.insert(connection, line);
                let delay = 1 + self.random(300);
                self.schedule(delay, Happening::Opening(connection));
            }
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
                let to = self.node_at(&node);
                let request = crate::node::client_request(path, vault, put);
                let is_lost =
                    self.faults.offline.contains(&who) || take_one(&mut self.faults.drop_requests);
                match to.filter(|_| !is_lost) {
                    Some(node) => {
                        let delay = self.delay();
                        let happening = Happening::HttpArrives {
                            who,
                            life,
                            call,
                            node,
                            request,
                        };
                        self.schedule(delay, happening);
                    }
                    None => {
                        self.faults.dropped += 1;
                        let answer = None;
                        let happening = Happening::HttpAnswered {
                            who,
                            life,
                            call,
                            answer,
                        };
                        self.schedule(5_000, happening);
                    }
                }
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

    fn up(&mut self, who: usize, url: &NodeUrl, frame: Frame) {
        let delay = 1 + self.random(80);
        let tick = self.tick();
        let lines = &mut self.lines;
        let Some((connection, line)) = lines
            .iter_mut()
            .find(|(_, line)| line.who == who && line.url == *url)
        else {
            return;
        };
        line.up = line.up.max(tick + delay);
        let (connection, delay) = (*connection, line.up - tick);
        self.schedule(delay, Happening::ToNode(connection, frame));
    }
}

fn take_one(count: &mut u32) -> bool {
    let any = *count > 0;
    *count = count.saturating_sub(1);
    any
}
