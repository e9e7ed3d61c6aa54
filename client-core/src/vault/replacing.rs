//! A recovery replaces the phrase, and with it the vault: the new one takes over the passphrase, and when a node has
//! it the old one is forgotten everywhere. An account may have few vaults, and the old phrase may be in a thief's hands.

use shared_crypto::id::VaultId;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::vault::{Manifest, VaultCall, VaultOwner, VaultRequest, unlock_key};

use super::row::ReplacedRow;
use super::{Vault, VaultRow, keys};
use crate::creation::MAX_ANSWER;
use crate::driver::Action;
use crate::problem::code_of;
use crate::ready::{Asked, Ready};
use crate::request::{Failure, Secret};
use crate::rows::key;
use crate::sorted::{SortedSet, gather};
use crate::store::Store;
use crate::turn::Turn;

impl Vault {
    /// Whether a passphrase is the one of this vault. Nothing is fine: then it is not taken over.
    pub(crate) fn opens_with(&self, passphrase: &Secret) -> bool {
        let Some(row) = self.row.as_ref().filter(|row| row.has_passphrase) else {
            return true;
        };
        let (Some(half), Some(vault)) = (row.half(), row.vault()) else {
            return true;
        };
        passphrase.0.is_empty() || {
            let unlock = unlock_key(&passphrase.normal(), &half, &vault);
            Manifest::unwrap(&unlock, &row.wrapped, &vault).is_ok()
        }
    }

    /// Begins the vault of a new phrase, in the place of the one there is, which these nodes may keep too.
    pub(crate) fn renew<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        phrase: &RecoveryPhrase,
        passphrase: &Secret,
        nodes: impl IntoIterator<Item = String>,
    ) {
        let Ok(mut row) = keys::begin(phrase, passphrase, turn.rng) else {
            return;
        };
        if let Some(old) = self.row.take() {
            let mut replaced = old.replaced.unwrap_or_default();
            let kept = old.nodes.into_iter().map(|node| node.url);
            let nodes: SortedSet<String> = gather(kept.chain(nodes));
            replaced.push(ReplacedRow {
                auth: old.auth,
                nodes: nodes.into_iter().collect(),
            });
            row.replaced = Some(replaced);
        }
        turn.put(key::ONLY, &row);
        self.row = Some(row);
        self.saving = None;
        self.attempted = None;
        self.faults.clear();
        if let Some(proof) = self.proof.take() {
            turn.fail(proof.call(), Failure::WrongState);
        }
        self.changed(turn.now, 0);
        self.hurry(turn.now);
    }

    /// A node answered to the wish that it forget an old vault.
    pub(crate) fn forgotten<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        vault: &VaultId,
        node: &NodeUrl,
        answer: Option<&(u16, Vec<u8>)>,
    ) {
        let is_settled = match answer {
            None => false,
            Some((200, _)) => true,
            // It is gone, or nothing that this client says will change the node's mind.
            Some((_, body)) => matches!(
                code_of(body).as_deref(),
                Some("not_found" | "unknown_identity" | "unauthorized")
            ),
        };
        let Some(row) = self.row.as_mut().filter(|_| is_settled) else {
            return;
        };
        let mut left = row.replaced.take().unwrap_or_default();
        for old in &mut left {
            if old.auth().is_some_and(|auth| auth.vault() == *vault) {
                old.nodes.retain(|kept| kept != node.as_str());
            }
        }
        left.retain(|old| !old.nodes.is_empty());
        row.replaced = Some(left).filter(|left| !left.is_empty());
        turn.put(key::ONLY, &*row);
    }

    fn replaced(&self) -> impl Iterator<Item = &ReplacedRow> {
        let row: Option<&VaultRow> = self.row.as_ref();
        row.into_iter()
            .flat_map(|row| row.replaced.iter().flatten())
    }
}

impl Ready {
    /// Has nodes forget the vaults of phrases that were replaced; whoever does not answer is asked after the next save.
    pub(super) fn forget_replaced<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let mut wishes = Vec::new();
        for old in self.vault.replaced() {
            let Some(auth) = old.auth() else { continue };
            for node in &old.nodes {
                let Ok(url) = NodeUrl::parse(node) else {
                    continue;
                };
                let Some(home) = self.homes.get(&url) else {
                    continue;
                };
                let owner = VaultOwner {
                    node: url.clone(),
                    fingerprint: home.row.fingerprint,
                    vault: auth.vault(),
                    identity: self.own.identity(),
                    at: turn.now,
                };
                let header =
                    VaultRequest::header(&auth, &url, VaultCall::Forget, None, turn.now, turn.rng);
                if let (Ok(owner), Ok(header)) = (owner.sign(&self.own.signing, turn.rng), header) {
                    wishes.push((auth.vault(), url, header, owner.bytes().to_vec()));
                }
            }
        }
        for (vault, node, header, owner) in wishes {
            let call = self.next_http();
            turn.act(Action::Http {
                call,
                node: node.clone(),
                path: format!("/v1/vaults/{vault}/forgotten"),
                vault: Some(header),
                put: Some(owner),
                limit: MAX_ANSWER,
            });
            self.http.insert(call, Asked::Forget(vault, node));
        }
    }
}
