//! Compares what is read out of archives with what BuildStream's own plugin stages.
//!
//! `CARGO2_BOT_BST` names the `bst` of an environment with BuildStream; the `python` beside it runs the plugin's real
//! code. Without it the tests print "skipped", unless `CARGO2_BOT_REQUIRE_PEERS=1`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../src/io/archive/testing.rs"]
mod testing;

use crate::python::{Python, started};
use std::io::{Cursor, Write as _};

use cargo2_bot::io::archive::{self, ArchiveLimits, Member};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use testing::{Form, Tar, bzip2, gzip, xz};

/// Paths that are looked for in every case.
const WANTED: [&str; 8] = ["a", "b", "a/b", "a/a", "b/a", "c", "é", "a/b/c"];

/// Why Python may fail where we need not look: a hard link to nothing, to a device or through a symbolic
/// link, a file in the place of a folder.
const FAR: [&str; 7] = [
    "KeyError(",
    "would be extracted as a copy of",
    "Not a directory",
    "Is a directory",
    "File exists",
    "Too many levels of symbolic links",
    "outside the destination",
];

type Pack = fn(&[u8]) -> Vec<u8>;

/// The plugin, behind a pipe: a line of JSON in, a line of JSON out.
struct Peer {
    python: Python,
    folder: tempfile::TempDir,
}

fn peer() -> Option<Peer> {
    let python = started(include_str!("archive.py"))?;
    Some(Peer { python, folder: tempfile::TempDir::new().unwrap() })
}

impl Peer {
    /// What the plugin stages at each wanted path.
    fn stage(&mut self, base: Option<&str>, bytes: &[u8]) -> Result<Vec<Member>, String> {
        let path = self.folder.path().join("archive");
        std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
        let asked = serde_json::json!({ "file": path, "base": base, "wanted": WANTED });
        let answer = self.python.ask(&asked);
        if let Some(error) = answer.get("error") {
            return Err(error.to_string());
        }
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let member = |value: &serde_json::Value| match value["what"].as_str().unwrap() {
            // Bytes as code points.
            "file" => Member::File(text(&value["content"]).chars().map(|c| c as u8).collect()),
            "link" => Member::Symlink(text(&value["target"])),
            "folder" => Member::Folder,
            "beyond" => Member::Beyond { link: text(&value["link"]), target: text(&value["target"]) },
            _ => Member::Absent,
        };
        Ok(answer["found"].as_array().unwrap().iter().map(member).collect())
    }

    /// Both must agree; only if `strict` may we refuse what the plugin stages. Says whether it was staged.
    fn compare(&mut self, strict: bool, base: Option<&str>, bytes: &[u8]) -> Result<bool, TestCaseError> {
        let theirs = self.stage(base, bytes);
        let ours = archive::read(Cursor::new(bytes), base, &WANTED, &ArchiveLimits::default());
        match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs, "base-dir {:?}", base),
            (Err(_), Err(_)) => {}
            (Err(_), Ok(_)) if strict => {}
            // An archive that cannot be staged for a reason far from the wanted paths.
            (Ok(_), Err(error)) if FAR.iter().any(|far| error.contains(far)) => return Ok(false),
            _ => prop_assert!(false, "base-dir {base:?}: we say {ours:?}, the plugin says {theirs:?}"),
        }
        Ok(ours.is_ok())
    }
}

fn base_dirs() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![
        None,
        Some(""),
        Some("*"),
        Some("a"),
        Some("a/"),
        Some("/a"),
        Some("a*"),
        Some("?"),
        Some("[ab]"),
        Some("[!a]"),
        Some("*/b"),
        Some("*/*"),
        Some("**"),
        Some("**/b"),
        Some("[é-ü]"),
        Some("["),
        Some("a-[0-9]"),
        Some("."),
        Some("./a"),
        Some("[b-a]"),
        Some("[]-]"),
        Some("é"),
    ])
}

/// Names that every reader understands alike.
fn tame_name() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec!["a", "b", "c", "a-1", "é", "ab"]);
    let start = prop::sample::select(vec!["", "", "", "./"]);
    (start, prop::collection::vec(part, 1..4)).prop_map(|(start, parts)| format!("{start}{}", parts.join("/")))
}

/// Names that are made to confuse.
fn wild_name() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec!["a", "b", "c", "a-1", "é", ".", "..", "", ".a", "a."]);
    let start = prop::sample::select(vec!["", "", "./", "/", "././", "../"]);
    let end = prop::sample::select(vec!["", "", "/", "//"]);
    (start, prop::collection::vec(part, 1..4), end)
        .prop_map(|(start, parts, end)| format!("{start}{}{end}", parts.join("/")))
}

