//! Live connections: opened, spoken on, cut, and what hostile nodes do with them.

use client_core::driver::{CloseReason, Event, Frame};
use shared_crypto::id::{MailboxId, MessageId};
use shared_crypto::live::{ClientBinary, NodeBinary, NodeFrame, Outcome};
use shared_crypto::node_url::NodeUrl;
use zechat_node::live::wire::{Pipe, Said};

use crate::network::{Connection, Input};
use crate::world::{Happening, World, take_one};

/// A live connection.
pub(crate) struct Line {
    pub(crate) who: usize,
    pub(crate) node: usize,
    pub(crate) url: NodeUrl,
    pipe: Option<Pipe>,
    up: u64,
    pub(crate) down: u64,
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

impl World {
    /// A client opens a live connection, in the place of an earlier one to the same node.
    pub(crate) fn dial(&mut self, who: usize, url: NodeUrl) {
        let life = self.people[who].life;
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

    /// The node takes the connection, or not.
    pub(crate) fn open(&mut self, connection: Connection) {
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

    /// A client hears what a node said.
    pub(crate) fn heard(&mut self, connection: Connection, said: Said) {
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
            Said::Ping => {} // a browser answers by itself
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

    /// A node hears what a client said.
    pub(crate) fn say_to_node(&mut self, connection: Connection, frame: Frame) {
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

    /// A client says something.
    pub(crate) fn up(&mut self, who: usize, url: &NodeUrl, frame: Frame) {
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
