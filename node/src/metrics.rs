//! Figures for Prometheus. Names and labels are fixed: no identity, mailbox, address or node is in one.

use std::sync::atomic::{AtomicBool, Ordering};

use metrics::{counter, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use shared_crypto::problem::ProblemCode;

use crate::service::App;
use crate::store::{Event, StoreError};

/// Whether somebody counts. Labels would be made for nobody otherwise.
static IS_ON: AtomicBool = AtomicBool::new(false);

/// Begins to count; without it counting costs next to nothing. Several nodes of one process share the figures.
pub fn install() -> Option<PrometheusHandle> {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).ok()?;
    IS_ON.store(true, Ordering::Relaxed);
    Some(handle)
}

/// Whether somebody counts.
pub(crate) fn is_on() -> bool {
    IS_ON.load(Ordering::Relaxed)
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
