//! A file: pragmas, and whether it is ours.

use std::path::Path;

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::prelude::*;
use diesel::sql_types::Integer;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::{Number, StoreError};

pub(super) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

/// Marks the file as ours: "ZeCh" in ASCII.
const APPLICATION_ID: i32 = 0x5a65_4368;

/// A write lock is held by our own writer for milliseconds only; a backup may hold it longer.
const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 10000";

const WRITER_PRAGMAS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -65536;";

const READER_PRAGMAS: &str = "
    PRAGMA query_only = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -8192;";

pub(super) fn writer(path: &Path) -> Result<SqliteConnection, StoreError> {
    create_private(path)
        .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
    let mut writer = connect(path)?;
    check_owner(&mut writer, path)?;
    writer.batch_execute(WRITER_PRAGMAS)?;
    Ok(writer)
}

pub(super) fn reader(path: &Path) -> Result<SqliteConnection, StoreError> {
    let mut reader = connect(path)?;
    reader.batch_execute(READER_PRAGMAS)?;
    Ok(reader)
}

pub(super) fn in_memory() -> Result<SqliteConnection, StoreError> {
    let mut connection = connect(Path::new(":memory:"))?;
    connection.batch_execute("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;")?;
    Ok(connection)
}

fn connect(path: &Path) -> Result<SqliteConnection, StoreError> {
    let mut connection = SqliteConnection::establish(&path.to_string_lossy())
        .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
    // First of all: whoever closes the database at this moment locks it for a while.
    connection.batch_execute(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Makes the file before SQLite does: only its owner may read it, and SQLite gives the files beside
/// it the same permissions.
pub(super) fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

#[derive(QueryableByName)]
struct ApplicationId {
    #[diesel(sql_type = Integer)]
    application_id: i32,
}

/// Refuses to touch another program's database; marks an empty one as ours.
fn check_owner(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let foreign = || StoreError::Foreign {
        database: path.display().to_string(),
    };
    let id: ApplicationId = diesel::sql_query("PRAGMA application_id")
        .get_result(connection)
        .map_err(|error| match error {
            // SQLite says "file is not a database" at the first statement only.
            diesel::result::Error::DatabaseError(_, ref information)
                if information.message().contains("not a database") =>
            {
                foreign()
            }
            other => other.into(),
        })?;
    if id.application_id == APPLICATION_ID {
        return Ok(());
    }
    let (tables, _) = tables(connection, "")?;
    if id.application_id != 0 || tables != 0 {
        return Err(foreign());
    }
    connection.batch_execute(&format!("PRAGMA application_id = {APPLICATION_ID}"))?;
    Ok(())
}

/// How many tables there are, and how many of this name.
pub(super) fn tables(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<(i64, i64), StoreError> {
    let mut count = |condition: &str| -> Result<i64, StoreError> {
        let query = format!("SELECT count(*) AS value FROM sqlite_master {condition}");
        let count: Number = diesel::sql_query(query).get_result(connection)?;
        Ok(count.value)
    };
    Ok((count("")?, count(&format!("WHERE name = '{name}'"))?))
}
