//! The ZeChat client that every node serves: a page that shows a projection, and a worker that
//! runs the client's engine. Both come from this one binary.

mod app;
pub mod bridge;
mod components;
mod context;
#[cfg(feature = "gallery")]
mod gallery;
mod hub;
mod i18n;
mod notify;
mod pages;
mod platform;
mod route;
mod state;
mod theme;
mod words;
pub mod worker;

/// What reads the words of others: for the fuzzer, and the test that replays what it found.
pub mod reading {
    pub use crate::platform::location::{Address, inside};
    pub use crate::route::Route;
    pub use crate::state::links::{Piece, is_contact_link, pieces};
    pub use crate::state::person::{clean_name, clean_sign, is_invisible};
    pub use crate::state::rich::{Kind, Rich, read};
}

use wasm_bindgen_futures::spawn_local;

/// Starts what belongs to the place this program was loaded in.
pub fn run() {
    if platform::worker::is_worker() {
        worker::start();
    } else if let Some(place) = platform::document::by_id("app") {
        platform::panic::install();
        spawn_local(async move {
            i18n::load(&place).await;
            mount(place);
        });
    }
}

fn mount(place: web_sys::Element) {
    i18n::announce();
    #[cfg(feature = "gallery")]
    if gallery::mount(&place) {
        return;
    }
    components::identities::arrive();
    let client = bridge::Client::new(bridge::TabEngine::start(platform::place::current()));
    yew::Renderer::<app::App>::with_root_and_props(place, app::AppProps { client }).render();
}
