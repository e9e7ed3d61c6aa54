//! The local identity: its keys, its record chain and its receive keys.

use shared_crypto::cbor::Bytes;
use shared_crypto::id::IdentityId;
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::link::{ContactLink, node_mark};
use shared_crypto::record::{Chain, Delivery, RecordChanges};
use shared_crypto::rsa_keys::{SealingKeyPair, SigningKeyPair};
use shared_crypto::signed::{Signed, Verified};
use shared_crypto::time::{RETENTION, SECOND};

use crate::request::Failure;
use crate::rows::{IdentityRow, KeyPackageRow, key};
use crate::sorted::SortedMap;
use crate::store::{KeyRange, Order, Store, StoreError, Table};
use crate::turn::Turn;
use crate::view::Millis;

/// The local identity.
pub(crate) struct Own {
    pub(crate) row: IdentityRow,
    pub(crate) signing: SigningKeyPair,
    pub(crate) sealing: SealingKeyPair,
    pub(crate) chain: Chain,
    packages: SortedMap<u64, OwnPackage>,
}

struct OwnPackage {
    row: KeyPackageRow,
    package: Verified<KeyPackage>,
    keys: ReceiveKeyPair,
}

impl Own {
    /// Puts together a new identity and stores it with its first key package.
    pub(crate) fn store_new<S: Store>(
        turn: &mut Turn<'_, S>,
        row: IdentityRow,
        signing: SigningKeyPair,
        sealing: SealingKeyPair,
        chain: Chain,
        package: Verified<KeyPackage>,
        keys: ReceiveKeyPair,
    ) -> Self {
        turn.put(key::ONLY, &row);
        let mut own = Self {
            row,
            signing,
            sealing,
            chain,
            packages: SortedMap::new(),
        };
        own.add_package(turn, package, keys);
        own
    }

    /// Reads the identity, if there is one. Where it is missing and anything else is there, the store is damaged: a new identity
    /// would be made over the contacts of the old one.
    pub(crate) async fn load<S: Store>(turn: &mut Turn<'_, S>) -> Result<Option<Self>, StoreError> {
        let damaged = StoreError::Damaged(Table::Identity.name());
        let Some(row) = turn.get::<IdentityRow>(key::ONLY).await? else {
            for table in Table::ALL {
                if !turn.raw_scan(table, None, 1).await?.is_empty() {
                    return Err(damaged);
                }
            }
            return Ok(None);
        };
        let signing = SigningKeyPair::from_pkcs8(&row.signing.0).map_err(|_| damaged.clone())?;
        let sealing = SealingKeyPair::from_pkcs8(&row.sealing.0).map_err(|_| damaged.clone())?;
        let records: Vec<&[u8]> = row
            .records
            .iter()
            .map(|record| record.0.as_slice())
            .collect();
        let chain = Chain::verify(&records).map_err(|_| damaged.clone())?;
        let mut packages = SortedMap::new();
        let all = KeyRange {
            from: key::number(0),
            to: key::number(u64::MAX),
        };
        for (number, row) in turn
            .scan::<KeyPackageRow>(&all, Order::Ascending, usize::MAX)
            .await?
        {
            let damaged = || StoreError::Damaged(Table::KeyPackages.name());
            let package = Signed::<KeyPackage>::parse(&row.package.0).map_err(|_| damaged())?;
            let secret = row.secret.0.as_slice().try_into().map_err(|_| damaged())?;
            // It was verified when it was made; since then the signing key may have changed, and the record that
            // named it may have been overruled: whoever sealed to it was deceived.
            let Some(package) = verify_by_any_key(&package, &chain) else {
                turn.delete::<KeyPackageRow>(&number);
                continue;
            };
            let keys = ReceiveKeyPair::from_bytes(secret);
            packages.insert(package.epoch, OwnPackage { row, package, keys });
        }
        let mut own = Self {
            row,
            signing,
            sealing,
            chain,
            packages,
        };
        if own.package().is_none() {
            own.refresh(turn);
        }
        Ok(Some(own))
    }

