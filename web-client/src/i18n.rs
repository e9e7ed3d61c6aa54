//! Words. Every text that a person sees stands in `i18n/`; code knows it by its name.

use std::fmt::Write;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::platform;

const ENGLISH: &str = include_str!("../i18n/en.ftl");

/// The text of a name, with values for its variables: `t!("unread", count = 3)`.
macro_rules! t {
    ($name:literal) => {
        $crate::i18n::text($name, &[])
    };
    ($name:literal, $($variable:ident = $value:expr),+ $(,)?) => {
        $crate::i18n::text($name, &[$((stringify!($variable), ::fluent_bundle::FluentValue::from($value))),+])
    };
}
pub(crate) use t;

thread_local! {
    static BUNDLE: FluentBundle<FluentResource> = bundle(language(), ENGLISH);
}

/// The language in use, as a BCP 47 tag.
pub fn language() -> &'static str {
    "en"
}

/// The language for dates: the person's own variant of the language in use, where they have one.
/// It tells how the hours of a day are counted, for instance.
pub fn date_language() -> String {
    let preferred = platform::document::language().unwrap_or_default();
    let same = preferred
        .split('-')
        .next()
        .is_some_and(|primary| primary.eq_ignore_ascii_case(language()));
    if same {
        preferred
    } else {
        language().to_owned()
    }
}

/// Looks a text up. A text that is missing shows its name: ugly, and found by a test before that.
pub fn text(name: &str, values: &[(&'static str, FluentValue<'_>)]) -> String {
    let mut arguments = FluentArgs::with_capacity(values.len());
    for (variable, value) in values {
        arguments.set(*variable, value.clone());
    }
    BUNDLE.with(|bundle| {
        let pattern = bundle.get_message(name).and_then(|message| message.value());
        let Some(pattern) = pattern else {
            return name.to_owned();
        };
        bundle
            .format_pattern(pattern, Some(&arguments), &mut Vec::new())
            .into_owned()
    })
}

/// A text without the marks that isolate its variables: for titles and file names, which cannot
/// show them.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text
        .chars()
        .filter(|c| !matches!(c, '\u{2066}'..='\u{2069}'))
    {
        // Writing to a string does not fail.
        let _ = plain.write_char(c);
    }
    plain
}

fn bundle(language: &str, source: &str) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier = language.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new(vec![language]);
    // What is wrong in one text does not take the others with it; a test finds it.
    let resource =
        FluentResource::try_new(source.to_owned()).unwrap_or_else(|(readable, _)| readable);
    let _ = bundle.add_resource(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Names of texts that the sources use.
    fn used(folder: &Path, names: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                used(&path, names);
            } else {
                let source = std::fs::read_to_string(&path).unwrap();
                let calls = source
                    .split("t!(")
                    .skip(1)
                    .filter_map(|rest| rest.trim_start().strip_prefix('"'));
                names.extend(
                    calls
                        .filter_map(|rest| rest.split('"').next())
                        .map(str::to_owned),
                );
            }
        }
    }

    fn sources() -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        used(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut names,
        );
        // The example in the macro's own comment and the pattern in this test.
        names
            .into_iter()
            .filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
            .collect()
    }

    #[test]
    fn the_file_has_no_errors() {
        let resource = FluentResource::try_new(ENGLISH.to_owned());
        assert!(
            resource.is_ok(),
            "{:?}",
            resource.err().map(|(_, errors)| errors)
        );
        let mut bundle = FluentBundle::new(vec!["en".parse().unwrap()]);
        assert_eq!(
            bundle.add_resource(resource.unwrap()),
            Ok(()),
            "a name stands twice"
        );
    }

    #[test]
    fn every_text_is_there_and_none_too_many() {
        let there: BTreeSet<String> = FluentResource::try_new(ENGLISH.to_owned())
            .unwrap()
            .entries()
            .filter_map(|entry| match entry {
                fluent_syntax::ast::Entry::Message(message) => Some(message.id.name.to_owned()),
                _ => None,
            })
            .collect();
        let used = sources();
        let missing: Vec<_> = used.difference(&there).collect();
        let unused: Vec<_> = there.difference(&used).collect();
        assert!(missing.is_empty(), "missing in en.ftl: {missing:?}");
        assert!(unused.is_empty(), "unused in en.ftl: {unused:?}");
    }

    #[test]
    fn plurals_follow_the_language() {
        assert_eq!(plain(&t!("unread", count = 1)), "1 unread message");
        assert_eq!(plain(&t!("unread", count = 5)), "5 unread messages");
    }

    #[test]
    fn names_are_isolated_from_the_text_around_them() {
        assert_eq!(
            t!("contact-new", node = "a.example"),
            "New contact · \u{2068}a.example\u{2069}"
        );
    }

    #[test]
    fn a_code_that_is_not_known_is_shown() {
        assert_eq!(
            plain(&t!("problem", code = "mailbox_full")),
            "Their mailbox is full."
        );
        assert_eq!(
            plain(&t!("problem", code = "newer_code")),
            "The node refused it (newer_code)."
        );
    }
}
