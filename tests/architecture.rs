//! The lines that hold the design: which room imports which, what may touch the outside world, how long a file may be, and
//! that no failure to read is lost. Each is shown to find a violation that was planted.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "architecture/code.rs"]
mod code;
#[path = "architecture/house.rs"]
mod house;
#[path = "architecture/reads.rs"]
mod reads;

use code::{bare, names, unfinished};
use house::House;
use std::path::{Path, PathBuf};

/// What reaches outside the process, or asks it for the time.
const OUTSIDE: [&str; 18] = [
    "octocrab",
    "git2",
    "hyper",
    "hyper_util",
    "hyper_rustls",
    "rustls",
    "tower",
    "std::thread",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::time::SystemTime",
    "std::time::Instant",
    "Utc::now",
    "tokio::fs",
    "tokio::net",
    "tokio::process",
];

/// How many lines a file may have. Longer ones hide an idea that wants a name.
const LINES: usize = 400;

/// The Rust files below a folder of the crate: path with `/` from the crate's root, and text.
fn files(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join(folder)];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(kind) if kind == "rs" => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        (name, std::fs::read_to_string(&path).unwrap())
    };
    files.into_iter().map(read).collect()
}

/// Which of the names of [`OUTSIDE`] some code uses. A bare `Instant` counts, however it came into scope.
fn reached(code: &str) -> Vec<&'static str> {
    let used = names(&bare(code));
    let hit = |outside: &&str| {
        let parts: Vec<&str> = outside.split("::").collect();
        let last = parts[parts.len() - 1];
        used.iter().any(|path| path.windows(parts.len()).any(|w| w == parts))
            || (matches!(last, "SystemTime" | "Instant") && used.iter().any(|path| path.iter().any(|p| p == last)))
    };
    OUTSIDE.into_iter().filter(hit).collect()
}

/// The files that reach outside and may not.
fn outside(files: &[(String, String)]) -> Vec<String> {
    let pure = files.iter().filter(|(path, _)| !(path.starts_with("src/io/") || path == "src/main.rs"));
    pure.flat_map(|(path, text)| reached(text).into_iter().map(move |name| format!("{path} uses {name}"))).collect()
}

