//! Problem documents of nodes (RFC 9457).

use serde::Deserialize;

/// Longest code that is shown to anybody.
const MAX_CODE: usize = 64;

#[derive(Deserialize)]
struct Problem {
    code: String,
}

/// The stable code in a problem document; `None` when it is not one.
pub(crate) fn code_of(body: &[u8]) -> Option<String> {
    let problem: Problem = serde_json::from_slice(body).ok()?;
    is_code(&problem.code).then_some(problem.code)
}

/// Whether a text looks like a problem code.
pub(crate) fn is_code(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=MAX_CODE).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_and_anything_else_is_not() {
        let body = br#"{"type":"about:blank","status":403,"code":"registration_closed"}"#;
        assert_eq!(code_of(body).as_deref(), Some("registration_closed"));
        assert_eq!(code_of(b"<html>"), None);
        assert_eq!(code_of(br#"{"code":"<script>"}"#), None);
        assert_eq!(code_of(br#"{"code":7}"#), None);
        assert_eq!(code_of(br#"{"code":""}"#), None);
    }
}
