//! Connections whose other side takes nothing: whoever asks for a file and does not read it would hold a connection and its
//! memory for ever, answering only that there is no room yet.

use std::net::TcpListener;
use std::time::Duration;

/// Ends such connections of all that will be accepted here: whose other side leaves what was sent without an answer, or
/// has no room for it, for so long.
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
