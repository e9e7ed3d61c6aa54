//! Nobody works in another user's data folder: what root leaves in it stops the node at its next start.

use std::io::{Error, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use zechat_node::admin::owner;

use super::Failed;

/// Refuses a folder in which the files of this process would not be the node's.
pub(super) fn ensure_own(folder: &Path) -> Result<(), Failed> {
    let Some(owner) = owner::of(folder) else {
        return Ok(());
    };
    // Whose is a file that is made there? This one has no name. Servers of files may change the owner.
    let made = tempfile::tempfile_in(folder).and_then(|file| file.metadata());
    judge(folder, owner, owner::own(), made.map(|about| about.uid()))
}

fn judge(folder: &Path, owner: u32, own: u32, made: Result<u32, Error>) -> Result<(), Failed> {
    let folder = folder.display();
    match made {
        Ok(made) if made == owner => Ok(()),
        Err(error) if error.kind() != ErrorKind::PermissionDenied => Ok(()), // said where it is in the way
        Err(error) if own == owner => Err(Failed::new(
            73,
            format!("the data folder {folder} cannot be written: {error}"),
        )),
        Ok(_) | Err(_) => Err(Failed::new(
            77,
            format!(
                "the data folder {folder} belongs to the user {owner}: run this as that user (sudo -u), or while \
                 the node runs"
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: u32 = 1_000;
    const OTHER: u32 = 1_001;

    fn code(own: u32, made: Result<u32, ErrorKind>) -> u8 {
        let judged = judge(Path::new("/data"), NODE, own, made.map_err(Error::from));
        judged.map_or_else(|failed| failed.code, |()| 0)
    }

    #[test]
    fn whose_files_would_be_the_nodes_may_work_there_and_others_are_told_why_not() {
        assert_eq!(code(NODE, Ok(NODE)), 0);
        assert_eq!(code(OTHER, Ok(OTHER)), 77);
        assert_eq!(code(0, Ok(0)), 77, "root leaves files of root's");
        // A server of files that makes everything one user's.
        assert_eq!(code(OTHER, Ok(NODE)), 0);
        let denied = || Err(ErrorKind::PermissionDenied);
        assert_eq!(code(OTHER, denied()), 77);
        assert_eq!(code(NODE, denied()), 73, "that is no matter of the user");
        assert_eq!(code(NODE, Err(ErrorKind::ReadOnlyFilesystem)), 0);
    }
}
