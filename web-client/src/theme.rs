//! Light, dark, or as the system has it. Kept in this browser; `early.js` applies it before the
//! program is there.

use crate::platform::{document, preference};

/// Name of the preference; `static/early.js` reads it as well.
const PREFERENCE: &str = "zechat-theme";

/// A choice of theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The stable name.
    pub fn key(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The theme that was chosen.
pub fn current_theme() -> Theme {
    match preference::read(PREFERENCE).as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    }
}

/// Chooses a theme.
pub fn set_theme(theme: Theme) {
    preference::write(PREFERENCE, theme.key());
    document::set_theme((theme != Theme::System).then_some(theme.key()));
}
