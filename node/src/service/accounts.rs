//! Accounts: registration, what is published of an identity, logins.

use std::sync::Arc;

use bytes::Bytes;
use shared_crypto::bundle::{Bundle, BundleError};
use shared_crypto::cbor::Bytes as CborBytes;
use shared_crypto::id::{DeviceId, IdentityId, Nonce};
use shared_crypto::key_package::KeyPackage;
use shared_crypto::login::{Login, LoginError};
use shared_crypto::node_document::Registration;
use shared_crypto::problem::ProblemCode;
use shared_crypto::record::{Chain, Record};
use shared_crypto::rsa_keys::SigningPublicKey;
use shared_crypto::signed::{Signed, SignedError, Verified};
use shared_crypto::time::DAY;

use super::{App, Refusal, store_code};
use crate::limits::address::ClientAddress;
use crate::store::{
    AccountId, AccountRow, Admission, InviteHash, Overruled, PutIdentity, PutIdentityOutcome,
    PutKeyPackage, RecordRow, StoreError, StoredRecord,
};

/// Bytes of a chain and key package that are taken from a known account though the disk is full.
const LONG_CHAIN: usize = 256 * 1024;

/// After how many seconds a bundle may be brought again that could not wait to be verified.
const VERIFYING_AGAIN_S: u32 = 5;

/// Records searched for the key that signed a refused login, from the newest on.
const SEARCHED_RECORDS: u32 = 64;

/// Replaced keys that a refused login is compared with.
const SEARCHED_KEYS: usize = 4;

/// A device that has proven to belong to an account.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub device: DeviceId,
    identity: IdentityId,
    /// What it proved to have.
    signing_key: Vec<u8>,
}

impl App {
    /// Verifies a bundle and stores it; makes the account when there is none.
    ///
    /// # Errors
    /// [`Refusal`] for a bundle that does not verify or goes back, or an account that may not be.
    pub async fn put_identity(
        &self,
        identity: IdentityId,
        bundle: Bytes,
        from: Option<ClientAddress>,
    ) -> Result<PutIdentityOutcome, Refusal> {
        let account = self.store.find_account(identity).await?;
        if account.is_none() {
            self.may_register(from)?;
        }
        self.limits.bundle(from, bundle.len())?;
        let length = bundle.len();
        let bundle = Bundle::parse(&bundle).map_err(|error| bundle_refusal(&error))?;
        if let Some(account) = &account
            && let Some(outcome) = self.put_to_known_chain(account, identity, &bundle).await?
        {
            return Ok(outcome);
        }
        // Whoever moves away or recovers needs another record even then.
        if length > LONG_CHAIN {
            self.has_room()?;
        }
        let invite = bundle.invite.map(|token| InviteHash::of(&token.0));
        let admission = match (self.settings.registration(), invite) {
            (Registration::Open, _) => Admission::Open,
            (Registration::Invite, Some(hash)) => Admission::Invite(hash),
            (Registration::Invite, None) => Admission::Refused(ProblemCode::InviteRequired),
            (Registration::Closed, _) => Admission::Refused(ProblemCode::RegistrationClosed),
        };
        // A chain of thousands of records takes a while to verify.
        let waiting = Arc::clone(&self.waiting_to_verify).try_acquire_owned();
        let waiting = waiting.map_err(|_| {
            Refusal::from(ProblemCode::RateLimited).by("verifying", VERIFYING_AGAIN_S)
        })?;
        let turn = Arc::clone(&self.verifying).acquire_owned().await;
        drop(waiting);
        let verified = self.away(move || {
            let _turn = turn; // until it is done, even if nobody waits for it any more
            bundle.verify_parts()
        });
        let verified = verified.await?;
        let (chain, key_package) = verified.map_err(|error| bundle_refusal(&error))?;
        if chain.identity() != identity {
            let detail = "The records belong to another identity than the address says.";
            return Err(Refusal::new(ProblemCode::InvalidRecord, detail));
        }
        self.is_of_today(&key_package)?;
        let intro = chain
            .delivery()
            .iter()
            .find(|entry| {
                entry.node == self.identity.url && entry.fingerprint == self.identity.fingerprint
            })
            .map(|entry| entry.intro);
        let command = PutIdentity {
            identity,
            records: rows(&chain)?,
            overrules: self.overruled_by(&chain).await?,
            signing_key: chain.signing_key().modulus().to_vec(),
            epoch: key_package.epoch,
            key_package_hash: key_package.hash(),
            key_package: key_package.bytes().to_vec(),
            intro,
            admission,
        };
        Ok(self.store.write(command).await??)
    }

