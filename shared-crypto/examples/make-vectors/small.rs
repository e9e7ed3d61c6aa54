//! Families without envelopes: encoding, hashes, links, postage, phrases, safety numbers.

use data_encoding::BASE64URL_NOPAD;
use serde_json::json;
use shared_crypto::fixtures;
use shared_crypto::id::{IdentityId, MailboxId, MessageId, Pass};
use shared_crypto::link::{ContactLink, NodeInvite};
use shared_crypto::postage::Postage;
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::safety_number::safety_number as digits;

use crate::family::{Family, changed, cut, hex, same, with};
use crate::people::{node_url, person};
use crate::plain;

pub fn encoding() -> Family {
    let mut family = Family::new(
        "encoding",
        "Deterministic CBOR, protocol §2: bytes of one item.",
    );
    for (name, bytes) in [
        ("zero", &[0x00][..]),
        ("one byte integer", &[0x18, 0x18]),
        (
            "largest integer",
            &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        ),
        ("byte string", &[0x43, 1, 2, 3]),
        ("text", &[0x62, 0xc3, 0xbc]),
        ("false", &[0xf4]),
        ("true", &[0xf5]),
        (
            "map with ascending keys",
            &[0xa2, 0x00, 0x80, 0x18, 0x40, 0xa0],
        ),
        (
            "eight levels",
            &[0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x80],
        ),
    ] {
        family.valid(name, json!({"bytes": hex(bytes)}), json!({}));
    }
    for (name, reason, error, bytes) in [
        ("nothing", "no item", "Truncated", &[][..]),
        (
            "cut byte string",
            "fewer bytes than announced",
            "Truncated",
            &[0x43, 1, 2],
        ),
        (
            "cut array",
            "fewer items than announced",
            "Truncated",
            &[0x82, 0x00],
        ),
        (
            "boundless array",
            "a count that no input can hold",
            "Truncated",
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        ),
        (
            "long integer",
            "23 in two bytes",
            "NotShortest",
            &[0x18, 0x17],
        ),
        (
            "long length",
            "a length of 1 in two bytes",
            "NotShortest",
            &[0x58, 0x01, 0x00],
        ),
        (
            "unordered keys",
            "1 before 0",
            "Keys",
            &[0xa2, 0x01, 0x00, 0x00, 0x00],
        ),
        (
            "repeated key",
            "0 twice",
            "Keys",
            &[0xa2, 0x00, 0x00, 0x00, 0x00],
        ),
        (
            "text key",
            "keys are unsigned integers",
            "Keys",
            &[0xa1, 0x61, 0x61, 0x00],
        ),
        ("not UTF-8", "0xff in a text", "NotText", &[0x61, 0xff]),
        (
            "trailing byte",
            "bytes after the item",
            "TrailingBytes",
            &[0x00, 0x00],
        ),
        (
            "negative",
            "negative integers are not used",
            "Unsupported",
            &[0x20],
        ),
        ("tag", "tags are not used", "Unsupported", &[0xc1, 0x00]),
        (
            "float",
            "floats are not used",
            "Unsupported",
            &[0xf9, 0x3c, 0x00],
        ),
        ("null", "absent is left out", "Unsupported", &[0xf6]),
        ("undefined", "absent is left out", "Unsupported", &[0xf7]),
        (
            "indefinite",
            "lengths are definite",
            "Unsupported",
            &[0x9f, 0xff],
        ),
        (
            "nine levels",
            "nested deeper than 8",
            "TooDeep",
            &[0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x80],
        ),
    ] {
        family.invalid(name, reason, error, json!({"bytes": hex(bytes)}));
    }
    family
}

pub fn hashing() -> Family {
    let mut family = Family::new("hashing", "H and KDF of protocol §1.");
    for (ns, bytes) in [
        ("zechat/record/v1", &b""[..]),
        ("zechat/event/v1", b"some bytes"),
    ] {
        let digest = plain::h(ns, bytes);
        let derived = plain::kdf(ns, bytes, &digest, 76);
        family.valid(
            &format!("{ns} over {} bytes", bytes.len()),
            json!({"namespace": ns, "bytes": hex(bytes)}),
            json!({"hash": hex(&digest), "derived": hex(derived)}),
        );
    }
    family
}

