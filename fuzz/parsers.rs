//! What is done with hostile bytes in every parser of `shared-crypto`: it must not panic, and what it
//! accepts it must write again as it was.
//!
//! One function a target, named as the target. The fuzzer calls them, and so does the test that replays
//! the corpora.

use std::sync::LazyLock;

use minicbor::{Decode, Encode};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use shared_crypto::base64url;
use shared_crypto::bundle::Bundle;
use shared_crypto::cbor;
use shared_crypto::envelope::{PairSecret, open_acceptance, open_first_contact, open_lane};
use shared_crypto::event::{Body, Content, Event, Name};
use shared_crypto::export::{ExportLine, verify_export};
use shared_crypto::fixtures;
use shared_crypto::forward::open_forward;
use shared_crypto::id::{Hash, IdentityId, MailboxId, MessageId, NodeFingerprint};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::link::{ContactLink, NodeInvite};
use shared_crypto::live::{ClientBinary, ClientFrame, NodeBinary, NodeFrame};
use shared_crypto::lock::{PasskeySlot, PassphraseSlot};
use shared_crypto::login::Login;
use shared_crypto::lookup::{LookupRequest, open_lookup, seal_lookup};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::peer::{DeliverBatch, DeliverResults, PeerRequest};
use shared_crypto::postage::Postage;
use shared_crypto::problem::ProblemCode;
use shared_crypto::record::{Chain, Record};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::rsa_keys::SealingKeyPair;
use shared_crypto::signed::{Payload, Signed};
use shared_crypto::vault::{
    Archive, Manifest, VaultAuth, VaultCall, VaultIndex, VaultKey, VaultOwner, VaultRequest,
    VaultRow, open_chunk, split_rows,
};

const NOW: u64 = 1_790_000_000_000;

/// What is done with hostile bytes.
pub type Target = fn(&[u8]);

/// Every target by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("batches", batches),
    ("bodies", bodies),
    ("boxes", boxes),
    ("chains", chains),
    ("encoding", encoding),
    ("envelopes", envelopes),
    ("exports", exports),
    ("frames", frames),
    ("peers", peers),
    ("signed", signed),
    ("slots", slots),
    ("texts", texts),
    ("vaults", vaults),
];

/// Reads it as a map of the protocol; what is read is written so that it reads the same.
fn is_stable<T>(data: &[u8])
where
    T: for<'b> Decode<'b, ()> + Encode<()> + PartialEq + std::fmt::Debug,
{
    if let Ok(value) = cbor::decode::<T>(data) {
        let written = cbor::encode(&value);
        assert!(written.len() <= data.len(), "writing adds nothing");
        assert_eq!(cbor::decode::<T>(&written).as_ref(), Ok(&value));
    }
}

/// Deterministic CBOR: no prefix of an item is an item, and nothing may follow one.
pub fn encoding(data: &[u8]) {
    if cbor::walk(data).is_ok() {
        if let Some((_, shorter)) = data.split_last() {
            assert!(cbor::walk(shorter).is_err());
        }
        assert!(cbor::walk(&[data, &[0]].concat()).is_err());
    }
}

fn read<T: Payload>(data: &[u8]) {
    if let Ok(object) = Signed::<T>::parse(data) {
        assert_eq!(object.bytes(), data);
    }
}

/// Signed objects of the kind that the first byte says.
pub fn signed(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else {
        return;
    };
    match kind % 6 {
        0 => read::<Record>(data),
        1 => read::<KeyPackage>(data),
        2 => read::<Event>(data),
        3 => {
            read::<NodeDocument>(data);
            let node = NodeUrl::parse("https://node-1.example").unwrap();
            if let Ok(document) = NodeDocument::verify(data, &node, None, NOW) {
                assert_eq!(document.url, node);
            }
        }
        4 => read::<Login>(data),
        _ => read::<PeerRequest>(data),
    }
}

/// A chain of records, each behind its length in two bytes.
pub fn chains(data: &[u8]) {
    let mut records = Vec::new();
    let mut rest = data;
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(*length)).min(after.len());
        let (record, after) = after.split_at(length);
        records.push(record);
        rest = after;
    }
    if let Ok(chain) = Chain::verify(&records) {
        assert_eq!(chain.records(), records);
        assert_eq!(chain.hash_at(chain.number()), Some(chain.head()));
    }
}

