//! Names, links and things in the checkout that are not what they look like.

use crate::case::Must::{Fail, Find, Refuse};
use crate::lab::{CRATES, Ended, Lab};
use crate::support::{block, lock};
use std::process::Command;

cases! {
    a_source_that_climbs: "a local source above the project" => Find("cannot-evaluate", "cannot be determined: `path` leaves the project"), |lab| over(lab, "../outside");
    an_absolute_source: "a local source at the root of the system" => Find("cannot-evaluate", "cannot be determined: `path` leaves the project"), |lab| over(lab, "/etc");
    a_source_with_a_nul: "a local source with a NUL in its path" => Find("cannot-evaluate", "cannot be determined: `path` leaves the project"), |lab| over(lab, "\"files/u\\0p\"");
    a_source_that_is_a_link_out: "a local source that is a link out of the project" => Find("lock-missing", "the sources stage no file `Cargo.lock"), |lab| { outside(lab); lab.link("files/out", "../../outside"); over(lab, "files/out") };
    a_lock_that_is_a_link_out: "a lock that is a link out of the project" => Find("lock-missing", "the link `Cargo.lock` leaves the staged tree"), |lab| { outside(lab); lab.link("files/up/Cargo.lock", "../../../outside/Cargo.lock"); over(lab, "files/up") };
    a_lock_that_is_a_link_to_a_secret: "a lock that is a link to credentials" => Find("lock-missing", "the link `Cargo.lock` leaves the staged tree"), |lab| { lab.link("files/up/Cargo.lock", lab.at("home/.netrc").to_str().unwrap()); over(lab, "files/up") };
    a_lock_that_is_a_link_to_itself: "a lock that is a link to itself" => Find("lock-missing", "Cargo.lock` is reached through too many links"), |lab| { lab.link("files/up/Cargo.lock", "Cargo.lock"); over(lab, "files/up") };
    links_in_a_circle: "two folders that are links to each other" => Find("lock-missing", "the sources stage no file `Cargo.lock"), |lab| { lab.link("files/a", "b"); lab.link("files/b", "a"); over(lab, "files/a") };
    a_lock_that_is_a_pipe: "a lock that is a pipe to which nobody writes" => Find("lock-missing", "the sources stage no file `Cargo.lock"), |lab| { pipe(lab, "files/up/Cargo.lock"); over(lab, "files/up") };
    a_lock_that_is_a_folder: "a lock that is a folder" => Find("lock-missing", "the sources stage no file `Cargo.lock"), |lab| { lab.write("files/up/Cargo.lock/x", ""); over(lab, "files/up") };
    a_lock_that_is_a_device: "a lock that is a link to a device without an end" => Find("lock-missing", "the link `Cargo.lock` leaves the staged tree"), |lab| { lab.link("files/up/Cargo.lock", "/dev/zero"); over(lab, "files/up") };
    an_element_that_is_a_pipe: "an element that is a pipe" => Find("element-unreadable", "this is not a file"), |lab| { pipe(lab, "elements/p.bst"); lab.run(&["regenerate"]) };
    an_element_that_is_a_link: "an element that is a link to a device" => Find("element-unreadable", "the path leaves the project"), |lab| { lab.link("elements/p.bst", "/dev/zero"); lab.run(&["regenerate"]) };
    an_element_of_a_strange_name: "an element whose name has line ends and commands in it" => Find("lock-missing", "the sources stage no file `Cargo.lock"), |lab| strange(lab, "a\n::error::x%0A\u{1b}[2J.bst");
    an_element_named_like_an_option: "an element whose name begins with a dash" => Find("lock-missing", "the sources stage no file `Cargo.lock"), |lab| strange(lab, "--fix.bst");
    a_name_that_is_not_utf_8: "a file name that is not UTF-8" => Find("element-unreadable", "the file is gone"), |lab| bytes(lab);
    a_thousand_folders_deep: "elements in a thousand folders in each other" => Fail("folders nest deeper than 64 in"), |lab| { lab.write(&format!("elements/{}x.bst", "d/".repeat(1000)), ""); lab.run(&["regenerate"]) };
    a_lock_path_that_climbs: "a `cargo-lock` above the staged sources" => Find("cannot-evaluate", "cargo-lock` leaves the staged tree"), |lab| locked(lab, "../../Cargo.lock");
    an_absolute_lock_path: "a `cargo-lock` that is absolute" => Find("lock-missing", "the sources stage no file `etc/passwd"), |lab| locked(lab, "/etc/passwd");
    an_include_that_climbs: "an include above the project" => Find("include-unreadable", "the included file `../outside/Cargo.lock` does not exist"), |lab| included(lab, "../outside/Cargo.lock");
    an_include_that_is_absolute: "an include at the root of the system" => Find("include-unreadable", "the path leaves the project"), |lab| included(lab, "/etc/passwd");
    an_include_that_is_a_link_out: "an include that is a link out of the project" => Find("include-unreadable", "the path leaves the project"), |lab| { outside(lab); lab.link("up.inc", "../outside/Cargo.lock"); included(lab, "up.inc") };
    an_include_of_a_device: "an include that is a link to a device" => Find("include-unreadable", "the path leaves the project"), |lab| { lab.link("up.inc", "/dev/zero"); included(lab, "up.inc") };
    a_project_file_that_is_a_link: "a project.conf that is a link out of the project" => Refuse("the path leaves the project"), |lab| { outside(lab); std::fs::remove_file(lab.path("project.conf")).unwrap(); lab.link("project.conf", "../outside/Cargo.lock"); lab.run(&["regenerate"]) };
    an_element_that_is_named_and_outside: "the path of an element above the project on the command line" => Find("element-unknown", "../outside/Cargo.lock: `../outside/Cargo.lock` is not a Rust element"), |lab| { outside(lab); lab.run(&["regenerate", "../outside/Cargo.lock"]) };
    a_lock_handed_in_that_is_endless: "a lock on the command line that has no end" => Find("lock-unavailable", "the lock `/dev/zero` that was handed in: this is not a file"), |lab| handed(lab, "/dev/zero");
    a_lock_handed_in_that_is_a_pipe: "a lock on the command line that is a pipe" => Find("lock-unavailable", "that was handed in: this is not a file"), |lab| { pipe(lab, "pipe"); let pipe = lab.path("pipe"); handed(lab, pipe.to_str().unwrap()) };
}

