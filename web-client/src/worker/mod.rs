//! The worker: runs the engine for all tabs while it holds the Web Lock.

/// Starts the worker's side of the program.
pub fn start() {}
