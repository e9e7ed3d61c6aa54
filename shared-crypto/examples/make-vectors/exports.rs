//! Exported conversations.

use serde_json::json;
use shared_crypto::cbor::Bytes;
use shared_crypto::event::{Body, Event, NO_PREVIOUS, Name, conversation_of};
use shared_crypto::export::{EXPORT_FORMAT, ExportLine, ExportSeal, ExportWriter};
use shared_crypto::hash::hash;
use shared_crypto::id::{Hash, MailboxId, MessageId};
use shared_crypto::live::Base64Bytes;
use shared_crypto::rsa_keys::SigningKeyPair;
use shared_crypto::signed::{Verified, sign};

use crate::family::{Family, hex};
use crate::people::{DEVICE, NOW, Person, person, rng};

/// A case of the file whose lines others change.
const WHOLE: &str = "a conversation";

pub fn export() -> Family {
    let mut family = Family::new(
        "export",
        "Exported conversations, protocol §21, as lines without their line feeds. `{\"of\": case, \"from\": n, \"drop\": \
         k, \"put\": lines}` are the lines of another case, k lines from the n-th on (counted from 0) replaced.",
    );
    let (alice, bob, carol) = (person(0), person(1), person(2));
    let said = Said::by(&alice, &bob);
    let lines = vec![
        head(&alice),
        chain(&alice, "Alice"),
        chain(&bob, "Bob"),
        said.first.clone(),
        said.answer.clone(),
        said.edited.clone(),
        said.receipt.clone(),
        note(&bob),
    ];
    let whole = sealed(&lines, &alice);
    let report = |people, mine, theirs, edited, without_event, missing| {
        json!({
            "identity": hex(alice.id().as_bytes()),
            "exported_at": NOW,
            "people": people,
            "mine": mine,
            "theirs": theirs,
            "edited": edited,
            "without_event": without_event,
            "missing": missing,
        })
    };
    family.valid(WHOLE, json!({"lines": whole}), report(2, 2, 1, 1, 1, 0));
    let nothing = sealed(&lines[..2], &alice);
    family.valid(
        "nothing was said",
        json!({"lines": nothing}),
        report(1, 0, 0, 0, 0, 0),
    );
    let holes: Vec<ExportLine> = [0, 1, 2, 6].map(|index| lines[index].clone()).into();
    family.valid(
        "what came before is not there",
        json!({"lines": sealed(&holes, &alice)}),
        report(2, 1, 0, 0, 0, 2),
    );
    changed_lines(&mut family, &whole);
    sealed_lies(&mut family, &lines, &said, [&alice, &bob, &carol]);
    family
}

/// Lines that were changed after the export was sealed, or are none.
fn changed_lines(family: &mut Family, whole: &[String]) {
    let last = whole.len() - 1;
    let mut invalid =
        |name: &str, reason: &str, error: &str, from: usize, drop, put: Vec<String>| {
            let lines = json!({"of": WHOLE, "from": from, "drop": drop, "put": put});
            family.invalid(name, reason, error, json!({"lines": lines}));
        };
    let replaced = |index: usize, from: &str, to: &str| {
        let line = whole[index].replacen(from, to, 1);
        assert_ne!(line, whole[index], "there is {from}");
        vec![line]
    };
    invalid(
        "no lines",
        "a head comes first",
        "Order",
        0,
        whole.len(),
        vec![],
    );
    invalid("no head", "a head comes first", "Order", 0, 1, vec![]);
    invalid(
        "two heads",
        "a head comes first and only there",
        "Order",
        1,
        0,
        whole[..1].to_vec(),
    );
    invalid(
        "no end",
        "the last line is missing",
        "Order",
        last,
        1,
        vec![],
    );
    invalid(
        "something after the end",
        "the end is the last line",
        "Order",
        last + 1,
        0,
        whole[1..2].to_vec(),
    );
    invalid(
        "no JSON",
        "not JSON",
        "Unreadable",
        3,
        1,
        vec!["{".to_owned()],
    );
    invalid(
        "an empty line",
        "not JSON",
        "Unreadable",
        3,
        0,
        vec![String::new()],
    );
    invalid(
        "another kind of line",
        "no line of this format",
        "Unreadable",
        3,
        1,
        replaced(3, "message", "letter"),
    );
    invalid(
        "an unknown member",
        "a member that this format does not have",
        "Unreadable",
        3,
        1,
        replaced(3, "{", "{\"colour\":1,"),
    );
    invalid(
        "a member twice",
        "a member is there twice",
        "Unreadable",
        3,
        1,
        replaced(3, "\"mine\":true", "\"mine\":true,\"mine\":true"),
    );
    invalid(
        "a member is missing",
        "a member that must be there is not",
        "Unreadable",
        3,
        1,
        replaced(3, "\"mine\":true,", ""),
    );
    invalid(
        "a time with a fraction",
        "times are whole numbers",
        "Unreadable",
        3,
        1,
        replaced(
            3,
            "\"sent_at\":1790000000000",
            "\"sent_at\":1790000000000.0",
        ),
    );
    invalid(
        "padded base64url",
        "base64url has no padding",
        "Unreadable",
        last,
        1,
        replaced(last, "\"}", "=\"}"),
    );
    invalid(
        "a later format",
        "format 2",
        "Newer(2)",
        0,
        1,
        replaced(0, "\"format\":1", "\"format\":2"),
    );
    invalid(
        "another text",
        "the event holds another text",
        "Differs",
        3,
        1,
        replaced(3, "Grüße", "Grüsse"),
    );
    invalid(
        "another time",
        "the event holds another time",
        "Differs",
        3,
        1,
        replaced(3, "\"sent_at\":1790000000000", "\"sent_at\":1790000000001"),
    );
    invalid(
        "another author",
        "the event is of the other one",
        "Event(Sender)",
        3,
        1,
        replaced(3, "\"mine\":true", "\"mine\":false"),
    );
    invalid(
        "another name",
        "the lines are not those that were sealed",
        "Changed",
        2,
        1,
        replaced(2, "Bob", "Rob"),
    );
    invalid(
        "another note",
        "the lines are not those that were sealed",
        "Changed",
        last - 1,
        1,
        replaced(last - 1, "gap", "notice"),
    );
    invalid(
        "a line is left out",
        "the lines are not those that were sealed",
        "Changed",
        last - 1,
        1,
        vec![],
    );
    invalid(
        "lines change places",
        "the lines are not those that were sealed",
        "Changed",
        3,
        2,
        vec![whole[4].clone(), whole[3].clone()],
    );
    invalid(
        "another space",
        "the lines are not those that were sealed",
        "Changed",
        last - 1,
        1,
        replaced(last - 1, "{", "{ "),
    );
    invalid(
        "the chain of the author is missing",
        "whose chain proves it must come before",
        "NoChain",
        2,
        1,
        vec![],
    );
    invalid(
        "a chain twice",
        "each chain is there once",
        "Identity",
        3,
        0,
        whole[2..3].to_vec(),
    );
}

