use super::*;

#[test]
fn later_duplicate_wins() {
    let archive = release().file("p-1.0//./Cargo.lock", b"later").end();
    assert_eq!(tar(&archive).unwrap(), Member::File(b"later".to_vec()));
    let archive = release().symlink("p-1.0/Cargo.lock", "../x").end();
    assert_eq!(tar(&archive).unwrap(), Member::Symlink("../x".to_owned()));
}

#[test]
fn several_paths_are_read_in_one_go() {
    let archive = release().folder("p-1.0/src").end();
    let wanted = ["src", "./README", "nothing", "Cargo.lock", "src/x"];
    let found = read(Cursor::new(archive), None, &wanted, &limits()).unwrap();
    let readme = Member::File(vec![b'r'; 3000]);
    assert_eq!(found, [Member::Folder, readme, Member::Absent, lock(), Member::Absent]);
}

#[test]
fn links_are_listed_and_not_followed() {
    let archive = Tar::new().file("p/x", b"").symlink("p/Cargo.lock", "/abs").symlink("p/d", "other").end();
    assert_eq!(tar(&archive).unwrap(), Member::Symlink("/abs".to_owned()));
    let beyond = Member::Beyond { link: "d".to_owned(), target: "other".to_owned() };
    assert_eq!(one(&archive, "*", "d/Cargo.lock").unwrap(), beyond);
}

#[test]
fn hard_link_is_the_file_that_it_names() {
    let archive = release().hardlink("p-1.0/two", "p-1.0/Cargo.lock").hardlink("p-1.0/three", "./p-1.0/two");
    let archive = archive.end();
    assert_eq!(one(&archive, "*", "two").unwrap(), lock());
    assert_eq!(one(&archive, "*", "three").unwrap(), lock());
    // Outside of the root the entry itself is copied.
    let archive = Tar::new().file("z/lock", LOCK).hardlink("p/Cargo.lock", "z/lock").end();
    assert_eq!(tar(&archive).unwrap(), lock());
}

#[test]
fn hard_link_to_nothing_before_it_or_out_of_the_tree_is_refused() {
    for target in ["p/later", "p/none", "/etc/passwd", "../x", "p/../../x", "p/Cargo.lock"] {
        let archive = Tar::new().file("p/x", b"").hardlink("p/Cargo.lock", target).file("p/later", b"");
        let error = refused(tar(&archive.end()), "the archive is unsafe");
        assert!(error.contains("link") || error.contains("several names"), "{error}");
    }
}

#[test]
fn writing_through_a_link_is_refused() {
    let attacks = [
        Tar::new().symlink("p/d", ".").file("p/Cargo.lock", LOCK).file("p/d/Cargo.lock", b"evil"),
        Tar::new().file("p/Cargo.lock", LOCK).symlink("p/d", "Cargo.lock").file("p/d", b"evil"),
        Tar::new().file("p/Cargo.lock", LOCK).hardlink("p/d", "p/Cargo.lock").file("p/d", b"evil"),
        Tar::new().symlink("p/s", ".").hardlink("p/d", "p/s").file("p/d/Cargo.lock", b"evil"),
        Tar::new().file("p/Cargo.lock", LOCK).symlink("p/s", ".").hardlink("p/d", "p/s/Cargo.lock"),
    ];
    for attack in attacks {
        refused(tar(&attack.end()), "`p/d");
    }
}

#[test]
fn dots_that_climb_are_refused_and_leading_slashes_dropped() {
    refused(tar(&release().file("p-1.0/../x", b"").end()), "p-1.0/../x");
    let archive = Tar::new().file("/Cargo.lock", LOCK).end();
    assert_eq!(one(&archive, "", "Cargo.lock").unwrap(), lock());
}

#[test]
fn file_and_folder_of_one_name_are_refused() {
    refused(tar(&Tar::new().file("p/Cargo.lock", LOCK).folder("p/Cargo.lock").end()), "Cargo.lock");
    refused(tar(&Tar::new().folder("p/Cargo.lock").file("p/Cargo.lock", LOCK).end()), "Cargo.lock");
    refused(tar(&Tar::new().file("p/Cargo.lock", LOCK).file("p/Cargo.lock/x", LOCK).end()), "lock/x");
}

#[test]
fn devices_are_skipped_but_not_wanted_and_unknown_types_refused() {
    assert_eq!(tar(&release().special("p-1.0/pipe", b'6').end()).unwrap(), lock());
    refused(tar(&Tar::new().file("p/x", b"").special("p/Cargo.lock", b'3').end()), "device");
    refused(tar(&release().special("p-1.0/label", b'V').end()), "`V`");
}

#[test]
fn sparse_file_is_passed_over_and_refused_if_wanted() {
    let mut old = header(b"p/sparse", b'S', 3, b"");
    old[482] = 1;
    seal(&mut old);
    let map = [0; 512];
    let data = [&map[..], b"abc"].concat();
    let archive = Tar::new().raw(&old, &data).file("p/Cargo.lock", LOCK).end();
    assert_eq!(tar(&archive).unwrap(), lock());
    refused(one(&archive, "*", "sparse"), "sparse");
    let records: [(&str, &[u8]); 3] =
        [("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"0"), ("GNU.sparse.name", b"p/Cargo.lock")];
    refused(tar(&Tar::new().pax(&records).file("p/GNUSparseFile.0/x", LOCK).end()), "sparse");
}

#[test]
fn names_of_every_form_are_found() {
    let long = "d".repeat(90) + "/" + &"e".repeat(90);
    for form in [Form::Gnu, Form::Pax] {
        let archive = Tar::new().entry(form, &format!("p/{long}"), b'0', "", LOCK).end();
        assert_eq!(one(&archive, "*", &long).unwrap(), lock());
    }
    let mut split = header(b"Cargo.lock", b'0', LOCK.len() as u64, b"");
    split[345..350].copy_from_slice(b"p/dir");
    seal(&mut split);
    let archive = Tar::new().raw(&split, LOCK).end();
    assert_eq!(one(&archive, "*", "dir/Cargo.lock").unwrap(), lock());
}

#[test]
fn archive_of_git_with_its_comment_is_read() {
    let archive = Tar::new().records(b'g', &[("comment", b"0123")]).file("p/Cargo.lock", LOCK).end();
    assert_eq!(tar(&archive).unwrap(), lock());
}

#[test]
fn path_that_is_wanted_twice_or_lies_behind_another_wanted_one_is_found() {
    let archive = release().symlink("p-1.0/d", "other").end();
    let wanted = ["Cargo.lock", "d", "Cargo.lock", "d/x", "d"];
    let found = read(Cursor::new(archive), None, &wanted, &limits()).unwrap();
    let link = || Member::Symlink("other".to_owned());
    let beyond = Member::Beyond { link: "d".to_owned(), target: "other".to_owned() };
    assert_eq!(found, [lock(), link(), lock(), beyond, link()]);
}

#[test]
fn links_and_files_that_the_system_cannot_make_are_refused() {
    refused(tar(&release().symlink("p-1.0/x", "").end()), "p-1.0/x");
    refused(tar(&release().symlink("p-1.0/x/.", "y").end()), "p-1.0/x/.");
    refused(tar(&release().file("p-1.0/x/./", b"").end()), "p-1.0/x/.");
}
