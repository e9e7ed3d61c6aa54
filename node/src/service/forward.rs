//! What other nodes hand over.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::join_all;
use shared_crypto::node_keys::fingerprint_of;
use shared_crypto::peer::{
    DeliverBatch, DeliverResult, DeliverResults, PeerError as RequestError, PeerRequest,
};
use shared_crypto::problem::ProblemCode;
use shared_crypto::signed::{SignedError, Verified};

use super::{App, Refusal, store_code};
use crate::federation::client::PeerError as PeerClientError;
use crate::limits::address::ClientAddress;
use crate::metrics::{Since, Way};
use crate::refused::{Noted, Refused};
use crate::store::{Deliver, StoreError};

impl App {
    /// Checks that another node signed this request for this one.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn verify_peer(&self, header: &str, body: &[u8]) -> Result<Verified<PeerRequest>, Refusal> {
        self.peer_request(header, body).map_err(request_refusal)
    }

    /// [`App::verify_peer`] as far as that goes before the body has come.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn verify_peer_header(&self, header: &str) -> Result<(), Refusal> {
        match self.peer_request(header, &[]) {
            Ok(_) | Err(RequestError::Body) => Ok(()), // the body is compared last
            Err(error) => Err(request_refusal(error)),
        }
    }

    fn peer_request(
        &self,
        header: &str,
        body: &[u8],
    ) -> Result<Verified<PeerRequest>, RequestError> {
        PeerRequest::verify(header, body, &self.identity.fingerprint, self.clock.now())
    }

    /// Checks that this node talks with the one that asks, from this address, and that it does not ask too often.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn admit_peer(
        &self,
        request: &PeerRequest,
        from: Option<ClientAddress>,
    ) -> Result<(), Refusal> {
        let fingerprint = fingerprint_of(&request.signing_key);
        self.limits.peer(&fingerprint)?;
        let rules = self.peers.rules();
        if !rules.permit(&request.sender, &fingerprint) {
            return Err(ProblemCode::PeerRefused.into());
        }
        if !rules.permits_everybody() {
            // The address is the sender's own word: is it that node's key? A refusal ends everything that
            // it wanted to deliver, so it needs the rules or that node's own signature; whatever else
            // a node or a proxy before it answers passes.
            let has_key = match self.peers.is_known_key(&request.sender, &fingerprint) {
                Some(known) => known,
                None => {
                    let _turn = self.limits.introductions.hold(from)?;
                    self.peers.has_key(&request.sender, &fingerprint).await
                }
            };
            match has_key {
                Ok(true) => {}
                Ok(false) | Err(PeerClientError::PrivateAddress) => {
                    return Err(ProblemCode::PeerRefused.into());
                }
                Err(_) => return Err(ProblemCode::Unavailable.into()),
            }
        }
        Ok(())
    }

    /// Stores what can be stored of a batch, and says of each item what became of it.
    ///
    /// # Errors
    /// [`Refusal`] for a batch that cannot be read.
    pub async fn deliver_batch(self: &Arc<Self>, body: Bytes) -> Result<DeliverResults, Refusal> {
        let since = Since::now();
        let app = Arc::clone(self);
        // 64 boxes are up to four megabytes to open.
        let opened = self.away(move || {
            let batch = DeliverBatch::parse(&body)
                .map_err(|error| Refusal::new(ProblemCode::Malformed, format!("{error}.")))?;
            let opened = batch
                .items
                .into_iter()
                .map(|item| (item.item, app.open_box(&item.forward_box.0)))
                .collect::<Vec<_>>();
            Ok::<_, Refusal>(opened)
        });
        let opened = opened.await??;
        let stored = join_all(opened.into_iter().map(|(item, opened)| async move {
            let stored = self.store_forwarded(opened).await;
            if stored.is_ok() {
                since.accepted(Way::Peer);
            }
            (item, stored.err())
        }))
        .await;
        let mut noted = Noted::default();
        let items = stored.into_iter().map(|(item, refused)| DeliverResult {
            item,
            code: refused.map(|refused| {
                noted.note(refused, "batch of another node");
                refused.code
            }),
        });
        Ok(DeliverResults {
            items: items.collect(),
        })
    }

    async fn store_forwarded(&self, opened: Result<Deliver, ProblemCode>) -> Result<(), Refused> {
        let written = self.store.write(opened?).await;
        written
            .map_err(|error: StoreError| store_code(&error))?
            .map(|_| ())
    }
}

fn request_refusal(error: RequestError) -> Refusal {
    let code = match error {
        RequestError::Header => ProblemCode::Malformed,
        RequestError::Signed(SignedError::Signature) | RequestError::Body => {
            ProblemCode::InvalidSignature
        }
        RequestError::Signed(_) => ProblemCode::Malformed,
        RequestError::OtherReceiver => ProblemCode::NotThisNode,
        RequestError::Time => ProblemCode::Unauthorized,
    };
    Refusal::new(code, format!("{error}."))
}
