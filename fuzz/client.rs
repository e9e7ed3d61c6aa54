//! What a client does with hostile frames of its own node, with whom it has an identity: it must not
//! panic, not break its store, and not show a message that nobody sent.

use std::cell::RefCell;

use client_core::client::Client;
use client_core::driver::{Action, Event, Frame, Output};
use client_core::memory::MemoryStore;
use client_core::request::Request;
use client_core::view::StageView;
use pollster::block_on;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use shared_crypto::cbor::ByteArray;
use shared_crypto::fixtures;
use shared_crypto::id::Nonce;
use shared_crypto::live::NodeFrame;
use shared_crypto::node_document::{NodeDocument, Registration};
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::node_url::NodeUrl;

pub(crate) const NOW: u64 = 1_790_000_000_000;

thread_local! {
    /// What a client with an identity has stored.
    static STORED: RefCell<Option<MemoryStore>> = const { RefCell::new(None) };
}

/// Frames, each behind a byte for its kind and its length in two: text, or binary.
pub fn client(data: &[u8]) {
    let store = stored();
    let rng = &mut ChaCha20Rng::seed_from_u64(3);
    let (mut client, _) = block_on(Client::open(store, NOW, rng)).unwrap();
    let before = client.view();
    block_on(client.event(Event::Opened(url()), NOW, rng));
    let challenge = NodeFrame::Challenge {
        nonce: Nonce::from_bytes([7; 32]),
        url: url(),
        fingerprint: keys().fingerprint(),
    };
    let welcome = NodeFrame::Welcome {
        cursor: 0,
        time: NOW,
        closing_at: None,
    };
    for frame in [challenge, welcome] {
        let frame = Frame::Text(frame.to_text());
        block_on(client.event(Event::Frames(url(), vec![frame]), NOW, rng));
    }
    let mut rest = data;
    while let Some(([kind, high, low], after)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (frame, after) = after.split_at(length);
        rest = after;
        let frame = match (kind % 2, std::str::from_utf8(frame)) {
            (0, Ok(text)) => Frame::Text(text.to_owned()),
            _ => Frame::Binary(frame.to_vec()),
        };
        block_on(client.event(Event::Frames(url(), vec![frame]), NOW, rng));
    }
    block_on(client.event(Event::Wake, NOW + 60_000, rng));
    assert!(!client.broken());
    let after = client.view();
    assert_eq!(after.stage, StageView::Ready);
    assert_eq!(after.conversations.len(), before.conversations.len());
    assert_eq!(after.requests.len(), before.requests.len());
}

/// A store of its own of a client that has an identity.
pub(crate) fn stored() -> MemoryStore {
    STORED.with_borrow_mut(|stored| stored.get_or_insert_with(create).snapshot())
}

/// Its node.
pub(crate) fn url() -> NodeUrl {
    NodeUrl::parse("https://node-1.example").unwrap()
}

/// The keys of that node.
pub(crate) fn keys() -> NodeKeys {
    NodeKeys::from_bytes(&[0xc1; 64])
}

/// Makes an identity as a driver would, on a node that agrees to everything.
fn create() -> MemoryStore {
    let store = MemoryStore::new();
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let (mut client, _) = block_on(Client::open(store.clone(), NOW, rng)).unwrap();
    let request = Request::CreateIdentity {
        name: "Ada".into(),
        node: Some(url().to_string()),
    };
    let mut outputs = vec![block_on(client.request(1, request, NOW, rng))];
    while let Some(output) = outputs.pop() {
        for event in reactions(output) {
            outputs.push(block_on(client.event(event, NOW, rng)));
        }
    }
    assert_eq!(client.view().stage, StageView::Ready);
    store
}

fn reactions(output: Output) -> Vec<Event> {
    let reaction = |action| match action {
        Action::Http {
            call, put: None, ..
        } => Some(Event::Http {
            call,
            answer: Some((200, document())),
        }),
        Action::Http { call, .. } => Some(Event::Http {
            call,
            answer: Some((201, Vec::new())),
        }),
        Action::MakeSigningKey => Some(Event::SigningKey(Box::new(fixtures::person(0).0))),
        Action::MakeSealingKey => Some(Event::SealingKey(Box::new(fixtures::person(0).1))),
        _ => None,
    };
    output.actions.into_iter().filter_map(reaction).collect()
}

/// What that node says of itself.
pub(crate) fn document() -> Vec<u8> {
    let keys = keys();
    let document = NodeDocument {
        url: url(),
        signing_key: keys.signing_public(),
        forward_key: ByteArray(*keys.forward_public()),
        issued_at: NOW,
        expires_at: NOW + 86_400_000,
        software: "zechat-node".into(),
        registration: Registration::Open,
        retention_seconds: 1_814_400,
        quota_bytes: 1 << 26,
        quota_count: 10_000,
        postage_bits: 0,
        name: None,
        closing_at: None,
        vault_quota_bytes: None,
    };
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    document.sign(&keys, rng).unwrap().bytes().to_vec()
}
