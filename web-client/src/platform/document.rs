//! Title, theme, focus and visibility of the document.

use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement, VisibilityState};

/// Sets what tab and window are called.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Forces a theme (`light` or `dark`), or follows the system with `None`.
pub fn set_theme(theme: Option<&str>) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        let _ = match theme {
            Some(theme) => root.set_attribute("data-theme", theme),
            None => root.remove_attribute("data-theme"),
        };
    }
}

/// Sets an attribute of the whole page, or takes it away.
pub fn set_root(name: &str, value: Option<&str>) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        let _ = match value {
            Some(value) => root.set_attribute(name, value),
            None => root.remove_attribute(name),
        };
    }
}

/// Whether a person can see the page now.
pub fn is_visible() -> bool {
    document().is_some_and(|document| document.visibility_state() == VisibilityState::Visible)
}

/// Moves the focus to the element with this id.
pub fn focus(id: &str) {
    if let Some(element) = by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Moves the focus to the first element that the selector finds, if it finds one.
pub fn focus_first(selector: &str) -> bool {
    let found = document().and_then(|it| it.query_selector(selector).ok().flatten());
    let found = found.and_then(|element| element.dyn_into::<HtmlElement>().ok());
    found.is_some_and(|element| element.focus().is_ok())
}

/// What has the focus, if it is an element or something in it.
pub fn focused_in(element: &Element) -> Option<Element> {
    let focused = document()?.active_element()?;
    element.contains(Some(&focused)).then_some(focused)
}

/// Whether nothing on the page has the focus.
pub fn has_no_focus() -> bool {
    let focused = document().and_then(|document| document.active_element());
    focused.is_none_or(|it| it.tag_name() == "BODY")
}

/// The element with this id.
pub fn by_id(id: &str) -> Option<Element> {
    document()?.get_element_by_id(id)
}

/// Whether the person works with a pointer that hovers: on a phone, focusing a field would raise
/// the keyboard over what they came to read.
pub fn has_fine_pointer() -> bool {
    matches("(hover: hover) and (pointer: fine)")
}

/// The language that the person prefers, as a BCP 47 tag.
pub fn language() -> Option<String> {
    web_sys::window()?.navigator().language()
}

/// Whether a media query holds.
pub fn matches(query: &str) -> bool {
    web_sys::window()
        .and_then(|window| window.match_media(query).ok().flatten())
        .is_some_and(|list| list.matches())
}

/// The document itself, for listeners.
pub fn document() -> Option<Document> {
    web_sys::window()?.document()
}
