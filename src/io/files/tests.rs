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

/// Returns the value that was read.
fn known<T: std::fmt::Debug>(read: Read<T>) -> T {
    read.required("absent").unwrap()
}

/// Returns why it could not be read.
fn why<T: std::fmt::Debug>(read: Read<T>) -> String {
    read.optional().unwrap_err().into()
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
    assert_eq!(why(files.bytes("link")), "the path leaves the project");
    assert_eq!(why(files.bytes("../secret")), "the path leaves the project");
    assert_eq!(known(files.bytes("fine")), b"in");
    assert_eq!(files.entry("fine").unwrap(), TreeEntry::Symlink("a".into()));
    assert_eq!(files.entry("e/../../secret").unwrap_err().to_string(), "the path leaves the project");
    assert_eq!(files.bytes("gone"), Read::Absent);
}

#[test]
fn what_is_not_utf_8_is_reported_with_its_line() {
    let (dir, files) = project(&[("a", "")]);
    std::fs::File::create(dir.path().join("p/a")).unwrap().write_all(b"one\ntw\xff").unwrap();
    assert_eq!(why(files.text("a")), "the file is not UTF-8: line 2 holds the byte 0xff");
}

#[test]
fn a_file_that_changed_meanwhile_is_left_alone() {
    let (dir, files) = project(&[("a", "one")]);
    let old = known(files.text("a"));
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
    let old = known(files.text("a"));
    files.replace(&old, &SourceText::new("a", "two")).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(std::fs::read_dir(dir.path().join("p")).unwrap().count(), 1);
}

#[test]
fn the_workflows_are_those_of_the_repository_wherever_the_project_is() {
    let (dir, files) = project(&[("a", "")]);
    assert_eq!(files.workflows(), Read::Absent, "no repository, no workflows");
    let workflows = dir.path().join(".github/workflows");
    std::fs::create_dir_all(&workflows).unwrap();
    std::fs::create_dir_all(dir.path().join(".git")).unwrap();
    std::fs::File::create(workflows.join("x.yml")).unwrap().write_all(b"on: push\n").unwrap();
    std::fs::File::create(workflows.join("bad.yaml")).unwrap().write_all(b"\xff").unwrap();
    std::fs::File::create(workflows.join("README.md")).unwrap();
    std::fs::File::create(dir.path().join("secret")).unwrap();
    let files = Files::new(&dir.path().join("p")).unwrap();
    let found = known(files.workflows());
    let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["../.github/workflows/bad.yaml", "../.github/workflows/x.yml"]);
    assert!(matches!(found[0].1, Read::Unreadable(_)), "a file that is not UTF-8 is not left out");
    assert_eq!(known(found[1].1.clone()).text.to_string(), "on: push\n");
    assert_eq!(why(files.bytes("../secret")), "the path leaves the project");
}
