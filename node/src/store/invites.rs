//! Invites: who has the token of one may have an account. The token itself is never stored.

use diesel::prelude::*;
use sha2::{Digest as _, Sha256};

use super::schema::invites;
use super::{Apply, Batch, Store, StoreError, from_db, on, to_db};
use crate::clock::Millis;

/// SHA-256 of a token. A token is random, so that nothing slower is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InviteHash([u8; 32]);

impl InviteHash {
    /// Of this token.
    pub fn of(token: &[u8; 16]) -> Self {
        Self(Sha256::digest(token).into())
    }
}

/// An invite as operators see it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct InviteRow {
    /// Which.
    pub id: u64,
    /// What the operator noted.
    pub note: String,
    /// How many accounts may still be made with it.
    pub uses_left: u64,
    /// When it was made.
    pub created_at: Millis,
    /// Until when it holds.
    pub expires_at: Millis,
}

/// Makes an invite.
#[derive(Debug, Clone)]
pub struct CreateInvite {
    /// Of its token.
    pub hash: InviteHash,
    /// For the operator.
    pub note: String,
    /// For how many accounts.
    pub uses: u64,
    /// For how long.
    pub lifetime: Millis,
}

impl Apply for CreateInvite {
    type Output = InviteRow;

    fn apply(&self, batch: &mut Batch<'_>) -> Result<InviteRow, StoreError> {
        let expires_at = batch.now.saturating_add(self.lifetime);
        let id: i64 = on!(batch.connection, |c| diesel::insert_into(invites::table)
            .values((
                invites::token_hash.eq(self.hash.0.as_slice()),
                invites::note.eq(&self.note),
                invites::uses_left.eq(to_db(self.uses)),
                invites::created_at.eq(to_db(batch.now)),
                invites::expires_at.eq(to_db(expires_at)),
            ))
            .returning(invites::id)
            .get_result(c))?;
        Ok(InviteRow {
            id: from_db(id),
            note: self.note.clone(),
            uses_left: self.uses,
            created_at: batch.now,
            expires_at,
        })
    }
}

/// Makes an invite void.
#[derive(Debug, Clone, Copy)]
pub struct RevokeInvite(pub u64);

impl Apply for RevokeInvite {
    /// Whether there was one.
    type Output = bool;

    fn apply(&self, batch: &mut Batch<'_>) -> Result<bool, StoreError> {
        let revoked = on!(batch.connection, |c| diesel::delete(
            invites::table.find(to_db(self.0))
        )
        .execute(c))?;
        Ok(revoked != 0)
    }
}

/// Uses an invite once; one that is used up is forgotten.
pub(super) fn redeem(batch: &mut Batch<'_>, hash: &InviteHash) -> Result<bool, StoreError> {
    let found: Option<(i64, i64)> = on!(batch.connection, |c| invites::table
        .filter(invites::token_hash.eq(hash.0.as_slice()))
        .filter(invites::expires_at.gt(to_db(batch.now)))
        .select((invites::id, invites::uses_left))
        .get_result(c)
        .optional())?;
    let Some((id, uses_left)) = found else {
        return Ok(false);
    };
    if uses_left > 1 {
        on!(batch.connection, |c| diesel::update(
            invites::table.find(id)
        )
        .set(invites::uses_left.eq(uses_left.saturating_sub(1)))
        .execute(c))?;
    } else {
        on!(batch.connection, |c| diesel::delete(
            invites::table.find(id)
        )
        .execute(c))?;
    }
    Ok(uses_left > 0)
}

impl Store {
    /// Every invite, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invites(&self) -> Result<Vec<InviteRow>, StoreError> {
        self.read(|connection| {
            let rows: Vec<(i64, String, i64, i64, i64)> = on!(connection, |c| invites::table
                .order(invites::id)
                .select((
                    invites::id,
                    invites::note,
                    invites::uses_left,
                    invites::created_at,
                    invites::expires_at,
                ))
                .load(c))?;
            let invites = rows
                .into_iter()
                .map(|(id, note, uses_left, created_at, expires_at)| InviteRow {
                    id: from_db(id),
                    note,
                    uses_left: from_db(uses_left),
                    created_at: from_db(created_at),
                    expires_at: from_db(expires_at),
                });
            Ok(invites.collect())
        })
        .await
    }
}
