//! The vaults of a simulated node: the rules of a real one (`docs/protocol.md` §20), and ways to break them.

use std::collections::BTreeMap;

use shared_crypto::base64url;
use shared_crypto::id::{Hash, IdentityId, VaultId};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;
use shared_crypto::signed::{Signed, Verified};
use shared_crypto::time::is_recent;
use shared_crypto::vault::{Manifest, VaultCall, VaultOwner, VaultRequest, chunk_id};

/// The vaults of one node.
#[derive(Default)]
pub struct Vaults {
    vaults: BTreeMap<VaultId, Vault>,
    /// Whether there is no room.
    pub full: bool,
    /// Bytes of the chunks that were brought here.
    pub brought: usize,
}

/// What a node keeps of a vault.
#[derive(Clone)]
pub struct Vault {
    owner: IdentityId,
    manifest: Option<Verified<Manifest>>,
    pub chunks: BTreeMap<Hash, Vec<u8>>,
}

type Answer = (u16, Vec<u8>);

fn problem(status: u16, code: ProblemCode) -> Answer {
    (status, format!(r#"{{"code":"{code}"}}"#).into_bytes())
}

impl Vaults {
    /// Answers a request below `/v1/vaults/`.
    pub fn answer(
        &mut self,
        url: &NodeUrl,
        path: &str,
        header: Option<&str>,
        put: Option<&[u8]>,
        now: u64,
    ) -> Answer {
        let parts: Vec<&str> = path.split('/').collect();
        let vault = VaultId::parse(parts[0]).expect("a vault");
        let header = header.expect("a header");
        let verify = |call, subject: Option<&Hash>| {
            VaultRequest::verify(header, url, &vault, call, subject, now).expect("permission")
        };
        // A clock may be wrong; everything else that a client signs holds.
        let signed = base64url::decode(header).expect("base64url");
        let signed = Signed::<VaultRequest>::parse(&signed).expect("a request");
        if !is_recent(signed.unverified().at, now) {
            return problem(401, ProblemCode::Unauthorized);
        }
        let not_found = problem(404, ProblemCode::NotFound);
        match (&parts[1..], put) {
            (["owner"], Some(body)) => {
                verify(VaultCall::Own, None);
                let owner = Signed::<VaultOwner>::parse(body).expect("an owner");
                let owner = owner.unverified().identity;
                let kept = self.vaults.entry(vault).or_insert(Vault {
                    owner,
                    manifest: None,
                    chunks: BTreeMap::new(),
                });
                assert_eq!(kept.owner, owner, "a vault has one owner");
                (200, Vec::new())
            }
            (["forgotten"], Some(body)) => {
                verify(VaultCall::Forget, None);
                let owner = Signed::<VaultOwner>::parse(body).expect("an owner");
                match self.vaults.get(&vault) {
                    None => not_found,
                    Some(kept) => {
                        assert_eq!(kept.owner, owner.unverified().identity, "its owner");
                        self.vaults.remove(&vault);
                        (200, Vec::new())
                    }
                }
            }
            ([], None) => {
                verify(VaultCall::ReadManifest, None);
                match self
                    .vaults
                    .get(&vault)
                    .and_then(|kept| kept.manifest.as_ref())
                {
                    Some(manifest) => (200, manifest.bytes().to_vec()),
                    None => not_found,
                }
            }
            ([], Some(body)) => {
                let request = verify(VaultCall::WriteManifest, None);
                let manifest = Manifest::verify(body, &vault).expect("a manifest");
                let Some(kept) = self.vaults.get_mut(&vault) else {
                    return not_found;
                };
                let before = kept.manifest.as_ref().map(Verified::hash);
                if before == Some(manifest.hash()) {
                    return (200, Vec::new());
                }
                let version = kept.manifest.as_ref().map_or(0, |it| it.version);
                if request.replaces() != before || manifest.version <= version {
                    return problem(409, ProblemCode::StaleVault);
                }
                if !manifest
                    .chunks
                    .iter()
                    .all(|it| kept.chunks.contains_key(it))
                {
                    return problem(409, ProblemCode::MissingChunk);
                }
                kept.chunks.retain(|name, _| manifest.chunks.contains(name));
                kept.manifest = Some(manifest);
                (201, Vec::new())
            }
            (["chunks", name], put) => {
                let name = Hash::parse(name).expect("a name");
                match put {
                    None => verify(VaultCall::ReadChunk, Some(&name)),
                    Some(_) => verify(VaultCall::WriteChunk, Some(&name)),
                };
                let Some(kept) = self.vaults.get_mut(&vault) else {
                    return not_found;
                };
                match put {
                    None => kept
                        .chunks
                        .get(&name)
                        .map_or(not_found, |chunk| (200, chunk.clone())),
                    Some(_) if self.full => problem(507, ProblemCode::VaultFull),
                    Some(body) => {
                        assert_eq!(chunk_id(body), name);
                        self.brought += body.len();
                        kept.chunks.insert(name, body.to_vec());
                        (201, Vec::new())
                    }
                }
            }
            _ => panic!("no such path: {path}"),
        }
    }

    /// How many vaults there are.
    pub fn count(&self) -> usize {
        self.vaults.len()
    }

    /// What is kept of the only vault.
    pub fn only(&mut self) -> &mut Vault {
        self.vaults.values_mut().next().expect("a vault")
    }

    /// Goes back to what was kept before.
    pub fn roll_back(&mut self, before: Vault) {
        *self.only() = before;
    }

    /// Loses everything.
    pub fn forget(&mut self) {
        self.vaults.clear();
    }
}

impl Vault {
    /// The version that is kept.
    pub fn version(&self) -> u64 {
        self.manifest.as_ref().map_or(0, |it| it.version)
    }

    /// Answers each chunk with the bytes of another.
    pub fn swap_chunks(&mut self) {
        let mut bytes: Vec<Vec<u8>> = self.chunks.values().cloned().collect();
        bytes.rotate_left(1);
        for (chunk, other) in self.chunks.values_mut().zip(bytes) {
            *chunk = other;
        }
    }
}
