//! The disk: new mail is refused before it is full, so that what was accepted can always be written.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::clock::Millis;
use crate::settings::DatabaseSettings;

/// How often the disk is looked at.
pub const EVERY: Millis = 5_000;

/// What there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Space {
    /// Bytes that the database holds.
    pub used_bytes: u64,
    /// Bytes that are free on the disk of the data folder.
    pub free_bytes: u64,
}

/// Whether there is room for new mail.
pub struct HighWater {
    max_bytes: u64,
    free_bytes: u64,
    is_full: AtomicBool,
}

impl HighWater {
    /// As the operator set it.
    pub fn new(settings: &DatabaseSettings) -> Self {
        Self {
            max_bytes: settings.max_bytes,
            free_bytes: settings.free_bytes,
            is_full: AtomicBool::new(false),
        }
    }

    /// Whether new mail is refused now.
    pub fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed)
    }

    /// Compares what there is with what may be.
    pub fn look(&self, space: Space) {
        let is_full = self.exceeds(space);
        if self.is_full.swap(is_full, Ordering::Relaxed) != is_full {
            let Space {
                used_bytes,
                free_bytes,
            } = space;
            if is_full {
                tracing::warn!(
                    rule = "database",
                    used_bytes,
                    free_bytes,
                    "no room: new mail is refused"
                );
            } else {
                tracing::info!(used_bytes, free_bytes, "there is room again");
            }
        }
    }

    fn exceeds(&self, space: Space) -> bool {
        (self.max_bytes != 0 && space.used_bytes >= self.max_bytes)
            || space.free_bytes < self.free_bytes
    }
}

/// Bytes that are free for this program on the disk of a folder.
///
/// # Errors
/// [`std::io::Error`] from the system.
pub fn free_bytes(folder: &Path) -> std::io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_marks_count() {
        let mut settings = DatabaseSettings {
            max_bytes: 1_000,
            free_bytes: 100,
            ..DatabaseSettings::default()
        };
        let space = |used_bytes, free_bytes| Space {
            used_bytes,
            free_bytes,
        };
        let mark = HighWater::new(&settings);
        for (there, is_full) in [
            (space(999, 100), false),
            (space(1_000, 100), true),
            (space(0, 99), true),
            (space(0, 100), false),
        ] {
            mark.look(there);
            assert_eq!(mark.is_full(), is_full, "{there:?}");
        }
        settings.max_bytes = 0;
        let mark = HighWater::new(&settings);
        mark.look(space(u64::MAX, 100));
        assert!(!mark.is_full());
    }

    #[test]
    fn a_disk_has_some_room() {
        assert!(free_bytes(Path::new("/")).is_ok());
    }
}
