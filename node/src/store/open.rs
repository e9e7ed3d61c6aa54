//! Opening the database: whose it is, its migrations, the readers' pool.

mod postgres;
mod sqlite;

use std::time::Duration;

use diesel::backend::Backend;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, Pool};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

use super::connection::{Connection, on};
use super::{Database, StoreError, StoreOptions};

/// The table that Diesel keeps of what was applied.
const APPLIED: &str = "__diesel_schema_migrations";

/// The writer's connection and the readers' pool.
pub(super) fn open(options: &StoreOptions) -> Result<(Connection, Pool<Readers>), StoreError> {
    let mut writer = writer(&options.database)?;
    migrate(&mut writer, &options.database)?;
    let readers = Pool::builder()
        .max_size(options.readers.max(1))
        // The others come while the node serves already.
        .min_idle(Some(1))
        .connection_timeout(Duration::from_secs(10))
        // A file does not go away, but a server may be started again.
        .test_on_check_out(matches!(options.database, Database::Postgres(_)))
        .build(Readers(options.database.clone()))
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok((writer, readers))
}

/// The writer's connection to a database that is ours.
pub(super) fn writer(database: &Database) -> Result<Connection, StoreError> {
    match database {
        Database::Sqlite(path) => sqlite::writer(path).map(Connection::Sqlite),
        Database::Postgres(url) => postgres::writer(url).map(Connection::Postgres),
    }
}

/// A database that is gone with its connection.
pub(super) fn in_memory() -> Result<Connection, StoreError> {
    sqlite::in_memory().map(Connection::Sqlite)
}

/// A connection that reads.
pub(super) fn reader(database: &Database) -> Result<Connection, StoreError> {
    Readers(database.clone()).connect()
}

/// Makes connections that read.
pub(super) struct Readers(Database);

impl ManageConnection for Readers {
    type Connection = Connection;
    type Error = StoreError;

    fn connect(&self) -> Result<Connection, StoreError> {
        match &self.0 {
            Database::Sqlite(path) => sqlite::reader(path).map(Connection::Sqlite),
            Database::Postgres(url) => postgres::reader(url).map(Connection::Postgres),
        }
    }

