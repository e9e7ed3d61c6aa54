//! What the process is told by the system.

use super::StartError;

/// What a process may be told.
pub(super) enum Word {
    End,
    Reload,
}

/// Hears what the process is told. It listens before anybody knows that the node runs, so that nothing is lost
/// that comes at once, or while the node does something else.
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: tokio::signal::unix::Signal,
}

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// [`StartError::Runtime`] if signals cannot be heard.
    #[cfg(unix)]
    pub fn hear() -> Result<Self, StartError> {
        use tokio::signal::unix::{SignalKind, signal};
        let hear = |kind| signal(kind).map_err(StartError::Runtime);
        Ok(Self {
            terminate: hear(SignalKind::terminate())?,
            interrupt: hear(SignalKind::interrupt())?,
            hang_up: hear(SignalKind::hangup())?,
        })
    }

    /// Waits to be told to end.
    #[cfg(unix)]
    pub(super) async fn end(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Waits to be told something.
    #[cfg(unix)]
    pub(super) async fn next(&mut self) -> Word {
        tokio::select! {
            _ = self.terminate.recv() => Word::End,
            _ = self.interrupt.recv() => Word::End,
            _ = self.hang_up.recv() => Word::Reload,
        }
    }

    /// Begins to listen.
    ///
    /// # Errors
    /// None here.
    #[cfg(not(unix))]
    pub fn hear() -> Result<Self, StartError> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub(super) async fn end(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }

    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) -> Word {
        self.end().await;
        Word::End
    }
}
