//! What an operator can set: default < file < environment < flag.
//!
//! One struct drives the node, the example file and the numbers in the node document. An unknown key
//! is an error. Secrets have no place here: the node's keys lie in its data folder.

mod layers;
mod sections;

use std::net::SocketAddr;
use std::path::PathBuf;

use shared_crypto::node_url::NodeUrl;

pub use layers::{Overrides, load};
pub use sections::{
    DatabaseSettings, FederationSettings, LiveSettings, LogFormat, LogSettings, MailSettings,
    RegistrationMode, RegistrationSettings, ServerSettings, Settings,
};

/// Why the settings cannot be used. The program ends with exit code 78.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("the settings file {path} cannot be read: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A key or value is not known or not possible.
    #[error("{0}")]
    Invalid(String),
    /// A name like `ZECHAT__SERVER` that names no key.
    #[error("the environment variable {0} names no setting: expected ZECHAT__SECTION__KEY")]
    Variable(String),
    /// Others reach the node, but it does not know under which address.
    #[error(
        "{listen} can be reached from other machines, so the node needs its public address: set \
         server.public_url (or --public-url), for example https://chat.example.org"
    )]
    NoPublicUrl {
        /// The address to listen on.
        listen: SocketAddr,
    },
    /// There is no folder for the data.
    #[error("there is no place for the node's data: set server.data (or --data)")]
    NoDataFolder,
}

impl Settings {
    /// Whether the node is for its own machine only. One that listens there but has a public address
    /// is behind a proxy, and for everybody.
    pub fn is_loopback(&self) -> bool {
        self.server.listen.ip().is_loopback()
            && self
                .server
                .public_url
                .as_ref()
                .is_none_or(NodeUrl::is_loopback)
    }

    /// Whether anybody may have an account.
    pub fn is_registration_open(&self) -> bool {
        match self.registration.mode {
            RegistrationMode::Open => true,
            RegistrationMode::Closed => false,
            RegistrationMode::Auto => self.is_loopback(),
        }
    }

    /// The node's address for others, once the port is known.
    ///
    /// # Errors
    /// [`SettingsError::NoPublicUrl`] on an address that other machines can reach.
    pub fn public_url(&self, bound: SocketAddr) -> Result<NodeUrl, SettingsError> {
        if let Some(url) = &self.server.public_url {
            return Ok(url.clone());
        }
        if !bound.ip().is_loopback() {
            return Err(SettingsError::NoPublicUrl { listen: bound });
        }
        let text = match bound.port() {
            80 => format!("http://{}", bracketed(bound)),
            port => format!("http://{}:{port}", bracketed(bound)),
        };
        NodeUrl::parse(&text).map_err(|error| SettingsError::Invalid(format!("{text}: {error}")))
    }

    /// The folder for the node's data.
    ///
    /// # Errors
    /// [`SettingsError::NoDataFolder`] when none is set and the system names none.
    pub fn data_folder(&self) -> Result<PathBuf, SettingsError> {
        if !self.server.data.as_os_str().is_empty() {
            return Ok(self.server.data.clone());
        }
        let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        folder("STATE_DIRECTORY")
            .map(PathBuf::from)
            .or_else(|| folder("XDG_DATA_HOME").map(|home| PathBuf::from(home).join("zechat-node")))
            .or_else(|| {
                folder("HOME").map(|home| PathBuf::from(home).join(".local/share/zechat-node"))
            })
            .ok_or(SettingsError::NoDataFolder)
    }

    /// Refuses what cannot work, before anything is opened.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn check(&self) -> Result<(), SettingsError> {
        if !self.is_loopback() && self.server.public_url.is_none() {
            return Err(SettingsError::NoPublicUrl {
                listen: self.server.listen,
            });
        }
        let at_least_one = [
            ("mail.retention_s", self.mail.retention_s),
            ("mail.quota_bytes", self.mail.quota_bytes),
            ("mail.quota_count", self.mail.quota_count),
            ("database.readers", u64::from(self.database.readers)),
            ("live.in_flight_count", u64::from(self.live.in_flight_count)),
            (
                "federation.request_timeout_s",
                self.federation.request_timeout_s,
            ),
            (
                "federation.give_up_after_s",
                self.federation.give_up_after_s,
            ),
        ];
        for (key, value) in at_least_one {
            if value == 0 {
                return Err(SettingsError::Invalid(format!("{key} must be at least 1")));
            }
        }
        let name = &self.server.name;
        if name.len() > 256 || name.chars().any(char::is_control) {
            let words = "server.name must have at most 256 bytes and no control characters";
            return Err(SettingsError::Invalid(words.into()));
        }
        if self.mail.postage_bits > 40 {
            return Err(SettingsError::Invalid(
                "mail.postage_bits must be at most 40".into(),
            ));
        }
        Ok(())
    }
}