pub fn link() -> Family {
    let mut family = Family::new("link", "Contact links and invites to a node, protocol §9.");
    let identity = IdentityId::from_bytes([0x5a; 32]);
    let plain_link = ContactLink {
        node: node_url(1),
        node_mark: [0x3c; 10],
        identity,
        pass: None,
        invite: None,
    };
    let invited = ContactLink {
        invite: Some([7; 16]),
        ..plain_link.clone()
    };
    let (short, long) = (plain_link.to_string(), invited.to_string());
    let (node, id) = (node_url(1).to_string(), hex(identity.as_bytes()));
    let mark = hex([0x3c; 10]);
    family.valid(
        "without invite",
        json!({"link": short}),
        json!({"node": node, "identity": id, "node_mark": mark, "invite": null}),
    );
    family.valid(
        "with invite, white space and a slash",
        json!({"link": format!(" {}\n", long.replace("/i#", "/i/#"))}),
        json!({"node": node, "identity": id, "node_mark": mark, "invite": hex([7; 16])}),
    );
    let passed = |link: &ContactLink| ContactLink {
        pass: Some(Pass::from_bytes([5; 8])),
        ..link.clone()
    };
    let expected = json!({
        "node": node, "identity": id, "node_mark": mark, "pass": hex([5; 8]), "invite": null,
    });
    family.valid(
        "with a pass",
        json!({"link": passed(&plain_link).to_string()}),
        expected.clone(),
    );
    family.valid(
        "with a pass and an invite",
        json!({"link": passed(&invited).to_string()}),
        with(&expected, json!({"invite": hex([7; 16])})),
    );
    // A right checksum over something between two of the lengths.
    let of_length = |length: usize| {
        let body = [&[1], [0x5a; 32].as_slice(), &[0x3c; 10], &vec![5; length]].concat();
        let sum = plain::h("zechat/link/v1", &[node.as_bytes(), &body].concat());
        let bytes = [body.as_slice(), sum.get(..4).expect("a hash")].concat();
        format!("{node}/i#{}", BASE64URL_NOPAD.encode(&bytes))
    };
    let slip = passed(&plain_link).to_string();
    let newer = [&[2], [0x5a; 32].as_slice()].concat();
    let sum = plain::h("zechat/link/v1", &[node.as_bytes(), &newer].concat());
    let newer = [newer.as_slice(), sum.get(..4).expect("a hash")].concat();
    let newer = format!("{node}/i#{}", BASE64URL_NOPAD.encode(&newer));
    for (name, reason, error, text) in [
        (
            "no link",
            "nothing of a link",
            "NotALink",
            "hello".to_owned(),
        ),
        (
            "other path",
            "the path is /i",
            "NotALink",
            short.replace("/i#", "/j#"),
        ),
        (
            "not a node",
            "no such scheme",
            "BadNode",
            short.replace("https", "ftp"),
        ),
        (
            "slip in the host",
            "the checksum covers the node",
            "Typo",
            short.replace("-1.", "-2."),
        ),
        (
            "slip in the id",
            "the checksum covers the id",
            "Typo",
            short.replacen("WlpaW", "WlpaV", 1),
        ),
        (
            "last character lost",
            "cut short",
            "Typo",
            short.chars().take(short.len() - 1).collect(),
        ),
        (
            "nothing after the sign",
            "cut short",
            "Typo",
            format!("{node}/i#"),
        ),
        (
            "slip in the pass",
            "the checksum covers the pass",
            "Typo",
            slip.replacen("BQUFBQ", "BQUGBQ", 1),
        ),
        (
            "pass of seven bytes",
            "no such length",
            "Typo",
            of_length(7),
        ),
        (
            "pass and a token of fifteen bytes",
            "no such length",
            "Typo",
            of_length(23),
        ),
        ("two tokens", "no such length", "Typo", of_length(32)),
        (
            "version 2",
            "a right checksum under another first byte",
            "TooNew",
            newer,
        ),
    ] {
        family.invalid(name, reason, error, json!({"link": text}));
    }
    add_invites(&mut family, &short);
    family
}

