//! Requests to other nodes: bounded in time and size, without redirects, to checked addresses only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Method, Response, StatusCode};
use shared_crypto::id::NodeFingerprint;
use shared_crypto::lookup::MAX_SEALED_ANSWER;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::peer::{DeliverBatch, DeliverResults, PEER_HEADER, PeerRequest};
use shared_crypto::problem::ProblemCode;

use super::address::{CheckedResolver, OnlyPrivateAddresses, PrivateNetworks};
use super::rules::PeerRules;
use crate::clock::{Clock, Millis};
use crate::identity::Identity;
use crate::random;
use crate::settings::FederationSettings;

/// How long a peer's document is believed without asking again.
const DOCUMENT_KEPT: Millis = 10 * 60_000;

/// Documents kept; beyond it all are forgotten, which costs a request each.
const DOCUMENTS: usize = 10_000;

/// A signed document, with room for its framing.
const MAX_DOCUMENT: usize = 4_096;

/// Results of 64 items with their codes.
const MAX_RESULTS: usize = 16_384;

/// A problem of another node: only its code is read.
const MAX_PROBLEM: usize = 8_192;

/// Why another node did not answer as it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// No connection, or none in time.
    #[error("the other node cannot be reached")]
    Unreachable,
    /// Its address is one that the operator does not permit.
    #[error("the other node's address is on a private network")]
    PrivateAddress,
    /// It answers what it should not.
    #[error("the other node answers wrongly: {0}")]
    Misbehaves(&'static str),
    /// It refuses.
    #[error("the other node refuses: {0}")]
    Refused(ProblemCode),
    /// Our own signature failed.
    #[error("the request could not be signed")]
    Signing,
}

impl PeerError {
    /// The code that a client learns.
    pub fn code(&self) -> ProblemCode {
        match self {
            Self::Unreachable => ProblemCode::PeerUnreachable,
            Self::PrivateAddress => ProblemCode::PrivateAddress,
            Self::Misbehaves(_) => ProblemCode::PeerMisbehaves,
            Self::Refused(code) => *code,
            Self::Signing => ProblemCode::Internal,
        }
    }
}

/// A peer as its document describes it.
#[derive(Debug, Clone)]
pub struct PeerDocument {
    /// The key of the other node.
    pub fingerprint: NodeFingerprint,
    /// The signed document.
    pub bytes: Bytes,
    expires_at: Millis,
    fetched_at: Millis,
}

/// The way to other nodes.
pub struct PeerClient {
    http: reqwest::Client,
    private_networks: PrivateNetworks,
    identity: Arc<Identity>,
    clock: Arc<dyn Clock>,
    documents: Mutex<HashMap<NodeUrl, PeerDocument>>,
    rules: RwLock<Arc<PeerRules>>,
}

impl PeerClient {
    /// Prepares connections; opens none.
    ///
    /// # Errors
    /// [`reqwest::Error`] if TLS cannot be set up.
    pub fn new(
        settings: &FederationSettings,
        roots: Vec<reqwest::Certificate>,
        rules: PeerRules,
        identity: Arc<Identity>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, reqwest::Error> {
        // Fails when it is set already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let private_networks = if settings.allow_private_networks {
            PrivateNetworks::Allowed
        } else {
            PrivateNetworks::Refused
        };
        let builder = || {
            reqwest::Client::builder()
                .dns_resolver(CheckedResolver(private_networks))
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .http1_only()
                .connect_timeout(Duration::from_secs(settings.connect_timeout_s))
                .timeout(Duration::from_secs(settings.request_timeout_s))
                .pool_idle_timeout(Duration::from_secs(60))
                .pool_max_idle_per_host(2)
        };
        let http = builder()
            .tls_certs_merge(roots.clone())
            .build()
            .or_else(|error| {
                tracing::warn!(%error, "the system has no certificate authorities: few https:// nodes will be believed");
                builder().tls_certs_only(roots).build()
            })?;
        let documents = Mutex::default();
        Ok(Self {
            http,
            private_networks,
            identity,
            clock,
            documents,
            rules: RwLock::new(Arc::new(rules)),
        })
    }

