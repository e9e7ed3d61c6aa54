//! Every text in every language: none missing, none strange, and a sentence for each reason that can be given.
#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a file that cannot be read fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use client_core::own_code;
use fluent_syntax::ast::{Entry, Expression, Pattern, PatternElement, VariantKey};
use shared_crypto::problem::ProblemCode;

const ENGLISH: &str = "en.ftl";

type Texts = BTreeMap<String, Pattern<String>>;

/// The texts of all languages, by file.
fn languages() -> BTreeMap<String, Texts> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("i18n");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    let languages: BTreeMap<_, _> = files
        .map(|file| {
            let name = file.file_name().into_string().unwrap();
            let source = std::fs::read_to_string(file.path()).unwrap();
            let parsed = fluent_syntax::parser::parse(source);
            let parsed = parsed.unwrap_or_else(|(_, errors)| panic!("{name}: {errors:?}"));
            let mut texts = Texts::new();
            for entry in parsed.body {
                if let Entry::Message(message) = entry {
                    let key = message.id.name;
                    let twice = texts.insert(key.clone(), message.value.unwrap());
                    assert!(twice.is_none(), "{key} stands twice in {name}");
                }
            }
            (name, texts)
        })
        .collect();
    assert_eq!(languages.len(), 4);
    languages
}

#[test]
fn every_language_has_every_text() {
    let languages = languages();
    let english: BTreeSet<_> = languages[ENGLISH].keys().collect();
    for (name, texts) in &languages {
        let there: BTreeSet<_> = texts.keys().collect();
        let missing: Vec<_> = english.difference(&there).collect();
        let strange: Vec<_> = there.difference(&english).collect();
        assert!(missing.is_empty(), "missing in {name}: {missing:?}");
        assert!(strange.is_empty(), "only in {name}: {strange:?}");
    }
}

/// A text that was copied and not translated: the same words, and more than a name or a sign.
#[test]
fn no_translation_is_the_english_text() {
    let words = |pattern: &Pattern<String>| {
        let text: String = pattern
            .elements
            .iter()
            .filter_map(|element| match element {
                PatternElement::TextElement { value } => Some(value.as_str()),
                PatternElement::Placeable { .. } => None,
            })
            .collect();
        text.split_whitespace().count()
    };
    let languages = languages();
    let english = &languages[ENGLISH];
    for (name, texts) in languages.iter().filter(|(name, _)| *name != ENGLISH) {
        for (key, pattern) in texts {
            assert!(
                words(pattern) < 3 || *pattern != english[key],
                "{key} of {name} is English"
            );
        }
    }
}

/// The codes that a text of the form `{ $code -> [one] … }` knows.
fn codes(pattern: &Pattern<String>) -> BTreeSet<&str> {
    let variants = pattern.elements.iter().find_map(|element| match element {
        PatternElement::Placeable {
            expression: Expression::Select { variants, .. },
        } => Some(variants),
        _ => None,
    });
    let names = variants.into_iter().flatten().map(|it| match &it.key {
        VariantKey::Identifier { name } => name.as_str(),
        VariantKey::NumberLiteral { value } => value.as_str(),
    });
    names.collect()
}

#[test]
fn every_reason_has_its_sentence_in_every_language() {
    let all = ProblemCode::ALL.iter().map(|code| code.as_str());
    let mut expected: BTreeSet<_> = all.chain(own_code::ALL.iter().copied()).collect();
    expected.insert("other");
    for (name, texts) in &languages() {
        assert_eq!(codes(&texts["problem"]), expected, "{name}");
    }
}

/// Who said it: what begins with `own-` is said by this program, which a reader sees by its name.
#[test]
fn a_reason_says_who_gives_it() {
    for (name, texts) in &languages() {
        let pattern = &texts["problem"];
        for element in &pattern.elements {
            let PatternElement::Placeable {
                expression: Expression::Select { variants, .. },
            } = element
            else {
                continue;
            };
            for variant in variants {
                let VariantKey::Identifier { name: code } = &variant.key else {
                    continue;
                };
                let text = format!("{:?}", variant.value);
                let by_us = code.starts_with("own-");
                assert!(!by_us || text.contains("ZeChat"), "{code} of {name}");
            }
        }
    }
}
