//! Words. Every text that a person sees stands in `i18n/`; code knows it by its name.
//!
//! English is built in, as it stands in for what another language lacks. The others are files of their own:
//! nobody needs more than one of them.

mod fluent;
mod plural;

use std::cell::OnceCell;
use std::fmt::Write;

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
}

/// The first one stands in where nothing fits.
const LANGUAGES: [Language; 4] = [
    Language {
        tag: "en",
        name: "English",
        direction: "ltr",
    },
    Language {
        tag: "de",
        name: "Deutsch",
        direction: "ltr",
    },
    Language {
        tag: "es",
        name: "Español",
        direction: "ltr",
    },
    Language {
        tag: "ar",
        name: "العربية",
        direction: "rtl",
    },
];

/// The text of a name, with values for its variables: `t!("unread", count = 3_u8)`.
macro_rules! t {
    ($name:literal) => {
        $crate::i18n::text($name, &[])
    };
    ($name:literal, $($variable:ident = $value:expr),+ $(,)?) => {
        $crate::i18n::text($name, &[$((stringify!($variable), $crate::i18n::Value::from($value))),+])
    };
}
pub(crate) use t;

/// What stands for a variable of a text.
#[derive(Debug, Clone)]
pub enum Value<'v> {
    /// A text, as it is.
    Borrowed(&'v str),
    /// A text, as it is.
    Owned(String),
    /// A number, in digits; it also chooses the plural.
    Number(u64),
}

impl Value<'_> {
    fn to_text(&self) -> String {
        match self {
            Self::Borrowed(text) => (*text).to_owned(),
            Self::Owned(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Borrowed(text)
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Owned(text)
    }
}

macro_rules! from_number {
    ($($number:ty),+) => {
        $(impl From<$number> for Value<'_> {
            fn from(number: $number) -> Self {
                Self::Number(u64::try_from(number).unwrap_or(u64::MAX))
            }
        })+
    };
}
from_number!(u8, u16, u32, u64, usize);

struct Texts {
    language: &'static Language,
    translation: Option<fluent::Texts<'static>>,
    /// Stands in for what a translation lacks.
    english: fluent::Texts<'static>,
}

impl Texts {
    fn english() -> Self {
        Self {
            language: &LANGUAGES[0],
            translation: None,
            english: fluent::Texts::read(LANGUAGES[0].tag, ENGLISH),
        }
    }

    fn translated(language: &'static Language, source: String) -> Self {
        Self {
            language,
            // Once in the life of the page.
            translation: Some(fluent::Texts::read(language.tag, source.leak())),
            ..Self::english()
        }
    }

