//! Restoring an identity in a client that has none: from the phrase and a node, or from a file.

use shared_crypto::bundle::Bundle;
use shared_crypto::id::IdentityId;
use shared_crypto::link::ContactLink;
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::vault::{Archive, ArchiveError, VaultAuth, VaultHalf};

use super::download::{self, Asking, Download, Opener, Progress, open, sections};
use super::{FIRST_CALL, install, keys};
use crate::driver::{Action, Call, HttpCall};
use crate::offer::parse_node;
use crate::recovering::{self, Search};
use crate::request::{Failure, Secret};
use crate::sorted::SortedMap;
use crate::store::Store;
use crate::turn::Turn;
use crate::view::RestoreStep;

/// Largest chain with key package to read.
const MAX_BUNDLE: usize = 8 * 1_024 * 1_024;

/// What a restore is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To go on as another device: the phrase must be the one in force.
    Restore,
    /// To take the identity back afterwards: a thief may have replaced the phrase, and the list of nodes.
    TakeBack,
}

/// A restore that is under way.
pub(crate) struct Restore {
    pub(crate) call: Call,
    phrase: RecoveryPhrase,
    download: Download,
    records: Records,
    calls: HttpCall,
}

/// What is known of the identity's records: they say which nodes may keep the vault.
enum Records {
    /// The node of this link was asked for them.
    Asked(ContactLink),
    /// All nodes that may have them are asked.
    Searching(IdentityId, Box<Search>),
    /// Nothing more is expected.
    Done,
}

/// How a restore goes on.
pub(crate) enum RestoreProgress {
    Going(Box<Restore>),
    /// Everything is in the turn.
    Done,
    Failed(Failure),
}

impl Restore {
    /// Begins by asking the node for the identity's records, or for the vault.
    pub(crate) fn begin<S: Store>(
        turn: &mut Turn<'_, S>,
        call: Call,
        phrase: &Secret,
        passphrase: &Secret,
        from: &str,
        purpose: Purpose,
    ) -> Result<RestoreProgress, Failure> {
        let phrase = keys::parse_phrase(phrase)?;
        let link = ContactLink::parse(from).ok();
        let node = match &link {
            Some(link) => link.node.clone(),
            None => parse_node(from).map_err(|_| Failure::BadOrigin)?,
        };
        let opener = Opener::Typed {
            half: VaultHalf::of(&phrase),
            passphrase: passphrase.normal(),
        };
        let expected = link.as_ref().map(|link| link.identity);
        let mut download = Download::new(VaultAuth::of(&phrase), opener, expected);
        download.add_source(&node);
        turn.app_changed();
        let mut restore = Self {
            call,
            phrase,
            download,
            records: Records::Done,
            calls: FIRST_CALL,
        };
        let Some(link) = link else {
            return Ok(restore.advance(turn));
        };
        if purpose == Purpose::TakeBack {
            let (identity, commitment) = (link.identity, restore.phrase.commitment());
            let mut search = Search::new(identity, commitment, None);
            recovering::ask(turn, &mut search, &identity, &node);
            restore.records = Records::Searching(identity, Box::new(search));
            return Ok(RestoreProgress::Going(Box::new(restore)));
        }
        turn.act(Action::Http {
            call: FIRST_CALL,
            node,
            path: format!("/v1/identities/{}", link.identity),
            vault: None,
            put: None,
            limit: MAX_BUNDLE,
        });
        restore.records = Records::Asked(link);
        Ok(RestoreProgress::Going(Box::new(restore)))
    }

    pub(crate) fn step(&self) -> RestoreStep {
        match self.download.progress() {
            None => RestoreStep::AskingNodes,
            Some((done, of)) => RestoreStep::Downloading { done, of },
        }
    }

