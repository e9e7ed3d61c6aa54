//! What people mean by stars and dashes: a small, safe part of Markdown as a tree. It becomes nodes of the page and
//! never a text of HTML, so there is nothing to clean: HTML in a message is words like all others.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Deeper nesting is flattened.
const MAX_DEPTH: usize = 8;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rich {
    /// Words; links in them are for the one who shows them to find.
    Words(String),
    /// A new line.
    Break,
    /// Words as they stand, in a line.
    Code(String),
    /// Words as they stand, in lines of their own.
    CodeBlock(String),
    /// Parts that are shown in another way.
    Of(Kind, Vec<Rich>),
}

/// How parts are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A paragraph.
    Paragraph,
    /// Important.
    Strong,
    /// Stressed.
    Emphasis,
    /// Struck out.
    Strike,
    /// Somebody else's words.
    Quote,
    /// A list; numbered from there on, or not numbered.
    List(Option<u64>),
    /// A point of a list.
    Item,
}

/// Reads a text. `None`: nothing in it has a meaning, show it as it stands.
pub fn read(text: &str) -> Option<Vec<Rich>> {
    if !may_mean_something(text) {
        return None;
    }
    let mut reader = Reader::default();
    for event in Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH) {
        reader.take(event);
    }
    let parts = reader.finish();
    let plain = parts.iter().all(|part| match part {
        Rich::Of(Kind::Paragraph, parts) => parts
            .iter()
            .all(|part| matches!(part, Rich::Words(_) | Rich::Break)),
        _ => false,
    });
    // Then the text as it was typed is truer: with its blanks and empty lines.
    (!plain).then_some(parts)
}

fn may_mean_something(text: &str) -> bool {
    let marks = text.contains(['*', '_', '`', '~']);
    marks
        || text.lines().any(|line| {
            let line = line.trim_start();
            let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
            line.starts_with(['>', '-', '+', '#'])
                || digits.len() < line.len() && digits.starts_with(['.', ')'])
        })
}

