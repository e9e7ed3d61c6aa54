//! Exported conversations as JSON lines, with the signatures of who said what (`docs/protocol.md` §21).
//!
//! What a line claims of a message is compared with the signed event in it; the last line is a
//! signature of the exporting identity over all the others. So the messages of others are proven by their own
//! keys, and the file as a whole by the exporter's.

use alloc::string::String;
use alloc::vec::Vec;
use std::collections::{BTreeMap, BTreeSet};

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::cbor_map;
use crate::event::{Body, Event, EventError};
use crate::hash::hash;
use crate::id::{DeviceId, Hash, IdentityId};
use crate::live::Base64Bytes;
use crate::record::{Chain, ChainError};
use crate::rsa_keys::SigningKeyPair;
use crate::signed::{Payload, Signed, SignedError, Verified, sign};
use crate::time::Millis;

const NAMESPACE: &str = "zechat/export-lines/v1";

/// The format that this version writes.
pub const EXPORT_FORMAT: u64 = 1;

/// A line of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case", deny_unknown_fields)]
pub enum ExportLine {
    /// The first line.
    Head {
        /// [`EXPORT_FORMAT`].
        format: u64,
        /// Who exported.
        identity: IdentityId,
        /// When.
        exported_at: Millis,
    },
    /// The records of somebody, before the first message that needs them.
    Chain {
        /// Whose.
        identity: IdentityId,
        /// What they are called by the exporter; proven by nothing.
        name: String,
        /// Signed records from genesis on.
        records: Vec<Base64Bytes>,
    },
    /// An entry of a conversation.
    Message {
        /// The other person.
        contact: IdentityId,
        /// Whether the exporter wrote it.
        mine: bool,
        /// Sender's clock.
        sent_at: Millis,
        /// The text as it is shown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// What stands there when it is no text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// Whether the text was changed after it was sent; the event holds the first one.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        edited: bool,
        /// The signed event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        event: Option<Base64Bytes>,
    },
    /// The last line.
    End {
        /// A signed [`ExportSeal`].
        seal: Base64Bytes,
    },
}

cbor_map! {
    /// The exporter's signature over the lines before.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ExportSeal {
        /// How many lines.
        0 => pub lines: u64,
        /// Hash of their bytes, ends of lines included.
        1 => pub hash: Hash,
    }
}

impl Payload for ExportSeal {
    const NAMESPACE: &'static str = "zechat/export/v1";
    const MAX_SIGNED: usize = 1_024;
}

/// What was verified in an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportReport {
    /// Who exported.
    pub identity: IdentityId,
    /// When.
    pub exported_at: Millis,
    /// People whose records verify, the exporter among them.
    pub people: u64,
    /// Messages of the exporter that verify.
    pub mine: u64,
    /// Messages of others that verify.
    pub theirs: u64,
    /// Messages whose first text verifies, and whose present one only the exporter vouches for.
    pub edited: u64,
    /// Lines without a signed event: for them only the exporter vouches.
    pub without_event: u64,
    /// Numbers that are missing in the chains of devices: what was said and is not in the file, like
    /// receipts and names, or what was left out.
    pub missing: u64,
}

/// What is wrong with an export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ExportError {
    /// In which line, counted from 1.
    pub line: usize,
    /// What.
    pub problem: ExportProblem,
}

/// What is wrong with a line of an export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportProblem {
    /// Not a line of this format.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// A line that does not belong there, or a last line that is missing.
    #[error("it is not the line that belongs there")]
    Order,
    /// Written by a later version.
    #[error("format {0} is later than this version's")]
    Newer(u64),
    /// Records that do not verify.
    #[error("the records do not verify: {0}")]
    Chain(ChainError),
    /// Records of somebody else, or twice.
    #[error("the records belong to somebody else, or came before")]
    Identity,
    /// The person's records are not in the file.
    #[error("the records of who wrote it are missing")]
    NoChain,
    /// The event does not verify.
    #[error("the event does not verify: {0}")]
    Event(EventError),
    /// The line says something else than the event.
    #[error("the line says something else than the signed event")]
    Differs,
    /// The event is in the file twice, or its counter is used twice.
    #[error("the same place of a device's chain is taken twice")]
    Repeated,
    /// The event does not continue the one before.
    #[error("the event does not continue the one before it")]
    BrokenChain,
    /// The seal does not verify.
    #[error("the seal does not verify: {0}")]
    Seal(SignedError),
    /// The lines are not those that were sealed.
    #[error("the lines are not those that were exported")]
    Changed,
}