    fn is_valid(&self, connection: &mut Connection) -> Result<(), StoreError> {
        Ok(connection.run("SELECT 1")?)
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        std::thread::panicking() || connection.is_stuck()
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Brings the tables up to date. Of several processes that start at once, one does it and the others wait.
pub(super) fn migrate(connection: &mut Connection, database: &Database) -> Result<(), StoreError> {
    if let Connection::Postgres(_) = connection {
        connection.run(postgres::LOCK_SCHEMA)?;
    }
    let result = migrate_alone(connection, database);
    if let Connection::Postgres(_) = connection {
        connection.run(postgres::UNLOCK_SCHEMA)?;
    }
    result
}

fn migrate_alone(connection: &mut Connection, database: &Database) -> Result<(), StoreError> {
    let (known, applied) = known_and_applied(connection, database)?;
    if !applied.is_empty() && applied.len() < known.len() {
        keep_copy(database, applied.last().map_or("", String::as_str))?;
    }
    match connection {
        Connection::Sqlite(c) => run_pending(c, sqlite::MIGRATIONS),
        Connection::Postgres(c) => run_pending(c, postgres::MIGRATIONS),
    }
}

/// Before a file is changed to what an older version cannot read, it is copied.
fn keep_copy(database: &Database, version: &str) -> Result<(), StoreError> {
    let Database::Sqlite(path) = database else {
        return Ok(());
    };
    let mut copy = path.clone().into_os_string();
    copy.push(format!(".before-upgrade-{version}"));
    let copy = std::path::PathBuf::from(copy);
    if copy.exists() {
        return Ok(()); // whole, of an upgrade that did not come to its end
    }
    // A copy gets its name when it is whole and on the disk: one that was cut off must not pass for one.
    let mut part = copy.clone().into_os_string();
    part.push(".part");
    let part = std::path::PathBuf::from(part);
    let failed = |error: std::io::Error| {
        StoreError::Unavailable(format!("{} cannot be written: {error}", part.display()))
    };
    match std::fs::remove_file(&part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    // It holds what the database holds: nobody else may read it. An empty file is written to as a new one is.
    sqlite::create_private(&part).map_err(failed)?;
    database.copy_to(&part)?;
    std::fs::File::open(&part)
        .and_then(|file| file.sync_all())
        .and_then(|()| std::fs::rename(&part, &copy))
        .and_then(|()| match copy.parent() {
            Some(folder) => std::fs::File::open(folder)?.sync_all(),
            None => Ok(()),
        })
        .map_err(failed)?;
    tracing::info!(copy = %copy.display(), "the database is copied before it is migrated");
    Ok(())
}

/// The migrations of this version, and those that the database has. Refuses what another program or a
/// newer version has made.
pub(super) fn known_and_applied(
    connection: &mut Connection,
    database: &Database,
) -> Result<(Vec<String>, Vec<String>), StoreError> {
    let known = match connection {
        Connection::Sqlite(_) => versions::<Sqlite>(&sqlite::MIGRATIONS)?,
        Connection::Postgres(_) => versions::<Pg>(&postgres::MIGRATIONS)?,
    };
    let (tables, ours) = match connection {
        Connection::Sqlite(c) => sqlite::tables(c, APPLIED)?,
        Connection::Postgres(c) => postgres::tables(c, APPLIED)?,
    };
    if ours != 0 {
        let applied = check_applied(connection, &known, database)?;
        return Ok((known, applied));
    }
    if tables != 0 {
        return Err(StoreError::Foreign {
            database: database.to_string(),
        });
    }
    Ok((known, Vec::new()))
}

/// Refuses what another program or a newer version has made.
fn check_applied(
    connection: &mut Connection,
    known: &[String],
    database: &Database,
) -> Result<Vec<String>, StoreError> {
    let query = format!("SELECT version FROM {APPLIED} ORDER BY version");
    let applied: Vec<Version> = on!(connection, |c| diesel::sql_query(query).load(c))?;
    let is_ours = applied
        .first()
        .is_none_or(|first| Some(&first.version) == known.first());
    if !is_ours {
        return Err(StoreError::Foreign {
            database: database.to_string(),
        });
    }
    let applied: Vec<String> = applied.into_iter().map(|row| row.version).collect();
    match applied.iter().find(|version| !known.contains(version)) {
        None => Ok(applied),
        Some(unknown) => Err(StoreError::Newer {
            database: database.to_string(),
            version: unknown.clone(),
        }),
    }
}

/// The migrations of this version; both databases have the same.
pub(super) fn known() -> Result<Vec<String>, StoreError> {
    versions::<Sqlite>(&sqlite::MIGRATIONS)
}

fn versions<B: Backend>(migrations: &EmbeddedMigrations) -> Result<Vec<String>, StoreError>
where
    EmbeddedMigrations: MigrationSource<B>,
{
    let mut versions: Vec<String> = MigrationSource::<B>::migrations(migrations)
        .map_err(failed)?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    versions.sort();
    Ok(versions)
}

fn run_pending<B: Backend>(
    connection: &mut (impl MigrationHarness<B> + diesel::Connection),
    migrations: EmbeddedMigrations,
) -> Result<(), StoreError>
where
    EmbeddedMigrations: MigrationSource<B>,
{
    // All or none, and one sync: a start that is cut short leaves the database as it was.
    let run = |connection: &mut _| {
        let run = MigrationHarness::<B>::run_pending_migrations(connection, migrations);
        run.map(drop).map_err(Undone)
    };
    connection
        .transaction(run)
        .map_err(|Undone(error)| failed(error))
}

/// Why migrations were undone.
struct Undone(Box<dyn std::error::Error + Send + Sync>);

impl From<diesel::result::Error> for Undone {
    fn from(error: diesel::result::Error) -> Self {
        Self(error.into())
    }
}

fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    StoreError::Migration(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_have_the_same_migrations() {
        let sqlite = versions::<Sqlite>(&sqlite::MIGRATIONS).unwrap();
        assert_eq!(sqlite, versions::<Pg>(&postgres::MIGRATIONS).unwrap());
        let names = |backend: &str| {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../migrations")
                .join(backend);
            let mut names: Vec<_> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect();
            names.sort();
            names
        };
        assert_eq!(names("sqlite"), names("postgres"));
        assert_eq!(names("sqlite").len(), sqlite.len());
    }

    /// What an account had before positions were its own.
    const OLD_MAIL: &str = "
        INSERT INTO accounts (identity, signing_key, created_at) VALUES ('a', 'k', 1);
        INSERT INTO mailboxes (mailbox, account, kind) VALUES ('i', 1, 0), ('c', 1, 1);
        INSERT INTO messages (account, mailbox, message_id, arrived_at, size, envelope)
            VALUES (1, 1, 'm', 1, 3, 'abc'), (1, 2, 'm', 1, 4, 'abcd'), (1, 2, 'n', 2, 5, 'abcde');
        DELETE FROM messages WHERE size = 5";

    /// A copy that was cut off, for example because starting took too long, does not pass for a whole one.
    #[test]
    fn a_copy_before_an_upgrade_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::parse("", folder.path());
        let mut connection = writer(&database).unwrap();
        let Connection::Sqlite(c) = &mut connection else {
            unreachable!("a file");
        };
        c.run_next_migration(sqlite::MIGRATIONS).unwrap();
        let torso = folder.path().join("zechat.db.before-upgrade-1.part");
        std::fs::write(&torso, b"half of it").unwrap();
        keep_copy(&database, "1").unwrap();
        assert!(!torso.exists());
        let copy = folder.path().join("zechat.db.before-upgrade-1");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "others can read it: {mode:o}");
        }
        Database::Sqlite(copy).check_integrity().unwrap();
    }

    #[test]
    fn mail_of_an_older_version_keeps_its_place() {
        use crate::store::schema::{accounts, messages};
        use crate::store::tests::database::TestDatabase;
        let folder = tempfile::tempdir().unwrap();
        let server = TestDatabase::create();
        let url = server.as_ref().map_or("", TestDatabase::url);
        let database = Database::parse(url, folder.path());
        let mut connection = writer(&database).unwrap();
        match &mut connection {
            Connection::Sqlite(c) => drop(c.run_next_migration(sqlite::MIGRATIONS).unwrap()),
            Connection::Postgres(c) => drop(c.run_next_migration(postgres::MIGRATIONS).unwrap()),
        }
        connection.run(OLD_MAIL).unwrap();
        migrate(&mut connection, &database).unwrap();
        let account: (i64, i64, i64) = on!(&mut connection, |c| accounts::table
            .select((
                accounts::last_cursor,
                accounts::intro_bytes,
                accounts::intro_count
            ))
            .get_result(c))
        .unwrap();
        assert_eq!(account, (3, 3, 1), "no position is used twice");
        let mail: Vec<(i64, i32, i64)> = on!(&mut connection, |c| messages::table
            .order(messages::cursor)
            .select((messages::cursor, messages::kind, messages::size))
            .load(c))
        .unwrap();
        assert_eq!(mail, [(1, 0, 3), (2, 1, 4)]);
    }
}
