//! What the parts of the cache share: it is never needed. What cannot be kept is said once, and costs the next run its time.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tempfile::{Builder, NamedTempFile};

use super::temporary::remove_old_files;

/// The beginning of the names of files that are not whole yet.
const PARTIAL: &str = ".partial-";

/// A file that is not whole and older than this was left by a run that was killed: no download takes as long.
pub(super) const LEFT: Duration = Duration::from_secs(3600);

/// The most entries of a folder that are looked at.
const LOOKED_AT: usize = 100_000;

/// Makes a file for what will be a file of `folder`, which is made where it is missing.
///
/// # Errors
/// When the folder cannot be made or written.
pub(super) fn partial_in(folder: &Path) -> io::Result<NamedTempFile> {
    fs::create_dir_all(folder)?;
    Builder::new().prefix(PARTIAL).tempfile_in(folder)
}

/// Says, once in a process, that the cache cannot be used.
pub(super) fn is_unusable(folder: &Path, error: &dyn std::fmt::Display) {
    static SAID: AtomicBool = AtomicBool::new(false);
    let folder = folder.display();
    if SAID.swap(true, Ordering::Relaxed) {
        tracing::debug!("nothing is kept in `{folder}`: {error}");
    } else {
        tracing::warn!(
            "nothing is kept in the cache `{folder}`: {error}; what is fetched now is fetched again by the next run. \
             Name another folder with `--cache`, or `none`"
        );
    }
}

/// Removes what runs that were killed left in a folder.
pub(super) fn remove_what_was_left(folder: &Path) {
    remove_old_files(folder, PARTIAL, LEFT, LOOKED_AT);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn old_partial_files_go_and_all_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, age: Duration| {
            let path = folder.path().join(name);
            fs::File::create(&path).unwrap().set_modified(SystemTime::now() - age).unwrap();
            path
        };
        let old = make(".partial-old", 2 * LEFT);
        let (now, whole) = (make(".partial-now", LEFT / 2), make("whole", 2 * LEFT));
        remove_what_was_left(folder.path());
        assert!(!old.exists() && now.exists() && whole.exists());
    }
}
