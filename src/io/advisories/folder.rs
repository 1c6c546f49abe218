//! Advisories in a folder: a clone of the RustSec database, or records of OSV that somebody else fetched.
//!
//! ```text
//! crates/NAME/RUSTSEC-2026-0001.md               the RustSec database
//! crates/RUSTSEC-2026-0001.json                  its branch `osv`
//! osv/malicious/crates.io/NAME/MAL-2026-1.json   the collection of malicious packages
//! MAL-2026-1.json                                the records of an ecosystem, unpacked
//! ```

use std::collections::BTreeSet;
use std::path::Path;

use super::{add, concerns};
use crate::finding::read::Unreadable;
use crate::io::files::{Files, TreeEntry};
use crate::review::evidence::{Advisories, is_same_crate};
use crate::review::{advisory, osv};

/// The maximum size of an advisory, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// The maximum number of advisories that a folder may have.
const MAX_FILES: usize = 20_000;

/// The folder of malicious crates in the collection of all registries.
const MALICIOUS: &str = "osv/malicious/crates.io";

/// The advisories on the crates `names`, and those that know archives, from a folder. An advisory that cannot be read is named beside
/// the others.
///
/// # Errors
/// When the folder is none, holds no advisories, or a folder in it cannot be listed.
pub(super) fn read(folder: &Path, names: &BTreeSet<String>) -> Result<Advisories, Unreadable> {
    let files = Files::new(folder).map_err(|e| Unreadable::new(format!("it cannot be read: {e}")))?;
    let mut all = Advisories::default();
    let mut found = false;
    if matches!(files.entry("crates")?, TreeEntry::Folder) {
        let known = names_in(&files, "crates")?;
        for name in &known {
            found = found || has_advisories(&files, name)?;
        }
        for name in known.iter().filter(|name| names.iter().any(|wanted| is_same_crate(wanted, name))) {
            of_crate(&files, name, &mut all)?;
        }
        found |= records(&files, "crates", &known, names, &mut all)?;
    }
    if matches!(files.entry(MALICIOUS)?, TreeEntry::Folder) {
        for name in names_in(&files, MALICIOUS)? {
            let folder = format!("{MALICIOUS}/{name}");
            found |= records(&files, &folder, &names_in(&files, &folder)?, names, &mut all)?;
        }
    }
    found |= records(&files, "", &names_in(&files, "")?, names, &mut all)?;
    // An empty folder, or another repository, would look like a database that knows of nothing.
    if found { Ok(all) } else { Err(Unreadable::new("it has no advisories: clone the database there")) }
}

/// Lists the names in a folder that exists.
fn names_in(files: &Files, folder: &str) -> Result<Vec<String>, Unreadable> {
    let names = files.names(folder).required(format!("the folder `{folder}` is gone"))?;
    if names.len() > MAX_FILES {
        return Err(Unreadable::new(format!("`{folder}` has more than {MAX_FILES} files")));
    }
    Ok(names)
}

/// Returns whether a folder is one of the RustSec database: the folder `crates` of a workspace is not.
fn has_advisories(files: &Files, name: &str) -> Result<bool, Unreadable> {
    let folder = format!("crates/{name}");
    let is_folder = matches!(files.entry(&folder)?, TreeEntry::Folder);
    Ok(is_folder && names_in(files, &folder)?.iter().any(|file| file.starts_with("RUSTSEC-")))
}

/// The advisories on one crate, as the RustSec database has them.
fn of_crate(files: &Files, name: &str, all: &mut Advisories) -> Result<(), Unreadable> {
    let folder = format!("crates/{name}");
    match files.entry(&folder)? {
        TreeEntry::Folder => {}
        _ => return Err(Unreadable::new(format!("`{folder}` is no folder"))),
    }
    for file in names_in(files, &folder)?.iter().filter(|file| file.starts_with("RUSTSEC-")) {
        let path = format!("{folder}/{file}");
        let read = || {
            let id = file.strip_suffix(".md").ok_or("it is not of a known form")?;
            let bytes = bytes(files, &path)?;
            let text = std::str::from_utf8(&bytes).map_err(|_| "it is not UTF-8")?;
            advisory::parse(name, id, text).map_err(|why| why.to_string())
        };
        match read() {
            Ok(advisory) => all.list.push(advisory),
            Err(why) => all.unreadable.push(format!("`{path}`: {why}")),
        }
    }
    Ok(())
}

/// Reads the records of OSV in a folder. Returns whether there are any.
fn records(
    files: &Files,
    folder: &str,
    known: &[String],
    names: &BTreeSet<String>,
    all: &mut Advisories,
) -> Result<bool, Unreadable> {
    let is_record = |file: &&String| {
        let id = file.strip_suffix(".json").unwrap_or_default();
        ["GHSA-", "MAL-", "RUSTSEC-"].iter().any(|kind| id.starts_with(kind))
    };
    let mut found = false;
    for file in known.iter().filter(is_record) {
        found = true;
        let path = if folder.is_empty() { file.clone() } else { format!("{folder}/{file}") };
        let read = bytes(files, &path).and_then(|bytes| osv::parse(&bytes).map_err(|why| why.to_string()));
        match read {
            Ok(records) => add(records, all, |advisory| concerns(advisory, names)),
            Err(why) => all.unreadable.push(format!("`{path}`: {why}")),
        }
    }
    Ok(found)
}

