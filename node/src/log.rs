//! Log lines go to stderr; stdout is for data. Never an identity, a mailbox, an address or a body.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::StartError;
use crate::settings::{LogFormat, LogSettings, SettingsError};

/// Starts logging.
///
/// # Errors
/// [`StartError::Settings`] for a filter that cannot be read.
pub fn init(settings: &LogSettings) -> Result<(), StartError> {
    let filter = EnvFilter::try_new(&settings.filter)
        .map_err(|error| SettingsError::Invalid(format!("log.filter: {error}")))?;
    let has_colour = std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(has_colour)
        .with_writer(std::io::stderr);
    let started = match settings.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    drop(started); // fails only when somebody logs already, which serves as well
    Ok(())
}