/// Writes the lines of an export.
#[derive(Debug, Default)]
pub struct ExportWriter {
    text: String,
    lines: u64,
}

impl ExportWriter {
    /// Adds a line.
    pub fn add(&mut self, line: &ExportLine) {
        #[expect(
            clippy::expect_used,
            reason = "lines have text keys and no Serialize implementation that fails"
        )]
        let line = serde_json::to_string(line).expect("encoding to memory");
        self.text.push_str(&line);
        self.text.push('\n');
        self.lines = self.lines.saturating_add(1);
    }

    /// Seals the lines.
    ///
    /// # Errors
    /// [`SignedError::Key`] if signing fails.
    pub fn seal<R: CryptoRng + ?Sized>(
        mut self,
        keys: &SigningKeyPair,
        rng: &mut R,
    ) -> Result<String, SignedError> {
        let seal = ExportSeal {
            lines: self.lines,
            hash: hash(NAMESPACE, self.text.as_bytes()),
        };
        let seal = sign(seal, keys, rng)?;
        let seal = Base64Bytes(seal.bytes().to_vec());
        self.add(&ExportLine::End { seal });
        Ok(self.text)
    }
}

/// Verifies an export with nothing but what is in it.
///
/// # Errors
/// The first [`ExportError`] met.
pub fn verify_export(text: &str) -> Result<ExportReport, ExportError> {
    let mut reader = Reader::default();
    let mut before = 0_usize;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let number = index.saturating_add(1);
        let error = |problem| ExportError {
            line: number,
            problem,
        };
        let earlier = text.get(..before).unwrap_or_default();
        reader.line(line, earlier, index).map_err(error)?;
        before = before.saturating_add(line.len());
    }
    let line = text.lines().count();
    let unfinished = ExportError {
        line,
        problem: ExportProblem::Order,
    };
    match reader.report.take() {
        Some(report) if reader.ended => Ok(reader.count_missing(report)),
        _ => Err(unfinished),
    }
}

/// A device in a conversation: its sender, its id, and to whom it writes.
type Device = (IdentityId, DeviceId, IdentityId);

#[derive(Default)]
struct Reader {
    report: Option<ExportReport>,
    chains: BTreeMap<IdentityId, Chain>,
    events: BTreeMap<Device, BTreeMap<u64, (Hash, Hash)>>,
    ended: bool,
}

impl Reader {
    fn line(&mut self, line: &str, earlier: &str, index: usize) -> Result<(), ExportProblem> {
        let line: ExportLine = serde_json::from_str(line)
            .map_err(|error| ExportProblem::Unreadable(alloc::format!("{error}")))?;
        if self.ended || (index == 0) != matches!(line, ExportLine::Head { .. }) {
            return Err(ExportProblem::Order);
        }
        match line {
            ExportLine::Head {
                format,
                identity,
                exported_at,
            } => {
                if format != EXPORT_FORMAT {
                    return Err(ExportProblem::Newer(format));
                }
                self.report = Some(ExportReport {
                    identity,
                    exported_at,
                    people: 0,
                    mine: 0,
                    theirs: 0,
                    edited: 0,
                    without_event: 0,
                    missing: 0,
                });
                Ok(())
            }
            ExportLine::Chain {
                identity, records, ..
            } => self.chain(identity, &records),
            ExportLine::Message { .. } => self.message(line),
            ExportLine::End { seal } => {
                self.ended = true;
                self.seal(&seal.0, earlier, index)
            }
        }
    }

    fn report(&mut self) -> Result<&mut ExportReport, ExportProblem> {
        self.report.as_mut().ok_or(ExportProblem::Order)
    }

