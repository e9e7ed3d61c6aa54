//! Putting the layers of settings together: default < file < credential < environment < flag.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{Settings, SettingsError};

const PREFIX: &str = "ZECHAT__";

/// Where systemd puts credentials, and what the names of ours begin with.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
const CREDENTIAL_PREFIX: &str = "zechat.";

/// The end of a variable that names a file with the value.
const FILE_SUFFIX: &str = "_FILE";

/// Values that are not shown.
const SECRETS: &[&str] = &["database.url"];

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
    /// `--set section.key=value`
    pub set: Vec<String>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The settings file.
    File(PathBuf),
    /// A systemd credential.
    Credential(String),
    /// A variable of the environment.
    Environment(String),
    /// A flag.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Credential(name) => write!(f, "credential {name}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// Settings, and where each value comes from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// The file that was read.
    pub file: Option<PathBuf>,
    origins: BTreeMap<String, Origin>,
}

/// One line of `config print`.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Entry {
    /// `section.key`
    pub key: String,
    /// The value as it would stand in the file.
    pub value: String,
    /// Where it comes from.
    pub origin: String,
}

impl Loaded {
    /// Every setting with its value; secrets only if asked for.
    pub fn entries(&self, shows_secrets: bool) -> Vec<Entry> {
        let values = Table::try_from(&self.settings).unwrap_or_default();
        Settings::keys()
            .map(|(section, key)| {
                let name = format!("{section}.{key}");
                let value = values.get(section).and_then(|section| section.get(key));
                let text = value.map_or_else(|| "\"\"".to_owned(), ToString::to_string);
                let is_hidden =
                    !shows_secrets && SECRETS.contains(&name.as_str()) && text != "\"\"";
                let origin = self.origins.get(&name).unwrap_or(&Origin::Default);
                Entry {
                    value: if is_hidden {
                        "\"(hidden)\"".to_owned()
                    } else {
                        text
                    },
                    origin: origin.to_string(),
                    key: name,
                }
            })
            .collect()
    }
}

/// Reads the file, if there is one, credentials and the environment.
///
/// # Errors
/// [`SettingsError`] for whatever cannot be used.
pub fn load(file: Option<&Path>, flags: &Overrides) -> Result<Loaded, SettingsError> {
    let file = file.map(Path::to_owned).or_else(usual_file);
    let text = file.as_deref().map(read).transpose()?;
    let environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let credentials = std::env::var_os(CREDENTIALS).map(PathBuf::from);
    let layers = Layers {
        file: file.as_deref().zip(text.as_deref()),
        credentials: credentials.as_deref(),
        environment,
        flags,
    };
    let loaded = layers.merge()?;
    loaded.settings.check()?;
    Ok(loaded)
}

/// The file of this service, this user or this machine, whichever is there.
fn usual_file() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    [
        folder("CONFIGURATION_DIRECTORY").map(PathBuf::from),
        folder("XDG_CONFIG_HOME").map(|home| PathBuf::from(home).join("zechat-node")),
        folder("HOME").map(|home| PathBuf::from(home).join(".config/zechat-node")),
        Some(PathBuf::from("/etc/zechat-node")),
    ]
    .into_iter()
    .flatten()
    .map(|folder| folder.join("settings.toml"))
    .find(|file| file.is_file())
}

fn read(path: &Path) -> Result<String, SettingsError> {
    std::fs::read_to_string(path).map_err(|source| SettingsError::File {
        path: path.to_owned(),
        source,
    })
}

/// What is put together.
pub(super) struct Layers<'a> {
    pub(super) file: Option<(&'a Path, &'a str)>,
    pub(super) credentials: Option<&'a Path>,
    pub(super) environment: Vec<(String, String)>,
    pub(super) flags: &'a Overrides,
}

impl Layers<'_> {
    pub(super) fn merge(self) -> Result<Loaded, SettingsError> {
        let mut merged = Merged::default();
        if let Some((path, text)) = self.file {
            merged.file(path, text)?;
        }
        for name in self
            .credentials
            .map(names_in)
            .transpose()?
            .unwrap_or_default()
        {
            if let Some(key) = name.strip_prefix(CREDENTIAL_PREFIX)
                && let Some(folder) = self.credentials
            {
                let (section, key) = known(key)?;
                let text = read(&folder.join(&name))?;
                let origin = Origin::Credential(name.clone());
                merged.text(section, key, text.trim_end(), origin)?;
            }
        }
        for (name, value) in self.environment {
            if let Some(path) = name.strip_prefix(PREFIX) {
                merged.variable(&name, path, &value)?;
            }
        }
        merged.flags(self.flags)?;
        let settings = merged
            .table
            .try_into()
            .map_err(|error| SettingsError::Invalid(error.to_string()))?;
        Ok(Loaded {
            settings,
            file: self.file.map(|(path, _)| path.to_owned()),
            origins: merged.origins,
        })
    }
}

fn names_in(folder: &Path) -> Result<Vec<String>, SettingsError> {
    let failed = |source| SettingsError::File {
        path: folder.to_owned(),
        source,
    };
    let mut names = std::fs::read_dir(folder)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    names.sort();
    Ok(names)
}

#[derive(Default)]
struct Merged {
    table: Table,
    origins: BTreeMap<String, Origin>,
}

