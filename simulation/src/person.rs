//! A person: a real client over a store in memory, and what they said.

use client_core::client::Client;
use client_core::driver::{Event, Output};
use client_core::memory::MemoryStore;
use client_core::request::{Answer, Request, Secret, Update};
use client_core::view::{AppView, ContactNumber, ContactState, EntryView};
use futures_util::FutureExt as _;
use shared_crypto::id::{IdentityId, MessageId};
use zechat_node::clock::Clock as _;

use crate::world::World;

/// Somebody.
#[derive(Default)]
pub(crate) struct Person {
    pub(crate) store: MemoryStore,
    pub(crate) client: Option<Client<MemoryStore>>,
    pub(crate) app: AppView,
    pub(crate) wake_at: Option<u64>,
    /// Rises with each fall: what was meant for an earlier life does not arrive.
    pub(crate) life: u64,
    pub(crate) identity: Option<IdentityId>,
    /// How far their clock is wrong, in milliseconds.
    pub(crate) clock: i64,
    /// What they noted of the identity on paper.
    pub(crate) paper: Paper,
    /// Since when they are without what they had, and how they get it back.
    pub(crate) loss: Option<Loss>,
    /// How often a device was restored, and the identity taken back.
    pub(crate) restored: u64,
    pub(crate) recovered: u64,
    /// Whether this is a thief with a copy, who befriends nobody.
    pub(crate) is_thief: bool,
    calls: u64,
    answers: Vec<(u64, Answer)>,
}

/// What people are told to keep.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paper {
    pub(crate) phrase: Secret,
    pub(crate) link: String,
}

/// The way back to an identity.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Loss {
    /// The request that waits, and in which life of the client.
    pub(crate) asked: Option<(u64, u64)>,
    /// Whether it asks for a recovery, and not for the vault.
    pub(crate) recovers: bool,
    /// How often it was tried, and how often there was no vault.
    pub(crate) tries: usize,
    pub(crate) no_vault: usize,
}

/// A message that a client took on.
#[derive(Debug, Clone)]
pub struct Said {
    /// Who wrote it.
    pub from: usize,
    /// To whom.
    pub to: usize,
    /// Under which id.
    pub id: MessageId,
    /// What it says; no other says the same.
    pub text: String,
    /// Whether who wrote it knew that the other one took the identity back.
    pub knows_recovery: bool,
}

impl World {
    /// What a person's clock shows.
    pub(crate) fn time(&self, who: usize) -> u64 {
        let wrong = self.people[who].clock;
        self.clock.now().saturating_add_signed(wrong)
    }

    pub(crate) fn start_client(&mut self, who: usize) {
        let (store, now) = (self.people[who].store.clone(), self.time(who));
        let opened = Client::open(store, now, &mut self.rng).now_or_never();
        let (client, output) = opened
            .expect("a store in memory does not wait")
            .expect("what a client stored can be read back");
        self.people[who].client = Some(client);
        self.output(who, output);
    }

    /// The client falls over, and starts again after a while.
    pub(crate) fn crash_client(&mut self, who: usize) {
        let person = &mut self.people[who];
        if person.client.take().is_none() {
            return;
        }
        person.life += 1;
        person.wake_at = None;
        self.lines.retain(|_, line| line.who != who);
        let delay = 500 + self.random(20_000);
        self.schedule(delay, crate::world::Happening::StartClient(who));
    }

    pub(crate) fn event(&mut self, who: usize, event: Event) {
        let now = self.time(who);
        let Some(client) = self.people[who].client.as_mut() else {
            return;
        };
        let output = client.event(event, now, &mut self.rng).now_or_never();
        assert!(!client.broken(), "a store in memory does not fail");
        self.output(who, output.expect("a store in memory does not wait"));
    }

    /// Makes a request; its answer, if that came at once. `None` without a client.
    pub(crate) fn request(&mut self, who: usize, request: Request) -> Option<Answer> {
        let call = self.begin(who, request)?;
        self.answer(who, call)
    }

    /// Makes a request whose answer comes later, perhaps.
    pub(crate) fn begin(&mut self, who: usize, request: Request) -> Option<u64> {
        let now = self.time(who);
        let person = &mut self.people[who];
        person.calls += 1;
        let call = person.calls;
        let client = person.client.as_mut()?;
        let output = client
            .request(call, request, now, &mut self.rng)
            .now_or_never();
        self.output(who, output.expect("a store in memory does not wait"));
        Some(call)
    }

    pub(crate) fn answer(&mut self, who: usize, call: u64) -> Option<Answer> {
        let answers = &mut self.people[who].answers;
        let index = answers.iter().position(|(answered, _)| *answered == call)?;
        Some(answers.swap_remove(index).1)
    }

    /// Makes a request and waits for its answer.
    pub(crate) async fn ask(&mut self, who: usize, request: Request) -> Option<Answer> {
        let call = self.begin(who, request)?;
        for _ in 0..120 {
            if let Some(answer) = self.answer(who, call) {
                return Some(answer);
            }
            self.run_for(500).await;
        }
        None
    }

    fn output(&mut self, who: usize, output: Output) {
        let person = &mut self.people[who];
        person.answers.extend(output.answers);
        for update in output.updates {
            if let Update::App(app) = update {
                person.app = app;
            }
        }
        if let Some(me) = &person.app.me {
            person.identity = Some(me.identity);
            person.paper.link.clone_from(&me.link);
        }
        for action in output.actions {
            self.carry_out(who, action);
        }
        // Everybody accepts whoever asks.
        if self.people[who].is_thief {
            return;
        }
        let asking = self.people[who].app.requests.first();
        if let Some(contact) = asking.map(|request| request.contact.number) {
            self.request(who, Request::Accept(contact));
        }
    }

    /// The number under which one person knows another.
    pub(crate) fn contact(&self, who: usize, whom: usize) -> Option<ContactNumber> {
        let identity = self.people[whom].identity?;
        let known = self.people[who].app.conversations.iter();
        known
            .map(|conversation| &conversation.contact)
            .find(|contact| contact.identity == identity)
            .map(|contact| contact.number)
    }

    /// Whether one person talks with another, as far as the one knows.
    pub(crate) fn talks(&self, who: usize, whom: usize) -> bool {
        let number = self.contact(who, whom);
        let mut known = self.people[who].app.conversations.iter();
        known.any(|known| {
            Some(known.contact.number) == number && known.contact.state == ContactState::Accepted
        })
    }

    /// Whether one person is asked by another and has not answered.
    pub(crate) fn is_asking(&self, who: usize, whom: usize) -> bool {
        let identity = self.people[whom].identity;
        let mut requests = self.people[who].app.requests.iter();
        requests.any(|request| Some(request.contact.identity) == identity)
    }

    /// The whole conversation of one person with another.
    pub(crate) fn conversation(&mut self, who: usize, whom: usize) -> Vec<EntryView> {
        let (Some(contact), mut all, mut before) = (self.contact(who, whom), Vec::new(), None)
        else {
            return Vec::new();
        };
        loop {
            let request = Request::Entries {
                contact,
                before,
                limit: 200,
            };
            let Some(Answer::Entries(mut page)) = self.request(who, request) else {
                return all;
            };
            let Some(first) = page.first() else {
                return all;
            };
            before = Some(first.position);
            page.append(&mut all);
            all = page;
        }
    }

    pub(crate) fn message_id(&mut self) -> MessageId {
        let mut id = [0; 16];
        rand_core::Rng::fill_bytes(&mut self.rng, &mut id);
        MessageId::from_bytes(id)
    }
}
