//! What reading locks of upstreams costs: requests, connections and bytes, beside the least that can be sent; and how long
//! many upstreams take side by side.
//!
//! `cargo bench --bench upstream` prints two tables and fails where an aim is missed. Git must be installed.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench fails loudly")]

#[path = "../tests/support/git_http.rs"]
mod git_http;

use cargo2_bot::io::git::{GitEntry, GitLimits, GitPin, GitUpstreams};
use cargo2_bot::io::http::{HttpClient, HttpSettings, Trust};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use git_http::{Counts, Fixture, GitServer, Item};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let good = runtime.block_on(async { bytes().await & side_by_side().await });
    std::process::exit(i32::from(!good));
}

/// How a server is set up.
struct Setting {
    name: &'static str,
    filter: bool,
    max_depth: Option<u32>,
    version_zero: bool,
}

const SETTINGS: [Setting; 5] = [
    Setting { name: "filters", filter: true, max_depth: None, version_zero: false },
    Setting { name: "tree.maxDepth=0", filter: true, max_depth: Some(0), version_zero: false },
    Setting { name: "stock", filter: false, max_depth: None, version_zero: false },
    Setting { name: "v0, filters", filter: true, max_depth: None, version_zero: true },
    Setting { name: "v0, stock", filter: false, max_depth: None, version_zero: true },
];

/// A repository with a history, and the files of commits that are read.
struct Case {
    name: &'static str,
    fixture: Fixture,
    commits: Vec<String>,
    paths: [&'static str; 2],
}

async fn bytes() -> bool {
    println!(
        "{:16} {:22} {:>8} {:>5} {:>9} {:>7} {:>7} {:>10}  refs",
        "server", "files", "requests", "conn.", "bytes", "floor", "ratio", "refs bytes"
    );
    let cases = [at_the_root(), three_deep(), two_commits(), far_behind()];
    let (mut filtered, mut good) = (Vec::new(), true);
    for setting in &SETTINGS {
        for case in &cases {
            let (counts, refs) = read(setting, case).await;
            let floor = floor(case);
            let ratio = f64::from(u32::try_from(counts.bytes).unwrap()) / f64::from(u32::try_from(floor).unwrap());
            if setting.filter {
                filtered.push(ratio);
            }
            println!(
                "{:16} {:22} {:>8} {:>5} {:>9} {floor:>7} {ratio:>7.2} {:>10}  {refs}",
                setting.name,
                case.name,
                counts.requests - counts.refs,
                counts.connections,
                counts.bytes,
                counts.refs_bytes,
            );
        }
    }
    filtered.sort_by(f64::total_cmp);
    let (median, most) = (filtered[filtered.len() / 2], filtered[filtered.len() - 1]);
    println!("where filters are allowed: median {median:.2} (aim 1.2), most {most:.2} (aim 4)\n");
    good &= median <= 1.2 && most <= 4.0;
    good
}

/// Reads the files of a case as a run does, then lists the branches and tags, counted apart. Says how many those are.
async fn read(setting: &Setting, case: &Case) -> (Counts, usize) {
    case.fixture.configure("uploadpack.allowFilter", if setting.filter { "true" } else { "false" });
    case.fixture.configure("uploadpackfilter.tree.maxDepth", &setting.max_depth.unwrap_or(1000).to_string());
    let server = GitServer::start(&case.fixture.path());
    if setting.version_zero {
        server.speak_version_zero();
    }
    let upstreams = upstreams(&[server.root()]);
    let pin = |commit: &String| GitPin { url: server.url(), commit: commit.clone() };
    let files: Vec<_> =
        case.commits.iter().map(|commit| (pin(commit), case.paths.map(str::to_owned).to_vec())).collect();
    upstreams.announce(&files);
    for (pin, paths) in &files {
        for path in paths {
            assert!(matches!(upstreams.entry(pin, path).await, Ok(GitEntry::File(_))), "{path}");
        }
    }
    let mut counts = server.counts();
    let refs = upstreams.refs(&server.url()).await.unwrap();
    counts.refs_bytes = server.counts().refs_bytes;
    (counts, refs.len())
}

/// The least that can be sent: each commit, folder and file once, compressed.
fn floor(case: &Case) -> usize {
    let ids: BTreeSet<String> = case
        .commits
        .iter()
        .flat_map(|commit| case.paths.iter().flat_map(|path| case.fixture.objects(commit, path)))
        .collect();
    let compressed = |id: &String| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&case.fixture.content(id)).unwrap();
        encoder.finish().unwrap().len()
    };
    ids.iter().map(compressed).sum()
}

