//! A node as the protocol describes it, without sockets and disk: what it keeps survives a crash, its
//! connections do not.

mod live;
mod misdeeds;

use std::collections::{BTreeMap, BTreeSet};

use client_core::driver::Frame;
use rand_chacha::ChaCha20Rng;
use shared_crypto::bundle::Bundle;
use shared_crypto::cbor::ByteArray;
use shared_crypto::forward::{Forwarded, open_forward};
use shared_crypto::id::{DeviceId, IdentityId, MailboxId, MessageId, SubmissionId};
use shared_crypto::key_package::KeyPackage;
use shared_crypto::link::{NodeInvite, node_mark};
use shared_crypto::live::MailboxKind;
use shared_crypto::lookup::{LookupAnswer, open_lookup};
use shared_crypto::node_document::{NodeDocument, Registration};
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;
use shared_crypto::record::{Chain, ChainOrder};
use shared_crypto::signed::Verified;
use shared_crypto::time::DAY;

use self::live::Session;
use crate::vault_node::Vaults;

pub use live::{document_answer, document_problem, lookup_answer, lookup_problem};
pub use misdeeds::{Manner, Word};

/// Names a connection of a person to a node.
pub type Connection = u64;

/// What a node has to say or to do.
pub enum Effect {
    Send(Connection, Frame),
    Close(Connection),
    /// Close with the code of a login refused.
    Refuse(Connection, ProblemCode),
    /// Hand a forward box to another node; the row's number comes back with the result.
    Forward {
        row: u64,
        to: NodeUrl,
        sealed: Vec<u8>,
    },
    /// Ask another node for a sealed lookup or a document; answered on the connection.
    Lookup {
        connection: Connection,
        request: u32,
        to: NodeUrl,
        sealed: Vec<u8>,
    },
    Document {
        connection: Connection,
        request: u32,
        to: NodeUrl,
    },
}

struct Stored {
    owner: IdentityId,
    mailbox: MailboxId,
    message: MessageId,
    arrived_at: u64,
    envelope: Vec<u8>,
}

struct OutboxRow {
    owner: IdentityId,
    device: DeviceId,
    submission: SubmissionId,
    to: NodeUrl,
    sealed: Vec<u8>,
    /// `None` while it is on its way.
    outcome: Option<Option<ProblemCode>>,
}

/// A node.
pub struct SimNode {
    pub url: NodeUrl,
    pub keys: NodeKeys,
    pub document: Verified<NodeDocument>,
    pub vaults: Vaults,
    accounts: BTreeMap<IdentityId, (Chain, Verified<KeyPackage>)>,
    mailboxes: BTreeMap<MailboxId, (IdentityId, MailboxKind)>,
    stored: BTreeMap<u64, Stored>,
    /// Every message id ever stored, as a real node keeps until expiry.
    known: BTreeSet<(MailboxId, MessageId)>,
    cursors: u64,
    acknowledged: BTreeMap<(IdentityId, DeviceId), u64>,
    outbox: BTreeMap<u64, OutboxRow>,
    rows: u64,
    sessions: BTreeMap<Connection, Session>,
    /// Connections that logged in with a key that was replaced since.
    pub locked_out: Vec<Connection>,
    /// Says of every login that its key was replaced.
    pub turns_away: bool,
    /// How it answers to records.
    pub word: Word,
    /// What it does with those who log in.
    pub manner: Manner,
    /// How many questions for records it answers as if it knew nothing.
    pub hides_records: usize,
    /// Logins that were tried.
    pub logins: usize,
    /// How often it was given records.
    pub given: usize,
    /// Says that it took newer records and does not.
    pub deaf: bool,
    /// Says that it took mail and drops it.
    pub swallows: bool,
    /// Has no room for mail.
    pub full: bool,
    /// Takes nobody new.
    pub closed: bool,
    /// Takes those new people only who have this.
    pub invite: Option<[u8; 16]>,
    /// What it answers to lookups of an identity, whatever it has: records from number 0 on, and a key package.
    pub lies: BTreeMap<IdentityId, (Vec<Vec<u8>>, Vec<u8>)>,
    /// How often it answered so.
    pub lied: usize,
}

