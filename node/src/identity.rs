//! The node's own identity: its keys on disk and the document it signs about itself.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use shared_crypto::cbor::ByteArray;
use shared_crypto::id::NodeFingerprint;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::signed::{SignedError, Verified};
use shared_crypto::time::{DAY, HOUR};
use zeroize::Zeroizing;

use crate::clock::Millis;
use crate::random;
use crate::settings::Settings;
use crate::store::{KeepKeys, Store, StoreError};

/// How long a document holds. Readers keep it for minutes; a node that is down for a while should
/// still be known by the last one it gave.
const HOLDS: Millis = DAY;

/// When a document is replaced: well before it expires.
const RENEW: Millis = HOUR;

/// The name of the file with the node's keys.
pub const KEY_FILE: &str = "node.key";

/// Why the node's keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or made.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a key file. It is not replaced: the node would become another one.
    #[error("{path} does not hold a node's keys: restore it from a backup")]
    Damaged {
        /// Which.
        path: PathBuf,
    },
    /// The database is another node's.
    #[error(
        "{path} does not hold the keys of the node whose database this is: name the right database, or remove the file"
    )]
    OtherNode {
        /// Which.
        path: PathBuf,
    },
}

/// The node's keys where several processes share them: the database's are right, and the file is a
/// copy. The first process brings them.
///
/// # Errors
/// [`KeyFileError`], or that the database cannot be used.
pub async fn load_shared<E: From<KeyFileError> + From<StoreError>>(
    folder: &Path,
    store: &Store,
) -> Result<NodeKeys, E> {
    let path = folder.join(KEY_FILE);
    let own = find(&path)?;
    let offered = match &own {
        Some(keys) => Zeroizing::new(keys.to_bytes().to_vec()),
        None => Zeroizing::new(
            NodeKeys::generate(&mut random::system())
                .to_bytes()
                .to_vec(),
        ),
    };
    let kept = store.write(KeepKeys(offered)).await?;
    let bytes: &[u8; 64] = kept
        .as_slice()
        .try_into()
        .map_err(|_| StoreError::Corrupt("the node's keys"))?;
    let keys = NodeKeys::from_bytes(bytes);
    match own {
        Some(own) if own.fingerprint() == keys.fingerprint() => {}
        Some(_) => return Err(KeyFileError::OtherNode { path }.into()),
        None => {
            write(folder, &path, bytes).map_err(|source| KeyFileError::File { path, source })?
        }
    }
    Ok(keys)
}

/// The node's keys, if there are some.
///
/// # Errors
/// [`KeyFileError`].
pub fn load(folder: &Path) -> Result<Option<NodeKeys>, KeyFileError> {
    if folder.join(KEY_FILE).exists() {
        load_or_create(folder).map(Some)
    } else {
        Ok(None)
    }
}

/// The node's keys: read, or made when there are none.
///
/// # Errors
/// [`KeyFileError`].
pub fn load_or_create(folder: &Path) -> Result<NodeKeys, KeyFileError> {
    let path = folder.join(KEY_FILE);
    if let Some(keys) = find(&path)? {
        return Ok(keys);
    }
    let keys = NodeKeys::generate(&mut random::system());
    write(folder, &path, keys.to_bytes().as_slice())
        .map_err(|source| KeyFileError::File { path, source })?;
    Ok(keys)
}

