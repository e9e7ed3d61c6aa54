//! What stands in the place of a node and answers whatever it is asked with the same bytes.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A listening liar; ends when dropped.
#[derive(Debug)]
pub struct Liar {
    port: u16,
    asked: Arc<AtomicUsize>,
    says: Arc<Mutex<Says>>,
    task: JoinHandle<()>,
}

#[derive(Debug, Clone, Default)]
struct Says {
    answer: Vec<u8>,
    /// Said after that until nobody listens any more.
    for_ever: Vec<u8>,
}

impl Liar {
    /// Listens on a free port of this machine, and hangs up on everybody.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (asked, says) = (Arc::default(), Arc::default());
        let task = tokio::spawn(accept(listener, Arc::clone(&asked), Arc::clone(&says)));
        Ok(Self {
            port,
            asked,
            says,
            task,
        })
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Answers with this from now on: status and headers, each a line, and a body. Pages of all origins may read it.
    pub fn says(&self, head: &str, body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        let length = body.len();
        let head = format!("{head}\r\ncontent-length: {length}");
        self.set(&head, body, Vec::new());
    }

    /// Answers with this head, and a body that does not end.
    pub fn floods(&self, head: &str) {
        self.set(head, b"", vec![b'a'; 1 << 20]);
    }

    fn set(&self, head: &str, body: &[u8], for_ever: Vec<u8>) {
        let head = format!(
            "HTTP/1.1 {head}\r\naccess-control-allow-origin: *\r\nconnection: close\r\n\r\n"
        );
        let answer = [head.as_bytes(), body].concat();
        *self.says.lock().unwrap_or_else(PoisonError::into_inner) = Says { answer, for_ever };
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, asked: Arc<AtomicUsize>, says: Arc<Mutex<Says>>) {
    while let Ok((caller, _)) = listener.accept().await {
        let (asked, says) = (Arc::clone(&asked), Arc::clone(&says));
        tokio::spawn(async move {
            // Whether somebody hangs up on it makes no difference.
            let _ = answer(caller, &asked, &says).await;
        });
    }
}

async fn answer(mut caller: TcpStream, asked: &AtomicUsize, says: &Mutex<Says>) -> Result<()> {
    let (mut question, mut buffer) = (Vec::new(), [0; 4_096]);
    while memchr::memmem::find(&question, b"\r\n\r\n").is_none() {
        match caller.read(&mut buffer).await? {
            // A browser opens connections that it may not need.
            0 => return Ok(()),
            length => question.extend_from_slice(buffer.get(..length).unwrap_or_default()),
        }
    }
    let says = says.lock().unwrap_or_else(PoisonError::into_inner).clone();
    asked.fetch_add(1, Ordering::SeqCst);
    caller.write_all(&says.answer).await?;
    while !says.for_ever.is_empty() {
        caller.write_all(&says.for_ever).await?;
    }
    Ok(caller.shutdown().await?)
}