impl SimNode {
    pub fn new(url: &str, now: u64, rng: &mut ChaCha20Rng) -> Self {
        let url = NodeUrl::parse(url).unwrap();
        let keys = NodeKeys::generate(rng);
        let document = NodeDocument {
            url: url.clone(),
            signing_key: keys.signing_public(),
            forward_key: ByteArray(*keys.forward_public()),
            issued_at: now,
            expires_at: now + 365 * DAY,
            software: "simulation".into(),
            registration: Registration::Open,
            retention_seconds: 21 * 24 * 3600,
            quota_bytes: 1 << 30,
            quota_count: 1 << 20,
            postage_bits: 4,
            name: None,
            closing_at: None,
            vault_quota_bytes: None,
        };
        let document = document.sign(&keys, rng).unwrap();
        Self {
            url,
            keys,
            document,
            vaults: Vaults::default(),
            accounts: BTreeMap::new(),
            mailboxes: BTreeMap::new(),
            stored: BTreeMap::new(),
            known: BTreeSet::new(),
            cursors: 0,
            acknowledged: BTreeMap::new(),
            outbox: BTreeMap::new(),
            rows: 0,
            sessions: BTreeMap::new(),
            locked_out: Vec::new(),
            turns_away: false,
            word: Word::True,
            manner: Manner::True,
            hides_records: 0,
            logins: 0,
            given: 0,
            deaf: false,
            swallows: false,
            full: false,
            closed: false,
            invite: None,
            lies: BTreeMap::new(),
            lied: 0,
        }
    }

    /// Says other things of itself from now on.
    pub fn declare(&mut self, rng: &mut ChaCha20Rng, change: impl FnOnce(&mut NodeDocument)) {
        let mut document = NodeDocument::clone(&self.document);
        change(&mut document);
        self.document = document.sign(&self.keys, rng).unwrap();
    }

    /// Takes invited people only; the link that invites.
    pub fn demand_invite(&mut self, token: [u8; 16], rng: &mut ChaCha20Rng) -> String {
        self.invite = Some(token);
        self.declare(rng, |document| {
            document.registration = Registration::Invite;
        });
        let link = NodeInvite {
            node: self.url.clone(),
            node_mark: node_mark(&self.keys.fingerprint()),
            token,
        };
        link.to_string()
    }

    /// Connections are lost; what is stored is not. What was on its way is handed over again.
    pub fn crash(&mut self) -> (Vec<Connection>, Vec<Effect>) {
        let lost = std::mem::take(&mut self.sessions).into_keys().collect();
        let waiting = self.outbox.iter().filter(|(_, row)| row.outcome.is_none());
        let again = waiting
            .map(|(number, row)| Effect::Forward {
                row: *number,
                to: row.to.clone(),
                sealed: row.sealed.clone(),
            })
            .collect();
        (lost, again)
    }

    pub fn put_identity(&mut self, bundle: &[u8], now: u64) -> (u16, Vec<u8>) {
        let Ok((chain, package)) = Bundle::verify(bundle) else {
            return (400, problem("malformed"));
        };
        if self.closed {
            return (403, problem("registration_closed"));
        }
        if self.deaf && self.accounts.contains_key(&chain.identity()) {
            return (200, Vec::new());
        }
        let shown = Bundle::parse(bundle).ok().and_then(|bundle| bundle.invite);
        let invited = self.invite.is_none() || shown.map(|token| token.0) == self.invite;
        if !invited && !self.accounts.contains_key(&chain.identity()) {
            return (403, problem("invite_required"));
        }
        if let Some((known, _)) = self.accounts.get(&chain.identity()) {
            match known.compare(&chain) {
                ChainOrder::Older => return (409, problem("stale_record")),
                ChainOrder::Forked if !known.is_overruled_by(&chain, now) => {
                    return (409, problem("forked_record"));
                }
                _ => {}
            }
        } else if !chain.lists(&self.keys.fingerprint()) {
            return (403, problem("not_this_node"));
        }
        let new = !self.accounts.contains_key(&chain.identity());
        let identity = chain.identity();
        for entry in chain
            .delivery()
            .iter()
            .filter(|entry| entry.node == self.url)
        {
            if new && self.is_taken(&entry.intro, &identity) {
                return (403, problem("unauthorized"));
            }
            self.mailboxes
                .entry(entry.intro)
                .or_insert((identity, MailboxKind::Intro));
        }
        let before = self.accounts.get(&identity).map(|(chain, _)| chain.clone());
        if before.is_some_and(|before| before.signing_key() != chain.signing_key()) {
            let of = |session: &Session| session.who.is_some_and(|who| who.0 == identity);
            let sessions = self.sessions.iter().filter(|(_, session)| of(session));
            self.locked_out
                .extend(sessions.map(|(connection, _)| *connection));
        }
        self.accounts.insert(identity, (chain, package));
        (if new { 201 } else { 200 }, Vec::new())
    }

