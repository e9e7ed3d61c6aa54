//! Downloading: from what several nodes say they have to the rows in it.
//!
//! Of all manifests that verify the one with the highest version is taken, so a node that goes back is found out as
//! long as one other node does not. Every chunk is checked by its name, and asked of another node when it
//! is not what it should be.

use rand_core::CryptoRng;
use shared_crypto::id::{Hash, IdentityId};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::signed::Verified;
use shared_crypto::vault::{
    MAX_CHUNK, MAX_MANIFEST, Manifest, OpenError, Opened, Section, VaultAuth, VaultCall, VaultHalf,
    VaultIndex, VaultKey, VaultRequest, chunk_id, open_chunk, unlock_key,
};
use zeroize::Zeroizing;

use super::pack::{Rows, UnpackError, unpack};
use super::targets::fault_of;
use crate::driver::{Action, HttpCall};
use crate::request::Failure;
use crate::sorted::SortedMap;
use crate::view::{Millis, VaultFault, VaultNodeView};

/// Nodes asked at most.
const MAX_SOURCES: usize = 8;

/// What opens a manifest.
pub(super) enum Opener {
    /// What a person typed.
    Typed {
        half: VaultHalf,
        passphrase: Zeroizing<String>,
    },
    /// The key that this device keeps.
    Kept(VaultKey),
}

struct Source {
    url: NodeUrl,
    found: Option<Verified<Manifest>>,
    fault: Option<VaultFault>,
}

enum Stage {
    Asking,
    Fetching(Box<Fetching>),
}

struct Fetching {
    opened: Opened,
    manifest: Verified<Manifest>,
    /// What is still to be fetched, last first.
    wanted: Vec<Hash>,
    of: usize,
    /// The next source to try for the chunk at the end of the list.
    source: usize,
    chunks: SortedMap<Hash, Zeroizing<Vec<u8>>>,
}

/// A download that is under way.
pub(super) struct Download {
    auth: VaultAuth,
    opener: Opener,
    expected: Option<IdentityId>,
    sources: Vec<Source>,
    stage: Stage,
    running: Option<(HttpCall, usize)>,
    bytes: u64,
}

/// What was found.
pub(super) struct Found {
    pub(super) key: VaultKey,
    pub(super) index: VaultIndex,
    pub(super) manifest: Verified<Manifest>,
    /// The rows of each live section.
    pub(super) sections: Vec<(Section, Rows)>,
    pub(super) bytes: u64,
    pub(super) nodes: Vec<VaultNodeView>,
}

/// How a download goes on.
pub(super) enum Progress {
    Going,
    Found(Box<Found>),
    Failed(Failure),
}

/// What a download needs to ask a node.
pub(super) struct Asking<'a> {
    pub(super) now: Millis,
    pub(super) rng: &'a mut dyn CryptoRng,
    pub(super) call: HttpCall,
}

impl Download {
    pub(super) fn new(auth: VaultAuth, opener: Opener, expected: Option<IdentityId>) -> Self {
        Self {
            auth,
            opener,
            expected,
            sources: Vec::new(),
            stage: Stage::Asking,
            running: None,
            bytes: 0,
        }
    }

    /// Adds a node to ask.
    pub(super) fn add_source(&mut self, url: &NodeUrl) {
        if self.sources.len() < MAX_SOURCES && !self.sources.iter().any(|it| it.url == *url) {
            self.sources.push(Source {
                url: url.clone(),
                found: None,
                fault: None,
            });
        }
    }

    /// Chunks that are here, and all.
    pub(super) fn progress(&self) -> Option<(u32, u32)> {
        let Stage::Fetching(fetching) = &self.stage else {
            return None;
        };
        let of = u32::try_from(fetching.of).unwrap_or(u32::MAX);
        let left = u32::try_from(fetching.wanted.len()).unwrap_or(u32::MAX);
        Some((of.saturating_sub(left), of))
    }

    /// Whether a call is one of this download.
    pub(super) fn expects(&self, call: HttpCall) -> bool {
        self.running.is_some_and(|(running, _)| running == call)
    }

