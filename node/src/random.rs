//! Randomness as a parameter: the operating system's generator enters here and nowhere else.

use rand_core::Rng as _;

/// The generator that every key, nonce and id of the node comes from.
pub type NodeRng = rand_core::UnwrapErr<getrandom::SysRng>;

/// The operating system's generator. It cannot fail once the system has booted.
pub fn system() -> NodeRng {
    rand_core::UnwrapErr(getrandom::SysRng)
}

/// Fresh random bytes.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    system().fill_bytes(&mut out);
    out
}

/// A random number below `bound`, or 0 when the bound is 0. Uniform enough for jitter, not for keys.
pub fn below(bound: u64) -> u64 {
    system().next_u64().checked_rem(bound).unwrap_or(0)
}
