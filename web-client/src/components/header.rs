//! The head of a place: back, title, and what can be done there.

use std::rc::Rc;

use client_core::request::{Request, Talk};
use client_core::view::{
    ContactState, ContactView, ConversationMarks, Millis, Position, VerificationView,
};
use web_sys::Element;
use yew::prelude::*;

use super::avatar::avatar_of;
use super::contact_dialogs::{NameDialog, Sure, SureDialog, own_name};
use super::icon::{Icon, Symbol};
use super::link::Link;
use super::safety::SafetyDialog;
use super::timer::TimerDialog;
use crate::context::{use_app, use_request};
use crate::i18n::t;
use crate::platform::document;
use crate::platform::time::now;
use crate::route::Route;
use crate::state::app::is_muted;
use crate::words;

/// How long 'for now' is.
const MUTE_HOURS: Millis = 8 * 3_600_000;

/// Id of the heading that gets the focus when a place is entered.
pub const HEADING: &str = "place";

/// Id of the button that opens the menu.
const MENU: &str = "conversation-menu";

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
    /// What was set for the conversation, when there is one already.
    #[prop_or_default]
    pub marks: Option<ConversationMarks>,
    /// The place of its last entry.
    #[prop_or_default]
    pub last: Option<Position>,
}

/// What is open over the conversation.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Nothing,
    Menu,
    Safety,
    Timer,
    Name,
    Clear,
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
    let marks = props.marks.unwrap_or_default();
    let open = use_reducer(|| Open::Nothing);
    let set = |what: Open| {
        let open = open.dispatcher();
        Callback::from(move |()| open.dispatch(Change::Show(what)))
    };
    let leave_menu = {
        let open = open.dispatcher();
        Callback::from(move |()| open.dispatch(Change::LeaveMenu))
    };
    let open_dialog = {
        let open = open.dispatcher();
        Callback::from(move |what| open.dispatch(Change::Show(what)))
    };
    let on_close = set(Open::Nothing);
    let sure = |what: Sure| {
        let on_close = on_close.clone();
        html! { <SureDialog contact={contact.clone()} {what} {on_close} /> }
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
                <p class="standing" data-testid="standing">
                    if marks.typing {
                        { t!("is-typing") }
                    } else {
                        if contact.state == ContactState::Accepted { <Icon symbol={Symbol::Lock} /> }
                        <span>{ words::standing(contact.state) }</span>
                        { own_name(contact) }
                        if let Some(seconds) = marks.timer {
                            <span class="with-icon" title={words::timer_changed(seconds)}><Icon symbol={Symbol::Timer} />{ words::lifetime(seconds) }</span>
                        }
                    }
                </p>
            </div>
            if verifiable {
                { verify(contact.verification, set(Open::Safety)) }
            }
            <Menu contact={contact.clone()} marks={props.marks} has_entries={props.last.is_some()} is_open={*open == Open::Menu}
                on_toggle={set(if *open == Open::Menu { Open::Nothing } else { Open::Menu })} on_close={leave_menu}
                on_open={open_dialog} />
            { match *open {
                Open::Safety => html! { <SafetyDialog contact={contact.clone()} {on_close} /> },
                Open::Timer => html! { <TimerDialog contact={contact.number} seconds={marks.timer.unwrap_or_default()} {on_close} /> },
                Open::Name => html! { <NameDialog contact={contact.clone()} {on_close} /> },
                Open::Clear => props.last.map(Sure::Clear).map(sure).unwrap_or_default(),
                Open::Block => sure(Sure::Block),
                Open::Nothing | Open::Menu => Html::default(),
            } }
        </header>
    }
}

/// Leads to the safety number, and tells whether it was compared.
fn verify(verification: VerificationView, on_safety: Callback<()>) -> Html {
    let (symbol, class, label) = match verification {
        VerificationView::Unverified => (Symbol::Shield, "", t!("verify")),
        VerificationView::Verified => (Symbol::Verified, "verified", t!("verified")),
        VerificationView::KeyChanged => (Symbol::Warning, "changed", t!("verified-no-more")),
    };
    html! {
        <button type="button" class={classes!("icon-button", "verification", class)} data-testid="verify"
            data-state={class} onclick={on_safety.reform(|_| ())} aria-label={label.clone()} title={label}>
            <Icon {symbol} />
        </button>
    }
}

#[derive(Properties, PartialEq)]
struct MenuProps {
    contact: ContactView,
    marks: Option<ConversationMarks>,
    is_open: bool,
    on_toggle: Callback<()>,
    on_close: Callback<()>,
    on_open: Callback<Open>,
    has_entries: bool,
}

