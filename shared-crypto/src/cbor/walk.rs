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
