//! Requests between clients and nodes, and between nodes: on their way, lost, late, answered.

use client_core::driver::HttpCall;
use shared_crypto::node_url::NodeUrl;
use zechat_node::federation::client::PeerError;
use zechat_node::federation::transport::{PeerCall, refused};
use zechat_node::in_process::{HttpRequest, Method};

use crate::network::Input;
use crate::world::{Happening, Reply, World, take_one};

impl World {
    /// What the world hears: a request, an answer or a frame begins its way.
    pub(crate) fn take(&mut self, input: Input) {
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
                let (delay, tick) = (1 + self.random(80), self.tick());
                let Some(line) = self.lines.get_mut(&connection) else {
                    return;
                };
                line.down = line.down.max(tick + delay);
                let delay = line.down - tick;
                self.schedule(delay, Happening::ToPerson(connection, said));
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

    /// A client's request goes to a node, or is lost.
    pub(crate) fn ask_over_http(
        &mut self,
        who: usize,
        call: HttpCall,
        node: &NodeUrl,
        request: HttpRequest,
    ) {
        let life = self.people[who].life;
        let to = self.node_at(node);
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

    /// A client's request reaches a node.
    pub(crate) fn http_arrives(
        &mut self,
        who: usize,
        life: u64,
        call: HttpCall,
        node: usize,
        request: HttpRequest,
    ) {
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
        let lie = self.nodes[at].false_answer(&path).filter(|_| is_get);
        tokio::task::spawn_local(async move {
            let answer = lie.unwrap_or(answer.await);
            let _ = input.send(Input::HttpAnswer {
                who,
                life,
                call,
                answer,
            });
        });
    }

    /// A node's request reaches another.
    pub(crate) fn peer_arrives(&mut self, from: usize, call: PeerCall, reply: Reply) {
        let place = self
            .node_at(&call.node)
            .filter(|to| self.reaches(from, *to));
        let running = place.and_then(|to| Some((to, self.nodes[to].running.as_ref()?)));
        let Some((to, node)) = running else {
            let lost = Err(PeerError::Unreachable);
            return self.schedule(1_000, Happening::PeerAnswered(reply, lost));
        };
        let lie = self.nodes[to].false_lookup(&call, &mut self.rng);
        self.false_answers += u64::from(lie.is_some());
        let request = crate::node::peer_request(call);
        let (answer, input) = (node.http(request), self.input.clone());
        tokio::task::spawn_local(async move {
            let answer = lie.unwrap_or(answer.await);
            let _ = input.send(Input::PeerAnswer {
                from,
                to,
                answer,
                reply,
            });
        });
    }
}