    /// Stores what a bundle brings whose chain is stored already: its signatures were verified when it was
    /// stored, and whoever repeats it does not have them verified again. Nothing: the chain is another one.
    async fn put_to_known_chain(
        &self,
        account: &AccountRow,
        identity: IdentityId,
        bundle: &Bundle,
    ) -> Result<Option<PutIdentityOutcome>, Refusal> {
        let Some(Ok(last)) = bundle
            .records
            .last()
            .map(|record| Signed::<Record>::parse(&record.0))
        else {
            return Ok(None);
        };
        let last_number = u64::try_from(bundle.records.len().saturating_sub(1)).unwrap_or(u64::MAX);
        let Some((number, head)) = self.store.find_head(identity).await? else {
            return Ok(None);
        };
        if last_number < number {
            let stored = self.store.find_record_hash(identity, last_number).await?;
            let is_part = stored == Some(last.hash());
            return if is_part {
                Err(ProblemCode::StaleRecord.into())
            } else {
                Ok(None)
            };
        }
        if last_number != number || last.hash() != head {
            return Ok(None);
        }
        let key = SigningPublicKey::from_modulus(&account.signing_key)
            .map_err(|_| ProblemCode::Internal)?;
        let package = Signed::<KeyPackage>::parse(&bundle.key_package.0)
            .and_then(|package| package.verify(&key))
            .map_err(|error| bundle_refusal(&BundleError::KeyPackage(error)))?;
        if package.identity != identity {
            return Err(bundle_refusal(&BundleError::OtherIdentity));
        }
        self.is_of_today(&package)?;
        let command = PutKeyPackage {
            identity,
            head,
            signing_key: account.signing_key.clone(),
            epoch: package.epoch,
            hash: package.hash(),
            signed: package.bytes().to_vec(),
        };
        self.store.write(command).await??;
        Ok(Some(PutIdentityOutcome::Known))
    }

    /// Epochs are bounded by the time at which a package was made: one of the future could not be followed.
    fn is_of_today(&self, package: &KeyPackage) -> Result<(), Refusal> {
        if package.created_at > self.clock.now().saturating_add(DAY) {
            let detail = "The key package is of the future.";
            return Err(Refusal::new(ProblemCode::InvalidRecord, detail));
        }
        Ok(())
    }

    /// What of the stored chain the owner's recovery takes the place of, if the chain departs from it and
    /// the recovery came in time.
    async fn overruled_by(&self, chain: &Chain) -> Result<Option<Overruled>, Refusal> {
        let Some((number, head)) = self.store.find_head(chain.identity()).await? else {
            return Ok(None);
        };
        if chain.hash_at(number) == Some(head) || chain.number_of(&head).is_some() {
            return Ok(None);
        }
        let stored = self.store.chain(chain.identity()).await?;
        let chain = chain.clone();
        let turn = Arc::clone(&self.verifying).acquire_owned().await;
        let judged = self.away(move || {
            let _turn = turn; // until it is done, even if nobody waits for it any more
            judge(&stored, &chain)
        });
        Ok(judged.await?)
    }

    /// What is known before anything is read.
    fn may_register(&self, from: Option<ClientAddress>) -> Result<(), Refusal> {
        if self.settings.registration() == Registration::Closed {
            return Err(ProblemCode::RegistrationClosed.into());
        }
        if self.is_closing() {
            return Err(ProblemCode::NodeClosing.into());
        }
        if self.high_water.is_full() {
            return Err(ProblemCode::NodeFull.into());
        }
        self.limits.registration(from)
    }

    /// What is published of an identity.
    ///
    /// # Errors
    /// [`Refusal`] with `not_found`.
    pub async fn bundle(&self, identity: IdentityId) -> Result<Vec<u8>, Refusal> {
        let row = self
            .store
            .find_bundle(identity, 0, usize::MAX)
            .await?
            .ok_or(ProblemCode::NotFound)?;
        let bundle = Bundle {
            records: row.records.into_iter().map(CborBytes).collect(),
            key_package: CborBytes(row.key_package),
            invite: None,
        };
        Ok(bundle.to_bytes())
    }

