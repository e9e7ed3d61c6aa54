//! Words. Every text that a person sees stands in `i18n/`; code knows it by its name.

use std::fmt::Write;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::platform::{self, document, preference};

const ENGLISH: &str = include_str!("../i18n/en.ftl");

/// Name of the preference.
const PREFERENCE: &str = "zechat-language";

/// A language that the page speaks.
#[derive(Debug, Clone, Copy)]
pub struct Language {
    /// Its BCP 47 tag.
    pub tag: &'static str,
    /// What it calls itself.
    pub name: &'static str,
    /// Which way it is written.
    direction: &'static str,
    /// Its texts. English stands in for those that are not there yet.
    source: &'static str,
}

/// The first one stands in where nothing fits.
const LANGUAGES: [Language; 4] = [
    Language {
        tag: "en",
        name: "English",
        direction: "ltr",
        source: ENGLISH,
    },
    Language {
        tag: "de",
        name: "Deutsch",
        direction: "ltr",
        source: include_str!("../i18n/de.ftl"),
    },
    Language {
        tag: "es",
        name: "Español",
        direction: "ltr",
        source: include_str!("../i18n/es.ftl"),
    },
    Language {
        tag: "ar",
        name: "العربية",
        direction: "rtl",
        source: include_str!("../i18n/ar.ftl"),
    },
];

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

struct Texts {
    language: &'static Language,
    bundle: FluentBundle<FluentResource>,
    fallback: Option<FluentBundle<FluentResource>>,
}

impl Texts {
    fn of(language: &'static Language) -> Self {
        let is_english = language.tag == ENGLISH_TAG;
        Self {
            language,
            bundle: bundle(language.tag, language.source),
            fallback: (!is_english).then(|| bundle(ENGLISH_TAG, ENGLISH)),
        }
    }

    fn text(&self, name: &str, arguments: &FluentArgs<'_>) -> Option<String> {
        let bundles = core::iter::once(&self.bundle).chain(&self.fallback);
        let mut found = bundles.filter_map(|bundle| {
            let pattern = bundle.get_message(name)?.value()?;
            let text = bundle.format_pattern(pattern, Some(arguments), &mut Vec::new());
            Some(text.into_owned())
        });
        found.next()
    }
}

const ENGLISH_TAG: &str = "en";

thread_local! {
    static TEXTS: Texts = Texts::of(start());
}

/// The language to begin with. Outside of a browser nobody prefers one.
fn start() -> &'static Language {
    if cfg!(target_arch = "wasm32") {
        let preferred = document::language();
        negotiate(chosen().as_deref(), preferred.as_deref())
    } else {
        negotiate(None, None)
    }
}

/// What was chosen here, else what the browser prefers, else English.
fn negotiate(chosen: Option<&str>, preferred: Option<&str>) -> &'static Language {
    let find = |tag: &str| {
        let primary = tag.split('-').next().unwrap_or_default();
        LANGUAGES
            .iter()
            .find(|language| language.tag.eq_ignore_ascii_case(primary))
    };
    let wanted = chosen.into_iter().chain(preferred).find_map(find);
    wanted.unwrap_or(&LANGUAGES[0])
}

/// The languages that the page speaks.
pub fn languages() -> &'static [Language] {
    &LANGUAGES
}

/// The language that was chosen here, whatever the browser prefers.
pub fn chosen() -> Option<String> {
    preference::read(PREFERENCE).filter(|tag| !tag.is_empty())
}

/// Chooses a language from the next start on; `None`: what the browser prefers.
pub fn choose(tag: Option<&String>) {
    preference::write(PREFERENCE, tag.map_or("", String::as_str));
}

/// Tells the browser which language the page speaks, and which way it is written.
pub fn announce() {
    let (tag, direction) = TEXTS.with(|texts| (texts.language.tag, texts.language.direction));
    document::set_root("lang", Some(tag));
    document::set_root("dir", Some(direction));
}