/// The bytes of an advisory.
fn bytes(files: &Files, path: &str) -> Result<Vec<u8>, String> {
    match files.entry(path).map_err(|why| why.to_string())? {
        TreeEntry::File(bytes) if bytes.len() <= MAX_BYTES => Ok(bytes),
        TreeEntry::File(_) => Err("it is too large".to_owned()),
        _ => Err("it is no file".to_owned()),
    }
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
        match read(dir.path(), &names(requested)) {
            Ok(all) if all.list.is_empty() => all.unreadable.join("; "),
            Ok(all) => panic!("{all:?}"),
            Err(why) => why.to_string(),
        }
    }

    #[test]
    fn only_the_crates_that_were_requested_are_read() {
        let dir = database(&[
            ("a/RUSTSEC-2026-0001.md", &text("RUSTSEC-2026-0001", "a")),
            ("a/RUSTSEC-2026-0002.md", &text("RUSTSEC-2026-0002", "a")),
            ("a/NOTES", "no advisory"),
            ("b/RUSTSEC-2026-0003.md", "not an advisory at all"),
            ("D_e/RUSTSEC-2026-0004.md", &text("RUSTSEC-2026-0004", "D_e")),
        ]);
        let found = read(dir.path(), &names(&["a", "c", "../a", "d-e"])).unwrap();
        let ids: Vec<&str> = found.list.iter().map(|a| a.id.as_str()).collect();
        assert_eq!(ids, ["RUSTSEC-2026-0004", "RUSTSEC-2026-0001", "RUSTSEC-2026-0002"]);
        assert_eq!(read(dir.path(), &names(&[])).unwrap(), Advisories::default());
    }

    #[test]
    fn what_cannot_be_read_is_not_taken_for_nothing() {
        let dir = database(&[
            ("a/RUSTSEC-2026-0001.md", "not an advisory at all"),
            ("b/RUSTSEC-2026-0001.toml", ""),
            ("c", "a file"),
            ("d/RUSTSEC-2026-0002.md", &text("RUSTSEC-2026-0001", "d")),
            ("e/RUSTSEC-2026-0002.md/x", ""),
            ("f/RUSTSEC-2026-0001.md", "not an advisory at all"),
            ("f/RUSTSEC-2026-0002.md", &text("RUSTSEC-2026-0002", "f")),
        ]);
        assert!(why(&dir, &["a"]).ends_with("`crates/a/RUSTSEC-2026-0001.md`: it does not begin with a block of TOML"));
        assert!(why(&dir, &["b"]).ends_with("it is not of a known form"));
        assert!(why(&dir, &["c"]).ends_with("`crates/c` is no folder"));
        assert!(why(&dir, &["d"]).ends_with("its id is `RUSTSEC-2026-0001`"));
        assert!(why(&dir, &["e"]).ends_with("it is no file"));
        assert!(why(&database(&[]), &["a"]).ends_with("it has no advisories: clone the database there"));
        let workspace = database(&[("crates/a/Cargo.toml", "[package]\n")]);
        assert!(why(&workspace, &["a"]).ends_with("it has no advisories: clone the database there"));
        assert!(read(&dir.path().join("gone"), &names(&["a"])).is_err());
        // One that cannot be read hides no other.
        let both = read(dir.path(), &names(&["f"])).unwrap();
        assert_eq!((both.list.len(), both.unreadable.len()), (1, 1));
    }

    #[test]
    fn a_link_out_of_the_database_is_not_followed() {
        let dir = database(&[("b/RUSTSEC-2026-0001.md", &text("RUSTSEC-2026-0001", "a"))]);
        std::os::unix::fs::symlink("b", dir.path().join("crates/a")).unwrap();
        assert!(why(&dir, &["a"]).ends_with("`crates/a` is no folder"));
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "tests make their own files")]
    fn records_of_osv_are_read_wherever_they_usually_are() {
        let record = |id: &str, krate: &str, more: &str| {
            format!(r#"{{"id":"{id}","affected":[{{"package":{{"ecosystem":"crates.io","name":"{krate}"}}}}]{more}}}"#)
        };
        let iocs = format!(
            r#","database_specific":{{"iocs":{{"files":[{{"digests":{{"sha256":"{}"}}}}]}}}}"#,
            "ab".repeat(32)
        );
        for path in ["crates/RUSTSEC-1.json", "osv/malicious/crates.io/a_b/MAL-1.json", "MAL-1.json"] {
            let dir = tempfile::tempdir().unwrap();
            let write = |path: &str, text: &str| {
                let path = dir.path().join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            };
            write(path, &record("MAL-1", "a_b", ""));
            let found = read(dir.path(), &names(&["A-b"])).unwrap();
            assert_eq!(found.list.len(), 1, "{path}");
            assert_eq!(read(dir.path(), &names(&["c"])).unwrap().list.len(), 0, "{path}");
            write(path, &record("MAL-1", "a_b", &iocs));
            assert_eq!(read(dir.path(), &names(&["c"])).unwrap().list.len(), 1, "an archive is known by any name");
            write(path, "{");
            assert_eq!(read(dir.path(), &names(&["c"])).unwrap().unreadable.len(), 1, "{path}");
        }
    }
}
