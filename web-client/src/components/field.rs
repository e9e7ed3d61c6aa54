//! What is typed into a field goes into the state of what draws it: the library writes the state into the field again
//! whenever it draws, so what is only in the field is lost then.

use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What stands in the field now.
pub fn typed(event: InputEvent) -> String {
    let field = event.target_dyn_into::<HtmlInputElement>();
    field.map(|field| field.value()).unwrap_or_default()
}

/// Writes a text into a state.
pub fn setter(state: &UseStateHandle<String>) -> Callback<String> {
    let state = state.clone();
    Callback::from(move |text| state.set(text))
}
