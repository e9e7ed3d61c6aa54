//! The clock, the calendar and their words: all of them the browser's, in its time zone.

use std::cell::{Cell, RefCell};

use client_core::view::Millis;
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Milliseconds in a day.
pub const DAY: Millis = 86_400_000;

/// The present time.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the page's time comes from"
)]
pub fn now() -> Millis {
    whole(Date::now())
}

/// What zones are apart by: within so long, nothing changes between the zone's time and UTC.
const QUARTER_HOUR: Millis = 15 * 60_000;

/// Number of the calendar day, in the person's time zone, on which a moment lies.
pub fn day_of(moment: Millis) -> i64 {
    thread_local! {
        /// The last quarter of an hour that was asked for. Messages come close to each other, and a conversation asks
        /// for the day of each whenever it is drawn.
        static BEHIND: Cell<Option<(Millis, f64)>> = const { Cell::new(None) };
    }
    let quarter = moment.checked_div(QUARTER_HOUR).unwrap_or_default();
    let known = BEHIND.get().filter(|(of, _)| *of == quarter);
    // Minutes that the zone is behind UTC at that moment; summer time is in it.
    let minutes = known.map_or_else(
        || Date::new(&JsValue::from_f64(fraction(moment))).get_timezone_offset(),
        |(_, minutes)| minutes,
    );
    BEHIND.set(Some((quarter, minutes)));
    let local = (fraction(moment) - minutes * 60_000.0) / fraction(DAY);
    i64::try_from(whole(local)).unwrap_or_default()
}

/// How much of a moment is worth telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// 14:05
    Time,
    /// Monday
    Weekday,
    /// Mon
    ShortWeekday,
    /// 3 March
    DayAndMonth,
    /// 3 Mar
    ShortDayAndMonth,
    /// 3 March 2026
    Date,
    /// 03/03/2026
    ShortDate,
    /// Everything, for tooltips and details
    Full,
}

thread_local! {
    /// Making a format costs the browser many times as much as using it, and every message has two.
    static FORMATS: RefCell<Vec<(Style, String, Function)>> = const { RefCell::new(Vec::new()) };
}

/// A moment in the words of a language.
pub fn format(moment: Millis, style: Style, language: &str) -> String {
    let date = Date::new(&JsValue::from_f64(fraction(moment)));
    let words = formatter(style, language).call1(&JsValue::UNDEFINED, &date.unchecked_into());
    words
        .ok()
        .and_then(|words| words.as_string())
        .unwrap_or_default()
}

/// What formats moments in a style; made once.
fn formatter(style: Style, language: &str) -> Function {
    FORMATS.with_borrow_mut(|formats| {
        let is_it = |(of, words, _): &&(Style, String, Function)| *of == style && words == language;
        if let Some((_, _, known)) = formats.iter().find(is_it) {
            return known.clone();
        }
        let options = Object::new();
        for (name, value) in parts(style) {
            let _ = Reflect::set(
                &options,
                &JsValue::from_str(name),
                &JsValue::from_str(value),
            );
        }
        let languages = Array::of1(&JsValue::from_str(language));
        let made = Intl::DateTimeFormat::new(&languages, &options).format();
        formats.push((style, language.to_owned(), made.clone()));
        made
    })
}

fn parts(style: Style) -> &'static [(&'static str, &'static str)] {
    match style {
        Style::Time => &[("timeStyle", "short")],
        Style::Weekday => &[("weekday", "long")],
        Style::ShortWeekday => &[("weekday", "short")],
        Style::DayAndMonth => &[("day", "numeric"), ("month", "long")],
        Style::ShortDayAndMonth => &[("day", "numeric"), ("month", "short")],
        Style::Date => &[("day", "numeric"), ("month", "long"), ("year", "numeric")],
        Style::ShortDate => &[
            ("day", "2-digit"),
            ("month", "2-digit"),
            ("year", "numeric"),
        ],
        Style::Full => &[("dateStyle", "full"), ("timeStyle", "short")],
    }
}

#[expect(
    clippy::as_conversions,
    reason = "there is no other conversion; negative saturates to 0"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

#[expect(
    clippy::as_conversions,
    reason = "milliseconds of the next 280,000 years are exact"
)]
fn fraction(number: u64) -> f64 {
    number as f64
}
