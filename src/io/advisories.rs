//! The RustSec database in a folder: a clone that somebody else made.

use std::collections::BTreeSet;
use std::path::Path;

use super::files::{Files, TreeEntry};
use crate::finding::read::Unreadable;
use crate::review::advisory;
use crate::review::evidence::{Advisories, Advisory, Source};

/// The maximum size of an advisory, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// The maximum number of advisories that a crate may have.
const MAX_FILES: usize = 2_000;

/// The advisories on the crates `names`, from the database in `folder`. Only the folders of these crates are read, nothing for
/// no name.
///
/// Without a folder it is [`Source::NotRequested`]. One advisory that cannot be read is [`Source::Failed`] for all:
/// nobody knows what it says.
#[must_use]
pub(crate) fn advisories(folder: Option<&Path>, names: &BTreeSet<String>) -> Source<Advisories> {
    let Some(folder) = folder else {
        return Source::NotRequested("no folder with the advisory database is named".to_owned());
    };
    let wrong = |why: Unreadable| Source::Failed(format!("the advisory database `{}`: {why}", folder.display()));
    if names.is_empty() {
        return Source::Got(Advisories::default());
    }
    match read(folder, names) {
        Ok(list) => Source::Got(Advisories { list }),
        Err(why) => wrong(why),
    }
}

fn read(folder: &Path, names: &BTreeSet<String>) -> Result<Vec<Advisory>, Unreadable> {
    let files = Files::new(folder).map_err(|e| Unreadable::new(format!("it cannot be read: {e}")))?;
    // An empty folder, or another repository, would look like a database that knows of nothing.
    if !matches!(files.entry("crates")?, TreeEntry::Folder) || names_in(&files, "crates")?.is_empty() {
        return Err(Unreadable::new("it has no crates: clone the database there"));
    }
    let mut list = Vec::new();
    for name in names.iter().filter(|name| super::index::is_crate_name(name)) {
        of_crate(&files, name, &mut list)?;
    }
    Ok(list)
}

/// Lists the names in a folder that exists.
fn names_in(files: &Files, folder: &str) -> Result<Vec<String>, Unreadable> {
    files.names(folder).required(format!("the folder `{folder}` is gone"))
}

/// The advisories on one crate.
fn of_crate(files: &Files, name: &str, list: &mut Vec<Advisory>) -> Result<(), Unreadable> {
    let folder = format!("crates/{name}");
    match files.entry(&folder)? {
        TreeEntry::Folder => {}
        TreeEntry::Absent => return Ok(()),
        _ => return Err(Unreadable::new(format!("`{folder}` is no folder"))),
    }
    let found = names_in(files, &folder)?;
    if found.len() > MAX_FILES {
        return Err(Unreadable::new(format!("`{folder}` has more than {MAX_FILES} files")));
    }
    for file in found.iter().filter(|file| file.starts_with("RUSTSEC-")) {
        let path = format!("{folder}/{file}");
        let wrong = |why: &str| Unreadable::new(format!("`{path}`: {why}"));
        let id = file.strip_suffix(".md").ok_or_else(|| wrong("it is not of a known form"))?;
        let TreeEntry::File(bytes) = files.entry(&path).map_err(|why| wrong(&why.to_string()))? else {
            return Err(wrong("it is no file"));
        };
        if bytes.len() > MAX_BYTES {
            return Err(wrong("it is too large"));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| wrong("it is not UTF-8"))?;
        list.push(advisory::parse(name, id, text).map_err(|why| wrong(&why.to_string()))?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    /// A database with these files below `crates`.
    #[allow(clippy::disallowed_methods, reason = "tests make their own files")]
    fn database(files: &[(&str, &str)]) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join("crates").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    fn text(id: &str, name: &str) -> String {
        format!(
            "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{name}\"\n[versions]\npatched = []\n```\n# About {name}\n"
        )
    }

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn why(dir: &TempDir, requested: &[&str]) -> String {
        match advisories(Some(dir.path()), &names(requested)) {
            Source::Failed(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_the_crates_that_were_requested_are_read() {
        let dir = database(&[
            ("a/RUSTSEC-2026-0001.md", &text("RUSTSEC-2026-0001", "a")),
            ("a/RUSTSEC-2026-0002.md", &text("RUSTSEC-2026-0002", "a")),
            ("a/NOTES", "no advisory"),
            ("b/RUSTSEC-2026-0003.md", "not an advisory at all"),
        ]);
        let found = advisories(Some(dir.path()), &names(&["a", "c", "../a"]));
        let ids: Vec<&str> = found.got().unwrap().list.iter().map(|a| a.id.as_str()).collect();
        assert_eq!(ids, ["RUSTSEC-2026-0001", "RUSTSEC-2026-0002"]);
        assert_eq!(advisories(Some(dir.path()), &names(&[])), Source::Got(Advisories::default()));
    }

    #[test]
    fn what_cannot_be_read_is_not_taken_for_nothing() {
        let dir = database(&[
            ("a/RUSTSEC-2026-0001.md", "not an advisory at all"),
            ("b/RUSTSEC-2026-0001.toml", ""),
            ("c", "a file"),
            ("d/RUSTSEC-2026-0002.md", &text("RUSTSEC-2026-0001", "d")),
            ("e/RUSTSEC-2026-0002.md/x", ""),
        ]);
        assert!(why(&dir, &["a"]).ends_with("`crates/a/RUSTSEC-2026-0001.md`: it does not begin with a block of TOML"));
        assert!(why(&dir, &["b"]).ends_with("it is not of a known form"));
        assert!(why(&dir, &["c"]).ends_with("`crates/c` is no folder"));
        assert!(why(&dir, &["d"]).ends_with("its id is `RUSTSEC-2026-0001`"));
        assert!(why(&dir, &["e"]).ends_with("it is no file"));
        assert!(why(&database(&[]), &["a"]).ends_with("it has no crates: clone the database there"));
        let gone = advisories(Some(&dir.path().join("gone")), &names(&["a"]));
        assert!(matches!(gone, Source::Failed(_)));
        assert!(matches!(advisories(None, &names(&["a"])), Source::NotRequested(_)));
    }

    #[test]
    fn a_link_out_of_the_database_is_not_followed() {
        let dir = database(&[("b/RUSTSEC-2026-0001.md", &text("RUSTSEC-2026-0001", "a"))]);
        std::os::unix::fs::symlink("b", dir.path().join("crates/a")).unwrap();
        assert!(why(&dir, &["a"]).ends_with("`crates/a` is no folder"));
    }
}
