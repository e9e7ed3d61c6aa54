//! Putting the layers of settings together.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{Settings, SettingsError};

const PREFIX: &str = "ZECHAT__";

/// What flags set; the nearest layer.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--listen`
    pub listen: Option<SocketAddr>,
    /// `--public-url`
    pub public_url: Option<String>,
    /// `--data`
    pub data: Option<PathBuf>,
    /// `--name`
    pub name: Option<String>,
    /// `--client-dir`
    pub client_dir: Option<PathBuf>,
    /// `--allow-private-networks`
    pub allow_private_networks: bool,
}

/// Reads the file, if there is one, and the environment.
///
/// # Errors
/// [`SettingsError`] for whatever cannot be used.
pub fn load(file: Option<&Path>, flags: &Overrides) -> Result<Settings, SettingsError> {
    let text = file
        .map(|path| {
            std::fs::read_to_string(path).map_err(|source| SettingsError::File {
                path: path.to_owned(),
                source,
            })
        })
        .transpose()?;
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let settings = merge(text.as_deref(), environment, flags)?;
    settings.check()?;
    Ok(settings)
}

pub(super) fn merge(
    file: Option<&str>,
    environment: impl IntoIterator<Item = (String, String)>,
    flags: &Overrides,
) -> Result<Settings, SettingsError> {
    // The file is read alone first: what is wrong with it is said with its line.
    let mut table: Table = match file {
        Some(text) => {
            toml::from_str::<Settings>(text)
                .map_err(|error| SettingsError::Invalid(format!("the settings file: {error}")))?;
            toml::from_str(text).map_err(|error| SettingsError::Invalid(error.to_string()))?
        }
        None => Table::new(),
    };
    for (name, value) in environment {
        if let Some(path) = name.strip_prefix(PREFIX) {
            let (section, key) = path
                .split_once("__")
                .filter(|(section, key)| !section.is_empty() && !key.is_empty())
                .ok_or_else(|| SettingsError::Variable(name.clone()))?;
            set_text(
                &mut table,
                &section.to_lowercase(),
                &key.to_lowercase(),
                &value,
            )?;
        }
    }
    apply(&mut table, flags);
    table
        .try_into()
        .map_err(|error| SettingsError::Invalid(error.to_string()))
}

/// Sets a value given as text: read as the default's type, so that a number may be a name.
fn set_text(table: &mut Table, section: &str, key: &str, text: &str) -> Result<(), SettingsError> {
    let defaults = Table::try_from(Settings::default())
        .map_err(|error| SettingsError::Invalid(error.to_string()))?;
    let default = defaults.get(section).and_then(|section| section.get(key));
    let value = match default {
        Some(Value::Integer(_)) => text.parse().ok().map(Value::Integer),
        Some(Value::Boolean(_)) => text.parse().ok().map(Value::Boolean),
        _ => Some(Value::String(text.to_owned())),
    };
    let value = value.ok_or_else(|| {
        SettingsError::Invalid(format!(
            "{section}.{key} cannot be \"{text}\" (in the environment)"
        ))
    })?;
    set(table, section, key, value);
    Ok(())
}

fn set(table: &mut Table, section: &str, key: &str, value: Value) {
    let section = table
        .entry(section)
        .or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(section) = section {
        section.insert(key.to_owned(), value);
    }
}

fn apply(table: &mut Table, flags: &Overrides) {
    let path = |path: &Path| Value::String(path.to_string_lossy().into_owned());
    let texts = [
        (
            "listen",
            flags.listen.map(|listen| Value::String(listen.to_string())),
        ),
        ("public_url", flags.public_url.clone().map(Value::String)),
        ("data", flags.data.as_deref().map(path)),
        ("name", flags.name.clone().map(Value::String)),
        ("client_dir", flags.client_dir.as_deref().map(path)),
    ];
    for (key, value) in texts {
        if let Some(value) = value {
            set(table, "server", key, value);
        }
    }
    if flags.allow_private_networks {
        set(
            table,
            "federation",
            "allow_private_networks",
            Value::Boolean(true),
        );
    }
}
