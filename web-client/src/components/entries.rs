//! The list of entries: keeps the end in view while one is there, keeps the place when older
//! entries come in above, and tells which entries were seen.

use std::cell::Cell;
use std::rc::Rc;

use client_core::view::{EntryView, Position};
use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::entry::Entry;
use super::icon::{Icon, Symbol};
use super::keys;
use super::note::Waiting;
use crate::i18n::t;
use crate::platform::scroll::{self, SizeWatch};
use crate::platform::{document, time};
use crate::state::desk::Act;
use crate::state::rows::{Row, rows};
use crate::state::thread::{Goal, Loading, Reader, Thread};
use crate::words;

/// Older entries are asked for when less than this is left above, in CSS pixels.
const NEAR_START: i32 = 600;

/// Properties of [`Entries`].
#[derive(Properties, PartialEq)]
pub struct EntriesProps {
    /// The entries.
    pub thread: Rc<Thread>,
    /// Where the unread ones began when the conversation was opened.
    pub first_unread: Option<Position>,
    /// Where they begin now.
    pub unread: Option<Position>,
    /// Told where the reader is.
    pub reader: Rc<Cell<Reader>>,
    /// What the other person is called.
    pub name: AttrValue,
    /// Older entries are wanted.
    pub on_older: Callback<()>,
    /// Newer entries are wanted.
    pub on_newer: Callback<()>,
    /// The newest entries are wanted, in place of these.
    pub on_latest: Callback<()>,
    /// The received entries at these places, in order, are seen by a person.
    pub on_seen: Callback<Vec<Position>>,
    /// Something is done to an entry.
    pub on_act: Callback<Act>,
    /// Whether messages can be answered.
    pub can_write: bool,
}

/// What happens to the list.
pub enum EntriesMessage {
    /// It was scrolled, or the page's visibility changed.
    Moved,
    /// It, or what is in it, takes more room or less.
    Resized,
    /// To the end, please.
    ToEnd,
    /// A key has led to another entry.
    Led,
}

/// The list.
pub struct Entries {
    scroller: NodeRef,
    list: NodeRef,
    /// Whether the end was in view before the last change.
    at_end: bool,
    /// The row that had the focus before the last change.
    focused: Option<Position>,
    /// A row that was in view before the last change, and how far below the upper edge it began.
    anchor: Option<(HtmlElement, i32)>,
    /// Whether the first entries have been placed.
    placed: bool,
    /// Whether rows have changed since the list was placed: where it stands meanwhile is nobody's choice.
    unsettled: bool,
    /// The going that was done last.
    gone: u32,
    /// The first entry in view.
    top: Position,
    /// The last entry that was in view.
    seen: Position,
    /// Kept for as long as the list is there.
    watches: Vec<SizeWatch>,
    _visible: Option<EventListener>,
}

impl Component for Entries {
    type Message = EntriesMessage;
    type Properties = EntriesProps;

    fn create(ctx: &yew::Context<Self>) -> Self {
        let link = ctx.link().clone();
        let visible = document::document().map(|document| {
            EventListener::new(&document, "visibilitychange", move |_| {
                link.send_message(EntriesMessage::Moved)
            })
        });
        Self {
            scroller: NodeRef::default(),
            list: NodeRef::default(),
            at_end: true,
            focused: None,
            anchor: None,
            placed: false,
            unsettled: false,
            gone: ctx
                .props()
                .thread
                .goal
                .map_or(0, |(_, number)| number.saturating_sub(1)),
            top: 0,
            seen: 0,
            watches: Vec::new(),
            _visible: visible,
        }
    }

    fn changed(&mut self, ctx: &yew::Context<Self>, old: &EntriesProps) -> bool {
        let new = ctx.props();
        if let Some(scroller) = self.scroller.cast::<Element>() {
            let spoke = newest(&new.thread).is_some_and(|entry| entry.mine)
                && newest(&new.thread).map(|entry| entry.position)
                    != newest(&old.thread).map(|entry| entry.position);
            if !self.unsettled {
                self.stand(&scroller, old.thread.has_newer);
            }
            if spoke && !old.thread.has_newer {
                self.at_end = true;
                self.anchor = None;
            }
            self.unsettled = true;
        }
        true
    }

