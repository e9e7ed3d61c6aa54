//! Accounts, their chains and key packages, and their devices.

use diesel::prelude::*;
use shared_crypto::id::{DeviceId, Hash, IdentityId, MailboxId};
use shared_crypto::problem::ProblemCode;

use super::invites::{self, InviteHash};
use super::mail::{MailboxKind, find_mailbox, insert_mailbox};
use super::many;
use super::schema::{accounts, devices, key_packages, records};
use super::{AccountId, Apply, Batch, Connection, Cursor, Event, StoreError, from_db, on, to_db};

/// Copies of one identity that the node remembers; beyond it the longest unseen is forgotten.
const MAX_DEVICES: i64 = 16;

/// One record of a verified chain, as it is stored.
#[derive(Debug, Clone)]
pub struct RecordRow {
    /// Its place in the chain.
    pub number: u64,
    /// Hash of its payload.
    pub hash: Hash,
    /// The signed bytes.
    pub signed: Vec<u8>,
}

/// The part of a stored chain that a recovery takes the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overruled {
    /// The first record that goes.
    pub from: u64,
    /// Hash of the last record of the chain that was judged: if another is stored by now, nothing goes.
    pub head: Hash,
}

/// Stores a verified chain and key package; makes the account when there is none.
#[derive(Debug, Clone)]
pub struct PutIdentity {
    /// Whose.
    pub identity: IdentityId,
    /// The whole chain from genesis on.
    pub records: Vec<RecordRow>,
    /// Where the chain departs from the stored one, if its owner's recovery overrules that.
    pub overrules: Option<Overruled>,
    /// Modulus of the signing key in force.
    pub signing_key: Vec<u8>,
    /// Epoch of the key package.
    pub epoch: u64,
    /// Hash of the key package.
    pub key_package_hash: Hash,
    /// The signed key package.
    pub key_package: Vec<u8>,
    /// The intro mailbox that the chain names on this node; nothing when it does not list it: the owner
    /// has moved, and what is delivered to them is refused from now on.
    pub intro: Option<MailboxId>,
    /// On what terms a new account may be made.
    pub admission: Admission,
}

/// On what terms a new account may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// For everybody.
    Open,
    /// With this invite, if it holds.
    Invite(InviteHash),
    /// Not at all, for this reason.
    Refused(ProblemCode),
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutIdentityOutcome {
    /// There is a new account.
    Created,
    /// The account was known; newer parts were stored.
    Known,
}

/// How a key package relates to the stored one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PackageOrder {
    /// It is to replace it.
    Newer,
    /// It is the same.
    Same,
    /// It was replaced, or contradicts it.
    Older,
}

impl Apply for PutIdentity {
    type Output = Result<PutIdentityOutcome, ProblemCode>;

    fn weight(&self) -> usize {
        self.records.len().div_ceil(4)
    }

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        let account = find_account(batch.connection, &self.identity)?;
        let first_new = match self.first_new_record(batch.connection)? {
            Ok(first) => first,
            Err(code) => return Ok(Err(code)),
        };
        let replaced_key = match account {
            Some(account) => self.replaced_key(batch.connection, account)?,
            None => None,
        };
        let continues = self
            .records
            .last()
            .is_some_and(|record| record.number >= first_new);
        let package = self.compare_key_package(batch.connection)?;
        let replaces_key_package = match package {
            // Signed by another key, the stored one is worth nothing.
            _ if replaced_key.is_some() => true,
            PackageOrder::Newer => true,
            PackageOrder::Same => false,
            // Whoever brings a newer record need not know the newest package.
            PackageOrder::Older if continues => false,
            PackageOrder::Older => return Ok(Err(ProblemCode::StaleKeyPackage)),
        };
        let outcome = match account {
            Some(account) => {
                self.update(batch, account)?;
                if let Some(account) = replaced_key {
                    batch.events.push(Event::KeyReplaced { account });
                }
                PutIdentityOutcome::Known
            }
            None => match self.register(batch)? {
                Ok(()) => PutIdentityOutcome::Created,
                Err(code) => return Ok(Err(code)),
            },
        };
        // There are none from there on, unless a recovery takes their place.
        on!(batch.connection, |c| diesel::delete(
            records::table
                .filter(records::identity.eq(self.identity.as_bytes().as_slice()))
                .filter(records::number.ge(to_db(first_new)))
        )
        .execute(c))?;
        for record in self
            .records
            .iter()
            .filter(|record| record.number >= first_new)
        {
            on!(batch.connection, |c| diesel::insert_into(records::table)
                .values((
                    records::identity.eq(self.identity.as_bytes().as_slice()),
                    records::number.eq(to_db(record.number)),
                    records::hash.eq(record.hash.as_bytes().as_slice()),
                    records::signed.eq(&record.signed),
                    records::stored_at.eq(to_db(batch.now)),
                ))
                .execute(c))?;
        }
        if replaces_key_package {
            let values = (
                key_packages::epoch.eq(to_db(self.epoch)),
                key_packages::hash.eq(self.key_package_hash.as_bytes().as_slice()),
                key_packages::signed.eq(&self.key_package),
            );
            on!(batch.connection, |c| diesel::insert_into(
                key_packages::table
            )
            .values((
                key_packages::identity.eq(self.identity.as_bytes().as_slice()),
                values,
            ))
            .on_conflict(key_packages::identity)
            .do_update()
            .set(values)
            .execute(c))?;
        }
        Ok(Ok(outcome))
    }
}