fn bracketed(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../settings.example.toml");

    #[test]
    fn the_example_file_is_the_one_that_is_generated() {
        let file = std::fs::read_to_string(EXAMPLE).unwrap_or_default();
        assert!(
            file == Settings::example(),
            "settings.example.toml is stale: run `cargo run -p zechat-node -- config example > settings.example.toml`",
        );
    }

    #[test]
    fn the_example_file_holds_the_defaults() {
        let uncommented: String = Settings::example()
            .lines()
            .map(|line| {
                line.strip_prefix('#')
                    .filter(|rest| !rest.starts_with(' '))
                    .unwrap_or(line)
            })
            .map(|line| format!("{line}\n"))
            .collect();
        let settings: Settings = toml::from_str(&uncommented).unwrap();
        assert_eq!(settings, Settings::default());
        toml::from_str::<Settings>(&Settings::example()).unwrap();
    }

    #[test]
    fn the_nearer_layer_wins() {
        let file = "[server]\nname = \"file\"\n[mail]\nquota_count = 7\nretention_s = 9\n";
        let environment = [
            ("ZECHAT__MAIL__QUOTA_COUNT".to_owned(), "8".to_owned()),
            ("ZECHAT__SERVER__NAME".to_owned(), "environment".to_owned()),
        ];
        let flags = Overrides {
            name: Some("flag".into()),
            ..Overrides::default()
        };
        let settings = layers::merge(Some(file), environment, &flags).unwrap();
        assert_eq!(settings.server.name, "flag");
        assert_eq!(settings.mail.quota_count, 8);
        assert_eq!(settings.mail.retention_s, 9);
        assert_eq!(settings.live, Settings::default().live);
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_known_ones() {
        let refused = layers::merge(Some("[mail]\nquota = 7\n"), [], &Overrides::default());
        let words = refused.unwrap_err().to_string();
        assert!(
            words.contains("quota") && words.contains("quota_bytes"),
            "{words}"
        );
        let variable = ("ZECHAT__MAIL__QUOTA".to_owned(), "7".to_owned());
        assert!(layers::merge(None, [variable], &Overrides::default()).is_err());
        let variable = ("ZECHAT__MAIL".to_owned(), "7".to_owned());
        let refused = layers::merge(None, [variable], &Overrides::default());
        assert!(matches!(refused, Err(SettingsError::Variable(name)) if name == "ZECHAT__MAIL"));
    }

    #[test]
    fn text_from_the_environment_needs_no_quotes() {
        let variables = [
            ("ZECHAT__SERVER__NAME".to_owned(), "42".to_owned()),
            (
                "ZECHAT__SERVER__PUBLIC_URL".to_owned(),
                "https://chat.example".to_owned(),
            ),
            (
                "ZECHAT__FEDERATION__ALLOW_PRIVATE_NETWORKS".to_owned(),
                "true".to_owned(),
            ),
        ];
        let settings = layers::merge(None, variables, &Overrides::default()).unwrap();
        assert_eq!(settings.server.name, "42");
        assert_eq!(
            settings.server.public_url,
            Some(NodeUrl::parse("https://chat.example").unwrap())
        );
        assert!(settings.federation.allow_private_networks);
    }

    #[test]
    fn a_public_address_needs_a_public_url() {
        let mut settings = Settings::default();
        assert!(settings.check().is_ok() && settings.is_registration_open());
        settings.server.listen = "0.0.0.0:8008".parse().unwrap();
        assert!(matches!(
            settings.check(),
            Err(SettingsError::NoPublicUrl { .. })
        ));
        settings.server.public_url = Some(NodeUrl::parse("https://chat.example").unwrap());
        assert!(settings.check().is_ok() && !settings.is_registration_open());
    }

    #[test]
    fn a_node_behind_a_proxy_is_not_for_its_own_machine_only() {
        let mut settings = Settings::default();
        settings.server.public_url = Some(NodeUrl::parse("https://chat.example").unwrap());
        assert!(settings.check().is_ok());
        assert!(!settings.is_loopback() && !settings.is_registration_open());
        settings.server.public_url = Some(NodeUrl::parse("http://127.0.0.1:8008").unwrap());
        assert!(settings.is_loopback() && settings.is_registration_open());
    }

    #[test]
    fn the_public_url_defaults_to_the_bound_address() {
        let settings = Settings::default();
        let url = |bound: &str| settings.public_url(bound.parse().unwrap()).unwrap();
        assert_eq!(url("127.0.0.1:4711").as_str(), "http://127.0.0.1:4711");
        assert_eq!(url("[::1]:4711").as_str(), "http://[::1]:4711");
        assert_eq!(url("127.0.0.1:80").as_str(), "http://127.0.0.1");
    }
}
