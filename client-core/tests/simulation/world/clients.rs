//! What people do, and what their clients want done for it.

use client_core::client::Client;
use client_core::driver::{Action, Event, Frame, Output};
use client_core::request::{Answer, Request, Update};
use client_core::view::{ContactNumber, StageView};
use pollster::block_on;
use rand_core::Rng;
use shared_crypto::fixtures;
use shared_crypto::id::MessageId;
use shared_crypto::node_url::NodeUrl;

use super::network::Happening;
use super::{Act, Who, World};

impl World {
    /// What a person's clock shows.
    pub(super) fn clock_of(&self, who: Who) -> u64 {
        self.now + self.people[who].ahead
    }

    pub(super) fn start(&mut self, who: Who) {
        let (store, now) = (self.people[who].store.clone(), self.clock_of(who));
        let opened = block_on(Client::open(store, now, &mut self.rng));
        let (client, output) = opened.expect("what a client stored can be read back");
        self.people[who].client = Some(client);
        self.output(who, output);
    }

    pub(super) fn act(&mut self, who: Who, act: Act) {
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
    pub(super) fn request(
        &mut self,
        who: Who,
        request: Request,
        act: Option<Act>,
    ) -> Option<Answer> {
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

    pub(super) fn event(&mut self, who: Who, event: Event) {
        let now = self.clock_of(who);
        let Some(client) = self.people[who].client.as_mut() else {
            return;
        };
        let output = block_on(client.event(event, now, &mut self.rng));
        assert!(!client.broken());
        self.output(who, output);
    }

    pub(super) fn output(&mut self, who: Who, output: Output) {
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
            Action::Open(url) => self.open(who, url),
            Action::Close(url) => {
                if let Some(connection) = self.people[who].connections.get(&url) {
                    self.cut(*connection);
                }
            }
            Action::SendText(url, text) => {
                crate::frames::check_frame("ClientFrame", &text);
                self.up(who, &url, Frame::Text(text));
            }
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
