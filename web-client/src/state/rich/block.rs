//! What lines make together.

use super::{Kind, MAX_DEPTH, Rich, line};

/// What a line begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begins<'a> {
    Nothing,
    /// An empty line.
    Blank,
    /// Code until a line like it.
    Fence,
    /// A quote; what stands behind the sign.
    Quote(&'a str),
    /// A point of a list: its number, how far its text is from the edge, and the text.
    Item(Option<u64>, usize, &'a str),
    Heading(&'a str),
}

/// Reads lines.
pub(super) fn read(lines: &[&str], depth: usize) -> Vec<Rich> {
    if depth >= MAX_DEPTH {
        return vec![paragraph(lines)];
    }
    let mut parts = Vec::new();
    let mut rest = lines;
    while let Some((first, after)) = rest.split_first() {
        let taken = match begins(first) {
            Begins::Blank => 1,
            Begins::Fence => {
                let code = run(after, |line| begins(line) != Begins::Fence);
                parts.push(Rich::CodeBlock(code.join("\n")));
                code.len().saturating_add(2)
            }
            Begins::Quote(_) => {
                let quote = run(rest, |line| matches!(begins(line), Begins::Quote(_)));
                let inner: Vec<&str> = quote.iter().map(|line| quoted(line)).collect();
                parts.push(Rich::Of(Kind::Quote, read(&inner, depth.saturating_add(1))));
                quote.len()
            }
            Begins::Item(number, ..) => list(rest, number, depth, &mut parts),
            Begins::Heading(text) => {
                let strong = Rich::Of(Kind::Strong, line::read(text));
                parts.push(Rich::Of(Kind::Paragraph, vec![strong]));
                1
            }
            Begins::Nothing => {
                let more = run(after, |line| !interrupts(begins(line)));
                let lines = rest.get(..=more.len()).unwrap_or_default();
                parts.push(paragraph(lines));
                lines.len()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    parts
}

/// Takes the points of one list, and says how many lines they have.
fn list(lines: &[&str], first: Option<u64>, depth: usize, parts: &mut Vec<Rich>) -> usize {
    let mut items = Vec::new();
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        let Begins::Item(number, indent, text) = begins(line) else {
            break;
        };
        if number.is_some() != first.is_some() {
            break;
        }
        // What stands below the text of the point belongs to it.
        let more = run(after, |line| {
            margin(line) >= indent.min(2) && !line.trim().is_empty()
        });
        let below = more
            .iter()
            .map(|line| line.get(margin(line).min(indent)..).unwrap_or_default());
        let inner: Vec<&str> = core::iter::once(text).chain(below).collect();
        let mut inner = read(&inner, depth.saturating_add(1)).into_iter();
        let mut item = match inner.next() {
            Some(Rich::Of(Kind::Paragraph, words)) => words,
            other => other.into_iter().collect(),
        };
        item.extend(inner);
        items.push(Rich::Of(Kind::Item, item));
        rest = rest.get(more.len().saturating_add(1)..).unwrap_or_default();
    }
    parts.push(Rich::Of(Kind::List(first), items));
    lines.len().saturating_sub(rest.len())
}

fn paragraph(lines: &[&str]) -> Rich {
    // Marks may reach over lines.
    Rich::Of(Kind::Paragraph, line::read(&lines.join("\n")))
}

fn begins(line: &str) -> Begins<'_> {
    let text = line.trim_start();
    let indent = margin(line);
    if text.is_empty() {
        return Begins::Blank;
    }
    if text.starts_with("```") {
        return Begins::Fence;
    }
    if let Some(rest) = text.strip_prefix('>') {
        return Begins::Quote(rest.strip_prefix(' ').unwrap_or(rest));
    }
    let item = |number, sign: usize, rest: &'_ str| {
        let indent = indent.saturating_add(sign).saturating_add(1);
        (rest.starts_with(' ') && !rest.trim().is_empty()).then_some((number, indent))
    };
    if let Some(rest) = text.strip_prefix(['-', '*', '+'])
        && let Some((number, indent)) = item(None, 1, rest)
    {
        return Begins::Item(number, indent, rest.trim_start());
    }
    let after = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.len().saturating_sub(after.len());
    if let Some(rest) = after.strip_prefix(['.', ')'])
        && let Some(Ok(number)) = text
            .get(..digits)
            .filter(|it| it.len() < 10)
            .map(str::parse)
        && let Some((number, indent)) = item(Some(number), digits.saturating_add(1), rest)
    {
        return Begins::Item(number, indent, rest.trim_start());
    }
    let after = text.trim_start_matches('#');
    let level = text.len().saturating_sub(after.len());
    if (1..=6).contains(&level) && after.starts_with(' ') && !after.trim().is_empty() {
        return Begins::Heading(after.trim());
    }
    Begins::Nothing
}

/// Whether a line ends the paragraph before it. A number other than 1 is more often the end of a sentence.
fn interrupts(line: Begins<'_>) -> bool {
    !matches!(line, Begins::Nothing | Begins::Item(Some(0 | 2..), ..))
}

fn quoted(line: &str) -> &'_ str {
    match begins(line) {
        Begins::Quote(text) => text,
        _ => line,
    }
}

/// The blanks before a text, in bytes.
fn margin(line: &str) -> usize {
    let text = line.trim_start_matches(' ');
    line.len().saturating_sub(text.len())
}

/// The first lines that are all like this.
fn run<'a, 'b>(lines: &'a [&'b str], is: impl Fn(&str) -> bool) -> &'a [&'b str] {
    let end = lines
        .iter()
        .position(|line| !is(line))
        .unwrap_or(lines.len());
    lines.get(..end).unwrap_or_default()
}
