//! What stands in the place of a node's socket, and says there what it is told to.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::accept_hdr_async_with_config;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// One thing that it does.
#[derive(Debug, Clone)]
pub enum Step {
    /// Says a frame.
    Say(Message),
    /// Waits for words of the page in which this stands.
    Hear(&'static str),
    /// Writes bytes that need not be a frame.
    Write(Vec<u8>),
}

/// A listening impostor; ends when dropped. Whatever is not a socket it hangs up on.
#[derive(Debug)]
pub struct Impostor {
    port: u16,
    role: Arc<Mutex<Role>>,
    task: JoinHandle<()>,
}

#[derive(Debug, Clone, Default)]
struct Role {
    steps: Vec<Step>,
    left: Arc<AtomicBool>,
}

impl Impostor {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let role = Arc::default();
        let task = tokio::spawn(accept(listener, Arc::clone(&role)));
        Ok(Self { port, role, task })
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Does this on every socket from now on, and then waits until the page hangs up.
    pub fn does(&self, steps: Vec<Step>) {
        let left = Arc::default();
        *locked(&self.role) = Role { steps, left };
    }

    /// Whether a page has hung up since it had done all that it was told to do last.
    pub fn was_left(&self) -> bool {
        locked(&self.role).left.load(Ordering::SeqCst)
    }
}

impl Drop for Impostor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, role: Arc<Mutex<Role>>) {
    while let Ok((caller, _)) = listener.accept().await {
        let role = locked(&role).clone();
        tokio::spawn(async move {
            // That a page hangs up on it is what it is there for.
            let _ = deceive(caller, role).await;
        });
    }
}

async fn deceive(caller: TcpStream, role: Role) -> Result<()> {
    // It may say more than a node may.
    let limits = WebSocketConfig::default()
        .max_message_size(None)
        .max_frame_size(None);
    #[expect(
        clippy::result_large_err,
        reason = "the library's form of a handshake that is refused"
    )]
    let agree = |_: &Request, mut response: Response| {
        let name = HeaderValue::from_static("zechat.v1");
        response
            .headers_mut()
            .insert("sec-websocket-protocol", name);
        Ok(response)
    };
    let mut socket = accept_hdr_async_with_config(caller, agree, Some(limits)).await?;
    for step in role.steps {
        match step {
            Step::Say(message) => socket.send(message).await?,
            Step::Hear(part) => loop {
                let heard = socket.next().await.context("the page hung up")??;
                if heard.is_text() && heard.to_text()?.contains(part) {
                    break;
                }
            },
            Step::Write(bytes) => socket.get_mut().write_all(&bytes).await?,
        }
    }
    while let Some(Ok(_)) = socket.next().await {}
    role.left.store(true, Ordering::SeqCst);
    Ok(())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