    fn chain(
        &mut self,
        identity: IdentityId,
        records: &[Base64Bytes],
    ) -> Result<(), ExportProblem> {
        let records: Vec<&[u8]> = records.iter().map(|record| record.0.as_slice()).collect();
        let chain = Chain::verify(&records).map_err(ExportProblem::Chain)?;
        if chain.identity() != identity || self.chains.insert(identity, chain).is_some() {
            return Err(ExportProblem::Identity);
        }
        let report = self.report()?;
        report.people = report.people.saturating_add(1);
        Ok(())
    }

    fn message(&mut self, line: ExportLine) -> Result<(), ExportProblem> {
        let ExportLine::Message {
            contact,
            mine,
            sent_at,
            text,
            edited,
            event,
            ..
        } = line
        else {
            return Err(ExportProblem::Order);
        };
        let me = self.report()?.identity;
        let Some(bytes) = event else {
            let report = self.report()?;
            report.without_event = report.without_event.saturating_add(1);
            return Ok(());
        };
        let (sender, recipient) = if mine { (me, contact) } else { (contact, me) };
        let chain = self.chains.get(&sender).ok_or(ExportProblem::NoChain)?;
        let claimed = Signed::<Event>::parse(&bytes.0)
            .map_err(|error| ExportProblem::Event(EventError::Signed(error)))?;
        let id = claimed.unverified().message_id;
        let event =
            Event::verify(&bytes.0, chain, &recipient, &id).map_err(ExportProblem::Event)?;
        let said = match event.body() {
            Ok(Body::Text(text) | Body::Reply { text, .. } | Body::FirstContact { text, .. }) => {
                Some(text)
            }
            _ => None,
        };
        let is_same = text == said || (edited && said.is_some());
        if event.sent_at != sent_at || !is_same {
            return Err(ExportProblem::Differs);
        }
        self.place(sender, recipient, &event)?;
        let is_edited = text != said;
        let report = self.report()?;
        let count = match (is_edited, mine) {
            (true, _) => &mut report.edited,
            (false, true) => &mut report.mine,
            (false, false) => &mut report.theirs,
        };
        *count = count.saturating_add(1);
        Ok(())
    }

    /// Checks an event against its neighbours in the chain of its device.
    fn place(
        &mut self,
        sender: IdentityId,
        recipient: IdentityId,
        event: &Verified<Event>,
    ) -> Result<(), ExportProblem> {
        let device = self
            .events
            .entry((sender, event.device, recipient))
            .or_default();
        let neighbour = |counter: Option<u64>| counter.and_then(|counter| device.get(&counter));
        let before = neighbour(event.counter.checked_sub(1));
        let after = neighbour(event.counter.checked_add(1));
        let fits = before.is_none_or(|(hash, _)| *hash == event.previous)
            && after.is_none_or(|(_, previous)| *previous == event.hash());
        if !fits {
            return Err(ExportProblem::BrokenChain);
        }
        match device.insert(event.counter, (event.hash(), event.previous)) {
            None => Ok(()),
            Some(_) => Err(ExportProblem::Repeated),
        }
    }

    fn seal(&mut self, seal: &[u8], earlier: &str, lines: usize) -> Result<(), ExportProblem> {
        let me = self.report()?.identity;
        let chain = self.chains.get(&me).ok_or(ExportProblem::NoChain)?;
        let seal = Signed::<ExportSeal>::parse(seal)
            .and_then(|seal| seal.verify(chain.signing_key()))
            .map_err(ExportProblem::Seal)?;
        let is_same = u64::try_from(lines) == Ok(seal.lines)
            && seal.hash == hash(NAMESPACE, earlier.as_bytes());
        is_same.then_some(()).ok_or(ExportProblem::Changed)
    }

    fn count_missing(&self, mut report: ExportReport) -> ExportReport {
        for device in self.events.values() {
            let counters: BTreeSet<u64> = device.keys().copied().collect();
            let there = u64::try_from(counters.len()).unwrap_or(u64::MAX);
            let highest = counters.last().copied().unwrap_or_default();
            report.missing = report.missing.saturating_add(highest.saturating_sub(there));
        }
        report
    }
}
