//! A newer key package for a chain that is stored already.

use diesel::prelude::*;
use shared_crypto::id::{Hash, IdentityId};
use shared_crypto::problem::ProblemCode;

use super::schema::{accounts, key_packages, records};
use super::{Apply, Batch, StoreError, Urgency, from_db, on, to_db};

/// Stores a key package that was verified by the signing key of an account, if the account still has
/// that key and the chain ends where it did.
#[derive(Debug, Clone)]
pub struct PutKeyPackage {
    /// Whose.
    pub identity: IdentityId,
    /// Hash of the chain's last record.
    pub head: Hash,
    /// Modulus of the key that verified it.
    pub signing_key: Vec<u8>,
    /// Its epoch.
    pub epoch: u64,
    /// Its hash.
    pub hash: Hash,
    /// The signed bytes.
    pub signed: Vec<u8>,
}

impl Apply for PutKeyPackage {
    const URGENCY: Urgency = Urgency::Quick;

    type Output = Result<(), ProblemCode>;

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        let identity = self.identity.as_bytes().as_slice();
        let signing_key: Option<Vec<u8>> = on!(batch.connection, |c| accounts::table
            .filter(accounts::identity.eq(identity))
            .select(accounts::signing_key)
            .get_result(c)
            .optional())?;
        let head: Option<Vec<u8>> = on!(batch.connection, |c| records::table
            .filter(records::identity.eq(identity))
            .order(records::number.desc())
            .select(records::hash)
            .first(c)
            .optional())?;
        let is_as_verified = signing_key.as_ref() == Some(&self.signing_key)
            && head.is_some_and(|head| head == self.head.as_bytes());
        if !is_as_verified {
            return Ok(Err(ProblemCode::Unavailable)); // it changed meanwhile
        }
        let stored: Option<(i64, Vec<u8>)> = on!(batch.connection, |c| key_packages::table
            .find(identity)
            .select((key_packages::epoch, key_packages::hash))
            .get_result(c)
            .optional())?;
        match stored {
            Some((epoch, hash)) if self.epoch == from_db(epoch) && hash == self.hash.as_bytes() => {
                return Ok(Ok(()));
            }
            Some((epoch, _)) if self.epoch <= from_db(epoch) => {
                return Ok(Err(ProblemCode::StaleKeyPackage));
            }
            _ => {}
        }
        let values = (
            key_packages::epoch.eq(to_db(self.epoch)),
            key_packages::hash.eq(self.hash.as_bytes().as_slice()),
            key_packages::signed.eq(&self.signed),
        );
        on!(batch.connection, |c| diesel::insert_into(
            key_packages::table
        )
        .values((key_packages::identity.eq(identity), values))
        .on_conflict(key_packages::identity)
        .do_update()
        .set(values)
        .execute(c))?;
        Ok(Ok(()))
    }
}
