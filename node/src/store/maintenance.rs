//! The database as a whole: copies of it, and its migrations.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::connection::{Connection, on};
use super::{Database, StoreError, open};

/// A migration, and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct MigrationState {
    /// Which.
    pub version: String,
    /// Whether it was applied.
    pub is_applied: bool,
}

#[derive(QueryableByName)]
struct Words {
    #[diesel(sql_type = Text)]
    words: String,
}

/// The newest migration that this version knows.
pub fn newest_migration() -> Option<String> {
    open::known().ok()?.pop()
}

impl Database {
    /// Whether there is one. A server is taken to have it.
    pub fn exists(&self) -> bool {
        match self {
            Self::Sqlite(path) => path.is_file(),
            Self::Postgres(_) => true,
        }
    }

    /// Which migrations there are, and which of them were applied. Changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] for a database that cannot be used, or is newer or foreign.
    pub fn migrations(&self) -> Result<Vec<MigrationState>, StoreError> {
        let mut connection = open::reader(self)?;
        let (known, applied) = open::known_and_applied(&mut connection, self)?;
        let states = known.into_iter().map(|version| MigrationState {
            is_applied: applied.contains(&version),
            version,
        });
        Ok(states.collect())
    }

    /// Applies what was not applied yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = open::writer(self)?;
        open::migrate(&mut connection, self)
    }

    /// Copies a SQLite database as it is at one moment, while others write. A server has its own tools.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        match open::reader(self)? {
            Connection::Sqlite(mut c) => {
                // A copy counts as writing, though not to this file.
                c.batch_execute("PRAGMA query_only = OFF")?;
                diesel::sql_query("VACUUM INTO ?")
                    .bind::<Text, _>(file.to_string_lossy())
                    .execute(&mut c)?;
                Ok(())
            }
            Connection::Postgres(_) => Err(StoreError::Unavailable(
                "a PostgreSQL database is copied with pg_dump".to_owned(),
            )),
        }
    }

    /// Reads all of it and complains about what does not belong together.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn check_integrity(&self) -> Result<(), StoreError> {
        let mut connection = open::reader(self)?;
        open::known_and_applied(&mut connection, self)?;
        if let Connection::Sqlite(c) = &mut connection {
            let found: Words = diesel::sql_query(
                "SELECT integrity_check AS words FROM pragma_integrity_check LIMIT 1",
            )
            .get_result(c)?;
            if found.words != "ok" {
                return Err(StoreError::Unavailable(found.words));
            }
        } else {
            on!(&mut connection, |c| diesel::sql_query("SELECT 1")
                .execute(c))?;
        }
        Ok(())
    }
}