    /// With whom this node talks.
    pub fn rules(&self) -> Arc<PeerRules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on.
    pub fn set_rules(&self, rules: PeerRules) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }

    /// Refuses a URL that can be seen to be forbidden without asking anybody.
    ///
    /// # Errors
    /// [`PeerError::PrivateAddress`], or that the operator does not want this node.
    pub fn check_url(&self, url: &NodeUrl) -> Result<(), PeerError> {
        let is_permitted = self.private_networks == PrivateNetworks::Allowed
            || (url.is_https()
                && !url.is_loopback()
                && url
                    .address()
                    .is_none_or(|address| self.private_networks.permit(address)));
        if !is_permitted {
            return Err(PeerError::PrivateAddress);
        }
        if self.rules().permit_url(url) {
            Ok(())
        } else {
            Err(PeerError::Refused(ProblemCode::PeerRefused))
        }
    }

    /// The document of another node, from memory if it is recent.
    ///
    /// # Errors
    /// [`PeerError`].
    pub async fn document(&self, url: &NodeUrl) -> Result<PeerDocument, PeerError> {
        let now = self.clock.now();
        if let Some(known) = self.documents().get(url)
            && known.expires_at > now
            && now
                .checked_sub(known.fetched_at)
                .is_some_and(|age| age < DOCUMENT_KEPT)
        {
            return Ok(known.clone());
        }
        let request = self.request(Method::GET, url, "/v1/node")?;
        let bytes = answer(request, MAX_DOCUMENT).await?;
        let document = NodeDocument::verify(&bytes, url, None, now)
            .map_err(|_| PeerError::Misbehaves("its document does not verify"))?;
        let document = PeerDocument {
            fingerprint: document.fingerprint(),
            expires_at: document.expires_at,
            bytes,
            fetched_at: now,
        };
        let mut documents = self.documents();
        if documents.len() >= DOCUMENTS {
            documents.clear();
        }
        documents.insert(url.clone(), document.clone());
        Ok(document)
    }

    /// Asks for the document anew next time: the other node has new keys.
    pub fn forget(&self, url: &NodeUrl) {
        self.documents().remove(url);
    }

    /// Hands over a batch of forward boxes.
    ///
    /// # Errors
    /// [`PeerError`] when it is not known what became of them.
    pub async fn deliver(
        &self,
        url: &NodeUrl,
        batch: &DeliverBatch,
    ) -> Result<DeliverResults, PeerError> {
        let answer = self
            .post(url, "/v1/federation/deliver", batch.to_bytes(), MAX_RESULTS)
            .await?;
        DeliverResults::parse(&answer)
            .map_err(|_| PeerError::Misbehaves("its results are not readable"))
    }

    /// Passes on a sealed lookup, and brings back the sealed answer.
    ///
    /// # Errors
    /// [`PeerError`].
    pub async fn lookup(&self, url: &NodeUrl, sealed: Vec<u8>) -> Result<Bytes, PeerError> {
        self.post(url, "/v1/federation/lookup", sealed, MAX_SEALED_ANSWER)
            .await
    }

    /// A signed request. The other node's key may have changed since we learned it: then once more.
    async fn post(
        &self,
        url: &NodeUrl,
        path: &str,
        body: Vec<u8>,
        limit: usize,
    ) -> Result<Bytes, PeerError> {
        let body = Bytes::from(body);
        let known = self.document(url).await?;
        match self
            .post_to(url, path, body.clone(), limit, &known.fingerprint)
            .await
        {
            Err(PeerError::Refused(ProblemCode::NotThisNode)) => {
                self.forget(url);
                let renewed = self.document(url).await?;
                if renewed.fingerprint == known.fingerprint {
                    return Err(PeerError::Misbehaves("it denies its own key"));
                }
                self.post_to(url, path, body, limit, &renewed.fingerprint)
                    .await
            }
            result => result,
        }
    }

    async fn post_to(
        &self,
        url: &NodeUrl,
        path: &str,
        body: Bytes,
        limit: usize,
        receiver: &NodeFingerprint,
    ) -> Result<Bytes, PeerError> {
        if !self.rules().permit(url, receiver) {
            return Err(PeerError::Refused(ProblemCode::PeerRefused));
        }
        let signed = PeerRequest::sign(
            &self.identity.url,
            &self.identity.keys,
            receiver,
            self.clock.now(),
            &body,
            &mut random::system(),
        )
        .map_err(|_| PeerError::Signing)?;
        let request = self
            .request(Method::POST, url, path)?
            .header(PEER_HEADER, PeerRequest::to_header(&signed))
            .header(reqwest::header::CONTENT_TYPE, "application/octet-stream")
            .body(body);
        answer(request, limit).await
    }

    fn request(
        &self,
        method: Method,
        url: &NodeUrl,
        path: &str,
    ) -> Result<reqwest::RequestBuilder, PeerError> {
        self.check_url(url)?;
        Ok(self.http.request(method, format!("{url}{path}")))
    }

    fn documents(&self) -> std::sync::MutexGuard<'_, HashMap<NodeUrl, PeerDocument>> {
        self.documents
            .lock()
            .unwrap_or_else(|poison| poison.into_inner())
    }
}

async fn answer(request: reqwest::RequestBuilder, limit: usize) -> Result<Bytes, PeerError> {
    let response = request.send().await.map_err(|error| unreachable(&error))?;
    let status = response.status();
    if status == StatusCode::OK {
        return read(response, limit).await;
    }
    if status.is_redirection() {
        return Err(PeerError::Misbehaves("it redirects"));
    }
    if status.is_success() {
        return Err(PeerError::Misbehaves("it answers with another status"));
    }
    let problem = read(response, MAX_PROBLEM).await.unwrap_or_default();
    Err(PeerError::Refused(problem_code(&problem).unwrap_or(
        match status.as_u16() {
            429 => ProblemCode::RateLimited,
            500.. => ProblemCode::Unavailable,
            _ => ProblemCode::PeerMisbehaves,
        },
    )))
}

fn problem_code(body: &[u8]) -> Option<ProblemCode> {
    #[derive(serde::Deserialize)]
    struct Problem {
        code: String,
    }
    let problem: Problem = serde_json::from_slice(body).ok()?;
    ProblemCode::parse(&problem.code)
}

async fn read(mut response: Response, limit: usize) -> Result<Bytes, PeerError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| unreachable(&error))?
    {
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(PeerError::Misbehaves("its answer is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn unreachable(error: &reqwest::Error) -> PeerError {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = source {
        if cause.is::<OnlyPrivateAddresses>() {
            return PeerError::PrivateAddress;
        }
        source = cause.source();
    }
    PeerError::Unreachable
}