    /// Takes an answer.
    pub(crate) fn http<S: Store>(
        mut self: Box<Self>,
        turn: &mut Turn<'_, S>,
        call: HttpCall,
        answer: Option<(u16, Vec<u8>)>,
    ) -> RestoreProgress {
        match core::mem::replace(&mut self.records, Records::Done) {
            Records::Asked(link) if call == FIRST_CALL => {
                // A node that has nothing or lies is no reason to stop: the vault tells whose it is.
                let chain = answer
                    .filter(|(status, _)| *status == 200)
                    .and_then(|(_, body)| Bundle::verify(&body).ok())
                    .map(|(chain, _)| chain)
                    .filter(|chain| chain.identity() == link.identity);
                if let Some(chain) = chain {
                    for entry in chain.delivery() {
                        self.download.add_source(&entry.node);
                    }
                    if chain.recovery() != self.phrase.commitment() {
                        return RestoreProgress::Failed(Failure::WrongPhrase);
                    }
                }
            }
            Records::Searching(identity, mut search) => {
                let found = recovering::number_of(call)
                    .map(|number| search.answered(number, answer, turn.now));
                for node in found.unwrap_or_default() {
                    recovering::ask(turn, &mut search, &identity, &node);
                }
                if !search.is_over() {
                    self.records = Records::Searching(identity, search);
                    return RestoreProgress::Going(self);
                }
                // Every node has said what it knows of the identity: all of them are asked for the vault.
                for node in search.asked() {
                    self.download.add_source(node);
                }
                // Who hides the records may have the vault all the same. It tells whose it is, and of other nodes.
                if let Err(Failure::WrongPhrase) = search.end(turn.now) {
                    return RestoreProgress::Failed(Failure::WrongPhrase);
                }
            }
            records => {
                self.records = records;
                if !self.download.expects(call) {
                    return RestoreProgress::Going(self);
                }
                self.download.answered(answer);
            }
        }
        turn.app_changed();
        self.advance(turn)
    }

    fn advance<S: Store>(mut self, turn: &mut Turn<'_, S>) -> RestoreProgress {
        self.calls = self.calls.saturating_add(1);
        let mut actions = Vec::new();
        let asking = Asking {
            now: turn.now,
            rng: turn.rng,
            call: self.calls,
        };
        let progress = self.download.advance(asking, |action| actions.push(action));
        actions.into_iter().for_each(|action| turn.act(action));
        match progress {
            Progress::Going => RestoreProgress::Going(Box::new(self)),
            Progress::Failed(failure) => RestoreProgress::Failed(failure),
            Progress::Found(found) => done(turn, &self.phrase, *found),
        }
    }
}

/// Restores from a backup file.
pub(crate) fn import<S: Store>(
    turn: &mut Turn<'_, S>,
    file: &[u8],
    phrase: &Secret,
    passphrase: &Secret,
) -> Result<RestoreProgress, Failure> {
    let phrase = keys::parse_phrase(phrase)?;
    let auth = VaultAuth::of(&phrase);
    let archive = Archive::verify(file, &auth.vault()).map_err(|error| match error {
        ArchiveError::Newer => Failure::VaultTooNew,
        ArchiveError::Manifest(error) if error.is_newer() => Failure::VaultTooNew,
        ArchiveError::Manifest(shared_crypto::vault::ManifestError::OtherVault) => {
            Failure::WrongPhrase
        }
        _ => Failure::VaultDamaged,
    })?;
    let opener = Opener::Typed {
        half: VaultHalf::of(&phrase),
        passphrase: passphrase.normal(),
    };
    let opened = open(&archive.manifest, &auth, &opener)?;
    let mut chunks = SortedMap::new();
    for (name, chunk) in archive.manifest.chunks.iter().zip(&archive.chunks) {
        let content = shared_crypto::vault::open_chunk(&opened.key, &auth.vault(), chunk)
            .map_err(|_| Failure::VaultDamaged)?;
        chunks.insert(*name, content);
    }
    let lookup =
        |name: &shared_crypto::id::Hash| chunks.get(name).map(|content| content.as_slice());
    let sections = sections(&opened.index, &archive.manifest.chunks, lookup)?;
    let found = download::Found {
        key: opened.key,
        index: opened.index,
        manifest: archive.manifest,
        sections,
        bytes: 0,
        nodes: Vec::new(),
    };
    Ok(done(turn, &phrase, found))
}

fn done<S: Store>(
    turn: &mut Turn<'_, S>,
    phrase: &RecoveryPhrase,
    found: download::Found,
) -> RestoreProgress {
    let (auth, half) = (VaultAuth::of(phrase), VaultHalf::of(phrase));
    match install::install(turn, &auth, &half, found) {
        Ok(()) => RestoreProgress::Done,
        Err(failure) => RestoreProgress::Failed(failure),
    }
}
