//! Which database: the settings name it, and no secret in the name is shown.

use std::fmt;
use std::path::{Path, PathBuf};

/// The file that is taken when nothing is named.
const DEFAULT_FILE: &str = "zechat.db";

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

/// The address of a PostgreSQL database. It may hold a password, so it is shown without it.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(String);

impl PostgresUrl {
    /// With everything in it, for connecting.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl PostgresUrl {
    /// The address and the password apart. An address that cannot be taken apart stays as it is.
    pub fn without_password(&self) -> (String, Option<String>) {
        let Ok(mut url) = url::Url::parse(&self.0) else {
            return (self.0.clone(), None);
        };
        let is_password =
            |(name, _): &(std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| name == "password";
        let mut password = url.password().map(percent_decoded);
        if let Some((_, value)) = url.query_pairs().find(is_password) {
            password = Some(value.into_owned());
            let rest: Vec<(String, String)> = url
                .query_pairs()
                .filter(|pair| !is_password(pair))
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect();
            url.query_pairs_mut().clear().extend_pairs(rest);
        }
        let _ = url.set_password(None); // an address without a host has no password
        (url.to_string(), password)
    }
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
        assert_eq!(address, "postgresql:///zechat?host=%2Frun&user=y");
        assert_eq!(password.as_deref(), Some("x"));
        assert_eq!(apart("postgresql:///zechat").1, None);
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
