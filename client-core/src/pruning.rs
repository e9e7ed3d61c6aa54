//! What is kept only as long as it can be of use, and is forgotten once a day.

use shared_crypto::id::MailboxId;
use shared_crypto::time::{DAY, RETENTION};

use crate::ready::Ready;
use crate::rows::{PairingRow, SeenRow};
use crate::store::{KeyRange, Order, Store, StoreError};
use crate::turn::Turn;

/// How long ids of messages are kept against replay at least: no honest node keeps mail as long.
const SEEN_LIFE: u64 = 2 * RETENTION;

/// Length of the key of a seen message: a mailbox and a message id.
const SEEN_KEY: usize = MailboxId::LENGTH + 16;

impl Ready {
    /// Forgets what is too old to be of use.
    pub(crate) async fn forget_old<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
    ) -> Result<(), StoreError> {
        let now = turn.now;
        if self
            .pruned_at
            .is_some_and(|at| now < at.saturating_add(DAY))
        {
            return Ok(());
        }
        self.pruned_at = Some(now);
        let nodes = self.homes.fingerprints();
        self.mailboxes.forget_read(turn);
        if self.mailboxes.revoke_retired(turn, &nodes) {
            self.tell_mailboxes(turn);
        }
        for contact in self.contacts.values_mut() {
            let newest = complete(&contact.row.pairings)
                .map(|pairing| pairing.at)
                .max();
            let before = contact.row.pairings.len();
            // Mail under an older pair secret may be on its way as long as any mail.
            contact.row.pairings.retain(|pairing| {
                let is_outdated = pairing.outdated.unwrap_or_default();
                let is_newest = newest.is_none_or(|newest| pairing.at >= newest) && !is_outdated;
                is_newest || now < pairing.at.saturating_add(RETENTION)
            });
            if contact.row.pairings.len() < before {
                contact.save(turn);
            }
        }
        let all = KeyRange {
            from: Vec::new(),
            to: vec![0xff; SEEN_KEY.saturating_add(1)],
        };
        let openable = self.own.oldest_key().unwrap_or(now);
        for (seen, row) in turn
            .scan::<SeenRow>(&all, Order::Ascending, usize::MAX)
            .await?
        {
            // A node that keeps mail all the same could show it again as long as there is a key that opens it.
            if row.at.saturating_add(SEEN_LIFE) <= now && row.at < openable {
                turn.delete::<SeenRow>(&seen);
            }
        }
        Ok(())
    }
}

fn complete(pairings: &[PairingRow]) -> impl Iterator<Item = &PairingRow> {
    let complete =
        |pairing: &&PairingRow| pairing.r2.is_some() && !pairing.outdated.unwrap_or_default();
    pairings.iter().filter(complete)
}
