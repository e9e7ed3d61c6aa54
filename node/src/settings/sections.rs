//! The sections of the settings file, each key with its words and its default in one place.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use shared_crypto::node_url::NodeUrl;

macro_rules! section {
    (
        $(#[doc = $about:literal])*
        $name:ident {
            $( $(#[doc = $doc:literal])* $(#[serde($serde:meta)])? $key:ident : $type:ty = $default:expr, )*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $(
                #[allow(missing_docs, reason = "some keys share the words of the one before")]
                $(#[doc = $doc])* $(#[serde($serde)])? pub $key: $type,
            )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $key: $default, )* }
            }
        }

        impl $name {
            const ABOUT: &[&str] = &[$( $about ),*];
            const KEYS: &[(&str, &[&str])] = &[$( (stringify!($key), &[$( $doc ),*]) ),*];
        }
    };
}

section! {
    /// The server itself.
    ServerSettings {
        /// Where to listen. Port 0 takes a free one.
        listen: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8008)),
        /// The address under which others reach this node, without a path: `https://chat.example.org`.
        /// May be left empty on a loopback address only.
        #[serde(with = "optional_url")]
        public_url: Option<NodeUrl> = None,
        /// The folder with the database and the node's keys. Empty: the system's place for it.
        data: PathBuf = PathBuf::new(),
        /// What you call the node; shown to its users.
        name: String = String::new(),
        /// Threads that serve. 0: one for each processor.
        workers: usize = 0,
        /// A folder with a client to serve instead of the built-in one.
        client_dir: PathBuf = PathBuf::new(),
        /// A certificate chain and its key, PEM files, to speak TLS without a proxy. Read again on SIGHUP.
        tls_certificate: PathBuf = PathBuf::new(),
        tls_key: PathBuf = PathBuf::new(),
        /// Networks of proxies. What a request from one of them says in X-Forwarded-For is believed.
        trusted_proxies: Vec<IpNet> = loopback(),
        /// How long a stop may take: what was begun is finished in this time.
        drain_s: u64 = 10,
        /// How long a request may take to come, and a client to log in (never more than 10 seconds).
        request_s: u64 = 30,
        /// How long a connection may take nothing of what was sent on it.
        stalled_s: u64 = 60,
    }
}

section! {
    /// Who may have an account.
    RegistrationSettings {
        /// "open" to everybody, "invite" (`zechat-node invite create` makes them), "closed", or "auto": open
        /// while the node is for its own machine only, else closed.
        mode: RegistrationMode = RegistrationMode::Auto,
    }
}

section! {
    /// What is kept for accounts. The node document states these numbers.
    MailSettings {
        /// How long mail is kept, in seconds (21 days). Longer is of no use: clients destroy the keys for
        /// older mail by then. Shorter loses the mail of those who are away.
        retention_s: u64 = 21 * 86_400,
        /// Bytes of mail per account.
        quota_bytes: u64 = 256 * 1024 * 1024,
        /// Envelopes per account.
        quota_count: u64 = 50_000,
        /// Mailboxes per account.
        mailboxes: u64 = 10_000,
        /// Bits of work that a first message of a stranger costs. Each bit doubles it. Above 22 a phone
        /// works for minutes. The node raises it by up to 8 bits while many strangers write, see
        /// limits.strangers_per_minute.
        postage_bits: u64 = 16,
    }
}

section! {
    /// Vaults: encrypted copies of what clients know, which this node cannot read.
    VaultSettings {
        /// Bytes per vault.
        quota_bytes: u64 = 64 * 1024 * 1024,
    }
}

section! {
    /// The database.
    DatabaseSettings {
        /// A SQLite file, or postgresql://USER:PASSWORD@HOST/NAME for more than one process. Empty:
        /// zechat.db in the data folder.
        url: String = String::new(),
        /// Connections that read.
        readers: u32 = 4,
        /// Bytes that the database may hold; then the node takes no new mail until some is gone. 0: as much
        /// as the disk has.
        max_bytes: u64 = 0,
        /// Bytes of the disk that stay free: the node takes no new mail before the disk is full.
        free_bytes: u64 = 512 * 1024 * 1024,
    }
}

