//! Losing devices, disks and nodes, and what people do then: restore from the vault, take the identity back, move away.

use client_core::memory::MemoryStore;
use client_core::request::{Answer, Failure, Removal, Request, Secret};
use client_core::view::{AppView, BodyView, NodeStep, StageView};

use crate::person::{Loss, Person};
use crate::sequence::{MINUTE, NODES, PEOPLE, Sequence, Violation};
use crate::world::World;

impl World {
    /// Sets a person's clock so many minutes wrong.
    pub(crate) fn set_clock(&mut self, who: usize, minutes: i64) {
        let minute = i64::try_from(MINUTE).unwrap_or_default();
        let person = &mut self.people[who];
        let (before, now) = (person.clock, minutes * minute);
        person.clock = now;
        // Whoever drives a client looks now and then whether the clock was set back.
        if now < before {
            person.wake_at = person.wake_at.map(|_| 0);
        }
    }

    /// The person's device is gone, with everything on it. They have a new one.
    fn new_device(&mut self, who: usize) {
        let person = &mut self.people[who];
        person.client = None;
        person.life += 1;
        person.wake_at = None;
        person.store = MemoryStore::new();
        let identity = person.identity;
        person.app = AppView::default();
        person.identity = identity;
        self.cut(|line| line.who == who);
        self.start_client(who);
    }

    /// A copy of the person's device goes on as somebody of its own.
    fn copy_device(&mut self, who: usize) -> usize {
        let victim = &self.people[who];
        let (store, identity) = (victim.store.snapshot(), victim.identity);
        let mut thief = Person::default();
        (thief.store, thief.identity, thief.is_thief) = (store, identity, true);
        self.people.push(thief);
        let thief = self.people.len() - 1;
        self.start_client(thief);
        thief
    }
}

impl Sequence {
    /// People write down what they need to come back.
    pub(crate) fn note_phrase(&mut self, who: usize) {
        let answer = self.world.request(who, Request::RecoveryPhrase);
        if let Some(Answer::RecoveryPhrase(phrase)) = answer {
            self.world.people[who].paper.phrase = phrase;
        }
    }

    fn is_whole(&self, who: usize) -> bool {
        let person = &self.world.people[who];
        person.client.is_some() && person.loss.is_none() && person.app.stage == StageView::Ready
    }

    /// Whether the node of somebody's link lives: without it there is nobody to ask for their records.
    fn is_found(&self, who: usize) -> bool {
        let link = &self.world.people[who].paper.link;
        let mut living = self.world.nodes.iter().filter(|node| !node.is_dead);
        living.any(|node| link.starts_with(&format!("{}/", node.url)))
    }