    /// Takes an answer.
    pub(super) fn answered(&mut self, answer: Option<(u16, Vec<u8>)>) {
        let Some((_, at)) = self.running.take() else {
            return;
        };
        match &mut self.stage {
            Stage::Asking => {
                let Some(source) = self.sources.get_mut(at) else {
                    return;
                };
                match answer {
                    Some((200, bytes)) => match Manifest::verify(&bytes, &self.auth.vault()) {
                        Ok(manifest) => source.found = Some(manifest),
                        Err(error) if error.is_newer() => source.fault = Some(VaultFault::TooNew),
                        Err(_) => source.fault = Some(VaultFault::Damaged),
                    },
                    answer => source.fault = Some(fault_of(answer.as_ref())),
                }
            }
            Stage::Fetching(fetching) => {
                let Some(name) = fetching.wanted.last().copied() else {
                    return;
                };
                let content = match &answer {
                    Some((200, bytes)) if chunk_id(bytes) == name => {
                        self.bytes = self
                            .bytes
                            .saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                        open_chunk(&fetching.opened.key, &self.auth.vault(), bytes).ok()
                    }
                    _ => None,
                };
                match content {
                    Some(content) => {
                        fetching.chunks.insert(name, content);
                        fetching.wanted.pop();
                        fetching.source = 0;
                    }
                    None => {
                        if let Some(source) = self.sources.get_mut(at) {
                            source.fault = Some(match answer {
                                Some((200, _)) => VaultFault::Damaged,
                                answer => fault_of(answer.as_ref()),
                            });
                        }
                        fetching.source = at.saturating_add(1);
                    }
                }
            }
        }
    }

    /// Asks for what is wanted next, or ends.
    pub(super) fn advance(&mut self, asking: Asking<'_>, mut act: impl FnMut(Action)) -> Progress {
        if self.running.is_some() {
            return Progress::Going;
        }
        if matches!(self.stage, Stage::Asking) {
            let is_open = |it: &Source| it.found.is_none() && it.fault.is_none();
            if let Some(next) = self.sources.iter().position(is_open) {
                return self.ask(next, None, asking, &mut act);
            }
            match self.open_newest() {
                Ok(fetching) => {
                    // The vault may name nodes that nobody has asked yet.
                    let before = self.sources.len();
                    for node in &fetching.opened.index.nodes {
                        if let Ok(url) = NodeUrl::parse(node) {
                            self.add_source(&url);
                        }
                    }
                    if self.sources.len() > before {
                        return self.ask(before, None, asking, &mut act);
                    }
                    self.stage = Stage::Fetching(fetching);
                }
                Err(failure) => return Progress::Failed(failure),
            }
        }
        let Stage::Fetching(fetching) = &self.stage else {
            return Progress::Going;
        };
        match fetching.wanted.last().copied() {
            None => self.end(),
            Some(chunk) => {
                let has = |(index, source): &(usize, &Source)| {
                    *index >= fetching.source
                        && source
                            .found
                            .as_ref()
                            .is_some_and(|manifest| manifest.chunks.contains(&chunk))
                };
                match self.sources.iter().enumerate().find(has) {
                    Some((source, _)) => self.ask(source, Some(chunk), asking, &mut act),
                    None => Progress::Failed(self.failure(VaultFault::Damaged)),
                }
            }
        }
    }

    fn ask(
        &mut self,
        at: usize,
        chunk: Option<Hash>,
        asking: Asking<'_>,
        act: &mut impl FnMut(Action),
    ) -> Progress {
        let Some(source) = self.sources.get(at) else {
            return Progress::Going;
        };
        let base = format!("/v1/vaults/{}", self.auth.vault());
        let (path, what, limit) = match chunk {
            None => (base, VaultCall::ReadManifest, MAX_MANIFEST),
            Some(chunk) => {
                let path = format!("{base}/chunks/{chunk}");
                (path, VaultCall::ReadChunk, MAX_CHUNK)
            }
        };
        let Asking { now, rng, call } = asking;
        let header = VaultRequest::header(&self.auth, &source.url, what, chunk, now, rng);
        act(Action::Http {
            call,
            node: source.url.clone(),
            path,
            vault: header.ok(),
            put: None,
            limit,
        });
        self.running = Some((call, at));
        Progress::Going
    }

    /// Opens the newest manifest that verifies.
    fn open_newest(&self) -> Result<Box<Fetching>, Failure> {
        let manifest = self
            .sources
            .iter()
            .filter_map(|source| source.found.as_ref())
            .max_by_key(|manifest| manifest.version)
            .cloned()
            .ok_or_else(|| self.failure(VaultFault::Missing))?;
        let opened = open(&manifest, &self.auth, &self.opener)?;
        if self
            .expected
            .is_some_and(|identity| identity != opened.index.identity)
        {
            return Err(Failure::WrongPhrase);
        }
        let mut wanted: Vec<Hash> = Vec::new();
        for section in opened.index.live_sections() {
            wanted.extend(chunks_of(section, &manifest.chunks));
        }
        wanted.reverse();
        Ok(Box::new(Fetching {
            opened,
            manifest,
            of: wanted.len(),
            wanted,
            source: 0,
            chunks: SortedMap::new(),
        }))
    }