section! {
    /// How much at once. What is above is refused with `rate_limited` or `too_many_connections`, and the
    /// log names the rule. 0: no limit. Clients on the node's own machine count for nobody's address.
    LimitSettings {
        /// Messages and lookups of an account: as many a second, and so many at once.
        account_per_second: u32 = 100,
        account_burst: u32 = 5_000,
        /// Requests from an address (of IPv6, its /64 network).
        address_per_second: u32 = 50,
        address_burst: u32 = 500,
        /// Requests of another node; each brings up to 64 messages.
        peer_per_second: u32 = 500,
        peer_burst: u32 = 2_000,
        /// New accounts from an address.
        registrations_per_hour: u32 = 20,
        /// Live connections in all.
        connections: usize = 50_000,
        /// Live connections from an address.
        connections_per_address: usize = 100,
        /// Live connections of an account.
        connections_per_account: usize = 16,
        /// First messages of strangers, for all accounts together. While there are more, the postage rises.
        strangers_per_minute: u64 = 120,
    }
}

section! {
    /// Other nodes.
    FederationSettings {
        /// Permit nodes on loopback and private networks, and http:// to them. For tests and closed
        /// networks: otherwise others could use this node to reach into yours.
        allow_private_networks: bool = false,
        /// Nodes that this one talks with, in both directions: host names, "*.example.org", "*" for all, or a
        /// node's fingerprint. An empty list: none. Read again on SIGHUP.
        allow: Vec<String> = vec!["*".to_owned()],
        /// Nodes that this one does not talk with, even if they are allowed. Read again on SIGHUP.
        deny: Vec<String> = Vec::new(),
        /// A PEM file of certificate authorities to believe besides the system's.
        extra_roots: PathBuf = PathBuf::new(),
        /// How long a connection to another node may take.
        connect_timeout_s: u64 = 10,
        /// How long a request to another node may take.
        request_timeout_s: u64 = 30,
        /// How long a message is tried, in seconds (2 days).
        give_up_after_s: u64 = 2 * 86_400,
        /// Nodes that are served at the same time.
        concurrent_peers: usize = 64,
        /// Messages that an account may have sent whose outcome it has not seen.
        outbox_count: u64 = 20_000,
        /// Bytes that an account may have waiting for other nodes.
        outbox_bytes: u64 = 256 * 1024 * 1024,
    }
}

section! {
    /// The live connections of clients.
    LiveSettings {
        /// Envelopes that are pushed before one is acknowledged.
        in_flight_count: u32 = 256,
        /// Bytes of those.
        in_flight_bytes: usize = 4 * 1024 * 1024,
        /// How long a client may read nothing while there is something for it, in seconds. Then its connection
        /// is closed; its mail stays.
        slow_reader_s: u64 = 30,
    }
}

section! {
    /// Figures for Prometheus: `/metrics`, and `/livez` and `/readyz` with reasons.
    MetricsSettings {
        /// Where to listen, for example "127.0.0.1:9464"; keep it private. Empty: nowhere.
        #[serde(with = "optional_address")]
        listen: Option<SocketAddr> = None,
    }
}

section! {
    /// What is logged. Never an identity, a mailbox or an address.
    LogSettings {
        /// "error", "warn", "info", "debug", or "info,zechat_node::federation=debug". Read again on SIGHUP.
        filter: String = "info,actix_server=warn".to_owned(),
        /// "text" or "json".
        format: LogFormat = LogFormat::Text,
    }
}

macro_rules! settings {
    ($( $key:ident : $type:ty ),* $(,)?) => {
        /// All settings.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Settings {
            $( #[allow(missing_docs, reason = "the type says it")] pub $key: $type, )*
        }

        impl Settings {
            const SECTIONS: &[Section] = &[$(
                Section { name: stringify!($key), about: <$type>::ABOUT, keys: <$type>::KEYS }
            ),*];
        }
    };
}