    fn update(&mut self, ctx: &yew::Context<Self>, message: EntriesMessage) -> bool {
        let Some(scroller) = self.scroller.cast::<Element>() else {
            return false;
        };
        match message {
            EntriesMessage::Moved => self.moved(ctx, &scroller),
            EntriesMessage::Resized => {
                // A keyboard, a growing field or longer lines took the end away.
                if self.placed && self.at_end {
                    scroll::to_end(&scroller);
                }
                self.moved(ctx, &scroller)
            }
            EntriesMessage::Led => {
                // Between a change and its drawing: where it stands now is what the person chose.
                if self.unsettled {
                    self.stand(&scroller, ctx.props().thread.has_newer);
                }
                false
            }
            EntriesMessage::ToEnd if ctx.props().thread.has_newer => {
                take_focus(&scroller);
                ctx.props().on_latest.emit(());
                false
            }
            EntriesMessage::ToEnd => {
                take_focus(&scroller);
                scroll::to_end(&scroller);
                self.at_end = true;
                self.look(ctx, &scroller);
                true
            }
        }
    }

    fn rendered(&mut self, ctx: &yew::Context<Self>, first: bool) {
        let Some(scroller) = self.scroller.cast::<Element>() else {
            return;
        };
        if first {
            self.watch(ctx, &scroller);
        }
        self.unsettled = false;
        self.keep_focus(ctx, &scroller);
        self.place(ctx, &scroller);
        self.look(ctx, &scroller);
    }

    fn view(&self, ctx: &yew::Context<Self>) -> Html {
        let props = ctx.props();
        let thread = &props.thread;
        let onscroll = ctx.link().callback(|_: Event| EntriesMessage::Moved);
        let onkeydown = {
            let (scroller, thread) = (self.scroller.clone(), thread.clone());
            let (on_act, link) = (props.on_act.clone(), ctx.link().clone());
            // At once: a message to the list may come to it when the browser has scrolled it already.
            Callback::from(move |event: KeyboardEvent| {
                if let Some(scroller) = scroller.cast::<Element>()
                    && keys::pressed(&event, &scroller, &thread, &on_act)
                {
                    link.send_message(EntriesMessage::Led);
                }
            })
        };
        html! {
            <div class="entries-frame">
                <div class="entries" ref={self.scroller.clone()} {onscroll} {onkeydown} tabindex="0" role="group"
                    data-newer={thread.has_newer.to_string()} aria-label={t!("messages-with", name = props.name.as_str())}>
                    // Always there, so that the browser's own anchoring is not disturbed.
                    <div class="entries-start">{ start(thread, &props.on_older) }</div>
                    <ol ref={self.list.clone()} class="entry-list">
                        { self.rows(ctx) }
                    </ol>
                    if thread.loading == Loading::Newer { <Waiting text={t!("loading-newer")} /> }
                </div>
                { self.jump_up(ctx) }
                { self.jump(ctx) }
            </div>
        }
    }
}

