//! The load's side of HTTP and WebSocket, as thin as can be: what it costs is taken from the same
//! processors as what is measured.

use anyhow::{Context as _, Result, bail};
use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// One connection that is kept.
pub struct Http {
    stream: TcpStream,
    buffer: BytesMut,
    address: String,
}

impl Http {
    pub async fn connect(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: BytesMut::new(),
            address: address.to_owned(),
        })
    }

    pub async fn get(&mut self, path: &str) -> Result<(u16, Bytes)> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        self.stream.write_all(head.as_bytes()).await?;
        self.answer().await
    }

    pub async fn put(&mut self, path: &str, body: &[u8]) -> Result<u16> {
        let mut request = BytesMut::with_capacity(body.len().saturating_add(256));
        let head = format!(
            "PUT {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        request.extend_from_slice(head.as_bytes());
        request.extend_from_slice(body);
        self.stream.write_all(&request).await?;
        Ok(self.answer().await?.0)
    }

    async fn answer(&mut self) -> Result<(u16, Bytes)> {
        let end = loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end.saturating_add(4);
            }
            self.read().await?;
        };
        let head = String::from_utf8_lossy(&self.buffer.split_to(end)).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|text| text.parse().ok());
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0);
        while self.buffer.len() < length {
            self.read().await?;
        }
        let body = self.buffer.split_to(length).freeze();
        Ok((status.context("a status")?, body))
    }

    async fn read(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server has closed the connection");
        }
        Ok(())
    }
}

/// What comes on a socket.
pub enum Frame {
    Text(String),
    Binary(Bytes),
}

/// A WebSocket. Frames are masked with zeros, so that masking costs nothing here.
pub struct Socket {
    stream: TcpStream,
    buffer: BytesMut,
}

const HANDSHAKE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: zechat.v1\r\n\r\n";

impl Socket {
    pub async fn open(address: &str, path: &str) -> Result<Self> {
        let mut http = Http::connect(address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{HANDSHAKE}");
        http.stream.write_all(request.as_bytes()).await?;
        let (status, _) = http.answer().await?;
        if status != 101 {
            bail!("no socket: {status}");
        }
        Ok(Self {
            stream: http.stream,
            buffer: http.buffer,
        })
    }

    pub async fn send_text(&mut self, text: &str) -> Result<()> {
        Ok(self.stream.write_all(&frame(1, text.as_bytes())).await?)
    }

    /// Sends frames that were made before.
    pub async fn send(&mut self, frames: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(frames).await?)
    }

    pub async fn text(&mut self) -> Result<String> {
        match self.frame().await? {
            Frame::Text(text) => Ok(text),
            Frame::Binary(_) => bail!("bytes instead of text"),
        }
    }

    pub async fn frame(&mut self) -> Result<Frame> {
        loop {
            if let Some(frame) = self.buffered()? {
                return Ok(frame);
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the server has closed the socket");
            }
        }
    }

    /// A frame that has come already.
    pub fn buffered(&mut self) -> Result<Option<Frame>> {
        loop {
            let (Some(first), Some(second)) = (self.buffer.first(), self.buffer.get(1)) else {
                return Ok(None);
            };
            let kind = first & 15;
            let (start, length) = match second & 127 {
                126 => {
                    let Some(bytes) = self.buffer.get(2..4) else {
                        return Ok(None);
                    };
                    (4, usize::from(u16::from_be_bytes(bytes.try_into()?)))
                }
                127 => {
                    let Some(bytes) = self.buffer.get(2..10) else {
                        return Ok(None);
                    };
                    (10, usize::try_from(u64::from_be_bytes(bytes.try_into()?))?)
                }
                short => (2, usize::from(short)),
            };
            if self.buffer.len() < length.saturating_add(start) {
                return Ok(None);
            }
            self.buffer.advance(start);
            let payload = self.buffer.split_to(length).freeze();
            match kind {
                1 => return Ok(Some(Frame::Text(String::from_utf8(payload.to_vec())?))),
                2 => return Ok(Some(Frame::Binary(payload))),
                8 => bail!("the server closes: {:?}", payload.get(2..)),
                _ => {} // pings need no answer within a measurement
            }
        }
    }
}

/// A frame from a client.
pub fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(payload.len().saturating_add(14));
    frame.push(0x80 | kind);
    match u16::try_from(payload.len()) {
        Ok(short) if short < 126 => frame.push(0x80 | u8::try_from(short).unwrap_or(0)),
        Ok(middle) => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&middle.to_be_bytes());
        }
        Err(_) => {
            frame.push(0x80 | 127);
            let length = u64::try_from(payload.len()).unwrap_or(u64::MAX);
            frame.extend_from_slice(&length.to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}
