//! Notifications of the system, for as long as a tab lives.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::{get, service};

/// Whether the browser lets this page notify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// It was not asked yet.
    Unasked,
    /// It does.
    Granted,
    /// It does not, and asking again is of no use.
    Denied,
    /// It knows no notifications.
    Missing,
}

/// What the browser said.
pub fn permission() -> Permission {
    let Some(api) = api() else {
        return Permission::Missing;
    };
    let said = get(&api, "permission").and_then(|said| said.as_string());
    match said.as_deref() {
        Some("granted") => Permission::Granted,
        Some("denied") => Permission::Denied,
        _ => Permission::Unasked,
    }
}

/// Asks the person, through the browser.
pub async fn ask() -> Permission {
    let asked = api().and_then(|api| {
        let ask: Function = get(&api, "requestPermission")?.dyn_into().ok()?;
        ask.call0(&api).ok()?.dyn_into::<Promise>().ok()
    });
    if let Some(asked) = asked {
        let _ = JsFuture::from(asked).await;
    }
    permission()
}

/// Shows a notification. One with the same tag takes its place, so that several tabs show one.
pub fn show(title: String, body: String, tag: String, address: String) {
    if permission() != Permission::Granted {
        return;
    }
    spawn_local(async move {
        let options = Object::new();
        let members = [
            ("body", body),
            ("tag", tag),
            ("icon", "/icon-192.png".to_owned()),
            ("data", address.clone()),
        ];
        for (name, value) in members {
            let _ = Reflect::set(&options, &name.into(), &value.into());
        }
        // Phones allow it only this way.
        if let Some(registration) = service::registration().await
            && let Some(show) = get(&registration, "showNotification")
            && let Ok(show) = show.dyn_into::<Function>()
            && show
                .call2(&registration, &title.as_str().into(), &options)
                .is_ok()
        {
            return;
        }
        let Some(api) = api().and_then(|api| api.dyn_into::<Function>().ok()) else {
            return;
        };
        let arguments = Array::of2(&title.into(), &options);
        let Ok(shown) = Reflect::construct(&api, &arguments) else {
            return;
        };
        let clicked = Closure::once_into_js(move || {
            if let Some(window) = web_sys::window() {
                let _ = window.focus();
                let fragment = address.split_once('#').map_or("", |(_, fragment)| fragment);
                let _ = window.location().set_hash(fragment);
            }
        });
        let _ = Reflect::set(&shown, &"onclick".into(), &clicked);
    });
}

/// Takes back those that are shown and whose tag is such a one.
pub fn close(is_such: impl Fn(&str) -> bool + 'static) {
    spawn_local(async move {
        let Some(registration) = service::registration().await else {
            return;
        };
        let shown = get(&registration, "getNotifications").and_then(|list| {
            let list: Function = list.dyn_into().ok()?;
            list.call0(&registration).ok()?.dyn_into::<Promise>().ok()
        });
        let Some(shown) = shown else { return };
        let Ok(shown) = JsFuture::from(shown).await else {
            return;
        };
        for shown in Array::from(&shown).iter() {
            let tag = get(&shown, "tag").and_then(|tag| tag.as_string());
            if tag.is_some_and(|tag| is_such(&tag))
                && let Some(close) = get(&shown, "close")
                && let Ok(close) = close.dyn_into::<Function>()
            {
                let _ = close.call0(&shown);
            }
        }
    });
}

fn api() -> Option<JsValue> {
    get(&js_sys::global(), "Notification")
}
