//! What must be true in the end, when everything works again.

use std::collections::BTreeSet;

use client_core::view::{
    BodyView, ConnectionView, ContactState, DeliveryView, EntryView, StageView,
};

use crate::figures::Figures;
use crate::node::Lies;
use crate::person::Said;
use crate::sequence::{MINUTE, PEOPLE, Sequence, Violation, check};

/// Rounds of ten minutes within which everything comes to rest. The longest wait of clients and nodes is three hours.
const ROUNDS: usize = 60;

/// Rounds after which somebody who misses a contact opens the contact's link.
const PATIENCE: usize = 4;

fn pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..PEOPLE).flat_map(|who| {
        let others = (0..PEOPLE).filter(move |whom| *whom != who);
        others.map(move |whom| (who, whom))
    })
}

impl Sequence {
    /// Everything works again; then everything must come to rest.
    pub(crate) async fn end(mut self) -> Result<Figures, Violation> {
        let faults = &mut self.world.faults;
        (faults.drop_requests, faults.drop_replies, faults.slow) = (0, 0, 0);
        faults.partitions.clear();
        faults.offline.clear();
        for node in &mut self.world.nodes {
            node.lies = Lies::default();
        }
        for who in 0..PEOPLE {
            self.world.set_clock(who, 0);
        }
        let before = self.said.len();
        let mut greeted = BTreeSet::new();
        let mut unsettled = Vec::new();
        for round in 0..ROUNDS {
            self.world.run_for(MINUTE).await;
            self.go_on_restoring();
            if !self.are_all_there() {
                // Time to hear the answers: a jump makes them late.
                self.world.run_for(MINUTE).await;
            }
            let any_at_dead = self.leave_the_dead();
            if round >= 1 && !any_at_dead && self.are_all_there() {
                for (who, whom) in pairs() {
                    if round >= PATIENCE {
                        self.seek(who, whom).await;
                    }
                    let knows = self.world.talks(who, whom) && self.world.talks(whom, who);
                    if knows && !greeted.contains(&(who, whom)) && self.send(who, whom) {
                        greeted.insert((who, whom));
                    }
                }
                self.world.run_for(MINUTE).await;
                unsettled = self.unsettled(before);
                if greeted.len() == pairs().count() && unsettled.is_empty() {
                    break;
                }
            }
            self.watch_pins()?;
            self.world.jump(10 * MINUTE).await;
        }
        self.watch_pins()?;
        for who in 0..PEOPLE {
            let person = &self.world.people[who];
            check(person.app.stage == StageView::Ready, || {
                format!("somebody is not ready: {who} is {:?}", person.app.stage)
            })?;
        }
        let apart = self.apart();
        check(greeted.len() == pairs().count(), || {
            format!("not everybody can talk: {apart:?}")
        })?;
        check(unsettled.is_empty(), || {
            format!("never settled: {unsettled:?}")
        })?;
        for (who, whom) in pairs() {
            self.check_conversation(who, whom)?;
        }
        for (victim, thief) in self.thieves.clone() {
            self.check_thief(victim, thief)?;
        }
        self.figures.sequences = 1;
        self.figures.pushed = self.world.pushed;
        self.figures.false_answers = self.world.false_answers;
        self.figures.dropped = self.world.faults.dropped;
        Ok(self.figures)
    }

    /// Who does not know whom, and how far they are.
    fn apart(&self) -> Vec<String> {
        let mut apart = Vec::new();
        for (who, whom) in pairs() {
            let identity = self.world.people[whom].identity;
            let app = &self.world.people[who].app;
            let conversations = app.conversations.iter().map(|known| &known.contact);
            let requests = app.requests.iter().map(|known| &known.contact);
            let known = conversations
                .chain(requests)
                .find(|known| Some(known.identity) == identity);
            let state = known.map(|known| known.state);
            if state != Some(ContactState::Accepted) {
                apart.push(format!("{who} has {whom} as {state:?}"));
            }
        }
        apart
    }

    fn are_all_there(&self) -> bool {
        (0..PEOPLE).all(|who| {
            let person = &self.world.people[who];
            person.loss.is_none() && person.app.stage == StageView::Ready
        })
    }

    /// Whether somebody lost a device or had to take the identity back, so that not all of it is there.
    pub(crate) fn has_forgotten(&self, who: usize) -> bool {
        let person = &self.world.people[who];
        person.restored > 0 || person.recovered > 0
    }

