//! The local identity: its keys, its record chain and its receive keys.

use std::collections::BTreeMap;

use shared_crypto::bundle::verify_key_package;
use shared_crypto::cbor::Bytes;
use shared_crypto::id::IdentityId;
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::link::{ContactLink, node_mark};
use shared_crypto::record::{Chain, Delivery};
use shared_crypto::rsa_keys::{SealingKeyPair, SigningKeyPair};
use shared_crypto::signed::Verified;
use shared_crypto::time::RETENTION;

use crate::rows::{IdentityRow, KeyPackageRow, key};
use crate::store::{KeyRange, Order, Store, StoreError, Table};
use crate::turn::Turn;
use crate::view::Millis;

/// The local identity.
pub(crate) struct Own {
    pub(crate) row: IdentityRow,
    pub(crate) signing: SigningKeyPair,
    pub(crate) sealing: SealingKeyPair,
    pub(crate) chain: Chain,
    /// The node that this client talks to.
    pub(crate) home: Delivery,
    packages: BTreeMap<u64, OwnPackage>,
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
    ) -> Option<Self> {
        let home = chain.active().next()?.clone();
        turn.put(key::ONLY, &row);
        let mut own = Self {
            row,
            signing,
            sealing,
            chain,
            home,
            packages: BTreeMap::new(),
        };
        own.add_package(turn, package, keys, true);
        Some(own)
    }

    /// Reads the identity, if there is one.
    pub(crate) async fn load<S: Store>(turn: &Turn<'_, S>) -> Result<Option<Self>, StoreError> {
        let Some(row) = turn.get::<IdentityRow>(key::ONLY).await? else {
            return Ok(None);
        };
        let damaged = StoreError::Damaged(Table::Identity.name());
        let signing = SigningKeyPair::from_pkcs8(&row.signing.0).map_err(|_| damaged.clone())?;
        let sealing = SealingKeyPair::from_pkcs8(&row.sealing.0).map_err(|_| damaged.clone())?;
        let records: Vec<&[u8]> = row
            .records
            .iter()
            .map(|record| record.0.as_slice())
            .collect();
        let chain = Chain::verify(&records).map_err(|_| damaged.clone())?;
        let home = chain.active().next().cloned().ok_or(damaged)?;
        let mut packages = BTreeMap::new();
        let all = KeyRange {
            from: key::number(0),
            to: key::number(u64::MAX),
        };
        for (_, row) in turn
            .scan::<KeyPackageRow>(&all, Order::Ascending, usize::MAX)
            .await?
        {
            let damaged = || StoreError::Damaged(Table::KeyPackages.name());
            let package = verify_key_package(&row.package.0, &chain).map_err(|_| damaged())?;
            let secret = row.secret.0.as_slice().try_into().map_err(|_| damaged())?;
            let keys = ReceiveKeyPair::from_bytes(secret);
            packages.insert(package.epoch, OwnPackage { row, package, keys });
        }
        Ok(Some(Self {
            row,
            signing,
            sealing,
            chain,
            home,
            packages,
        }))
    }

    pub(crate) fn identity(&self) -> IdentityId {
        self.chain.identity()
    }

    pub(crate) fn save<S: Store>(&self, turn: &mut Turn<'_, S>) {
        turn.put(key::ONLY, &self.row);
    }

    /// The link to give away.
    pub(crate) fn link(&self) -> ContactLink {
        ContactLink {
            node: self.home.node.clone(),
            node_mark: node_mark(&self.home.fingerprint),
            identity: self.identity(),
            invite: None,
        }
    }

    /// The chain as it travels.
    pub(crate) fn records(&self) -> Vec<Bytes> {
        self.chain
            .records()
            .iter()
            .map(|record| Bytes(record.clone()))
            .collect()
    }

    /// The newest key package.
    pub(crate) fn package(&self) -> Option<&Verified<KeyPackage>> {
        self.packages.last_key_value().map(|(_, own)| &own.package)
    }

    /// Whether our node has yet to get the newest key package.
    pub(crate) fn unpublished(&self) -> bool {
        self.packages
            .last_key_value()
            .is_some_and(|(_, own)| !own.row.published)
    }

    /// Notes that our node has the newest key package.
    pub(crate) fn published<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        if let Some(mut last) = self.packages.last_entry() {
            let epoch = *last.key();
            last.get_mut().row.published = true;
            turn.put(&key::number(epoch), &last.get().row);
        }
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
        let epoch = self
            .packages
            .last_key_value()
            .map_or(1, |(epoch, _)| epoch.saturating_add(1));
        let keys = ReceiveKeyPair::generate(turn.rng);
        let identity = self.identity();
        let made = KeyPackage::create(identity, epoch, &keys, turn.now, &self.signing, turn.rng);
        let Ok(package) = made else { return };
        let now = turn.now;
        for (epoch, own) in &mut self.packages {
            if own.row.replaced_at.is_none() {
                own.row.replaced_at = Some(now);
                turn.put(&key::number(*epoch), &own.row);
            }
        }
        self.add_package(turn, package, keys, false);
    }

    /// Destroys private parts that no mail that is still stored anywhere can need.
    pub(crate) fn destroy_old<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let now = turn.now;
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

    fn add_package<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        package: Verified<KeyPackage>,
        keys: ReceiveKeyPair,
        published: bool,
    ) {
        let row = KeyPackageRow {
            package: Bytes(package.bytes().to_vec()),
            secret: Bytes(keys.to_bytes().to_vec()),
            published,
            replaced_at: None,
        };
        turn.put(&key::number(package.epoch), &row);
        self.packages
            .insert(package.epoch, OwnPackage { row, package, keys });
    }
}