impl Merged {
    /// The file is read alone first: what is wrong with it is said with its line.
    fn file(&mut self, path: &Path, text: &str) -> Result<(), SettingsError> {
        let wrong =
            |error: toml::de::Error| SettingsError::Invalid(format!("{}: {error}", path.display()));
        self.table = toml::from_str(text).map_err(wrong)?;
        for (section, keys) in &self.table {
            let names: Vec<String> = match keys {
                Value::Table(keys) => keys.keys().map(|key| format!("{section}.{key}")).collect(),
                _ => vec![section.clone()],
            };
            for name in names {
                known(&name).map_err(|error| {
                    SettingsError::Invalid(format!(
                        "{}, line {}: {error}",
                        path.display(),
                        line_of(text, &name)
                    ))
                })?;
                self.origins.insert(name, Origin::File(path.to_owned()));
            }
        }
        toml::from_str::<Settings>(text).map_err(wrong)?;
        Ok(())
    }

    fn variable(&mut self, name: &str, path: &str, value: &str) -> Result<(), SettingsError> {
        let (section, key) = path
            .split_once("__")
            .filter(|(section, key)| !section.is_empty() && !key.is_empty())
            .ok_or_else(|| SettingsError::Variable(name.to_owned()))?;
        let dotted = format!("{}.{}", section.to_lowercase(), key.to_lowercase());
        let origin = Origin::Environment(name.to_owned());
        let of_file = dotted.strip_suffix(&FILE_SUFFIX.to_lowercase());
        match (known(&dotted), of_file.map(known)) {
            (Ok((section, key)), _) => self.text(section, key, value, origin),
            (Err(_), Some(Ok((section, key)))) => {
                self.text(section, key, read(Path::new(value))?.trim_end(), origin)
            }
            (Err(error), _) => Err(SettingsError::Invalid(format!(
                "the environment variable {name}: {error}"
            ))),
        }
    }

    fn flags(&mut self, flags: &Overrides) -> Result<(), SettingsError> {
        let path = |path: &PathBuf| path.to_string_lossy().into_owned();
        let named = [
            ("listen", flags.listen.map(|listen| listen.to_string())),
            ("public_url", flags.public_url.clone()),
            ("data", flags.data.as_ref().map(path)),
            ("name", flags.name.clone()),
            ("client_dir", flags.client_dir.as_ref().map(path)),
        ];
        for (key, value) in named {
            if let Some(value) = value {
                let flag = Origin::Flag(format!("--{}", key.replace('_', "-")));
                self.text("server", key, &value, flag)?;
            }
        }
        if flags.allow_private_networks {
            let flag = Origin::Flag("--allow-private-networks".to_owned());
            self.text("federation", "allow_private_networks", "true", flag)?;
        }
        for text in &flags.set {
            let (name, value) = text.split_once('=').ok_or_else(|| {
                SettingsError::Invalid(format!("--set {text}: expected section.key=value"))
            })?;
            let (section, key) = known(name.trim())?;
            let flag = Origin::Flag(format!("--set {section}.{key}"));
            self.text(section, key, value.trim(), flag)?;
        }
        Ok(())
    }

    /// Sets a value given as text: read as the default's type, so that a number may be a name.
    fn text(
        &mut self,
        section: &str,
        key: &str,
        text: &str,
        origin: Origin,
    ) -> Result<(), SettingsError> {
        let defaults = Table::try_from(Settings::default())
            .map_err(|error| SettingsError::Invalid(error.to_string()))?;
        let default = defaults.get(section).and_then(|section| section.get(key));
        let value = match default {
            Some(Value::Integer(_)) => text.parse().ok().map(Value::Integer),
            Some(Value::Boolean(_)) => text.parse().ok().map(Value::Boolean),
            Some(Value::Array(_)) => Some(Value::Array(
                text.split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(|item| Value::String(item.to_owned()))
                    .collect(),
            )),
            _ => Some(Value::String(text.to_owned())),
        };
        let wrong = |words: &str| {
            let shown = if SECRETS.contains(&format!("{section}.{key}").as_str()) {
                "(hidden)"
            } else {
                text
            };
            SettingsError::Invalid(format!(
                "{section}.{key} cannot be \"{shown}\" ({origin}){words}"
            ))
        };
        let value = value.ok_or_else(|| wrong(""))?;
        // Alone, so that the complaint names where the value comes from.
        let alone = Table::from_iter([(
            section.to_owned(),
            Value::Table(Table::from_iter([(key.to_owned(), value.clone())])),
        )]);
        if let Err(error) = alone.try_into::<Settings>() {
            return Err(wrong(&format!(": {}", error.message())));
        }
        let table = self
            .table
            .entry(section)
            .or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(table) = table {
            table.insert(key.to_owned(), value);
        }
        self.origins.insert(format!("{section}.{key}"), origin);
        Ok(())
    }
}

/// The section and key of a dotted name.
fn known(name: &str) -> Result<(&'static str, &'static str), SettingsError> {
    let found = Settings::keys().find(|(section, key)| {
        name.split_once('.')
            .is_some_and(|(left, right)| left == *section && right == *key)
    });
    found.ok_or_else(|| {
        let nearest = Settings::keys()
            .map(|(section, key)| format!("{section}.{key}"))
            .map(|known| (strsim::jaro_winkler(&known, name), known))
            .max_by(|(left, _), (right, _)| left.total_cmp(right))
            .map(|(_, known)| known);
        SettingsError::Unknown {
            name: name.to_owned(),
            nearest: nearest.unwrap_or_default(),
        }
    })
}

/// The line where a key of the file stands.
fn line_of(text: &str, name: &str) -> usize {
    let (section, key) = name.split_once('.').unwrap_or((name, name));
    let mut is_inside = section == key;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            is_inside = header.trim_end_matches(']').trim() == section;
        } else if is_inside
            && line
                .split('=')
                .next()
                .is_some_and(|left| left.trim() == key)
        {
            return number;
        }
    }
    1
}
