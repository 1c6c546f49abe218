use super::*;
use std::io::Write as _;
use std::os::unix::fs::symlink;

/// A project with these files.
#[allow(clippy::disallowed_methods, reason = "tests make their own files")]
fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, Files) {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join("p").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let files = Files::new(&dir.path().join("p")).unwrap();
    (dir, files)
}

#[test]
fn caches_in_the_checkout_and_links_are_not_elements() {
    let (dir, files) =
        project(&[("e/b.bst", ""), ("e/a/c.bst", ""), ("e/.bst/staged-junctions/x.bst", ""), ("e/d.txt", "")]);
    symlink(dir.path().join("p/e/a"), dir.path().join("p/e/linked")).unwrap();
    assert_eq!(files.elements("e").unwrap(), ["e/a/c.bst", "e/b.bst"]);
}

#[test]
fn nothing_outside_the_project_is_read() {
    let (dir, files) = project(&[("a", "in")]);
    std::fs::copy(dir.path().join("p/a"), dir.path().join("secret")).unwrap();
    symlink("../secret", dir.path().join("p/link")).unwrap();
    symlink("a", dir.path().join("p/fine")).unwrap();
    assert_eq!(files.bytes("link").unwrap_err(), "the path leaves the project");
    assert_eq!(files.bytes("../secret").unwrap_err(), "the path leaves the project");
    assert_eq!(files.bytes("fine").unwrap().unwrap(), b"in");
    assert_eq!(files.entry("fine").unwrap(), TreeEntry::Symlink("a".into()));
    assert_eq!(files.entry("e/../../secret").unwrap_err(), "the path leaves the project");
    assert_eq!(files.bytes("gone").unwrap(), None);
}

#[test]
fn what_is_not_utf_8_is_told_with_its_line() {
    let (dir, files) = project(&[("a", "")]);
    std::fs::File::create(dir.path().join("p/a")).unwrap().write_all(b"one\ntw\xff").unwrap();
    assert_eq!(files.text("a").unwrap_err(), "the file is not UTF-8: line 2 holds the byte 0xff");
}

#[test]
fn a_file_that_changed_meanwhile_is_left_alone() {
    let (dir, files) = project(&[("a", "one")]);
    let old = files.text("a").unwrap().unwrap();
    std::fs::File::create(dir.path().join("p/a")).unwrap().write_all(b"human").unwrap();
    assert!(files.replace(&old, &SourceText::new("a", "two")).unwrap_err().to_string().contains("changed while"));
    assert_eq!(std::fs::read_to_string(dir.path().join("p/a")).unwrap(), "human");
}

#[test]
fn a_file_keeps_its_mode_and_leaves_no_other_behind() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, files) = project(&[("a", "one")]);
    let path = dir.path().join("p/a");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let old = files.text("a").unwrap().unwrap();
    files.replace(&old, &SourceText::new("a", "two")).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(std::fs::read_dir(dir.path().join("p")).unwrap().count(), 1);
}
