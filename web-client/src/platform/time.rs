//! The clock, the calendar and their words: all of them the browser's, in its time zone.

use client_core::view::Millis;
use js_sys::{Array, Date, Intl, Object, Reflect};
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

/// Number of the calendar day, in the person's time zone, on which a moment lies.
pub fn day_of(moment: Millis) -> i64 {
    let date = Date::new(&JsValue::from_f64(fraction(moment)));
    // Minutes that the zone is behind UTC at that moment; summer time is in it.
    let behind = date.get_timezone_offset() * 60_000.0;
    let local = (fraction(moment) - behind) / fraction(DAY);
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

/// A moment in the words of a language.
pub fn format(moment: Millis, style: Style, language: &str) -> String {
    let options = Object::new();
    for (name, value) in parts(style) {
        let _ = Reflect::set(
            &options,
            &JsValue::from_str(name),
            &JsValue::from_str(value),
        );
    }
    let languages = Array::of1(&JsValue::from_str(language));
    let format = Intl::DateTimeFormat::new(&languages, &options);
    let date = Date::new(&JsValue::from_f64(fraction(moment)));
    let words = format
        .format()
        .call1(&JsValue::UNDEFINED, &date.unchecked_into());
    words
        .ok()
        .and_then(|words| words.as_string())
        .unwrap_or_default()
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
