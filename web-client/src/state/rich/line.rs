//! What signs mean within a paragraph.

use super::{Kind, MAX_DEPTH, Rich};
use client_core::sorted::SortedSet;

/// A piece of a paragraph.
enum Token<'a> {
    Words(&'a str),
    Break,
    Code(&'a str),
    Mark(Mark<'a>),
}

/// Signs that may begin or end something.
#[derive(Clone, Copy)]
struct Mark<'a> {
    signs: &'a str,
    opens: bool,
    closes: bool,
}

/// Reads the text of a paragraph.
pub(super) fn read(text: &str) -> Vec<Rich> {
    let mut parts = Vec::new();
    place(&tokens(text), 0, &mut parts);
    parts
}

/// Finds what belongs together.
fn place(tokens: &[Token<'_>], depth: usize, parts: &mut Vec<Rich>) {
    // Signs that nothing closes from here on, so that nobody looks for it again.
    let mut open_for_ever = SortedSet::new();
    let mut rest = tokens;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            Token::Words(words) => put(parts, words),
            Token::Break => parts.push(Rich::Break),
            Token::Code(code) => parts.push(Rich::Code((*code).to_owned())),
            Token::Mark(mark) => {
                let is_pointless =
                    !mark.opens || depth >= MAX_DEPTH || open_for_ever.contains(mark.signs);
                let end = if is_pointless {
                    None
                } else {
                    closing(after, mark.signs)
                };
                let Some((inner, after)) =
                    end.and_then(|end| Some((after.get(..end)?, after.get(end..)?)))
                else {
                    if mark.opens {
                        open_for_ever.insert(mark.signs);
                    }
                    put(parts, mark.signs);
                    continue;
                };
                let mut of = Vec::new();
                place(inner, depth.saturating_add(1), &mut of);
                parts.push(Rich::Of(kind(mark.signs), of));
                rest = after.get(1..).unwrap_or_default();
            }
        }
    }
}

/// Where these signs end what they began; something lies between.
fn closing(tokens: &[Token<'_>], signs: &str) -> Option<usize> {
    let closes = |token: &Token<'_>| matches!(token, Token::Mark(mark) if mark.closes && mark.signs == signs);
    tokens.iter().position(closes).filter(|end| *end > 0)
}

fn kind(signs: &str) -> Kind {
    match signs {
        "~~" => Kind::Strike,
        "**" | "__" => Kind::Strong,
        _ => Kind::Emphasis,
    }
}

fn put(parts: &mut Vec<Rich>, words: &str) {
    match parts.last_mut() {
        Some(Rich::Words(before)) => before.push_str(words),
        _ => parts.push(Rich::Words(words.to_owned())),
    }
}

fn tokens<'a>(text: &'a str) -> Vec<Token<'a>> {
    let mut tokens = Vec::new();
    // Numbers of backticks that do not come again.
    let mut alone = SortedSet::new();
    let (mut at, mut words_from) = (0, 0);
    let flush = |tokens: &mut Vec<Token<'a>>, from: usize, to: usize| {
        if let Some(words) = text.get(from..to).filter(|words| !words.is_empty()) {
            tokens.push(Token::Words(words));
        }
    };
    while let Some(rest) = text.get(at..)
        && let Some(sign) = rest.chars().next()
    {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let length = run(rest, sign);
        match sign {
            '\n' => {
                flush(&mut tokens, words_from, at);
                tokens.push(Token::Break);
                (at, words_from) = (at.saturating_add(1), at.saturating_add(1));
            }
            '\\' if rest
                .chars()
                .nth(1)
                .is_some_and(|next| next.is_ascii_punctuation()) =>
            {
                flush(&mut tokens, words_from, at);
                // The sign itself is words, whatever it is.
                words_from = at.saturating_add(1);
                at = at.saturating_add(2);
            }
            '`' => {
                let inner = rest.get(length..).unwrap_or_default();
                let end = if alone.contains(&length) {
                    None
                } else {
                    same_run(inner, length)
                };
                if let Some(code) = end.and_then(|end| inner.get(..end)) {
                    flush(&mut tokens, words_from, at);
                    tokens.push(Token::Code(bare(code)));
                    at = at
                        .saturating_add(length)
                        .saturating_add(code.len())
                        .saturating_add(length);
                    words_from = at;
                } else {
                    alone.insert(length);
                    at = at.saturating_add(length);
                }
            }
            '*' | '_' | '~' => {
                let signs = rest.get(..length).unwrap_or_default();
                let after = rest.get(length..).and_then(|after| after.chars().next());
                let marks = marks(signs, before, after);
                if !marks.is_empty() {
                    flush(&mut tokens, words_from, at);
                    tokens.extend(marks.into_iter().map(Token::Mark));
                    words_from = at.saturating_add(length);
                }
                at = at.saturating_add(length);
            }
            // Signs in an address belong to it.
            'h' if !before.is_some_and(char::is_alphanumeric) => {
                at = at.saturating_add(address(rest).max(1))
            }
            _ => at = at.saturating_add(sign.len_utf8()),
        }
    }
    flush(&mut tokens, words_from, text.len());
    tokens
}

/// What a run of one sign may begin or end, outermost first where it ends something last.
fn marks<'a>(signs: &'a str, before: Option<char>, after: Option<char>) -> Vec<Mark<'a>> {
    let is_blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
    // In scripts without blanks a star stands between letters; in ours, between letters it is a star.
    let is_letter = |c: Option<char>| match signs.starts_with('_') {
        true => c.is_some_and(char::is_alphanumeric),
        false => c.is_some_and(|c| c.is_ascii_alphanumeric()),
    };
    let opens = !is_blank(after) && !is_letter(before);
    let closes = !is_blank(before) && !is_letter(after);
    let pieces = match (signs.starts_with('~'), signs.len()) {
        (true, 2) | (false, 1 | 2) => vec![signs],
        (false, 3) if opens => signs
            .split_at_checked(2)
            .map_or_else(Vec::new, |(two, one)| vec![two, one]),
        (false, 3) => signs
            .split_at_checked(1)
            .map_or_else(Vec::new, |(one, two)| vec![one, two]),
        _ => Vec::new(),
    };
    if !opens && !closes {
        return Vec::new();
    }
    let mark = |signs| Mark {
        signs,
        opens,
        closes,
    };
    pieces.into_iter().map(mark).collect()
}

/// How many times a text begins with a sign.
fn run(text: &str, sign: char) -> usize {
    let rest = text.trim_start_matches(sign);
    text.len().saturating_sub(rest.len())
}

/// Where exactly this many backticks stand.
fn same_run(text: &str, length: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text.get(at..)?.find('`') {
        at = at.saturating_add(found);
        let here = run(text.get(at..)?, '`');
        if here == length {
            return Some(at);
        }
        at = at.saturating_add(here);
    }
    None
}

/// One blank on each side is there to keep backticks apart.
fn bare(code: &str) -> &str {
    let inner = code
        .strip_prefix(' ')
        .and_then(|code| code.strip_suffix(' '));
    inner
        .filter(|inner| !inner.trim().is_empty())
        .unwrap_or(code)
}

/// How long the address is with which a text begins, without the signs that end something around it; 0 if there is none.
fn address(text: &str) -> usize {
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return 0;
    }
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '`'));
    let address = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
    address.trim_end_matches(['*', '_', '~']).len()
}
