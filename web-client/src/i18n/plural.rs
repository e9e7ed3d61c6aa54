//! Plural categories of a language (Unicode CLDR), as the browser knows them.

#[cfg(target_arch = "wasm32")]
pub(super) struct Plurals(js_sys::Intl::PluralRules);

#[cfg(target_arch = "wasm32")]
impl Plurals {
    pub(super) fn of(language: &str) -> Self {
        use js_sys::{Array, Intl, Object};

        Self(Intl::PluralRules::new(
            &Array::of1(&language.into()),
            &Object::new(),
        ))
    }

    /// `zero`, `one`, `two`, `few`, `many` or `other`.
    pub(super) fn category(&self, number: f64) -> String {
        self.0.select(number).into()
    }
}

#[cfg(not(target_arch = "wasm32"))]
pub(super) struct Plurals(Option<intl_pluralrules::PluralRules>);

#[cfg(not(target_arch = "wasm32"))]
impl Plurals {
    pub(super) fn of(language: &str) -> Self {
        use intl_pluralrules::{PluralRuleType, PluralRules};

        let language = language.parse::<unic_langid::LanguageIdentifier>().ok();
        Self(
            language
                .and_then(|language| PluralRules::create(language, PluralRuleType::CARDINAL).ok()),
        )
    }

    pub(super) fn category(&self, number: f64) -> String {
        use intl_pluralrules::PluralCategory;

        let category = self.0.as_ref().and_then(|rules| rules.select(number).ok());
        match category {
            Some(PluralCategory::ZERO) => "zero",
            Some(PluralCategory::ONE) => "one",
            Some(PluralCategory::TWO) => "two",
            Some(PluralCategory::FEW) => "few",
            Some(PluralCategory::MANY) => "many",
            _ => "other",
        }
        .to_owned()
    }
}
