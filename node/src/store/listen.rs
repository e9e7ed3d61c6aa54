//! Hearing of what other processes commit: one connection that waits, for the whole process.

use std::time::Duration;

use futures_util::StreamExt as _;
use metrics::gauge;
use tokio_postgres::{AsyncMessage, Config, NoTls};

use super::StoreError;
use super::database::PostgresUrl;
use super::processes::{CHANNEL, Elsewhere, Listener, Notice, ProcessId};

/// How long to wait before the server is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// How often the database is looked at while it cannot be listened to.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// When the connection says that it lives, and how often before it is given up.
const KEPT_ALIVE: (Duration, Duration, u32) = (Duration::from_secs(30), Duration::from_secs(10), 3);

/// Tries once whether the server can be listened to. What cannot be done from the start, such as an address
/// that this program reads otherwise, would only be in the log.
pub(super) async fn probe(url: &PostgresUrl) -> Result<(), StoreError> {
    let probe = async {
        let (client, connection) = config(url)?.connect(NoTls).await?;
        let connection = tokio::spawn(connection);
        let heard = client.batch_execute(&format!("LISTEN {CHANNEL}")).await;
        connection.abort();
        heard
    };
    let words = |error: &dyn std::fmt::Display| {
        StoreError::Unavailable(format!("{url} cannot be listened to: {error}"))
    };
    match tokio::time::timeout(Duration::from_secs(10), probe).await {
        Ok(heard) => heard.map_err(|error| words(&error)),
        Err(late) => Err(words(&late)),
    }
}

/// Listens for as long as the process lives. Whenever it begins anew, something may have been missed; while
/// it cannot, it is looked for from time to time.
pub(super) async fn run(url: PostgresUrl, own: ProcessId, listener: Listener) {
    let mut looked = tokio::time::Instant::now();
    loop {
        match listen(&url, own, &listener).await {
            Ok(()) => tracing::warn!("the connection that listens has ended"),
            Err(error) => tracing::warn!(%error, "the database cannot be listened to"),
        }
        gauge!("zechat_listening").set(0.0);
        if looked.elapsed() >= LOOK_EVERY {
            looked = tokio::time::Instant::now();
            listener(Elsewhere::Anything);
        }
        tokio::time::sleep(AGAIN).await;
    }
}

fn config(url: &PostgresUrl) -> Result<Config, tokio_postgres::Error> {
    let mut config: Config = url.for_listening().parse()?;
    let (idle, interval, tries) = KEPT_ALIVE;
    config
        .keepalives_idle(idle)
        .keepalives_interval(interval)
        .keepalives_retries(tries);
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    Ok(config)
}

async fn listen(
    url: &PostgresUrl,
    own: ProcessId,
    listener: &Listener,
) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = config(url)?.connect(NoTls).await?;
    let command = format!("SET application_name = 'zechat-node listener'; LISTEN {CHANNEL}");
    let mut messages =
        futures_util::stream::poll_fn(move |context| connection.poll_message(context));
    let mut begin = std::pin::pin!(client.batch_execute(&command));
    let mut has_begun = false;
    loop {
        tokio::select! {
            begun = &mut begin, if !has_begun => {
                begun?;
                has_begun = true;
                gauge!("zechat_listening").set(1.0);
                listener(Elsewhere::Anything);
            }
            message = messages.next() => match message {
                Some(Ok(AsyncMessage::Notification(notification))) => {
                    if let Some(elsewhere) = Notice::heard(notification.payload(), own) {
                        listener(elsewhere);
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Ok(()),
            }
        }
    }
}
