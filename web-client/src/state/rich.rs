//! What people mean by stars and dashes: a small, safe part of Markdown as a tree. It becomes nodes of the page and
//! never a text of HTML, so there is nothing to clean: HTML in a message is words like all others, and so is
//! everything else that is not named here, links with other words than their address above all.
//!
//! Blocks: paragraphs, `>` quotes, lists of `-`, `*`, `+` or numbers, `#` headings, ` ``` ` code. In a line: `**strong**`,
//! `*emphasis*`, `_emphasis_`, `~~struck~~`, `` `code` `` and `\\` before a sign that is meant as such. The time to read a text grows
//! with its length and nothing else.

mod block;
mod line;

/// Deeper nesting is words.
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
    let lines: Vec<&str> = text.lines().collect();
    let parts = block::read(&lines, 0);
    let plain = parts.iter().all(|part| match part {
        Rich::Of(Kind::Paragraph, parts) => parts
            .iter()
            .all(|part| matches!(part, Rich::Words(_) | Rich::Break)),
        _ => false,
    });
    // Then the text as it was typed is truer: with its blanks and empty lines.
    (!plain).then_some(parts)
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
        assert_eq!(
            shown("Things:\n- a\n- *b*\n  more\n\nso"),
            "<Paragraph Things:><List(None) <Item a><Item <Emphasis b>/more>><Paragraph so>"
        );
        assert_eq!(shown("a ``b`c`` d"), "<Paragraph a <code b`c> d>");
        assert_eq!(
            shown("***both*** **a _b_ c**"),
            "<Paragraph <Strong <Emphasis both>> <Strong a <Emphasis b> c>>"
        );
        assert_eq!(
            shown("这是**重点**内容"),
            "<Paragraph 这是<Strong 重点>内容>"
        );
        assert_eq!(
            shown("**https://a.example/x**"),
            "<Paragraph <Strong https://a.example/x>>"
        );
    }

    #[test]
    fn blocks_lie_in_blocks() {
        assert_eq!(
            shown("- a\n  - b\n  - c\n- d"),
            "<List(None) <Item a<List(None) <Item b><Item c>>><Item d>>"
        );
        assert_eq!(
            shown("> > deep\n> - x"),
            "<Quote <Quote <Paragraph deep>><List(None) <Item x>>>"
        );
        assert_eq!(
            shown("1) one\n   ```\n   *code*\n   ```"),
            "<List(Some(1)) <Item one<block *code*>>>"
        );
        assert_eq!(
            shown("```rust\nnever ends\n\n*x*"),
            "<block never ends\n\n*x*>"
        );
    }

    #[test]
    fn a_sign_can_be_meant_as_such() {
        assert_eq!(shown("*a* \\*b\\*"), "<Paragraph <Emphasis a> *b*>");
        assert_eq!(shown(r"*a* C:\dir"), r"<Paragraph <Emphasis a> C:\dir>");
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
            "2*3*4=24 and ~1 ~ 2",
            "- ",
            "-5 degrees, +5 tomorrow",
            "#hashtag",
            "* ",
            "1.5 litres",
            "19:30) or later",
            "** not strong **",
            "https://a.example/_x_/*y*?a_b=~~c~~",
            "&lt;b&gt; &copy;",
        ] {
            assert_eq!(read(text), None, "{text:?} became {}", shown(text));
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
        assert!(shown.contains("[my bank](https://evil.example)"), "{shown}");
        assert!(shown.contains("![cat](javascript:alert(1))"), "{shown}");
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
            &"*a ".repeat(20_000),
            &"`".repeat(40_000),
            &"`a ``b ".repeat(8_000),
            &"**_~~".repeat(8_000),
            &"a** ".repeat(10_000),
        ] {
            let _ = shown(text);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_word_is_lost(text in "[a-c*_~`>#.\\\\ \n-]{0,60}|\\PC{0,40}") {
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            let plain = |parts: &[Rich]| words(parts);
            if let Some(parts) = read(&text) {
                // Numbers of lists and the word after a fence are no words of the text.
                let shown = letters(&plain(&parts));
                proptest::prop_assert!(text.contains("```") || is_within(&shown, &letters(&text)), "{text:?} {shown:?}");
                let missing = letters(&text).len() - shown.len().min(letters(&text).len());
                let digits = text.chars().filter(|c| c.is_numeric()).map(char::len_utf8).sum::<usize>();
                proptest::prop_assert!(text.contains("```") || missing <= digits, "{text:?} {shown:?}");
            }
        }
    }

    fn words(parts: &[Rich]) -> String {
        let part = |part: &Rich| match part {
            Rich::Words(text) | Rich::Code(text) | Rich::CodeBlock(text) => text.clone(),
            Rich::Break => String::new(),
            Rich::Of(_, parts) => words(parts),
        };
        parts.iter().map(part).collect()
    }

    fn is_within(some: &str, all: &str) -> bool {
        let mut all = all.chars();
        some.chars().all(|c| all.any(|other| other == c))
    }
}