    pub(crate) fn identity(&self) -> IdentityId {
        self.chain.identity()
    }

    pub(crate) fn save<S: Store>(&self, turn: &mut Turn<'_, S>) {
        turn.put(key::ONLY, &self.row);
    }

    /// The link to give away.
    pub(crate) fn link(&self) -> ContactLink {
        let home = self.home();
        ContactLink {
            node: home.node.clone(),
            node_mark: node_mark(&home.fingerprint),
            identity: self.identity(),
            pass: None,
            invite: None,
        }
    }

    /// The node that our contacts try first.
    pub(crate) fn home(&self) -> &Delivery {
        #[expect(
            clippy::expect_used,
            reason = "a record whose delivery list has no active node does not verify"
        )]
        self.chain.active().next().expect("an active node")
    }

    /// Signs a record that changes something, and makes a key package with it: whoever has that one knows the
    /// record too.
    pub(crate) fn append<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        changes: RecordChanges,
    ) -> Result<(), Failure> {
        let now = turn.now;
        self.chain
            .append_update(changes, &self.signing, now, turn.rng)
            .map_err(|error| Failure::Internal {
                detail: error.to_string(),
            })?;
        self.row.records = self.records();
        self.save(turn);
        self.refresh(turn);
        turn.app_changed();
        Ok(())
    }

    /// Signs a record with another delivery list.
    pub(crate) fn deliver_to<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        list: Vec<Delivery>,
    ) -> Result<(), Failure> {
        let changes = RecordChanges {
            delivery: Some(list),
            ..RecordChanges::default()
        };
        self.append(turn, changes)
    }

    /// The chain as it travels.
    pub(crate) fn records(&self) -> Vec<Bytes> {
        self.records_from(0)
    }

    /// The records from a number on.
    pub(crate) fn records_from(&self, number: u64) -> Vec<Bytes> {
        let known = usize::try_from(number).unwrap_or(usize::MAX);
        self.chain
            .records()
            .iter()
            .skip(known)
            .map(|record| Bytes(record.clone()))
            .collect()
    }

    /// The newest key package.
    pub(crate) fn package(&self) -> Option<&Verified<KeyPackage>> {
        self.newest().map(|own| &own.package)
    }

    /// The one that none replaced: under a new signing key epochs may have begun anew.
    fn newest(&self) -> Option<&OwnPackage> {
        let mut highest_first = self.packages.values().rev();
        let mut unreplaced = highest_first.clone();
        let newest = unreplaced.find(|own| own.row.replaced_at.is_none());
        newest.or_else(|| highest_first.next())
    }

    /// When the oldest key package was made whose private part is there: what came before cannot be opened again.
    pub(crate) fn oldest_key(&self) -> Option<Millis> {
        let packages = self.packages.values();
        packages.map(|own| own.package.created_at).min()
    }

    /// The epoch of the newest key package.
    pub(crate) fn epoch(&self) -> u64 {
        self.package().map_or(0, |package| package.epoch)
    }

    /// An epoch for the first key package under a new signing key that none of ours has: the next one, or a low one
    /// if whoever had the old key left no higher one.
    pub(crate) fn free_epoch(&self, now: Millis) -> u64 {
        let next = self.highest().saturating_add(1);
        if next.saturating_mul(SECOND) <= now {
            return next;
        }
        let free = (1..next).find(|epoch| !self.packages.contains_key(epoch));
        free.unwrap_or(next)
    }

    fn highest(&self) -> u64 {
        let highest = self.packages.last();
        highest.map_or(0, |(epoch, _)| *epoch)
    }

    /// Our newest record when this epoch's key package was made.
    pub(crate) fn record_of(&self, epoch: u64) -> u64 {
        self.packages.get(&epoch).map_or(0, |own| own.row.record)
    }

    /// Sealing keys that were replaced and that mail may still be sealed to.
    pub(crate) fn old_sealing(&self) -> Vec<SealingKeyPair> {
        let old = self.row.old_sealing.iter().flatten();
        old.filter_map(|old| SealingKeyPair::from_pkcs8(&old.key.0).ok())
            .collect()
    }

    /// The receive keys that an envelope's hint names, with their epoch.
    pub(crate) fn receive_keys(&self, hint: &[u8; 16]) -> Option<(u64, &ReceiveKeyPair)> {
        self.packages
            .iter()
            .rev()
            .find(|(_, own)| own.package.hash().as_bytes().starts_with(hint))
            .map(|(epoch, own)| (*epoch, &own.keys))
    }

    /// When the newest key package is due to be replaced.
    pub(crate) fn refresh_at(&self) -> Option<Millis> {
        self.package().map(|package| package.refresh_at)
    }

    /// Makes the next epoch's key package.
    pub(crate) fn refresh<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        self.refresh_after(turn, self.epoch());
    }

    /// Makes a key package of the epoch after this one.
    pub(crate) fn refresh_after<S: Store>(&mut self, turn: &mut Turn<'_, S>, epoch: u64) {
        self.make_package(turn, epoch.max(self.highest()).saturating_add(1));
    }

    /// Makes the first key package under a signing key that is new.
    pub(crate) fn refresh_anew<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        self.make_package(turn, self.free_epoch(turn.now));
    }

    fn make_package<S: Store>(&mut self, turn: &mut Turn<'_, S>, epoch: u64) {
        let keys = ReceiveKeyPair::generate(turn.rng);
        let identity = self.identity();
        let made = KeyPackage::create(identity, epoch, &keys, turn.now, &self.signing, turn.rng);
        let Ok(package) = made else { return };
        if !self.has_epoch(epoch) {
            self.retire_packages(turn);
            self.add_package(turn, package, keys);
        }
    }

    /// Notes that another key package takes the place of those there are.
    pub(crate) fn retire_packages<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let now = turn.now;
        for (epoch, own) in self.packages.iter_mut() {
            if own.row.replaced_at.is_none() {
                own.row.replaced_at = Some(now);
                turn.put(&key::number(*epoch), &own.row);
            }
        }
    }

    /// Destroys private parts that were replaced so long ago that no honest node keeps mail that needs them. However long a node
    /// says that it keeps mail: none decides how long a thief can read.
    pub(crate) fn destroy_old<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let now = turn.now;
        if let Some(old) = &mut self.row.old_sealing {
            let before = old.len();
            old.retain(|key| now < key.replaced_at.saturating_add(RETENTION));
            if old.len() < before {
                self.save(turn);
            }
        }
        self.packages.retain(|epoch, own| {
            let kept = own
                .row
                .replaced_at
                .is_none_or(|at| now < at.saturating_add(RETENTION));
            if !kept {
                turn.delete::<KeyPackageRow>(&key::number(*epoch));
            }
            kept
        });
    }

    /// Whether there is a key package of this epoch, perhaps one that was replaced and that mail may be sealed to.
    pub(crate) fn has_epoch(&self, epoch: u64) -> bool {
        self.packages.contains_key(&epoch)
    }

    /// Takes a key package in the place of those there are. One never takes the place of another of its epoch, whose
    /// private part may be needed.
    pub(crate) fn add_package<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        package: Verified<KeyPackage>,
        keys: ReceiveKeyPair,
    ) {
        if self.has_epoch(package.epoch) {
            return;
        }
        let row = KeyPackageRow {
            package: Bytes(package.bytes().to_vec()),
            secret: Bytes(keys.to_bytes().to_vec()),
            replaced_at: None,
            record: self.chain.number(),
        };
        turn.put(&key::number(package.epoch), &row);
        self.packages
            .insert(package.epoch, OwnPackage { row, package, keys });
    }
}

/// Verifies a key package that was verified when it came, by whichever key of the chain was in force then.
pub(crate) fn verify_by_any_key(
    package: &Signed<KeyPackage>,
    chain: &Chain,
) -> Option<Verified<KeyPackage>> {
    let mut verified = chain
        .signing_keys()
        .filter_map(|key| package.clone().verify(key).ok());
    verified.find(|package| package.identity == chain.identity())
}