impl Entries {
    fn rows(&self, ctx: &yew::Context<Self>) -> Html {
        let props = ctx.props();
        let row = |row: Row<'_>| match row {
            Row::Day(moment) => html! {
                <li class="day" key={format!("day-{}", time::day_of(moment))}><span>{ words::day(moment) }</span></li>
            },
            Row::Unread => {
                html! { <li class="unread-line" key="unread"><span>{ t!("unread-here") }</span></li> }
            }
            Row::Entry(placed) => html! {
                <Entry key={placed.entry.position.to_string()} entry={placed.entry.clone()} begins={placed.begins}
                    ends={placed.ends} name={props.name.clone()}
                    on_act={props.on_act.clone()} can_write={props.can_write} />
            },
        };
        // The line marks what was unread when the conversation was opened; what was said since is no news.
        rows(&props.thread.entries, props.first_unread, time::day_of)
            .into_iter()
            .map(row)
            .collect()
    }

    fn jump(&self, ctx: &yew::Context<Self>) -> Html {
        if self.at_end {
            return Html::default();
        }
        let below = self.below(ctx);
        let label = if below == 0 {
            t!("jump-latest")
        } else {
            t!("jump-latest-count", count = below)
        };
        html! {
            <button type="button" class="jump" onclick={ctx.link().callback(|_| EntriesMessage::ToEnd)}
                aria-label={label.clone()} title={label}>
                if below > 0 { <span class="badge" aria-hidden="true">{ below.to_string() }</span> }
                <Icon symbol={Symbol::Down} />
            </button>
        }
    }

    /// Leads to what is unread further up: what came late and took its place there.
    fn jump_up(&self, ctx: &yew::Context<Self>) -> Html {
        let Some(position) = self.above(ctx) else {
            return Html::default();
        };
        let label = t!("jump-unread");
        let onclick = ctx.props().on_act.reform(move |_| Act::Jump(position));
        html! {
            <button type="button" class="jump up" {onclick} aria-label={label.clone()} title={label} data-testid="jump-unread">
                <Icon symbol={Symbol::Down} />
            </button>
        }
    }

    /// The first unread entry, if it lies above what is in view.
    fn above(&self, ctx: &yew::Context<Self>) -> Option<Position> {
        ctx.props().unread.filter(|first| *first < self.top)
    }

    /// How many received messages lie below what was seen.
    fn below(&self, ctx: &yew::Context<Self>) -> u32 {
        let entries = ctx.props().thread.entries.iter().rev();
        let below = entries
            .take_while(|entry| entry.position > self.seen)
            .filter(|entry| !entry.mine);
        u32::try_from(below.count()).unwrap_or(u32::MAX)
    }

    /// Follows the end when the space or the content changes size, not only when entries come.
    fn watch(&mut self, ctx: &yew::Context<Self>, scroller: &Element) {
        let targets = [Some(scroller.clone()), self.list.cast::<Element>()];
        for target in targets.into_iter().flatten() {
            let link = ctx.link().clone();
            let watch =
                SizeWatch::start(&target, move || link.send_message(EntriesMessage::Resized));
            self.watches.extend(watch);
        }
    }

    /// Notes what is in view now; whether anything around the list changes with it.
    fn moved(&mut self, ctx: &yew::Context<Self>, scroller: &Element) -> bool {
        if self.unsettled {
            return false; // it is placed in a moment
        }
        let before = (self.at_end, self.below(ctx), self.above(ctx));
        self.at_end = is_at_end(ctx, scroller);
        self.look(ctx, scroller);
        before != (self.at_end, self.below(ctx), self.above(ctx))
    }

    fn place(&mut self, ctx: &yew::Context<Self>, scroller: &Element) {
        let thread = &ctx.props().thread;
        let is_first = !self.placed && thread.loading != Loading::First;
        self.placed |= is_first;
        if let Some((goal, number)) = thread.goal
            && number != self.gone
        {
            self.gone = number;
            self.anchor = None;
            match goal {
                Goal::At(position) => self.show(scroller, position),
                Goal::End => scroll::to_end(scroller),
            }
            self.at_end = is_at_end(ctx, scroller);
        } else if let Some((row, below_edge)) = self.anchor.take() {
            // Whatever came in above, the row stays where the eye is. That may be before the first
            // page is there: news are shown while it is on its way.
            scroller.set_scroll_top(row.offset_top() - below_edge);
        } else if is_first {
            let unread = self
                .list
                .cast::<Element>()
                .and_then(|list| list.query_selector(".unread-line").ok().flatten());
            match unread.and_then(|line| line.dyn_into::<HtmlElement>().ok()) {
                Some(line) => scroll::to_child(scroller, &line),
                None => scroll::to_end(scroller),
            }
            self.at_end = is_at_end(ctx, scroller);
        } else if self.at_end {
            scroll::to_end(scroller);
        }
    }

    /// Tells what a person sees now, and asks for more when the beginning is near.
    fn look(&mut self, ctx: &yew::Context<Self>, scroller: &Element) {
        let props = ctx.props();
        if !self.placed {
            return;
        }
        if props.thread.has_older
            && props.thread.loading == Loading::Idle
            && scroller.scroll_top() < NEAR_START
        {
            props.on_older.emit(());
        } else if props.thread.has_newer
            && props.thread.loading == Loading::Idle
            && scroll::is_within(scroller, NEAR_START)
        {
            props.on_newer.emit(());
        }
        let in_view = self.in_view(scroller);
        props.reader.set(match in_view.first() {
            Some(top) if !self.at_end => Reader::At(*top),
            _ => Reader::AtEnd,
        });
        if let (Some(top), Some(last)) = (in_view.first(), in_view.last()) {
            self.top = *top;
            self.seen = self.seen.max(*last);
            if document::is_visible() {
                let is_received = |at: &Position| props.thread.find(*at).is_some_and(|it| !it.mine);
                props
                    .on_seen
                    .emit(in_view.into_iter().filter(is_received).collect());
            }
        }
    }

    /// Brings an entry into view, and the eye to it.
    fn show(&self, scroller: &Element, position: Position) {
        let Some(row) = find_row(scroller, position) else {
            return;
        };
        scroll::to_child(scroller, &row);
        let _ = row.focus();
        // Starting the flash again needs the class to be gone for a moment.
        let _ = row.class_list().remove_1("sought");
        let _ = row.offset_width();
        let _ = row.class_list().add_1("sought");
    }

    /// When the row with the focus is gone, the next one has it.
    fn keep_focus(&mut self, ctx: &yew::Context<Self>, scroller: &Element) {
        let Some(at) = self.focused.take().filter(|_| document::has_no_focus()) else {
            return;
        };
        let entries = &ctx.props().thread.entries;
        let next = entries.iter().find(|entry| entry.position >= at);
        let next = next.or(entries.last()).map(|entry| entry.position);
        if let Some(row) = next.and_then(|next| find_row(scroller, next)) {
            let _ = row.focus();
        }
    }

    /// Notes what has the focus, and where the list stands: at its end, or at a row.
    fn stand(&mut self, scroller: &Element, has_newer: bool) {
        self.focused = document::focused_in(scroller).and_then(|it| row_of(&it));
        // With more below, the end of what is here is not the end.
        self.at_end = !has_newer && scroll::is_at_end(scroller);
        self.anchor = if self.at_end {
            None
        } else {
            self.first_in_view(scroller)
        };
    }

    fn first_in_view(&self, scroller: &Element) -> Option<(HtmlElement, i32)> {
        let children = self.list.cast::<Element>()?.children();
        (0..children.length())
            .filter_map(|index| children.item(index))
            .find_map(|child| {
                let row = child
                    .dyn_into::<HtmlElement>()
                    .ok()
                    .filter(|row| row.has_attribute("data-position"))?;
                let below_edge = row.offset_top() - scroller.scroll_top();
                (below_edge >= 0).then_some((row, below_edge))
            })
    }

    /// The places of the entries that can be read now, in order.
    fn in_view(&self, scroller: &Element) -> Vec<Position> {
        let Some(list) = self.list.cast::<Element>() else {
            return Vec::new();
        };
        let children = list.children();
        let row = |index| children.item(index)?.dyn_into::<HtmlElement>().ok();
        // Rows stand below each other: hundreds are above, and a few looks find the first that is not.
        let top = scroller.scroll_top();
        let (mut from, mut to) = (0, children.length());
        while from < to {
            let middle = from.midpoint(to);
            match row(middle) {
                Some(it) if it.offset_top() + it.offset_height() <= top => {
                    from = middle.saturating_add(1);
                }
                _ => to = middle,
            }
        }
        (from..children.length())
            .filter_map(row)
            .skip_while(|row| !scroll::is_in_view(scroller, row))
            .take_while(|row| scroll::is_in_view(scroller, row))
            .filter_map(|row| position_of(&row))
            .collect()
    }
}