async fn side_by_side() -> bool {
    const UPSTREAMS: usize = 30;
    let fixture = Fixture::new();
    fixture.configure("uploadpack.allowFilter", "true");
    let commit = fixture.commit("main", &[("Cargo.lock", Item::File(lock(1, 200).as_bytes()))]);
    let folder = tempfile::tempdir().unwrap();
    for number in 0..UPSTREAMS {
        std::os::unix::fs::symlink(fixture.path(), folder.path().join(format!("{number}.git"))).unwrap();
    }
    let serve = |host: &str| {
        let server = GitServer::start_at(host, folder.path());
        server.keep_answers();
        server
    };
    let hosts: Vec<GitServer> = (1..=UPSTREAMS).map(|number| serve(&format!("127.0.1.{number}"))).collect();
    let one = serve("127.0.0.1");
    let url = |server: &GitServer, number: usize| format!("{}{number}.git", server.root());
    let on_hosts: Vec<String> = hosts.iter().enumerate().map(|(number, host)| url(host, number)).collect();
    let on_one: Vec<String> = (0..UPSTREAMS).map(|number| url(&one, number)).collect();
    // The servers learn their answers without a delay.
    timed(&on_hosts, &commit).await;
    timed(&on_one, &commit).await;
    for server in hosts.iter().chain([&one]) {
        server.delay(Duration::from_millis(100));
    }
    let (alone, _) = timed(&on_one[..1], &commit).await;
    let (all, slowest) = timed(&on_hosts, &commit).await;
    let (bounded, _) = timed(&on_one, &commit).await;
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    let (wide, narrow) = (ratio(all, slowest), ratio(bounded, alone));
    println!("{UPSTREAMS} upstreams, 100 ms for each answer; one alone takes {alone:.0?}");
    println!("on {UPSTREAMS} hosts: {all:.0?}, the slowest {slowest:.0?}: {wide:.2} x (aim 1.5)");
    println!("on one host: {bounded:.0?}: {narrow:.2} x one alone (aim 5), {} at a time", one.most_at_once());
    wide <= 1.5 && narrow <= 5.0
}

/// Reads the lock of each repository, all at once: how long all took, and the slowest.
async fn timed(urls: &[String], commit: &str) -> (Duration, Duration) {
    let upstreams = upstreams(urls);
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for url in urls {
        let upstreams = upstreams.clone();
        let pin = GitPin { url: url.clone(), commit: commit.to_owned() };
        tasks.spawn(async move {
            let begun = Instant::now();
            assert!(matches!(upstreams.entry(&pin, "Cargo.lock").await, Ok(GitEntry::File(_))));
            begun.elapsed()
        });
    }
    let each = tasks.join_all().await;
    (begun.elapsed(), each.into_iter().max().unwrap_or_default())
}

fn upstreams(trusted: &[String]) -> GitUpstreams {
    let trust = Trust { prefixes: trusted.to_vec(), hosts: Vec::new() };
    let http = HttpClient::new(HttpSettings { trust, ..HttpSettings::default() }).unwrap();
    GitUpstreams::new(None, http, GitLimits::default(), false)
}

fn at_the_root() -> Case {
    let fixture = Fixture::new();
    let commit = crowded(&fixture, "", 1);
    Case { name: "at the root", fixture, commits: vec![commit], paths: ["Cargo.lock", "Cargo.toml"] }
}

fn three_deep() -> Case {
    let fixture = Fixture::new();
    let commit = crowded(&fixture, "apps/desktop/rust/", 2);
    let paths = ["apps/desktop/rust/Cargo.lock", "apps/desktop/rust/Cargo.toml"];
    Case { name: "three folders deep", fixture, commits: vec![commit], paths }
}

fn two_commits() -> Case {
    let fixture = Fixture::new();
    let commits = vec![crowded(&fixture, "", 3), crowded(&fixture, "", 4)];
    Case { name: "two commits", fixture, commits, paths: ["Cargo.lock", "Cargo.toml"] }
}

fn far_behind() -> Case {
    let fixture = Fixture::new();
    let commit = crowded(&fixture, "", 5);
    for number in 0..500_u32 {
        fixture.commit("main", &[("src/main.rs", Item::File(format!("// {number}\n").as_bytes()))]);
    }
    Case { name: "500 behind the tip", fixture, commits: vec![commit], paths: ["Cargo.lock", "Cargo.toml"] }
}

/// A commit with 120 entries in the root folder, more of them in others, and a lock and a manifest in `folder`.
fn crowded(fixture: &Fixture, folder: &str, seed: u64) -> String {
    let files: Vec<(String, String)> = (0..120)
        .flat_map(|number| {
            let text = noise(seed * 1000 + number, 4000);
            [(format!("file-{number}.txt"), text.clone()), (format!("src/module_{number}.rs"), text)]
        })
        .chain([
            (format!("{folder}Cargo.lock"), lock(seed, 300)),
            (format!("{folder}Cargo.toml"), format!("[package]\nname = \"program-{seed}\"\nversion = \"1.0.0\"\n")),
        ])
        .chain((0..40).map(|number| (format!("{folder}other-{number}"), noise(seed + number, 2000))))
        .collect();
    let items: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), Item::File(text.as_bytes()))).collect();
    fixture.commit("main", &items)
}

/// A lock of so many crates: some 170 bytes each, half of them as random as checksums are.
fn lock(seed: u64, crates: u64) -> String {
    let source = cargo_lock::SourceId::default();
    let mut text = "version = 4\n".to_owned();
    for number in 0..crates {
        let checksum = &noise(seed * 10_000 + number, 64);
        let _ = write!(
            text,
            "\n[[package]]\nname = \"crate-{number:05}\"\nversion = \"1.{number}.{seed}\"\nsource = \"{source}\"\nchecksum = \"{checksum}\"\n",
        );
    }
    text
}

/// Hex digits that look random and are the same each time.
fn noise(seed: u64, length: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::with_capacity(length + 16);
    while text.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let _ = write!(text, "{state:016x}");
    }
    text.truncate(length);
    text
}
