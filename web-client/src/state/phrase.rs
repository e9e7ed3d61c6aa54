//! A recovery phrase as it is typed: how far it is, before the engine looks at it.

/// Words of a recovery phrase.
pub const WORDS: usize = 12;

/// The words of what was typed or pasted. Numbers and punctuation that stand around them on paper or in a
/// list are left out, and so is the address that is copied with them.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in text.split_whitespace().filter(|part| !is_address(part)) {
        for word in part.split(|c: char| !c.is_alphabetic()) {
            if !word.is_empty() {
                words.push(word.to_lowercase());
            }
        }
    }
    words
}

/// The phrase and where the identity is, in a line: what is copied, and may be pasted into the field for a phrase.
pub fn with_address(words: &[String], address: &str) -> String {
    format!("{} {address}", words.join(" "))
}

/// The address that was pasted with the words, if there is one.
pub fn address(text: &str) -> Option<&str> {
    text.split_whitespace().find(|part| is_address(part))
}

fn is_address(part: &str) -> bool {
    part.contains("://")
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
    fn what_is_copied_can_be_pasted() {
        let words = ["zoo", "able"].map(str::to_owned);
        let copied = with_address(&words, "https://a.example:8008");
        assert_eq!(normal(&copied), "zoo able");
        assert_eq!(address(&copied), Some("https://a.example:8008"));
        assert_eq!(address("zoo able"), None);
    }

    #[test]
    fn counting_ends() {
        assert_eq!(count(""), 0);
        assert_eq!(count("zoo zoo"), 2);
        assert_eq!(count(&"zoo ".repeat(4_000)), 13);
    }
}
