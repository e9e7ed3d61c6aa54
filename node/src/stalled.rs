//! Connections whose other side takes nothing: whoever asks for a file and does not read it would hold a connection and its
//! memory for ever, answering only that there is no room yet.

use std::net::TcpListener;
use std::time::Duration;

/// How long what was sent may stay without an answer, or without room on the other side.
pub(crate) const AFTER: Duration = Duration::from_secs(60);

/// Ends such connections of all that will be accepted here.
pub(crate) fn end(listener: &TcpListener, after: Duration) -> std::io::Result<()> {
    // Linux hands it on to what is accepted, and counts in it how long a window stays shut (tcp(7)).
    #[cfg(target_os = "linux")]
    {
        let millis = u32::try_from(after.as_millis()).unwrap_or(u32::MAX);
        rustix::net::sockopt::set_tcp_user_timeout(listener, millis)?;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (listener, after);
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::{ErrorKind, Write as _};
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn who_asks_and_does_not_read_is_hung_up_on() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        end(&listener, Duration::from_millis(500)).unwrap();
        let reader = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut connection, _) = listener.accept().unwrap();
        let part = [0; 64 * 1_024];
        let error = loop {
            if let Err(error) = connection.write_all(&part) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
        drop(reader);
    }
}
