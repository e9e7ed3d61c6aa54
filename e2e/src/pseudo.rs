//! A language that nobody speaks: English with accents, longer, and each text in brackets. What a page shows without brackets
//! was forgotten by the translation; what a bracket is cut from does not fit.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::browser::Browser;
use crate::programs;

/// The language in whose place it is put.
pub const TAG: &str = "de";

/// Names every text on the page that is not in brackets and is not what a person, a browser or a node said.
const FORGOTTEN: &str = "
    const said = arguments[0];
    const isWord = (text) => /[A-Za-z]{3,}/.test(text) && !/[⟦⟧]/.test(text);
    const isOurs = (it) => !it.closest(said) && it.checkVisibility();
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const it = walker.currentNode;
        if (isWord(it.data) && isOurs(it.parentElement)) found.add(it.data + ' in ' + it.parentElement.outerHTML.slice(0, 120));
    }
    for (const it of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
        for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
            if (isWord(it.getAttribute(name) ?? '') && isOurs(it)) found.add(name + ' of ' + it.outerHTML.slice(0, 160));
    return [...found];";

/// Makes a copy of a client that speaks it.
///
/// # Errors
/// When files cannot be read or written.
pub fn client(from: &Path, folder: &Path) -> Result<()> {
    programs::copy(from, folder)?;
    let english = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../web-client/i18n/en.ftl");
    let english = std::fs::read_to_string(english).context("the English texts")?;
    programs::replace(folder, &format!("i18n/{TAG}.ftl"), &texts(&english))?;
    let page = std::fs::read_to_string(folder.join("index.html"))?;
    // With any hash: the page checks what its texts are.
    let (before, after) = page
        .split_once(&format!("data-texts-{TAG}=\""))
        .context("the page names no texts")?;
    let (_, after) = after.split_once('"').context("a hash without an end")?;
    let page = format!("{before}data-texts-{TAG}=\"\"{after}");
    programs::replace(folder, "index.html", &page)
}

impl Browser {
    /// Fails if there is a text on the page that no translation knows. `said` selects what is nobody's to translate.
    ///
    /// # Errors
    /// With the texts.
    pub async fn must_be_translated(&self, screen: &str, said: &str) -> Result<()> {
        let found = self.run(FORGOTTEN, vec![json!(said)]).await?;
        let found: Vec<String> = serde_json::from_value(found)?;
        ensure!(found.is_empty(), "{screen} is not translated: {found:#?}");
        Ok(())
    }
}

/// The texts of a Fluent file, line by line: each text and each variant in brackets.
fn texts(english: &str) -> String {
    let mut texts = String::new();
    for line in english.lines() {
        let text = line.trim_start();
        let is_message = !line.starts_with([' ', '#', '}']);
        let begins = match (is_message, text.starts_with(['[', '*'])) {
            (true, _) => line.find('=').map(|at| at + 1),
            (false, true) => line.find(']').map(|at| at + 1),
            (false, false) if line.starts_with(' ') => Some(line.len() - text.len()),
            _ => None,
        };
        let (name, text) = line.split_at(begins.unwrap_or(line.len()));
        texts.push_str(name);
        let text = text.trim();
        if !text.is_empty() {
            let said = accented(text);
            // A choice has brackets in each of its variants.
            let is_whole = text.matches('{').count() == text.matches('}').count();
            texts.push_str(&if is_whole {
                format!(" ⟦{said}⟧")
            } else {
                format!(" {said}")
            });
        }
        texts.push('\n');
    }
    texts
}

/// The same words, readable, with letters of other languages and a third longer; what is in braces stays.
fn accented(text: &str) -> String {
    let mut depth = 0;
    let mut said = String::new();
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth > 0 || c == '}' {
            said.push(c);
            continue;
        }
        said.push_str(match c {
            'a' => "áá",
            'e' => "éé",
            'i' => "í",
            'o' => "öö",
            'u' => "üü",
            'n' => "ñ",
            's' => "š",
            'c' => "ç",
            'A' => "Å",
            'E' => "É",
            'O' => "Ö",
            'S' => "Š",
            _ => {
                said.push(c);
                continue;
            }
        });
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_marked_and_choices_stay_choices() {
        let english = "# a note\nplain = Open it\nmany = { $n ->\n    [one] { $n } cat\n   *[other] { $n } cats\n}\nlong =\n    Two\n    lines of { $name }\n";
        let expected = "# a note\nplain = ⟦Öpééñ ít⟧\nmany = { $n ->\n    [one] ⟦{ $n } çáát⟧\n   *[other] ⟦{ $n } çáátš⟧\n}\nlong =\n     ⟦Twöö⟧\n     ⟦líñééš ööf { $name }⟧\n";
        assert_eq!(texts(english), expected);
    }
}