impl PutIdentity {
    /// Never goes back: the chain must continue what is stored.
    fn first_new_record(
        &self,
        connection: &mut Connection,
    ) -> Result<Result<u64, ProblemCode>, StoreError> {
        let stored: Option<(i64, Vec<u8>)> = on!(connection, |c| records::table
            .filter(records::identity.eq(self.identity.as_bytes().as_slice()))
            .order(records::number.desc())
            .select((records::number, records::hash))
            .first(c)
            .optional())?;
        let Some((number, hash)) = stored else {
            return Ok(Ok(0));
        };
        let ours = self
            .records
            .iter()
            .find(|record| record.number == from_db(number));
        if let Some(overruled) = self.overrules
            && overruled.head.as_bytes().as_slice() == hash.as_slice()
        {
            return Ok(Ok(overruled.from));
        }
        Ok(match ours {
            Some(record) if record.hash.as_bytes().as_slice() == hash.as_slice() => {
                Ok(from_db(number).saturating_add(1))
            }
            Some(_) => Err(ProblemCode::ForkedRecord),
            None => self.compare_shorter(connection)?,
        })
    }

    /// The chain ends before the stored one: is it a part of it?
    fn compare_shorter(
        &self,
        connection: &mut Connection,
    ) -> Result<Result<u64, ProblemCode>, StoreError> {
        let Some(last) = self.records.last() else {
            return Ok(Err(ProblemCode::InvalidRecord));
        };
        let stored: Option<Vec<u8>> = on!(connection, |c| records::table
            .find((self.identity.as_bytes().as_slice(), to_db(last.number)))
            .select(records::hash)
            .get_result(c)
            .optional())?;
        let is_part = stored.is_some_and(|hash| hash == last.hash.as_bytes());
        Ok(Err(if is_part {
            ProblemCode::StaleRecord
        } else {
            ProblemCode::ForkedRecord
        }))
    }

    /// The account, if its logins need another key from now on.
    fn replaced_key(
        &self,
        connection: &mut Connection,
        account: AccountId,
    ) -> Result<Option<AccountId>, StoreError> {
        let stored: Vec<u8> = on!(connection, |c| accounts::table
            .find(account.0)
            .select(accounts::signing_key)
            .get_result(c))?;
        Ok((stored != self.signing_key).then_some(account))
    }

    /// What the newest record says of a known account.
    fn update(&self, batch: &mut Batch<'_>, account: AccountId) -> Result<(), StoreError> {
        let left_at: i64 = on!(batch.connection, |c| accounts::table
            .find(account.0)
            .select(accounts::left_at)
            .get_result(c))?;
        let left_at = match (&self.intro, left_at) {
            (Some(_), _) => 0,
            (None, 0) => to_db(batch.now).max(1),
            (None, earlier) => earlier,
        };
        on!(batch.connection, |c| diesel::update(
            accounts::table.find(account.0)
        )
        .set((
            accounts::signing_key.eq(&self.signing_key),
            accounts::left_at.eq(left_at),
        ))
        .execute(c))?;
        batch.set_left(account, left_at != 0);
        self.open_intro(batch, account)
    }

    /// How the key package relates to the stored one.
    fn compare_key_package(&self, connection: &mut Connection) -> Result<PackageOrder, StoreError> {
        let stored: Option<(i64, Vec<u8>)> = on!(connection, |c| key_packages::table
            .find(self.identity.as_bytes().as_slice())
            .select((key_packages::epoch, key_packages::hash))
            .get_result(c)
            .optional())?;
        Ok(match stored {
            None => PackageOrder::Newer,
            Some((epoch, _)) if self.epoch > from_db(epoch) => PackageOrder::Newer,
            Some((epoch, hash))
                if self.epoch == from_db(epoch) && hash == self.key_package_hash.as_bytes() =>
            {
                PackageOrder::Same
            }
            Some(_) => PackageOrder::Older,
        })
    }

