//! What is done with a hostile picture in which somebody looks for a code: it must not panic.

use qr_reader::find_code;

/// Pixels of a module in a code that is drawn.
const MODULE: usize = 3;
/// Modules around it.
const MARGIN: usize = 4;

/// By the first byte a picture of grey pixels, so wide; or the modules of a code, bit by bit, whose version it says.
pub fn pictures(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let first = usize::from(*first);
    if first % 2 == 0 {
        let width = first + 1;
        let height = rest.len() / width;
        look(width, height, |x, y| rest[y * width + x]);
    } else {
        let side = 21 + 4 * (first / 2 % 10);
        let is_dark = |x: usize, y: usize| {
            let at = y * side + x;
            rest.get(at / 8)
                .is_some_and(|byte| byte >> (at % 8) & 1 == 1)
        };
        let place = |at: usize| (at / MODULE).checked_sub(MARGIN).filter(|at| *at < side);
        let drawn = (side + 2 * MARGIN) * MODULE;
        look(drawn, drawn, |x, y| match (place(x), place(y)) {
            (Some(x), Some(y)) if is_dark(x, y) => 0,
            _ => 255,
        });
    }
}

fn look(width: usize, height: usize, grey: impl Fn(usize, usize) -> u8) {
    let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let pixels: Vec<u8> = rows
        .flat_map(|(x, y)| [grey(x, y), grey(x, y), grey(x, y), 255])
        .collect();
    let _ = find_code(width, height, &pixels);
}
