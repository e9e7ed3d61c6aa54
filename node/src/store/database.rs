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