    fn is_taken(&self, mailbox: &MailboxId, by: &IdentityId) -> bool {
        let owner = self.mailboxes.get(mailbox);
        owner.is_some_and(|(owner, _)| owner != by)
    }

    /// The mailboxes of somebody here.
    pub fn mailboxes_of(&self, identity: &IdentityId) -> Vec<MailboxId> {
        let all = self.mailboxes.iter();
        let theirs = all.filter(|(_, (owner, _))| owner == identity);
        theirs.map(|(mailbox, _)| *mailbox).collect()
    }

    /// What is published of an identity.
    pub fn get_identity(&mut self, path: &str) -> (u16, Vec<u8>) {
        if let Some(left) = self.hides_records.checked_sub(1) {
            self.hides_records = left;
            return (404, Vec::new());
        }
        let id = path.strip_prefix("/v1/identities/").expect("a known path");
        let id = IdentityId::parse(id).expect("an identity");
        match self.accounts.get(&id) {
            Some((chain, package)) => (200, Bundle::new(chain, package).to_bytes()),
            None => (404, br#"{"code":"not_found"}"#.to_vec()),
        }
    }

    /// Takes a forward box; the code of a refusal, or `None` when it is stored.
    pub fn deliver(
        &mut self,
        sealed: &[u8],
        now: u64,
        effects: &mut Vec<Effect>,
    ) -> Option<ProblemCode> {
        let Ok(forwarded) = open_forward(&self.keys, sealed) else {
            return Some(ProblemCode::CannotOpen);
        };
        let Forwarded {
            mailbox,
            message_id,
            postage,
            envelope,
        } = forwarded;
        let Some((owner, kind)) = self.mailboxes.get(&mailbox).copied() else {
            return Some(ProblemCode::UnknownMailbox);
        };
        let gone = |(chain, _): &(Chain, _)| !chain.lists(&self.keys.fingerprint());
        if self.accounts.get(&owner).is_some_and(gone) {
            return Some(ProblemCode::MailboxMoved);
        }
        if self.full {
            return Some(ProblemCode::MailboxFull);
        }
        if self.swallows {
            return None;
        }
        let bits = u32::try_from(self.document.postage_bits).unwrap();
        if kind == MailboxKind::Intro && !postage.verify(&mailbox, &message_id, &envelope, bits) {
            return Some(ProblemCode::PostageRequired);
        }
        if self.known.insert((mailbox, message_id)) {
            self.cursors += 1;
            let stored = Stored {
                owner,
                mailbox,
                message: message_id,
                arrived_at: now,
                envelope,
            };
            self.stored.insert(self.cursors, stored);
            let live: Vec<Connection> = self
                .sessions
                .iter()
                .filter(|(_, session)| session.who.is_some_and(|who| who.0 == owner))
                .map(|(connection, _)| *connection)
                .collect();
            for connection in live {
                effects.extend(self.push(connection));
            }
        }
        None
    }

    /// Answers a sealed lookup.
    pub fn lookup(&mut self, sealed: &[u8], rng: &mut ChaCha20Rng) -> Vec<u8> {
        let (request, responder) = open_lookup(&self.keys, sealed).expect("a lookup for this node");
        if let Some((records, package)) = self.lies.get(&request.identity) {
            self.lied += 1;
            let from = usize::try_from(request.from).unwrap().min(records.len());
            let answer = LookupAnswer::found(&records[from..], Some(package));
            return responder.seal(&answer, rng).expect("an answer that fits");
        }
        let answer = match self.accounts.get(&request.identity) {
            Some((chain, package)) => {
                let from = usize::try_from(request.from).unwrap();
                LookupAnswer::found(&chain.records()[from..], Some(package.bytes()))
            }
            None => LookupAnswer::not_found(),
        };
        responder.seal(&answer, rng).expect("an answer that fits")
    }

    /// Where what waits here was left, and under which id.
    pub fn waiting(&self) -> Vec<(MailboxId, MessageId)> {
        let all = self.stored.values();
        all.map(|stored| (stored.mailbox, stored.message)).collect()
    }

    /// What anybody may look up about an identity.
    pub fn account(&self, identity: &IdentityId) -> &(Chain, Verified<KeyPackage>) {
        &self.accounts[identity]
    }

    /// How many envelopes wait here.
    pub fn stored_count(&self) -> usize {
        self.stored.len()
    }

    /// How many submissions wait for an outcome or for it to be seen.
    pub fn outbox_count(&self) -> usize {
        self.outbox.len()
    }
}

fn problem(code: &str) -> Vec<u8> {
    format!(r#"{{"status":400,"code":"{code}"}}"#).into_bytes()
}
