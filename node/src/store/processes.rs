//! Several processes on one database are one node: they have the same keys, each other node is served
//! by one of them at a time, and what one commits the others hear of.

use std::fmt;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use shared_crypto::node_url::NodeUrl;
use zeroize::Zeroizing;

use super::schema::{leases, node_keys};
use super::{AccountId, Apply, Batch, Event, StoreError, from_db, on, to_db};
use crate::clock::Millis;
use crate::random;

/// The channel on which processes tell each other.
pub(super) const CHANNEL: &str = "zechat";

/// Bytes that a notification may have on every server.
const MAX_NOTICE: usize = 7_900;

const KEYS: &str = "node";

/// A process, from its start to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ProcessId([u8; 16]);

impl ProcessId {
    /// A new one.
    pub fn make() -> Self {
        Self(random::bytes())
    }
}

impl fmt::Debug for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// Takes another node for a process, or keeps it.
#[derive(Debug, Clone)]
pub struct Lease {
    /// Which node.
    pub peer: NodeUrl,
    /// For whom.
    pub holder: ProcessId,
    /// Until when.
    pub until: Millis,
}

impl Apply for Lease {
    /// Who else has it until when.
    type Output = Result<(), Millis>;

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        let held: Option<(Vec<u8>, i64)> = on!(batch.connection, |c| leases::table
            .find(self.peer.as_str())
            .select((leases::holder, leases::expires_at))
            .get_result(c)
            .optional())?;
        if let Some((holder, expires_at)) = held {
            let expires_at = from_db(expires_at);
            // Nobody takes it for longer than this: then the clock was set back.
            let latest = batch
                .now
                .saturating_add(self.until.saturating_sub(batch.now).saturating_mul(2));
            if holder != self.holder.0 && expires_at > batch.now && expires_at <= latest {
                return Ok(Err(expires_at));
            }
        }
        let values = (
            leases::holder.eq(self.holder.0.as_slice()),
            leases::expires_at.eq(to_db(self.until)),
        );
        on!(batch.connection, |c| diesel::insert_into(leases::table)
            .values((leases::peer.eq(self.peer.as_str()), values))
            .on_conflict(leases::peer)
            .do_update()
            .set(values)
            .execute(c))?;
        Ok(Ok(()))
    }
}

/// Gives another node back, if the process has it.
#[derive(Debug, Clone)]
pub struct Release {
    /// Which node.
    pub peer: NodeUrl,
    /// Who has it.
    pub holder: ProcessId,
}

impl Apply for Release {
    type Output = ();

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        on!(batch.connection, |c| diesel::delete(
            leases::table
                .find(self.peer.as_str())
                .filter(leases::holder.eq(self.holder.0.as_slice()))
        )
        .execute(c))?;
        Ok(())
    }
}

/// Keeps the node's keys in the database, if it has none.
pub struct KeepKeys(pub Zeroizing<Vec<u8>>);

impl Apply for KeepKeys {
    /// Those that it has.
    type Output = Zeroizing<Vec<u8>>;

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        on!(batch.connection, |c| diesel::insert_into(node_keys::table)
            .values((
                node_keys::name.eq(KEYS),
                node_keys::keys.eq(self.0.as_slice())
            ))
            .on_conflict(node_keys::name)
            .do_nothing()
            .execute(c))?;
        let keys: Vec<u8> = on!(batch.connection, |c| node_keys::table
            .find(KEYS)
            .select(node_keys::keys)
            .get_result(c))?;
        Ok(Zeroizing::new(keys))
    }
}

/// What other processes are to look at after a commit.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Notice {
    /// Who committed it.
    from: String,
    /// Accounts with new mail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    mail: Vec<i64>,
    /// Accounts with outcomes or tombstones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    news: Vec<i64>,
    /// Accounts whose key was replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replaced: Vec<i64>,
    /// Accounts that are blocked or gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    closed: Vec<i64>,
    /// Whether operators have decided something about the whole node.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    state: bool,
    /// Nodes that something waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    queued: Vec<String>,
    /// There is something that cannot be named.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    all: bool,
}

impl Notice {
    /// One for all events of a commit; nothing when there is nothing to look at.
    pub(super) fn of(from: ProcessId, events: &[Event]) -> Option<Self> {
        let mut notice = Self {
            from: format!("{from:?}"),
            ..Self::default()
        };
        for event in events {
            match event {
                Event::Stored { account, .. } => notice.mail.push(account.0),
                Event::Outcome { account, .. } | Event::Tombstone { account, .. } => {
                    notice.news.push(account.0);
                }
                Event::KeyReplaced { account } => notice.replaced.push(account.0),
                Event::Closed { account } => notice.closed.push(account.0),
                Event::Decided => notice.state = true,
                Event::Queued { destination } => notice.queued.push(destination.to_string()),
                Event::Elsewhere(_) => {}
            }
        }
        let is_empty = notice.mail.is_empty()
            && notice.news.is_empty()
            && notice.replaced.is_empty()
            && notice.closed.is_empty()
            && !notice.state
            && notice.queued.is_empty();
        for accounts in [&mut notice.mail, &mut notice.news] {
            accounts.sort_unstable();
            accounts.dedup();
        }
        (!is_empty).then_some(notice)
    }

