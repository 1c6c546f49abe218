//! Indexes and archives of crates, as a review asks for them.

use crate::case::Must::{Find, Pass};
use crate::lab::{Ended, Lab};
use crate::packed::{Tar, gzip};
use crate::served::{Reply, answer, endless, missing, ok};
use crate::support::{block, lock, sha};
use serde_json::json;
use sha2::Digest as _;
use std::fmt::Write as _;

cases! {
    a_right_index: "an index that knows the crate" => Pass("Routine update of `a.bst`: 1 crate updated or"), |lab| reviewed(lab, |_| ok(right().as_bytes()));
    a_crate_that_is_not_there: "an index that does not know the crate" => Find("crate-not-in-index", "a 1.1.0` is not in the registry's index"), |lab| reviewed(lab, |_| missing());
    a_line_of_another_crate: "a line of another crate" => Find("crate-not-verified", "reason: line 1 of the index's answer is about `b"), |lab| reviewed(lab, |_| ok(right().replace("\"name\":\"a\"", "\"name\":\"b\"").as_bytes()));
    a_page: "a web page in the place of an index" => Find("crate-not-verified", "reason: line 1 of the index's answer is not what an index holds:"), |lab| reviewed(lab, |_| ok(b"<!DOCTYPE html>"));
    nothing: "an answer of no bytes" => Find("crate-not-verified", "reason: the index's answer names no version"), |lab| reviewed(lab, |_| ok(b""));
    brackets: "a hundred thousand brackets" => Find("crate-not-verified", "reason: line 1 of the index's answer is not what an index holds:"), |lab| reviewed(lab, |_| ok(&[b'['; 100_000]));
    a_checksum_that_is_short: "a line whose checksum has 63 digits" => Find("crate-not-verified", "reason: line 1 of the index's answer has a checksum that is no sha256"), |lab| reviewed(lab, |_| ok(line("1.1.0", &"a".repeat(63)).as_bytes()));
    another_checksum: "another checksum than that of the lock" => Find("crate-checksum-differs", "the checksum of `a 1.1.0` differs from the one in the index"), |lab| reviewed(lab, |_| ok(both(&"a".repeat(64)).as_bytes()));
    a_version_twice: "a version twice, with two checksums" => Find("crate-not-verified", "reason: line 3 of the index's answer names a version a second time"), |lab| reviewed(lab, |_| ok(format!("{}{}", right(), line("1.1.0", &"a".repeat(64))).as_bytes()));
    versions_without_an_end: "an answer without an end" => Find("crate-not-verified", "sent more than 16777216 bytes"), |lab| reviewed(lab, |_| endless(line("0.0.1", &"a".repeat(64)).as_bytes()));
    a_hundred_thousand_versions: "more versions than any crate has" => Find("crate-not-verified", "sent more than 16777216 bytes"), |lab| reviewed(lab, |_| ok(many().as_bytes()));
    a_status_that_is_no_answer: "a failure for every request" => Find("crate-not-verified", "answered with status 500"), |lab| reviewed(lab, |_| answer("500 No", "", b""));
    a_tag_with_line_ends: "an entity tag that is a megabyte" => Find("crate-not-verified", "client error (SendRequest): message head is too large"), |lab| reviewed(lab, |_| answer("200 OK", &format!("ETag: \"{}\"\r\n", "x".repeat(1 << 20)), right().as_bytes()));
    compressed: "an answer that says to be compressed" => Find("crate-not-verified", "reason: line 1 of the index's answer is not what an index holds:"), |lab| reviewed(lab, |_| answer("200 OK", "Content-Encoding: gzip\r\n", &gzip(right().as_bytes())));
    a_name_with_commands: "a dependency with commands for the runner as its name" => Pass("Routine update of `a.bst`: 1 crate updated or"), |lab| reviewed(lab, |_| ok(right().replace("\"deps\":[]", "\"deps\":[{\"name\":\"x\\n::error::y\\u001b[2J<img src=x>\",\"req\":\"1\",\"kind\":\"normal\"}]").as_bytes()));
    a_day_of_the_future: "a version that is published in the year 9999" => Find("crate-not-verified", "reason: line 1 of the index's answer has a time that cannot be read"), |lab| reviewed(lab, |_| ok(right().replace("2020-01-02T03:04:05Z", "9999-99-99T99:99:99Z").as_bytes()));
    a_place_for_archives_in_the_network: "a configuration whose archives are on this machine" => Find("crate-not-verified", "/a/1.1.0/download: it is an address inside the network"), |lab| deep(lab, |root| json!({ "dl": root.replace("http:", "https:").replace("127.0.0.1", "localhost") }).to_string(), |_| ok(b"x"));
    a_place_for_archives_with_a_password: "a configuration whose archives need a password" => Find("crate-not-verified", "it carries user information, and credentials are never sent"), |lab| deep(lab, |_| json!({ "dl": "https://me:word@example.org/", "auth-required": false }).to_string(), |_| ok(b"x"));
    an_index_that_wants_credentials: "a configuration that asks for credentials" => Find("crate-not-verified", "reason: the index hands out archives to known users only, and no"), |lab| deep(lab, |root| json!({ "dl": root, "auth-required": true }).to_string(), |_| ok(b"x"));
    an_endless_configuration: "a configuration of megabytes" => Find("crate-not-verified", "sent more than 65536 bytes"), |lab| deep(lab, |_| format!("{{\"dl\":\"{}\"}}", "x".repeat(1 << 20)), |_| ok(b"x"));
    another_archive: "an archive with another checksum" => Find("crate-not-verified", "reason: the archive's sha256 is 2c69436dc18e57824"), |lab| deep(lab, dl, |_| ok(b"another archive"));
    an_archive_without_an_end: "an archive without an end" => Find("crate-not-verified", "is longer than 67108864 bytes"), |lab| deep(lab, dl, |_| endless(&[0; 60_000]));
    an_archive_that_climbs: "a crate's archive with an entry above it" => Find("crate-not-verified", "reason: the archive is not as cargo makes it: its entry"), |lab| archived(lab, Tar::new().file("a-1.1.0/../../x", b"x"));
    an_archive_of_another_crate: "a crate's archive with the folder of another one" => Find("crate-not-verified", "reason: the archive is not as cargo makes it: its entry"), |lab| archived(lab, Tar::new().file("b-1.0.0/Cargo.toml", b"[package]\nname = \"b\"\nversion = \"1.0.0\"\n"));
    a_bomb: "a crate's archive that is a bomb" => Find("crate-not-verified", "reason: the archive is not as cargo makes it: it has no Cargo.toml"), |lab| archived(lab, Tar::new().file("a-1.1.0/zeros", &vec![0; 40 << 20]));
    a_manifest_of_brackets: "a crate's manifest of ten thousand brackets" => Find("crate-not-verified", "reason: the archive is not as cargo makes it: its Cargo.toml cannot"), |lab| archived(lab, Tar::new().file("a-1.1.0/Cargo.toml", format!("x = {}", "[".repeat(10_000)).as_bytes()));
    names_with_commands: "a crate's archive with commands for the runner as names" => Pass("Not verified: `a.bst`: archives: 1 of 2 could not be read"), |lab| archived(lab, Tar::new().file("a-1.1.0/Cargo.toml", MANIFEST).file("a-1.1.0/x\n::error::y\u{1b}[2J<img src=x>.so", b"\x7fELF"));
}

