//! Vaults: manifests that replace each other one by one, and chunks that never change.

use std::collections::BTreeSet;

use bytes::Bytes;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use shared_crypto::id::{Hash, VaultId};
use shared_crypto::problem::ProblemCode;

use super::schema::{accounts, vault_chunks, vaults};
use super::{
    AccountId, Apply, Batch, Connection, Store, StoreError, Urgency, from_db, on, size_to_db, to_db,
};

/// Vaults of one account: one for each recovery phrase that it had lately.
const MAX_VAULTS: i64 = 4;

/// How long a chunk may wait for the manifest that lists it, in milliseconds: another device may be
/// in the middle of writing.
const PATIENCE: u64 = 60 * 60 * 1_000;

/// Rows that one command of expiry looks at.
const PAGE: i64 = 500;

fn total(sizes: &[i64]) -> i64 {
    let add = |sum: i64, size: &i64| sum.saturating_add(*size);
    sizes.iter().fold(0, add)
}

/// A vault's row.
struct VaultRow {
    id: i64,
    account: i64,
    version: u64,
    hash: Vec<u8>,
    used_bytes: i64,
}

fn find(connection: &mut Connection, vault: &VaultId) -> Result<Option<VaultRow>, StoreError> {
    let row: Option<(i64, i64, i64, Vec<u8>, i64)> = on!(connection, |c| vaults::table
        .filter(vaults::vault.eq(vault.as_bytes().as_slice()))
        .select((
            vaults::id,
            vaults::account,
            vaults::version,
            vaults::hash,
            vaults::used_bytes,
        ))
        .get_result(c))
    .optional()?;
    Ok(
        row.map(|(id, account, version, hash, used_bytes)| VaultRow {
            id,
            account,
            version: from_db(version),
            hash,
            used_bytes,
        }),
    )
}

/// A vault whose account may write.
fn find_writable(
    connection: &mut Connection,
    vault: &VaultId,
) -> Result<Result<VaultRow, ProblemCode>, StoreError> {
    let Some(row) = find(connection, vault)? else {
        return Ok(Err(ProblemCode::NotFound));
    };
    let blocked_at: i64 = on!(connection, |c| accounts::table
        .find(row.account)
        .select(accounts::blocked_at)
        .get_result(c))?;
    Ok(if blocked_at == 0 {
        Ok(row)
    } else {
        Err(ProblemCode::AccountBlocked)
    })
}

/// Deletes what a save that never came to its end has left in a vault; returns how much that was.
fn forget_unlisted(batch: &mut Batch<'_>, vault: i64) -> Result<i64, StoreError> {
    let before = to_db(batch.now.saturating_sub(PATIENCE));
    let gone: Vec<i64> = on!(batch.connection, |c| diesel::delete(
        vault_chunks::table
            .filter(vault_chunks::vault.eq(vault))
            .filter(vault_chunks::listed.eq(0))
            .filter(vault_chunks::uploaded_at.le(before))
    )
    .returning(vault_chunks::size)
    .load(c))?;
    Ok(gone.into_iter().fold(0, i64::saturating_add))
}

/// The same for all vaults, a part at a time; says whether that was all.
pub(super) fn forget_abandoned(batch: &mut Batch<'_>) -> Result<bool, StoreError> {
    let before = to_db(batch.now.saturating_sub(PATIENCE));
    let found: Vec<i64> = on!(batch.connection, |c| vault_chunks::table
        // Spelled out: the index of these is one of unlisted chunks only.
        .filter(diesel::dsl::sql::<Bool>("listed = 0"))
        .filter(vault_chunks::uploaded_at.le(before))
        .order(vault_chunks::uploaded_at)
        .limit(PAGE)
        .select(vault_chunks::vault)
        .load(c))?;
    let is_last = size_to_db(found.len()) < PAGE;
    for vault in found.into_iter().collect::<BTreeSet<i64>>() {
        let gone = forget_unlisted(batch, vault)?;
        on!(batch.connection, |c| diesel::update(
            vaults::table.find(vault)
        )
        .set(vaults::used_bytes.eq(vaults::used_bytes - gone))
        .execute(c))?;
    }
    Ok(is_last)
}

/// Makes a vault an account's.
#[derive(Debug, Clone, Copy)]
pub struct OwnVault {
    /// Which.
    pub vault: VaultId,
    /// Whose.
    pub account: AccountId,
}

impl Apply for OwnVault {
    const URGENCY: Urgency = Urgency::Quick;

