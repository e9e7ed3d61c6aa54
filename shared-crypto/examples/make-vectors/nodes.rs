//! Families of nodes: documents, requests between them, forward boxes, lookups.

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signer, SigningKey};
use rand_chacha::rand_core::Rng;
use serde_json::{Value, json};
use shared_crypto::cbor;
use shared_crypto::forward::seal_forward;
use shared_crypto::hash::sha256;
use shared_crypto::id::{MailboxId, MessageId};
use shared_crypto::lookup::{LookupAnswer, LookupRequest, open_lookup, seal_lookup};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::peer::PeerRequest;
use shared_crypto::postage::Postage;

use crate::family::{Family, changed, cut, hex, same, with};
use crate::people::{NOW, document, node_keys, node_seed, node_url, person, rng};
use crate::plain;

pub fn node_document() -> Family {
    let mut family = Family::new("node-document", "Node documents, protocol §12.");
    let keys = node_keys(1);
    let described = document(1);
    let signed = described
        .clone()
        .sign(&keys, &mut rng(80))
        .expect("a document");
    let fingerprint = hex(plain::h(
        "zechat/node-key/v1",
        keys.signing_public().as_bytes(),
    ));
    let input = json!({
        "document": hex(signed.bytes()),
        "url": node_url(1).to_string(),
        "fingerprint": fingerprint,
        "now": NOW,
    });
    let expected = json!({
        "fingerprint": fingerprint,
        "forward_key": hex(keys.forward_public()),
        "registration": 0,
        "retention_seconds": 1_814_400,
        "postage_bits": 16,
        "name": "Example",
        "closing_at": null,
        "vault_quota_bytes": null,
    });
    family.valid("of a known key", input.clone(), expected.clone());
    let base = with(&input, json!({"document": same("of a known key")}));
    family.valid(
        "of a key not known",
        with(&base, json!({"fingerprint": null})),
        expected.clone(),
    );
    let closing = NodeDocument {
        name: None,
        closing_at: Some(NOW),
        ..described.clone()
    };
    let closing = closing.sign(&keys, &mut rng(80)).expect("a document");
    family.valid(
        "of a node that closes",
        with(&base, json!({"document": hex(closing.bytes())})),
        with(&expected, json!({"name": null, "closing_at": NOW})),
    );
    let with_vaults = NodeDocument {
        vault_quota_bytes: Some(67_108_864),
        ..described.clone()
    };
    let with_vaults = with_vaults.sign(&keys, &mut rng(80)).expect("a document");
    family.valid(
        "of a node that keeps vaults",
        with(&base, json!({"document": hex(with_vaults.bytes())})),
        with(&expected, json!({"vault_quota_bytes": 67_108_864})),
    );
    add_keys(&mut family, &base, &expected);
    let other = described
        .clone()
        .sign(&node_keys(2), &mut rng(80))
        .expect("a document");
    let impossible = NodeDocument {
        postage_bits: 41,
        ..described
    };
    let impossible = plain::framed(&cbor::encode(&impossible), &[0; 64]);
    for (name, reason, error, fields) in [
        (
            "other URL",
            "not the one that was asked",
            "OtherUrl",
            json!({"url": node_url(2).to_string()}),
        ),
        (
            "other key",
            "not the expected one",
            "OtherKey",
            json!({"fingerprint": hex([0; 32])}),
        ),
        (
            "expired",
            "no longer holds",
            "NotNow",
            json!({"now": NOW.saturating_add(86_400_001)}),
        ),
        (
            "from the future",
            "does not hold yet",
            "NotNow",
            json!({"now": NOW.saturating_sub(300_001)}),
        ),
        (
            "other signer",
            "not by the key it names",
            "Signed(Signature)",
            json!({"document": hex(other.bytes())}),
        ),
        (
            "flipped bit",
            "in the payload",
            "Signed(Signature)",
            json!({"document": changed("of a known key", 60, 1)}),
        ),
        (
            "unknown suite",
            "suite 9",
            "Signed(UnknownSuite(9))",
            json!({"document": changed("of a known key", 0, 8)}),
        ),
        (
            "cut",
            "shorter than announced",
            "Signed(Framing)",
            json!({"document": cut("of a known key", 100)}),
        ),
        (
            "boundless work",
            "41 bits",
            "Signed(Payload(Shape))",
            json!({"document": hex(impossible)}),
        ),
    ] {
        family.invalid(name, reason, error, with(&base, fields));
    }
    family
}

