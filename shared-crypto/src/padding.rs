//! Padding to a fixed size: `length of content (4) ‖ content ‖ zeros`.

use alloc::vec::Vec;

use zeroize::Zeroizing;

/// Bytes that padding adds at least.
pub(crate) const LENGTH: usize = 4;

/// Pads to exactly `size` bytes; `None` if the content does not fit.
pub(crate) fn pad(content: &[u8], size: usize) -> Option<Zeroizing<Vec<u8>>> {
    let length = u32::try_from(content.len()).ok()?;
    let zeros = size.checked_sub(LENGTH)?.checked_sub(content.len())?;
    let mut padded = Zeroizing::new(Vec::with_capacity(size));
    padded.extend_from_slice(&length.to_be_bytes());
    padded.extend_from_slice(content);
    padded.extend(core::iter::repeat_n(0, zeros));
    Some(padded)
}

/// The content; `None` if the length is too large or a padding byte is not zero.
pub(crate) fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let (length, rest) = padded.split_first_chunk::<LENGTH>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (content, zeros) = rest.split_at_checked(length)?;
    // All of it is looked at, whatever is found.
    (zeros.iter().fold(0, |any, byte| any | byte) == 0).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_padded_comes_back() {
        for length in [0, 1, 12, 60] {
            let content = vec![7; length];
            let padded = pad(&content, 64).unwrap();
            assert_eq!(padded.len(), 64);
            assert_eq!(unpad(&padded), Some(content.as_slice()));
        }
        assert!(pad(&[0; 61], 64).is_none());
        assert!(pad(&[], 3).is_none());
    }

    #[test]
    fn padding_must_be_zero_and_lengths_possible() {
        let padded = pad(b"abc", 64).unwrap();
        for index in 7..64 {
            let mut damaged = padded.clone();
            damaged[index] = 1;
            assert_eq!(unpad(&damaged), None);
        }
        // Nor do two that would cancel each other out.
        let mut damaged = padded.clone();
        damaged[9] = 1;
        damaged[20] = 1;
        assert_eq!(unpad(&damaged), None);
        for impossible in [61u32, 64, u32::MAX] {
            let mut damaged = padded.clone();
            damaged[..4].copy_from_slice(&impossible.to_be_bytes());
            assert_eq!(unpad(&damaged), None);
        }
        assert_eq!(unpad(&[]), None);
        assert_eq!(unpad(&[0, 0, 0]), None);
    }
}
