//! The folder that a backup is made or unpacked in: for its owner's eyes alone, and gone when it is dropped.
//!
//! Keys and mail lie in it, and a process that is killed drops nothing. So whoever makes one first removes those
//! beside it that nobody works in any more. A lock on a file inside tells who still does.

use std::fs::{DirEntry, File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind};
use std::path::Path;

use tempfile::TempDir;

/// How their names begin.
const PREFIX: &str = ".zechat-backup-";

/// Made before anything else: a folder without it that is not empty is nobody's.
const LOCK: &str = "lock";

/// Somebody who tidies up may take a folder for a left one while it is not locked yet.
const TRIES: usize = 8;

/// A folder of this process.
pub(super) struct WorkFolder {
    // First: it is removed before the lock is let go.
    folder: TempDir,
    _lock: File,
}

impl WorkFolder {
    /// Makes one in this place, and removes what others left there.
    ///
    /// # Errors
    /// [`Error`] from the system.
    pub(super) fn make(place: &Path) -> Result<Self, Error> {
        for _ in 0..TRIES {
            if let Some(made) = Self::try_make(place)? {
                remove_left(place, made.path());
                return Ok(made);
            }
        }
        Err(ErrorKind::ResourceBusy.into())
    }

    fn try_make(place: &Path) -> Result<Option<Self>, Error> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.tempdir_in(place)?;
        let path = folder.path().join(LOCK);
        let lock = match super::private(&path) {
            Ok(lock) => lock,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            // Where files cannot be locked nobody takes it for a left one either.
            Err(TryLockError::Error(_)) | Ok(()) => {}
        }
        Ok(path.exists().then_some(Self {
            folder,
            _lock: lock,
        }))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes folders of this kind that are left in a place, other users' excepted. What cannot be removed stays.
fn remove_left(place: &Path, own: &Path) {
    let Ok(entries) = std::fs::read_dir(place) else {
        return;
    };
    for entry in entries.flatten() {
        if own.file_name() != Some(&entry.file_name()) && is_ours(&entry, own) {
            let _ = remove_dead(&entry.path());
        }
    }
}

fn is_ours(entry: &DirEntry, own: &Path) -> bool {
    let named = entry.file_name().to_string_lossy().starts_with(PREFIX);
    // A link is no folder here.
    named
        && entry
            .metadata()
            .is_ok_and(|about| about.is_dir() && has_same_owner(&about, own))
}

#[cfg(unix)]
fn has_same_owner(about: &std::fs::Metadata, own: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    own.metadata().is_ok_and(|own| own.uid() == about.uid())
}

/// Elsewhere files have no such owners.
#[cfg(not(unix))]
fn has_same_owner(_: &std::fs::Metadata, _: &Path) -> bool {
    true
}

fn remove_dead(folder: &Path) -> Result<(), Error> {
    // Before the lock is looked for: whoever has put something in by now has made the lock before.
    let is_empty = std::fs::read_dir(folder)?.next().is_none();
    let lock = OpenOptions::new().write(true).open(folder.join(LOCK));
    match lock {
        // Held until it is gone.
        Ok(lock) if lock.try_lock().is_ok() => std::fs::remove_dir_all(folder),
        Ok(_) => Ok(()),
        // Does nothing if somebody has begun to work in it meanwhile.
        Err(error) if error.kind() == ErrorKind::NotFound && is_empty => {
            std::fs::remove_dir(folder)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => std::fs::remove_dir_all(folder),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(place: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(place).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// A folder with these files in it.
    fn put(place: &Path, name: &str, files: &[&str]) {
        std::fs::create_dir(place.join(name)).unwrap();
        for file in files {
            std::fs::write(place.join(name).join(file), b"secret").unwrap();
        }
    }

    #[test]
    fn what_nobody_works_in_any_more_is_removed_and_the_rest_stays() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path();
        let alive = WorkFolder::make(place).unwrap();
        put(place, ".zechat-backup-killed", &["lock", "zechat.db"]);
        put(place, ".zechat-backup-removed-half", &["zechat.db"]);
        put(place, ".zechat-backup-killed-at-once", &[]);
        put(place, ".zechat-other", &["lock", "zechat.db"]);
        std::fs::write(place.join(".zechat-backup-file"), b"somebody's").unwrap();
        let second = WorkFolder::make(place).unwrap();
        let mut expected = vec![".zechat-backup-file", ".zechat-other"];
        expected.extend([&alive, &second].map(|own| {
            let name = own.path().file_name().unwrap();
            name.to_str().unwrap()
        }));
        expected.sort_unstable();
        assert_eq!(names(place), expected);
        drop(second);
        drop(alive);
        assert_eq!(names(place), [".zechat-backup-file", ".zechat-other"]);
        assert_eq!(names(&place.join(".zechat-other")), ["lock", "zechat.db"]);
    }

    #[cfg(unix)]
    #[test]
    fn it_is_for_its_owner_alone_and_no_link_is_followed() {
        use std::os::unix::fs::PermissionsExt as _;
        let (place, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        put(elsewhere.path(), "somebodys", &["lock", "zechat.db"]);
        let theirs = elsewhere.path().join("somebodys");
        let link = place.path().join(".zechat-backup-link");
        std::os::unix::fs::symlink(&theirs, link).unwrap();
        let own = WorkFolder::make(place.path()).unwrap();
        let mode = own.path().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert_eq!(names(&theirs), ["lock", "zechat.db"]);
    }
}
