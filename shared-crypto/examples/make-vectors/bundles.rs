//! Families of what carries signed objects: bundles, contents of envelopes, batches between nodes.

use serde_json::json;
use shared_crypto::bundle::Bundle;
use shared_crypto::cbor::{self, Bytes};
use shared_crypto::event::Content;
use shared_crypto::key_package::KeyPackage;
use shared_crypto::peer::{DeliverBatch, DeliverItem, DeliverResult, DeliverResults};
use shared_crypto::problem::ProblemCode;

use crate::family::{Family, cut, hex, with};
use crate::people::{NOW, person, rng};

pub fn bundle() -> Family {
    let mut family = Family::new(
        "bundle",
        "What a node stores and serves of an identity, protocol §14: chain and key package.",
    );
    let (alice, bob) = (person(0), person(1));
    let bundle = Bundle::new(&alice.chain, &alice.package).to_bytes();
    let input = json!({"bundle": hex(&bundle)});
    family.valid(
        "chain and key package",
        input.clone(),
        json!({
            "identity": hex(alice.id().as_bytes()),
            "number": 0,
            "key_package": hex(alice.package.hash().as_bytes()),
            "invite": null,
        }),
    );
    let invited = Bundle::new(&alice.chain, &alice.package).with_invite(Some([0x17; 16]));
    family.valid(
        "with an invite",
        json!({"bundle": hex(invited.to_bytes())}),
        json!({
            "identity": hex(alice.id().as_bytes()),
            "number": 0,
            "key_package": hex(alice.package.hash().as_bytes()),
            "invite": hex([0x17; 16]),
        }),
    );
    let foreign = KeyPackage::create(bob.id(), 1, &bob.receive, NOW, &alice.signing, &mut rng(23))
        .expect("a package");
    let records = || alice.chain.records().iter().cloned().map(Bytes).collect();
    let package = || Bytes(alice.package.bytes().to_vec());
    for (name, reason, error, bytes) in [
        (
            "signed by somebody else",
            "not by the key in force",
            "KeyPackage(Signature)",
            Bundle {
                records: records(),
                key_package: Bytes(bob.package.bytes().to_vec()),
                invite: None,
            }
            .to_bytes(),
        ),
        (
            "somebody else's key package",
            "of another identity",
            "OtherIdentity",
            Bundle {
                records: records(),
                key_package: Bytes(foreign.bytes().to_vec()),
                invite: None,
            }
            .to_bytes(),
        ),
        (
            "no records",
            "there is no genesis",
            "Chain(Empty)",
            Bundle {
                records: Vec::new(),
                key_package: package(),
                invite: None,
            }
            .to_bytes(),
        ),
        (
            "a key package for a record",
            "not a record",
            "Chain(Record(Payload(Shape)))",
            Bundle {
                records: vec![package()],
                key_package: package(),
                invite: None,
            }
            .to_bytes(),
        ),
        ("empty", "no item", "Encoding(Truncated)", Vec::new()),
        (
            "no key package",
            "it is required",
            "Encoding(Shape)",
            vec![0xa1, 0x00, 0x80],
        ),
        ("an array", "a map", "Encoding(Shape)", vec![0x80]),
    ] {
        family.invalid(name, reason, error, json!({"bundle": hex(bytes)}));
    }
    let short = with(
        &input,
        json!({"bundle": cut("chain and key package", 2_000)}),
    );
    family.invalid(
        "cut",
        "fewer bytes than announced",
        "Encoding(Truncated)",
        short,
    );
    family
}

