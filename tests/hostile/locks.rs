//! Locks, in their TOML and in what they name.

use crate::case::Must::{Find, Pass};
use crate::lab::{CRATES, Ended, Lab};
use crate::support::{lock, registry, sha};

cases! {
    a_lock_of_many_megabytes: "a lock of seventeen megabytes" => Find("lock-unreadable", "the lock cannot be read: the lock has 17826222 bytes; more than"), |lab| locked(lab, format!("# {}\n{}", "x".repeat(17 << 20), lock(CRATES)));
    sixty_thousand_crates: "a lock of sixty thousand crates" => Pass("1 regenerated"), |lab| locked(lab, many(60_000));
    lists_in_lists: "ten thousand brackets in a value" => Find("lock-unreadable", "the lock cannot be read: cannot recurse further; max recursion depth"), |lab| locked(lab, format!("x = {}\n", "[".repeat(10_000)));
    tables_in_tables: "ten thousand tables on one line" => Find("lock-unreadable", "the lock cannot be read: cannot recurse further; max recursion depth"), |lab| locked(lab, format!("x = {}\n", "{a = ".repeat(10_000)));
    a_key_of_many_dots: "a key with twenty thousand dots" => Find("lock-unreadable", "the lock cannot be read: recursion limit"), |lab| locked(lab, format!("a{} = 1\n", ".a".repeat(20_000)));
    a_key_twice: "the version, twice" => Find("lock-unreadable", "the lock cannot be read: duplicate key"), |lab| locked(lab, format!("version = 4\n{}", lock(CRATES)));
    marks_of_a_merge: "a lock with the marks of a merge" => Find("lock-unreadable", "the lock cannot be read: key with no value, expected `="), |lab| locked(lab, format!("<<<<<<< HEAD\n{}=======\n>>>>>>> b\n", lock(CRATES)));
    no_text: "a lock with a byte that is not UTF-8" => Find("lock-unreadable", "the lock is not UTF-8 at byte 429"), |lab| locked(lab, [lock(CRATES).as_bytes(), b"# \xff\n"].concat());
    nul_bytes: "a lock with a NUL" => Find("lock-unreadable", "the lock cannot be read: invalid comment character, expected"), |lab| locked(lab, format!("{}# \0\n", lock(CRATES)));
    a_mark_in_front: "a lock behind a byte order mark" => Pass("1 regenerated"), |lab| locked(lab, format!("\u{feff}{}", lock(CRATES)));
    carriage_returns: "a lock with the line ends of Windows" => Pass("1 regenerated"), |lab| locked(lab, lock(CRATES).replace('\n', "\r\n"));
    an_empty_lock: "a lock of no bytes" => Find("lock-unreadable", "the lock cannot be read: the lock has no `package"), |lab| locked(lab, "");
    a_page: "a web page in the place of the lock" => Find("lock-unreadable", "the lock cannot be read: key with no value, expected `="), |lab| locked(lab, "<!DOCTYPE html>\n<html></html>\n");
    version_1: "a lock of version 1, checksums in its metadata" => Pass("1 regenerated"), |lab| locked(lab, first());
    version_2: "a lock of version 2" => Pass("1 regenerated"), |lab| locked(lab, lock(CRATES).replacen("version = 4\n", "", 1));
    version_3: "a lock of version 3" => Pass("1 regenerated"), |lab| locked(lab, versioned("3"));
    version_4: "a lock of version 4" => Pass("1 regenerated"), |lab| locked(lab, versioned("4"));
    version_5: "a lock of a version that does not exist yet" => Find("lock-unreadable", "the lock cannot be read: the lock is of version 5; the versions 1 to"), |lab| locked(lab, versioned("5"));
    a_version_that_is_no_number: "a lock whose version is a text" => Find("lock-unreadable", "the lock cannot be read: invalid type: string \"4\", expected i64"), |lab| locked(lab, versioned("\"4\""));
    a_version_beyond_all_numbers: "a lock whose version is as large as a number can be" => Find("lock-unreadable", "the lock cannot be read: the lock is of version 9223372036854775807;"), |lab| locked(lab, versioned("9223372036854775807"));
    a_crate_that_is_there_twice: "a crate twice, with two checksums" => Find("crate-two-sources", "Cargo.lock has a 1.0.0 from 2 sources"), |lab| with(lab, registry("a", "1.0.0", &"0".repeat(64)));
    a_crate_from_two_places: "a crate from the registry and from git" => Find("crate-two-sources", "Cargo.lock has a 1.0.0 from 2 sources"), |lab| with(lab, sourced("a", "1.0.0", &format!("git+https://git.example/a#{}", "1".repeat(40))));
    a_name_that_climbs: "a crate whose name is a path" => Find("crate-bad-value", "../../../etc/x 1.0.0` is not the name and version of a crate"), |lab| with(lab, registry("../../../etc/x", "1.0.0", &sha("x", "1")));
    a_name_with_a_line_end: "a crate whose name goes on in the next line" => Find("crate-bad-value", "x\\n- kind: local 1.0.0` is not the name and version of a crate"), |lab| with(lab, registry("x\\n- kind: local", "1.0.0", &sha("x", "1")));
    a_name_with_an_escape_sequence: "a crate whose name moves the cursor" => Find("crate-bad-value", "x\\u{1b}[2J 1.0.0` is not the name and version of a crate"), |lab| with(lab, registry("x\\u001b[2J", "1.0.0", &sha("x", "1")));
    a_name_that_turns_around: "a crate whose name is written from right to left" => Find("crate-bad-value", "x\\u{202e}exe 1.0.0` is not the name and version of a crate"), |lab| with(lab, registry("x\\u202eexe", "1.0.0", &sha("x", "1")));
    a_name_that_looks_like_another: "a crate whose name has a letter of another alphabet" => Pass("1 regenerated"), |lab| with(lab, registry("s\\u0435rde", "1.0.0", &sha("x", "1")));
    a_name_that_is_yaml: "a crate whose name ends a scalar" => Find("crate-bad-value", "x\\', kind: git, y: \\' 1.0.0` is not the name and version of a crate"), |lab| with(lab, registry("x', kind: git, y: '", "1.0.0", &sha("x", "1")));
    a_name_without_an_end: "a crate whose name is a megabyte" => Pass("1 regenerated"), |lab| with(lab, registry(&"x".repeat(1 << 20), "1.0.0", &sha("x", "1")));
    an_empty_name: "a crate without a name" => Find("crate-bad-value", "1.0.0` is not the name and version of a crate"), |lab| with(lab, registry("", "1.0.0", &sha("x", "1")));
    a_version_that_is_a_path: "a crate whose version is a path" => Find("crate-bad-value", "x 1.0.0/../../y` is not the name and version of a crate"), |lab| with(lab, registry("x", "1.0.0/../../y", &sha("x", "1")));
    a_checksum_that_is_short: "a checksum of 63 digits" => Find("crate-bad-checksum", "the checksum of x 1.0.0 is not 64 hex digits: `"), |lab| with(lab, registry("x", "1.0.0", &"a".repeat(63)));
    a_checksum_that_is_no_hex: "a checksum with letters that are no digits" => Find("crate-bad-checksum", "the checksum of x 1.0.0 is not 64 hex digits:"), |lab| with(lab, registry("x", "1.0.0", &"g".repeat(64)));
    a_checksum_of_wide_digits: "a checksum of digits of another script" => Find("crate-bad-checksum", "the checksum of x 1.0.0 is not 64 hex digits:"), |lab| with(lab, registry("x", "1.0.0", &"\u{ff11}".repeat(64)));
    no_checksum: "a crate of the registry without a checksum" => Find("crate-without-checksum", "the lock has no checksum for x 1.0.0"), |lab| with(lab, sourced("x", "1.0.0", &cargo_lock::SourceId::default().to_string()));
    another_registry: "a crate of another registry" => Find("crate-alternate-registry", "x 1.0.0 comes from another registry, `https://evil.example/index"), |lab| with(lab, sourced("x", "1.0.0", "registry+https://evil.example/index"));
    a_registry_that_looks_like_the_right_one: "a registry whose address goes on behind the right one" => Find("crate-alternate-registry", "x 1.0.0 comes from another registry,"), |lab| with(lab, sourced("x", "1.0.0", &format!("{}.evil.example/", cargo_lock::SourceId::default())));
    a_source_of_no_kind: "a source that is a program" => Find("crate-bad-value", "the source of x 1.0.0 holds white space or control characters"), |lab| with(lab, sourced("x", "1.0.0", "exec+sh -c id"));
    git_without_a_commit: "a crate from git without a commit" => Find("crate-bad-value", "does not end in a commit: `https://git.example/x?branch=main`"), |lab| with(lab, sourced("x", "1.0.0", "git+https://git.example/x?branch=main"));
    git_with_half_a_commit: "a crate from git at a short commit" => Find("crate-bad-value", "the git source of x 1.0.0 does not end in a commit:"), |lab| with(lab, sourced("x", "1.0.0", "git+https://git.example/x#abc123"));
    git_with_credentials: "a crate from git whose address has a password" => Pass("1 regenerated"), |lab| with(lab, sourced("x", "1.0.0", &format!("git+https://me:word@git.example/x#{}", "1".repeat(40))));
    git_by_a_program: "a crate from git by a transport that runs a program" => Find("crate-bad-value", "the source of x 1.0.0 holds white space or control characters"), |lab| with(lab, sourced("x", "1.0.0", &format!("git+ext::sh -c id#{}", "1".repeat(40))));
    git_with_a_query_of_commands: "a crate from git whose branch has a line end" => Pass("1 regenerated"), |lab| with(lab, sourced("x", "1.0.0", &format!("git+https://git.example/x?branch=a%0Ab#{}", "1".repeat(40))));
}

