//! What a node does from time to time, whoever is connected.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sd_notify::NotifyState;

use super::systemd;
use crate::clock::{Millis, Steadiness};
use crate::limits::disk::{self, Space};
use crate::limits::{self, postage};
use crate::service::App;
use crate::store::{Expire, StoreError, TouchDevices};

/// How often the node looks for mail that has expired.
const RETENTION_EVERY: Millis = 60_000;

/// A clock that is put right moves less than this, in milliseconds.
const JUMP: Millis = 3_600_000;

/// How long a clock that moved more is not believed.
const DISTRUST: Millis = 24 * 3_600_000;

/// How often connected devices count as seen.
const SEEN_EVERY: Millis = 3_600_000;

/// Deletes what has expired. When the clock was set far ahead, that waits: all mail would seem old.
pub(crate) async fn expire(app: Arc<App>) {
    let mut steadiness = Steadiness::of(&*app.clock);
    let mut held_until = 0;
    loop {
        // What passes while it looks counts for the next time.
        let next = app.clock.now().saturating_add(RETENTION_EVERY);
        let (ahead, back) = steadiness.look(&*app.clock);
        if ahead > JUMP {
            held_until = app.clock.passed().saturating_add(DISTRUST);
            tracing::error!(
                ahead_s = ahead.div_euclid(1_000),
                "the clock was set ahead: nothing expires for a day, unless `retention` is run; is it right?"
            );
        } else if back > JUMP {
            held_until = 0;
        }
        if app.clock.passed() < held_until {
            app.clock.sleep_until(next).await;
            continue;
        }
        match app.store.write(Expire).await {
            Ok(expired) if !expired.is_done => continue,
            Ok(expired) if expired.envelopes != 0 => {
                tracing::info!(envelopes = expired.envelopes, "mail has expired");
            }
            Ok(_) => {}
            Err(StoreError::Stopped) => return,
            Err(error) => tracing::error!(%error, "expiry failed"),
        }
        app.clock.sleep_until(next).await;
    }
}

/// Says that the node works, as long as its database does.
pub(super) async fn feed_watchdog(app: Arc<App>) {
    let Some(deadline) = sd_notify::watchdog_enabled() else {
        return;
    };
    loop {
        match app.store.check().await {
            Ok(()) => systemd(&[NotifyState::Watchdog]),
            Err(error) => tracing::error!(%error, "the database does not answer"),
        }
        tokio::time::sleep(deadline.div_f32(3.0)).await;
    }
}

pub(super) async fn look_at_disk(app: &App, folder: &Path) {
    let free_bytes = disk::free_bytes(folder);
    match (app.store.used_bytes().await, free_bytes) {
        (Ok(used_bytes), Ok(free_bytes)) => app.high_water.look(Space {
            used_bytes,
            free_bytes,
        }),
        (Err(error), _) => tracing::error!(%error, "the size of the database is not known"),
        (_, Err(error)) => tracing::error!(%error, "the room on the disk is not known"),
    }
}

pub(super) async fn watch_disk(app: Arc<App>, folder: PathBuf) {
    loop {
        app.clock
            .sleep_until(app.clock.now().saturating_add(disk::EVERY))
            .await;
        look_at_disk(&app, &folder).await;
    }
}

pub(super) async fn price_postage(app: Arc<App>) {
    loop {
        app.clock
            .sleep_until(app.clock.now().saturating_add(postage::EVERY))
            .await;
        let now = app.clock.now();
        let bits = u64::from(app.postage.tick(now));
        let changed = app.identity.change(now, |document| {
            if document.postage_bits != bits {
                tracing::info!(rule = "strangers", bits, "postage changes");
            }
            document.postage_bits = bits;
        });
        if let Err(error) = changed {
            tracing::error!(%error, "the node cannot describe itself");
        }
    }
}

pub(super) async fn forget_limits(app: Arc<App>) {
    loop {
        tokio::time::sleep(limits::FORGET_EVERY).await;
        app.limits.forget();
    }
}

pub(crate) async fn keep_seen(app: Arc<App>) {
    loop {
        app.clock
            .sleep_until(app.clock.now().saturating_add(SEEN_EVERY))
            .await;
        for some in app.hub.devices().chunks(TouchDevices::MOST) {
            if let Err(StoreError::Stopped) = app.store.write(TouchDevices(some.to_vec())).await {
                return;
            }
        }
    }
}
