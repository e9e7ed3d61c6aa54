//! Links to places in the application.

use yew::prelude::*;

use crate::context::use_app;
use crate::route::Route;

/// Properties of [`Link`].
#[derive(Properties, PartialEq)]
pub struct LinkProps {
    /// Where it leads.
    pub to: Route,
    /// What is in it.
    #[prop_or_default]
    pub children: Html,
    /// Its classes.
    #[prop_or_default]
    pub class: Classes,
    /// Whether it leads to where the person is.
    #[prop_or_default]
    pub current: bool,
    /// What it is called, where its content does not say it.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    /// Name for tests.
    #[prop_or_default]
    pub testid: Option<AttrValue>,
    /// Number of the contact it stands for.
    #[prop_or_default]
    pub contact: Option<u32>,
    /// Whether the Tab key passes it by, as other keys lead to it.
    #[prop_or_default]
    pub passed: bool,
}

/// A real link: it can be opened in another tab, and a plain click stays in this page.
#[component]
pub fn Link(props: &LinkProps) -> Html {
    let app = use_app();
    let to = props.to.clone();
    let onclick = Callback::from(move |event: MouseEvent| {
        let elsewhere =
            event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
        if !elsewhere && event.button() == 0 {
            event.prevent_default();
            app.nav.go.emit(to.clone());
        }
    });
    html! {
        <a class={props.class.clone()} href={props.to.address()} {onclick}
            tabindex={props.passed.then_some("-1")}
            aria-current={props.current.then_some("page")}
            aria-label={props.label.clone()}
            title={props.label.clone()}
            data-testid={props.testid.clone()}
            data-contact={props.contact.map(|number| number.to_string())}>
            { props.children.clone() }
        </a>
    }
}
