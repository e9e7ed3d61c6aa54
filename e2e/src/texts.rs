//! The texts of the page, by the names that its sources have for them: a story does not repeat what they say.

use std::path::PathBuf;

use anyhow::{Context, Result};

/// What the page says in English under a name, as far as it is the same for everybody.
///
/// # Errors
/// When there is no such text.
pub fn english(name: &str) -> Result<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../web-client/i18n/en.ftl");
    let texts = std::fs::read_to_string(path).context("the English texts")?;
    let begin = format!("{name} = ");
    let mut lines = texts.lines();
    let text = lines.find_map(|line| line.strip_prefix(&begin));
    let text = text.with_context(|| format!("there is no text {name}"))?;
    let (same, _) = text.split_once('{').unwrap_or((text, ""));
    Ok(same.trim().to_owned())
}
