//! The ZeChat client that every node serves: a page that shows a projection, and a worker that
//! runs the client's engine. Both come from this one binary.

pub mod bridge;
mod platform;
mod state;
pub mod worker;

/// Starts what belongs to the place this program was loaded in.
pub fn run() {
    if platform::worker::is_worker() {
        worker::start();
    }
}