/// Keys that this version does not know, and those that it knows with what they cannot be.
fn add_keys(family: &mut Family, base: &Value, expected: &Value) {
    let known = cbor::encode(&document(1));
    // Twelve keys, 0 to 11, in a map whose head is one byte.
    let with_more = |count: u8, more: &[u8]| {
        let rest = known.get(1..).expect("a map");
        let payload = [&[0xa0 | count], rest, more].concat();
        let input = [plain::prefix("zechat/node/v1").as_slice(), &payload].concat();
        let signature = SigningKey::from_bytes(&node_seed(1)).sign(&input);
        json!({"document": hex(plain::framed(&payload, &signature.to_bytes()))})
    };
    let quota = [0x18, 65, 0x1a, 4, 0, 0, 0];
    let later = [0x18, 66, 0x62, 0xc3, 0xbc];
    family.valid(
        "with a key of a later version",
        with(base, with_more(14, &[&quota[..], &later].concat())),
        with(expected, json!({"vault_quota_bytes": 67_108_864})),
    );
    for (name, reason, error, more) in [
        (
            "a quota in words",
            "the quota of a vault is a number",
            "Signed(Payload(Shape))",
            with_more(13, &[0x18, 65, 0x61, 0x36]),
        ),
        (
            "a quota below zero",
            "negative integers are not used",
            "Signed(Payload(Unsupported))",
            with_more(13, &[0x18, 65, 0x20]),
        ),
        (
            "a quota before the closing",
            "keys ascend",
            "Signed(Payload(Keys))",
            with_more(14, &[&quota[..], &[0x18, 64, 0x00]].concat()),
        ),
        (
            "an unknown key that must not be overlooked",
            "key 12",
            "Signed(Payload(Shape))",
            with_more(13, &[0x0c, 0x00]),
        ),
    ] {
        family.invalid(name, reason, error, with(base, more));
    }
}

pub fn peer() -> Family {
    let mut family = Family::new("peer", "Requests between nodes, protocol §14.");
    let (from, to) = (node_keys(1), node_keys(2).fingerprint());
    let body = b"the body of a request";
    let request =
        PeerRequest::sign(&node_url(1), &from, &to, NOW, body, &mut rng(81)).expect("a request");
    let header = PeerRequest::to_header(&request);
    let input = json!({
        "header": header,
        "body": hex(body),
        "receiver": hex(to.as_bytes()),
        "now": NOW,
    });
    let sender = hex(plain::h(
        "zechat/node-key/v1",
        from.signing_public().as_bytes(),
    ));
    let expected = json!({"sender": node_url(1).to_string(), "fingerprint": sender});
    family.valid("accepted", input.clone(), expected);
    let mut forged = request.bytes().to_vec();
    // The last byte of the body hash, before a signature of 64 bytes.
    if let Some(byte) = forged.iter_mut().rev().nth(64) {
        *byte ^= 1;
    }
    let as_node = document(1).sign(&from, &mut rng(81)).expect("a document");
    for (name, reason, error, fields) in [
        (
            "other body",
            "not the signed one",
            "Body",
            json!({"body": hex(b"another body")}),
        ),
        (
            "other receiver",
            "for another node",
            "OtherReceiver",
            json!({"receiver": hex([0; 32])}),
        ),
        (
            "too late",
            "over 5 minutes",
            "Time",
            json!({"now": NOW.saturating_add(300_001)}),
        ),
        (
            "too early",
            "over 5 minutes",
            "Time",
            json!({"now": NOW.saturating_sub(300_001)}),
        ),
        (
            "flipped bit",
            "in the payload",
            "Signed(Signature)",
            json!({"header": BASE64URL_NOPAD.encode(&forged)}),
        ),
        (
            "a node document",
            "another kind of object",
            "Signed(Payload(Shape))",
            json!({"header": BASE64URL_NOPAD.encode(as_node.bytes())}),
        ),
        (
            "padding",
            "base64url has no padding",
            "Header",
            json!({"header": format!("{header}=")}),
        ),
        (
            "empty",
            "nothing signed",
            "Signed(Framing)",
            json!({"header": ""}),
        ),
    ] {
        family.invalid(name, reason, error, with(&input, fields));
    }
    family
}

