//! QR codes as the path of a drawing.

use fast_qr::{ECL, QRBuilder};

/// Light modules around the code, as the standard asks for.
const MARGIN: usize = 3;

/// A code to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Modules along one side, with the margin.
    pub side: usize,
    /// The dark modules, as the data of a path whose unit is one module.
    pub path: String,
}

/// Draws a text; nothing if it is too long for a code.
pub fn draw(text: &str) -> Option<Drawing> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
    let mut path = String::new();
    for (y, row) in code
        .data
        .chunks_exact(code.size)
        .take(code.size)
        .enumerate()
    {
        // Runs of dark modules: a third of the size of single squares, and no seams between them.
        let mut start = None;
        for x in 0..=row.len() {
            let dark = row.get(x).is_some_and(|module| module.value());
            match (dark, start) {
                (true, None) => start = Some(x),
                (false, Some(from)) => {
                    path.push_str(&format!(
                        "M{} {}h{}v1h-{}z",
                        from + MARGIN,
                        y + MARGIN,
                        x - from,
                        x - from
                    ));
                    start = None;
                }
                _ => {}
            }
        }
    }
    Some(Drawing {
        side: code.size + 2 * MARGIN,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_corner_marks() {
        let drawing = draw("https://node.example/i#AQID").unwrap();
        let marks = format!("M{MARGIN} {MARGIN}h7v1h-7z");
        assert!(drawing.path.starts_with(&marks), "{}", &drawing.path[..40]);
        assert!(drawing.side >= 21 + 2 * MARGIN);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(draw(&"x".repeat(5000)), None);
    }
}