    /// As it travels: in as many parts as it needs, so that nobody looks at more than what it names.
    pub(super) fn into_texts(self) -> Vec<String> {
        let text = serde_json::to_string(&self).unwrap_or_default();
        if text.len() <= MAX_NOTICE {
            return vec![text];
        }
        let has_parts = |length: usize| length > 1;
        let lists = [&self.mail, &self.news, &self.replaced, &self.closed];
        if !lists.iter().any(|list| has_parts(list.len())) && !has_parts(self.queued.len()) {
            let all = Self {
                from: self.from,
                all: true,
                ..Self::default()
            };
            return vec![serde_json::to_string(&all).unwrap_or_default()];
        }
        let (first, second) = self.halves();
        let mut texts = first.into_texts();
        texts.extend(second.into_texts());
        texts
    }

    fn halves(mut self) -> (Self, Self) {
        fn half<T>(list: &mut Vec<T>) -> Vec<T> {
            list.split_off(list.len().div_ceil(2))
        }
        let second = Self {
            from: self.from.clone(),
            mail: half(&mut self.mail),
            news: half(&mut self.news),
            replaced: half(&mut self.replaced),
            closed: half(&mut self.closed),
            queued: half(&mut self.queued),
            state: false,
            all: false,
        };
        (self, second)
    }

    /// What it says to another process; nothing to the one that sent it.
    pub(super) fn heard(text: &str, own: ProcessId) -> Option<Elsewhere> {
        let Ok(notice) = serde_json::from_str::<Self>(text) else {
            return Some(Elsewhere::Anything); // of another version: look at everything
        };
        if notice.from == format!("{own:?}") {
            return None;
        }
        if notice.all {
            return Some(Elsewhere::Anything);
        }
        let accounts = |ids: Vec<i64>| ids.into_iter().map(AccountId).collect();
        Some(Elsewhere::These {
            mail: accounts(notice.mail),
            news: accounts(notice.news),
            replaced: accounts(notice.replaced),
            closed: accounts(notice.closed),
            state: notice.state,
            queued: notice
                .queued
                .iter()
                .filter_map(|url| NodeUrl::parse(url).ok())
                .collect(),
        })
    }
}

/// What was committed by another process, as far as this one knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Elsewhere {
    /// Anything may have changed.
    Anything,
    /// These.
    These {
        /// Accounts with new mail.
        mail: Vec<AccountId>,
        /// Accounts with outcomes or tombstones.
        news: Vec<AccountId>,
        /// Accounts whose key was replaced.
        replaced: Vec<AccountId>,
        /// Accounts that are blocked or gone.
        closed: Vec<AccountId>,
        /// Whether operators have decided something about the whole node.
        state: bool,
        /// Nodes that something waits for.
        queued: Vec<NodeUrl>,
    },
}

/// Who hears of what other processes commit.
pub type Listener = Arc<dyn Fn(Elsewhere) + Send + Sync>;

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(account: i64) -> Event {
        Event::Tombstone {
            account: AccountId(account),
            tombstone: super::super::TombstoneRow {
                id: 1,
                count: 1,
                from: 1,
                to: 1,
            },
        }
    }

    #[test]
    fn a_notice_tells_others_and_not_oneself() {
        let (own, other) = (ProcessId::make(), ProcessId::make());
        assert_eq!(Notice::of(own, &[]), None);
        let text = Notice::of(own, &[stored(2), stored(1), stored(2)])
            .unwrap()
            .into_texts()
            .concat();
        assert_eq!(Notice::heard(&text, own), None);
        let expected = Elsewhere::These {
            mail: Vec::new(),
            news: vec![AccountId(1), AccountId(2)],
            replaced: Vec::new(),
            closed: Vec::new(),
            state: false,
            queued: Vec::new(),
        };
        assert_eq!(Notice::heard(&text, other), Some(expected));
    }

    #[test]
    fn what_operators_decide_is_told() {
        let (own, other) = (ProcessId::make(), ProcessId::make());
        let closed = Event::Closed {
            account: AccountId(7),
        };
        for event in [closed, Event::Decided] {
            let text = Notice::of(own, std::slice::from_ref(&event))
                .unwrap()
                .into_texts()
                .concat();
            let Some(Elsewhere::These { closed, state, .. }) = Notice::heard(&text, other) else {
                panic!("{text}");
            };
            assert_eq!(state, matches!(event, Event::Decided));
            assert_eq!(closed.len(), usize::from(!state));
        }
    }

    /// One that meant everything made every session of every other process read the database.
    #[test]
    fn what_is_too_long_is_told_in_parts() {
        let (own, other) = (ProcessId::make(), ProcessId::make());
        let node = NodeUrl::parse("https://a.example").unwrap();
        let mut many: Vec<Event> = (0..2_000)
            .map(|number| stored(1_000_000_000 + number))
            .collect();
        many.push(Event::Decided);
        many.push(Event::Queued { destination: node });
        let texts = Notice::of(own, &many).unwrap().into_texts();
        let (mut accounts, mut decisions, mut nodes) = (0, 0, 0);
        for text in texts {
            assert!(text.len() <= MAX_NOTICE);
            let heard = Notice::heard(&text, other);
            let Some(Elsewhere::These {
                news,
                state,
                queued,
                ..
            }) = heard
            else {
                panic!("{heard:?}");
            };
            accounts += news.len();
            decisions += usize::from(state);
            nodes += queued.len();
        }
        assert_eq!((accounts, decisions, nodes), (2_000, 1, 1));
    }

    #[test]
    fn what_is_not_understood_means_everything() {
        let other = ProcessId::make();
        assert_eq!(
            Notice::heard("from a later version", other),
            Some(Elsewhere::Anything)
        );
    }
}
