//! Whose node works in a data folder.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::identity::KEY_FILE;
use crate::store::DEFAULT_FILE;

const ROOT: u32 = 0;

/// The user whose node it is: the owner of its database, or of its keys, or of the folder while there is neither.
///
/// Where access comes by group, as with Kubernetes' `fsGroup`, the folder is root's, and the node's files are not:
/// an empty one of root's is for whoever may write in it. So is one that is not there.
pub fn of(folder: &Path) -> Option<u32> {
    let owner = |path: &Path| std::fs::metadata(path).ok().map(|about| about.uid());
    [DEFAULT_FILE, KEY_FILE]
        .iter()
        .find_map(|name| owner(&folder.join(name)))
        .or_else(|| owner(folder).filter(|owner| *owner != ROOT))
}

/// The user of this process.
pub fn own() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_its_files_owners_and_not_the_folders() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert_eq!(of(&folder.join("nowhere")), None);
        assert_eq!(of(folder), Some(own()).filter(|own| *own != ROOT));
        for name in [KEY_FILE, DEFAULT_FILE] {
            std::fs::write(folder.join(name), b"").unwrap();
            assert_eq!(of(folder), Some(own()));
        }
    }
}
