//! Hearing of what other processes commit: one connection that waits, for the whole process.

use std::time::Duration;

use futures_util::StreamExt as _;
use tokio_postgres::{AsyncMessage, NoTls};

use super::database::PostgresUrl;
use super::processes::{CHANNEL, Elsewhere, Listener, Notice, ProcessId};

/// How long to wait before the server is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Listens for as long as the process lives. Whenever it begins anew, something may have been missed.
pub(super) async fn run(url: PostgresUrl, own: ProcessId, listener: Listener) {
    loop {
        match listen(&url, own, &listener).await {
            Ok(()) => tracing::warn!("the connection that listens has ended"),
            Err(error) => tracing::warn!(%error, "the database cannot be listened to"),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn listen(
    url: &PostgresUrl,
    own: ProcessId,
    listener: &Listener,
) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = tokio_postgres::connect(url.expose(), NoTls).await?;
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
