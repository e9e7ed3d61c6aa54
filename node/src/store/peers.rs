//! What is remembered of other nodes.

use diesel::prelude::*;
use shared_crypto::node_url::NodeUrl;

use super::schema::peers;
use super::{Apply, Batch, Store, StoreError, from_db, on, to_db};
use crate::clock::Millis;

/// How often a peer failed in a row, and when to try it again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PeerState {
    /// Failures since the last success.
    pub failures: u64,
    /// Not before.
    pub retry_at: Millis,
}

/// A request to a peer failed.
#[derive(Debug, Clone)]
pub struct PeerFailed {
    /// Which.
    pub url: NodeUrl,
    /// Its state now.
    pub state: PeerState,
}

impl Apply for PeerFailed {
    type Output = ();

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let values = (
            peers::failures.eq(to_db(self.state.failures)),
            peers::retry_at.eq(to_db(self.state.retry_at)),
        );
        on!(batch.connection, |c| diesel::insert_into(peers::table)
            .values((peers::url.eq(self.url.as_str()), values))
            .on_conflict(peers::url)
            .do_update()
            .set(values)
            .execute(c))?;
        Ok(())
    }
}

/// A peer that had failed works again.
#[derive(Debug, Clone)]
pub struct PeerReached(pub NodeUrl);

impl Apply for PeerReached {
    type Output = ();

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        on!(batch.connection, |c| diesel::delete(
            peers::table.find(self.0.as_str())
        )
        .execute(c))?;
        Ok(())
    }
}

impl Store {
    /// The peers that failed when they were last tried.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn failing_peers(&self) -> Result<Vec<NodeUrl>, StoreError> {
        self.read(|connection| {
            let urls: Vec<String> = on!(connection, |c| peers::table
                .filter(peers::failures.gt(0))
                .select(peers::url)
                .load(c))?;
            urls.iter()
                .map(|url| NodeUrl::parse(url).map_err(|_| StoreError::Corrupt("a node's URL")))
                .collect()
        })
        .await
    }

    /// What is remembered of a peer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn peer_state(&self, url: NodeUrl) -> Result<PeerState, StoreError> {
        self.read(move |connection| {
            let row: Option<(i64, i64)> = on!(connection, |c| peers::table
                .find(url.as_str())
                .select((peers::failures, peers::retry_at))
                .get_result(c)
                .optional())?;
            Ok(
                row.map_or_else(PeerState::default, |(failures, retry_at)| PeerState {
                    failures: from_db(failures),
                    retry_at: from_db(retry_at),
                }),
            )
        })
        .await
    }
}