fn element(path: &str, more: &str) -> String {
    format!("kind: make\nsources:\n- kind: local\n  path: {path}\n- kind: cargo2\n{more}  ref: []\n")
}

fn over(lab: &Lab, path: &str) -> Ended {
    lab.write("elements/a.bst", element(path, ""));
    lab.run(&["regenerate"])
}

fn locked(lab: &Lab, path: &str) -> Ended {
    lab.write("files/up/Cargo.lock", lock(CRATES));
    lab.write("elements/a.bst", element("files/up", &format!("  cargo-lock: {path}\n")));
    lab.run(&["regenerate"])
}

fn included(lab: &Lab, path: &str) -> Ended {
    lab.write("files/up/Cargo.lock", lock(CRATES));
    lab.write(
        "elements/a.bst",
        format!(
            "(@): {path}\n{}",
            element("files/up", "").replace("ref: []\n", &format!("ref:\n{}", block(CRATES, 2)))
        ),
    );
    lab.run(&["regenerate"])
}

fn handed(lab: &Lab, path: &str) -> Ended {
    lab.write("elements/a.bst", element("files/up", ""));
    lab.run(&["regenerate", "--lock", &format!("a.bst={path}")])
}

/// A right lock beside the project.
fn outside(lab: &Lab) {
    lab.write("../outside/Cargo.lock", lock(CRATES));
}

fn pipe(lab: &Lab, path: &str) {
    let path = lab.path(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn strange(lab: &Lab, name: &str) -> Ended {
    lab.write(&format!("elements/{name}"), element("files/up", ""));
    lab.write("files/up/x", "");
    let ended = lab.run(&["regenerate", "--format", "github"]);
    assert!(ended.out.lines().all(|line| line.starts_with("::error file=")), "{}", ended.out);
    assert_eq!(ended.out.lines().count(), 1, "{}", ended.out);
    let ended = lab.run(&["regenerate"]);
    assert!(!ended.out.contains('\u{1b}') && !ended.out.contains("\n::"), "{}", ended.out);
    ended
}

fn bytes(lab: &Lab) -> Ended {
    use std::os::unix::ffi::OsStrExt as _;
    let name = std::ffi::OsStr::from_bytes(b"elements/a\xff.bst");
    std::fs::copy(lab.path("project.conf"), lab.at("project").join(name)).unwrap();
    lab.run(&["regenerate"])
}
