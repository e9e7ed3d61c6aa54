//! One sequence: people who know each other, what happens to them, and what must be true afterwards.
//!
//! # What must be true
//!
//! - Nothing that a client took on is lost: in the end the other person reads it, or its sender sees that it
//!   failed, and why. What a node that took it lies about or loses with its disk is missing visibly: the
//!   conversation has a gap for it, and the sender does not see it as delivered.
//! - Nothing is shown twice, nothing is shown that was not said, at any time.
//! - Nobody believes a rolled-back or forged record: no node goes back, and no contact; nobody sees a fork that no thief made; in
//!   the end every contact has the record that its owner has.
//! - Nothing is read by a key that was taken back: a thief's copy is locked out in the end, and shows nothing that was
//!   said by somebody who knew of the recovery.
//! - Every client converges: when the networks work again, nobody waits for anything, no conversation has a
//!   broken chain, and what anybody says then to anybody arrives.
//!
//! How long anything takes is not part of it. Neither is what somebody had on a device that they lost, and that was not in
//! their vault: it is missing there, and only there.

use std::collections::BTreeMap;

use client_core::memory::MemoryStore;
use client_core::request::{Answer, Request};

use crate::figures::Figures;
use crate::node::Lies;
use crate::operation::Operation;
use crate::person::Said;
use crate::pins::Pins;
use crate::world::World;

const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;

/// People in a sequence.
pub const PEOPLE: usize = 3;
/// Nodes in a sequence.
pub const NODES: usize = 3;

/// Time may pass so far in one sequence that no mail expires.
const LONGEST: u64 = 12 * 24 * 60;

/// What was not true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation(pub String);

impl Violation {
    /// What it begins with, without who and how many.
    pub(crate) fn kind(&self) -> String {
        let words = self.0.chars().filter(|letter| !letter.is_ascii_digit());
        words.take_while(|letter| *letter != ':').collect()
    }
}

/// A sequence under way.
pub(crate) struct Sequence {
    pub(crate) world: World,
    pub(crate) figures: Figures,
    pub(crate) said: Vec<Said>,
    /// Minutes that have passed in jumps.
    passed: u64,
    /// What nodes served of each person, oldest first.
    pub(crate) history: BTreeMap<usize, Vec<(u64, Vec<u8>)>>,
    /// Whether a node has lost mail, by lying or with its disk.
    pub(crate) is_lossy: bool,
    defect: Option<Defect>,
    /// What was on the clients' disks a while ago.
    old_disks: Vec<MemoryStore>,
    /// Whose thief is who.
    pub(crate) thieves: Vec<(usize, usize)>,
    pub(crate) pins: Pins,
}

/// Something that is wrong on purpose, to see that it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// Clients acknowledge what is not on their disk: who falls over has the disk of some time ago.
    ClientsForget,
    /// Nodes accept what is not on their disk: whoever falls over has nothing.
    NodesForget,
}

/// Runs one sequence from its seed.
///
/// # Errors
/// The first [`Violation`].
pub async fn run(
    seed: u64,
    operations: &[Operation],
    defect: Option<Defect>,
) -> Result<Figures, Violation> {
    let mut sequence = Sequence::begin(seed).await?;
    sequence.defect = defect;
    for operation in operations {
        sequence.figures.count(operation);
        sequence.perform(*operation).await?;
        sequence.watch_pins()?;
    }
    sequence.end().await
}

impl Sequence {
    /// Everybody has an identity, each at their own node, and has talked with everybody else.
    async fn begin(seed: u64) -> Result<Self, Violation> {
        let mut world = World::new(seed, PEOPLE, NODES).await;
        for who in 0..PEOPLE {
            let request = Request::CreateIdentity {
                name: format!("person {who}"),
                node: Some(world.nodes[who % NODES].url.to_string()),
            };
            let answer = world.ask(who, request).await;
            check(answer == Some(Answer::Done), || {
                format!("creation: {answer:?}")
            })?;
        }
        for who in 0..PEOPLE {
            for whom in who + 1..PEOPLE {
                world.meet(who, whom).await?;
            }
        }
        let mut sequence = Self {
            world,
            figures: Figures::default(),
            said: Vec::new(),
            passed: 0,
            history: BTreeMap::new(),
            is_lossy: false,
            defect: None,
            old_disks: Vec::new(),
            thieves: Vec::new(),
            pins: Pins::new(),
        };
        for who in 0..PEOPLE {
            sequence.note_records(who).await?;
            sequence.note_phrase(who);
        }
        Ok(sequence)
    }

