//! TLS without a proxy: certificate and key from files, read again when the operator says so.

use std::io::{Error, ErrorKind};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, RootCertStore, ServerConfig};
use shared_crypto::time::SECOND;

use crate::clock::Millis;
use crate::settings::Settings;

/// The certificate in force.
#[derive(Debug)]
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads the files that the settings name; nothing if there are none.
    ///
    /// # Errors
    /// [`Error`] for files that cannot be read or do not belong together.
    pub fn load(settings: &Settings) -> Result<Option<Arc<Self>>, Error> {
        let Some((chain, key)) = settings.tls_files() else {
            return Ok(None);
        };
        let current = RwLock::new(Arc::new(read(chain, key)?));
        Ok(Some(Arc::new(Self {
            chain: chain.to_owned(),
            key: key.to_owned(),
            current,
        })))
    }

    /// Reads the files again. What was in force stays if they cannot be used.
    ///
    /// # Errors
    /// [`Error`] as before.
    pub fn reload(&self) -> Result<(), Error> {
        let fresh = Arc::new(read(&self.chain, &self.key)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// When it runs out; nothing if that cannot be read.
    pub fn expires_at(&self) -> Option<Millis> {
        let current = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        let own = current.cert.first()?;
        // Nobody is to be believed here: at the end of time it has run out, and what refuses it says since when.
        let mut roots = RootCertStore::empty();
        roots.add(own.clone()).ok()?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let end = UnixTime::since_unix_epoch(Duration::from_secs(u64::MAX));
        let name = ServerName::IpAddress(Ipv4Addr::LOCALHOST.into());
        let refused = verifier
            .build()
            .ok()?
            .verify_server_cert(own, &[], &name, &[], end);
        match refused {
            Err(rustls::Error::InvalidCertificate(CertificateError::ExpiredContext {
                not_after,
                ..
            })) => Some(not_after.as_secs().saturating_mul(SECOND)),
            _ => None,
        }
    }

    /// How the server speaks TLS with it.
    ///
    /// # Errors
    /// [`Error`] if there is no common version of TLS, which does not happen.
    pub fn server_config(self: &Arc<Self>) -> Result<ServerConfig, Error> {
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Self>::clone(self);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(Error::other)?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        Ok(config)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&current))
    }
}

fn read(chain: &Path, key: &Path) -> Result<CertifiedKey, Error> {
    let wrong = |path: &Path, words: &dyn std::fmt::Display| {
        Error::new(
            ErrorKind::InvalidData,
            format!("{}: {words}", path.display()),
        )
    };
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(chain, &error))?;
    if certificates.is_empty() {
        return Err(wrong(chain, &"there is no certificate in it"));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?;
    let signing = rustls::crypto::ring::sign::any_supported_type(&private)
        .map_err(|error| wrong(key, &error))?;
    let certified = CertifiedKey::new(certificates, signing);
    match certified.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
            Ok(certified)
        }
        Err(error) => Err(wrong(key, &error)),
    }
}

/// The certificate authorities that other nodes are believed by, besides the system's.
///
/// # Errors
/// [`Error`] for a file that cannot be used.
pub fn extra_roots(settings: &Settings) -> Result<Vec<reqwest::Certificate>, Error> {
    let path = &settings.federation.extra_roots;
    if path.as_os_str().is_empty() {
        return Ok(Vec::new());
    }
    let named = |words: String| {
        Error::new(
            ErrorKind::InvalidData,
            format!("{}: {words}", path.display()),
        )
    };
    let bytes = std::fs::read(path).map_err(|error| named(error.to_string()))?;
    let roots =
        reqwest::Certificate::from_pem_bundle(&bytes).map_err(|error| named(error.to_string()))?;
    if roots.is_empty() {
        return Err(named("there is no certificate in it".to_owned()));
    }
    Ok(roots)
}
