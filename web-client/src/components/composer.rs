//! The field for a message. What is in it leaves it when the engine has stored it, not before.

use std::rc::Rc;

use client_core::request::{Request, Talk};
use client_core::sorted::SortedMap;
use client_core::view::{ContactNumber, EntryView, Position};
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use shared_crypto::id::MessageId;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::emoji::EmojiPicker;
use super::field::composes;
use super::icon::{Icon, Symbol};
use super::note::ErrorNote;
use super::quote::AboveField;
use crate::bridge::{CallError, Client};
use crate::i18n::t;
use crate::platform::{document, random, scroll};
use crate::state::composer::{Composer as State, Length, Outgoing, insert_at};
use crate::words;

/// A draft is kept after so long without a key.
pub(super) const DRAFT_MS: u32 = 600;

/// Id of the field.
pub const FIELD: &str = "composer";

/// What a message becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The first one, to somebody who has to accept.
    Ask,
    /// One of a conversation.
    Send,
}

/// Properties of [`Composer`].
#[derive(Properties, PartialEq)]
pub struct ComposerProps {
    /// The engine.
    pub client: Client,
    /// To whom.
    pub contact: ContactNumber,
    /// What they are called.
    pub name: AttrValue,
    /// The first message, or another.
    pub purpose: Purpose,
    /// What was typed and not sent. Only the value at the start counts.
    #[prop_or_default]
    pub draft: AttrValue,
    /// What stands in the empty field.
    pub placeholder: AttrValue,
    /// What is answered.
    #[prop_or_default]
    pub reply: Option<Rc<EntryView>>,
    /// Something was typed.
    #[prop_or_default]
    pub on_typed: Callback<()>,
    /// The answer is on its way, or is not given after all.
    #[prop_or_default]
    pub on_written: Callback<()>,
    /// Says what was not stored when the field is gone.
    pub toast: Callback<String>,
}

/// What happens to the field.
pub enum ComposerMessage {
    /// The person typed.
    Edited(String),
    /// Send what is there.
    Send,
    /// A message is stored.
    Stored(MessageId),
    /// A message was not stored.
    Failed(CallError),
    /// It is time to keep the draft.
    Keep,
    /// The draft was not kept.
    NotKept,
    /// Show the signs, or hide them.
    Choose,
    /// A sign was chosen.
    Chosen(String),
    /// None is wanted after all.
    ChoseNone,
}

/// The field.
pub struct Composer {
    field: NodeRef,
    state: State,
    error: Option<CallError>,
    /// What the messages under way answer.
    replies: SortedMap<MessageId, Position>,
    /// Whether the signs are shown.
    choosing: bool,
    /// Where the person goes on writing, in units of UTF-16; a browser goes to the end when the text is another one.
    caret: Option<u32>,
    /// The draft as the engine has it, as far as that is known.
    kept: Option<String>,
    /// The text that the field is as tall as. Measuring lays the whole page out.
    fitted: String,
    timer: Option<Timeout>,
    /// The page may go before it is time.
    _leaving: Option<EventListener>,
}

impl Component for Composer {
    type Message = ComposerMessage;
    type Properties = ComposerProps;

    fn create(ctx: &yew::Context<Self>) -> Self {
        let draft = ctx.props().draft.to_string();
        let link = ctx.link().clone();
        let leaving = web_sys::window().map(|window| {
            EventListener::new(&window, "pagehide", move |_| {
                link.send_message(ComposerMessage::Keep);
            })
        });
        Self {
            field: NodeRef::default(),
            state: State::with_draft(&draft),
            error: None,
            replies: SortedMap::new(),
            choosing: false,
            caret: None,
            kept: Some(draft),
            fitted: String::new(),
            timer: None,
            _leaving: leaving,
        }
    }

    fn changed(&mut self, ctx: &yew::Context<Self>, old: &ComposerProps) -> bool {
        let reply = &ctx.props().reply;
        if reply.is_some() && *reply != old.reply {
            // Who answers writes next. Where the focus is on the message, letters are keys that do something to it.
            document::focus(FIELD);
        }
        true
    }

