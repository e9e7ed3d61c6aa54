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

/// Names of the preferences for contrast and size of text; `static/early.js` reads them as well.
const CONTRAST: &str = "zechat-contrast";
const SIZE: &str = "zechat-text-size";

/// Sizes of text, as the style sheet knows them.
const SIZES: [&str; 4] = ["small", "normal", "large", "largest"];

/// Contrast and size of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether more contrast was asked for here; the system may ask for it as well.
    pub contrast: bool,
    /// Index of the size of text.
    pub size: usize,
}

/// The look that was chosen.
pub fn current_look() -> Look {
    let size = preference::read(SIZE);
    let index = SIZES.iter().position(|name| size.as_deref() == Some(*name));
    Look {
        contrast: preference::read(CONTRAST).as_deref() == Some("more"),
        size: index.unwrap_or(1),
    }
}

/// Chooses a look.
pub fn set_look(look: Look) {
    let size = SIZES.get(look.size).copied().unwrap_or("normal");
    preference::write(CONTRAST, if look.contrast { "more" } else { "system" });
    preference::write(SIZE, size);
    document::set_root("data-contrast", look.contrast.then_some("more"));
    document::set_root("data-text-size", Some(size));
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
