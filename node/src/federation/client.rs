//! Requests to other nodes: what is asked of whom, signed, and what of the answers is believed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use shared_crypto::id::NodeFingerprint;
use shared_crypto::lookup::MAX_SEALED_ANSWER;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::peer::{DeliverBatch, DeliverResults, PeerRequest};
use shared_crypto::problem::ProblemCode;

use super::address::PrivateNetworks;
use super::rules::PeerRules;
use super::transport::{PeerCall, Transport};
use crate::clock::{Clock, Millis};
use crate::identity::Identity;
use crate::random;
use crate::refused::Refused;
use crate::settings::FederationSettings;

/// How long a peer's document is believed without asking again.
const DOCUMENT_KEPT: Millis = 10 * 60_000;

/// Documents kept; beyond it all are forgotten, which costs a request each.
const DOCUMENTS: usize = 10_000;

/// How long a node that did not show its document is not asked for it by those who say they are it.
const FAILURE_KEPT: Millis = 60_000;

/// How recent a document must be to be the last word about a node's key.
const KEY_KEPT: Millis = 60_000;

/// A signed document, with room for its framing.
const MAX_DOCUMENT: usize = 4_096;

/// Results of 64 items with their codes.
const MAX_RESULTS: usize = 16_384;

/// The rule of whatever another node refuses, for the log and the figures.
const OTHER_NODE: &str = "other_node";

/// Why another node did not answer as it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// No connection, or none in time.
    #[error("the other node cannot be reached")]
    Unreachable,
    /// Its address is one that the operator does not permit.
    #[error("the other node's address is on a private network")]
    PrivateAddress,
    /// The operator does not want it.
    #[error(
        "the other node is on the list of those that are refused, or not on that of those that are permitted"
    )]
    Denied,
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
            Self::Denied => ProblemCode::PeerRefused,
            Self::Misbehaves(_) => ProblemCode::PeerMisbehaves,
            Self::Refused(code) => *code,
            Self::Signing => ProblemCode::Internal,
        }
    }
}

