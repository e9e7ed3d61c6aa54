//! Sealed lookups: answered for whoever asks through their own node, and passed on for our clients.

use bytes::Bytes;
use shared_crypto::lookup::{LookupAnswer, MAX_SEALED_ANSWER, open_lookup};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;

use super::{App, store_code};
use crate::random;
use crate::refused::Refused;

impl App {
    /// Answers a lookup that was sealed to this node. Whether the identity is known here is inside
    /// the answer only, for whoever asked.
    ///
    /// # Errors
    /// [`ProblemCode`].
    pub async fn answer_lookup(&self, sealed: &[u8]) -> Result<Vec<u8>, ProblemCode> {
        let (request, responder) =
            open_lookup(&self.identity.keys, sealed).map_err(|_| ProblemCode::CannotOpen)?;
        let found = self
            .store
            .find_bundle(request.identity, request.from, MAX_SEALED_ANSWER)
            .await
            .map_err(|error| store_code(&error))?;
        let answer = match found {
            Some(row) => LookupAnswer::found(&row.records, Some(&row.key_package)),
            None => LookupAnswer::not_found(),
        };
        responder
            .seal(&answer, &mut random::system())
            .map_err(|_| ProblemCode::Internal)
    }

    /// Brings a client's lookup to the node it is for.
    ///
    /// # Errors
    /// [`Refused`], with a rule where this node refuses it.
    pub async fn relay_lookup(&self, url: &NodeUrl, sealed: Vec<u8>) -> Result<Bytes, Refused> {
        if *url == self.identity.url {
            return Ok(self.answer_lookup(&sealed).await.map(Bytes::from)?);
        }
        let answer = self.peers.lookup(url, sealed).await;
        answer.map_err(|error| {
            if error.code() == ProblemCode::CannotOpen {
                self.peers.forget(url);
            }
            error.into()
        })
    }

    /// The document of a node, for a client.
    ///
    /// # Errors
    /// [`Refused`], with a rule where this node refuses it.
    pub async fn relay_document(&self, url: &NodeUrl) -> Result<Bytes, Refused> {
        if *url == self.identity.url {
            let document = self.identity.document(self.clock.now());
            return document.map_err(|_| ProblemCode::Internal.into());
        }
        Ok(self.peers.document(url).await?.bytes)
    }
}
