//! Checks that raw bytes are one deterministically encoded item, without building anything.

use super::{DecodeError, MAX_DEPTH};

/// Checks determinism of the whole input: shortest lengths, ascending unsigned keys, definite
/// lengths, permitted types, depth, UTF-8, nothing after the item.
///
/// # Errors
/// The first [`DecodeError`] met.
pub fn walk(bytes: &[u8]) -> Result<(), DecodeError> {
    let mut input = bytes;
    item(&mut input, 0)?;
    if input.is_empty() {
        Ok(())
    } else {
        Err(DecodeError::TrailingBytes)
    }
}

fn item(input: &mut &[u8], depth: usize) -> Result<(), DecodeError> {
    let (major, info) = initial(input)?;
    match major {
        0 => argument(input, info).map(drop),
        2 => string(input, info).map(drop),
        3 => {
            let text = string(input, info)?;
            core::str::from_utf8(text)
                .map(drop)
                .map_err(|_| DecodeError::NotText)
        }
        4 => {
            let count = argument(input, info)?;
            let depth = deeper(depth)?;
            for _ in 0..count {
                item(input, depth)?;
            }
            Ok(())
        }
        5 => map(input, info, deeper(depth)?),
        // 20 and 21 are false and true.
        7 if info == 20 || info == 21 => Ok(()),
        _ => Err(DecodeError::Unsupported),
    }
}

fn map(input: &mut &[u8], info: u8, depth: usize) -> Result<(), DecodeError> {
    let count = argument(input, info)?;
    let mut last = None;
    for _ in 0..count {
        let (major, info) = initial(input)?;
        if major != 0 {
            return Err(DecodeError::Keys);
        }
        let key = argument(input, info)?;
        if last.is_some_and(|last| key <= last) {
            return Err(DecodeError::Keys);
        }
        last = Some(key);
        item(input, depth)?;
    }
    Ok(())
}

fn deeper(depth: usize) -> Result<usize, DecodeError> {
    if depth < MAX_DEPTH {
        Ok(depth.saturating_add(1))
    } else {
        Err(DecodeError::TooDeep)
    }
}

/// Splits an initial byte into major type and additional information.
fn initial(input: &mut &[u8]) -> Result<(u8, u8), DecodeError> {
    let (first, rest) = input.split_first().ok_or(DecodeError::Truncated)?;
    *input = rest;
    Ok((first >> 5, first & 0x1f))
}

/// Reads the argument (RFC 8949 §3) that follows an initial byte, in its shortest form only.
fn argument(input: &mut &[u8], info: u8) -> Result<u64, DecodeError> {
    let (length, least): (usize, u64) = match info {
        0..=23 => return Ok(u64::from(info)),
        24 => (1, 24),
        25 => (2, 1 << 8),
        26 => (4, 1 << 16),
        27 => (8, 1 << 32),
        _ => return Err(DecodeError::Unsupported),
    };
    let (digits, rest) = input
        .split_at_checked(length)
        .ok_or(DecodeError::Truncated)?;
    *input = rest;
    let value = digits
        .iter()
        .fold(0, |value: u64, digit| (value << 8) | u64::from(*digit));
    if value < least {
        Err(DecodeError::NotShortest)
    } else {
        Ok(value)
    }
}

fn string<'a>(input: &mut &'a [u8], info: u8) -> Result<&'a [u8], DecodeError> {
    let length = usize::try_from(argument(input, info)?).map_err(|_| DecodeError::Truncated)?;
    let (text, rest) = input
        .split_at_checked(length)
        .ok_or(DecodeError::Truncated)?;
    *input = rest;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use DecodeError::{Keys, NotShortest, NotText, TooDeep, TrailingBytes, Truncated, Unsupported};

    #[test]
    fn deterministic_items_pass() {
        let items: [&[u8]; 14] = [
            &[0x00],
            &[0x17],
            &[0x18, 0x18],
            &[0x19, 0x01, 0x00],
            &[0x1a, 0x00, 0x01, 0x00, 0x00],
            &[0x1b, 0, 0, 0, 1, 0, 0, 0, 0],
            &[0x40],
            &[0x61, b'a'],
            &[0x80],
            &[0xf4],
            &[0xf5],
            &[0xa0],
            &[0xa2, 0x00, 0x00, 0x18, 0x40, 0x80],
            &[0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x80],
        ];
        for item in items {
            assert_eq!(walk(item), Ok(()), "{item:02x?}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let items: [(&[u8], DecodeError); 30] = [
            (&[], Truncated),
            (&[0x18], Truncated),
            (&[0x1b, 0, 0, 0, 1], Truncated),
            (&[0x42, 1], Truncated),
            (&[0x81], Truncated),
            (&[0xa1, 0x00], Truncated),
            // A length that no input has must not be believed.
            (
                &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                Truncated,
            ),
            (
                &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                Truncated,
            ),
            (
                &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                Truncated,
            ),
            (&[0x18, 0x17], NotShortest),
            (&[0x19, 0x00, 0xff], NotShortest),
            (&[0x1a, 0x00, 0x00, 0xff, 0xff], NotShortest),
            (&[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], NotShortest),
            (&[0x58, 0x01, 0x00], NotShortest),
            (&[0xa1, 0x18, 0x00, 0x00], NotShortest),
            (&[0xa2, 0x01, 0x00, 0x00, 0x00], Keys),
            (&[0xa2, 0x01, 0x00, 0x01, 0x00], Keys),
            (&[0xa1, 0x61, b'a', 0x00], Keys),
            (&[0xa1, 0x20, 0x00], Keys),
            (&[0x61, 0xff], NotText),
            (&[0x00, 0x00], TrailingBytes),
            (&[0x20], Unsupported),
            (&[0xc0, 0x00], Unsupported),
            (&[0xf6], Unsupported),
            (&[0xf7], Unsupported),
            (&[0xf9, 0x00, 0x00], Unsupported),
            (&[0xf8, 0x20], Unsupported),
            (&[0x5f, 0xff], Unsupported),
            (&[0x9f, 0xff], Unsupported),
            (
                &[0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x80],
                TooDeep,
            ),
        ];
        for (item, error) in items {
            assert_eq!(walk(item), Err(error), "{item:02x?}");
        }
    }

    #[test]
    fn deep_nesting_does_not_reach_the_stack() {
        assert_eq!(walk(&[0x81; 100_000]), Err(TooDeep));
    }
}
