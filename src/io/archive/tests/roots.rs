use super::*;

#[test]
fn first_matching_folder_is_the_root_wherever_it_comes() {
    let archive = Tar::new().file("b/Cargo.lock", b"of b").file("a/Cargo.lock", LOCK).end();
    assert_eq!(tar(&archive).unwrap(), lock());
    let archive = Tar::new().file("a/Cargo.lock", LOCK).file("b/Cargo.lock", b"of b").end();
    assert_eq!(tar(&archive).unwrap(), lock());
}

#[test]
fn empty_base_dir_stages_everything() {
    let archive = release().end();
    let at = |base, path| one(&archive, base, path).unwrap();
    assert_eq!(at("", "p-1.0/Cargo.lock"), lock());
    assert_eq!(at("", "Cargo.lock"), Member::Absent);
    assert_eq!(at("p-*", "Cargo.lock"), lock());
    assert_eq!(at("", "p-1.0"), Member::Folder);
    assert_eq!(at("", "."), Member::Folder);
}

#[test]
fn archive_that_lists_its_own_root_is_staged_whole() {
    let archive = Tar::new().folder("./").folder("./src/").file("./src/main.rs", b"").file("./Cargo.lock", LOCK);
    assert_eq!(tar(&archive.end()).unwrap(), lock());
    // The root may be listed last; then the archive is read twice.
    let archive = Tar::new().file("./src/main.rs", b"").file("./Cargo.lock", LOCK).folder("./");
    assert_eq!(tar(&archive.end()).unwrap(), lock());
}

#[test]
fn dots_before_the_root_make_no_difference() {
    assert_eq!(tar(&Tar::new().folder("./p/").file("./p/Cargo.lock", LOCK).end()).unwrap(), lock());
}

#[test]
fn no_match_is_an_error_that_shows_the_pattern() {
    refused(tar(&Tar::new().file("Cargo.lock", LOCK).end()), "`*`");
    refused(one(&release().end(), "q-*", "Cargo.lock"), "`q-*`");
}

#[test]
fn folder_listed_before_the_root_is_known_keeps_what_was_below_it() {
    let archive = Tar::new().folder("p/dir").file("p/Cargo.lock", LOCK).end();
    assert_eq!(one(&archive, "*", "dir").unwrap(), Member::Folder);
    // A listed folder does not imply its parents for BuildStream.
    refused(tar(&Tar::new().folder("p/dir").end()), "`*`");
    let archive = Tar::new().folder("a/dir").file("b/Cargo.lock", LOCK).end();
    assert_eq!(tar(&archive).unwrap(), lock());
}

#[test]
fn root_that_is_also_a_file_is_refused() {
    refused(tar(&Tar::new().symlink("p", "q").file("p/Cargo.lock", LOCK).end()), "`p`");
}

#[test]
fn what_lies_outside_of_the_root_is_not_validated() {
    let archive = Tar::new().file("p/Cargo.lock", LOCK).file("z/../../evil", b"").special("z/?", b'V').end();
    assert_eq!(tar(&archive).unwrap(), lock());
}
