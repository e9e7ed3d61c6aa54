//! What is typed into a field goes into the state of what draws it: the library writes the state into the field again
//! whenever it draws, so what is only in the field is lost then.

use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What stands in the field now.
pub fn typed(event: InputEvent) -> String {
    let field = event.target_dyn_into::<HtmlInputElement>();
    field.map(|field| field.value()).unwrap_or_default()
}

/// Whether a key belongs to a word that is being composed from several: it chooses among what is offered, or drops it. Some
/// browsers say so only by the code.
pub fn composes(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}

/// Whether something has been so since it was first drawn. A part of a form that was opened for what is in it stays open:
/// to close it under somebody who empties the field takes the field away.
#[hook]
pub fn use_ever(is_so: bool) -> bool {
    let was_so = use_mut_ref(|| false);
    let is_or_was = is_so || *was_so.borrow();
    was_so.replace(is_or_was);
    is_or_was
}

/// Writes a text into a state.
pub fn setter(state: &UseStateHandle<String>) -> Callback<String> {
    let state = state.clone();
    Callback::from(move |text| state.set(text))
}
