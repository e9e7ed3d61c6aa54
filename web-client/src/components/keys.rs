//! The keys that lead through the conversations, and through the messages of one, and do something with the message that has the focus.

use std::rc::Rc;

use client_core::view::{BodyView, EntryView};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::{Callback, KeyboardEvent};

use super::shortcuts::are_on;
use crate::state::desk::Act;
use crate::state::thread::Thread;

/// What of a conversation the keys lead to.
const ROWS: &str = "[data-position]";

/// A key was pressed on the list or in it; whether it led somewhere, or did something.
pub fn pressed(
    event: &KeyboardEvent,
    list: &Element,
    thread: &Thread,
    on_act: &Callback<Act>,
) -> bool {
    let Some(target) = target_of(event) else {
        return false;
    };
    let key = event.key();
    let on_row = target.has_attribute("data-position");
    let done = match key.as_str() {
        "ArrowUp" if target.is_same_node(Some(list)) => step(list, ROWS, None, Step::Up),
        key if on_row => {
            // Who has switched single keys off still has those that are no letters.
            lead(key, list, ROWS, &target)
                || ((key.len() > 1 || are_on()) && act(key, &target, thread, on_act))
        }
        _ => false,
    };
    if done {
        event.prevent_default();
    }
    done
}

/// A key was pressed on one of the links of a list that the Tab key passes in one step.
pub fn pressed_on_link(event: &KeyboardEvent, list: &Element) {
    if target_of(event).is_some_and(|target| lead(&event.key(), list, "a", &target)) {
        event.prevent_default();
    }
}

/// What has the focus, if no other key is held.
fn target_of(event: &KeyboardEvent) -> Option<HtmlElement> {
    let modified = event.ctrl_key() || event.alt_key() || event.meta_key();
    let target = event.target().filter(|_| !modified)?;
    target.dyn_into().ok()
}

enum Step {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
}

/// Moves the focus from one row to where the key leads, if it leads anywhere.
fn lead(key: &str, list: &Element, rows: &str, from: &HtmlElement) -> bool {
    match key {
        "ArrowUp" => step(list, rows, Some(from), Step::Up),
        "ArrowDown" => step(list, rows, Some(from), Step::Down),
        "Home" => step(list, rows, None, Step::First),
        "End" => step(list, rows, None, Step::Up),
        "PageUp" => step(list, rows, Some(from), Step::PageUp),
        "PageDown" => step(list, rows, Some(from), Step::PageDown),
        _ => false,
    }
}

/// Moves the focus to another row; without one to start from, to the last.
fn step(list: &Element, rows: &str, from: Option<&HtmlElement>, step: Step) -> bool {
    let Ok(all) = list.query_selector_all(rows) else {
        return false;
    };
    let rows: Vec<HtmlElement> = (0..all.length())
        .filter_map(|index| all.item(index)?.dyn_into().ok())
        .collect();
    let at = from.and_then(|from| rows.iter().position(|row| row == from));
    let to = match (step, at) {
        (Step::First, _) => rows.first(),
        (Step::Up, None) => rows.last(),
        (_, None) => None,
        (Step::Up, Some(at)) => at.checked_sub(1).and_then(|at| rows.get(at)),
        (Step::Down, Some(at)) => rows.get(at.saturating_add(1)),
        (Step::PageUp, Some(at)) => rows.get(..at).and_then(|above| {
            let far = above.iter().find(|row| is_within_a_page(list, from, row));
            far.or(above.last())
        }),
        (Step::PageDown, Some(at)) => rows.get(at.saturating_add(1)..).and_then(|below| {
            let mut far = below.iter().rev();
            let far = far.find(|row| is_within_a_page(list, from, row));
            far.or(below.first())
        }),
    };
    if let Some(row) = to {
        let _ = row.focus();
    }
    to.is_some()
}

/// Whether two rows begin no further apart than the list is high.
fn is_within_a_page(list: &Element, from: Option<&HtmlElement>, row: &HtmlElement) -> bool {
    let top = |row: &HtmlElement| row.get_bounding_client_rect().top();
    let page = f64::from(list.client_height());
    from.is_some_and(|from| (top(from) - top(row)).abs() <= page)
}

fn act(key: &str, row: &HtmlElement, thread: &Thread, on_act: &Callback<Act>) -> bool {
    let position = row
        .get_attribute("data-position")
        .and_then(|position| position.parse().ok());
    let Some(entry) = position.and_then(|position| thread.find(position)) else {
        return false;
    };
    let Some(act) = act_of(key, entry.clone()) else {
        return false;
    };
    on_act.emit(act);
    true
}

/// What a key does to a message.
fn act_of(key: &str, entry: Rc<EntryView>) -> Option<Act> {
    let BodyView::Text(text) = &entry.body else {
        return (key == "Enter" && entry.body == BodyView::Deleted).then_some(Act::Options(entry));
    };
    match key {
        "Enter" | "ContextMenu" => Some(Act::Options(entry)),
        "r" => Some(Act::Reply(entry)),
        "e" if entry.mine => Some(Act::Edit(entry)),
        "c" => Some(Act::Copy(text.clone())),
        "i" => Some(Act::Info(entry)),
        "+" => Some(Act::PickSign(entry)),
        "Delete" => Some(Act::Delete(entry)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use client_core::view::EntryMarks;
    use shared_crypto::id::MessageId;

    use super::*;

    fn entry(mine: bool, body: BodyView) -> Rc<EntryView> {
        Rc::new(EntryView {
            position: 1,
            id: MessageId::from_bytes([0; 16]),
            mine,
            sent_at: 0,
            stored_at: 0,
            body,
            delivery: None,
            marks: EntryMarks::default(),
        })
    }

    #[test]
    fn only_own_texts_can_be_changed_and_remarks_not_at_all() {
        let text = || BodyView::Text("hi".into());
        assert!(matches!(
            act_of("e", entry(true, text())),
            Some(Act::Edit(_))
        ));
        assert_eq!(act_of("e", entry(false, text())), None);
        for key in ["r", "e", "c", "i", "+", "Delete", "Enter"] {
            assert_eq!(act_of(key, entry(true, BodyView::Connected)), None);
        }
        assert!(act_of("Enter", entry(false, text())).is_some());
    }
}