    /// Checks the answer to a challenge.
    ///
    /// # Errors
    /// [`ProblemCode`] for the client; nothing is said that an observer could use.
    pub async fn login(&self, login: &[u8], nonce: &Nonce) -> Result<LoggedIn, ProblemCode> {
        let claimed = Signed::<Login>::parse(login).map_err(|_| ProblemCode::Malformed)?;
        let account = self
            .store
            .find_account(claimed.unverified().identity)
            .await
            .map_err(|error| store_code(&error))?
            .ok_or(ProblemCode::UnknownIdentity)?;
        if account.is_blocked {
            return Err(ProblemCode::AccountBlocked);
        }
        let key = SigningPublicKey::from_modulus(&account.signing_key)
            .map_err(|_| ProblemCode::Internal)?;
        match self.verify_login(login, nonce, &key) {
            Ok(login) => Ok(LoggedIn {
                account: account.id,
                device: login.device,
                identity: login.identity,
                signing_key: account.signing_key,
            }),
            Err(LoginError::Signed(SignedError::Signature))
                if self.is_of_replaced_key(login, nonce).await? =>
            {
                Err(ProblemCode::KeyReplaced)
            }
            Err(error) => Err(login_code(error)),
        }
    }

    fn verify_login(
        &self,
        login: &[u8],
        nonce: &Nonce,
        key: &SigningPublicKey,
    ) -> Result<Verified<Login>, LoginError> {
        let (url, fingerprint) = (&self.identity.url, &self.identity.fingerprint);
        Login::verify(login, url, fingerprint, nonce, key, self.clock.now())
    }

    /// Whether the key in force is still the one that a device logged in with, and the account may still be used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_current(&self, login: &LoggedIn) -> Result<bool, StoreError> {
        let account = self.store.find_account(login.identity).await?;
        Ok(account
            .is_some_and(|account| account.signing_key == login.signing_key && !account.is_blocked))
    }

    /// Whether a login is signed by a key that was in force once: a copy that was locked out should
    /// learn why.
    async fn is_of_replaced_key(&self, login: &[u8], nonce: &Nonce) -> Result<bool, ProblemCode> {
        let identity = Signed::<Login>::parse(login)
            .map_err(|_| ProblemCode::Malformed)?
            .unverified()
            .identity;
        let records = self.store.newest_records(identity, SEARCHED_RECORDS).await;
        let records = records.map_err(|error| store_code(&error))?;
        let keys = records.iter().filter_map(|record| {
            let record = Signed::<Record>::parse(record).ok()?;
            record.unverified().signing_key.clone()
        });
        let mut replaced = keys.skip(1).take(SEARCHED_KEYS);
        Ok(replaced.any(|key| self.verify_login(login, nonce, &key).is_ok()))
    }
}

fn judge(stored: &[StoredRecord], chain: &Chain) -> Option<Overruled> {
    let records: Vec<&[u8]> = stored
        .iter()
        .map(|record| record.signed.as_slice())
        .collect();
    let mine = Chain::verify(&records).ok()?;
    let from = mine.fork_point(chain)?;
    let first_seen = stored.get(usize::try_from(from).ok()?)?.stored_at;
    mine.is_overruled_by(chain, first_seen).then(|| Overruled {
        from,
        head: mine.head(),
    })
}

fn rows(chain: &Chain) -> Result<Vec<RecordRow>, ProblemCode> {
    (0..)
        .zip(chain.records())
        .map(|(number, signed)| {
            let hash = chain.hash_at(number).ok_or(ProblemCode::Internal)?;
            Ok(RecordRow {
                number,
                hash,
                signed: signed.clone(),
            })
        })
        .collect()
}

fn bundle_refusal(error: &BundleError) -> Refusal {
    let code = match error {
        BundleError::Encoding(_) => ProblemCode::Malformed,
        BundleError::Chain(_) | BundleError::OtherIdentity => ProblemCode::InvalidRecord,
        BundleError::KeyPackage(SignedError::Signature) => ProblemCode::InvalidSignature,
        BundleError::KeyPackage(_) => ProblemCode::Malformed,
    };
    Refusal::new(code, format!("{error}."))
}

fn login_code(error: LoginError) -> ProblemCode {
    match error {
        LoginError::Signed(SignedError::Signature) => ProblemCode::InvalidSignature,
        LoginError::Signed(_) => ProblemCode::Malformed,
        LoginError::OtherNode => ProblemCode::NotThisNode,
        LoginError::OtherNonce | LoginError::Time => ProblemCode::LoginExpired,
    }
}