    fn update(&mut self, ctx: &yew::Context<Self>, message: ComposerMessage) -> bool {
        match message {
            ComposerMessage::Edited(value) => {
                self.state.edit(value);
                self.keep_soon(ctx);
                ctx.props().on_typed.emit(());
            }
            ComposerMessage::Choose => self.choosing = !self.choosing,
            ComposerMessage::Chosen(sign) => {
                self.choosing = false;
                self.insert(&sign);
                self.keep_soon(ctx);
                document::focus(FIELD);
            }
            ComposerMessage::ChoseNone => {
                self.choosing = false;
                document::focus(FIELD);
            }
            ComposerMessage::Send => {
                self.error = None;
                // The keyboard of a phone stays, and the next message can be typed at once.
                document::focus(FIELD);
                let id = random::message_id();
                if let Some(answered) = &ctx.props().reply
                    && self.state.can_send()
                {
                    self.replies.insert(id, answered.position);
                    ctx.props().on_written.emit(());
                }
                if let Some(outgoing) = self.state.send(id) {
                    self.post(ctx, &outgoing);
                }
            }
            ComposerMessage::Stored(id) => {
                self.replies.remove(&id);
                match self.state.stored(id) {
                    Some(next) => self.post(ctx, &next),
                    // At once: who closes the page now is not to find it again as a draft.
                    None => self.keep(ctx),
                }
            }
            ComposerMessage::Failed(why) => {
                self.state.failed();
                self.error = Some(why);
                self.keep_soon(ctx);
            }
            ComposerMessage::Keep => self.keep(ctx),
            ComposerMessage::NotKept => self.kept = None,
        }
        true
    }

    fn rendered(&mut self, _: &yew::Context<Self>, first: bool) {
        if self.fitted != self.state.value
            && let Some(field) = self.field.cast::<HtmlTextAreaElement>()
        {
            self.fitted.clone_from(&self.state.value);
            scroll::fit(&field);
            if let Some(caret) = self.caret.take() {
                let _ = field.set_selection_range(caret, caret);
            }
        }
        if first && document::has_fine_pointer() {
            document::focus(FIELD);
        }
    }

    fn destroy(&mut self, ctx: &yew::Context<Self>) {
        let toast = ctx.props().toast.clone();
        // It stands nowhere any more then.
        self.keep_or(ctx, move |why| toast.emit(words::error(&why)));
        if self.state.is_sending() {
            self.see_through(ctx);
        }
    }

    fn view(&self, ctx: &yew::Context<Self>) -> Html {
        let props = ctx.props();
        let (field_id, button_id) = match props.purpose {
            Purpose::Ask => ("first-message", "send-first"),
            Purpose::Send => ("composer", "send"),
        };
        let label = match props.purpose {
            Purpose::Ask => t!("first-message"),
            Purpose::Send => t!("composer-label", name = props.name.as_str()),
        };
        let over = matches!(self.state.length(), Length::Over(_));
        let on_cancel = props.on_written.reform(|()| document::focus(FIELD));
        html! {
            <form class={classes!("composer", (props.purpose == Purpose::Ask).then_some("first"))}
                onsubmit={ctx.link().callback(|event: SubmitEvent| { event.prevent_default(); ComposerMessage::Send })}>
                if let Some(answered) = &props.reply {
                    <AboveField entry={(**answered).clone()} name={props.name.clone()} label={t!("replying")}
                        {on_cancel} />
                }
                <ErrorNote error={self.error.clone()} />
                if self.choosing {
                    <EmojiPicker on_pick={ctx.link().callback(ComposerMessage::Chosen)}
                        on_leave={ctx.link().callback(|()| ComposerMessage::ChoseNone)} />
                }
                <div class="composer-row">
                    if props.purpose == Purpose::Send {
                        <button type="button" class="icon-button emoji-button" onclick={ctx.link().callback(|_| ComposerMessage::Choose)}
                            aria-expanded={if self.choosing { "true" } else { "false" }} aria-label={t!("emoji-choose")}
                            title={t!("emoji-choose")} data-testid="emoji-button">
                            <Icon symbol={Symbol::AddSign} />
                        </button>
                    }
                    <label for={FIELD} class={(props.purpose == Purpose::Send).then_some("visually-hidden")}>{ label }</label>
                    <textarea id={FIELD} ref={self.field.clone()} rows="1" dir="auto" autocomplete="off"
                        placeholder={props.placeholder.clone()} value={self.state.value.clone()}
                        oninput={ctx.link().batch_callback(|event: InputEvent| {
                            event.target_dyn_into::<HtmlTextAreaElement>().map(|field| ComposerMessage::Edited(field.value()))
                        })}
                        onkeydown={ctx.link().batch_callback(on_key)}
                        aria-invalid={over.then_some("true")} aria-describedby="composer-length" data-testid={field_id} />
                    <button type="submit" class={if props.purpose == Purpose::Ask { "button primary" } else { "send" }}
                        data-testid={button_id} aria-disabled={(!self.state.can_send()).then_some("true")}
                        aria-label={(props.purpose == Purpose::Send).then(|| t!("composer-send"))}
                        title={(props.purpose == Purpose::Send).then(|| t!("composer-send"))}>
                        if self.state.is_sending() {
                            <Icon symbol={Symbol::Busy} class="spin" />
                        } else {
                            <Icon symbol={Symbol::Send} />
                        }
                        if props.purpose == Purpose::Ask { { t!("first-message-send") } }
                    </button>
                </div>
                { self.length() }
            </form>
        }
    }
}