    /// Messages whose fate their sender does not know, and clients that are not connected. What was said in the end
    /// must arrive, whatever was before.
    fn unsettled(&mut self, before: usize) -> Vec<String> {
        let mut unsettled = Vec::new();
        for who in 0..PEOPLE {
            let connection = &self.world.people[who].app.connection;
            if *connection != ConnectionView::Online {
                unsettled.push(format!("{who} is {connection:?}"));
            }
        }
        for (who, whom) in pairs() {
            if self.is_behind(who, whom) {
                unsettled.push(format!("{who} has other records of {whom} than {whom}"));
            }
            let conversation = self.world.conversation(who, whom);
            let is_excused = self.is_lossy || self.has_forgotten(who) || self.has_forgotten(whom);
            // What nobody reads, like a receipt, is offered again for days: what it leaves open closes in the end.
            let has_failed = conversation
                .iter()
                .any(|entry| matches!(entry.delivery, Some(DeliveryView::Failed { .. })));
            if !is_excused && !has_failed {
                let theirs = self.world.conversation(whom, who);
                let is_gap = |entry: &EntryView| matches!(entry.body, BodyView::Gap { .. });
                if theirs.iter().any(is_gap) {
                    unsettled.push(format!("{whom} misses something of {who}"));
                }
            }
            for (index, said) in self.said.iter().enumerate() {
                if (said.from, said.to) != (who, whom) {
                    continue;
                }
                let entry = find(&conversation, said);
                let delivery = entry.and_then(|entry| entry.delivery.clone());
                let is_settled = match delivery {
                    Some(DeliveryView::Delivered | DeliveryView::Read) => true,
                    Some(DeliveryView::Failed { .. }) => index < before,
                    Some(DeliveryView::OnTheirNode) | None => index < before && is_excused,
                    _ => false,
                };
                if !is_settled {
                    unsettled.push(format!("{:?} {delivery:?}", said.text));
                }
            }
        }
        unsettled
    }

    fn check_conversation(&mut self, who: usize, whom: usize) -> Result<(), Violation> {
        let theirs = self.world.conversation(whom, who);
        let mine = self.world.conversation(who, whom);
        let is_forgetful = self.has_forgotten(who) || self.has_forgotten(whom);
        let said = self.said.iter();
        let said = said.filter(|said| (said.from, said.to) == (who, whom));
        let said: Vec<Said> = said.cloned().collect();
        for entry in theirs.iter().filter(|entry| !entry.mine) {
            if let BodyView::Text(text) = &entry.body {
                let was_said = text == "hello" || said.iter().any(|said| said.text == *text);
                check(was_said, || {
                    format!("something was invented: {whom} sees {text:?}")
                })?;
            }
        }
        let (mut any_failed, mut lost) = (false, 0);
        for said in &said {
            let is_this =
                |entry: &&EntryView| !entry.mine && entry.body == BodyView::Text(said.text.clone());
            let shown = theirs.iter().filter(is_this).count();
            check(shown <= 1, || {
                format!("shown twice: {whom} sees {:?} {shown} times", said.text)
            })?;
            let delivery = find(&mine, said).and_then(|entry| entry.delivery.clone());
            match delivery {
                Some(DeliveryView::Delivered | DeliveryView::Read) if shown == 1 => {
                    self.figures.read += 1;
                }
                Some(DeliveryView::Delivered | DeliveryView::Read) => {
                    check(is_forgetful, || {
                        let text = &said.text;
                        format!(
                            "believed and not shown: {text:?}, {who} believes that {whom} has it"
                        )
                    })?;
                    self.figures.forgotten += 1;
                }
                Some(DeliveryView::Failed { .. }) => {
                    any_failed = true;
                    self.figures.failed += 1;
                }
                _ if shown == 1 => self.figures.read += 1,
                _ if is_forgetful => self.figures.forgotten += 1,
                _ => lost += 1,
            }
            self.figures.checks += 3;
        }
        self.figures.lost += lost;
        if is_forgetful {
            return Ok(());
        }
        let gaps = theirs.iter().filter_map(|entry| match entry.body {
            BodyView::Gap { missing } => Some(missing),
            _ => None,
        });
        let missing: u64 = gaps.sum();
        check(missing >= lost, || {
            format!("lost without a trace: {lost} of {who} to {whom}, who misses {missing}")
        })?;
        check(missing == 0 || any_failed || self.is_lossy, || {
            format!("a gap without a loss: {whom} with {who} misses {missing}")
        })?;
        let is_broken = |entry: &EntryView| matches!(entry.body, BodyView::Broken);
        check(!theirs.iter().any(is_broken), || {
            format!("a broken chain: {whom} with {who}")
        })?;
        self.figures.checks += 3;
        Ok(())
    }

    /// A thief is locked out, and has read nothing of those who knew.
    fn check_thief(&mut self, victim: usize, thief: usize) -> Result<(), Violation> {
        for who in (0..PEOPLE).filter(|who| *who != victim) {
            let seen = self.world.conversation(thief, who);
            let secret = self
                .said
                .iter()
                .filter(|said| (said.from, said.to) == (who, victim) && said.knows_recovery);
            for said in secret {
                let is_read = seen
                    .iter()
                    .any(|entry| entry.body == BodyView::Text(said.text.clone()));
                check(!is_read, || {
                    format!("read by a thief: {:?} of {who} to {victim}", said.text)
                })?;
                self.figures.checks += 1;
            }
        }
        let stage = self.world.people[thief].app.stage;
        check(stage == StageView::LockedOut, || {
            format!("a thief goes on: the copy of {victim} is {stage:?}")
        })
    }
}

fn find<'a>(conversation: &'a [EntryView], said: &Said) -> Option<&'a EntryView> {
    let mut mine = conversation.iter().filter(|entry| entry.mine);
    mine.find(|entry| entry.id == said.id)
}
