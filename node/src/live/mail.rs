//! Pushing mail: in order, each envelope once per connection, and never more than the window ahead of
//! what the device acknowledged.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use shared_crypto::live::NodeBinary;

use super::session::{End, Line};
use super::slot::Slot;
use crate::settings::LiveSettings;
use crate::store::{Cursor, Store, StoreError};

/// Envelopes read from the database at once: few enough that the first is on its way at once.
const PAGE_COUNT: u32 = 64;

/// Bytes of those, about.
const PAGE_BYTES: usize = 512 * 1024;

/// Whether there is more to push without waiting for anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pushed {
    /// The window is open and there may be more.
    More,
    /// Nothing, until something comes or is acknowledged.
    Nothing,
}

/// The mail of one connection.
pub(super) struct Mail {
    store: Store,
    slot: Arc<Slot>,
    limits: LiveSettings,
    /// The last cursor that was pushed here.
    pushed: Cursor,
    in_flight: VecDeque<(Cursor, usize)>,
    in_flight_bytes: usize,
    /// Whether the database may hold more than was pushed.
    is_behind: bool,
    /// Whether the client was told that it has everything.
    is_announced: bool,
}

impl Mail {
    pub(super) fn new(store: Store, slot: Arc<Slot>, limits: LiveSettings, acked: Cursor) -> Self {
        Self {
            store,
            slot,
            limits,
            pushed: acked,
            in_flight: VecDeque::new(),
            in_flight_bytes: 0,
            is_behind: true,
            is_announced: false,
        }
    }

    /// Whether this cursor was pushed on this connection.
    pub(super) fn has_pushed(&self, cursor: Cursor) -> bool {
        cursor <= self.pushed
    }

    /// The device has everything up to here.
    pub(super) fn acknowledge(&mut self, cursor: Cursor) {
        while let Some((oldest, size)) = self.in_flight.front()
            && *oldest <= cursor
        {
            self.in_flight_bytes = self.in_flight_bytes.saturating_sub(*size);
            self.in_flight.pop_front();
        }
    }

    /// Pushes some of what there is.
    pub(super) async fn push(&mut self, line: &mut Line) -> Result<Pushed, End> {
        if self.is_behind {
            self.push_stored(line).await
        } else {
            self.push_fresh(line).await
        }
    }

    async fn push_stored(&mut self, line: &mut Line) -> Result<Pushed, End> {
        let room = self.room();
        if room == 0 {
            return Ok(Pushed::Nothing);
        }
        let count = room.min(PAGE_COUNT);
        let page = self
            .store
            .envelopes_after(self.slot.account, self.pushed, count, PAGE_BYTES)
            .await
            .map_err(|error: StoreError| End::store(&error))?;
        let is_last = page.is_empty();
        for stored in page {
            let frame = NodeBinary::Envelope {
                cursor: stored.cursor.get(),
                arrived_at: stored.arrived_at,
                mailbox: stored.mailbox,
                message_id: stored.message_id,
                envelope: &stored.envelope,
            };
            self.send(line, stored.cursor, Bytes::from(frame.encode()))
                .await?;
        }
        if is_last {
            self.is_behind = false;
            if !self.is_announced {
                self.is_announced = true;
                line.caught_up().await?;
            }
        }
        Ok(Pushed::More)
    }

    async fn push_fresh(&mut self, line: &mut Line) -> Result<Pushed, End> {
        for _ in 0..PAGE_COUNT {
            if self.room() == 0 {
                return Ok(Pushed::Nothing);
            }
            let Some((cursor, frame, since)) = self.slot.take_mail() else {
                self.is_behind = self.slot.take_missed();
                return Ok(if self.is_behind {
                    Pushed::More
                } else {
                    Pushed::Nothing
                });
            };
            // What came while the database was read may have been read there.
            if self.has_pushed(cursor) {
                continue;
            }
            // Another process may have stored what comes before this: then the database has both.
            if cursor > self.pushed.next() {
                self.is_behind = true;
                return Ok(Pushed::More);
            }
            self.send(line, cursor, frame).await?;
            since.pushed();
        }
        Ok(Pushed::More)
    }

    async fn send(&mut self, line: &mut Line, cursor: Cursor, frame: Bytes) -> Result<(), End> {
        let size = frame.len();
        line.binary(frame).await?;
        self.pushed = cursor;
        self.in_flight.push_back((cursor, size));
        self.in_flight_bytes = self.in_flight_bytes.saturating_add(size);
        Ok(())
    }

    /// How many envelopes may still go out.
    fn room(&self) -> u32 {
        if self.in_flight_bytes >= self.limits.in_flight_bytes {
            return 0;
        }
        let used = u32::try_from(self.in_flight.len()).unwrap_or(u32::MAX);
        self.limits.in_flight_count.saturating_sub(used)
    }
}
