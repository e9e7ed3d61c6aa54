//! What is left where nothing that is stored here can be opened any more.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::identities;
use crate::i18n::t;
use crate::platform::place;

/// Properties of [`DeleteHere`].
#[derive(Properties, PartialEq)]
pub struct DeleteHereProps {
    /// Name of the section.
    pub label: AttrValue,
    /// Why nothing else is left, and what comes after it.
    pub why: AttrValue,
}

/// Deletes what is stored of the identity of this tab, once it is confirmed.
#[component]
pub fn DeleteHere(props: &DeleteHereProps) -> Html {
    let sure = use_state(|| false);
    let onchange = {
        let sure = sure.clone();
        Callback::from(move |_: Event| sure.set(!*sure))
    };
    let delete = {
        let sure = *sure;
        Callback::from(move |_: MouseEvent| {
            if sure {
                spawn_local(identities::delete(place::current()));
            }
        })
    };
    html! {
        <section class="card stack" aria-label={&props.label}>
            <p>{ &props.why }</p>
            <label class="choice">
                <input type="checkbox" checked={*sure} {onchange} data-testid="forgotten-sure" />
                <span>{ t!("lock-forgotten-sure") }</span>
            </label>
            <div class="buttons">
                <button type="button" class="button danger" onclick={delete} aria-disabled={(!*sure).then_some("true")}
                    data-testid="forgotten-delete">{ t!("lock-forgotten-delete") }</button>
            </div>
        </section>
    }
}