    fn text(&self, name: &str, values: &[(&str, Value<'_>)]) -> Option<String> {
        let translated = self.translation.as_ref();
        let translated = translated.and_then(|texts| texts.text(name, values));
        translated.or_else(|| self.english.text(name, values))
    }
}

thread_local! {
    static TEXTS: OnceCell<Texts> = const { OnceCell::new() };
}

/// Gets the texts of the language to begin with, before anything is drawn. When they do not come, the page
/// is English. The page itself says what hash they have, so they stay those that came with it.
pub async fn load(page: &web_sys::Element) {
    let preferred = document::language();
    let language = negotiate(chosen().as_deref(), preferred.as_deref());
    if language.tag == LANGUAGES[0].tag {
        return;
    }
    let path = format!("/i18n/{}.ftl", language.tag);
    let hash = page.get_attribute(&format!("data-texts-{}", language.tag));
    if let Some(source) = platform::asset::text(&path, &hash.unwrap_or_default()).await {
        TEXTS.with(|texts| drop(texts.set(Texts::translated(language, source))));
    }
}

fn with<T>(use_texts: impl FnOnce(&Texts) -> T) -> T {
    TEXTS.with(|texts| use_texts(texts.get_or_init(Texts::english)))
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
pub fn choose(tag: Option<&str>) {
    preference::write(PREFERENCE, tag.unwrap_or_default());
}

/// Tells the browser which language the page speaks, and which way it is written.
pub fn announce() {
    let (tag, direction) = with(|texts| (texts.language.tag, texts.language.direction));
    document::set_root("lang", Some(tag));
    document::set_root("dir", Some(direction));
}

/// The language in use, as a BCP 47 tag.
pub fn language() -> &'static str {
    with(|texts| texts.language.tag)
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
pub fn text(name: &str, values: &[(&str, Value<'_>)]) -> String {
    with(|texts| texts.text(name, values).unwrap_or_else(|| name.to_owned()))
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
    use proptest::prelude::*;

    use super::*;

    fn bundle(language: &str, source: &str) -> FluentBundle<FluentResource> {
        let mut bundle = FluentBundle::new(vec![language.parse().unwrap()]);
        let resource = FluentResource::try_new(source.to_owned()).unwrap();
        bundle.add_resource(resource).unwrap();
        bundle
    }

    fn source(language: &Language) -> String {
        let file = format!("{}/i18n/{}.ftl", env!("CARGO_MANIFEST_DIR"), language.tag);
        std::fs::read_to_string(file).unwrap()
    }

    /// What the Fluent library says.
    fn expected(
        bundle: &FluentBundle<FluentResource>,
        name: &str,
        values: &[(&str, Value<'_>)],
    ) -> Option<String> {
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            arguments.set(
                (*name).to_owned(),
                match value {
                    Value::Borrowed(text) => FluentValue::from((*text).to_owned()),
                    Value::Owned(text) => FluentValue::from(text.clone()),
                    Value::Number(number) => FluentValue::from(*number),
                },
            );
        }
        let pattern = bundle.get_message(name)?.value()?;
        let text = bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new());
        Some(text.into_owned())
    }

    /// Keys of variants, so that each is chosen.
    fn keys(source: &str) -> BTreeSet<&str> {
        let keys = source.split('[').skip(1);
        keys.filter_map(|rest| rest.split(']').next()).collect()
    }

    #[test]
    fn every_text_of_every_language_is_said_as_the_library_says_it() {
        for language in &LANGUAGES {
            let source = source(language);
            let bundle = bundle(language.tag, &source);
            let texts = fluent::Texts::read(language.tag, &source);
            let mut said = 0;
            for (name, pattern) in messages(&source) {
                let names = variables(&pattern);
                let all = |value: Value<'static>| -> Vec<(&str, Value<'static>)> {
                    names
                        .iter()
                        .map(|name| (name.as_str(), value.clone()))
                        .collect()
                };
                let numbers = [0, 1, 2, 3, 5, 11, 12, 21, 100, 101, 1_000_000].map(Value::Number);
                let words = keys(&source)
                    .into_iter()
                    .map(|key| Value::Owned(key.to_owned()));
                let words = words.chain([Value::Owned("ليلى { $x }".to_owned())]);
                for value in numbers.into_iter().chain(words) {
                    let values = all(value);
                    let expected = expected(&bundle, &name, &values);
                    assert_eq!(
                        texts.text(&name, &values),
                        expected,
                        "{name} of {}",
                        language.tag
                    );
                    said += 1;
                }
                // One names the unit, the others count.
                for key in keys(&source) {
                    let mut values = all(Value::Number(2));
                    if let Some(unit) = values.iter_mut().find(|(name, _)| *name == "unit") {
                        unit.1 = Value::Owned(key.to_owned());
                        let expected = expected(&bundle, &name, &values);
                        assert_eq!(
                            texts.text(&name, &values),
                            expected,
                            "{name} of {}",
                            language.tag
                        );
                    }
                }
            }
            assert!(said > 1_000, "{said}");
        }
    }

    #[test]
    fn texts_over_several_lines_and_without_their_values_are_said_as_the_library_says_them() {
        let source = "# a comment = no text\nfirst =\n    One\n    two { $x }\n\n    three\nempty-value = { $x }\n\
            ## more\nchoice = A { $x ->\n    [0] nothing\n    [one] one { $y }\n       and more\n   *[other] many\n    } b\nlast = end";
        let (bundle, texts) = (bundle("en", source), fluent::Texts::read("en", source));
        for values in [
            vec![],
            vec![("x", Value::Number(0))],
            vec![("x", Value::Number(1)), ("y", Value::Borrowed("why"))],
            vec![("x", Value::Borrowed("0"))],
        ] {
            for name in ["first", "empty-value", "choice", "last", "a comment"] {
                assert_eq!(
                    texts.text(name, &values),
                    expected(&bundle, name, &values),
                    "{name}"
                );
            }
        }
    }

    proptest! {
        /// A file may have been changed on its way: whatever it says, it is read to an end.
        #[test]
        fn no_file_stops_the_page(source in "([a-z]{1,3}( = |=)?|[ \n{}$*\\[\\]>é-]|->){0,60}") {
            let texts = fluent::Texts::read("en", &source);
            for name in ["a", "b", "ab"] {
                let _ = texts.text(name, &[("a", Value::Number(1))]);
            }
        }
    }

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
            for (name, pattern) in messages(&source(&language)) {
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
        assert_eq!(plain(&t!("unread", count = 1_u8)), "1 unread message");
        assert_eq!(plain(&t!("unread", count = 5_u8)), "5 unread messages");
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
            "Their node says that their mailbox is full. Try again when they have been there."
        );
        assert_eq!(
            plain(&t!("problem", code = "newer_code")),
            "The node refused it (newer_code)."
        );
    }
}
