//! What a client does with hostile words that a person pasted, and with what nodes answer over HTTP: it must
//! not panic, not break its store, and stay who it is.

use client_core::client::Client;
use client_core::driver::{Action, Event, Output};
use client_core::memory::MemoryStore;
use client_core::request::{Request, Secret};
use client_core::view::StageView;
use pollster::block_on;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use shared_crypto::fixtures;
use shared_crypto::recovery::RecoveryPhrase;

use super::client::{NOW, stored, url};

/// More answers than that are of no interest.
const ANSWERS: usize = 64;

/// A byte for what is asked, words up to a zero byte, and then answers: each behind a byte for its status
/// and its length in two. When there are no more, nobody answers.
pub fn answers(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else {
        return;
    };
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let words = parts.next().unwrap_or_default();
    let mut rest = parts.next().unwrap_or_default();
    let words = String::from_utf8_lossy(words).into_owned();
    let phrase = Secret(
        RecoveryPhrase::from_entropy(&[0xe0; 16])
            .words()
            .to_string(),
    );
    let passphrase = Secret::default();
    let node = words.clone();
    let (store, request) = match kind % 9 {
        0 => (stored(), Request::LookUpNode { node }),
        1 => (stored(), Request::AddNode { node }),
        2 => (stored(), Request::OpenLink { link: words }),
        3 => {
            let from = url().to_string();
            (stored(), Request::Move { from, to: words })
        }
        4 => (
            stored(),
            Request::ConfirmPhrase {
                phrase: Secret(words),
                passphrase,
            },
        ),
        5 => {
            let (name, node) = ("Ada".to_owned(), Some(words));
            (MemoryStore::new(), Request::CreateIdentity { name, node })
        }
        6 => {
            let restore = Request::Restore {
                phrase,
                passphrase,
                from: words,
            };
            (MemoryStore::new(), restore)
        }
        7 => {
            let recover = Request::Recover {
                phrase,
                passphrase,
                from: words,
                name: "Ada".to_owned(),
                without_vault: kind & 0x80 != 0,
            };
            (MemoryStore::new(), recover)
        }
        _ => {
            let file = std::mem::take(&mut rest).to_vec();
            (
                MemoryStore::new(),
                Request::ImportBackup {
                    file,
                    phrase,
                    passphrase,
                },
            )
        }
    };
    let rng = &mut ChaCha20Rng::seed_from_u64(5);
    let (mut client, _) = block_on(Client::open(store, NOW, rng)).unwrap();
    let before = client.view();
    let mut outputs = vec![block_on(client.request(1, request, NOW, rng))];
    let mut left = ANSWERS;
    while let Some(output) = outputs.pop() {
        for event in reactions(output, &mut rest) {
            if left > 0 {
                left -= 1;
                outputs.push(block_on(client.event(event, NOW, rng)));
            }
        }
    }
    block_on(client.event(Event::Wake, NOW + 60_000, rng));
    assert!(!client.broken());
    let after = client.view();
    if before.stage == StageView::Ready {
        assert_eq!(after.stage, StageView::Ready);
        assert_eq!(
            after.me.map(|me| me.identity),
            before.me.map(|me| me.identity)
        );
        assert_eq!(after.conversations.len(), before.conversations.len());
    }
}

fn reactions(output: Output, rest: &mut &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    for action in output.actions {
        match action {
            Action::Http { call, .. } => {
                let answer = next_answer(rest);
                events.push(Event::Http { call, answer });
            }
            Action::MakeSigningKey => {
                events.push(Event::SigningKey(Box::new(fixtures::signing_key(0))));
            }
            Action::MakeSealingKey => {
                events.push(Event::SealingKey(Box::new(fixtures::sealing_key(0))));
            }
            _ => {}
        }
    }
    events
}

fn next_answer(rest: &mut &[u8]) -> Option<(u16, Vec<u8>)> {
    let ([status, high, low], after) = rest.split_first_chunk()?;
    let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
    let (body, after) = after.split_at(length);
    *rest = after;
    let status = *[200, 201, 404, 409, 429, 500, 302, 0].get(usize::from(status % 8))?;
    Some((status, body.to_vec()))
}
