//! The sections of the settings file, each key with its words and its default in one place.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

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
            $( $(#[doc = $doc])* $(#[serde($serde)])? pub $key: $type, )*
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
    }
}

section! {
    /// Who may have an account.
    RegistrationSettings {
        /// "open", "closed", or "auto": open while the node is for its own machine only, else closed.
        mode: RegistrationMode = RegistrationMode::Auto,
    }
}

section! {
    /// What is kept for accounts. The node document states these numbers.
    MailSettings {
        /// How long mail is kept, in seconds (21 days).
        retention_s: u64 = 21 * 86_400,
        /// Bytes of mail per account.
        quota_bytes: u64 = 256 * 1024 * 1024,
        /// Envelopes per account.
        quota_count: u64 = 50_000,
        /// Mailboxes per account.
        mailboxes: u64 = 10_000,
        /// Bits of work that a first message of a stranger costs. Each bit doubles it.
        postage_bits: u64 = 16,
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
    }
}

section! {
    /// Other nodes.
    FederationSettings {
        /// Permit nodes on loopback and private networks, and http:// to them. For tests and closed
        /// networks: otherwise others could use this node to reach into yours.
        allow_private_networks: bool = false,
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
    }
}

section! {
    /// What is logged. Never an identity, a mailbox or an address.
    LogSettings {
        /// "error", "warn", "info", "debug", or "info,zechat_node::federation=debug".
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
    database: DatabaseSettings,
    federation: FederationSettings,
    live: LiveSettings,
    log: LogSettings,
}

struct Section {
    name: &'static str,
    about: &'static [&'static str],
    keys: &'static [(&'static str, &'static [&'static str])],
}

impl Settings {
    /// The example file: every key with its words and its default, commented out.
    pub fn example() -> String {
        let defaults = toml::Table::try_from(Self::default()).unwrap_or_default();
        let mut text = String::from(
            "# Settings of zechat-node. Every key is shown with its default; what you do not set stays so.\n\
             # Each can be set in the environment as well: ZECHAT__SERVER__LISTEN=127.0.0.1:8008\n",
        );
        for section in Self::SECTIONS {
            text.push('\n');
            comment(&mut text, section.about);
            text.push_str(&format!("[{}]\n", section.name));
            for (key, words) in section.keys {
                text.push('\n');
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