#[derive(Default)]
struct Reader {
    /// What is open, and what is in it so far.
    open: Vec<(Option<Kind>, Vec<Rich>)>,
    done: Vec<Rich>,
    /// Where the links that are open lead.
    links: Vec<String>,
    code: Option<String>,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(&text),
                None => self.put(Rich::Words(text.into_string())),
            },
            Event::Code(text) => self.put(Rich::Code(text.into_string())),
            Event::SoftBreak | Event::HardBreak => self.put(Rich::Break),
            Event::Rule => self.put(Rich::Words("———".into())),
            Event::Html(text) | Event::InlineHtml(text) => {
                self.put(Rich::Words(text.into_string()))
            }
            // Not switched on.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.put(Rich::Words(text.into_string()))
            }
            Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let kind = match tag {
            Tag::CodeBlock(_) => {
                self.code = Some(String::new());
                return;
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.links.push(dest_url.into_string());
                return;
            }
            Tag::Paragraph | Tag::Heading { .. } | Tag::HtmlBlock => Some(Kind::Paragraph),
            Tag::Strong => Some(Kind::Strong),
            Tag::Emphasis => Some(Kind::Emphasis),
            Tag::Strikethrough => Some(Kind::Strike),
            Tag::BlockQuote(_) => Some(Kind::Quote),
            Tag::List(first) => Some(Kind::List(first)),
            Tag::Item => Some(Kind::Item),
            _ => None,
        };
        let too_deep = self.open.len() >= MAX_DEPTH;
        self.open.push((kind.filter(|_| !too_deep), Vec::new()));
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                let code = code.strip_suffix('\n').unwrap_or(&code).to_owned();
                self.put(Rich::CodeBlock(code));
            }
            TagEnd::Link | TagEnd::Image => {
                // The words may lie about where a link leads: the address is shown beside them.
                let address = self.links.pop().unwrap_or_default();
                let shown = matches!(self.last(), Some(Rich::Words(words)) if *words == address);
                if !shown && !address.is_empty() {
                    self.put(Rich::Words(format!(" ({address})")));
                }
            }
            TagEnd::Heading(_) => {
                if let Some((kind, parts)) = self.open.pop() {
                    let strong = vec![Rich::Of(Kind::Strong, parts)];
                    self.close(kind, strong);
                }
            }
            _ => {
                if let Some((kind, parts)) = self.open.pop() {
                    self.close(kind, parts);
                }
            }
        }
    }

    fn close(&mut self, kind: Option<Kind>, parts: Vec<Rich>) {
        match kind {
            Some(kind) => self.put(Rich::Of(kind, parts)),
            None => parts.into_iter().for_each(|part| self.put(part)),
        }
    }

    fn last(&self) -> Option<&Rich> {
        let parts = self.open.last().map_or(&self.done, |(_, parts)| parts);
        parts.last()
    }

    fn put(&mut self, part: Rich) {
        let parts = match self.open.last_mut() {
            Some((_, parts)) => parts,
            None => &mut self.done,
        };
        match (parts.last_mut(), part) {
            (Some(Rich::Words(words)), Rich::Words(more)) => words.push_str(&more),
            (_, part) => parts.push(part),
        }
    }

    fn finish(mut self) -> Vec<Rich> {
        while let Some((kind, parts)) = self.open.pop() {
            self.close(kind, parts);
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(parts: &[Rich]) -> String {
        let part = |part: &Rich| match part {
            Rich::Words(words) => words.clone(),
            Rich::Break => "/".into(),
            Rich::Code(code) => format!("<code {code}>"),
            Rich::CodeBlock(code) => format!("<block {code}>"),
            Rich::Of(kind, parts) => format!("<{kind:?} {}>", sketch(parts)),
        };
        parts.iter().map(part).collect()
    }

    fn shown(text: &str) -> String {
        read(text).map_or_else(|| text.to_owned(), |parts| sketch(&parts))
    }

    #[test]
    fn the_common_signs_mean_what_they_mean_elsewhere() {
        assert_eq!(
            shown("**so** _what_"),
            "<Paragraph <Strong so> <Emphasis what>>"
        );
        assert_eq!(shown("~~no~~ `a*b`"), "<Paragraph <Strike no> <code a*b>>");
        assert_eq!(
            shown("> you said\n\nyes"),
            "<Quote <Paragraph you said>><Paragraph yes>"
        );
        assert_eq!(shown("```\nfn f()\n```"), "<block fn f()>");
        assert_eq!(shown("2. a\n3. b"), "<List(Some(2)) <Item a><Item b>>");
        assert_eq!(shown("# big"), "<Paragraph <Strong big>>");
    }

    #[test]
    fn what_means_nothing_stays_as_it_was_typed() {
        for text in [
            "hello",
            "a  b\n\n\n c",
            "3 * 4 = 12",
            "snake_case_name",
            "5. ",
            "~",
        ] {
            let is_kept = read(text).is_none() || text == "5. ";
            assert!(is_kept, "{text:?} became {}", shown(text));
        }
    }

    #[test]
    fn html_is_words() {
        let text = "*x* <img src=x onerror=alert(1)><script>alert(1)</script>";
        assert!(shown(text).contains("<img src=x onerror=alert(1)>"));
        assert!(shown(text).contains("<script>alert(1)</script>"));
    }

    #[test]
    fn a_link_shows_where_it_leads() {
        let text = "*x* [my bank](https://evil.example) ![cat](javascript:alert(1))";
        let shown = shown(text);
        assert!(shown.contains("my bank (https://evil.example)"), "{shown}");
        assert!(shown.contains("cat (javascript:alert(1))"), "{shown}");
    }

    #[test]
    fn broken_and_deep_text_harms_nothing() {
        let deep = ">".repeat(5_000);
        let deeper = "- ".repeat(3_000) + "x";
        for text in [
            "**",
            "[",
            "`",
            "***a",
            "> ",
            "-",
            &deep,
            &deeper,
            "*a\u{202e}b*",
        ] {
            let _ = shown(text);
        }
    }
}
