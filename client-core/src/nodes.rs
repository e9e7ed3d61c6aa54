//! Documents of other nodes, fetched through our own node so that they do not learn who asks.

use shared_crypto::cbor::Bytes;
use shared_crypto::hash::hash;
use shared_crypto::live::ClientBinary;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::signed::Verified;
use shared_crypto::time::DAY;

use crate::driver::Action;
use crate::live::backoff;
use crate::rows::NodeRow;
use crate::sorted::SortedMap;
use crate::store::{KeyRange, Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::Millis;

/// Documents of nodes.
#[derive(Default)]
pub(crate) struct Nodes {
    documents: SortedMap<NodeUrl, Verified<NodeDocument>>,
    /// Which home node was asked for which document.
    asked: SortedMap<u32, (NodeUrl, NodeUrl)>,
    failed: SortedMap<NodeUrl, (u32, Millis)>,
    /// Nodes that mail did not reach, and until when others are preferred.
    unhealthy: SortedMap<NodeUrl, Millis>,
}

impl Nodes {
    pub(crate) async fn load<S: Store>(turn: &Turn<'_, S>) -> Result<Self, StoreError> {
        let all = KeyRange {
            from: Vec::new(),
            to: vec![0xff; 33],
        };
        let mut nodes = Self::default();
        for (_, row) in turn
            .scan::<NodeRow>(&all, Order::Ascending, usize::MAX)
            .await?
        {
            // A document that expired is fetched again; nothing else is lost with it.
            if let Ok(url) = NodeUrl::parse(&row.url)
                && let Ok(document) = NodeDocument::verify(&row.document.0, &url, None, turn.now)
            {
                nodes.documents.insert(url, document);
            }
        }
        Ok(nodes)
    }

    /// The node's document, if it is known and in force.
    pub(crate) fn find(&self, url: &NodeUrl, now: Millis) -> Option<&Verified<NodeDocument>> {
        self.documents
            .get(url)
            .filter(|document| now < document.expires_at)
    }

    /// Asks a home node for a document, unless one was asked on this connection or it failed a moment ago.
    pub(crate) fn ask<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        home: &NodeUrl,
        url: &NodeUrl,
        request: u32,
    ) {
        let waits = self
            .failed
            .get(url)
            .is_some_and(|(_, retry_at)| turn.now < *retry_at);
        if waits || self.asked.values().any(|(_, asked)| asked == url) {
            return;
        }
        self.asked.insert(request, (home.clone(), url.clone()));
        let frame = ClientBinary::NodeDocument {
            request,
            node: url.clone(),
        };
        turn.act(Action::SendBinary(home.clone(), frame.encode()));
    }

    /// Takes an answer to a request; the URL it was about and whether it is now known.
    pub(crate) fn answered<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        request: u32,
        answer: Result<&[u8], &str>,
    ) -> Option<(NodeUrl, Result<(), String>)> {
        let (_, url) = self.asked.remove(&request)?;
        let verified = answer.map_err(str::to_owned).and_then(|bytes| {
            NodeDocument::verify(bytes, &url, None, turn.now)
                .map_err(|_| "peer_misbehaves".to_owned())
        });
        let result = match verified {
            Ok(document) => {
                let row = NodeRow {
                    document: Bytes(document.bytes().to_vec()),
                    url: url.to_string(),
                };
                let key = hash("zechat/node-row/v1", url.as_str().as_bytes());
                turn.put(key.as_bytes(), &row);
                self.documents.insert(url.clone(), document);
                Ok(())
            }
            Err(code) => {
                let attempt = self.failed.get(&url).map_or(0, |(attempt, _)| *attempt);
                let retry_at = turn.now.saturating_add(backoff(attempt));
                self.failed
                    .insert(url.clone(), (attempt.saturating_add(1), retry_at));
                Err(code)
            }
        };
        Some((url, result))
    }

    /// Forgets a document, so that it is fetched again: what it said did not work.
    pub(crate) fn forget(&mut self, url: &NodeUrl) {
        self.documents.remove(url);
        self.failed.remove(url);
    }

    /// Forgets a document that is not the wanted node's, and waits before it is fetched again.
    pub(crate) fn reject<S: Store>(&mut self, turn: &mut Turn<'_, S>, url: &NodeUrl) {
        self.documents.remove(url);
        let attempt = self.failed.get(url).map_or(0, |(attempt, _)| *attempt);
        let retry_at = turn.now.saturating_add(backoff(attempt));
        self.failed
            .insert(url.clone(), (attempt.saturating_add(1), retry_at));
    }

    /// A new connection: what was asked on the old one is lost.
    pub(crate) fn forget_asked(&mut self, home: &NodeUrl) {
        self.asked.retain(|_, (asked, _)| asked != home);
        self.failed.clear();
    }

    /// Notes that mail did not reach a node: for a day others are preferred.
    pub(crate) fn did_not_reach(&mut self, url: &NodeUrl, now: Millis) {
        self.unhealthy.insert(url.clone(), now.saturating_add(DAY));
    }

    /// Notes that mail reached a node.
    pub(crate) fn reached(&mut self, url: &NodeUrl) {
        self.unhealthy.remove(url);
    }

    /// Whether other nodes are preferred to this one.
    pub(crate) fn is_unhealthy(&self, url: &NodeUrl, now: Millis) -> bool {
        let failing = |(attempt, _): &(u32, Millis)| *attempt > 1;
        self.unhealthy.get(url).is_some_and(|until| now < *until)
            || self.failed.get(url).is_some_and(failing)
    }

    /// When a fetch that failed may be tried again.
    pub(crate) fn retry_at(&self, now: Millis) -> Option<Millis> {
        self.failed
            .values()
            .map(|(_, at)| *at)
            .filter(|at| *at > now)
            .min()
    }
}