    /// A later record may name a new mailbox for strangers. One that was removed stays removed, and one
    /// that somebody else has here is no reason to refuse the record.
    fn open_intro(&self, batch: &mut Batch<'_>, account: AccountId) -> Result<(), StoreError> {
        match &self.intro {
            Some(intro) if find_mailbox(batch.connection, intro)?.is_none() => {
                insert_mailbox(batch, account, intro, MailboxKind::Intro)
            }
            _ => Ok(()),
        }
    }

    fn register(&self, batch: &mut Batch<'_>) -> Result<Result<(), ProblemCode>, StoreError> {
        let Some(intro) = self.intro else {
            return Ok(Err(ProblemCode::NotThisNode));
        };
        // The record says that this mailbox is theirs. If somebody else has it here, the chain is not
        // one that this node can serve.
        if find_mailbox(batch.connection, &intro)?.is_some() {
            return Ok(Err(ProblemCode::Unauthorized));
        }
        match &self.admission {
            Admission::Open => {}
            Admission::Invite(hash) => {
                if !invites::redeem(batch, hash)? {
                    return Ok(Err(ProblemCode::InviteInvalid));
                }
            }
            Admission::Refused(code) => return Ok(Err(*code)),
        }
        let account: i64 = on!(batch.connection, |c| diesel::insert_into(accounts::table)
            .values((
                accounts::identity.eq(self.identity.as_bytes().as_slice()),
                accounts::signing_key.eq(&self.signing_key),
                accounts::created_at.eq(to_db(batch.now)),
            ))
            .returning(accounts::id)
            .get_result(c))?;
        insert_mailbox(batch, AccountId(account), &intro, MailboxKind::Intro)?;
        Ok(Ok(()))
    }
}

pub(super) fn find_account(
    connection: &mut Connection,
    identity: &IdentityId,
) -> Result<Option<AccountId>, StoreError> {
    let id: Option<i64> = on!(connection, |c| accounts::table
        .filter(accounts::identity.eq(identity.as_bytes().as_slice()))
        .select(accounts::id)
        .get_result(c)
        .optional())?;
    Ok(id.map(AccountId))
}

/// A device has logged in; it is remembered from now on.
#[derive(Debug, Clone, Copy)]
pub struct OpenDevice {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub device: DeviceId,
}

impl Apply for OpenDevice {
    /// What it acknowledged so far.
    type Output = Cursor;

    fn account(&self) -> Option<AccountId> {
        Some(self.account)
    }

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Cursor, StoreError> {
        let acked: i64 = on!(batch.connection, |c| diesel::insert_into(devices::table)
            .values((
                devices::account.eq(self.account.0),
                devices::device.eq(self.device.as_bytes().as_slice()),
                devices::acked.eq(0),
                devices::last_seen.eq(to_db(batch.now)),
            ))
            .on_conflict((devices::account, devices::device))
            .do_update()
            .set(devices::last_seen.eq(to_db(batch.now)))
            .returning(devices::acked)
            .get_result(c))?;
        self.forget_oldest(batch)?;
        Ok(Cursor(from_db(acked)))
    }
}

impl OpenDevice {
    fn forget_oldest(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let superfluous: Vec<Vec<u8>> = on!(batch.connection, |c| devices::table
            .filter(devices::account.eq(self.account.0))
            .filter(devices::device.ne(self.device.as_bytes().as_slice()))
            .order(devices::last_seen.desc())
            .offset(MAX_DEVICES.saturating_sub(1))
            .limit(MAX_DEVICES)
            .select(devices::device)
            .load(c))?;
        for device in superfluous {
            on!(batch.connection, |c| diesel::delete(
                devices::table.find((self.account.0, device))
            )
            .execute(c))?;
            batch.acked.insert(self.account);
        }
        Ok(())
    }
}

/// These devices are connected now; at most so many at once as [`TouchDevices::MOST`].
#[derive(Debug, Clone)]
pub struct TouchDevices(pub Vec<(AccountId, DeviceId)>);

impl TouchDevices {
    /// The mail does not wait for the rest.
    pub const MOST: usize = 500;
}

impl Apply for TouchDevices {
    type Output = ();

    fn weight(&self) -> usize {
        self.0.len().div_ceil(4)
    }

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        match batch.connection {
            Connection::Sqlite(c) => {
                let seen = devices::last_seen.eq(to_db(batch.now));
                for (account, device) in &self.0 {
                    let row = devices::table.find((account.0, device.as_bytes().as_slice()));
                    diesel::update(row).set(seen).execute(c)?;
                }
                Ok(())
            }
            Connection::Postgres(c) => many::touch(c, batch.now, &self.0),
        }
    }
}