#[derive(Debug, Clone)]
struct Step {
    form: Form,
    name: String,
    kind: u8,
    link: String,
    data: Vec<u8>,
}

fn steps(name: BoxedStrategy<String>, kinds: &'static [u8]) -> impl Strategy<Value = Vec<Step>> {
    let form = prop::sample::select(vec![Form::Plain, Form::Plain, Form::Gnu, Form::Pax]);
    let kind = prop::sample::select(kinds);
    let data = prop::collection::vec(any::<u8>(), 0..20);
    let step = (form, name.clone(), kind, name, data).prop_map(|(form, name, kind, link, data)| {
        let link = if b"12".contains(&kind) { link } else { String::new() };
        let data = if kind == b'0' || kind == 0 { data } else { Vec::new() };
        let name = if kind == b'5' { format!("{}/", name.trim_end_matches('/')) } else { name };
        Step { form, name, kind, link, data }
    });
    prop::collection::vec(step, 1..8)
}

fn tar(steps: &[Step]) -> Vec<u8> {
    let add = |tar: Tar, step: &Step| tar.entry(step.form, &step.name, step.kind, &step.link, &step.data);
    steps.iter().fold(Tar::new(), add).end()
}

fn run<S: Strategy>(cases: u32, strategy: &S, mut check: impl FnMut(&mut Peer, S::Value) -> Result<bool, TestCaseError>)
where
    S::Value: std::fmt::Debug,
{
    let Some(peer) = peer() else {
        return;
    };
    let peer = std::cell::RefCell::new((peer, 0_u32));
    let check = std::cell::RefCell::new(&mut check);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let result = runner.run(strategy, |value| {
        let (peer, staged) = &mut *peer.borrow_mut();
        *staged += u32::from((check.borrow_mut())(peer, value)?);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let staged = peer.borrow().1;
    assert!(staged > cases / 10, "only {staged} of {cases} archives were staged at all");
}

#[test]
fn tame_tars_are_staged_alike() {
    // Names of files and folders differ, so that nothing is in the way of anything.
    let files = steps(
        tame_name().prop_map(|name| format!("{name}/f").replace("c/", "a/").replace("a/f", "c")).boxed(),
        b"00\x0006",
    );
    let folders = steps(tame_name().boxed(), b"5");
    let strategy = (folders, files, base_dirs());
    run(600, &strategy, |peer, (mut folders, files, base)| {
        folders.retain(|folder| !folder.name.contains('c'));
        folders.extend(files);
        let devices = folders.iter().any(|step| step.kind == b'6');
        peer.compare(devices, base, &tar(&folders))
    });
}

#[test]
fn wild_tars_are_staged_alike_or_refused() {
    let strategy = (steps(wild_name().boxed(), b"000\x0055126V"), base_dirs());
    run(1500, &strategy, |peer, (steps, base)| peer.compare(true, base, &tar(&steps)));
}

#[test]
fn tars_with_links_are_staged_alike_or_refused() {
    let strategy = (steps(tame_name().boxed(), b"0001125"), base_dirs());
    run(1500, &strategy, |peer, (steps, base)| peer.compare(true, base, &tar(&steps)));
}

#[test]
fn compressions_are_read_alike() {
    let Some(mut peer) = peer() else {
        return;
    };
    let plain = Tar::new().file("p/a", b"content").symlink("p/b", "/x").hardlink("p/c", "p/a").end();
    let (front, back) = plain.split_at(700);
    let packs: [Pack; 3] = [gzip, bzip2, |bytes| xz(bytes, 6)];
    assert!(peer.compare(false, None, &plain).unwrap());
    for pack in packs {
        for bytes in [
            pack(&plain),
            [pack(front), pack(back)].concat(),
            [pack(front), pack(b""), pack(back), vec![0; 64]].concat(),
        ] {
            assert!(peer.compare(false, None, &bytes).unwrap());
        }
        // What follows the end is not looked at by Python, and may be refused.
        peer.compare(true, None, &[pack(&plain), b"junk".to_vec()].concat()).unwrap();
        for cut in [700, 1024] {
            peer.compare(true, None, &[pack(&plain[..cut]), vec![0; 64], pack(&plain[cut..])].concat()).unwrap();
        }
    }
}

#[test]
fn own_root_in_a_tar_is_staged_whole() {
    let Some(mut peer) = peer() else {
        return;
    };
    for archive in [
        Tar::new().folder("./").file("./a", b"1").folder("./b/"),
        Tar::new().file("./a", b"1").file("./b/a", b"2").folder("./"),
        Tar::new().folder("/").file("/a", b"1").file("b/a", b"1"),
    ] {
        assert!(peer.compare(false, None, &archive.end()).unwrap());
    }
}
