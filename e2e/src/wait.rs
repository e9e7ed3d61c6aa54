//! Waiting for what will be there soon, with an end.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

/// Longer than anything takes on a slow and busy machine.
pub const LIMIT: Duration = Duration::from_secs(60);

/// Asks again and again until there is something. Errors count as nothing yet.
///
/// # Errors
/// After [`LIMIT`]; names what was waited for, and the last error.
pub async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    until_within(LIMIT, what, ask).await
}

/// The same with another limit.
///
/// # Errors
/// After the limit; names what was waited for, and the last error.
pub async fn until_within<T>(
    limit: Duration,
    what: &str,
    mut ask: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let end = Instant::now() + limit;
    let mut pause = Duration::from_millis(20);
    loop {
        let last = match ask().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => String::new(),
            Err(error) => format!(" ({error:#})"),
        };
        if Instant::now() >= end {
            bail!("waited {} s for {what} in vain{last}", limit.as_secs());
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(250));
    }
}