    /// Whether one of these nodes has somebody's records: without them nobody can come back.
    async fn is_held(&self, who: usize, nodes: &[usize]) -> Result<bool, Violation> {
        for node in nodes {
            if self.served(who, *node).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Nobody loses a device whose identity is nowhere else.
    pub(crate) async fn lose_device(&mut self, who: usize) -> Result<(), Violation> {
        let all: Vec<usize> = (0..NODES).collect();
        if self.is_whole(who) && self.is_found(who) && self.is_held(who, &all).await? {
            self.note_phrase(who);
            self.world.new_device(who);
            self.world.people[who].loss = Some(Loss::default());
            self.go_on_restoring();
        }
        Ok(())
    }

    pub(crate) fn steal(&mut self, who: usize, forks: bool) {
        let is_known_thief = self.thieves.iter().any(|(victim, _)| *victim == who);
        let keys_left = crate::keys::PAIRS.saturating_sub(self.world.keys);
        if !self.is_whole(who) || !self.is_found(who) || is_known_thief || keys_left < 4 {
            return;
        }
        self.note_phrase(who);
        let thief = self.world.copy_device(who);
        self.thieves.push((who, thief));
        if forks {
            self.world.begin(thief, Request::RotateKeys);
        }
        self.world.new_device(who);
        self.world.people[who].loss = Some(Loss {
            recovers: true,
            ..Loss::default()
        });
        self.go_on_restoring();
    }

    /// Whoever is without what they had asks for it, as long as it takes.
    pub(crate) fn go_on_restoring(&mut self) {
        for who in 0..PEOPLE {
            self.go_on_restoring_one(who);
        }
    }

    fn go_on_restoring_one(&mut self, who: usize) {
        let stage = self.world.people[who].app.stage;
        let life = self.world.people[who].life;
        if self.world.people[who].loss.is_none() && stage == StageView::LockedOut {
            // What was in the vault was older than the keys of now.
            self.world.people[who].loss = Some(Loss {
                recovers: true,
                ..Loss::default()
            });
        }
        let Some(mut loss) = self.world.people[who].loss else {
            return;
        };
        if let Some((call, asked_in)) = loss.asked {
            match self.world.answer(who, call) {
                Some(Answer::Done) => return self.is_back(who, &loss),
                Some(Answer::Failed(failure)) => {
                    loss.asked = None;
                    loss.no_vault += usize::from(failure == Failure::NoVault);
                    loss.recovers |= loss.no_vault > NODES;
                }
                _ if asked_in != life => loss.asked = None,
                _ => return,
            }
        }
        match self.world.people[who].app.stage {
            // The answer was lost with a fall.
            StageView::Ready => return self.is_back(who, &loss),
            StageView::NoIdentity | StageView::LockedOut => {}
            _ => return self.world.people[who].loss = Some(loss),
        }
        let paper = self.world.people[who].paper.clone();
        let from = match loss.tries % (NODES + 1) {
            0 => paper.link.clone(),
            number => self.world.nodes[number - 1].url.to_string(),
        };
        loss.tries += 1;
        let request = if loss.recovers {
            Request::Recover {
                phrase: paper.phrase,
                passphrase: Secret::default(),
                from,
                name: format!("person {who}"),
                without_vault: loss.no_vault > NODES,
            }
        } else {
            Request::Restore {
                phrase: paper.phrase,
                passphrase: Secret::default(),
                from,
            }
        };
        let call = self.world.begin(who, request);
        loss.asked = call.map(|call| (call, life));
        self.world.people[who].loss = Some(loss);
    }

    /// Whoever lost a device has forgotten whom they met after it was saved last: they open the contact's link again, and
    /// ask.
    pub(crate) async fn seek(&mut self, who: usize, whom: usize) {
        let is_missed = self.world.contact(who, whom).is_none() && self.has_forgotten(who);
        if !is_missed || self.world.is_asking(who, whom) {
            return;
        }
        let link = self.world.people[whom].paper.link.clone();
        let answer = self.world.ask(who, Request::OpenLink { link }).await;
        if let Some(Answer::Contact(contact)) = answer {
            let request = Request::Ask {
                contact: contact.number,
                id: self.world.message_id(),
                text: "hello".to_owned(),
            };
            self.world.request(who, request);
        }
    }

    fn is_back(&mut self, who: usize, loss: &Loss) {
        let person = &mut self.world.people[who];
        person.loss = None;
        if loss.recovers {
            person.recovered += 1;
            self.figures.recovered += 1;
        } else {
            person.restored += 1;
            self.figures.restored += 1;
        }
        self.note_phrase(who);
    }

    /// Whether somebody has been told that another took their identity back.
    pub(crate) fn knows_recovery(&mut self, who: usize, whom: usize) -> bool {
        self.world.people[whom].recovered > 0
            && self.world.conversation(who, whom).iter().any(|entry| {
                matches!(entry.body, BodyView::KeyChanged { recovered: true })
                    || matches!(entry.body, BodyView::ForkSettled { recovered: true })
            })
    }

    /// No disk is lost that alone has the identity of somebody who has just lost their device.
    pub(crate) async fn lose_disk(&mut self, node: usize) -> Result<(), Violation> {
        let others: Vec<usize> = (0..NODES).filter(|other| *other != node).collect();
        for who in 0..PEOPLE {
            if !self.is_whole(who) && !self.is_held(who, &others).await? {
                return Ok(());
            }
        }
        if !self.world.nodes[node].is_dead {
            self.world.lose_disk(node);
            self.is_lossy = true;
        }
        Ok(())
    }

    /// Whether all that a person's client knows of another is this node.
    fn knows_only(&self, who: usize, whom: usize, node: usize) -> bool {
        let Some(number) = self.world.contact(who, whom) else {
            return true;
        };
        let mut known = self.world.people[who].app.conversations.iter();
        let url = self.world.nodes[node].url.to_string();
        known.any(|known| known.contact.number == number && known.contact.node == url)
    }

    /// One node at most dies, and not one by which two people know each other and nowhere else: there is no directory
    /// that could bring them together again.
    pub(crate) fn kill_node(&mut self, node: usize) {
        let any_dead = self.world.nodes.iter().any(|node| node.is_dead);
        let all_whole = (0..PEOPLE).all(|who| self.is_whole(who));
        let mut pairs = (0..PEOPLE).flat_map(|who| (0..who).map(move |whom| (who, whom)));
        let any_parted = pairs.any(|(who, whom)| {
            self.knows_only(who, whom, node) && self.knows_only(whom, who, node)
        });
        if !any_dead && all_whole && !any_parted {
            self.world.kill_node(node);
            self.is_lossy = true;
        }
    }

    /// People leave a node that is dead, as soon as they see to it. Whether anybody still has to.
    pub(crate) fn leave_the_dead(&mut self) -> bool {
        let Some(dead) = self.world.nodes.iter().position(|node| node.is_dead) else {
            return false;
        };
        let living = (0..NODES).find(|node| *node != dead);
        let dead = self.world.nodes[dead].url.to_string();
        let to = living.map(|node| self.world.nodes[node].url.to_string());
        let mut any_left = false;
        for who in 0..PEOPLE {
            let Some(me) = self.world.people[who].app.me.clone() else {
                continue;
            };
            let is_left = |node: &client_core::view::NodeView| {
                node.node != dead || node.step == NodeStep::Leaving
            };
            if me.nodes.iter().all(is_left) {
                continue;
            }
            any_left = true;
            let others = || me.nodes.iter().filter(|node| node.node != dead);
            let active = others().any(|node| node.step == NodeStep::Active);
            let draining = others().find(|node| node.step == NodeStep::Draining);
            let joining = others().any(|node| node.step == NodeStep::Joining);
            let request = if active {
                Request::RemoveNode {
                    node: dead.clone(),
                    when: Removal::AtOnce,
                }
            } else if let Some(draining) = draining {
                Request::KeepNode {
                    node: draining.node.clone(),
                }
            } else if joining {
                continue;
            } else {
                Request::Move {
                    from: dead.clone(),
                    to: to.clone().unwrap_or_default(),
                }
            };
            self.world.begin(who, request);
        }
        any_left
    }
}