    async fn perform(&mut self, operation: Operation) -> Result<(), Violation> {
        let world = &mut self.world;
        match operation {
            Operation::Send { from, to } => {
                self.send(from, to);
            }
            Operation::Read { who } => self.read(who),
            Operation::Deliver => {
                if self.defect == Some(Defect::ClientsForget) {
                    let people = world.people.iter();
                    self.old_disks = people.map(|person| person.store.snapshot()).collect();
                }
                let time = 200 + world.random(5 * SECOND);
                world.run_for(time).await;
                self.go_on_restoring();
            }
            Operation::DropRequest => world.faults.drop_requests += 1,
            Operation::DropReply => world.faults.drop_replies += 1,
            Operation::Reorder => world.faults.slow += 1,
            Operation::Replay { which } => self.replay(which).await?,
            Operation::Rubbish { which } => self.rubbish(which).await?,
            Operation::Break { who } => world.cut(|line| line.who == who),
            Operation::Partition { one, other } => {
                world
                    .faults
                    .partitions
                    .insert((one.min(other), one.max(other)));
            }
            Operation::Offline { who } => {
                world.faults.offline.insert(who);
                world.cut(|line| line.who == who);
            }
            Operation::Heal => {
                world.faults.partitions.clear();
                world.faults.offline.clear();
                // Lies about records are told until the end: contacts look up seldom.
                for node in &mut world.nodes {
                    let records = node.lies.records.take();
                    node.lies = Lies {
                        records,
                        ..Lies::default()
                    };
                }
            }
            Operation::CrashNode { node } => match self.defect {
                Some(Defect::NodesForget) => world.lose_disk(node),
                _ => world.crash_node(node),
            },
            Operation::CrashClient { who } => {
                world.crash_client(who);
                if let Some(old) = self.old_disks.get(who) {
                    world.people[who].store = old.snapshot();
                }
            }
            Operation::Advance { minutes } => {
                if self.passed + minutes <= LONGEST {
                    self.passed += minutes;
                    self.pass(minutes * MINUTE).await;
                }
            }
            Operation::Move { who, to } => self.relocate(who, to),
            Operation::Rotate { who } => {
                if self.world.keys < crate::keys::PAIRS {
                    self.world.begin(who, Request::RotateKeys);
                }
            }
            Operation::Rollback { who, node } => self.roll_back(who, node).await?,
            Operation::SetClock { who, minutes } => world.set_clock(who, minutes),
            Operation::LoseDevice { who } => self.lose_device(who).await?,
            Operation::Recover { who, forks } => self.steal(who, forks),
            Operation::LoseDisk { node } => self.lose_disk(node).await?,
            Operation::KillNode { node } => self.kill_node(node),
            Operation::Withhold { node } => {
                world.nodes[node].lies.withhold += 1;
                self.is_lossy = true;
            }
            Operation::Swallow { node } => {
                world.nodes[node].lies.swallow += 1;
                self.is_lossy = true;
            }
            Operation::PushTwice { node } => world.nodes[node].lies.twice += 1,
            Operation::ServeOld { node, who } => self.serve_old(node, who).await?,
            Operation::ServeForged { node, who } => self.serve_forged(node, who).await?,
        }
        Ok(())
    }

    /// Days pass in steps of at most one, as clients and nodes that run would live them.
    pub(crate) async fn pass(&mut self, mut time: u64) {
        while time > 0 {
            let step = time.min(24 * 60 * MINUTE);
            self.world.jump(step).await;
            time -= step;
        }
    }

    /// Says something; whether the client took it on.
    pub(crate) fn send(&mut self, from: usize, to: usize) -> bool {
        let Some(contact) = self.world.contact(from, to) else {
            return false;
        };
        let id = self.world.message_id();
        let text = format!("{from} to {to}: {}", self.said.len());
        let knows_recovery = self.knows_recovery(from, to);
        let request = Request::Send {
            contact,
            id,
            text: text.clone(),
        };
        let is_taken = self.world.request(from, request) == Some(Answer::Done);
        if is_taken {
            self.figures.sent += 1;
            let said = Said {
                from,
                to,
                id,
                text,
                knows_recovery,
            };
            self.said.push(said);
        }
        is_taken
    }

    fn read(&mut self, who: usize) {
        let conversations = self.world.people[who].app.conversations.clone();
        for conversation in conversations {
            if let Some(last) = &conversation.last {
                let request = Request::MarkRead {
                    contact: conversation.contact.number,
                    position: last.position,
                };
                self.world.request(who, request);
            }
        }
    }

    fn relocate(&mut self, who: usize, to: usize) {
        let Some(me) = self.world.people[who].app.me.clone() else {
            return;
        };
        let to = self.world.nodes[to].url.to_string();
        if me.node != to {
            self.world.request(who, Request::Move { from: me.node, to });
        }
    }
}

impl World {
    /// One person asks another, who accepts, and both settle.
    pub(crate) async fn meet(&mut self, who: usize, whom: usize) -> Result<(), Violation> {
        let link = self.people[whom].app.me.as_ref().map(|me| me.link.clone());
        let link = link.ok_or_else(|| Violation("no link".to_owned()))?;
        let answer = self.ask(who, Request::OpenLink { link }).await;
        let Some(Answer::Contact(contact)) = answer else {
            return Err(Violation(format!("a link leads to {answer:?}")));
        };
        let id = self.message_id();
        let request = Request::Ask {
            contact: contact.number,
            id,
            text: "hello".to_owned(),
        };
        let answer = self.request(who, request);
        check(answer == Some(Answer::Done), || {
            format!("asking: {answer:?}")
        })?;
        for _ in 0..120 {
            self.run_for(SECOND).await;
            if self.talks(who, whom) && self.talks(whom, who) {
                return Ok(());
            }
        }
        Err(Violation(format!("{who} and {whom} never met")))
    }
}

pub(crate) fn check(holds: bool, what: impl FnOnce() -> String) -> Result<(), Violation> {
    if holds {
        Ok(())
    } else {
        Err(Violation(what()))
    }
}