impl Composer {
    fn length(&self) -> Html {
        let text = match self.state.length() {
            Length::Fine => String::new(),
            Length::Near(left) => t!("composer-near", left = left),
            Length::Over(over) => t!("composer-over", over = over),
        };
        let over = matches!(self.state.length(), Length::Over(_));
        html! {
            <p id="composer-length" class={classes!("composer-length", over.then_some("over"))} aria-live="polite">{ text }</p>
        }
    }

    /// Puts a sign where the person was writing.
    fn insert(&mut self, sign: &str) {
        let field = self.field.cast::<HtmlTextAreaElement>();
        let at = field.and_then(|field| field.selection_end().ok().flatten());
        let length = u32::try_from(sign.encode_utf16().count()).unwrap_or_default();
        self.caret = at.map(|at| at.saturating_add(length));
        let value = insert_at(&self.state.value, at, sign);
        self.state.edit(value);
    }

    fn post(&self, ctx: &yew::Context<Self>, outgoing: &Outgoing) {
        let props = ctx.props();
        let (client, id) = (props.client.clone(), outgoing.id);
        let to = self.replies.get(&id).copied();
        let request = request(props.purpose, props.contact, outgoing, to);
        ctx.link().send_future(async move {
            match client.run(request).await {
                Ok(()) => ComposerMessage::Stored(id),
                Err(why) => ComposerMessage::Failed(why),
            }
        });
    }

    /// Nobody hears any more what became of the messages under way, and those behind the first were not even asked for.
    fn see_through(&mut self, ctx: &yew::Context<Self>) {
        let state = core::mem::take(&mut self.state);
        let replies = core::mem::take(&mut self.replies);
        let props = ctx.props();
        let (client, contact, purpose) = (props.client.clone(), props.contact, props.purpose);
        let toast = props.toast.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let store = async |outgoing: &Outgoing| {
                let to = replies.get(&outgoing.id).copied();
                client.run(request(purpose, contact, outgoing, to)).await
            };
            if let Err((why, text)) = state.see_through(store).await {
                toast.emit(words::error(&why));
                // What is not kept either was said not to be stored.
                let _ = client.run(Request::SetDraft { contact, text }).await;
            }
        });
    }

    fn keep_soon(&mut self, ctx: &yew::Context<Self>) {
        let link = ctx.link().clone();
        self.timer = Some(Timeout::new(DRAFT_MS, move || {
            link.send_message(ComposerMessage::Keep)
        }));
    }

    /// Has the engine keep what is being written. What is not kept stands in the field, and is tried again.
    fn keep(&mut self, ctx: &yew::Context<Self>) {
        let link = ctx.link().clone();
        self.keep_or(ctx, move |_| link.send_message(ComposerMessage::NotKept));
    }

    fn keep_or(&mut self, ctx: &yew::Context<Self>, failed: impl FnOnce(CallError) + 'static) {
        self.timer = None;
        let props = ctx.props();
        let text = self.state.writing().to_owned();
        if self.kept.as_ref() == Some(&text) {
            return;
        }
        self.kept = Some(text.clone());
        let (client, contact) = (props.client.clone(), props.contact);
        wasm_bindgen_futures::spawn_local(async move {
            if let Err(why) = client.run(Request::SetDraft { contact, text }).await {
                failed(why);
            }
        });
    }
}

fn request(
    purpose: Purpose,
    contact: ContactNumber,
    outgoing: &Outgoing,
    reply: Option<Position>,
) -> Request {
    let (id, text) = (outgoing.id, outgoing.text().to_owned());
    match (purpose, reply) {
        (Purpose::Ask, _) => Request::Ask { contact, id, text },
        (Purpose::Send, Some(to)) => {
            let what = Talk::Reply { id, text, to };
            Request::Talk { contact, what }
        }
        (Purpose::Send, None) => Request::Send { contact, id, text },
    }
}

/// Enter sends, Shift+Enter breaks the line. Not while a word is being composed from several keys,
/// and not on phones, whose keyboards have no Shift+Enter.
fn on_key(event: KeyboardEvent) -> Option<ComposerMessage> {
    let modified = event.shift_key() || event.ctrl_key() || event.alt_key() || event.meta_key();
    if event.key() != "Enter" || composes(&event) || modified || !document::has_fine_pointer() {
        return None;
    }
    event.prevent_default();
    Some(ComposerMessage::Send)
}
