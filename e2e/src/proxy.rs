//! A proxy before a node that remembers every byte. A node's public address is its proxy's, so that
//! browsers and other nodes all come through it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A listening proxy; ends when dropped.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    target: Arc<AtomicU16>,
    connections: Arc<Mutex<Vec<Arc<Connection>>>>,
    task: JoinHandle<()>,
}

/// What went through one connection.
#[derive(Debug, Default)]
pub struct Connection {
    to_node: Mutex<Vec<u8>>,
    from_node: Mutex<Vec<u8>>,
}

/// Who opened a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// A browser.
    Browser,
    /// Another node.
    Node,
}

impl Proxy {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let target = Arc::new(AtomicU16::new(0));
        let connections = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(accept(
            listener,
            Arc::clone(&target),
            Arc::clone(&connections),
        ));
        Ok(Self {
            port,
            target,
            connections,
            task,
        })
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where connections go from now on.
    pub fn lead_to(&self, port: u16) {
        self.target.store(port, Ordering::SeqCst);
    }

    /// Hangs up on everybody from now on: the port of a node that has ended may soon be somebody else's.
    pub fn lead_nowhere(&self) {
        self.lead_to(0);
    }

    /// What went through, for one kind of caller.
    pub fn recorded(&self, caller: Caller) -> Vec<Arc<Connection>> {
        let connections = locked(&self.connections);
        connections
            .iter()
            .filter(|it| it.caller() == caller)
            .cloned()
            .collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connection {
    /// Who opened it. Browsers name themselves as Mozilla since 1994; our nodes do not.
    pub fn caller(&self) -> Caller {
        let to_node = locked(&self.to_node);
        let head = head_of(&to_node).unwrap_or(&to_node);
        if memchr::memmem::find(head, b"Mozilla/").is_some() {
            Caller::Browser
        } else {
            Caller::Node
        }
    }

    /// Every byte of both directions, and what frames of a browser say under their mask.
    pub fn bytes(&self) -> Vec<u8> {
        let to_node = locked(&self.to_node);
        let from_node = locked(&self.from_node);
        let mut bytes = to_node.clone();
        bytes.push(0);
        bytes.extend_from_slice(&from_node);
        bytes.push(0);
        bytes.extend_from_slice(&unmasked(&to_node));
        bytes
    }

    /// What the node said, if the connection became a socket: each frame's opcode (RFC 6455 §5.2) and payload.
    pub fn said(&self) -> Vec<(u8, Vec<u8>)> {
        frames(&locked(&self.from_node))
    }

    /// Whether what went through was compressed, so that a search would find nothing. Files of the
    /// client may be.
    pub fn is_compressed_socket(&self) -> bool {
        let from_node = locked(&self.from_node);
        let head = head_of(&from_node).unwrap_or_default().to_ascii_lowercase();
        memchr::memmem::find(&head, b"sec-websocket-extensions").is_some()
    }
}

async fn accept(
    listener: TcpListener,
    target: Arc<AtomicU16>,
    connections: Arc<Mutex<Vec<Arc<Connection>>>>,
) {
    while let Ok((client, _)) = listener.accept().await {
        let port = target.load(Ordering::SeqCst);
        let connection = Arc::new(Connection::default());
        locked(&connections).push(Arc::clone(&connection));
        tokio::spawn(async move {
            let node = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            // Without a node the caller is hung up on, as if nobody listened.
            if let Ok(node) = TcpStream::connect(node).await {
                relay(client, node, &connection).await;
            }
        });
    }
}

async fn relay(client: TcpStream, node: TcpStream, connection: &Connection) {
    let _ = client.set_nodelay(true);
    let _ = node.set_nodelay(true);
    let (from_client, to_client) = client.into_split();
    let (from_node, to_node) = node.into_split();
    tokio::join!(
        copy(from_client, to_node, &connection.to_node),
        copy(from_node, to_client, &connection.from_node),
    );
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    record: &Mutex<Vec<u8>>,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut buffer).await {
        let Some(bytes) = buffer.get(..length).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        locked(record).extend_from_slice(bytes);
        if to.write_all(bytes).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

fn head_of(bytes: &[u8]) -> Option<&[u8]> {
    let end = memchr::memmem::find(bytes, b"\r\n\r\n")?;
    bytes.get(..end)
}

/// The payloads of a browser's frames, if the connection became a socket.
fn unmasked(to_node: &[u8]) -> Vec<u8> {
    let frames = frames(to_node).into_iter();
    frames.flat_map(|(_, payload)| payload).collect()
}

/// The WebSocket frames of one direction (RFC 6455 §5.2), if the connection became a socket: opcodes and payloads.
fn frames(bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    let Some(head) = head_of(bytes) else {
        return frames;
    };
    let lower = head.to_ascii_lowercase();
    if memchr::memmem::find(&lower, b"upgrade: websocket").is_none() {
        return frames;
    }
    let mut rest = bytes
        .get(head.len().saturating_add(4)..)
        .unwrap_or_default();
    while let Some((opcode, payload, after)) = frame(rest) {
        frames.push((opcode, payload));
        rest = after;
    }
    frames
}

fn frame(bytes: &[u8]) -> Option<(u8, Vec<u8>, &[u8])> {
    let ([first, second], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match second & 0x7f {
        126 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (u64::from(u16::from_be_bytes(*length)), rest)
        }
        127 => {
            let (length, rest) = rest.split_first_chunk::<8>()?;
            (u64::from_be_bytes(*length), rest)
        }
        short => (u64::from(short), rest),
    };
    // Only browsers mask what they say.
    let (mask, rest) = match second & 0x80 {
        0 => (&[0; 4], rest),
        _ => rest.split_first_chunk::<4>()?,
    };
    let (payload, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    let plain = payload
        .iter()
        .zip(mask.iter().cycle())
        .map(|(byte, mask)| byte ^ mask)
        .collect();
    Some((first & 0x0f, plain, rest))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_frame_is_read() {
        // RFC 6455 §5.7: "Hello", masked.
        let hello = [
            0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
        ];
        let mut bytes = b"GET /v1/live HTTP/1.1\r\nUpgrade: websocket\r\n\r\n".to_vec();
        bytes.extend_from_slice(&hello);
        bytes.extend_from_slice(&hello);
        assert_eq!(unmasked(&bytes), b"HelloHello");
        assert!(unmasked(b"GET / HTTP/1.1\r\n\r\nxx").is_empty());
    }

    #[test]
    fn frames_of_a_node_are_read() {
        // RFC 6455 §5.7: "Hello", as it is.
        let mut bytes = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n".to_vec();
        bytes.extend_from_slice(b"\x81\x05Hello\x82\x02\x00\xff\x82\x05cut");
        assert_eq!(frames(&bytes), [(1, b"Hello".to_vec()), (2, vec![0, 0xff])]);
    }

    #[tokio::test]
    async fn what_goes_through_is_remembered() -> Result<()> {
        let node = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let proxy = Proxy::start().await?;
        proxy.lead_to(node.local_addr()?.port());
        let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).await?;
        client
            .write_all(b"GET / HTTP/1.1\r\nUser-Agent: Mozilla/5.0\r\n\r\n")
            .await?;
        let (mut served, _) = node.accept().await?;
        let mut buffer = [0; 256];
        assert!(served.read(&mut buffer).await? > 0);
        served.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await?;
        assert!(client.read(&mut buffer).await? > 0);
        let recorded = proxy.recorded(Caller::Browser);
        assert_eq!(recorded.len(), 1);
        assert!(memchr::memmem::find(&recorded[0].bytes(), b"204 No Content").is_some());
        assert!(proxy.recorded(Caller::Node).is_empty());
        Ok(())
    }
}