pub fn content() -> Family {
    let mut family = Family::new("content", "The content of an envelope, protocol §7.");
    let alice = person(0);
    let event = Bytes(b"an event, read on its own".to_vec());
    let alone = Content {
        event: event.clone(),
        key_package: None,
        records: None,
    };
    let full = Content {
        event,
        key_package: Some(Bytes(alice.package.bytes().to_vec())),
        records: Some(alice.chain.records().iter().cloned().map(Bytes).collect()),
    };
    for (name, content) in [("an event alone", &alone), ("all of it", &full)] {
        let records = content.records.iter().flatten().map(hex);
        family.valid(
            name,
            json!({"content": hex(content.to_bytes())}),
            json!({
                "event": hex(&content.event),
                "key_package": content.key_package.as_ref().map(hex),
                "records": records.collect::<Vec<_>>(),
            }),
        );
    }
    for (name, reason, error, bytes) in [
        ("empty", "no item", "Truncated", &[][..]),
        ("no event", "it is required", "Shape", &[0xa0]),
        (
            "a text",
            "a byte string",
            "Shape",
            &[0xa1, 0x00, 0x61, b'x'],
        ),
        (
            "records without a list",
            "an array",
            "Shape",
            &[0xa2, 0x00, 0x40, 0x02, 0x40],
        ),
        (
            "unknown key",
            "3 is not known",
            "Shape",
            &[0xa2, 0x00, 0x40, 0x03, 0x00],
        ),
        (
            "null",
            "absent is left out",
            "Unsupported",
            &[0xa2, 0x00, 0x40, 0x01, 0xf6],
        ),
        (
            "padding inside",
            "bytes after the map",
            "TrailingBytes",
            &[0xa1, 0x00, 0x40, 0x00],
        ),
    ] {
        family.invalid(name, reason, error, json!({"content": hex(bytes)}));
    }
    family
}

pub fn batch() -> Family {
    let mut family = Family::new(
        "batch",
        "Batches between nodes and their results, protocol §14; `of` says which.",
    );
    let item = |item: u64| DeliverItem {
        item,
        forward_box: Bytes(vec![0x5a; 40]),
    };
    let deliver = |count: u64| {
        DeliverBatch {
            items: (0..count).map(item).collect(),
        }
        .to_bytes()
    };
    family.valid(
        "two items",
        json!({"of": "items", "bytes": hex(deliver(2))}),
        json!({"items": [[0, hex([0x5a; 40])], [1, hex([0x5a; 40])]]}),
    );
    let results = DeliverResults {
        items: vec![
            DeliverResult {
                item: 0,
                code: None,
            },
            DeliverResult {
                item: 1,
                code: Some(ProblemCode::MailboxFull),
            },
        ],
    };
    family.valid(
        "two results",
        json!({"of": "results", "bytes": hex(results.to_bytes())}),
        json!({"items": [[0, null], [1, "mailbox_full"]]}),
    );
    let mut newer = cbor::encode(&results);
    // The last text, `mailbox_full`, becomes one that nobody knows.
    if let Some(last) = newer.last_mut() {
        *last = b'x';
    }
    family.valid(
        "a code of a later version",
        json!({"of": "results", "bytes": hex(newer)}),
        json!({"items": [[0, null], [1, "internal"]]}),
    );
    let repeated = DeliverBatch {
        items: vec![item(7), item(7)],
    };
    for (name, reason, error, of, bytes) in [
        (
            "an item twice",
            "numbers are distinct",
            "Shape",
            "items",
            repeated.to_bytes(),
        ),
        ("65 items", "64 at most", "Shape", "items", deliver(65)),
        (
            "no items",
            "key 0 is required",
            "Shape",
            "items",
            vec![0xa0],
        ),
        (
            "a number for a box",
            "a byte string",
            "Shape",
            "items",
            vec![0xa1, 0x00, 0x81, 0xa2, 0x00, 0x00, 0x01, 0x00],
        ),
        (
            "a number for a code",
            "a text",
            "Shape",
            "results",
            vec![0xa1, 0x00, 0x81, 0xa2, 0x00, 0x00, 0x01, 0x00],
        ),
        (
            "boundless array",
            "a count that no input can hold",
            "Truncated",
            "items",
            vec![0xa1, 0x00, 0x9a, 0xff, 0xff, 0xff, 0xff],
        ),
    ] {
        family.invalid(name, reason, error, json!({"of": of, "bytes": hex(bytes)}));
    }
    family
}