/// What this node decides has a rule of its own; what the other one refuses is by none of ours.
impl From<PeerError> for Refused {
    fn from(error: PeerError) -> Self {
        let code = error.code();
        match error {
            PeerError::PrivateAddress | PeerError::Denied => code.into(),
            PeerError::Refused(_) => Self::by(code, OTHER_NODE),
            PeerError::Unreachable | PeerError::Misbehaves(_) | PeerError::Signing => {
                Self { code, rule: None }
            }
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
    transport: Arc<dyn Transport>,
    private_networks: PrivateNetworks,
    identity: Arc<Identity>,
    clock: Arc<dyn Clock>,
    documents: Mutex<HashMap<NodeUrl, PeerDocument>>,
    /// Nodes whose document could not be had, and when that was found.
    failed: Mutex<HashMap<NodeUrl, Millis>>,
    rules: RwLock<Arc<PeerRules>>,
    lists: RwLock<FederationSettings>,
}

impl PeerClient {
    /// Over a transport.
    pub fn new(
        settings: &FederationSettings,
        transport: Arc<dyn Transport>,
        rules: PeerRules,
        identity: Arc<Identity>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let documents = Mutex::default();
        Self {
            transport,
            private_networks: PrivateNetworks::of(settings),
            identity,
            clock,
            documents,
            failed: Mutex::default(),
            rules: RwLock::new(Arc::new(rules)),
            lists: RwLock::new(settings.clone()),
        }
    }

    /// With whom this node talks.
    pub fn rules(&self) -> Arc<PeerRules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts the lists of these settings in force.
    pub fn set_lists(&self, settings: &FederationSettings, blocked: &[String]) {
        *self.lists.write().unwrap_or_else(PoisonError::into_inner) = settings.clone();
        self.set_blocked(blocked);
    }

    /// Puts in force which nodes were blocked by command.
    pub fn set_blocked(&self, blocked: &[String]) {
        let lists = self.lists.read().unwrap_or_else(PoisonError::into_inner);
        let rules = PeerRules::new(&lists, blocked);
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
            Err(PeerError::Denied)
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
        self.fetch_document(url, now).await
    }

    /// Whether a node at this address has this key, as far as that is known: a document is believed until it
    /// expires, and a node that did not show its own is left alone for a while.
    pub fn is_known_key(
        &self,
        url: &NodeUrl,
        fingerprint: &NodeFingerprint,
    ) -> Option<Result<bool, PeerError>> {
        let now = self.clock.now();
        let known = self.documents().get(url).cloned();
        if let Some(known) = known.filter(|known| known.expires_at > now) {
            let is_recent = now
                .checked_sub(known.fetched_at)
                .is_some_and(|age| age < KEY_KEPT);
            // Another key may be a newer one.
            if known.fingerprint == *fingerprint || is_recent {
                return Some(Ok(known.fingerprint == *fingerprint));
            }
        }
        let has_failed = |at: &Millis| now.checked_sub(*at).is_some_and(|age| age < FAILURE_KEPT);
        let has_failed = self.failed().get(url).is_some_and(has_failed);
        has_failed.then_some(Err(PeerError::Unreachable))
    }

    /// Asks the node at this address whether it has this key. The one who wants to be let in names the address:
    /// callers bound how many are asked because of that.
    ///
    /// # Errors
    /// [`PeerError`] when that cannot be found out now, or the address is not permitted.
    pub async fn has_key(
        &self,
        url: &NodeUrl,
        fingerprint: &NodeFingerprint,
    ) -> Result<bool, PeerError> {
        let now = self.clock.now();
        match self.fetch_document(url, now).await {
            Ok(document) => Ok(document.fingerprint == *fingerprint),
            Err(error) => {
                let mut failed = self.failed();
                if failed.len() >= DOCUMENTS {
                    failed.clear();
                }
                failed.insert(url.clone(), now);
                Err(error)
            }
        }
    }

    async fn fetch_document(&self, url: &NodeUrl, now: Millis) -> Result<PeerDocument, PeerError> {
        let bytes = self.call(url, "/v1/node", None, MAX_DOCUMENT).await?;
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
        path: &'static str,
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
        path: &'static str,
        body: Bytes,
        limit: usize,
        receiver: &NodeFingerprint,
    ) -> Result<Bytes, PeerError> {
        if !self.rules().permit(url, receiver) {
            return Err(PeerError::Denied);
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
        let post = (PeerRequest::to_header(&signed), body);
        let result = self.call(url, path, Some(post), limit).await;
        crate::metrics::peer(match &result {
            Ok(_) => "ok",
            Err(PeerError::Unreachable) => "unreachable",
            Err(PeerError::Refused(_)) => "refused",
            Err(_) => "misbehaves",
        });
        result
    }

    async fn call(
        &self,
        url: &NodeUrl,
        path: &'static str,
        post: Option<(String, Bytes)>,
        limit: usize,
    ) -> Result<Bytes, PeerError> {
        self.check_url(url)?;
        let node = url.clone();
        let call = PeerCall {
            node,
            path,
            post,
            limit,
        };
        self.transport.call(call).await
    }

    fn failed(&self) -> std::sync::MutexGuard<'_, HashMap<NodeUrl, Millis>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn documents(&self) -> std::sync::MutexGuard<'_, HashMap<NodeUrl, PeerDocument>> {
        self.documents
            .lock()
            .unwrap_or_else(|poison| poison.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_node_refuses_is_not_said_to_be_a_rule_of_ours() {
        let rule = |error: PeerError| Refused::from(error).rule;
        assert_eq!(rule(PeerError::Denied), Some("peer_list"));
        assert_eq!(rule(PeerError::PrivateAddress), Some("private_networks"));
        for code in [
            ProblemCode::PeerRefused,
            ProblemCode::NodeFull,
            ProblemCode::NodeClosing,
        ] {
            assert_eq!(rule(PeerError::Refused(code)), Some(OTHER_NODE));
        }
        assert_eq!(rule(PeerError::Unreachable), None, "nobody has refused");
    }
}