/// Bodies of events, by the kind in the first byte, and contents of envelopes.
pub fn bodies(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    if let Ok(body) = Body::decode(u64::from(*kind), rest) {
        assert_eq!(body.kind(), u64::from(*kind));
        if let Ok(written) = body.to_bytes() {
            assert_eq!(Body::decode(u64::from(*kind), &written).as_ref(), Ok(&body));
        }
    }
    if let Ok(content) = Content::parse(rest) {
        assert_eq!(Content::parse(&content.to_bytes()), Ok(content));
    }
}

/// Bundles, and batches between nodes.
pub fn batches(data: &[u8]) {
    is_stable::<Bundle>(data);
    let _ = Bundle::verify(data);
    if let Ok(batch) = DeliverBatch::parse(data) {
        assert_eq!(DeliverBatch::parse(&batch.to_bytes()), Ok(batch));
    }
    if let Ok(results) = DeliverResults::parse(data) {
        assert_eq!(DeliverResults::parse(&results.to_bytes()), Ok(results));
    }
}

/// Requests between nodes: the header, a zero byte, the body.
pub fn peers(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let header = parts.next().unwrap_or_default();
    let body = parts.next().unwrap_or_default();
    let own = NodeFingerprint::from_bytes([7; 32]);
    if let Ok(header) = std::str::from_utf8(header) {
        let _ = PeerRequest::verify(header, body, &own, NOW);
    }
    let _ = PeerRequest::verify_bytes(data, body, &own, NOW);
}

static SEALING: LazyLock<SealingKeyPair> = LazyLock::new(|| fixtures::person(1).1);

/// Envelopes to the recipient of the vectors.
pub fn envelopes(data: &[u8]) {
    let receive = ReceiveKeyPair::from_bytes(&[0xb1; 32]);
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let (sender, recipient) = (
        IdentityId::from_bytes([1; 32]),
        IdentityId::from_bytes([2; 32]),
    );
    let mailbox = MailboxId::from_bytes([0xa1; 32]);
    let pair = PairSecret::from_bytes(&[0x70; 32]);
    assert!(open_lane(data, &sender, &recipient, &mailbox, &receive, &pair).is_err());
    assert!(open_first_contact(data, &recipient, &mailbox, &receive, &SEALING, rng).is_err());
    let _ = open_acceptance(data, &SEALING, rng);
}

/// Forward boxes and lookups to the node of the vectors, and answers to one of its lookups.
pub fn boxes(data: &[u8]) {
    let keys = NodeKeys::from_bytes(&[0xc1; 64]);
    if let Ok(opened) = open_forward(&keys, data) {
        assert!(opened.envelope.len() < data.len());
    }
    let _ = open_lookup(&keys, data);
    let document = document(&keys);
    let request = LookupRequest {
        identity: IdentityId::from_bytes([1; 32]),
        from: 0,
    };
    if let Ok((_, pending)) = seal_lookup(&document, &request, &mut ChaCha20Rng::seed_from_u64(83))
    {
        let _ = pending.open(data);
    }
}

fn document(keys: &NodeKeys) -> NodeDocument {
    NodeDocument {
        url: NodeUrl::parse("https://node-1.example").unwrap(),
        signing_key: keys.signing_public(),
        forward_key: cbor::ByteArray(*keys.forward_public()),
        issued_at: 0,
        expires_at: 1,
        software: String::new(),
        registration: shared_crypto::node_document::Registration::Open,
        retention_seconds: 0,
        quota_bytes: 0,
        quota_count: 0,
        postage_bits: 0,
        name: None,
        closing_at: None,
        vault_quota_bytes: None,
    }
}

