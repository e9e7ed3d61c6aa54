//! A recovery phrase as it is typed: how far it is, before the engine looks at it.

/// Words of a recovery phrase.
pub const WORDS: usize = 12;

/// The words of what was typed or pasted. Numbers and punctuation that stand around them on paper or in a
/// list are left out.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in text.split(|c: char| !c.is_alphabetic()) {
        if !part.is_empty() {
            words.push(part.to_lowercase());
        }
    }
    words
}

/// The words with one space between them: what the engine is given.
pub fn normal(text: &str) -> String {
    words(text).join(" ")
}

/// How many words there are, at most one more than there should be.
pub fn count(text: &str) -> u32 {
    let count = words(text).len().min(WORDS.saturating_add(1));
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_read_however_it_was_written_down() {
        let wanted = "zoo abandon able";
        for text in [
            "zoo abandon able",
            "  Zoo\tABANDON\n able ",
            "1. zoo 2. abandon 3. able",
            "1) zoo, 2) abandon, 3) able.",
            "• zoo\n• abandon\n• able",
            "zoo-abandon-able",
        ] {
            assert_eq!(normal(text), wanted, "{text}");
        }
        assert_eq!(normal(""), "");
        assert_eq!(normal("123 … !"), "");
    }

    #[test]
    fn counting_ends() {
        assert_eq!(count(""), 0);
        assert_eq!(count("zoo zoo"), 2);
        assert_eq!(count(&"zoo ".repeat(4_000)), 13);
    }
}