/// The language in use, as a BCP 47 tag.
pub fn language() -> &'static str {
    TEXTS.with(|texts| texts.language.tag)
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
    TEXTS.with(|texts| {
        texts
            .text(name, &arguments)
            .unwrap_or_else(|| name.to_owned())
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

    fn messages(source: &str) -> Vec<(String, fluent_syntax::ast::Pattern<String>)> {
        let parsed = fluent_syntax::parser::parse(source.to_owned()).unwrap();
        let message = |entry| match entry {
            fluent_syntax::ast::Entry::Message(message) => Some((message.id.name, message.value?)),
            _ => None,
        };
        parsed.body.into_iter().filter_map(message).collect()
    }

    /// Names of variables that a text uses, in order.
    fn variables(pattern: &fluent_syntax::ast::Pattern<String>) -> BTreeSet<String> {
        let text = format!("{pattern:?}");
        let mut names = BTreeSet::new();
        for rest in text.split("VariableReference").skip(1) {
            let name = rest
                .split("name: \"")
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            names.extend(name.map(str::to_owned));
        }
        names
    }

    #[test]
    fn translations_have_no_errors_no_strange_names_and_the_same_variables() {
        let english: std::collections::BTreeMap<_, _> = messages(ENGLISH).into_iter().collect();
        for language in LANGUAGES {
            for (name, pattern) in messages(language.source) {
                let original = english.get(&name);
                let original = original
                    .unwrap_or_else(|| panic!("{} of {} is not English", name, language.tag));
                let (ours, theirs) = (variables(&pattern), variables(original));
                assert!(
                    ours.is_subset(&theirs),
                    "{name} of {}: {ours:?} {theirs:?}",
                    language.tag
                );
            }
        }
    }

    #[test]
    fn the_choice_comes_first_then_the_browser_then_english() {
        assert_eq!(negotiate(Some("ar"), Some("de-AT")).tag, "ar");
        assert_eq!(negotiate(None, Some("de-AT")).tag, "de");
        assert_eq!(negotiate(Some("tlh"), Some("ES")).tag, "es");
        assert_eq!(negotiate(None, Some("fi")).tag, "en");
        assert_eq!(negotiate(None, None).tag, "en");
    }

    /// A language in which every text is marked: what a page shows without marks was forgotten.
    #[test]
    fn every_text_goes_through_the_translation() {
        let mut pseudo = bundle("en", ENGLISH);
        pseudo.set_transform(Some(|text| format!("⟦{text}⟧").into()));
        for (name, pattern) in messages(ENGLISH) {
            let has_words = format!("{pattern:?}").contains("TextElement");
            let message = pseudo.get_message(&name).unwrap();
            let shown = pseudo.format_pattern(message.value().unwrap(), None, &mut Vec::new());
            assert!(!has_words || shown.contains('⟦'), "{name}: {shown}");
        }
    }

    #[test]
    fn no_words_stand_in_the_code() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = Vec::new();
        for folder in ["components", "pages"] {
            for entry in std::fs::read_dir(sources.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                let source = std::fs::read_to_string(&path).unwrap();
                let source = source.split("#[cfg(test)]").next().unwrap().to_owned();
                for line in source
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"))
                {
                    found.extend(literal(line).map(|text| format!("{}: {text}", path.display())));
                }
            }
        }
        assert!(found.is_empty(), "{found:#?}");
    }

    /// Words that a line of a page shows as they stand: between tags, or in an attribute that is read out.
    fn literal(line: &str) -> Option<String> {
        // Names of classes and states begin small.
        let is_words = |text: &&str| {
            text.starts_with(char::is_uppercase)
                && text.chars().filter(|c| c.is_alphabetic()).count() > 2
        };
        let quoted = |after: &str| {
            let rest = line.split(after).nth(1)?;
            rest.split('"').next().filter(is_words).map(str::to_owned)
        };
        let attributes = ["aria-label=\"", "title=\"", "placeholder=\"", "alt=\""];
        let attribute = attributes.into_iter().find_map(quoted);
        attribute
            .or_else(|| quoted("{ \""))
            .or_else(|| quoted(">{\""))
    }

    #[test]
    fn words_in_the_code_are_noticed() {
        assert!(literal(r#"<p>{ "Hello there" }</p>"#).is_some());
        assert!(literal(r#"<button aria-label="Close it">"#).is_some());
        assert!(literal(r#"<p>{ ": " }</p> { t!("copy") }"#).is_none());
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
