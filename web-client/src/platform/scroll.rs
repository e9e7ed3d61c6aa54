//! Measuring and moving what scrolls, and letting a text field grow.

use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, HtmlTextAreaElement, ResizeObserver};

/// How far from the end still counts as being there, in CSS pixels.
const NEAR_END: i32 = 64;

/// Whether the end is in view.
pub fn is_at_end(element: &Element) -> bool {
    is_within(element, 0)
}

/// Goes to the end at once.
pub fn to_end(element: &Element) {
    element.set_scroll_top(element.scroll_height());
}

/// Brings `child` near the top of `element`, with some of what is before it.
pub fn to_child(element: &Element, child: &HtmlElement) {
    element.set_scroll_top(child.offset_top() - element.client_height() / 4);
}

/// Whether the end is no further away than `distance` more than what counts as being there.
pub fn is_within(element: &Element, distance: i32) -> bool {
    element.scroll_height() - element.scroll_top() - element.client_height() <= NEAR_END + distance
}

/// Whether half of `child` is in view, or as much as fills half of `element`.
pub fn is_in_view(element: &Element, child: &HtmlElement) -> bool {
    let (top, height) = (element.scroll_top(), element.client_height());
    let (begins, tall) = (child.offset_top(), child.offset_height());
    let shown = (begins + tall).min(top + height) - begins.max(top);
    shown > 0 && shown * 2 >= tall.min(height)
}

/// Makes a text field as tall as its text; the style sheet sets the limits.
pub fn fit(field: &HtmlTextAreaElement) {
    let style = field.style();
    let _ = style.set_property("block-size", "auto");
    let borders = field.offset_height() - field.client_height();
    let height = field.scroll_height() + borders;
    let _ = style.set_property("block-size", &format!("{height}px"));
}

/// Calls back whenever an element's size changes, until dropped.
pub struct SizeWatch {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl SizeWatch {
    /// Starts watching.
    pub fn start(element: &Element, changed: impl FnMut() + 'static) -> Option<Self> {
        let callback = Closure::new(changed);
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self {
            observer,
            _callback: callback,
        })
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
