//! Changing the text of an own message. What was begun is kept as drafts are.

use std::cell::RefCell;
use std::rc::Rc;

use client_core::request::{Request, Talk};
use client_core::view::{BodyView, ContactNumber, EntryView, Position};
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::composer::DRAFT_MS;
use super::field::composes;
use super::icon::{Icon, Symbol};
use super::note::ErrorNote;
use super::quote::AboveField;
use crate::bridge::Client;
use crate::context::{use_action, use_app};
use crate::i18n::t;
use crate::platform::{document, scroll};

const FIELD: &str = "edit-field";

/// Properties of [`EditBox`].
#[derive(Properties, PartialEq)]
pub struct EditBoxProps {
    /// In which conversation.
    pub contact: ContactNumber,
    /// The message.
    pub entry: EntryView,
    /// The text as it was begun before. Only the value at the start counts.
    #[prop_or_default]
    pub begun: Option<AttrValue>,
    /// It is done, or not done after all.
    pub on_done: Callback<()>,
}

/// Has the engine keep what is being written.
struct Keeper {
    client: Client,
    contact: ContactNumber,
    of: Position,
    text: RefCell<String>,
    /// The text as the engine has it.
    kept: RefCell<String>,
    timer: RefCell<Option<Timeout>>,
}

impl Keeper {
    fn keep_soon(self: &Rc<Self>, text: String) {
        self.text.replace(text);
        let keeper = Rc::clone(self);
        let timer = Timeout::new(DRAFT_MS, move || keeper.keep());
        self.timer.replace(Some(timer));
    }

    fn keep(&self) {
        let text = self.text.borrow().clone();
        if *self.kept.borrow() != text {
            self.kept.replace(text.clone());
            self.tell(text);
        }
    }

    /// It is done, or not done after all: there is nothing to come back to.
    fn forget(&self) {
        self.timer.take();
        self.text.replace(String::new());
        self.kept.replace(String::new());
        self.tell(String::new());
    }

    fn tell(&self, text: String) {
        let (client, contact, of) = (self.client.clone(), self.contact, self.of);
        spawn_local(async move {
            // What was not kept still stands in the field.
            let _ = client.run(Request::SetEdit { contact, of, text }).await;
        });
    }
}

#[hook]
fn use_keeper(props: &EditBoxProps, text: &str) -> Rc<Keeper> {
    let client = use_app().client;
    let keeper = use_memo((), |()| Keeper {
        client,
        contact: props.contact,
        of: props.entry.position,
        text: RefCell::new(text.to_owned()),
        kept: RefCell::new(text.to_owned()),
        timer: RefCell::default(),
    });
    {
        let keeper = keeper.clone();
        use_effect_with((), move |()| {
            let leaving = web_sys::window().map(|window| {
                let keeper = keeper.clone();
                EventListener::new(&window, "pagehide", move |_| keeper.keep())
            });
            move || {
                drop(leaving);
                keeper.timer.take();
                keeper.keep();
            }
        });
    }
    keeper
}

/// The field with the message's text.
#[component]
pub fn EditBox(props: &EditBoxProps) -> Html {
    let before = match &props.entry.body {
        BodyView::Text(text) => text.clone(),
        _ => String::new(),
    };
    let text = use_state(|| {
        let begun = props.begun.as_ref();
        begun.map_or_else(|| before.clone(), AttrValue::to_string)
    });
    let field = use_node_ref();
    let keeper = use_keeper(props, &text);
    let on_done = {
        let (keeper, on_done) = (keeper.clone(), props.on_done.clone());
        Callback::from(move |()| {
            keeper.forget();
            on_done.emit(());
        })
    };
    let action = use_action(on_done.clone());
    {
        let (field, text) = (field.clone(), (*text).clone());
        use_effect_with(text, move |_| {
            if let Some(field) = field.cast::<HtmlTextAreaElement>() {
                scroll::fit(&field);
            }
        });
    }
    use_effect_with((), |()| document::focus(FIELD));
    let save = {
        let (text, run, busy) = (text.clone(), action.run.clone(), action.busy);
        let (contact, of, on_done) = (props.contact, props.entry.position, on_done.clone());
        let keeper = keeper.clone();
        Callback::from(move |()| {
            let text = text.trim().to_owned();
            if text == before {
                on_done.emit(());
            } else if !text.is_empty() && !busy {
                // Before and not when this goes: what is stored is not to be found again as begun.
                keeper.keep();
                let what = Talk::Edit { of, text };
                run.emit(Request::Talk { contact, what });
            }
        })
    };
    let oninput = {
        let text = text.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlTextAreaElement>() {
                keeper.keep_soon(field.value());
                text.set(field.value());
            }
        })
    };
    let onkeydown = {
        let (save, on_done) = (save.clone(), on_done.clone());
        Callback::from(move |event: KeyboardEvent| {
            if composes(&event) {
                return;
            }
            let plain = !event.shift_key() && document::has_fine_pointer();
            match event.key().as_str() {
                "Escape" => on_done.emit(()),
                "Enter" if plain => {
                    event.prevent_default();
                    save.emit(());
                }
                _ => {}
            }
        })
    };
    let onsubmit = Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        save.emit(());
    });
    html! {
        <form class="composer" {onsubmit}>
            <AboveField entry={props.entry.clone()} name="" label={t!("editing")} on_cancel={on_done} />
            <ErrorNote error={action.error.clone()} />
            <div class="composer-row">
                <label for={FIELD} class="visually-hidden">{ t!("editing") }</label>
                <textarea id={FIELD} ref={field} rows="1" dir="auto" value={(*text).clone()} {oninput} {onkeydown}
                    data-testid="edit-field" />
                <button type="submit" class="send" aria-label={t!("edit-save")} title={t!("edit-save")} data-testid="edit-save"
                    aria-disabled={(action.busy || text.trim().is_empty()).then_some("true")}>
                    <Icon symbol={Symbol::Check} />
                </button>
            </div>
        </form>
    }
}
