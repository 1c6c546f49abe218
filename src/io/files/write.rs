//! Files written whole or not at all, and over nothing that somebody else wrote meanwhile.
//!
//! ```text
//! write the new text to a temporary file ─> the file is still what was read? ─> exchange the two ─> what came out is what was read?
//!                                                                                 └─ no: exchange them back, and say so
//! ```
//! The temporary file is in the repository's `.git` where that is a folder on the same disk: a kill leaves it there, where no
//! `git add` finds it. Else it is beside the file. In both places the next write removes it.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use tempfile::{Builder, NamedTempFile};

use crate::io::temporary::remove_old_files;

/// The beginning of the names of temporary files. They are in the way only after a kill.
const PREFIX: &str = ".cargo2-bot-";

/// A temporary file that is older was left by a run that was killed: one is in use for moments.
const LEFT: Duration = Duration::from_secs(600);

/// The most entries of a folder that are looked at for what was left.
const LOOKED_AT: usize = 10_000;

/// What somebody is told whose file changed meanwhile.
const CHANGED: &str = "the file changed while it was looked at, so it was left as it is now; run again";

/// The folders in which a temporary file may be, best first.
pub(super) struct Places(Vec<PathBuf>);

impl Places {
    /// The places for a file in a repository.
    pub(super) fn of(path: &Path, repository: Option<&Path>) -> Self {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let git = repository.map(|repository| repository.join(".git"));
        let device = |path: &Path| fs::symlink_metadata(path).ok().filter(fs::Metadata::is_dir).map(|meta| meta.dev());
        let usable =
            |git: &PathBuf| device(git).is_some_and(|disk| fs::metadata(folder).is_ok_and(|f| f.dev() == disk));
        Self(git.filter(usable).into_iter().chain([folder.to_owned()]).collect())
    }

    /// Writes the text to a temporary file and hands it to `finish`; where that cannot be in one place, in the next one.
    fn with<T>(
        &self,
        text: &[u8],
        permissions: &Permissions,
        finish: impl Fn(NamedTempFile) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut last = Err(io::Error::from(io::ErrorKind::NotFound));
        for folder in &self.0 {
            remove_old_files(folder, PREFIX, LEFT, LOOKED_AT);
            let made = Builder::new().prefix(PREFIX).tempfile_in(folder).and_then(|mut file| {
                file.write_all(text)?;
                file.as_file().set_permissions(permissions.clone())?;
                file.as_file().sync_all()?;
                Ok(file)
            });
            last = made.and_then(&finish);
            match &last {
                // Another file system, or a folder that is not ours to write.
                Err(e) if matches!(e.kind(), io::ErrorKind::CrossesDevices | io::ErrorKind::PermissionDenied) => {}
                _ => break,
            }
        }
        last
    }
}

/// The change of a file.
pub(super) struct Change<'a> {
    pub(super) path: &'a Path,
    /// Its content as it was read.
    pub(super) old: &'a [u8],
    pub(super) new: &'a [u8],
    pub(super) permissions: Permissions,
}

/// What became of an exchange.
enum Exchanged {
    Done,
    /// Somebody else's text was there, and is there again.
    Changed,
    /// The same twice: what was there first is kept in this file.
    ChangedTwice(PathBuf),
}

/// Replaces a file that still is what was read.
///
/// # Errors
/// When it is not, or cannot be written. Nothing that somebody else wrote is lost.
pub(super) fn replace(change: &Change<'_>, places: &Places) -> anyhow::Result<()> {
    anyhow::ensure!(fs::read(change.path)? == change.old, CHANGED);
    match places.with(change.new, &change.permissions, |file| exchange(file, change))? {
        Exchanged::Done => Ok(()),
        Exchanged::Changed => anyhow::bail!(CHANGED),
        Exchanged::ChangedTwice(kept) => {
            anyhow::bail!("{CHANGED}. It changed twice, and what it was in between is in `{}`", kept.display())
        }
    }
}

fn exchange(file: NamedTempFile, change: &Change<'_>) -> io::Result<Exchanged> {
    // Right before, so that hardly anything has to be taken back.
    if fs::read(change.path)? != change.old {
        return Ok(Exchanged::Changed);
    }
    match swap(file.path(), change.path) {
        Ok(()) => {}
        // A file system without this: what was checked a moment ago has to do.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            file.persist(change.path)?;
            return Ok(Exchanged::Done);
        }
        Err(error) => return Err(error.into()),
    }
    settle(file, change)
}

