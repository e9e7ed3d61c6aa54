//! Which words a moment deserves, seen from another one.

/// How a day is named in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayName {
    /// The present day, and what a wrong clock puts after it.
    Today,
    /// The day before.
    Yesterday,
    /// Less than a week ago: its weekday says enough.
    Weekday,
    /// Less than about half a year ago: without the year.
    ThisYear,
    /// Longer ago.
    Older,
}

/// Names a day, both given by number.
pub fn day_name(day: i64, today: i64) -> DayName {
    match today.saturating_sub(day) {
        ..=0 => DayName::Today,
        1 => DayName::Yesterday,
        2..=6 => DayName::Weekday,
        7..=180 => DayName::ThisYear,
        _ => DayName::Older,
    }
}

/// Whole seconds until a moment, rounded up; nothing when it has passed.
pub fn seconds_until(moment: u64, now: u64) -> u64 {
    moment.saturating_sub(now).div_ceil(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_named_by_their_distance() {
        assert_eq!(day_name(100, 100), DayName::Today);
        assert_eq!(day_name(101, 100), DayName::Today, "a clock that is ahead");
        assert_eq!(day_name(99, 100), DayName::Yesterday);
        assert_eq!(day_name(98, 100), DayName::Weekday);
        assert_eq!(day_name(94, 100), DayName::Weekday);
        assert_eq!(
            day_name(93, 100),
            DayName::ThisYear,
            "the same weekday a week ago"
        );
        assert_eq!(day_name(-300, 100), DayName::Older);
        assert_eq!(day_name(i64::MIN, i64::MAX), DayName::Older);
    }

    #[test]
    fn a_countdown_never_shows_zero_too_early() {
        assert_eq!(seconds_until(5001, 4000), 2);
        assert_eq!(seconds_until(5000, 4000), 1);
        assert_eq!(seconds_until(4000, 4000), 0);
        assert_eq!(seconds_until(1, 4000), 0);
    }
}
