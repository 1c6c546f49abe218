//! The lines that hold the design: what may touch the world, what may be unsafe, how long a file may be.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "purity/code.rs"]
mod code;

use code::{bare, names, unfinished};
use std::path::{Path, PathBuf};

/// What reaches outside the process, or asks it for the time.
const WORLD: [&str; 18] = [
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

/// Which of the names of [`WORLD`] some code uses. A bare `Instant` counts, however it came into scope.
fn reached(code: &str) -> Vec<&'static str> {
    let used = names(&bare(code));
    let hit = |world: &&str| {
        let parts: Vec<&str> = world.split("::").collect();
        let last = parts[parts.len() - 1];
        used.iter().any(|path| path.windows(parts.len()).any(|w| w == parts))
            || (matches!(last, "SystemTime" | "Instant") && used.iter().any(|path| path.iter().any(|p| p == last)))
    };
    WORLD.into_iter().filter(hit).collect()
}

#[test]
fn only_the_world_and_main_reach_outside() {
    let all = files("src");
    let pure = all.iter().filter(|(path, _)| !(path.starts_with("src/io") || path == "src/main.rs"));
    let found: Vec<String> = pure
        .flat_map(|(path, text)| reached(text).into_iter().map(move |name| format!("{path} uses {name}")))
        .collect();
    assert!(found.is_empty(), "move this to src/io/:\n{}", found.join("\n"));
    // The test would pass on an empty folder as well.
    assert!(all.iter().any(|(path, text)| path.starts_with("src/io") && reached(text).contains(&"std::fs")));
}

#[test]
fn only_the_setup_of_git_is_unsafe() {
    let is_unsafe = |(path, text): &(String, String)| {
        names(&bare(text)).iter().flatten().any(|word| word == "unsafe").then(|| path.clone())
    };
    let found: Vec<String> = files("src").iter().filter_map(is_unsafe).collect();
    assert_eq!(found, ["src/io/git/setup.rs"]);
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
fn the_world_is_seen_however_it_is_named() {
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
        ("use hyper as http;", "hyper"),
        ("tower::service_fn(f)", "tower"),
    ] {
        assert_eq!(reached(code), [name], "{code}");
    }
}