/// What an exporter who lies would seal.
fn sealed_lies(
    family: &mut Family,
    lines: &[ExportLine],
    said: &Said,
    [alice, bob, carol]: [&Person; 3],
) {
    let mut invalid = |name: &str, reason: &str, error: &str, index: usize, line: ExportLine| {
        let mut lines = lines.to_vec();
        lines[index] = line;
        // The lie, what follows it, and a seal over all of it.
        let put = sealed(&lines, alice).split_off(index);
        let lines = json!({"of": WHOLE, "from": index, "drop": put.len(), "put": put});
        family.invalid(name, reason, error, json!({"lines": lines}));
    };
    let mut forged = alice.chain.records().to_vec();
    if let Some(byte) = forged.first_mut().and_then(|record| record.last_mut()) {
        *byte ^= 1;
    }
    let of = |person: &Person, records: &[Vec<u8>]| ExportLine::Chain {
        identity: person.id(),
        name: "Alice".into(),
        records: records.iter().cloned().map(Base64Bytes).collect(),
    };
    invalid(
        "a forged chain",
        "a record's signature is not its key's",
        "Chain(Record(Signature))",
        1,
        of(alice, &forged),
    );
    invalid(
        "no records",
        "a chain has a record at least",
        "Chain(Empty)",
        1,
        of(alice, &[]),
    );
    invalid(
        "the chain of somebody else",
        "the records are another identity's",
        "Identity",
        1,
        of(carol, alice.chain.records()),
    );
    let text = Body::Text("I owe you everything".into());
    let forged = event(bob, alice, 1, NO_PREVIOUS, &text, &alice.signing);
    invalid(
        "a forged event",
        "the signature is not the sender's",
        "Event(Signed(Signature))",
        4,
        line(bob, false, &forged, None),
    );
    let elsewhere = event(bob, carol, 1, NO_PREVIOUS, &text, &bob.signing);
    invalid(
        "said to somebody else",
        "the event was said to another",
        "Event(Recipient)",
        4,
        line(bob, false, &elsewhere, None),
    );
    invalid(
        "said by somebody else",
        "the event is of another sender",
        "Event(Sender)",
        4,
        line(
            bob,
            false,
            &event(carol, alice, 1, NO_PREVIOUS, &text, &carol.signing),
            None,
        ),
    );
    invalid(
        "an event twice",
        "the same place of a device's chain",
        "Repeated",
        5,
        said.first.clone(),
    );
    let apart = event(
        alice,
        bob,
        2,
        Hash::from_bytes([7; 32]),
        &text,
        &alice.signing,
    );
    invalid(
        "an event that does not continue the one before",
        "another previous hash",
        "BrokenChain",
        5,
        line(bob, true, &apart, None),
    );
    let mut edited = said.receipt.clone();
    if let ExportLine::Message { text, edited, .. } = &mut edited {
        *text = Some("I owe you everything".into());
        *edited = true;
    }
    invalid(
        "a text where there never was one",
        "the event holds no text",
        "Differs",
        6,
        edited,
    );
    // Sealed by others, or otherwise.
    let mut sealed_by = |name: &str, reason: &str, error: &str, seal: Vec<u8>| {
        let put = [written(&ExportLine::End {
            seal: Base64Bytes(seal),
        })];
        let lines = json!({"of": WHOLE, "from": lines.len(), "drop": 1, "put": put});
        family.invalid(name, reason, error, json!({"lines": lines}));
    };
    let text: String = lines.iter().map(|line| written(line) + "\n").collect();
    let seal = |count: usize| ExportSeal {
        lines: u64::try_from(count).expect("few"),
        hash: hash("zechat/export-lines/v1", text.as_bytes()),
    };
    let by_bob = sign(seal(lines.len()), &bob.signing, &mut rng(92)).expect("a seal");
    sealed_by(
        "sealed by somebody else",
        "the signature is not the exporter's",
        "Seal(Signature)",
        by_bob.bytes().to_vec(),
    );
    let miscounted = sign(seal(lines.len() - 1), &alice.signing, &mut rng(92)).expect("a seal");
    sealed_by(
        "another count",
        "the lines are not as many as were sealed",
        "Changed",
        miscounted.bytes().to_vec(),
    );
    sealed_by(
        "no seal",
        "nothing where the seal should be",
        "Seal(Framing)",
        Vec::new(),
    );
}