/// Frames of the live socket, of both sides.
pub fn frames(data: &[u8]) {
    if let Ok(frame) = ClientBinary::parse(data) {
        assert_eq!(frame.encode(), data);
    }
    if let Ok(frame) = NodeBinary::parse(data) {
        let written = frame.encode();
        // A problem code of a later version is read as `internal`, and nothing else is lost.
        let same = NodeBinary::parse(&written).is_ok_and(|again| again == frame);
        assert!(same);
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(frame) = ClientFrame::parse(text) {
        assert_eq!(ClientFrame::parse(&frame.to_text()), Ok(frame));
    }
    if let Ok(frame) = NodeFrame::parse(text) {
        assert_eq!(NodeFrame::parse(&frame.to_text()), Ok(frame));
    }
}

/// Slots of a lock, as whoever has the browser's files may have left them.
pub fn slots(data: &[u8]) {
    // Opening one takes as long as it says: its bounds are what matters.
    if let Ok(slot) = PassphraseSlot::parse(data) {
        assert_eq!(PassphraseSlot::parse(&slot.to_bytes()).as_ref(), Ok(&slot));
        assert!(slot.memory <= 262_144 && slot.passes <= 16);
    }
    if let Ok(slot) = PasskeySlot::parse(data) {
        assert_eq!(PasskeySlot::parse(&slot.to_bytes()).as_ref(), Ok(&slot));
        let _ = slot.open(&[0x0f; 32]);
    }
}

/// Everything that is read from text.
pub fn texts(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        if let Some(postage) = data
            .first_chunk()
            .and_then(|bytes| Postage::from_bytes(bytes).ok())
        {
            let (mailbox, id) = (
                MailboxId::from_bytes([1; 32]),
                MessageId::from_bytes([2; 16]),
            );
            let _ = postage.verify(&mailbox, &id, data, 12);
        }
        return;
    };
    if let Ok(url) = NodeUrl::parse(text) {
        assert_eq!(url.as_str(), text);
        assert!(!url.host().is_empty());
    }
    if let Ok(link) = ContactLink::parse(text) {
        let written = link.to_string();
        assert_eq!(
            ContactLink::parse(&written).map(|link| link.to_string()),
            Ok(written)
        );
    }
    if let Ok(invite) = NodeInvite::parse(text) {
        assert_eq!(NodeInvite::parse(&invite.to_string()), Ok(invite));
        assert!(ContactLink::parse(text).is_err(), "nobody and somebody");
    }
    if let Ok(bytes) = base64url::decode(text) {
        assert_eq!(base64url::encode(&bytes), text);
    }
    if let Ok(postage) = Postage::parse(text) {
        assert_eq!(postage.to_text(), text);
        assert_eq!(Postage::from_bytes(postage.as_bytes()), Ok(postage));
        let _ = postage.kind();
    }
    if let Ok(name) = Name::parse(text) {
        assert_eq!(Name::parse(name.as_str()), Ok(name));
    }
    if let Ok(phrase) = RecoveryPhrase::parse(text) {
        assert_eq!(
            RecoveryPhrase::parse(&phrase.words()).map(|again| *again.entropy()),
            Ok(*phrase.entropy())
        );
    }
    if let Ok(id) = IdentityId::parse(text) {
        assert_eq!(id.to_string(), text);
    }
    if let Ok(hash) = Hash::parse(text) {
        assert_eq!(hash.to_string(), text);
    }
    if let Some(code) = ProblemCode::parse(text) {
        assert_eq!(code.as_str(), text);
    }
}

/// Exported conversations, whole and line by line.
pub fn exports(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Err(error) = verify_export(text) {
        assert!(error.line <= text.lines().count().max(1));
    }
    for line in text.lines() {
        if let Ok(line) = serde_json::from_str::<ExportLine>(line) {
            let written = serde_json::to_string(&line).unwrap();
            assert_eq!(serde_json::from_str::<ExportLine>(&written).unwrap(), line);
        }
    }
}

static VAULT: LazyLock<VaultAuth> =
    LazyLock::new(|| VaultAuth::of(&RecoveryPhrase::from_entropy(&[0xe0; 16])));

/// Everything that a node or a file gives of the vault of the vectors, by the first byte.
pub fn vaults(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else {
        return;
    };
    let vault = VAULT.vault();
    let key = VaultKey::from_bytes(&[0x77; 32]);
    match kind % 7 {
        0 => {
            read::<Manifest>(data);
            if let Ok(manifest) = Manifest::verify(data, &vault) {
                let _ = manifest.open_index(&key);
                let _ = manifest.open(&[0x55; 32]);
            }
        }
        1 => {
            read::<VaultRequest>(data);
            if let Ok(header) = std::str::from_utf8(data) {
                let node = NodeUrl::parse("https://node-0.example").unwrap();
                let call = VaultCall::ReadManifest;
                let _ = VaultRequest::verify(header, &node, &vault, call, None, NOW);
            }
        }
        2 => read::<VaultOwner>(data),
        3 => {
            if let Ok(archive) = Archive::verify(data, &vault) {
                let again = Archive::to_bytes(&archive.manifest, &archive.chunks);
                assert_eq!(again, data);
            }
        }
        4 => {
            is_stable::<VaultRow>(data);
            if let Ok(rows) = split_rows(data) {
                let written: Vec<u8> = rows.iter().flat_map(cbor::encode).collect();
                assert_eq!(split_rows(&written).as_ref(), Ok(&rows));
            }
        }
        5 => {
            is_stable::<VaultIndex>(data);
            if let Ok(index) = cbor::decode::<VaultIndex>(data) {
                assert!(index.live_sections().count() <= index.sections.len());
            }
        }
        _ => {
            let _ = open_chunk(&key, &vault, data);
        }
    }
}
