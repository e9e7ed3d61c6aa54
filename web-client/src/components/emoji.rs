//! Choosing a sign, with the pointer or the arrow keys.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::i18n::t;
use crate::state::emoji::GROUPS;

/// Properties of [`EmojiPicker`].
#[derive(Properties, PartialEq)]
pub struct EmojiPickerProps {
    /// A sign was chosen.
    pub on_pick: Callback<String>,
    /// None is wanted. In a dialog, which goes by itself, nobody needs to hear it.
    #[prop_or_default]
    pub on_leave: Callback<()>,
}

/// All signs. One of them is in the order of the Tab key; the arrow keys lead to the others.
#[component]
pub fn EmojiPicker(props: &EmojiPickerProps) -> Html {
    let on_leave = props.on_leave.clone();
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            on_leave.emit(());
        }
        let Some(from) = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlElement>().ok())
        else {
            return;
        };
        let rtl = from.matches(":dir(rtl)").unwrap_or_default();
        let step = match event.key().as_str() {
            "ArrowRight" => Some(!rtl),
            "ArrowLeft" => Some(rtl),
            "ArrowDown" => Some(true),
            "ArrowUp" => Some(false),
            _ => None,
        };
        let rows = matches!(event.key().as_str(), "ArrowDown" | "ArrowUp");
        if let Some(forward) = step {
            event.prevent_default();
            move_focus(&from, forward, rows);
        }
    });
    let mut first = true;
    let mut button = |sign: &'static str| {
        let tabindex = if core::mem::take(&mut first) {
            "0"
        } else {
            "-1"
        };
        html! {
            <button type="button" class="emoji" {tabindex} onclick={props.on_pick.reform(move |_| sign.to_owned())}
                data-testid="emoji">{ sign }</button>
        }
    };
    html! {
        <div class="emoji-picker" role="group" aria-label={t!("emoji-choose")} {onkeydown}>
            for group in GROUPS {
                <div class="emoji-group">
                    { group.iter().map(|sign| button(sign)).collect::<Html>() }
                </div>
            }
        </div>
    }
}

/// Moves to the next sign in the direction, or to the nearest one in the next row.
fn move_focus(from: &HtmlElement, forward: bool, rows: bool) {
    let Some(picker) = from.closest(".emoji-picker").ok().flatten() else {
        return;
    };
    let Ok(all) = picker.query_selector_all(".emoji") else {
        return;
    };
    let signs: Vec<HtmlElement> = (0..all.length())
        .filter_map(|index| all.item(index)?.dyn_into().ok())
        .collect();
    let Some(at) = signs.iter().position(|sign| sign == from) else {
        return;
    };
    let (x, y) = (from.offset_left(), from.offset_top());
    let beyond: Vec<&HtmlElement> = if forward {
        signs.iter().skip(at.saturating_add(1)).collect()
    } else {
        signs.iter().take(at).rev().collect()
    };
    let mut next = beyond.first().copied();
    if rows {
        let row = beyond
            .iter()
            .map(|sign| sign.offset_top())
            .find(|top| *top != y);
        let in_row = beyond.iter().filter(|sign| Some(sign.offset_top()) == row);
        next = in_row
            .min_by_key(|sign| sign.offset_left().abs_diff(x))
            .copied();
    }
    if let Some(next) = next {
        let _ = next.focus();
    }
}