/// Looks at what an exchange brought out, and takes the exchange back where that is not what was read.
fn settle(file: NamedTempFile, change: &Change<'_>) -> io::Result<Exchanged> {
    // Another run may have written the same.
    let is = |path: &Path, text: &[u8]| fs::read(path).is_ok_and(|now| now == text);
    if is(file.path(), change.old) || is(file.path(), change.new) {
        return Ok(Exchanged::Done);
    }
    swap(file.path(), change.path)?;
    if is(file.path(), change.new) {
        return Ok(Exchanged::Changed);
    }
    // It changed again before it was put back: the later text gets its place, the earlier one is kept.
    swap(file.path(), change.path)?;
    let (_, kept) = file.keep().map_err(|failed| failed.error)?;
    Ok(Exchanged::ChangedTwice(kept))
}

fn swap(one: &Path, other: &Path) -> Result<(), Errno> {
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)
}

/// Writes a new file. One that exists is never replaced.
///
/// # Errors
/// When there is one, or it cannot be written.
pub(super) fn create(path: &Path, text: &[u8], places: &Places) -> io::Result<()> {
    places.with(text, &Permissions::from_mode(0o644), |file| Ok(file.persist_noclobber(path).map(drop)?))
}

/// Writes a file, over one that is there.
///
/// # Errors
/// When it cannot be written.
pub(super) fn put(path: &Path, text: &[u8], places: &Places) -> io::Result<()> {
    places.with(text, &Permissions::from_mode(0o600), |file| Ok(file.persist(path).map(drop)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[allow(clippy::disallowed_methods, reason = "tests make their own files")]
    fn file(folder: &Path, text: &str) -> PathBuf {
        let path = folder.join("a");
        fs::write(&path, text).unwrap();
        path
    }

    fn change<'a>(path: &'a Path, old: &'a str, new: &'a str) -> Change<'a> {
        Change { path, old: old.as_bytes(), new: new.as_bytes(), permissions: Permissions::from_mode(0o644) }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Saves a file as most editors do: by one of its own.
    fn save(path: &Path, text: &str) {
        let theirs = NamedTempFile::new_in(path.parent().unwrap()).unwrap();
        theirs.as_file().write_all(text.as_bytes()).unwrap();
        theirs.persist(path).unwrap();
    }

    /// Exchanges the file for the new text, after a person wrote `before`, and settles it after `after` was written.
    fn raced(before: &str, after: Option<&str>) -> (Exchanged, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), "old");
        let ours = Builder::new().prefix(PREFIX).tempfile_in(folder.path()).unwrap();
        ours.as_file().write_all(b"new").unwrap();
        save(&path, before);
        swap(ours.path(), &path).unwrap();
        after.iter().for_each(|text| save(&path, text));
        let outcome = settle(ours, &change(&path, "old", "new")).unwrap();
        let texts = names(folder.path()).into_iter().map(|n| fs::read_to_string(folder.path().join(n)).unwrap()).rev();
        (outcome, texts.collect())
    }

    #[test]
    fn what_is_written_between_reading_and_renaming_is_not_lost() {
        assert!(matches!(raced("old", None), (Exchanged::Done, texts) if texts == ["new"]));
        assert!(matches!(raced("new", None), (Exchanged::Done, texts) if texts == ["new"]), "another run did the same");
        assert!(matches!(raced("human", None), (Exchanged::Changed, texts) if texts == ["human"]));
        let (outcome, texts) = raced("human", Some("human again"));
        assert!(matches!(outcome, Exchanged::ChangedTwice(_)));
        assert_eq!(texts, ["human again", "human"], "the later one has the name");
    }

    #[test]
    fn the_temporary_file_is_where_no_git_add_finds_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        let path = file(folder.path(), "old");
        let places = Places::of(&path, Some(folder.path()));
        assert_eq!(places.0, [folder.path().join(".git"), folder.path().to_owned()]);
        let left = folder.path().join(".git").join(format!("{PREFIX}left"));
        fs::File::create(&left).unwrap().set_modified(SystemTime::now() - 2 * LEFT).unwrap();
        replace(&change(&path, "old", "new"), &places).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert!(names(&folder.path().join(".git")).is_empty() && !left.exists());
        // A `.git` that is a file, as in a worktree, is none.
        let folder = tempfile::tempdir().unwrap();
        fs::File::create(folder.path().join(".git")).unwrap();
        assert_eq!(Places::of(&folder.path().join("a"), Some(folder.path())).0, [folder.path()]);
    }
}
