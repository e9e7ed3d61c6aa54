//! Log lines go to stderr; stdout is for data. Never an identity, a mailbox, an address or a body.

use std::io::IsTerminal as _;
use std::sync::OnceLock;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt, reload};

use crate::StartError;
use crate::settings::{LogFormat, LogSettings, SettingsError};

/// The filter in force, for when it is set anew.
static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// Starts logging.
///
/// # Errors
/// [`StartError::Settings`] for a filter that cannot be read.
pub fn init(settings: &LogSettings) -> Result<(), StartError> {
    let (filter, handle) = reload::Layer::new(filter(settings)?);
    let has_colour = std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = fmt::layer()
        .with_ansi(has_colour)
        .with_writer(std::io::stderr);
    let lines = match settings.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let registry = tracing_subscriber::registry().with(filter).with(lines);
    // Fails only when somebody logs already, which serves as well.
    if registry.try_init().is_ok() {
        let _ = FILTER.set(handle);
    }
    Ok(())
}

/// Puts another filter in force.
///
/// # Errors
/// [`SettingsError`] for a filter that cannot be read.
pub fn set_filter(settings: &LogSettings) -> Result<(), SettingsError> {
    let fresh = filter(settings)?;
    if let Some(handle) = FILTER.get() {
        let _ = handle.reload(fresh); // fails only when nobody logs any more
    }
    Ok(())
}

fn filter(settings: &LogSettings) -> Result<EnvFilter, SettingsError> {
    EnvFilter::try_new(&settings.filter)
        .map_err(|error| SettingsError::Invalid(format!("log.filter: {error}")))
}
