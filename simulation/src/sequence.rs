//! One sequence: people who know each other, what happens to them, and what must be true afterwards.
//!
//! # What must be true
//!
//! - Nothing that a client took on is lost: in the end the other person reads it, or its sender sees that it
//!   failed, and why.
//! - Nothing is shown twice, at any time.
//! - Nobody believes a rolled-back or forged record: no node goes back, and in the end every contact delivers to
//!   where the newest record says.
//! - Every client converges: when the networks work again, nobody waits for anything, and no conversation has a gap
//!   or a broken chain.
//!
//! How long anything takes is not part of it.

use std::collections::BTreeMap;

use client_core::request::{Answer, Request};
use client_core::view::{BodyView, ConnectionView, ContactState, DeliveryView, StageView};
use shared_crypto::bundle::Bundle;
use zechat_node::in_process::{HttpRequest, Method};

use crate::figures::Figures;
use crate::operation::Operation;
use crate::person::Said;
use crate::world::World;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;

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
    said: Vec<Said>,
    /// Minutes that have passed in jumps.
    passed: u64,
    /// What nodes served of each person, oldest first.
    history: BTreeMap<usize, Vec<(u64, Vec<u8>)>>,
}

/// Runs one sequence from its seed.
///
/// # Errors
/// The first [`Violation`].
pub async fn run(seed: u64, operations: &[Operation]) -> Result<Figures, Violation> {
    let mut sequence = Sequence::begin(seed).await?;
    for operation in operations {
        sequence.figures.count(operation);
        sequence.perform(*operation).await?;
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
        };
        for who in 0..PEOPLE {
            sequence.note_records(who).await?;
        }
        Ok(sequence)
    }

    async fn perform(&mut self, operation: Operation) -> Result<(), Violation> {
        let world = &mut self.world;
        match operation {
            Operation::Send { from, to } => self.send(from, to),
            Operation::Read { who } => self.read(who),
            Operation::Deliver => {
                let time = 200 + world.random(5 * SECOND);
                world.run_for(time).await;
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
            }
            Operation::CrashNode { node } => world.crash_node(node),
            Operation::CrashClient { who } => world.crash_client(who),
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
        }
        Ok(())
    }

    /// Days pass in steps of at most one, as clients and nodes that run would live them.
    async fn pass(&mut self, mut time: u64) {
        while time > 0 {
            let step = time.min(24 * 60 * MINUTE);
            self.world.jump(step).await;
            time -= step;
        }
    }

    fn send(&mut self, from: usize, to: usize) {
        let Some(contact) = self.world.contact(from, to) else {
            return;
        };
        let id = self.world.message_id();
        let text = format!("{from} to {to}: {}", self.said.len());
        let request = Request::Send {
            contact,
            id,
            text: text.clone(),
        };
        if self.world.request(from, request) == Some(Answer::Done) {
            self.figures.sent += 1;
            self.said.push(Said { from, to, id, text });
        }
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

    // ---- hostile acts ----

    async fn replay(&mut self, which: u64) -> Result<(), Violation> {
        let Some(seen) = pick(&self.world.seen, which) else {
            return Ok(());
        };
        for message in [seen.message, self.world.message_id()] {
            let path = format!("/v1/mailboxes/{}/messages/{message}", seen.mailbox);
            self.put(seen.node, path, seen.envelope.clone()).await;
        }
        Ok(())
    }

    async fn rubbish(&mut self, which: u64) -> Result<(), Violation> {
        let Some(seen) = pick(&self.world.seen, which) else {
            return Ok(());
        };
        let mut envelope = seen.envelope;
        let middle = envelope.len() / 2;
        envelope[middle] ^= 1;
        let message = self.world.message_id();
        let path = format!("/v1/mailboxes/{}/messages/{message}", seen.mailbox);
        self.put(seen.node, path, envelope).await;
        Ok(())
    }

    async fn put(&mut self, node: usize, path: String, body: Vec<u8>) -> Option<u16> {
        let request = HttpRequest {
            method: Method::PUT,
            path,
            headers: Vec::new(),
            body: body.into(),
        };
        let node = self.world.nodes[node].running.as_ref()?;
        Some(node.http(request).await.0)
    }

    /// What a node serves of somebody: the number of the newest record and the bundle.
    async fn served(&self, who: usize, node: usize) -> Result<Option<(u64, Vec<u8>)>, Violation> {
        let (Some(identity), Some(node)) = (
            self.world.people[who].identity,
            self.world.nodes[node].running.as_ref(),
        ) else {
            return Ok(None);
        };
        let request = HttpRequest {
            method: Method::GET,
            path: format!("/v1/identities/{identity}"),
            headers: Vec::new(),
            body: <_>::default(),
        };
        let (status, body) = node.http(request).await;
        if status != 200 {
            return Ok(None);
        }
        let (chain, _) = Bundle::verify(&body)
            .map_err(|error| Violation(format!("a node serves what does not verify: {error}")))?;
        Ok(Some((chain.number(), body.to_vec())))
    }

    async fn note_records(&mut self, who: usize) -> Result<(), Violation> {
        for node in 0..NODES {
            if let Some((number, bundle)) = self.served(who, node).await? {
                let history = self.history.entry(who).or_default();
                if history.last().is_none_or(|(last, _)| *last < number) {
                    history.push((number, bundle));
                }
            }
        }
        Ok(())
    }

    async fn roll_back(&mut self, who: usize, node: usize) -> Result<(), Violation> {
        self.note_records(who).await?;
        let Some(identity) = self.world.people[who].identity else {
            return Ok(());
        };
        let before = self.served(who, node).await?;
        let path = format!("/v1/identities/{identity}");
        let history = self.history.get(&who).cloned().unwrap_or_default();
        for (_, bundle) in history.iter().take(history.len().saturating_sub(1)) {
            self.put(node, path.clone(), bundle.clone()).await;
        }
        if let Some((_, newest)) = history.last() {
            let mut forged = newest.clone();
            let at = forged.len() / 3;
            forged[at] ^= 1;
            let status = self.put(node, path.clone(), forged).await;
            check(status.is_none_or(|status| status >= 400), || {
                "a forged bundle was stored".to_owned()
            })?;
        }
        let after = self.served(who, node).await?;
        let number = |served: &Option<(u64, Vec<u8>)>| served.as_ref().map(|(number, _)| *number);
        check(number(&after) >= number(&before), || {
            format!(
                "node {node} went back on {who}: {:?} to {:?}",
                number(&before),
                number(&after)
            )
        })?;
        self.figures.checks += 2;
        Ok(())
    }

    // ---- what must be true ----

    /// Everything works again; then everything must come to rest.
    async fn end(mut self) -> Result<Figures, Violation> {
        let faults = &mut self.world.faults;
        (faults.drop_requests, faults.drop_replies, faults.slow) = (0, 0, 0);
        faults.partitions.clear();
        faults.offline.clear();
        // The longest wait is one of five minutes.
        for round in 0..40 {
            self.world.run_for(MINUTE).await;
            if round >= 1 && self.unsettled().is_empty() {
                break;
            }
            self.world.jump(10 * MINUTE).await;
        }
        let unsettled = self.unsettled();
        check(unsettled.is_empty(), || {
            format!("never settled: {unsettled:?}")
        })?;
        for who in 0..PEOPLE {
            let stage = self.world.people[who].app.stage;
            check(stage == StageView::Ready, || format!("{who} is {stage:?}"))?;
        }
        self.check_conversations()?;
        self.figures.sequences = 1;
        Ok(self.figures)
    }

    /// Messages whose fate their sender does not know, and clients that are not connected.
    fn unsettled(&mut self) -> Vec<String> {
        let mut unsettled = Vec::new();
        for who in 0..PEOPLE {
            if self.world.people[who].app.connection != ConnectionView::Online {
                unsettled.push(format!(
                    "{who} is {:?}",
                    self.world.people[who].app.connection
                ));
            }
            for whom in (0..PEOPLE).filter(|whom| *whom != who) {
                for entry in self.world.conversation(who, whom) {
                    let is_open = matches!(
                        entry.delivery,
                        Some(
                            DeliveryView::Waiting | DeliveryView::Sent | DeliveryView::OnTheirNode
                        )
                    );
                    if entry.mine && is_open {
                        let theirs = self.world.conversation(whom, who);
                        let shown: Vec<_> = theirs
                            .iter()
                            .filter(|theirs| !theirs.mine)
                            .filter(|theirs| {
                                theirs.body == entry.body
                                    || !matches!(theirs.body, BodyView::Text(_))
                            })
                            .map(|theirs| &theirs.body)
                            .collect();
                        unsettled.push(format!(
                            "{who} to {whom}: {:?} {:?}, who sees {shown:?}",
                            entry.body, entry.delivery
                        ));
                    }
                }
            }
        }
        unsettled
    }

    fn check_conversations(&mut self) -> Result<(), Violation> {
        for who in 0..PEOPLE {
            for whom in (0..PEOPLE).filter(|whom| *whom != who) {
                let theirs = self.world.conversation(whom, who);
                let mine = self.world.conversation(who, whom);
                let said: Vec<Said> = self
                    .said
                    .iter()
                    .filter(|said| said.from == who && said.to == whom)
                    .cloned()
                    .collect();
                let mut any_failed = false;
                for said in &said {
                    let shown = theirs
                        .iter()
                        .filter(|entry| {
                            !entry.mine && entry.body == BodyView::Text(said.text.clone())
                        })
                        .count();
                    check(shown <= 1, || {
                        format!("{whom} sees {:?} {shown} times", said.text)
                    })?;
                    let sent = mine.iter().find(|entry| entry.mine && entry.id == said.id);
                    let delivery = sent.and_then(|entry| entry.delivery.clone());
                    match delivery {
                        Some(DeliveryView::Delivered | DeliveryView::Read) => {
                            check(shown == 1, || {
                                format!(
                                    "{whom} does not see {:?}, and {who} believes it",
                                    said.text
                                )
                            })?;
                            self.figures.read += 1;
                        }
                        Some(DeliveryView::Failed { .. }) => {
                            any_failed = true;
                            self.figures.failed += 1;
                        }
                        other => {
                            return Err(Violation(format!(
                                "{:?} of {who} is {other:?}",
                                said.text
                            )));
                        }
                    }
                    self.figures.checks += 2;
                }
                let broken = theirs.iter().find(|entry| {
                    matches!(entry.body, BodyView::Broken)
                        || (matches!(entry.body, BodyView::Gap { .. }) && !any_failed)
                });
                check(broken.is_none(), || {
                    format!("{whom} with {who} sees {broken:?}")
                })?;
                self.figures.checks += 1;
            }
        }
        Ok(())
    }
}

impl World {
    /// One person asks another, who accepts, and both settle.
    async fn meet(&mut self, who: usize, whom: usize) -> Result<(), Violation> {
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
            let accepted = |world: &Self, who: usize, whom: usize| {
                let number = world.contact(who, whom);
                world.people[who]
                    .app
                    .conversations
                    .iter()
                    .any(|conversation| {
                        Some(conversation.contact.number) == number
                            && conversation.contact.state == ContactState::Accepted
                    })
            };
            if accepted(self, who, whom) && accepted(self, whom, who) {
                return Ok(());
            }
        }
        Err(Violation(format!("{who} and {whom} never met")))
    }
}

fn pick<T: Clone>(list: &[T], which: u64) -> Option<T> {
    let index = which.checked_rem(list.len() as u64)?;
    list.get(usize::try_from(index).ok()?).cloned()
}

fn check(holds: bool, what: impl FnOnce() -> String) -> Result<(), Violation> {
    if holds {
        Ok(())
    } else {
        Err(Violation(what()))
    }
}
