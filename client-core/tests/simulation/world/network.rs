//! What happens, in its order: frames, calls and mail between nodes on their way, connections that break, nodes and
//! clients that crash.

use client_core::driver::{CloseReason, Event, Frame};
use shared_crypto::live::CloseCode;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;
use shared_crypto::time::DAY;

use super::{Act, Who, World};
use crate::node::{
    Connection, Effect, Word, document_answer, document_problem, lookup_answer, lookup_problem,
};

/// What is on its way, or will be.
pub(super) enum Happening {
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

/// A connection, and when the last frame of each direction arrives.
pub(super) struct Line {
    who: Who,
    node: usize,
    up: u64,
    down: u64,
}

impl World {
    pub(super) fn schedule(&mut self, delay: u64, happening: Happening) {
        self.sequence += 1;
        self.queue
            .insert((self.now + delay, self.sequence), happening);
    }

    fn chance(&mut self, thousandths: u64) -> bool {
        self.random(1_000) < thousandths
    }

    pub(super) fn node_at(&self, url: &NodeUrl) -> usize {
        self.nodes
            .iter()
            .position(|node| node.url == *url)
            .expect("a node of this world")
    }

    /// Opens a connection of a person to a node.
    pub(super) fn open(&mut self, who: Who, url: NodeUrl) {
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

    pub(super) fn cut(&mut self, connection: Connection) {
        if let Some(line) = self.lines.remove(&connection) {
            self.nodes[line.node].lost(connection);
            let delay = self.random(200);
            self.lines.insert(connection, line);
            self.schedule(delay, Happening::Closed(connection));
        }
    }

    /// Sends a frame on a connection, in order, unless the connection breaks over it.
    pub(super) fn send(&mut self, connection: Connection, frame: Frame, to_node: bool) {
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

    pub(super) fn happen(&mut self, happening: Happening) {
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
                let answer = self.answer(&node, &path, vault.as_deref(), put.as_deref());
                let answer = Happening::HttpAnswer {
                    who,
                    call,
                    answer,
                    life,
                };
                self.schedule(50, answer);
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
                // Whoever was waiting for an answer asks again.
                let waiting = std::mem::take(&mut self.people[who].waiting);
                self.switch_off(who);
                for act in waiting.into_values() {
                    self.schedule(5_000, Happening::Act(who, act));
                }
                let delay = self.random(20_000);
                self.schedule(delay, Happening::Restart(who));
            }
            Happening::Restart(who) => self.switch_on(who),
        }
    }

    /// What a node answers to a call, if it is there and the answer is not lost.
    fn answer(
        &mut self,
        node: &NodeUrl,
        path: &str,
        vault: Option<&str>,
        put: Option<&[u8]>,
    ) -> Option<(u16, Vec<u8>)> {
        let index = self.nodes.iter().position(|other| other.url == *node);
        let index = index.filter(|node| !self.dead.contains(node))?;
        let node = &mut self.nodes[index];
        let answer = match put {
            put if path.starts_with("/v1/vaults/") => {
                let path = path.trim_start_matches("/v1/vaults/");
                node.vaults.answer(&node.url, path, vault, put, self.now)
            }
            None if path == "/v1/node" => (200, node.document.bytes().to_vec()),
            None => node.get_identity(path),
            Some(bundle) => {
                let problem = |code: &str| format!(r#"{{"code":"{code}"}}"#).into_bytes();
                node.given += 1;
                match node.word {
                    Word::True => node.put_identity(bundle, self.now),
                    Word::Lie(status, code) => {
                        node.put_identity(bundle, self.now);
                        (status, problem(code))
                    }
                    Word::Refuse(status, code) => (status, problem(code)),
                }
            }
        };
        let out = std::mem::take(&mut node.locked_out);
        let refuse = |connection| Effect::Refuse(connection, ProblemCode::KeyReplaced);
        self.effects(index, out.into_iter().map(refuse).collect());
        let is_lost = self.chance(self.faults.lose_reply);
        (!is_lost).then_some(answer)
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
}