    /// What the person is told when no node has what it should: the worst that a node said, if it said more than
    /// that it has nothing.
    fn failure(&self, otherwise: VaultFault) -> Failure {
        let faults = || {
            self.sources
                .iter()
                .filter_map(|source| source.fault.clone())
        };
        let told = faults().find(|fault| matches!(fault, VaultFault::TooNew | VaultFault::Damaged));
        let told = told
            .or_else(|| faults().find(|fault| *fault == VaultFault::Unreachable))
            .or_else(|| faults().find(|fault| matches!(fault, VaultFault::Refused { .. })));
        super::save::failure_of(Some(told.unwrap_or(otherwise)))
    }

    fn end(&mut self) -> Progress {
        let Stage::Fetching(fetching) = core::mem::replace(&mut self.stage, Stage::Asking) else {
            return Progress::Going;
        };
        let Fetching {
            opened,
            manifest,
            chunks,
            ..
        } = *fetching;
        let lookup = |name: &Hash| chunks.get(name).map(|content| content.as_slice());
        match sections(&opened.index, &manifest.chunks, lookup) {
            Ok(sections) => Progress::Found(Box::new(Found {
                key: opened.key,
                index: opened.index,
                nodes: self.node_views(manifest.version),
                manifest,
                sections,
                bytes: self.bytes,
            })),
            Err(failure) => Progress::Failed(failure),
        }
    }

    fn node_views(&self, newest: u64) -> Vec<VaultNodeView> {
        let view = |source: &Source| {
            let version = source.found.as_ref().map(|manifest| manifest.version);
            let behind = version.filter(|version| *version < newest);
            let behind = behind.map(|_| VaultFault::RolledBack);
            VaultNodeView {
                node: source.url.to_string(),
                version,
                saved_at: None,
                fault: source.fault.clone().or(behind),
            }
        };
        self.sources.iter().map(view).collect()
    }
}

/// Opens a verified manifest.
pub(super) fn open(
    manifest: &Manifest,
    auth: &VaultAuth,
    opener: &Opener,
) -> Result<Opened, Failure> {
    let opened = match opener {
        Opener::Typed { half, passphrase } => {
            manifest.open(&unlock_key(passphrase, half, &auth.vault()))
        }
        Opener::Kept(key) => manifest.open_index(key).map(|index| Opened {
            key: key.clone(),
            index,
        }),
    };
    opened.map_err(|error| match error {
        OpenError::Passphrase => Failure::WrongPassphrase,
        OpenError::Index => Failure::VaultDamaged,
        OpenError::Newer(_) => Failure::VaultTooNew,
    })
}

/// Names of a section's chunks, in order.
fn chunks_of<'a>(section: &'a Section, chunks: &'a [Hash]) -> impl Iterator<Item = Hash> + 'a {
    section.segments.iter().flat_map(|segment| {
        let first = usize::try_from(segment.first).unwrap_or(usize::MAX);
        let count = usize::try_from(segment.count).unwrap_or(usize::MAX);
        chunks.iter().skip(first).take(count).copied()
    })
}

/// Puts the rows of every live section together.
pub(super) fn sections<'a>(
    index: &VaultIndex,
    names: &[Hash],
    lookup: impl Fn(&Hash) -> Option<&'a [u8]>,
) -> Result<Vec<(Section, Rows)>, Failure> {
    let mut all = Vec::new();
    for section in index.live_sections() {
        let mut rows = Rows::new();
        for segment in &section.segments {
            let one = Section {
                segments: vec![*segment],
                ..section.clone()
            };
            let mut bytes = Zeroizing::new(Vec::new());
            for name in chunks_of(&one, names) {
                bytes.extend_from_slice(lookup(&name).ok_or(Failure::VaultDamaged)?);
            }
            unpack(&bytes, &mut rows).map_err(|error| match error {
                UnpackError::Damaged => Failure::VaultDamaged,
                UnpackError::Newer => Failure::VaultTooNew,
            })?;
        }
        all.push((section.clone(), rows));
    }
    Ok(all)
}
