//! Figures for Prometheus. Names and labels are fixed: no identity, mailbox, address or node is in one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use shared_crypto::problem::ProblemCode;
use tokio::time::Instant;

use crate::clock::Millis;
use crate::service::App;
use crate::store::{Event, StoreError};

/// Whether somebody counts. Labels would be made for nobody otherwise.
static IS_ON: AtomicBool = AtomicBool::new(false);

/// From a request that is here as a whole to the answer that it is stored.
const ACCEPT: &str = "zechat_accept_seconds";

/// From the commit of an envelope to its frame on a socket.
const PUSH: &str = "zechat_push_seconds";

/// From the acceptance of a submission to the word of the other node that it has it.
const DELIVERY: &str = "zechat_outbox_delivery_seconds";

/// Seconds up to which waits for a commit or a socket are counted together.
const SHORT: &[f64] = &[
    0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// The same for another node, which may be away for two days.
const LONG: &[f64] = &[
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 600.0, 3_600.0, 21_600.0,
    86_400.0, 172_800.0,
];

/// How often what was measured is put into its buckets; nobody may ever ask for it.
const TIDY_EVERY: Duration = Duration::from_secs(5);

/// Begins to count; without it counting costs next to nothing. Several nodes of one process share the figures.
pub fn install() -> Option<PrometheusHandle> {
    let recorder = [(ACCEPT, SHORT), (PUSH, SHORT), (DELIVERY, LONG)]
        .into_iter()
        .try_fold(PrometheusBuilder::new(), |builder, (name, buckets)| {
            builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), buckets)
        })
        .ok()?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).ok()?;
    IS_ON.store(true, Ordering::Relaxed);
    Some(handle)
}

/// Keeps what is measured small, without end.
pub(crate) async fn tidy(handle: Option<PrometheusHandle>) {
    loop {
        tokio::time::sleep(TIDY_EVERY).await;
        if let Some(handle) = &handle {
            handle.run_upkeep();
        }
    }
}

/// Whether somebody counts.
pub(crate) fn is_on() -> bool {
    IS_ON.load(Ordering::Relaxed)
}

/// The way by which an envelope or a submission came.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    /// Left in a mailbox over HTTP.
    Http,
    /// Submitted on a live socket.
    Live,
    /// In a batch of another node.
    Peer,
}

/// When something began that is measured; nothing if nobody counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Since(Option<Instant>);

impl Since {
    pub(crate) fn now() -> Self {
        Self(is_on().then(Instant::now))
    }

    /// What came is stored, and whoever sent it is told so.
    pub(crate) fn accepted(self, way: Way) {
        let Some(since) = self.0 else { return };
        let way = match way {
            Way::Http => "http",
            Way::Live => "live",
            Way::Peer => "peer",
        };
        histogram!(ACCEPT, "way" => way).record(since.elapsed());
    }

    /// What was committed is on its way to a device.
    pub(crate) fn pushed(self) {
        if let Some(since) = self.0 {
            histogram!(PUSH).record(since.elapsed());
        }
    }
}

/// Another node has taken a submission that waited so long.
pub(crate) fn delivered(waited: Millis) {
    histogram!(DELIVERY).record(Duration::from_millis(waited));
}

/// A request was answered.
pub(crate) fn answered(route: String, method: &'static str, status: u16) {
    counter!(
        "zechat_http_requests_total",
        "route" => route, "method" => method, "status" => class(status)
    )
    .increment(1);
}

/// A rule refused something.
pub(crate) fn refused(code: ProblemCode, rule: Option<&'static str>) {
    counter!("zechat_refusals_total", "code" => code.as_str(), "rule" => rule.unwrap_or(""))
        .increment(1);
}

/// Something was committed.
pub(crate) fn committed(events: &[Event]) {
    if !is_on() {
        return;
    }
    for event in events {
        match event {
            Event::Stored { envelope, .. } => {
                counter!("zechat_envelopes_stored_total").increment(1);
                let bytes = u64::try_from(envelope.len()).unwrap_or(u64::MAX);
                counter!("zechat_envelope_bytes_stored_total").increment(bytes);
            }
            Event::Queued { .. } => counter!("zechat_outbox_queued_total").increment(1),
            Event::Outcome { code, .. } => {
                let result = if code.is_none() {
                    "delivered"
                } else {
                    "failed"
                };
                counter!("zechat_outbox_settled_total", "result" => result).increment(1);
            }
            Event::Tombstone { tombstone, .. } => {
                counter!("zechat_envelopes_expired_total").increment(tombstone.count);
            }
            #[allow(unreachable_patterns, reason = "not every event is counted")]
            _ => {}
        }
    }
}

/// Another node was asked for something.
pub(crate) fn peer(result: &'static str) {
    counter!("zechat_peer_requests_total", "result" => result).increment(1);
}

/// All figures, those of the present looked up now.
///
/// # Errors
/// [`StoreError`] when the database does not answer.
pub async fn render(app: &App, handle: &PrometheusHandle) -> Result<String, StoreError> {
    let stats = app.store.stats().await?;
    let set = |name: &'static str, value: u64| {
        #[expect(
            clippy::cast_precision_loss,
            clippy::as_conversions,
            reason = "a figure to look at"
        )]
        gauge!(name).set(value as f64);
    };
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    set("zechat_accounts", stats.accounts);
    set("zechat_mailboxes", stats.mailboxes);
    set("zechat_envelopes", stats.envelopes);
    set("zechat_envelope_bytes", stats.envelope_bytes);
    set("zechat_outbox", stats.outbox);
    set("zechat_outbox_bytes", stats.outbox_bytes);
    set("zechat_failing_peers", stats.failing_peers);
    set("zechat_database_bytes", app.store.used_bytes().await?);
    set(
        "zechat_live_connections",
        count(app.limits.connections.count()),
    );
    set("zechat_postage_bits", u64::from(app.postage.demanded()));
    set("zechat_storage_full", u64::from(app.high_water.is_full()));
    gauge!("zechat_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle.render())
}

fn class(status: u16) -> &'static str {
    match status {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}
