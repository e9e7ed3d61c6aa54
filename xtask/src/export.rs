//! `cargo xtask verify-export FILE`: whether an export of conversations is what was said, by its signatures alone.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use shared_crypto::export::{ExportReport, verify_export};

/// Reads the file and says what was verified; fails for anything that does not hold.
pub fn verify(file: &Path) -> Result<ExitCode> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read as text", file.display()))?;
    let report =
        verify_export(&text).with_context(|| format!("{} does not verify", file.display()))?;
    print!("{}", words(&report));
    Ok(ExitCode::SUCCESS)
}

fn words(report: &ExportReport) -> String {
    let ExportReport {
        identity,
        exported_at,
        people,
        mine,
        theirs,
        edited,
        without_event,
        missing,
    } = report;
    let signed = mine.saturating_add(*theirs).saturating_add(*edited);
    format!(
        "verified: the file is as {identity} sealed it at {exported_at} (ms since 1970)\n\
         verified: the records of {people} people\n\
         verified: {signed} events by their senders' signatures, {mine} of the exporter and {theirs} of others unchanged\n\
         not verifiable: the present text of {edited} messages that were changed after they were sent\n\
         not verifiable: {without_event} lines without a signed event\n\
         not in the file: {missing} events of the devices in it (receipts, names, what was deleted or left out)\n\
         not verifiable: names, times by other clocks than the sender's, and that nothing was left out\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_export_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("export.jsonl");
        assert!(verify(&file).is_err());
        std::fs::write(&file, "{\"line\":\"end\"}\n").unwrap();
        let error = format!("{:#}", verify(&file).unwrap_err());
        assert!(error.contains("line 1"), "{error}");
    }

    #[test]
    fn a_report_says_what_is_not_proven() {
        let report = ExportReport {
            identity: shared_crypto::id::IdentityId::from_bytes([1; 32]),
            exported_at: 7,
            people: 2,
            mine: 3,
            theirs: 4,
            edited: 1,
            without_event: 5,
            missing: 6,
        };
        let words = words(&report);
        assert!(words.contains("verified: 8 events"), "{words}");
        assert!(words.contains("not verifiable: 5 lines"), "{words}");
    }
}