    type Output = Result<(), ProblemCode>;

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        let owner: Option<i64> = on!(batch.connection, |c| vaults::table
            .filter(vaults::vault.eq(self.vault.as_bytes().as_slice()))
            .select(vaults::account)
            .get_result(c))
        .optional()?;
        if let Some(owner) = owner {
            let is_theirs = owner == self.account.0;
            return Ok(is_theirs.then_some(()).ok_or(ProblemCode::Unauthorized));
        }
        let count: i64 = on!(batch.connection, |c| vaults::table
            .filter(vaults::account.eq(self.account.0))
            .count()
            .get_result(c))?;
        if count >= MAX_VAULTS {
            return Ok(Err(ProblemCode::VaultFull));
        }
        on!(batch.connection, |c| diesel::insert_into(vaults::table)
            .values((
                vaults::vault.eq(self.vault.as_bytes().as_slice()),
                vaults::account.eq(self.account.0),
                vaults::hash.eq(Vec::new()),
                vaults::manifest.eq(Vec::new()),
            ))
            .execute(c))?;
        Ok(Ok(()))
    }
}

/// Forgets a vault of an account, with all that is in it.
#[derive(Debug, Clone, Copy)]
pub struct ForgetVault {
    /// Which.
    pub vault: VaultId,
    /// Whose.
    pub account: AccountId,
}

impl Apply for ForgetVault {
    const URGENCY: Urgency = Urgency::Quick;

    type Output = Result<(), ProblemCode>;

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        let found: Option<(i64, i64)> = on!(batch.connection, |c| vaults::table
            .filter(vaults::vault.eq(self.vault.as_bytes().as_slice()))
            .select((vaults::id, vaults::account))
            .get_result(c))
        .optional()?;
        let Some((id, owner)) = found else {
            return Ok(Err(ProblemCode::NotFound));
        };
        if owner != self.account.0 {
            return Ok(Err(ProblemCode::Unauthorized));
        }
        on!(batch.connection, |c| diesel::delete(
            vault_chunks::table.filter(vault_chunks::vault.eq(id))
        )
        .execute(c))?;
        on!(batch.connection, |c| diesel::delete(vaults::table.find(id))
            .execute(c))?;
        Ok(Ok(()))
    }
}

/// Keeps a chunk of a vault.
#[derive(Debug, Clone)]
pub struct PutChunk {
    /// Of which vault.
    pub vault: VaultId,
    /// Its name.
    pub chunk: Hash,
    /// The bytes.
    pub sealed: Bytes,
}

/// Whether something was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It was.
    New,
    /// It was here already.
    Known,
}

impl Apply for PutChunk {
    const URGENCY: Urgency = Urgency::Quick;

    type Output = Result<Kept, ProblemCode>;

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        let vault = match find_writable(batch.connection, &self.vault)? {
            Ok(vault) => vault,
            Err(code) => return Ok(Err(code)),
        };
        let name = self.chunk.as_bytes().as_slice();
        let is_known: i64 = on!(batch.connection, |c| vault_chunks::table
            .filter(vault_chunks::vault.eq(vault.id))
            .filter(vault_chunks::chunk.eq(name))
            .count()
            .get_result(c))?;
        if is_known > 0 {
            return Ok(Ok(Kept::Known));
        }
        let size = size_to_db(self.sealed.len());
        // While a vault is written anew, old and new are here together.
        let room = to_db(batch.limits.vault_bytes.saturating_mul(2));
        let mut used = vault.used_bytes.saturating_add(size);
        if used > room {
            let gone = forget_unlisted(batch, vault.id)?;
            used = used.saturating_sub(gone);
        }
        if used > room {
            on!(batch.connection, |c| diesel::update(
                vaults::table.find(vault.id)
            )
            .set(vaults::used_bytes.eq(used.saturating_sub(size)))
            .execute(c))?;
            return Ok(Err(ProblemCode::VaultFull));
        }
        on!(batch.connection, |c| diesel::insert_into(
            vault_chunks::table
        )
        .values((
            vault_chunks::vault.eq(vault.id),
            vault_chunks::chunk.eq(name),
            vault_chunks::uploaded_at.eq(to_db(batch.now)),
            vault_chunks::size.eq(size),
            vault_chunks::sealed.eq(self.sealed.as_ref()),
        ))
        .execute(c))?;
        on!(batch.connection, |c| diesel::update(
            vaults::table.find(vault.id)
        )
        .set(vaults::used_bytes.eq(used))
        .execute(c))?;
        Ok(Ok(Kept::New))
    }
}