/// Invites to a node, which lead to nobody.
fn add_invites(family: &mut Family, contact: &str) {
    let node = node_url(1).to_string();
    let (mark, token) = ([0x3c; 10], [7; 16]);
    let invite = NodeInvite {
        node: node_url(1),
        node_mark: mark,
        token,
    };
    let text = invite.to_string();
    let expected = json!({"node": node, "node_mark": hex(mark), "token": hex(token)});
    family.valid("invite", json!({"invite": text}), expected.clone());
    let spaced = format!("\t{}\n", text.replace("/i#", "/i/#"));
    family.valid(
        "invite, white space and a slash",
        json!({"invite": spaced}),
        expected,
    );
    let summed = |version: u8, token: &[u8]| {
        let body = [&[version], mark.as_slice(), token].concat();
        let sum = plain::h("zechat/link/v1", &[node.as_bytes(), &body].concat());
        let bytes = [body.as_slice(), sum.get(..4).expect("a hash")].concat();
        format!("{node}/i#{}", BASE64URL_NOPAD.encode(&bytes))
    };
    assert_eq!(summed(1, &token), text);
    for (name, reason, error, text) in [
        (
            "invite that is no link",
            "nothing after a node",
            "NotALink",
            node.clone(),
        ),
        (
            "invite to no node",
            "a path before that of the link",
            "BadNode",
            text.replace("/i#", "/x/i#"),
        ),
        (
            "invite with a slip in the host",
            "the checksum covers the node",
            "Typo",
            text.replace("-1.", "-2."),
        ),
        (
            "invite with a slip in the token",
            "the checksum covers the token",
            "Typo",
            text.replacen("BwcH", "BwcI", 1),
        ),
        (
            "invite without a token",
            "a right checksum over too little",
            "Typo",
            summed(1, &[]),
        ),
        (
            "invite with a longer token",
            "a right checksum over too much",
            "Typo",
            summed(1, &[7; 17]),
        ),
        (
            "contact link as an invite",
            "it leads to somebody",
            "Typo",
            contact.to_owned(),
        ),
        (
            "invite of version 2",
            "a right checksum under another first byte",
            "TooNew",
            summed(2, &token),
        ),
    ] {
        family.invalid(name, reason, error, json!({"invite": text}));
    }
    family.invalid(
        "invite as a contact link",
        "it leads to nobody",
        "Typo",
        json!({"link": text}),
    );
}

pub fn postage() -> Family {
    let mut family = Family::new("postage", "Postage, protocol §10.");
    let (mailbox, id) = (
        MailboxId::from_bytes([1; 32]),
        MessageId::from_bytes([2; 16]),
    );
    let envelope = b"the bytes of an envelope";
    let work = Postage::work(&mailbox, &id, envelope, 12, 0);
    let input = json!({
        "mailbox": hex(mailbox.as_bytes()),
        "message_id": hex(id.as_bytes()),
        "envelope": hex(envelope),
        "postage": hex(work.as_bytes()),
        "bits": 12,
    });
    family.valid("twelve bits of work", input.clone(), json!({}));
    let none = hex(Postage::none().as_bytes());
    family.valid(
        "nothing where nothing is wanted",
        with(&input, json!({"postage": none, "bits": 0})),
        json!({}),
    );
    let not_enough = |family: &mut Family, name: &str, reason: &str, fields| {
        family.invalid(name, reason, "NotEnough", with(&input, fields));
    };
    not_enough(
        &mut family,
        "no work",
        "the mailbox wants postage",
        json!({"postage": none}),
    );
    not_enough(
        &mut family,
        "too little",
        "fewer zero bits",
        json!({"bits": 40}),
    );
    let other = hex([9; 32]);
    not_enough(
        &mut family,
        "other mailbox",
        "bound to the mailbox",
        json!({"mailbox": other}),
    );
    let other = hex([9; 16]);
    not_enough(
        &mut family,
        "other id",
        "bound to the message id",
        json!({"message_id": other}),
    );
    let other = hex(b"The bytes of an envelope");
    not_enough(
        &mut family,
        "other envelope",
        "bound to the envelope",
        json!({"envelope": other}),
    );
    let spoilt = |at: usize, value: u8| {
        let mut bytes = *work.as_bytes();
        bytes
            .get_mut(at)
            .map(|byte| *byte = value)
            .expect("40 bytes");
        json!({"postage": hex(bytes)})
    };
    let input = &input;
    family.invalid(
        "used filler",
        "bytes not used are zero",
        "PostageError",
        with(input, spoilt(9, 1)),
    );
    family.invalid(
        "unknown kind",
        "kinds are 0, 1 and 2",
        "PostageError",
        with(input, spoilt(0, 3)),
    );
    family
}

