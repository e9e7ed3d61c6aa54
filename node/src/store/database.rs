//! Which database: the settings name it, and no secret in the name is shown.

use std::fmt;
use std::path::{Path, PathBuf};

/// The file that is taken when nothing is named.
pub(crate) const DEFAULT_FILE: &str = "zechat.db";

/// Where everything durable is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file of this process alone.
    Sqlite(PathBuf),
    /// A PostgreSQL database, which processes may share.
    Postgres(PostgresUrl),
}

impl Database {
    /// Reads what an operator wrote: nothing, a file (in the data folder, if it is not absolute), or
    /// `postgresql://…`.
    pub fn parse(text: &str, folder: &Path) -> Self {
        if ["postgresql://", "postgres://"]
            .iter()
            .any(|scheme| text.starts_with(scheme))
        {
            return Self::Postgres(PostgresUrl(text.to_owned()));
        }
        let file = text.strip_prefix("sqlite:").unwrap_or(text);
        Self::Sqlite(folder.join(if file.is_empty() { DEFAULT_FILE } else { file }))
    }

    /// Whether what passes between the node and it can be seen by others on the way.
    pub fn is_across_a_network(&self) -> bool {
        matches!(self, Self::Postgres(url) if url.is_across_a_network())
    }

    /// Whether it can serve several processes.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

/// Seconds, tries, and milliseconds.
const WATCHED: &[(&str, &str)] = &[
    ("connect_timeout", "10"),
    ("keepalives_idle", "30"),
    ("keepalives_interval", "10"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "60000"),
];

/// Options that both programs know by the same name.
const LISTENING: &[&str] = &[
    "user",
    "password",
    "dbname",
    "options",
    "host",
    "hostaddr",
    "port",
    "connect_timeout",
    "tcp_user_timeout",
    "target_session_attrs",
];

/// The address of a PostgreSQL database. It may hold a password, so it is shown without it.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(String);

impl PostgresUrl {
    /// The address and the password apart. An address may name several hosts, which no reader of URLs takes,
    /// so it is taken apart by its marks.
    pub fn without_password(&self) -> (String, Option<String>) {
        let parts = self.parts();
        let mut password = parts.password.map(percent_decoded);
        let mut rest = Vec::new();
        for pair in &parts.options {
            match pair.split_once('=') {
                Some((name, value)) if percent_decoded(name) == "password" => {
                    password = Some(percent_decoded(value));
                }
                _ => rest.push(*pair),
            }
        }
        let user = parts
            .user
            .map_or_else(String::new, |user| format!("{user}@"));
        let mut address = format!("postgresql://{user}{}", parts.place);
        if !rest.is_empty() {
            address.push('?');
            address.push_str(&rest.join("&"));
        }
        (address, password)
    }

    /// With what notices within a minute or so that the server or the way to it is gone, where the address
    /// does not say it otherwise.
    pub(super) fn watched(&self) -> String {
        let options = self.parts().options;
        let is_set = |name: &str| {
            let mut names = options.iter().filter_map(|pair| pair.split_once('='));
            names.any(|(set, _)| percent_decoded(set) == name)
        };
        let mut url = self.0.clone();
        for (name, value) in WATCHED.iter().filter(|(name, _)| !is_set(name)) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&format!("{name}={value}"));
        }
        url
    }

    /// Without options that only the other program knows with which the node reaches servers: it reads
    /// the address for the connection that listens.
    pub(super) fn for_listening(&self) -> String {
        let (address, options) = self.0.split_once('?').unwrap_or((&self.0, ""));
        let known = options.split('&').filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            LISTENING.contains(&percent_decoded(name).as_str())
        });
        let known: Vec<&str> = known.collect();
        if known.is_empty() {
            return address.to_owned();
        }
        format!("{address}?{}", known.join("&"))
    }

    /// Whether one of its hosts is not this machine.
    pub fn is_across_a_network(&self) -> bool {
        let parts = self.parts();
        let hosts = parts.place.split('/').next().unwrap_or_default();
        let named = parts.options.iter().filter_map(|pair| pair.split_once('='));
        let named = named.filter(|(name, _)| ["host", "hostaddr"].contains(name));
        let mut hosts: Vec<String> = hosts.split(',').map(without_port).collect();
        hosts.extend(named.flat_map(|(_, value)| {
            let value = percent_decoded(value);
            value.split(',').map(ToOwned::to_owned).collect::<Vec<_>>()
        }));
        !hosts.iter().all(|host| is_this_machine(host))
    }

    fn parts(&self) -> Parts<'_> {
        let (_, rest) = self.0.split_once("://").unwrap_or_default();
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, name) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, password) = match authority.rsplit_once('@') {
            Some((user, _)) => match user.split_once(':') {
                Some((user, password)) => (Some(user), Some(password)),
                None => (Some(user), None),
            },
            None => (None, None),
        };
        let hosts = authority
            .rsplit_once('@')
            .map_or(authority, |(_, hosts)| hosts);
        Parts {
            user,
            password,
            place: format!("{hosts}{name}"),
            options: options.split('&').filter(|pair| !pair.is_empty()).collect(),
        }
    }
}

