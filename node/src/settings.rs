//! What an operator can set: default < file < credential < environment < flag.
//!
//! One struct drives the node, the example file and the numbers in the node document. An unknown key
//! is an error. The node's keys have no place here: they lie in its data folder.

mod layers;
mod sections;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use shared_crypto::node_url::NodeUrl;

pub use layers::{Entry, Loaded, Origin, Overrides, load};
pub use sections::{
    DatabaseSettings, FederationSettings, LimitSettings, LiveSettings, LogFormat, LogSettings,
    MailSettings, MetricsSettings, RegistrationMode, RegistrationSettings, ServerSettings,
    Settings,
};
use shared_crypto::node_document::Registration;

use crate::federation::rules::parse_pattern;
use crate::store::Database;

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
    /// A key that does not exist.
    #[error("there is no setting {name}; did you mean {nearest}?")]
    Unknown {
        /// What was named.
        name: String,
        /// What comes nearest.
        nearest: String,
    },
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

impl ServerSettings {
    /// How long a request may take to come.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.request_s.max(1))
    }
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

    /// Who may have an account.
    pub fn registration(&self) -> Registration {
        match self.registration.mode {
            RegistrationMode::Open => Registration::Open,
            RegistrationMode::Invite => Registration::Invite,
            RegistrationMode::Closed => Registration::Closed,
            RegistrationMode::Auto if self.is_loopback() => Registration::Open,
            RegistrationMode::Auto => Registration::Closed,
        }
    }

    /// Certificate and key, if the node speaks TLS itself.
    pub fn tls_files(&self) -> Option<(&Path, &Path)> {
        let server = &self.server;
        let is_set = !server.tls_certificate.as_os_str().is_empty();
        is_set.then_some((&server.tls_certificate, &server.tls_key))
    }

    /// What may work, but hardly as meant.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.mail.retention_s > 21 * 86_400 {
            warnings.push(
                "mail.retention_s is more than 21 days: clients destroy the keys for older mail"
                    .to_owned(),
            );
        }
        if self.mail.postage_bits > 22 {
            warnings.push(
                "mail.postage_bits is more than 22: a first message costs a phone minutes"
                    .to_owned(),
            );
        }
        let is_https = self
            .server
            .public_url
            .as_ref()
            .is_some_and(NodeUrl::is_https);
        let is_reached = !self.server.listen.ip().is_loopback() && self.tls_files().is_none();
        let trusted = &self.server.trusted_proxies;
        if is_https && is_reached && trusted.iter().all(|net| net.network().is_loopback()) {
            warnings.push(
                "a proxy on another machine, or outside of this container, speaks TLS for this node, and \
                 server.trusted_proxies does not name its network: all clients count as one address"
                    .to_owned(),
            );
        }
        let database = Database::parse(&self.database.url, Path::new(""));
        if database.is_shared() && self.database.max_bytes == 0 {
            warnings.push(
                "database.max_bytes is 0: nothing keeps the node from filling the disk of the PostgreSQL server, \
                 and then it stops for all; database.free_bytes looks at the disk of the data folder only"
                    .to_owned(),
            );
        }
        if database.is_across_a_network() {
            warnings.push(
                "database.url leads over a network: the node does not encrypt that way, and mail, accounts \
                 and the node's keys pass there; use a socket, this machine, or a tunnel"
                    .to_owned(),
            );
        }
        let is_behind_proxy = self.server.listen.ip().is_loopback() && !self.is_loopback();
        if is_behind_proxy && self.server.trusted_proxies.is_empty() {
            warnings.push(
                "server.trusted_proxies is empty: behind a proxy no limit per client address works"
                    .to_owned(),
            );
        }
        warnings
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
        if self.tls_files().is_some() {
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
            ("live.slow_reader_s", self.live.slow_reader_s),
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
        if self.server.tls_certificate.as_os_str().is_empty()
            != self.server.tls_key.as_os_str().is_empty()
        {
            return Err(SettingsError::Invalid(
                "server.tls_certificate and server.tls_key belong together: set both or none"
                    .into(),
            ));
        }
        let federation = &self.federation;
        for (key, patterns) in [("allow", &federation.allow), ("deny", &federation.deny)] {
            for pattern in patterns {
                if let Err(words) = parse_pattern(pattern) {
                    return Err(SettingsError::Invalid(format!("federation.{key}: {words}")));
                }
            }
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

    fn merge(
        file: Option<&str>,
        environment: &[(&str, &str)],
        flags: &Overrides,
    ) -> Result<layers::Loaded, SettingsError> {
        let own = |text: &&str| (*text).to_owned();
        layers::Layers {
            file: file.map(|text| (Path::new("settings.toml"), text)),
            credentials: None,
            environment: environment
                .iter()
                .map(|(name, value)| (own(name), own(value)))
                .collect(),
            flags,
        }
        .merge()
    }

    fn origin(loaded: &layers::Loaded, key: &str) -> String {
        let entries = loaded.entries(false);
        let entry = entries.iter().find(|entry| entry.key == key);
        entry.unwrap().origin.clone()
    }

    #[test]
    fn the_nearer_layer_wins_and_is_named() {
        let file = "[server]\nname = \"file\"\n[mail]\nquota_count = 7\nretention_s = 9\n";
        let environment = [
            ("ZECHAT__MAIL__QUOTA_COUNT", "8"),
            ("ZECHAT__SERVER__NAME", "environment"),
        ];
        let flags = Overrides {
            name: Some("flag".into()),
            set: vec!["limits.connections = 3".into()],
            ..Overrides::default()
        };
        let loaded = merge(Some(file), &environment, &flags).unwrap();
        let settings = &loaded.settings;
        assert_eq!(settings.server.name, "flag");
        assert_eq!(settings.mail.quota_count, 8);
        assert_eq!(settings.mail.retention_s, 9);
        assert_eq!(settings.limits.connections, 3);
        assert_eq!(settings.live, Settings::default().live);
        assert_eq!(origin(&loaded, "server.name"), "flag --name");
        let variable = "environment ZECHAT__MAIL__QUOTA_COUNT";
        assert_eq!(origin(&loaded, "mail.quota_count"), variable);
        assert_eq!(origin(&loaded, "mail.retention_s"), "file settings.toml");
        assert_eq!(
            origin(&loaded, "limits.connections"),
            "flag --set limits.connections"
        );
        assert_eq!(origin(&loaded, "live.in_flight_count"), "default");
    }

    #[test]
    fn an_unknown_key_is_refused_with_a_suggestion() {
        let none = Overrides::default();
        let words =
            |refused: Result<layers::Loaded, SettingsError>| refused.unwrap_err().to_string();
        let refused = words(merge(Some("[mail]\n# more\nquota_byts = 7\n"), &[], &none));
        assert_eq!(
            refused,
            "settings.toml, line 3: there is no setting mail.quota_byts; did you mean mail.quota_bytes?"
        );
        let refused = words(merge(Some("name = \"x\"\n"), &[], &none));
        assert!(
            refused.contains("there is no setting name; did you mean"),
            "{refused}"
        );
        let refused = words(merge(None, &[("ZECHAT__MAIL__RETENTION", "7")], &none));
        assert_eq!(
            refused,
            "the environment variable ZECHAT__MAIL__RETENTION: there is no setting mail.retention; \
             did you mean mail.retention_s?"
        );
        let refused = merge(None, &[("ZECHAT__MAIL", "7")], &none);
        assert!(matches!(refused, Err(SettingsError::Variable(name)) if name == "ZECHAT__MAIL"));
    }

    #[test]
    fn a_value_that_cannot_be_is_refused_with_where_it_comes_from() {
        let none = Overrides::default();
        let refused = merge(None, &[("ZECHAT__SERVER__LISTEN", "here")], &none);
        let words = refused.unwrap_err().to_string();
        assert!(
            words.starts_with(
                "server.listen cannot be \"here\" (environment ZECHAT__SERVER__LISTEN)"
            ),
            "{words}"
        );
        let refused = merge(Some("[server]\nlisten = 7\n"), &[], &none);
        let words = refused.unwrap_err().to_string();
        assert!(words.contains("line 2"), "{words}");
    }

    #[test]
    fn values_come_from_files_and_credentials() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("zechat.server.name");
        std::fs::write(&file, "of a file\n").unwrap();
        std::fs::write(folder.path().join("other.thing"), "not ours").unwrap();
        let flags = Overrides::default();
        let layers = layers::Layers {
            file: None,
            credentials: Some(folder.path()),
            environment: Vec::new(),
            flags: &flags,
        };
        let loaded = layers.merge().unwrap();
        assert_eq!(loaded.settings.server.name, "of a file");
        assert_eq!(
            origin(&loaded, "server.name"),
            "credential zechat.server.name"
        );
        let variable = ("ZECHAT__SERVER__NAME_FILE", file.to_str().unwrap());
        let loaded = merge(None, &[variable], &flags).unwrap();
        assert_eq!(loaded.settings.server.name, "of a file");
    }

    #[test]
    fn text_from_the_environment_needs_no_quotes() {
        let variables = [
            ("ZECHAT__SERVER__NAME", "42"),
            ("ZECHAT__SERVER__PUBLIC_URL", "https://chat.example"),
            ("ZECHAT__FEDERATION__ALLOW_PRIVATE_NETWORKS", "true"),
            ("ZECHAT__FEDERATION__DENY", "bad.example, *.worse.example"),
            ("ZECHAT__SERVER__TRUSTED_PROXIES", "10.0.0.0/8"),
        ];
        let settings = merge(None, &variables, &Overrides::default())
            .unwrap()
            .settings;
        assert_eq!(settings.server.name, "42");
        assert_eq!(
            settings.server.public_url,
            Some(NodeUrl::parse("https://chat.example").unwrap())
        );
        assert!(settings.federation.allow_private_networks);
        assert_eq!(settings.federation.deny, ["bad.example", "*.worse.example"]);
        assert_eq!(
            settings.server.trusted_proxies,
            ["10.0.0.0/8".parse().unwrap()]
        );
    }

    fn warns(change: impl FnOnce(&mut Settings), of: &str) -> bool {
        let mut settings = Settings::default();
        settings.server.public_url = NodeUrl::parse("https://chat.example.org").ok();
        change(&mut settings);
        let warnings = settings.warnings();
        warnings.iter().any(|warning| warning.contains(of))
    }

    #[test]
    fn a_proxy_outside_of_the_container_must_be_named() {
        let open = "0.0.0.0:8008".parse().unwrap();
        let of = "trusted_proxies does not name";
        assert!(warns(|settings| settings.server.listen = open, of));
        let named = |settings: &mut Settings| {
            settings.server.listen = open;
            settings.server.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        };
        assert!(!warns(named, of) && !warns(|_| (), of));
    }

    #[test]
    fn a_database_across_a_network_is_warned_of() {
        let of = "does not encrypt";
        for url in [
            "postgresql://zechat:x@db.example/zechat",
            "postgresql://localhost,10.0.0.7:5433/zechat",
            "postgresql:///zechat?host=db.example",
            "postgresql:///zechat?hostaddr=10.0.0.7",
        ] {
            let set = |settings: &mut Settings| url.clone_into(&mut settings.database.url);
            assert!(warns(set, of), "{url}");
        }
        for url in [
            "",
            "postgresql:///zechat",
            "postgresql:///zechat?host=/run/postgresql",
            "postgresql://zechat:x@127.0.0.1/zechat",
            "postgresql://[::1]:5432/zechat",
            "postgresql://localhost/zechat",
            "postgresql://%2Frun%2Fpostgresql/zechat",
        ] {
            let set = |settings: &mut Settings| url.clone_into(&mut settings.database.url);
            assert!(!warns(set, of), "{url}");
        }
    }

    /// A file shares its disk with the data folder, which is looked at; a server's disk is not.
    #[test]
    fn a_server_without_a_bound_is_warned_of() {
        let of = "database.max_bytes is 0";
        let server = |settings: &mut Settings| {
            "postgresql:///zechat".clone_into(&mut settings.database.url);
        };
        assert!(warns(server, of));
        let bounded = |settings: &mut Settings| {
            server(settings);
            settings.database.max_bytes = 1 << 30;
        };
        assert!(!warns(bounded, of) && !warns(|_| (), of));
    }

    #[test]
    fn a_public_address_needs_a_public_url() {
        let mut settings = Settings::default();
        assert!(settings.check().is_ok());
        assert_eq!(settings.registration(), Registration::Open);
        settings.server.listen = "0.0.0.0:8008".parse().unwrap();
        assert!(matches!(
            settings.check(),
            Err(SettingsError::NoPublicUrl { .. })
        ));
        settings.server.public_url = Some(NodeUrl::parse("https://chat.example").unwrap());
        assert!(settings.check().is_ok());
        assert_eq!(settings.registration(), Registration::Closed);
    }

    #[test]
    fn a_node_behind_a_proxy_is_not_for_its_own_machine_only() {
        let mut settings = Settings::default();
        settings.server.public_url = Some(NodeUrl::parse("https://chat.example").unwrap());
        assert!(settings.check().is_ok() && !settings.is_loopback());
        assert_eq!(settings.registration(), Registration::Closed);
        settings.server.public_url = Some(NodeUrl::parse("http://127.0.0.1:8008").unwrap());
        assert!(settings.is_loopback());
        assert_eq!(settings.registration(), Registration::Open);
    }

    #[test]
    fn a_certificate_needs_its_key() {
        let mut settings = Settings::default();
        settings.server.tls_certificate = "chain.pem".into();
        assert!(matches!(settings.check(), Err(SettingsError::Invalid(_))));
        settings.server.tls_key = "key.pem".into();
        assert!(settings.check().is_ok() && settings.tls_files().is_some());
    }

    #[test]
    fn what_hardly_works_is_warned_of() {
        let mut settings = Settings::default();
        assert_eq!(settings.warnings(), [""; 0]);
        settings.mail.retention_s = 22 * 86_400;
        settings.mail.postage_bits = 23;
        assert_eq!(settings.warnings().len(), 2);
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