#[component]
fn Menu(props: &MenuProps) -> Html {
    let app = use_app();
    let request = use_request();
    let node = use_node_ref();
    // What had the focus in the menu goes with it. Some browsers give none to what is clicked.
    let leave = {
        let node = node.clone();
        Callback::from(move |()| {
            let node = node.cast::<Element>();
            if node.and_then(|it| document::focused_in(&it)).is_some() {
                document::focus(MENU);
            }
        })
    };
    let onkeydown = {
        let (leave, on_close) = (leave.clone(), props.on_close.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                leave.emit(());
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
    let contact = &props.contact;
    let number = contact.number;
    let me = app.view().me.clone();
    let tells = |marks: ConversationMarks| {
        let general = me.as_ref().is_some_and(|me| me.receipts || me.typing);
        marks.tells.unwrap_or(general)
    };
    let talk = |what: Talk| {
        let (leave, on_close, request) = (leave.clone(), props.on_close.clone(), request.clone());
        Callback::from(move |_: MouseEvent| {
            let (contact, what) = (number, what.clone());
            leave.emit(());
            on_close.emit(());
            request.emit(Request::Talk { contact, what });
        })
    };
    let item = |symbol: Symbol, label: String, testid: &'static str, what: Talk| {
        html! { <li><button type="button" onclick={talk(what)} data-testid={testid}><Icon {symbol} />{ label }</button></li> }
    };
    let opens = |symbol: Symbol,
                 class: Option<&'static str>,
                 label: String,
                 testid: &'static str,
                 what: Open| {
        let leave = leave.clone();
        let onclick = props.on_open.reform(move |_| {
            // Before: a dialog gives the focus back to what has it now.
            leave.emit(());
            what
        });
        html! { <li><button type="button" {class} {onclick} data-testid={testid}><Icon {symbol} />{ label }</button></li> }
    };
    let danger = Some("danger");
    let unblock = {
        let (leave, on_close, request) = (leave.clone(), props.on_close.clone(), request.clone());
        Callback::from(move |_: MouseEvent| {
            leave.emit(());
            on_close.emit(());
            request.emit(Request::Unblock(number));
        })
    };
    html! {
        <div class="menu" ref={node} {onkeydown} {onfocusout}>
            <button id={MENU} type="button" class="icon-button" aria-expanded={if props.is_open { "true" } else { "false" }}
                onclick={props.on_toggle.reform(|_| ())} aria-label={t!("conversation-menu")} title={t!("conversation-menu")}
                data-testid="menu">
                <Icon symbol={Symbol::More} />
            </button>
            if props.is_open {
                <ul class="menu-items">
                    if matches!(contact.state, ContactState::Accepted) {
                        { opens(Symbol::Shield, None, t!("verify"), "menu-verify", Open::Safety) }
                        { opens(Symbol::Timer, None, t!("timer-title"), "timer", Open::Timer) }
                    }
                    { opens(Symbol::Edit, None, t!("contact-name"), "rename", Open::Name) }
                    if let Some(marks) = props.marks {
                    if marks.pinned {
                        { item(Symbol::Pin, t!("unpin"), "unpin", Talk::Pin(false)) }
                    } else {
                        { item(Symbol::Pin, t!("pin"), "pin", Talk::Pin(true)) }
                    }
                    if is_muted(marks.muted_until, now()) {
                        { item(Symbol::Bell, t!("unmute"), "unmute", Talk::Mute { until: None }) }
                    } else {
                        { item(Symbol::Muted, t!("mute-hours"), "mute-hours", Talk::Mute { until: Some(now().saturating_add(MUTE_HOURS)) }) }
                        { item(Symbol::Muted, t!("mute"), "mute", Talk::Mute { until: Some(u64::MAX) }) }
                    }
                    if tells(marks) {
                        { item(Symbol::EyeOff, t!("tell-nothing"), "tell-nothing", Talk::Tell(false)) }
                    } else {
                        { item(Symbol::Eye, t!("tell"), "tell", Talk::Tell(true)) }
                    }
                    if marks.archived {
                        { item(Symbol::Archive, t!("unarchive"), "unarchive", Talk::Archive(false)) }
                    } else {
                        { item(Symbol::Archive, t!("archive"), "archive", Talk::Archive(true)) }
                    }
                    }
                    if props.has_entries {
                        { opens(Symbol::Delete, danger, t!("clear"), "clear", Open::Clear) }
                    }
                    if contact.state == ContactState::Blocked {
                        <li><button type="button" onclick={unblock} data-testid="unblock">
                            <Icon symbol={Symbol::Ban} />{ t!("unblock") }
                        </button></li>
                    } else {
                        { opens(Symbol::Ban, danger, t!("block"), "block", Open::Block) }
                    }
                </ul>
            }
        </div>
    }
}

fn back() -> Html {
    html! {
        <Link to={Route::Home} class="icon-button back" label={t!("back")} testid="back">
            <Icon symbol={Symbol::Back} />
        </Link>
    }
}
