//! The way to a node that runs: a Unix socket in its data folder, which its owner alone can reach. One
//! request and one answer for each connection, each a line of JSON.

use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream as Blocking;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use super::{Admin, Request, owner};

/// The socket's name in the data folder.
const NAME: &str = "admin.sock";

/// A request has a few hundred bytes.
const MAX_REQUEST: u64 = 16 * 1024;

/// How long a request may take to come.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long an answer may take: expiry of much mail takes a while.
const ANSWER: Duration = Duration::from_secs(600);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Ok(Value),
    Error(String),
}

/// Listens; the socket goes when this is dropped.
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// In this data folder, which the caller has locked.
    ///
    /// # Errors
    /// [`std::io::Error`] from the system.
    pub fn bind(folder: &Path) -> std::io::Result<Self> {
        let path = folder.join(NAME);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path })
    }

    /// Serves until it is dropped.
    pub async fn serve(self, admin: Admin) {
        let admin = Arc::new(admin);
        loop {
            let Ok((stream, _)) = self.listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let admin = Arc::clone(&admin);
            tokio::spawn(async move {
                if let Err(error) = answer(&admin, stream).await {
                    tracing::warn!(%error, "an operator's request failed");
                }
            });
        }
    }
}

/// Whether a node listens in this folder.
pub fn is_served(folder: &Path) -> bool {
    connect(folder).is_some()
}

/// The way to the node: to a process of the user whose node it is, or of one's own. Where access comes by
/// group, others may listen there as well.
fn connect(folder: &Path) -> Option<Blocking> {
    // Not the standard library's: that does not tell who listens.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .ok()?;
    let stream = runtime.block_on(async {
        let stream = UnixStream::connect(folder.join(NAME)).await.ok()?;
        let user = stream.peer_cred().ok()?.uid();
        let is_trusted = user == owner::own() || owner::of(folder) == Some(user);
        is_trusted.then(|| stream.into_std().ok()).flatten()
    })?;
    stream.set_nonblocking(false).ok()?;
    Some(stream)
}

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn answer(admin: &Admin, mut stream: UnixStream) -> std::io::Result<()> {
    let (read, mut write) = stream.split();
    let mut line = String::new();
    let mut reader = tokio::io::BufReader::new(read.take(MAX_REQUEST));
    tokio::time::timeout(PATIENCE, reader.read_line(&mut line)).await??;
    if line.is_empty() {
        return Ok(()); // somebody only looked whether anybody is here
    }
    let answer = match serde_json::from_str::<Request>(&line) {
        Ok(request) => match admin.perform(request).await {
            Ok(value) => Answer::Ok(value),
            Err(error) => Answer::Error(error.to_string()),
        },
        Err(error) => Answer::Error(format!("the request cannot be read: {error}")),
    };
    let mut text = serde_json::to_vec(&answer)?;
    text.push(b'\n');
    write.write_all(&text).await
}

/// Asks the node that runs on this data folder; nothing when none does.
///
/// # Errors
/// Words for the operator.
pub fn ask(folder: &Path, request: &Request) -> Option<Result<Value, String>> {
    let stream = connect(folder)?;
    let words = |error: &dyn std::fmt::Display| format!("the node does not answer: {error}");
    let exchange = || -> Result<Answer, String> {
        stream
            .set_read_timeout(Some(ANSWER))
            .map_err(|error| words(&error))?;
        let mut text = serde_json::to_vec(request).map_err(|error| words(&error))?;
        text.push(b'\n');
        (&stream).write_all(&text).map_err(|error| words(&error))?;
        let mut line = String::new();
        BufReader::new(&stream)
            .read_line(&mut line)
            .map_err(|error| words(&error))?;
        serde_json::from_str(&line).map_err(|error| words(&error))
    };
    Some(match exchange() {
        Ok(Answer::Ok(value)) => Ok(value),
        Ok(Answer::Error(words)) | Err(words) => Err(words),
    })
}
