//! A real WebSocket round trip: the handshake, the node's challenge, a ping and its answer.

use std::time::Duration;

use data_encoding::BASE64;
use shared_crypto::id::NodeFingerprint;
use shared_crypto::live::{NodeFrame, SUBPROTOCOL};
use shared_crypto::node_url::NodeUrl;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use zechat_node::random;

const PATIENCE: Duration = Duration::from_secs(15);

/// A challenge has a few hundred bytes.
const MAX_FRAME: usize = 4_096;

const TEXT: u8 = 1;
const PING: u8 = 9;
const PONG: u8 = 10;

/// Opens a socket as a browser would, through whatever lies between.
pub(super) async fn websocket(
    client: &reqwest::Client,
    url: &NodeUrl,
    fingerprint: NodeFingerprint,
) -> Result<String, String> {
    match tokio::time::timeout(PATIENCE, round_trip(client, url, fingerprint)).await {
        Ok(result) => result,
        Err(_) => {
            Err("the socket opened, but nothing came: the proxy may hold frames back".to_owned())
        }
    }
}

async fn round_trip(
    client: &reqwest::Client,
    url: &NodeUrl,
    fingerprint: NodeFingerprint,
) -> Result<String, String> {
    let key: [u8; 16] = random::bytes();
    let response = client
        .get(format!("{url}/v1/live"))
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", BASE64.encode(&key))
        .header("sec-websocket-protocol", SUBPROTOCOL)
        .header("origin", url.to_string())
        .send()
        .await
        .map_err(|error| error.to_string())?;
    if response.status() != reqwest::StatusCode::SWITCHING_PROTOCOLS {
        return Err(format!(
            "/v1/live answers {} instead of opening a WebSocket: let the proxy pass the headers \
             Upgrade and Connection on",
            response.status()
        ));
    }
    let mut stream = response
        .upgrade()
        .await
        .map_err(|error| error.to_string())?;
    let io = |error: std::io::Error| format!("the socket broke: {error}");
    let (kind, challenge) = read(&mut stream).await.map_err(io)?;
    let text = String::from_utf8(challenge).unwrap_or_default();
    match NodeFrame::parse(&text) {
        Ok(NodeFrame::Challenge {
            fingerprint: theirs,
            ..
        }) if kind == TEXT && theirs == fingerprint => {}
        _ => return Err("the socket is not that of this node".to_owned()),
    }
    let payload: [u8; 4] = random::bytes();
    write_ping(&mut stream, payload).await.map_err(io)?;
    loop {
        let (kind, bytes) = read(&mut stream).await.map_err(io)?;
        if kind == PONG && bytes == payload {
            return Ok(format!("{url}/v1/live: challenge, ping and pong"));
        }
    }
}

/// One short frame of a server.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<(u8, Vec<u8>)> {
    let [kind, length] = [stream.read_u8().await?, stream.read_u8().await?];
    let length = match length {
        126 => usize::from(stream.read_u16().await?),
        short @ ..126 => usize::from(short),
        _ => MAX_FRAME.saturating_add(1),
    };
    if length > MAX_FRAME {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await?;
    Ok((kind & 0x0f, bytes))
}

/// What a client sends is masked.
async fn write_ping(
    stream: &mut (impl AsyncWrite + Unpin),
    payload: [u8; 4],
) -> std::io::Result<()> {
    let mask: [u8; 4] = random::bytes();
    let mut frame = vec![0x80 | PING, 0x80 | 4];
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask).map(|(byte, mask)| byte ^ mask));
    stream.write_all(&frame).await?;
    stream.flush().await
}
