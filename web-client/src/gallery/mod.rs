//! Development builds only: every page in every state, without a node.
//!
//! `/?scene=talk#/c/1` shows the application on canned data; `/gallery`, or `/?scene=sheet` from a node, shows the parts
//! and leads to the scenes. None of it is in what is shipped.

mod engine;
mod identity;
mod people;
mod scenes;
mod sheet;
mod talk;

use std::collections::BTreeMap;

use web_sys::Element;

use crate::app::{App, AppProps};
use crate::bridge::Client;
use crate::platform::location;

/// Mounts the gallery or a scene, if the address asks for one.
pub fn mount(place: &Element) -> bool {
    let address = location::current();
    let asked = parameters(&address.href);
    if address.path == "/gallery" || asked.get("scene").is_some_and(|name| name == "sheet") {
        yew::Renderer::<sheet::Sheet>::with_root(place.clone()).render();
        return true;
    }
    let Some(scene) = asked.get("scene").and_then(|name| scenes::scene(name)) else {
        return false;
    };
    let client = Client::new(engine::FakeEngine::new(scene));
    yew::Renderer::<App>::with_root_and_props(place.clone(), AppProps { client }).render();
    true
}

fn parameters(href: &str) -> BTreeMap<String, String> {
    let query = href
        .split('#')
        .next()
        .and_then(|page| page.split_once('?'))
        .map_or("", |(_, query)| query);
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
