//! One program for two places: the page mounts the application, the worker starts the engine.

fn main() {
    web_client::run();
}