/// What Alice and Bob said to each other.
struct Said {
    first: ExportLine,
    answer: ExportLine,
    edited: ExportLine,
    receipt: ExportLine,
}

impl Said {
    fn by(alice: &Person, bob: &Person) -> Self {
        let name = Name::parse("Ada").expect("a name");
        let body = Body::FirstContact {
            name,
            mailbox: MailboxId::from_bytes([0x33; 32]),
            text: "Grüße aus dem Zug 🚆".into(),
            pass: None,
        };
        let first = event(alice, bob, 1, NO_PREVIOUS, &body, &alice.signing);
        let answer = Body::Reply {
            text: "Gute Fahrt\n\"bis\\bald\"".into(),
            to: first.message_id,
        };
        let answer = event(bob, alice, 1, NO_PREVIOUS, &answer, &bob.signing);
        let second = Body::Text("bald da".into());
        let second = event(alice, bob, 2, first.hash(), &second, &alice.signing);
        let receipt = Body::Receipt {
            delivered: vec![answer.message_id],
            read: Vec::new(),
        };
        let receipt = event(alice, bob, 3, second.hash(), &receipt, &alice.signing);
        Self {
            first: line(bob, true, &first, None),
            answer: line(bob, false, &answer, None),
            edited: line(bob, true, &second, Some("doch später")),
            receipt: line(bob, true, &receipt, None),
        }
    }
}

fn event(
    from: &Person,
    to: &Person,
    counter: u64,
    previous: Hash,
    body: &Body,
    key: &SigningKeyPair,
) -> Verified<Event> {
    let number = u8::try_from(counter).expect("few");
    let event = Event {
        sender: from.id(),
        record: from.chain.head(),
        recipient: to.id(),
        conversation: conversation_of(&from.id(), &to.id()),
        device: DEVICE,
        counter,
        previous,
        sent_at: NOW,
        message_id: MessageId::from_bytes([number; 16]),
        kind: body.kind(),
        body: Bytes(body.to_bytes().expect("a body")),
        lifetime: None,
    };
    sign(event, key, &mut rng(90)).expect("an event")
}

/// The line of an event, with its own text unless another is given.
fn line(contact: &Person, mine: bool, event: &Verified<Event>, edited: Option<&str>) -> ExportLine {
    let own = match event.body() {
        Ok(Body::Text(text) | Body::Reply { text, .. } | Body::FirstContact { text, .. }) => {
            Some(text)
        }
        _ => None,
    };
    let note = own.is_none().then(|| "notice".to_owned());
    ExportLine::Message {
        contact: contact.id(),
        mine,
        sent_at: event.sent_at,
        text: edited.map(str::to_owned).or(own),
        note,
        edited: edited.is_some(),
        event: Some(Base64Bytes(event.bytes().to_vec())),
    }
}

fn note(contact: &Person) -> ExportLine {
    ExportLine::Message {
        contact: contact.id(),
        mine: false,
        sent_at: NOW,
        text: None,
        note: Some("gap".into()),
        edited: false,
        event: None,
    }
}

fn head(exporter: &Person) -> ExportLine {
    ExportLine::Head {
        format: EXPORT_FORMAT,
        identity: exporter.id(),
        exported_at: NOW,
    }
}

fn chain(person: &Person, name: &str) -> ExportLine {
    let records = person.chain.records().iter();
    ExportLine::Chain {
        identity: person.id(),
        name: name.into(),
        records: records.cloned().map(Base64Bytes).collect(),
    }
}

fn written(line: &ExportLine) -> String {
    serde_json::to_string(line).expect("a line")
}

/// The lines and the seal of the exporter below them.
fn sealed(lines: &[ExportLine], exporter: &Person) -> Vec<String> {
    let mut writer = ExportWriter::default();
    for line in lines {
        writer.add(line);
    }
    let text = writer.seal(&exporter.signing, &mut rng(91));
    text.expect("an export")
        .lines()
        .map(str::to_owned)
        .collect()
}