/// Moves the focus to the list, if the button that led to its end had it: that is gone there. Who writes stays in their field.
fn take_focus(scroller: &Element) {
    let frame = scroller.parent_element();
    let had_it = frame.and_then(|it| document::focused_in(&it)).is_some();
    if let Some(scroller) = scroller.dyn_ref::<HtmlElement>().filter(|_| had_it) {
        let _ = scroller.focus();
    }
}

/// The place of the entry that a row shows.
fn position_of(row: &Element) -> Option<Position> {
    row.get_attribute("data-position")?.parse().ok()
}

/// The place of the entry in whose row something is.
fn row_of(inside: &Element) -> Option<Position> {
    position_of(&inside.closest("[data-position]").ok().flatten()?)
}

/// The row of an entry, if it is drawn.
fn find_row(scroller: &Element, position: Position) -> Option<HtmlElement> {
    let selector = format!("[data-position=\"{position}\"]");
    let row = scroller.query_selector(&selector).ok().flatten()?;
    row.dyn_into().ok()
}

/// Whether the end of the conversation is in view, and not only of what is here of it.
fn is_at_end(ctx: &yew::Context<Entries>, scroller: &Element) -> bool {
    !ctx.props().thread.has_newer && scroll::is_at_end(scroller)
}

fn newest(thread: &Thread) -> Option<&Rc<EntryView>> {
    thread.entries.last()
}

/// What stands above the oldest entry.
fn start(thread: &Thread, on_older: &Callback<()>) -> Html {
    match &thread.loading {
        Loading::Older => html! { <Waiting text={t!("loading-older")} /> },
        Loading::Failed(_) if !thread.entries.is_empty() => html! {
            <p class="older-failed" role="status">
                { t!("older-failed") }
                <button type="button" class="button small" onclick={on_older.reform(|_| ())}>{ t!("try-again") }</button>
            </p>
        },
        Loading::Idle if !thread.has_older && !thread.entries.is_empty() => {
            html! { <p class="beginning">{ t!("beginning") }</p> }
        }
        _ => Html::default(),
    }
}