fn locked(lab: &Lab, lock: impl AsRef<[u8]>) -> Ended {
    lab.write("elements/a.bst", "kind: make\nsources:\n- kind: local\n  path: files/up\n- kind: cargo2\n  ref: []\n");
    lab.write("files/up/Cargo.lock", lock);
    let ended = lab.run(&["regenerate"]);
    if ended.code == Some(0) {
        let again = lab.run(&["regenerate", "--check"]);
        assert_eq!((again.code, again.changed.len()), (Some(0), 0), "{}", again.out);
    }
    ended
}

/// A right lock with one more package.
fn with(lab: &Lab, package: String) -> Ended {
    locked(lab, format!("{}\n{package}", lock(CRATES)))
}

fn sourced(name: &str, version: &str, source: &str) -> String {
    format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\n")
}

fn versioned(version: &str) -> String {
    lock(CRATES).replacen("version = 4", &format!("version = {version}"), 1)
}

/// The lock as the first version of the format has it.
fn first() -> String {
    let source = cargo_lock::SourceId::default();
    let packages: String = CRATES.iter().map(|(name, version)| sourced(name, version, &source.to_string())).collect();
    let sums = CRATES
        .iter()
        .map(|(name, version)| format!("\"checksum {name} {version} ({source})\" = \"{}\"\n", sha(name, version)));
    format!("{packages}\n[metadata]\n{}", sums.collect::<String>())
}

fn many(count: usize) -> String {
    let one = |n: usize| registry(&format!("c{n}"), "1.0.0", &"ab".repeat(32));
    format!("version = 4\n\n{}", (0..count).map(one).collect::<Vec<_>>().join("\n"))
}