/// Takes a verified manifest in the place of another one.
#[derive(Debug, Clone)]
pub struct PutManifest {
    /// Of which vault.
    pub vault: VaultId,
    /// Its version.
    pub version: u64,
    /// Its hash.
    pub hash: Hash,
    /// Hash of the manifest that it replaces; nothing: the first one here.
    pub replaces: Option<Hash>,
    /// The chunks that it lists.
    pub chunks: Vec<Hash>,
    /// The signed bytes.
    pub signed: Bytes,
}

impl Apply for PutManifest {
    const URGENCY: Urgency = Urgency::Quick;

    type Output = Result<Kept, ProblemCode>;

    fn weight(&self) -> usize {
        self.chunks.len().div_ceil(4)
    }

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        let vault = match find_writable(batch.connection, &self.vault)? {
            Ok(vault) => vault,
            Err(code) => return Ok(Err(code)),
        };
        if vault.version > 0 && vault.hash == self.hash.as_bytes() {
            return Ok(Ok(Kept::Known));
        }
        let replaces = self.replaces.map(|hash| hash.as_bytes().to_vec());
        if replaces.unwrap_or_default() != vault.hash || self.version <= vault.version {
            return Ok(Err(ProblemCode::StaleVault));
        }
        let listed: BTreeSet<&[u8]> = self
            .chunks
            .iter()
            .map(|chunk| chunk.as_bytes().as_slice())
            .collect();
        let listed: Vec<&[u8]> = listed.into_iter().collect();
        // Those that are listed first: a manifest that lists what is not there costs what it lists.
        let there = || {
            vault_chunks::table
                .filter(vault_chunks::vault.eq(vault.id))
                .filter(vault_chunks::chunk.eq_any(&listed))
        };
        let sizes: Vec<i64> = on!(batch.connection, |c| there()
            .select(vault_chunks::size)
            .load(c))?;
        if sizes.len() != listed.len() {
            return Ok(Err(ProblemCode::MissingChunk));
        }
        if total(&sizes) > to_db(batch.limits.vault_bytes) {
            return Ok(Err(ProblemCode::VaultFull));
        }
        let waited = to_db(batch.now.saturating_sub(PATIENCE));
        let gone = || {
            vault_chunks::table
                .filter(vault_chunks::vault.eq(vault.id))
                .filter(vault_chunks::chunk.ne_all(&listed))
                .filter(
                    vault_chunks::listed
                        .eq(1)
                        .or(vault_chunks::uploaded_at.le(waited)),
                )
        };
        let freed: Vec<i64> = on!(batch.connection, |c| gone()
            .select(vault_chunks::size)
            .load(c))?;
        on!(batch.connection, |c| diesel::delete(gone()).execute(c))?;
        let news = || there().filter(vault_chunks::listed.eq(0));
        on!(batch.connection, |c| diesel::update(news())
            .set(vault_chunks::listed.eq(1))
            .execute(c))?;
        let used = vault.used_bytes.saturating_sub(total(&freed));
        on!(batch.connection, |c| diesel::update(
            vaults::table.find(vault.id)
        )
        .set((
            vaults::version.eq(to_db(self.version)),
            vaults::hash.eq(self.hash.as_bytes().as_slice()),
            vaults::manifest.eq(self.signed.as_ref()),
            vaults::used_bytes.eq(used),
        ))
        .execute(c))?;
        Ok(Ok(Kept::New))
    }
}

impl Store {
    /// The signed manifest of a vault.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_vault(&self, vault: VaultId) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(move |connection| {
            let manifest: Option<Vec<u8>> = on!(connection, |c| vaults::table
                .filter(vaults::vault.eq(vault.as_bytes().as_slice()))
                .filter(vaults::version.gt(0))
                .select(vaults::manifest)
                .get_result(c))
            .optional()?;
            Ok(manifest)
        })
        .await
    }

    /// A chunk of a vault.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_chunk(
        &self,
        vault: VaultId,
        chunk: Hash,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(move |connection| {
            let Some(vault) = find(connection, &vault)? else {
                return Ok(None);
            };
            let sealed: Option<Vec<u8>> = on!(connection, |c| vault_chunks::table
                .filter(vault_chunks::vault.eq(vault.id))
                .filter(vault_chunks::chunk.eq(chunk.as_bytes().as_slice()))
                .select(vault_chunks::sealed)
                .get_result(c))
            .optional()?;
            Ok(sealed)
        })
        .await
    }
}