settings! {
    server: ServerSettings,
    registration: RegistrationSettings,
    mail: MailSettings,
    vault: VaultSettings,
    database: DatabaseSettings,
    limits: LimitSettings,
    federation: FederationSettings,
    live: LiveSettings,
    metrics: MetricsSettings,
    log: LogSettings,
}

struct Section {
    name: &'static str,
    about: &'static [&'static str],
    keys: &'static [(&'static str, &'static [&'static str])],
}

impl Settings {
    /// Every key, as `section.key`.
    pub(super) fn keys() -> impl Iterator<Item = (&'static str, &'static str)> {
        Self::SECTIONS
            .iter()
            .flat_map(|section| section.keys.iter().map(|(key, _)| (section.name, *key)))
    }

    /// The example file: every key with its words and its default, commented out.
    pub fn example() -> String {
        let defaults = toml::Table::try_from(Self::default()).unwrap_or_default();
        let mut text = String::from(
            "# Settings of zechat-node. Every key is shown with its default; what you do not set stays so.\n\
             # Each can be set in the environment as well: ZECHAT__SERVER__LISTEN=127.0.0.1:8008; a list is\n\
             # separated by commas, and ZECHAT__SERVER__NAME_FILE names a file that holds the value. So does a\n\
             # systemd credential with the name zechat.server.name, and a flag: --set server.name=Ours\n\
             # `zechat-node config print --origin` shows what is set, and where.\n",
        );
        for section in Self::SECTIONS {
            text.push('\n');
            comment(&mut text, section.about);
            text.push_str(&format!("[{}]\n", section.name));
            for (key, words) in section.keys {
                if !words.is_empty() {
                    text.push('\n');
                }
                comment(&mut text, words);
                let value = defaults
                    .get(section.name)
                    .and_then(|section| section.get(key));
                let value = value.map_or_else(|| "\"\"".to_owned(), ToString::to_string);
                text.push_str(&format!("#{key} = {value}\n"));
            }
        }
        text
    }
}

fn comment(text: &mut String, words: &[&str]) {
    for line in words {
        text.push_str(&format!("#{line}\n"));
    }
}

/// Who may have an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationMode {
    /// Open while the node is for its own machine only, else closed.
    Auto,
    /// Everybody.
    Open,
    /// Whoever has an invite.
    Invite,
    /// Nobody new.
    Closed,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

fn loopback() -> Vec<IpNet> {
    [
        IpNet::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
        IpNet::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// An empty text means that there is none.
mod optional_address {
    use super::{Deserialize, Deserializer, Serializer, SocketAddr};

    #[expect(clippy::ref_option, reason = "serde names the signature")]
    pub(super) fn serialize<S: Serializer>(
        address: &Option<SocketAddr>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(
            &address
                .map(|address| address.to_string())
                .unwrap_or_default(),
        )
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<SocketAddr>, D::Error> {
        let text = String::deserialize(from)?;
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| {
            serde::de::Error::custom(format!(
                "\"{text}\" is not an address with a port, like \"127.0.0.1:9464\""
            ))
        })
    }
}

/// An empty text means that there is none.
mod optional_url {
    use super::{Deserialize, Deserializer, NodeUrl, Serializer};

    #[expect(clippy::ref_option, reason = "serde names the signature")]
    pub(super) fn serialize<S: Serializer>(
        url: &Option<NodeUrl>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(url.as_ref().map_or("", NodeUrl::as_str))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<NodeUrl>, D::Error> {
        let text = String::deserialize(from)?;
        if text.is_empty() {
            return Ok(None);
        }
        NodeUrl::parse(&text).map(Some).map_err(|error| {
            serde::de::Error::custom(format!(
                "\"{text}\" is not a node's address ({error}); expected something like \
                 \"https://chat.example.org\"",
            ))
        })
    }
}
