//! How large a picture is looked at.

/// The longer side of a picture that is looked at; larger ones are made smaller before.
pub const SIDE: u32 = 800;

/// The size of a picture that is no larger than [`SIDE`].
pub fn fit(width: u32, height: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= SIDE {
        return (width, height);
    }
    let scaled = |side: u32| {
        let scaled = u64::from(side) * u64::from(SIDE) / u64::from(longer.max(1));
        u32::try_from(scaled).unwrap_or(SIDE).max(1)
    };
    (scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_pictures_become_smaller_and_keep_their_shape() {
        assert_eq!(fit(4_000, 3_000), (800, 600));
        assert_eq!(fit(300, 200), (300, 200));
        assert_eq!(fit(u32::MAX, 1), (800, 1));
    }
}