const MANIFEST: &[u8] = b"[package]\nname = \"a\"\nversion = \"1.1.0\"\n";

fn line(version: &str, checksum: &str) -> String {
    let line = json!({
        "name": "a", "vers": version, "deps": [], "cksum": checksum, "features": {}, "yanked": false,
        "pubtime": "2020-01-02T03:04:05Z",
    });
    format!("{line}\n")
}

/// The index's file of the crate, with this checksum for the newer version.
fn both(checksum: &str) -> String {
    format!("{}{}", line("1.0.0", &sha("a", "1.0.0")), line("1.1.0", checksum))
}

fn right() -> String {
    both(&sha("a", "1.1.0"))
}

fn many() -> String {
    (0..100_001).fold(String::new(), |mut all, n| {
        write!(all, "{}", line(&format!("0.0.{n}"), &"a".repeat(64))).unwrap();
        all
    })
}

/// Reviews a bump of a crate, with an index that answers so.
pub fn reviewed(lab: &Lab, answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Ended {
    let root = lab.host(answer);
    review(lab, &root, &sha("a", "1.1.0"), &[])
}

/// The same with the archives of crates, whose place is in a configuration that comes from the host's root.
fn deep(
    lab: &Lab,
    configuration: impl Fn(&str) -> String + Send + Sync + 'static,
    archive: impl Fn(&str) -> Reply + Send + Sync + 'static,
) -> Ended {
    archives(lab, configuration, archive, &sha("a", "1.1.0"))
}

fn archives(
    lab: &Lab,
    configuration: impl Fn(&str) -> String + Send + Sync + 'static,
    archive: impl Fn(&str) -> Reply + Send + Sync + 'static,
    sum: &str,
) -> Ended {
    let place = std::sync::Arc::new(std::sync::OnceLock::<String>::new());
    let (own, lines) = (place.clone(), both(sum));
    let root = lab.host(move |path| match path.rsplit('/').next().unwrap_or_default() {
        "config.json" => ok(configuration(own.get().unwrap()).as_bytes()),
        "a" => ok(lines.as_bytes()),
        _ => archive(path),
    });
    place.set(root.clone()).unwrap();
    review(lab, &root, sum, &["--deep"])
}

fn dl(root: &str) -> String {
    json!({ "dl": format!("{root}{{crate}}-{{version}}.crate") }).to_string()
}

/// The newer version's archive is this one, with its right checksum everywhere.
fn archived(lab: &Lab, tar: Tar) -> Ended {
    let bytes = gzip(&tar.end());
    let sum: String = sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    archives(lab, dl, move |path| if path.contains("1.1.0") { ok(&bytes) } else { missing() }, &sum)
}

/// Reviews a bump of a crate whose newer version has this checksum.
pub fn review(lab: &Lab, index: &str, sum: &str, more: &[&str]) -> Ended {
    let element = |block: String| {
        format!("kind: make\nsources:\n- kind: local\n  path: files/up\n- kind: cargo2\n  ref:\n{block}")
    };
    let put = |version: &str, sum: &str| {
        let old = sha("a", version);
        lab.write("files/up/Cargo.lock", lock(&[("a", version)]).replace(&old, sum));
        lab.write("elements/a.bst", element(block(&[("a", version)], 2).replace(&old, sum)));
    };
    put("1.0.0", &sha("a", "1.0.0"));
    commit(lab);
    put("1.1.0", sum);
    let ended = lab.run(&[&["review", "--base", "HEAD", "--index", index], more].concat());
    let odd = |line: &str| line.trim_start().starts_with("::");
    assert!(!ended.out.contains('\u{1b}') && !ended.out.lines().any(odd), "{}", ended.out);
    ended
}

/// Commits all files of the project.
fn commit(lab: &Lab) {
    let git = git2::Repository::open(lab.at("project")).unwrap();
    let mut index = git.index().unwrap();
    index.add_all(["*"], git2::IndexAddOption::FORCE, None).unwrap();
    index.write().unwrap();
    let tree = git.find_tree(index.write_tree().unwrap()).unwrap();
    let who = git2::Signature::new("Test", "test@example.com", &git2::Time::new(1_700_000_000, 0)).unwrap();
    git.commit(Some("HEAD"), &who, &who, "a commit", &tree, &[]).unwrap();
}