pub fn forward() -> Family {
    let mut family = Family::new(
        "forward",
        "Forward boxes, protocol §11. `node_keys` is the seed of the node's signing key, then its private X25519 key.",
    );
    let keys = node_keys(1);
    let (mailbox, id) = (
        MailboxId::from_bytes([0x21; 32]),
        MessageId::from_bytes([0x22; 16]),
    );
    let postage = Postage::invite(&[0x23; 16]);
    let envelope = vec![0x24; 4_096];
    let rng = &mut rng(82);
    let boxed = seal_forward(&document(1), &mailbox, &id, &postage, &envelope, rng).expect("a box");
    let input = json!({"box": hex(&boxed), "node_keys": hex(*keys.to_bytes())});
    family.valid(
        "opens",
        input.clone(),
        json!({
            "mailbox": hex(mailbox.as_bytes()),
            "message_id": hex(id.as_bytes()),
            "postage": hex(postage.as_bytes()),
            "envelope_sha256": hex(sha256(&envelope)),
        }),
    );
    let base = with(&input, json!({"box": same("opens")}));
    let mut other_signer = *keys.to_bytes();
    for byte in other_signer.iter_mut().take(32) {
        *byte ^= 1;
    }
    let mut small_order = boxed.clone();
    for byte in small_order.iter_mut().take(32) {
        *byte = 0;
    }
    for (name, reason, fields) in [
        (
            "other node",
            "not its keys",
            json!({"node_keys": hex(*node_keys(2).to_bytes())}),
        ),
        (
            "other signing key",
            "the fingerprint is in the info",
            json!({"node_keys": hex(other_signer)}),
        ),
        (
            "flipped key",
            "another secret",
            json!({"box": changed("opens", 5, 1)}),
        ),
        (
            "small order",
            "a secret of zeros",
            json!({"box": hex(small_order)}),
        ),
        (
            "flipped ciphertext",
            "the tag does not match",
            json!({"box": changed("opens", 200, 1)}),
        ),
        (
            "cut",
            "no permitted size",
            json!({"box": cut("opens", 4_231)}),
        ),
        ("empty", "no permitted size", json!({"box": ""})),
    ] {
        family.invalid(name, reason, "CannotOpen", with(&base, fields));
    }
    family
}

pub fn lookup() -> Family {
    let mut family = Family::new(
        "lookup",
        "Sealed lookups, protocol §11. `node_keys` is the seed of the node's signing key, then its private X25519 key. \
         `asker_ikm` is what the asker's ephemeral key is derived from (DeriveKeyPair of RFC 9180); with it, the \
         answer is opened too.",
    );
    let (alice, keys) = (person(0), node_keys(1));
    let request = LookupRequest {
        identity: alice.id(),
        from: 0,
    };
    // All that sealing draws.
    let mut ikm = [0; 32];
    rng(83).fill_bytes(&mut ikm);
    let (sealed, _) = seal_lookup(&document(1), &request, &mut rng(83)).expect("a lookup");
    let (_, responder) = open_lookup(&keys, &sealed).expect("a request");
    let answer = LookupAnswer::found(alice.chain.records(), Some(alice.package.bytes()));
    let answer = responder.seal(&answer, &mut rng(84)).expect("an answer");
    let nobody = responder
        .seal(&LookupAnswer::not_found(), &mut rng(85))
        .expect("an answer");
    let signed = document(1).sign(&keys, &mut rng(80)).expect("a document");
    let input = json!({
        "sealed": hex(&sealed),
        "node_keys": hex(*keys.to_bytes()),
        "asker_ikm": hex(ikm),
        "document": hex(signed.bytes()),
        "answer": hex(&answer),
    });
    let asked = json!({"identity": hex(alice.id().as_bytes()), "from": 0});
    let first = alice.chain.records().first().expect("genesis");
    family.valid(
        "found",
        input.clone(),
        with(
            &asked,
            json!({
                "found": true,
                "records": [hex(first)],
                "key_package": hex(alice.package.bytes()),
            }),
        ),
    );
    let base = with(
        &input,
        json!({"sealed": same("found"), "document": same("found"), "answer": same("found")}),
    );
    family.valid(
        "not found",
        with(&base, json!({"answer": hex(&nobody)})),
        with(
            &asked,
            json!({"found": false, "records": [], "key_package": null}),
        ),
    );
    for (name, reason, fields) in [
        (
            "other node",
            "not its keys",
            json!({"node_keys": hex(*node_keys(2).to_bytes())}),
        ),
        (
            "flipped request",
            "the tag does not match",
            json!({"sealed": changed("found", 60, 1)}),
        ),
        (
            "cut request",
            "176 bytes",
            json!({"sealed": cut("found", 175)}),
        ),
        (
            "flipped response nonce",
            "another key",
            json!({"answer": changed("found", 0, 1)}),
        ),
        (
            "flipped answer",
            "the tag does not match",
            json!({"answer": changed("found", 40, 1)}),
        ),
        (
            "cut answer",
            "no permitted size",
            json!({"answer": cut("found", 4_143)}),
        ),
    ] {
        family.invalid(name, reason, "CannotOpen", with(&base, fields));
    }
    family
}