/// An address in its parts, each as it is written.
struct Parts<'a> {
    user: Option<&'a str>,
    password: Option<&'a str>,
    place: String,
    options: Vec<&'a str>,
}

fn without_port(host: &str) -> String {
    let host = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    percent_decoded(host)
}

/// A folder with a socket, or an address or name of this machine.
fn is_this_machine(host: &str) -> bool {
    host.is_empty()
        || host.starts_with(['/', '@'])
        || host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// As a query would be read: a password is written the same way, but for the plus sign.
fn percent_decoded(text: &str) -> String {
    let query = format!("x:/?p={}", text.replace('+', "%2B"));
    let url = url::Url::parse(&query).ok();
    let value = url.as_ref().and_then(|url| url.query_pairs().next());
    value
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, rest) = self.0.split_once("://").unwrap_or_default();
        let place = rest.split_once('?').map_or(rest, |(place, _)| place);
        let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
        write!(f, "postgresql://{place}")
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_setting_picks_the_database() {
        let parse = |text| Database::parse(text, Path::new("/data"));
        assert_eq!(parse(""), Database::Sqlite("/data/zechat.db".into()));
        assert_eq!(parse("mail.db"), Database::Sqlite("/data/mail.db".into()));
        assert_eq!(parse("sqlite:/x/y.db"), Database::Sqlite("/x/y.db".into()));
        assert!(parse("postgres://localhost/zechat").is_shared());
        assert!(parse("postgresql:///zechat?host=/run/postgresql").is_shared());
    }

    #[test]
    fn a_password_is_taken_out_for_other_programs() {
        let apart = |text: &str| PostgresUrl(text.to_owned()).without_password();
        let (address, password) = apart("postgresql://zechat:a%40b+c@db.example/zechat");
        assert_eq!(address, "postgresql://zechat@db.example/zechat");
        assert_eq!(password.as_deref(), Some("a@b+c"));
        let (address, password) = apart("postgresql:///zechat?host=/run&password=x&user=y");
        assert_eq!(address, "postgresql:///zechat?host=/run&user=y");
        assert_eq!(password.as_deref(), Some("x"));
        assert_eq!(apart("postgresql:///zechat").1, None);
        // What names several servers is no URL for most readers: other users of the machine saw it whole.
        let (address, password) =
            apart("postgres://zechat:secret@one,two:5433/zechat?connect_timeout=3");
        assert_eq!(
            address,
            "postgresql://zechat@one,two:5433/zechat?connect_timeout=3"
        );
        assert_eq!(password.as_deref(), Some("secret"));
        let (address, password) = apart("postgresql://z:se:c@ret@one:x,two/zechat?pass%77ord=more");
        assert_eq!(address, "postgresql://z@one:x,two/zechat");
        assert_eq!(password.as_deref(), Some("more"));
    }

    #[test]
    fn a_server_that_vanishes_is_noticed_unless_the_address_says_otherwise() {
        let watched = |text: &str| PostgresUrl(text.to_owned()).watched();
        let url = watched("postgresql://db.example/zechat");
        assert!(url.starts_with("postgresql://db.example/zechat?connect_timeout=10&"));
        assert!(url.contains("&keepalives_idle=30&") && url.contains("&tcp_user_timeout=60000"));
        let url = watched("postgresql:///zechat?host=/run&keepalives%5Fidle=5");
        assert!(!url.contains("keepalives_idle=30"), "{url}");
    }

    /// The connection that hears of the others refused addresses that the rest of the node took.
    #[test]
    fn an_address_with_options_of_one_program_only_can_be_listened_to() {
        let listening = |text: &str| {
            let text = PostgresUrl(text.to_owned()).for_listening();
            text.parse::<tokio_postgres::Config>().unwrap();
            text
        };
        let address = "postgresql://zechat:a%40b@one,two:5433/zechat";
        let options = "?gssencmode=disable&sslcertmode=disable&keepalives_count=3";
        assert_eq!(listening(&format!("{address}{options}")), address);
        let kept = "postgresql:///zechat?host=/run/postgresql&user=zechat";
        assert_eq!(
            listening(&format!("{kept}&passfile=/x&sslmode=disable")),
            kept
        );
    }

    #[test]
    fn a_password_is_never_shown() {
        for text in [
            "postgresql://zechat:secret@db.example/zechat?password=secret",
            "postgres://zechat:se@cret@db.example/zechat",
        ] {
            let url = Database::parse(text, Path::new(""));
            let shown = format!("{url} {url:?}");
            assert!(shown.contains("db.example/zechat"), "{shown}");
            assert!(
                !shown.contains("secret") && !shown.contains("cret@"),
                "{shown}"
            );
        }
    }
}
