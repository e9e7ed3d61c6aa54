//! The browser's random generator, as the engine takes it.

use core::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};

/// `crypto.getRandomValues`. A browser without it cannot run ZeChat: the worker ends, in words.
#[derive(Debug, Clone, Copy, Default)]
pub struct BrowserRng;

impl TryRng for BrowserRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    #[expect(
        clippy::panic,
        reason = "going on without randomness would be worse than ending"
    )]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the engine's randomness comes from"
    )]
    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        match getrandom::fill(dst) {
            Ok(()) => Ok(()),
            Err(error) => panic!("the browser gives no random numbers: {error}"),
        }
    }
}

impl TryCryptoRng for BrowserRng {}
