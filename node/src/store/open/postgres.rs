//! A server: what each session is set to, and what is there already.

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::super::database::PostgresUrl;
use super::{Number, StoreError};

pub(super) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// One process at a time changes the tables. "ZeCh" in ASCII, and a number.
pub(super) const LOCK_SCHEMA: &str = "SELECT pg_advisory_lock(x'5a6543680002'::bigint)";
pub(super) const UNLOCK_SCHEMA: &str = "SELECT pg_advisory_unlock(x'5a6543680002'::bigint)";

/// An acknowledgement means durable, whatever the server's default is. A process that hangs within
/// a transaction must not hold up the others for ever.
const WRITER_SETTINGS: &str = "
    SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') = 'off';
    SET idle_in_transaction_session_timeout = '30s';
    SET client_min_messages = 'warning';
    SET application_name = 'zechat-node writer'";

/// Everything that is asked for lies together in an index, in the order that is wanted; a server without
/// figures about its tables yet would rather gather and sort all that waits.
const PLANS: &str = "SET enable_bitmapscan = off";

/// The server finds out as well when a process is gone with its machine, and with it what it has locked.
/// A socket on the same machine needs none of it, and takes it for nothing.
const WATCH: &str = "
    SET tcp_keepalives_idle = 30;
    SET tcp_keepalives_interval = 10;
    SET tcp_keepalives_count = 3;
    SET tcp_user_timeout = '60s'";

/// What one request reads belongs together.
const READER_SETTINGS: &str = "
    SET default_transaction_read_only = on;
    SET default_transaction_isolation = 'repeatable read';
    SET statement_timeout = '120s';
    SET client_min_messages = 'warning';
    SET application_name = 'zechat-node reader'";

pub(super) fn writer(url: &PostgresUrl) -> Result<PgConnection, StoreError> {
    let mut connection = connect(url)?;
    connection.batch_execute(WRITER_SETTINGS)?;
    let fsync: Setting = diesel::sql_query("SELECT current_setting('fsync') AS setting")
        .get_result(&mut connection)?;
    if fsync.setting != "on" {
        tracing::warn!(
            "this PostgreSQL server runs with fsync off: mail that was accepted is lost when its machine fails"
        );
    }
    Ok(connection)
}

pub(super) fn reader(url: &PostgresUrl) -> Result<PgConnection, StoreError> {
    let mut connection = connect(url)?;
    connection.batch_execute(READER_SETTINGS)?;
    Ok(connection)
}

fn connect(url: &PostgresUrl) -> Result<PgConnection, StoreError> {
    let mut connection = PgConnection::establish(&url.watched())
        .map_err(|error| StoreError::Unavailable(format!("{url}: {error}")))?;
    connection.batch_execute(WATCH)?;
    connection.batch_execute(PLANS)?;
    Ok(connection)
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    setting: String,
}

/// How many tables there are, and how many of this name.
pub(super) fn tables(connection: &mut PgConnection, name: &str) -> Result<(i64, i64), StoreError> {
    let mut count = |condition: &str| -> Result<i64, StoreError> {
        let query = format!(
            "SELECT count(*) AS value FROM pg_tables WHERE schemaname = current_schema() {condition}"
        );
        let count: Number = diesel::sql_query(query).get_result(connection)?;
        Ok(count.value)
    };
    Ok((count("")?, count(&format!("AND tablename = '{name}'"))?))
}