fn find(path: &Path) -> Result<Option<NodeKeys>, KeyFileError> {
    match std::fs::read(path) {
        Ok(bytes) => {
            let bytes = Zeroizing::new(bytes);
            let bytes: &[u8; 64] =
                bytes
                    .as_slice()
                    .try_into()
                    .map_err(|_| KeyFileError::Damaged {
                        path: path.to_owned(),
                    })?;
            Ok(Some(NodeKeys::from_bytes(bytes)))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(KeyFileError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Whole or not at all, and for the owner's eyes only.
pub(crate) fn write(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = folder.join(format!("{KEY_FILE}.new"));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    std::fs::File::open(folder)?.sync_all()
}

/// Who this node is to others.
pub struct Identity {
    /// The private keys.
    pub keys: NodeKeys,
    /// The address for others.
    pub url: NodeUrl,
    /// The fingerprint of the signing key.
    pub fingerprint: NodeFingerprint,
    template: RwLock<NodeDocument>,
    document: RwLock<Arc<Signed>>,
}

struct Signed {
    document: NodeDocument,
    bytes: Bytes,
}

impl Identity {
    /// Describes the node and signs the description.
    ///
    /// # Errors
    /// [`SignedError`] for settings that a reader would refuse.
    pub fn new(
        keys: NodeKeys,
        url: NodeUrl,
        settings: &Settings,
        now: Millis,
    ) -> Result<Self, SignedError> {
        let template = NodeDocument {
            url: url.clone(),
            signing_key: keys.signing_public(),
            forward_key: ByteArray(*keys.forward_public()),
            issued_at: now,
            expires_at: now,
            software: crate::SOFTWARE.to_owned(),
            registration: settings.registration(),
            retention_seconds: settings.mail.retention_s,
            quota_bytes: settings.mail.quota_bytes,
            quota_count: settings.mail.quota_count,
            postage_bits: settings.mail.postage_bits,
            closing_at: None,
            vault_quota_bytes: Some(settings.vault.quota_bytes),
            name: Some(settings.server.name.clone()).filter(|name| !name.is_empty()),
        };
        let document = RwLock::new(Arc::new(sign(&template, &keys, now)?));
        Ok(Self {
            fingerprint: keys.fingerprint(),
            keys,
            url,
            template: RwLock::new(template),
            document,
        })
    }

    /// The signed document, renewed when its time comes.
    ///
    /// # Errors
    /// [`SignedError`] if signing fails.
    pub fn document(&self, now: Millis) -> Result<Bytes, SignedError> {
        let current = Arc::clone(
            &self
                .document
                .read()
                .unwrap_or_else(|poison| poison.into_inner()),
        );
        // A clock that was set back makes it a document from the future: renewed as well.
        let age = now.checked_sub(current.document.issued_at);
        if age.is_some_and(|age| age < RENEW) {
            return Ok(current.bytes.clone());
        }
        self.renew(now)
    }

    /// Changes what the document says, from now on.
    ///
    /// # Errors
    /// [`SignedError`] if signing fails.
    pub fn change(
        &self,
        now: Millis,
        change: impl FnOnce(&mut NodeDocument),
    ) -> Result<(), SignedError> {
        let mut template = self
            .template
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let before = template.clone();
        change(&mut template);
        let has_changed = *template != before;
        drop(template);
        if has_changed {
            self.renew(now)?;
        }
        Ok(())
    }

    fn renew(&self, now: Millis) -> Result<Bytes, SignedError> {
        let template = self.template.read().unwrap_or_else(PoisonError::into_inner);
        let renewed = Arc::new(sign(&template, &self.keys, now)?);
        drop(template);
        let bytes = renewed.bytes.clone();
        *self
            .document
            .write()
            .unwrap_or_else(|poison| poison.into_inner()) = renewed;
        Ok(bytes)
    }
}

fn sign(template: &NodeDocument, keys: &NodeKeys, now: Millis) -> Result<Signed, SignedError> {
    let document = NodeDocument {
        issued_at: now,
        expires_at: now.saturating_add(HOLDS),
        ..template.clone()
    };
    let signed: Verified<NodeDocument> = document.clone().sign(keys, &mut random::system())?;
    Ok(Signed {
        document,
        bytes: Bytes::copy_from_slice(signed.bytes()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_kept_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let made = load_or_create(folder.path()).unwrap();
        let read = load_or_create(folder.path()).unwrap();
        assert_eq!(made.fingerprint(), read.fingerprint());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(folder.path().join(KEY_FILE))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_key_file_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(KEY_FILE), [7; 63]).unwrap();
        assert!(matches!(
            load_or_create(folder.path()),
            Err(KeyFileError::Damaged { .. })
        ));
        assert_eq!(
            std::fs::read(folder.path().join(KEY_FILE)).unwrap(),
            [7; 63]
        );
    }

    #[test]
    fn the_document_is_renewed_before_it_expires() {
        let keys = NodeKeys::generate(&mut random::system());
        let url = NodeUrl::parse("https://chat.example").unwrap();
        let node = Identity::new(keys, url.clone(), &Settings::default(), 1_000).unwrap();
        let first = node.document(1_000).unwrap();
        assert_eq!(first, node.document(1_000 + RENEW - 1).unwrap());
        let later = 1_000 + 3 * HOLDS;
        let second = node.document(later).unwrap();
        NodeDocument::verify(&second, &url, Some(&node.fingerprint), later).unwrap();
        assert!(NodeDocument::verify(&first, &url, None, later).is_err());
        let earlier = node.document(10).unwrap();
        NodeDocument::verify(&earlier, &url, None, 10).unwrap();
    }
}
