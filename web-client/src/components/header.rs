//! The head of a place: back, title, and what can be done there.

use std::rc::Rc;

use client_core::request::Request;
use client_core::view::{ContactState, ContactView};
use yew::prelude::*;

use super::avatar::avatar_of;
use super::dialog::Dialog;
use super::icon::{Icon, Symbol};
use super::link::Link;
use super::safety::SafetyDialog;
use crate::context::use_request;
use crate::i18n::t;
use crate::route::Route;
use crate::words;

/// Id of the heading that gets the focus when a place is entered.
pub const HEADING: &str = "place";

/// Properties of [`PlaceHeader`].
#[derive(Properties, PartialEq)]
pub struct PlaceHeaderProps {
    /// What the place is called.
    pub title: AttrValue,
}

/// The head of a place that is no conversation.
#[component]
pub fn PlaceHeader(props: &PlaceHeaderProps) -> Html {
    html! {
        <header class="place-head">
            { back() }
            <h2 id={HEADING} tabindex="-1">{ props.title.clone() }</h2>
        </header>
    }
}

/// Properties of [`ConversationHeader`].
#[derive(Properties, PartialEq)]
pub struct ConversationHeaderProps {
    /// With whom.
    pub contact: ContactView,
}

/// What is open over the conversation.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Nothing,
    Menu,
    Safety,
    Block,
}

enum Change {
    Show(Open),
    /// The menu lost the focus. It also does so when it goes away because something else opens.
    LeaveMenu,
}

impl Reducible for Open {
    type Action = Change;

    fn reduce(self: Rc<Self>, change: Change) -> Rc<Self> {
        match change {
            Change::Show(what) => Rc::new(what),
            Change::LeaveMenu if *self == Self::Menu => Rc::new(Self::Nothing),
            Change::LeaveMenu => self,
        }
    }
}

/// The head of a conversation: who it is, the safety number, and the rest in a menu.
#[component]
pub fn ConversationHeader(props: &ConversationHeaderProps) -> Html {
    let contact = &props.contact;
    let open = use_reducer(|| Open::Nothing);
    let set = |what: Open| {
        let open = open.dispatcher();
        Callback::from(move |()| open.dispatch(Change::Show(what)))
    };
    let leave_menu = {
        let open = open.dispatcher();
        Callback::from(move |()| open.dispatch(Change::LeaveMenu))
    };
    let verifiable = matches!(
        contact.state,
        ContactState::Accepted | ContactState::Blocked
    );
    html! {
        <header class="place-head conversation-head">
            { back() }
            { avatar_of(contact, "") }
            <div class="head-words">
                <h2 id={HEADING} tabindex="-1"><bdi>{ words::name(contact) }</bdi></h2>
                <p class="standing">
                    if contact.state == ContactState::Accepted { <Icon symbol={Symbol::Lock} /> }
                    { words::standing(contact.state) }
                </p>
            </div>
            if verifiable {
                <button type="button" class="icon-button" data-testid="verify" onclick={set(Open::Safety).reform(|_| ())}
                    aria-label={t!("verify")} title={t!("verify")}>
                    <Icon symbol={Symbol::Shield} />
                </button>
            }
            <Menu contact={contact.clone()} is_open={*open == Open::Menu} on_toggle={
                set(if *open == Open::Menu { Open::Nothing } else { Open::Menu })
            } on_close={leave_menu} on_safety={set(Open::Safety)} on_block={set(Open::Block)} />
            { match *open {
                Open::Safety => html! { <SafetyDialog contact={contact.clone()} on_close={set(Open::Nothing)} /> },
                Open::Block => html! { <BlockDialog contact={contact.clone()} on_close={set(Open::Nothing)} /> },
                Open::Nothing | Open::Menu => Html::default(),
            } }
        </header>
    }
}

#[derive(Properties, PartialEq)]
struct MenuProps {
    contact: ContactView,
    is_open: bool,
    on_toggle: Callback<()>,
    on_close: Callback<()>,
    on_safety: Callback<()>,
    on_block: Callback<()>,
}

#[component]
fn Menu(props: &MenuProps) -> Html {
    let request = use_request();
    let node = use_node_ref();
    let onkeydown = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                on_close.emit(());
            }
        })
    };
    let onfocusout = {
        let (node, is_open, on_close) = (node.clone(), props.is_open, props.on_close.clone());
        Callback::from(move |event: FocusEvent| {
            let to = event
                .related_target()
                .and_then(|to| wasm_bindgen::JsCast::dyn_into::<web_sys::Node>(to).ok());
            let inside = node
                .get()
                .is_some_and(|node| node.contains(to.as_ref()) && to.is_some());
            if is_open && !inside {
                on_close.emit(());
            }
        })
    };
    let number = props.contact.number;
    let unblock = {
        let on_close = props.on_close.clone();
        Callback::from(move |_: MouseEvent| {
            on_close.emit(());
            request.emit(Request::Unblock(number));
        })
    };
    html! {
        <div class="menu" ref={node} {onkeydown} {onfocusout}>
            <button type="button" class="icon-button" aria-expanded={if props.is_open { "true" } else { "false" }}
                onclick={props.on_toggle.reform(|_| ())} aria-label={t!("conversation-menu")} title={t!("conversation-menu")}
                data-testid="menu">
                <Icon symbol={Symbol::More} />
            </button>
            if props.is_open {
                <ul class="menu-items">
                    if matches!(props.contact.state, ContactState::Accepted) {
                        <li><button type="button" onclick={props.on_safety.reform(|_| ())}>
                            <Icon symbol={Symbol::Shield} />{ t!("verify") }
                        </button></li>
                    }
                    if props.contact.state == ContactState::Blocked {
                        <li><button type="button" onclick={unblock} data-testid="unblock">
                            <Icon symbol={Symbol::Ban} />{ t!("unblock") }
                        </button></li>
                    } else {
                        <li><button type="button" class="danger" onclick={props.on_block.reform(|_| ())} data-testid="block">
                            <Icon symbol={Symbol::Ban} />{ t!("block") }
                        </button></li>
                    }
                </ul>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct BlockDialogProps {
    contact: ContactView,
    on_close: Callback<()>,
}

#[component]
fn BlockDialog(props: &BlockDialogProps) -> Html {
    let request = use_request();
    let number = props.contact.number;
    let block = {
        let on_close = props.on_close.clone();
        Callback::from(move |_: MouseEvent| {
            on_close.emit(());
            request.emit(Request::Block(number));
        })
    };
    html! {
        <Dialog title={t!("block-title", name = words::name(&props.contact))} on_close={props.on_close.clone()}>
            <p>{ t!("block-explained") }</p>
            <div class="buttons end">
                <button type="button" class="button" onclick={props.on_close.reform(|_| ())}>{ t!("cancel") }</button>
                <button type="button" class="button danger" onclick={block} data-testid="block-really">{ t!("block-really") }</button>
            </div>
        </Dialog>
    }
}

fn back() -> Html {
    html! {
        <Link to={Route::Home} class="icon-button back" label={t!("back")} testid="back">
            <Icon symbol={Symbol::Back} />
        </Link>
    }
}
