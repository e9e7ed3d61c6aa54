//! The export for people: one page that needs nothing else, holds no script and may load nothing.

use core::fmt::Write as _;

use super::{Exported, lines};
use crate::entry;
use crate::ready::Ready;
use crate::request::ExportWords;

const STYLE: &str = "body{font-family:system-ui,sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem;line-height:1.5}\
    h2{margin-top:3rem;overflow-wrap:anywhere}\
    article{margin:.5rem 0;padding:.5rem .75rem;border:1px solid #8886;border-radius:.5rem}\
    .mine{margin-inline-start:3rem}.theirs{margin-inline-end:3rem}\
    p{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}\
    .note{font-style:italic}footer{font-size:.8rem;opacity:.7}\
    :root{color-scheme:light dark}";

pub(super) fn page(ready: &Ready, conversations: &[Exported], words: &ExportWords) -> String {
    let mut page = String::new();
    let title = escape(&words.title);
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1 dir=\"auto\">{title}</h1>\n",
        escape(&words.language),
    );
    for exported in conversations {
        let Some(contact) = ready.contacts.get(&exported.contact) else {
            continue;
        };
        let name = match contact.name() {
            "" => contact.identity().to_string(),
            name => name.to_owned(),
        };
        let _ = writeln!(page, "<section>\n<h2 dir=\"auto\">{}</h2>", escape(&name));
        for (row, _) in &exported.entries {
            let (side, who) = match row.mine {
                true => ("mine", words.me.as_str()),
                false => ("theirs", name.as_str()),
            };
            let body = entry::to_view(0, row).body;
            let (class, text) = match (&row.text, lines::note(&body)) {
                (Some(text), None) => ("text", text.as_str()),
                (_, Some("gap")) => ("note", words.missing.as_str()),
                (_, Some("connected" | "notice")) => continue,
                _ => ("note", words.unreadable.as_str()),
            };
            let _ = writeln!(
                page,
                "<article class=\"{side}\"><p class=\"{class}\" dir=\"auto\">{}</p>\
                 <footer><bdi>{}</bdi> · <time>{}</time></footer></article>",
                escape(text),
                escape(who),
                time(row.sent_at),
            );
        }
        page.push_str("</section>\n");
    }
    page.push_str("</body>\n</html>\n");
    page
}

/// A text as the content of an element or of a quoted attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Controls are no part of a text; line ends and tabs are.
            letter if letter.is_control() && !matches!(letter, '\n' | '\t') => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// UTC in the form of RFC 3339, without fractions.
fn time(at: u64) -> String {
    let (days, seconds) = (at / 86_400_000, at / 1_000 % 86_400);
    // Days since 0000-03-01 to a date, after Howard Hinnant's algorithm.
    let day = days.saturating_add(719_468);
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = of_era
        .saturating_sub(of_era / 1_460)
        .saturating_add(of_era / 36_524)
        .saturating_sub(of_era / 146_096)
        / 365;
    let of_year = of_era.saturating_sub(
        year.saturating_mul(365)
            .saturating_add(year / 4)
            .saturating_sub(year / 100),
    );
    let month = of_year.saturating_mul(5).saturating_add(2) / 153;
    let day = of_year
        .saturating_sub(month.saturating_mul(153).saturating_add(2) / 5)
        .saturating_add(1);
    let (month, carry) = if month < 10 {
        (month.saturating_add(3), 0)
    } else {
        (month.saturating_sub(9), 1)
    };
    let year = era
        .saturating_mul(400)
        .saturating_add(year)
        .saturating_add(carry);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(
            escape("<script>alert('x' & \"y\")</script>\u{7}\n"),
            "&lt;script&gt;alert(&#39;x&#39; &amp; &quot;y&quot;)&lt;/script&gt;\n"
        );
    }

    #[test]
    fn times_are_dates() {
        assert_eq!(time(0), "1970-01-01T00:00:00Z");
        assert_eq!(time(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(time(1_795_253_825_123), "2026-11-21T09:37:05Z");
        assert_eq!(time(4_102_444_799_000), "2099-12-31T23:59:59Z");
    }
}
