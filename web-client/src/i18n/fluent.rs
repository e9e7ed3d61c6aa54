//! Texts in Fluent (<https://projectfluent.org>, syntax 1.0), as far as our files use it: messages, variables
//! and choices. Tests hold every text of every language against the Fluent library, which, with its tables,
//! would be a twentieth of what everybody downloads.

use super::Value;
use super::plural::Plurals;

/// The texts of one language.
pub(super) struct Texts<'s> {
    /// Under their names, in the order of these.
    messages: Vec<(&'s str, &'s str)>,
    plurals: Plurals,
}

impl<'s> Texts<'s> {
    pub(super) fn read(language: &str, source: &'s str) -> Self {
        let mut messages: Vec<(&str, &str)> = Vec::new();
        let mut rest = source;
        while !rest.is_empty() {
            let (message, after) = rest.split_at(end_of_entry(rest));
            rest = after;
            if let Some((name, text)) = message.split_once('=')
                && !message.starts_with('#')
            {
                let name = name.trim_end();
                let place = messages.binary_search_by(|(known, _)| (*known).cmp(name));
                if let Err(place) = place {
                    messages.insert(place, (name, text.trim_end()));
                }
            }
        }
        Self {
            messages,
            plurals: Plurals::of(language),
        }
    }

    /// A text with its variables filled in; `None` if there is none of that name.
    pub(super) fn text(&self, name: &str, values: &[(&str, Value<'_>)]) -> Option<String> {
        let place = self
            .messages
            .binary_search_by(|(known, _)| (*known).cmp(name));
        let (_, text) = self.messages.get(place.ok()?)?;
        let mut reader = Reader {
            rest: text,
            values,
            plurals: &self.plurals,
        };
        Some(reader.pattern(false))
    }
}

/// Where the next entry begins: at the next line that is neither empty nor indented nor the end of a choice.
fn end_of_entry(source: &str) -> usize {
    let mut end = 0;
    for line in source.split_inclusive('\n') {
        let goes_on = line.starts_with([' ', '}', '\n', '\r']);
        if end > 0 && !goes_on {
            break;
        }
        end += line.len();
    }
    end
}

/// Reads a text and says it at once: it is said about as often as it is read.
struct Reader<'t> {
    rest: &'t str,
    values: &'t [(&'t str, Value<'t>)],
    plurals: &'t Plurals,
}

impl<'t> Reader<'t> {
    /// Reads to the end of a text, or of a variant.
    fn pattern(&mut self, is_variant: bool) -> String {
        let mut said = String::new();
        self.blank();
        loop {
            let end = self.rest.find(['{', '}', '\n']).unwrap_or(self.rest.len());
            let (plain, rest) = self.rest.split_at(end);
            said.push_str(plain);
            self.rest = rest;
            match rest.bytes().next() {
                Some(b'{') => {
                    let is_first = said.is_empty();
                    let value = self.placeable();
                    // A value is isolated from text around it, whichever way that is written.
                    if is_first && self.is_at_end(is_variant) {
                        said = value;
                    } else {
                        said.push('\u{2068}');
                        said.push_str(&value);
                        said.push('\u{2069}');
                    }
                }
                Some(b'\n') if !self.is_at_end(is_variant) => {
                    trim_end(&mut said);
                    let indented = rest.trim_start();
                    let blank = rest.len() - indented.len();
                    let lines = rest.bytes().take(blank).filter(|byte| *byte == b'\n');
                    said.extend(lines.map(|_| '\n'));
                    self.rest = indented;
                }
                _ => break,
            }
        }
        trim_end(&mut said);
        said
    }

    fn is_at_end(&self, is_variant: bool) -> bool {
        let next = self.rest.trim_start();
        let is_new_line = self.rest.trim_start_matches(' ').starts_with('\n');
        next.is_empty()
            || is_variant && (next.starts_with('}') || is_new_line && next.starts_with(['[', '*']))
    }

    /// What stands between braces: a variable, or a choice by one.
    fn placeable(&mut self) -> String {
        self.skip('{');
        self.skip('$');
        let name = self.until(|c| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'));
        let value = self
            .values
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value);
        self.blank();
        let Some(variants) = self.rest.strip_prefix("->") else {
            self.skip('}');
            return value.map_or_else(|| format!("{{${name}}}"), Value::to_text);
        };
        self.rest = variants;
        self.choice(value)
    }

    /// The variant that names the value, or else its plural category, or else the default.
    fn choice(&mut self, value: Option<&Value<'_>>) -> String {
        let text = value.map(Value::to_text).unwrap_or_default();
        let category = match value {
            Some(Value::Number(number)) => self
                .plurals
                .category(u32::try_from(*number).unwrap_or(u32::MAX).into()),
            _ => String::new(),
        };
        let (mut exact, mut by_category, mut default) = (None, None, None);
        loop {
            self.blank();
            let is_default = self.rest.starts_with('*');
            self.skip('*');
            if !self.rest.starts_with('[') {
                break;
            }
            self.skip('[');
            let key = self.until(|c| c == ']').trim();
            self.skip(']');
            let said = self.pattern(true);
            // A number is no text, even if it is written as one.
            let is_number = key.starts_with(|c: char| c.is_ascii_digit());
            let is_counted = matches!(value, Some(Value::Number(_)));
            if key == text && is_number == is_counted {
                exact.get_or_insert(said);
            } else if key == category {
                by_category.get_or_insert(said);
            } else if is_default {
                default = Some(said);
            }
        }
        self.skip('}');
        exact.or(by_category).or(default).unwrap_or_default()
    }

    fn blank(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Passes blanks and then one character, if it is there.
    fn skip(&mut self, expected: char) {
        let rest = self.rest.trim_start();
        if let Some(rest) = rest.strip_prefix(expected) {
            self.rest = rest;
        }
    }

    fn until(&mut self, is_end: impl Fn(char) -> bool) -> &'t str {
        self.blank();
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        let (found, rest) = self.rest.split_at(end);
        self.rest = rest;
        found
    }
}

fn trim_end(text: &mut String) {
    text.truncate(text.trim_end().len());
}
