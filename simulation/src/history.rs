//! A long history as two real clients make it, in a backup file: for measuring pages that restore it.

use client_core::request::{Answer, Request};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

use crate::clock::START;
use crate::sequence::{Violation, check};
use crate::world::World;

/// As many as are said before the world gets time to deliver them.
const ROUND: usize = 100;

/// Time for that.
const PAUSE: u64 = 20_000;

/// What somebody has who has talked for long.
pub struct History {
    /// The backup file.
    pub backup: Vec<u8>,
    /// What opens it.
    pub phrase: String,
    /// The time of the last message.
    pub until: u64,
}

/// Has somebody talk with others, in conversations of so many messages each.
///
/// # Errors
/// When something does not work.
pub fn make(conversations: usize, messages: usize) -> Result<History, Violation> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| Violation(error.to_string()))?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, talk(conversations, messages))
}

async fn talk(conversations: usize, messages: usize) -> Result<History, Violation> {
    let mut world = World::new(1, conversations + 1, 1).await;
    for who in 0..=conversations {
        let name = match who {
            0 => "Alice".to_owned(),
            _ => format!("Friend {who}"),
        };
        let node = Some(world.nodes[0].url.to_string());
        let answer = world.ask(who, Request::CreateIdentity { name, node }).await;
        check(answer == Some(Answer::Done), || {
            format!("creation: {answer:?}")
        })?;
    }
    let mut words = ChaCha8Rng::seed_from_u64(1);
    for friend in 1..=conversations {
        world.meet(friend, 0).await?;
        for number in 0..messages {
            let (from, to) = if number % 3 == 0 {
                (0, friend)
            } else {
                (friend, 0)
            };
            let contact = world.contact(from, to);
            let contact = contact.ok_or_else(|| Violation("nobody to talk to".to_owned()))?;
            let id = world.message_id();
            let text = format!("{number}: {}", sentence(&mut words));
            let request = Request::Send { contact, id, text };
            let answer = world.request(from, request);
            check(answer == Some(Answer::Done), || {
                format!("sending: {answer:?}")
            })?;
            if number % ROUND == ROUND - 1 {
                world.run_for(PAUSE).await;
            }
        }
        world.run_for(10 * PAUSE).await;
        world.read_to_the_end(0);
        let there = world.conversation(0, friend).len();
        check(there >= messages, || format!("{there} of {messages} came"))?;
    }
    // Receipts go out, and what was read is noted.
    world.run_for(10 * PAUSE).await;
    let phrase = world.ask(0, Request::RecoveryPhrase).await;
    let Some(Answer::RecoveryPhrase(phrase)) = phrase else {
        return Err(Violation("no phrase".to_owned()));
    };
    let file = world.ask(0, Request::ExportBackup).await;
    let Some(Answer::File(file)) = file else {
        return Err(Violation(format!("no backup: {file:?}")));
    };
    Ok(History {
        backup: file.bytes,
        phrase: phrase.0,
        until: START.max(world.time(0)),
    })
}

impl World {
    fn read_to_the_end(&mut self, who: usize) {
        for conversation in self.people[who].app.conversations.clone() {
            if let Some(last) = &conversation.last {
                let contact = conversation.contact.number;
                let position = last.position;
                self.request(who, Request::MarkRead { contact, position });
            }
        }
    }
}

/// Some words, as many as people write on average.
fn sentence(rng: &mut ChaCha8Rng) -> String {
    const SYLLABLES: [&str; 24] = [
        "ba", "ler", "mo", "ti", "sun", "ka", "re", "no", "wil", "da", "fo", "gen", "hi", "jor",
        "lu", "pa", "que", "sta", "tru", "vo", "ya", "zen", "cha", "mer",
    ];
    let mut below = |bound: usize| usize::try_from(rng.next_u64() % bound as u64).unwrap_or(0);
    let count = 3 + below(16);
    let word = |below: &mut dyn FnMut(usize) -> usize| {
        let length = 1 + below(3);
        (0..length)
            .map(|_| SYLLABLES[below(SYLLABLES.len())])
            .collect::<String>()
    };
    let words: Vec<String> = (0..count).map(|_| word(&mut below)).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_whole() {
        let history = make(2, 12).map_err(|violation| violation.0).unwrap();
        assert!(history.backup.len() > 10_000, "{}", history.backup.len());
        assert_eq!(history.phrase.split_whitespace().count(), 12);
        assert!(history.until > START);
    }
}
