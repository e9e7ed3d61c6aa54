//! One connection to either database, so that every query is written once.

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::pg::PgConnection;
use diesel::r2d2::R2D2Connection as _;
use diesel::result::QueryResult;
use diesel::sqlite::SqliteConnection;

use super::StoreError;

/// Whoever writes holds this lock until the commit: of all the processes on one PostgreSQL database one
/// writes at a time, as on SQLite. So what a command has read stays true until it has written, and the
/// positions of an account's mail become visible in their order. "ZeCh" in ASCII, and a number.
const WRITER_LOCK: i64 = 0x5a65_4368_0001;

/// A connection to the database that the settings name.
pub enum Connection {
    /// To a file.
    Sqlite(SqliteConnection),
    /// To a server.
    Postgres(PgConnection),
}

/// Compiles a query for both databases, and runs it on the one that there is:
/// `on!(connection, |c| accounts::table.find(1).get_result(c))`.
macro_rules! on {
    ($connection:expr, |$c:ident| $body:expr) => {
        match $connection {
            $crate::store::connection::Connection::Sqlite($c) => $body,
            $crate::store::connection::Connection::Postgres($c) => $body,
        }
    };
}
pub(super) use on;

impl Connection {
    /// Runs it as the only writer; undoes all of it when it fails.
    pub(super) fn write<T>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self {
            Self::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
            Self::Postgres(c) => {
                let begin = format!("BEGIN; SELECT pg_advisory_xact_lock({WRITER_LOCK})");
                AnsiTransactionManager::begin_transaction_sql(c, &begin)
            }
        }?;
        self.finish(write)
    }

    /// Runs it on one state of the database, whatever others write meanwhile.
    pub(super) fn snapshot<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        on!(self, |c| AnsiTransactionManager::begin_transaction(c))?;
        self.finish(read)
    }

    /// The same as Diesel's `transaction`, which wants one type of connection.
    fn finish<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match work(self) {
            Ok(value) => {
                on!(self, |c| AnsiTransactionManager::commit_transaction(c))?;
                Ok(value)
            }
            Err(error) => {
                let undone = on!(self, |c| AnsiTransactionManager::rollback_transaction(c));
                match undone {
                    // What went wrong first says more.
                    Ok(()) | Err(diesel::result::Error::BrokenTransactionManager) => Err(error),
                    Err(other) => {
                        tracing::error!(error = %other, "a transaction could not be undone");
                        Err(error)
                    }
                }
            }
        }
    }

    /// Runs statements that return nothing.
    pub(super) fn run(&mut self, statements: &str) -> QueryResult<()> {
        use diesel::connection::SimpleConnection as _;
        on!(self, |c| c.batch_execute(statements))
    }

    /// Whether a transaction was left open that could neither end nor be undone.
    pub(super) fn is_stuck(&mut self) -> bool {
        on!(self, |c| c.is_broken())
    }

    /// Whether it is of no more use. Asks the server, so it is for the time after an error.
    pub(super) fn is_broken(&mut self) -> bool {
        self.is_stuck() || on!(self, |c| c.ping()).is_err()
    }
}
