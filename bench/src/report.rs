//! What comes out: a line for each figure.

use serde_json::json;

/// Prints figures as they come.
pub struct Report {
    is_json: bool,
}

impl Report {
    pub fn new(is_json: bool) -> Self {
        if !is_json {
            println!(
                "{:<28} {:<9} {:<8} {:>12} {:>12} {:>8}",
                "workload", "backend", "figure", "value", "bare", "ratio"
            );
        }
        Self { is_json }
    }

    /// A figure of the node with the same of the bare stack.
    pub fn figure(&self, workload: &str, backend: &str, figure: &str, value: f64, bare: f64) {
        let ratio = if bare > 0.0 { value / bare } else { 0.0 };
        if self.is_json {
            let line = json!({
                "workload": workload, "backend": backend, "figure": figure,
                "value": round(value), "bare": round(bare), "ratio": round(ratio),
            });
            println!("{line}");
        } else {
            println!(
                "{workload:<28} {backend:<9} {figure:<8} {value:>12.2} {bare:>12.2} {ratio:>8.2}"
            );
        }
    }

    pub fn end(&self) {
        if !self.is_json {
            println!(
                "value: the node; bare: the same actix and database with an empty application"
            );
        }
    }
}

fn round(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// The value in the middle.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// What so many of a hundred do not exceed.
pub fn percentile(values: &mut [u64], hundredths: usize) -> u64 {
    values.sort_unstable();
    let index = values.len().saturating_mul(hundredths) / 100;
    values
        .get(index.min(values.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0)
}

/// Microseconds as milliseconds.
#[expect(clippy::as_conversions, reason = "a figure for people")]
pub fn millis(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}

/// A count as a figure.
#[expect(clippy::as_conversions, reason = "a figure for people")]
pub fn number(count: usize) -> f64 {
    count as f64
}
