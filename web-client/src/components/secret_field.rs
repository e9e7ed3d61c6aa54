//! A field for a secret: hidden unless the person wants to see it, open to pasting and password managers.

use yew::prelude::*;

use super::field::typed;
use super::icon::{Icon, Symbol};
use crate::i18n::t;
use crate::state::phrase;

/// Properties of [`SecretField`].
#[derive(Properties, PartialEq)]
pub struct SecretFieldProps {
    /// Its id.
    pub id: AttrValue,
    /// What it is called.
    pub label: AttrValue,
    /// What is in it.
    pub value: AttrValue,
    /// It was typed in.
    pub on_input: Callback<String>,
    /// What password managers are told: `current-password` or `new-password`.
    #[prop_or_else(|| AttrValue::from("current-password"))]
    pub autocomplete: AttrValue,
    /// What helps to fill it.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// What is wrong with it.
    #[prop_or_default]
    pub wrong: Option<AttrValue>,
    /// Name for tests.
    pub testid: AttrValue,
}

/// The field, with a button that shows what is in it.
#[component]
pub fn SecretField(props: &SecretFieldProps) -> Html {
    let shown = use_state(|| false);
    let oninput = props.on_input.reform(typed);
    let toggle = {
        let shown = shown.clone();
        Callback::from(move |_: MouseEvent| shown.set(!*shown))
    };
    let (hint_id, wrong_id) = (format!("{}-hint", props.id), format!("{}-wrong", props.id));
    let described = format!("{hint_id} {wrong_id}");
    html! {
        <div class="field">
            <label for={props.id.clone()}>{ props.label.clone() }</label>
            <div class="field-row secret-row">
                <input id={props.id.clone()} type={if *shown { "text" } else { "password" }} dir="ltr" value={props.value.clone()}
                    {oninput} autocomplete={props.autocomplete.clone()} autocapitalize="none" spellcheck="false"
                    aria-describedby={described} aria-invalid={props.wrong.is_some().then_some("true")}
                    data-testid={props.testid.clone()} />
                <button type="button" class="icon-button" onclick={toggle} aria-pressed={if *shown { "true" } else { "false" }}
                    aria-label={t!("secret-show")} title={if *shown { t!("secret-hide") } else { t!("secret-show") }}>
                    <Icon symbol={if *shown { Symbol::EyeOff } else { Symbol::Eye }} />
                </button>
            </div>
            if let Some(hint) = &props.hint { <p id={hint_id} class="hint">{ hint.clone() }</p> }
            <div role="alert" id={wrong_id}>
                if let Some(wrong) = &props.wrong { <p class="field-error" data-testid="error">{ wrong.clone() }</p> }
            </div>
        </div>
    }
}

/// Properties of [`PhraseField`].
#[derive(Properties, PartialEq)]
pub struct PhraseFieldProps {
    /// What is in it.
    pub value: AttrValue,
    /// It was typed in.
    pub on_input: Callback<String>,
    /// What is wrong with it.
    #[prop_or_default]
    pub wrong: Option<AttrValue>,
}

/// The field for a recovery phrase; it counts the words.
#[component]
pub fn PhraseField(props: &PhraseFieldProps) -> Html {
    let count = phrase::count(&props.value);
    html! {
        <SecretField id="phrase" label={t!("phrase-field")} value={props.value.clone()} on_input={props.on_input.clone()}
            hint={AttrValue::from(t!("phrase-field-hint", count = count))} wrong={props.wrong.clone()} testid="phrase" />
    }
}
