//! Opening the database: pragmas, ownership check, migrations.

use std::path::Path;
use std::time::Duration;

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Error as PoolError, Pool};
use diesel::sql_types::{BigInt, Integer, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use super::{Connection, StoreError, StoreOptions};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

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

/// The writer's connection and the readers' pool.
pub(super) fn open(
    options: &StoreOptions,
) -> Result<(Connection, Pool<ConnectionManager<Connection>>), StoreError> {
    let mut writer = writer(options)?;
    migrate(&mut writer, &options.path)?;
    let path = options.path.to_string_lossy().into_owned();
    let readers = Pool::builder()
        .max_size(options.readers.max(1))
        .connection_timeout(Duration::from_secs(10))
        .test_on_check_out(false)
        .connection_customizer(Box::new(Reader))
        .build(ConnectionManager::new(path))
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok((writer, readers))
}

/// The writer's connection to a database that is ours.
pub(super) fn writer(options: &StoreOptions) -> Result<Connection, StoreError> {
    create_private(&options.path)
        .map_err(|error| StoreError::Unavailable(format!("{}: {error}", options.path.display())))?;
    let path = options.path.to_string_lossy();
    let mut writer = Connection::establish(&path)
        .map_err(|error| StoreError::Unavailable(format!("{path}: {error}")))?;
    // First of all: whoever closes the database at this moment locks it for a while.
    writer.batch_execute(BUSY_TIMEOUT)?;
    check_owner(&mut writer, &options.path)?;
    writer.batch_execute(WRITER_PRAGMAS)?;
    Ok(writer)
}

/// Makes the file before SQLite does: only its owner may read it, and SQLite gives the files beside
/// it the same permissions.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

#[derive(Debug)]
struct Reader;

impl CustomizeConnection<Connection, PoolError> for Reader {
    fn on_acquire(&self, connection: &mut Connection) -> Result<(), PoolError> {
        connection
            .batch_execute(READER_PRAGMAS)
            .map_err(PoolError::QueryError)
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

#[derive(QueryableByName)]
struct ApplicationId {
    #[diesel(sql_type = Integer)]
    application_id: i32,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Refuses to touch another program's database; marks an empty one as ours.
fn check_owner(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let foreign = || StoreError::Foreign {
        path: path.to_owned(),
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
    let tables: Number =
        diesel::sql_query("SELECT count(*) AS value FROM sqlite_master").get_result(connection)?;
    if id.application_id != 0 || tables.value != 0 {
        return Err(foreign());
    }
    connection.batch_execute(&format!("PRAGMA application_id = {APPLICATION_ID}"))?;
    Ok(())
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let failed =
        |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Migration(error.to_string());
    let known: Vec<String> =
        diesel::migration::MigrationSource::<diesel::sqlite::Sqlite>::migrations(&MIGRATIONS)
            .map_err(failed)?
            .iter()
            .map(|migration| migration.name().version().to_string())
            .collect();
    let table: Number = diesel::sql_query(
        "SELECT count(*) AS value FROM sqlite_master WHERE name = '__diesel_schema_migrations'",
    )
    .get_result(connection)?;
    if table.value != 0 {
        let applied: Vec<Version> =
            diesel::sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version")
                .load(connection)?;
        if let Some(unknown) = applied
            .into_iter()
            .find(|row| !known.contains(&row.version))
        {
            return Err(StoreError::Newer {
                path: path.to_owned(),
                version: unknown.version,
            });
        }
    }
    connection
        .run_pending_migrations(MIGRATIONS)
        .map_err(failed)?;
    Ok(())
}