pub fn recovery() -> Family {
    let mut family = Family::new("recovery", "Recovery phrases, protocol §16 and §4.");
    for entropy in [[0; 16], [0x7f; 16], [0xff; 16], *b"sixteen bytes !!"] {
        let phrase = RecoveryPhrase::from_entropy(&entropy);
        let seed = |ns: &str| plain::kdf(ns, &entropy, &plain::h(ns, &[]), 32);
        let public = phrase.recovery_key().public();
        let commitment = plain::h("zechat/recovery-commitment/v1", public.as_bytes());
        family.valid(
            phrase.words().split(' ').next_back().expect("a word"),
            json!({"words": phrase.words().as_str()}),
            json!({
                "entropy": hex(entropy),
                "recovery_seed": hex(seed("zechat/recovery-key/v1")),
                "recovery_public": hex(public.as_bytes()),
                "commitment": hex(commitment),
                "vault_half": hex(seed("zechat/vault-half/v1")),
            }),
        );
    }
    let zoo = "zoo ".repeat(11);
    for (name, reason, error, words) in [
        ("eleven words", "a phrase has 12", "Count(11)", zoo.clone()),
        (
            "wrong checksum",
            "the last word does not fit",
            "Checksum",
            format!("{zoo}zoo"),
        ),
        (
            "unknown word",
            "not in the list",
            "UnknownWord(12)",
            format!("{zoo}wromg"),
        ),
    ] {
        family.invalid(name, reason, error, json!({"words": words}));
    }
    family
}

fn digits_of(a: u8, b: u8) -> String {
    let (a, b) = (person(a), person(b));
    digits(
        (&a.id(), a.chain.signing_key()),
        (&b.id(), b.chain.signing_key()),
    )
}

pub fn safety_number() -> Family {
    let mut family = Family::new("safety-number", "Safety numbers, protocol §15.");
    for (first, second) in [(0u8, 1u8), (1, 0), (0, 2)] {
        let modulus = |number: u8| {
            hex(fixtures::signing_key(usize::from(number))
                .public()
                .modulus())
        };
        family.valid(
            &format!("person {first} and person {second}"),
            json!({
                "a_identity": hex(person(first).id().as_bytes()),
                "a_key": modulus(first),
                "b_identity": hex(person(second).id().as_bytes()),
                "b_key": modulus(second),
            }),
            json!({"digits": digits_of(first, second)}),
        );
    }
    refuse_sides(&mut family);
    family
}

/// What is no identity or no key of one: no digits are shown for it.
fn refuse_sides(family: &mut Family) {
    let base = "person 0 and person 1";
    let modulus = fixtures::signing_key(1).public().modulus().to_vec();
    // The last 256 bytes are odd; the first of them is set so that it is a number of 2048 bits.
    let mut short: Vec<u8> = modulus.iter().rev().take(256).rev().copied().collect();
    if let Some(first) = short.first_mut() {
        *first |= 0x80;
    }
    let longer = [&[0x80], vec![0x5a; 511].as_slice(), &[0x01]].concat();
    let last = modulus.len().saturating_sub(1);
    for (name, reason, error, fields) in [
        (
            "key of 2048 bits",
            "fewer than 3072",
            "Size",
            json!({"b_key": hex(short)}),
        ),
        (
            "key of more than 4096 bits",
            "4104 of them",
            "Size",
            json!({"b_key": hex(longer)}),
        ),
        (
            "even key",
            "no product of two primes",
            "Modulus",
            json!({"b_key": changed(base, last, 1)}),
        ),
        (
            "key with a zero byte before it",
            "a second spelling of it",
            "Modulus",
            json!({"b_key": hex([&[0], modulus.as_slice()].concat())}),
        ),
        ("no key", "nothing", "Size", json!({"b_key": cut(base, 0)})),
        (
            "identity of 31 bytes",
            "an id has 32",
            "Length",
            json!({"b_identity": cut(base, 31)}),
        ),
        (
            "first identity of 31 bytes",
            "an id has 32",
            "Length",
            json!({"a_identity": cut(base, 31)}),
        ),
    ] {
        let rest = json!({
            "a_identity": same(base), "a_key": same(base), "b_identity": same(base), "b_key": same(base),
        });
        family.invalid(name, reason, error, with(&rest, fields));
    }
}
