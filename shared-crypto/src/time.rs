//! Time as a parameter: milliseconds since 1970, and the spans that the protocol names.

/// Milliseconds since 1970-01-01T00:00Z.
pub type Millis = u64;

/// One second.
pub const SECOND: Millis = 1_000;
/// One minute.
pub const MINUTE: Millis = 60 * SECOND;
/// One hour.
pub const HOUR: Millis = 60 * MINUTE;
/// One day.
pub const DAY: Millis = 24 * HOUR;
/// How long a node keeps mail by default, and how long a replaced receive key is kept for it.
pub const RETENTION: Millis = 21 * DAY;
/// After how long a client publishes a new key package.
pub const REFRESH: Millis = 7 * DAY;
/// How far a signed time may be from the reader's clock, in either direction.
pub const CLOCK_SKEW: Millis = 5 * MINUTE;

/// Whether a signed time is close enough to the reader's clock.
pub const fn is_recent(at: Millis, now: Millis) -> bool {
    at.abs_diff(now) <= CLOCK_SKEW
}