fn planted(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn only_io_and_main_reach_outside() {
    let all = files("src");
    let found = outside(&all);
    assert!(found.is_empty(), "move this to src/io/:\n{}", found.join("\n"));
    // The test would pass on an empty folder as well.
    assert!(all.iter().any(|(path, text)| path.starts_with("src/io") && reached(text).contains(&"std::fs")));
    let bad = planted(&[("src/io/a.rs", "std::fs::read(x)"), ("src/cli/a.rs", "use std::{env, fmt};")]);
    assert_eq!(outside(&bad), ["src/cli/a.rs uses std::env"]);
}

#[test]
fn a_room_imports_only_rooms_below_it() {
    let found = House::new(&files("src")).upward();
    assert!(found.is_empty(), "move what is needed down:\n{}", found.join("\n"));
    for (path, code, target) in [
        ("src/bst/a.rs", "use crate::io::files::Files;", "src/io/files.rs"),
        ("src/yaml/mod.rs", "fn f() { crate::{text::T, io::files::read()} }", "src/io/files.rs"),
        ("src/github/b.rs", "fn f(x: super::super::io::files::Files) {}", "src/io/files.rs"),
    ] {
        let bad = planted(&[(path, code), ("src/io/files.rs", "use crate::text::T;"), ("src/text.rs", "")]);
        assert_eq!(House::new(&bad).upward(), [format!("{path} imports {target}, which is above it")]);
    }
    assert_eq!(House::new(&planted(&[("src/attic.rs", "")])).upward(), ["src/attic.rs is in no room"]);
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let found = House::new(&files("src")).circles();
    assert!(found.is_empty(), "untie:\n{}", found.join("\n"));
    let bad = planted(&[
        ("src/bst/a.rs", "use super::b::B;"),
        ("src/bst/b.rs", "use crate::bst::c::{C, D};"),
        ("src/bst/c.rs", "fn f() { super::a::g() }"),
        ("src/bst/d.rs", "use super::a::A; use super::Common;"),
        ("src/bst/mod.rs", "mod d; struct Common; fn f() { d::g() }"),
    ]);
    let circle: Vec<String> = House::new(&bad).circles();
    assert_eq!(circle.len(), 3, "{circle:?}");
    assert!(circle.iter().all(|file| !file.contains("d.rs")), "{circle:?}");
}

#[test]
fn no_failure_to_read_is_lost() {
    let found: Vec<String> = files("src").iter().flat_map(|(path, text)| reads::lost(path, text)).collect();
    assert!(found.is_empty(), "answer all three of `Read`, or hand the error on:\n{}", found.join("\n"));
    for bad in [
        "let text = files.text(path).ok();",
        "if let Ok(names) = workspace.files.names(folder) { f(names) }",
        "let Ok(names) = workspace.files.names(folder) else { return };",
        "let all = files.iter().map(|f| objects.blob(f)).filter_map(Result::ok);",
        "match objects.tree(commit) { Ok(t) => t, Err(_) => Listing::default() }",
        "let names = files.names(folder).unwrap_or_default();",
        "let a = look(x).ok().flatten();",
    ] {
        assert_eq!(reads::lost("src/app/a.rs", bad).len(), 1, "{bad}");
    }
    assert!(reads::lost("src/app/a.rs", "let n = files.text(path).optional()?;").is_empty());
}

#[test]
fn every_rule_that_a_file_defines_is_listed() {
    let ids: Vec<&str> = cargo2_bot::registry::all().iter().map(|rule| rule.id).collect();
    let mut found = 0;
    for (path, text) in files("src") {
        for rule in text.split("static RULE: Rule = Rule {").skip(1) {
            let id = rule.split('"').nth(1).unwrap();
            assert!(ids.contains(&id), "{path}: `{id}` is not in the list `ALL` of its folder");
            found += 1;
        }
    }
    assert!(found > 40, "only {found} rules are defined");
}

#[test]
fn main_is_short() {
    let lines =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/main.rs")).unwrap().lines().count();
    assert!(lines < 80, "src/main.rs has {lines} lines: what it decides belongs in cli/");
}

#[test]
fn nothing_is_unsafe() {
    let is_unsafe = |(path, text): &(String, String)| {
        names(&bare(text)).iter().flatten().any(|word| word == "unsafe").then(|| path.clone())
    };
    let found: Vec<String> = files("src").iter().filter_map(is_unsafe).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn no_file_of_the_crate_is_long() {
    let long: Vec<String> = files("src")
        .iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES)
        .map(|(path, lines)| format!("{path} has {lines} lines, more than {LINES}"))
        .collect();
    assert!(long.is_empty(), "look for the missing idea:\n{}", long.join("\n"));
}

#[test]
fn nothing_is_unfinished_or_switched_off() {
    let all = ["src", "tests", "benches", "fuzz/fuzz_targets"].into_iter().filter(|f| Path::new(f).is_dir());
    let found: Vec<String> = all
        .flat_map(files)
        .flat_map(|(path, text)| unfinished(&bare(&text)).into_iter().map(move |what| format!("{path}: {what}")))
        .collect();
    assert!(found.is_empty(), "finish or remove:\n{}", found.join("\n"));
}

#[test]
fn code_is_told_from_comments_and_strings() {
    let quiet = r####"
        // std::fs::read
        /* std::env /* nested */ hyper */
        /// Uses git2, `std::net`.
        const TEXT: &str = "octocrab \" std::process"; const RAW: &[u8] = br##"tokio::fs "# x"##;
        let quote = '"'; let lifetime: &'static str = env!("CARGO_PKG_VERSION"); let slash = '\\'; let tick = '\'';
        use std::time::Duration; use crate::io::Environment; let git2_like = std::fmt::format;
    "####;
    assert_eq!(reached(quiet), [""; 0]);
}

#[test]
fn the_outside_is_seen_however_it_is_named() {
    for (code, name) in [
        ("std::fs::read(x)", "std::fs"),
        ("use std::{collections::{BTreeMap, HashMap}, env};", "std::env"),
        ("use std :: { fmt, net::{TcpStream as T} };", "std::net"),
        ("::std::process::exit(1)", "std::process"),
        ("let c = '\"'; git2::Repository::open(x); // \"", "git2"),
        ("fn f(now: Instant) {}", "std::time::Instant"),
        ("use std::time::{Duration, SystemTime};", "std::time::SystemTime"),
        ("let now = chrono::Utc::now();", "Utc::now"),
        ("tokio::fs::read(r\"\\\").await", "tokio::fs"),
        ("use hyper_util as http;", "hyper_util"),
        ("tower::service_fn(f)", "tower"),
    ] {
        assert_eq!(reached(code), [name], "{code}");
    }
}
