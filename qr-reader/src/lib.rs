//! Finding a QR code in a picture.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a code in a picture says, if there is one. The pixels are red, green, blue and alpha, row by row.
///
/// There are pictures at which the library panics (a corner that lies farther away than its numbers reach). Nobody reads a
/// code from them; in the browser, where a panic cannot be caught, the worker that only reads this picture ends, and the page
/// says that it could not be read.
pub fn find_code(width: usize, height: usize, pixels: &[u8]) -> Option<String> {
    catch_unwind(AssertUnwindSafe(|| look_for_code(width, height, pixels)))
        .ok()
        .flatten()
}

fn look_for_code(width: usize, height: usize, pixels: &[u8]) -> Option<String> {
    if width == 0 || height == 0 || pixels.len() != width.checked_mul(height)?.checked_mul(4)? {
        return None;
    }
    let grey = |x: usize, y: usize| {
        let at = y.saturating_mul(width).saturating_add(x).saturating_mul(4);
        match pixels.get(at..at.saturating_add(4)) {
            Some([red, green, blue, alpha]) => on_white(*red, *green, *blue, *alpha),
            _ => u8::MAX,
        }
    };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
    let mut codes = image.detect_grids().into_iter();
    codes.find_map(|code| code.decode().ok().map(|(_, text)| text))
}

/// How light a pixel is where it lies on white paper.
fn on_white(red: u8, green: u8, blue: u8, alpha: u8) -> u8 {
    let [red, green, blue, alpha] = [red, green, blue, alpha].map(u32::from);
    let light = (red * 299 + green * 587 + blue * 114) / 1_000;
    let mixed = (light * alpha + 255 * (255 - alpha)) / 255;
    u8::try_from(mixed).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use fast_qr::{ECL, QRBuilder};
    use proptest::prelude::*;

    use super::*;

    /// Draws a code with modules of some pixels and a margin.
    fn picture(text: &str, module: usize) -> (usize, Vec<u8>) {
        let code = QRBuilder::new(text).ecl(ECL::M).build().unwrap();
        let side = (code.size + 8) * module;
        let mut pixels = Vec::new();
        for y in 0..side {
            for x in 0..side {
                let place = |at: usize| (at / module).checked_sub(4).filter(|at| *at < code.size);
                let dark = place(x)
                    .zip(place(y))
                    .is_some_and(|(x, y)| code.data[y * code.size + x].value());
                pixels.extend(if dark { [0, 0, 0, 255] } else { [0, 0, 0, 0] });
            }
        }
        (side, pixels)
    }

    #[test]
    fn a_code_that_we_draw_can_be_read() {
        let number = "30562 91847 55120 09983 71264 48810 26391 80057 13368 94402 67715 52049";
        for text in [
            number,
            "https://node.example/i#AeHq3bqXo1Zl0mYk7m2w8kQF5sVnXcR4dTgJpLzB1uN6",
        ] {
            let (side, pixels) = picture(text, 4);
            assert_eq!(find_code(side, side, &pixels).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_picture_without_a_code_or_of_another_size_gives_nothing() {
        assert_eq!(find_code(64, 64, &[200; 64 * 64 * 4]), None);
        assert_eq!(find_code(64, 65, &[200; 64 * 64 * 4]), None);
        assert_eq!(find_code(0, 0, &[]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn no_picture_makes_it_stumble(pixels in prop::collection::vec(any::<u8>(), 40 * 40 * 4)) {
            let _ = find_code(40, 40, &pixels);
        }
    }
}
