//! What comes out: a line for each figure.

use std::cell::RefCell;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::Result;
use serde_json::json;

const HEAD: &str = "| workload | backend | figure | value | bare | ratio |\n\
    | --- | --- | --- | ---: | ---: | ---: |\n";

/// Prints figures as they come.
pub struct Report {
    is_json: bool,
    table: Option<RefCell<File>>,
}

impl Report {
    /// The table in Markdown goes into a file as well, if one is named.
    pub fn new(is_json: bool, table: Option<&Path>) -> Result<Self> {
        let table = table.map(File::create).transpose()?;
        if let Some(mut file) = table.as_ref() {
            file.write_all(HEAD.as_bytes())?;
        }
        if !is_json {
            println!(
                "{:<28} {:<9} {:<8} {:>12} {:>12} {:>8}",
                "workload", "backend", "figure", "value", "bare", "ratio"
            );
        }
        Ok(Self {
            is_json,
            table: table.map(RefCell::new),
        })
    }

    /// A figure of the node with the same of the bare stack.
    pub fn figure(&self, workload: &str, backend: &str, figure: &str, value: f64, bare: f64) {
        let ratio = if bare > 0.0 { value / bare } else { 0.0 };
        if let Some(table) = &self.table {
            let line = format!(
                "| {workload} | {backend} | {figure} | {value:.2} | {bare:.2} | {ratio:.2} |\n"
            );
            if let Err(error) = table.borrow_mut().write_all(line.as_bytes()) {
                eprintln!("the table cannot be written: {error}");
            }
        }
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
                "value: the node; bare: the same actix and database with an empty application \
                 (\"raw 1 KiB\": with the text alone and not in envelopes of 4 KiB; W7: the node with ten thousand stored)"
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
