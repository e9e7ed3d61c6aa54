//! W7: the same work with more and more mail stored. The stored envelopes are short, so that they fit on
//! the disk: what grows with their number is indexes, and those are as they would be. What W1 writes to is filled as well.

use anyhow::Result;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;

use super::ingest::NOWHERE;
use super::{Plan, Servers, drain, ingest, live};
use crate::Options;
use crate::report::Report;
use crate::server::{Backend, Place, Server};

/// Accounts that have the stored mail, and mailboxes of each.
const ACCOUNTS: usize = 1_000;
const MAILBOXES: usize = 100;

/// For so many stored messages one waits for another node: those live two days, and mail three weeks.
const STORED_FOR_ONE_THAT_WAITS: usize = 10;

pub async fn measure(
    options: &Options,
    backend: Backend,
    plan: Plan,
    report: &Report,
) -> Result<()> {
    let sizes: &[(&str, usize)] = if options.is_quick {
        &[("10 thousand", 10_000), ("100 thousand", 100_000)]
    } else {
        &[
            ("10 thousand", 10_000),
            ("1 million", 1_000_000),
            ("5 million", 5_000_000),
        ]
    };
    let mut least: Option<[f64; 6]> = None;
    for (name, count) in sizes {
        let servers = Servers::with(backend, None, || {
            Server::node_filled(&options.node, backend, |place| fill(&place, *count))
        })?;
        let (w1, w1_cpu) = ingest::alone(&servers, plan).await?;
        let (w2, w2_cpu) = live::alone(&servers, plan).await?;
        let (w3, w3_cpu) = drain::alone(&servers, plan).await?;
        let figures = [w1, w1_cpu, w2, w2_cpu, w3, w3_cpu];
        let first = least.get_or_insert(figures);
        let names = [
            ("W1 window 32", "rate"),
            ("W1 window 32", "cpu_us"),
            ("W2 flat out", "rate"),
            ("W2 flat out", "cpu_us"),
            ("W3 drain", "rate"),
            ("W3 drain", "cpu_us"),
        ];
        for (((work, figure), value), bare) in names.into_iter().zip(figures).zip(*first) {
            let workload = format!("W7 {name} stored, {work}");
            report.figure(&workload, backend.name(), figure, value, bare);
        }
    }
    Ok(())
}

fn fill(place: &Place<'_>, count: usize) -> Result<()> {
    let each = count.div_euclid(ACCOUNTS).max(1);
    match place {
        Place::File(path) => {
            let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
            Ok(connection.batch_execute(&sqlite(each))?)
        }
        Place::Url(url) => {
            let mut connection = PgConnection::establish(url)?;
            connection.batch_execute(&postgres(each))?;
            // Not within the transaction of the above.
            connection.batch_execute("VACUUM ANALYZE")?;
            Ok(connection.batch_execute("CHECKPOINT")?)
        }
    }
}

fn sqlite(each: usize) -> String {
    let waiting = each.div_ceil(STORED_FOR_ONE_THAT_WAITS);
    format!(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;
         DROP INDEX messages_once; DROP INDEX messages_by_arrival;
         BEGIN;
         WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {ACCOUNTS})
         INSERT INTO accounts (identity, signing_key, created_at, used_bytes, used_count, last_cursor)
             SELECT randomblob(32), randomblob(384), 1, {each} * 64, {each}, {each} FROM n;
         WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {MAILBOXES} - 1)
         INSERT INTO mailboxes (mailbox, account, kind) SELECT randomblob(32), a.id, 1 FROM accounts a, n;
         WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {each})
         INSERT INTO messages (account, cursor, mailbox, kind, message_id, arrived_at, size, envelope)
             SELECT a.id, n, (a.id - 1) * {MAILBOXES} + 1 + n % {MAILBOXES}, 1, randomblob(16),
                 unixepoch() * 1000, 64, zeroblob(64) FROM accounts a, n;
         WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {waiting})
         INSERT INTO outbox (account, device, submission, destination, created_at, state, boxed)
             SELECT a.id, zeroblob(16), randomblob(16), '{NOWHERE}', unixepoch() * 1000, 0, zeroblob(64)
             FROM accounts a, n;
         UPDATE accounts SET outbox_count = {waiting}, outbox_bytes = {waiting} * 64;
         COMMIT;
         CREATE UNIQUE INDEX messages_once ON messages (mailbox, message_id);
         CREATE INDEX messages_by_arrival ON messages (arrived_at);
         PRAGMA wal_checkpoint(TRUNCATE)"
    )
}

fn postgres(each: usize) -> String {
    let waiting = each.div_ceil(STORED_FOR_ONE_THAT_WAITS);
    format!(
        "DROP INDEX messages_once; DROP INDEX messages_by_arrival;
         INSERT INTO accounts (identity, signing_key, created_at, used_bytes, used_count, last_cursor)
             SELECT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), decode(repeat('ab', 384), 'hex'),
                 1, {each} * 64, {each}, {each} FROM generate_series(1, {ACCOUNTS});
         INSERT INTO mailboxes (mailbox, account, kind)
             SELECT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), a.id, 1
             FROM accounts a, generate_series(1, {MAILBOXES}) ORDER BY a.id;
         INSERT INTO messages (account, cursor, mailbox, kind, message_id, arrived_at, size, envelope)
             SELECT a.id, n, (a.id - 1) * {MAILBOXES} + 1 + n % {MAILBOXES}, 1, uuid_send(gen_random_uuid()),
                 (extract(epoch FROM now()) * 1000)::bigint, 64, decode(repeat('00', 64), 'hex')
             FROM accounts a, generate_series(1, {each}) n;
         INSERT INTO outbox (account, device, submission, destination, created_at, state, boxed)
             SELECT a.id, decode(repeat('00', 16), 'hex'), uuid_send(gen_random_uuid()), '{NOWHERE}',
                 (extract(epoch FROM now()) * 1000)::bigint, 0, decode(repeat('00', 64), 'hex')
             FROM accounts a, generate_series(1, {waiting}) n;
         UPDATE accounts SET outbox_count = {waiting}, outbox_bytes = {waiting} * 64;
         CREATE UNIQUE INDEX messages_once ON messages (mailbox, message_id);
         CREATE INDEX messages_by_arrival ON messages (arrived_at)"
    )
}
