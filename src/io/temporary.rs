//! The one temporary folder of a process: for packs, for downloads without a cache, for the demo.
//!
//! It is made when it is first needed and goes with the last who uses it, and at a signal. What a killed run left is removed by
//! the next one: a folder of this name that is ours, and that nobody holds the lock of.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use tempfile::{Builder, TempDir};

/// The beginning of the folder's name. It is hidden, so that nobody names a folder of their own like that.
pub const PREFIX: &str = ".cargo2-bot-run-";

/// A folder without a lock that is younger may have been made just now.
const YOUNG: Duration = Duration::from_secs(60);

/// The most entries of the system's temporary folder that are looked at.
const LOOKED_AT: usize = 100_000;

/// How often the folder is removed again while something is still written into it, and the pause in between.
const REMOVALS: (usize, Duration) = (100, Duration::from_millis(10));

/// The folder of this process, as long as somebody uses it.
static CURRENT: Mutex<Weak<Run>> = Mutex::new(Weak::new());

/// The folder of a process.
#[derive(Debug)]
struct Run {
    folder: TempDir,
    /// Locked while the process lives.
    _lock: File,
}

/// A temporary folder, which is removed with this value.
#[derive(Debug)]
pub(crate) struct Temporary {
    folder: TempDir,
    _run: Arc<Run>,
}

impl Temporary {
    /// Makes an empty folder.
    ///
    /// # Errors
    /// When the system's temporary folder cannot be written.
    pub(crate) fn new() -> io::Result<Self> {
        let run = current()?;
        let folder = Builder::new().tempdir_in(run.folder.path())?;
        Ok(Self { folder, _run: run })
    }

    /// The path of the folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn current() -> io::Result<Arc<Run>> {
    let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(run) = current.upgrade() {
        return Ok(run);
    }
    let folder = Builder::new().prefix(PREFIX).tempdir()?;
    let lock = File::open(folder.path())?;
    if let Err(error) = lock.try_lock() {
        tracing::debug!("the temporary folder cannot be locked: {error}");
    }
    if let Some(parent) = folder.path().parent() {
        remove_what_was_left(parent, lock.metadata()?.uid());
    }
    let run = Arc::new(Run { folder, _lock: lock });
    *current = Arc::downgrade(&run);
    Ok(run)
}

/// Removes the folder of this process, whoever still uses it: the process ends now.
pub fn remove() {
    let run = CURRENT.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
    let Some(run) = run else { return };
    for _ in 0..REMOVALS.0 {
        match fs::remove_dir_all(run.folder.path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => std::thread::sleep(REMOVALS.1),
            Ok(()) | Err(_) => return,
        }
    }
    tracing::warn!("the temporary folder {} could not be removed", run.folder.path().display());
}

/// Removes the folders of runs that were killed.
fn remove_what_was_left(parent: &Path, owner: u32) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.take(LOOKED_AT).flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) && is_left(&entry.path(), owner) {
            match fs::remove_dir_all(entry.path()) {
                Ok(()) => tracing::info!("removed {}, which a run that was killed left", entry.path().display()),
                Err(error) => tracing::debug!("{} cannot be removed: {error}", entry.path().display()),
            }
        }
    }
}

/// Returns whether this is a folder of ours that nobody uses.
fn is_left(path: &Path, owner: u32) -> bool {
    let Ok(meta) = fs::symlink_metadata(path) else { return false };
    let young = meta.modified().is_ok_and(|then| !is_older(then, YOUNG));
    meta.is_dir() && meta.uid() == owner && !young && File::open(path).is_ok_and(|folder| folder.try_lock().is_ok())
}

/// Removes the files of a folder whose names begin like this and that are older: what runs that were killed left. No more than
/// `most` entries are looked at.
pub(super) fn remove_old_files(folder: &Path, prefix: &str, age: Duration, most: usize) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.take(most).flatten() {
        if !entry.file_name().to_string_lossy().starts_with(prefix) {
            continue;
        }
        let meta = entry.metadata().ok().filter(fs::Metadata::is_file);
        if meta.and_then(|meta| meta.modified().ok()).is_some_and(|then| is_older(then, age)) {
            // Another run may be faster.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Returns whether a time is longer ago than this.
fn is_older(then: SystemTime, age: Duration) -> bool {
    SystemTime::now().duration_since(then).is_ok_and(|passed| passed > age)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a folder as if a run of long ago had made it.
    fn left(parent: &Path, name: &str) -> std::path::PathBuf {
        let path = parent.join(name);
        fs::create_dir_all(path.join("packs")).unwrap();
        File::create(path.join("packs/one")).unwrap();
        File::open(&path).unwrap().set_modified(SystemTime::now() - 2 * YOUNG).unwrap();
        path
    }

    #[test]
    fn what_a_killed_run_left_goes_and_nothing_else_does() {
        let parent = tempfile::tempdir().unwrap();
        let owner = fs::metadata(parent.path()).unwrap().uid();
        let [old, used, other] = [&format!("{PREFIX}old"), &format!("{PREFIX}used"), "cargo2-bot-run-x"]
            .map(|name| left(parent.path(), name));
        let young = parent.path().join(format!("{PREFIX}young"));
        fs::create_dir(&young).unwrap();
        let link = parent.path().join(format!("{PREFIX}link"));
        std::os::unix::fs::symlink(&other, &link).unwrap();
        let lock = File::open(&used).unwrap();
        lock.try_lock().unwrap();
        remove_what_was_left(parent.path(), owner + 1);
        assert!(old.exists(), "it is somebody else's");
        remove_what_was_left(parent.path(), owner);
        assert!(!old.exists());
        assert!(used.exists() && other.join("packs/one").exists() && young.exists() && link.is_symlink());
        drop(lock);
        remove_what_was_left(parent.path(), owner);
        assert!(!used.exists(), "its run has ended");
    }

    #[test]
    fn a_folder_goes_with_its_value() {
        let folder = Temporary::new().unwrap();
        let path = folder.path().to_owned();
        assert!(path.is_dir());
        drop(folder);
        assert!(!path.exists());
    }
}
