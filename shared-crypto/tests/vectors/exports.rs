//! What the family of exports means, in terms of the public API.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use shared_crypto::export::{ExportProblem, verify_export};

use crate::input::Input;

pub fn export(input: &Input<'_>) -> Result<Value, String> {
    let text: String = input
        .lines("lines")
        .iter()
        .map(|line| format!("{line}\n"))
        .collect();
    let report = verify_export(&text).map_err(|error| match error.problem {
        // The rest is in the words of the reader of JSON.
        ExportProblem::Unreadable(_) => "Unreadable".to_owned(),
        problem => format!("{problem:?}"),
    })?;
    Ok(json!({
        "identity": HEXLOWER.encode(report.identity.as_bytes()),
        "exported_at": report.exported_at,
        "people": report.people,
        "mine": report.mine,
        "theirs": report.theirs,
        "edited": report.edited,
        "without_event": report.without_event,
        "missing": report.missing,
    }))
}
