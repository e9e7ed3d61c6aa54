//! The family of bodies of events at their bounds.

use serde_json::json;
use shared_crypto::event::Body;

use crate::family::{Family, hex};

/// A CBOR head of a major type.
fn head(major: u8, value: usize) -> Vec<u8> {
    let major = major << 5;
    match value {
        0..=23 => vec![major | u8::try_from(value).expect("small")],
        24..=0xff => vec![major | 24, u8::try_from(value).expect("small")],
        _ => {
            let bytes = u16::try_from(value).expect("short").to_be_bytes();
            [&[major | 25], bytes.as_slice()].concat()
        }
    }
}

fn text(length: usize) -> Vec<u8> {
    [head(3, length), vec![b'a'; length]].concat()
}

fn bytes(length: usize) -> Vec<u8> {
    [head(2, length), vec![5; length]].concat()
}

fn id() -> Vec<u8> {
    [head(2, 16), vec![1; 16]].concat()
}

fn ids(count: usize) -> Vec<u8> {
    [head(4, count), id().repeat(count)].concat()
}

/// A map of these values under keys from 0 on.
fn map(values: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = head(5, values.len());
    for (key, value) in values.iter().enumerate() {
        bytes.extend(head(0, key));
        bytes.extend(value);
    }
    bytes
}

pub fn body() -> Family {
    let mut family = Family::new("body", "Bodies of events, protocol §7, at their bounds.");
    let mailbox = || [head(2, 32), vec![3; 32]].concat();
    let year = [vec![0x1a], 31_536_000_u32.to_be_bytes().to_vec()].concat();
    let over_a_year = [vec![0x1a], 31_536_001_u32.to_be_bytes().to_vec()].concat();
    let only_read = [head(5, 1), head(0, 1), ids(512)].concat();
    let with_newer = [head(5, 2), head(0, 0), text(1), vec![0x18, 0x40, 0xf5]].concat();
    let with_unknown = [head(5, 2), head(0, 0), text(1), vec![0x18, 0x3f, 0xf5]].concat();
    for (name, kind, body) in [
        ("shortest text", 1, map(&[text(1)])),
        ("longest text", 1, map(&[text(16_384)])),
        ("text with a key of a later version", 1, with_newer),
        ("shortest reply", 2, map(&[text(1), id()])),
        ("reaction taken back", 3, map(&[id(), text(0)])),
        ("longest reaction", 3, map(&[id(), text(64)])),
        ("longest edit", 4, map(&[id(), text(16_384)])),
        ("delete", 5, map(&[id()])),
        ("512 delivered", 6, map(&[ids(512)])),
        ("512 read", 6, only_read),
        ("256 of both", 6, map(&[ids(256), ids(256)])),
        ("typing", 7, map(&[])),
        ("profile", 8, map(&[text(64)])),
        ("record update", 9, map(&[])),
        ("mailbox update", 10, map(&[mailbox()])),
        ("timer for ever", 11, map(&[vec![0]])),
        ("timer of a year", 11, map(&[year])),
        (
            "first contact",
            12,
            map(&[text(1), mailbox(), text(16_384)]),
        ),
        (
            "first contact with a pass",
            12,
            map(&[text(1), mailbox(), text(1), bytes(8)]),
        ),
        ("acceptance", 13, map(&[text(1), mailbox()])),
        ("reintroduction", 14, map(&[text(1), mailbox()])),
        ("a kind that is not known", 200, map(&[ids(3)])),
    ] {
        Body::decode(kind, &body).expect("a body");
        family.valid(name, json!({"kind": kind, "body": hex(body)}), json!({}));
    }
    for (name, reason, error, kind, body) in [
        ("empty text", "1 byte at least", "Shape", 1, map(&[text(0)])),
        (
            "long text",
            "16,384 bytes at most",
            "Shape",
            1,
            map(&[text(16_385)]),
        ),
        ("no text", "it is required", "Shape", 1, map(&[])),
        ("bytes for a text", "a text", "Shape", 1, map(&[id()])),
        (
            "text with an unknown key",
            "63 is not known",
            "Shape",
            1,
            with_unknown,
        ),
        (
            "empty reply",
            "1 byte at least",
            "Shape",
            2,
            map(&[text(0), id()]),
        ),
        (
            "reply to nothing",
            "the id is required",
            "Shape",
            2,
            map(&[text(1)]),
        ),
        (
            "long reaction",
            "64 bytes at most",
            "Shape",
            3,
            map(&[id(), text(65)]),
        ),
        (
            "empty edit",
            "1 byte at least",
            "Shape",
            4,
            map(&[id(), text(0)]),
        ),
        (
            "delete of a short id",
            "16 bytes",
            "Shape",
            5,
            map(&[mailbox()]),
        ),
        ("receipt of nothing", "one at least", "Shape", 6, map(&[])),
        (
            "receipt of an empty list",
            "left out when empty",
            "Shape",
            6,
            map(&[ids(0), ids(1)]),
        ),
        (
            "513 delivered",
            "512 together at most",
            "Shape",
            6,
            map(&[ids(513)]),
        ),
        (
            "257 and 256",
            "512 together at most",
            "Shape",
            6,
            map(&[ids(257), ids(256)]),
        ),
        (
            "typing with a field",
            "it has none",
            "Shape",
            7,
            map(&[text(1)]),
        ),
        (
            "long name",
            "64 characters at most",
            "Shape",
            8,
            map(&[text(65)]),
        ),
        (
            "update of a short mailbox",
            "32 bytes",
            "Shape",
            10,
            map(&[id()]),
        ),
        (
            "timer of over a year",
            "31,536,000 at most",
            "Shape",
            11,
            map(&[over_a_year]),
        ),
        (
            "empty first contact",
            "1 byte at least",
            "Shape",
            12,
            map(&[text(1), mailbox(), text(0)]),
        ),
        (
            "first contact with a short pass",
            "8 bytes",
            "Shape",
            12,
            map(&[text(1), mailbox(), text(1), bytes(7)]),
        ),
        (
            "first contact with a long pass",
            "8 bytes",
            "Shape",
            12,
            map(&[text(1), mailbox(), text(1), id()]),
        ),
        (
            "first contact with a text for a pass",
            "bytes",
            "Shape",
            12,
            map(&[text(1), mailbox(), text(1), text(8)]),
        ),
        (
            "acceptance with a pass",
            "it has none",
            "Shape",
            13,
            [
                head(5, 3),
                head(0, 0),
                text(1),
                head(0, 1),
                mailbox(),
                head(0, 3),
                bytes(8),
            ]
            .concat(),
        ),
        (
            "acceptance without a name",
            "1 character at least",
            "Shape",
            13,
            map(&[text(0), mailbox()]),
        ),
        (
            "reintroduction without a mailbox",
            "it is required",
            "Shape",
            14,
            map(&[text(1)]),
        ),
        (
            "trailing byte",
            "bytes after the map",
            "TrailingBytes",
            7,
            vec![0xa0, 0x00],
        ),
        (
            "no CBOR of an unknown kind",
            "a body is CBOR",
            "Unsupported",
            200,
            vec![0xff],
        ),
    ] {
        Body::decode(kind, &body).expect_err(name);
        family.invalid(
            name,
            reason,
            error,
            json!({"kind": kind, "body": hex(body)}),
        );
    }
    family
}
