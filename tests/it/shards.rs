//! The parts of a large project: together they are what one run is, byte for byte.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test fails loudly, and prints figures"
)]

use crate::review::git_http::{Fixture, GitServer, Item};
use crate::support::{Project, block, ended, lock, program};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

/// As many as the largest projects have, where there is time.
fn elements() -> usize {
    if std::env::var_os("CARGO2_BOT_LONG").is_some_and(|long| long == "1") { 5_000 } else { 500 }
}

const UPSTREAMS: usize = 40;
const SHARDS: usize = 8;

/// The crates of an upstream: from 3 to 120 of them.
fn crates(upstream: usize, version: &str) -> Vec<(String, String)> {
    let count = 3 + upstream * upstream * 3 / (UPSTREAMS / 2) % 118;
    (0..count).map(|n| (format!("crate-{upstream:02}-{n:03}"), version.to_owned())).collect()
}

fn borrowed(crates: &[(String, String)]) -> Vec<(&str, &str)> {
    crates.iter().map(|(name, version)| (name.as_str(), version.as_str())).collect()
}

/// A project of elements that share upstreams; one in ten drifted, two share an include, one cannot be read, one upstream is gone.
fn project(server: &GitServer, commits: &[String]) -> Project {
    let alias = format!("name: large\nmin-version: 2.5\nelement-path: elements\naliases:\n  up: {}\n", server.root());
    let project = Project::new(&[("project.conf", &alias)]);
    let shared = format!("kind: cargo2\nurl: crates:crates\nref:\n{}", block(&borrowed(&crates(1, "0.9.0")), 0));
    project.write("include/shared.yml", shared);
    for n in 0..elements() {
        let upstream = n % UPSTREAMS;
        let version = if n % 10 == 0 { "0.9.0" } else { "1.0.0" };
        let commit = if n == 77 { "0123456789012345678901234567890123456789" } else { &commits[upstream] };
        let git = format!("- kind: git_repo\n  url: up:r{upstream:02}/repo.git\n  ref: {commit}\n");
        let cargo = match n {
            41 | 121 => "- (@): include/shared.yml\n".to_owned(),
            _ => format!(
                "- kind: cargo2\n  url: crates:crates\n  ref:\n{}",
                block(&borrowed(&crates(upstream, version)), 2)
            ),
        };
        let text = if n == 99 { "sources: [\n".to_owned() } else { format!("kind: manual\nsources:\n{git}{cargo}") };
        project.write(&format!("elements/{}/e{n:04}.bst", n % 7), text);
    }
    project
}

/// A run over a project; its exit code is that of findings.
fn regenerate(project: &Path, cache: &Path, args: &[&str]) -> (Value, Duration) {
    let began = Instant::now();
    let mut command = program();
    command.args(["regenerate", "--format", "json", "--project"]).arg(project).arg("--cache").arg(cache).args(args);
    let alias = std::fs::read_to_string(project.join("project.conf")).unwrap();
    let url = alias.split("up: ").nth(1).unwrap().trim();
    let run = ended(&command.arg("--alias").arg(format!("up={url}")).output().unwrap());
    assert_eq!(run.code, Some(3), "{}", run.stderr.get(..2000.min(run.stderr.len())).unwrap_or_default());
    (serde_json::from_str(&run.stdout).unwrap(), began.elapsed())
}

/// What a report says, without its sums: blocks and findings, each as its text.
fn said(report: &Value) -> BTreeSet<String> {
    let all = ["blocks", "findings"].into_iter().flat_map(|key| report[key].as_array().unwrap());
    all.map(Value::to_string).collect()
}

fn files(folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.insert(path.display().to_string(), std::fs::read(&path).unwrap());
        }
    }
}

/// The files of a project by their paths in it.
fn tree(project: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    files(project, &mut found);
    found
        .into_iter()
        .map(|(path, text)| (path.strip_prefix(&project.display().to_string()).unwrap().to_owned(), text))
        .collect()
}

#[test]
fn the_union_of_the_shards_is_the_single_run() {
    let root = tempfile::tempdir().unwrap();
    let mut fixtures = Vec::new();
    let mut commits = Vec::new();
    for n in 0..UPSTREAMS {
        let fixture = Fixture::new();
        commits.push(
            fixture.commit("main", &[("Cargo.lock", Item::File(lock(&borrowed(&crates(n, "1.0.0"))).as_bytes()))]),
        );
        std::os::unix::fs::symlink(fixture.folder.path(), root.path().join(format!("r{n:02}"))).unwrap();
        fixtures.push(fixture);
    }
    let server = GitServer::start_at("127.0.0.1", root.path());
    let (single, sharded) = (project(&server, &commits), project(&server, &commits));
    let caches = tempfile::tempdir().unwrap();
    let cache = |name: &str| caches.path().join(name);

    let requests = || server.counts().requests;
    let (checked, alone) = regenerate(single.path(), &cache("single"), &["--check"]);
    let of_single = requests();
    let (mut union, mut longest, mut seen) = (BTreeSet::new(), Duration::ZERO, Vec::new());
    for k in 1..=SHARDS {
        let shard = format!("{k}/{SHARDS}");
        let (report, took) =
            regenerate(sharded.path(), &cache(&shard.replace('/', "-")), &["--check", "--shard", &shard]);
        longest = longest.max(took);
        seen.push(report["blocks"].as_array().unwrap().len());
        union.extend(said(&report));
    }
    let of_shards = requests() - of_single;
    let whole = said(&checked);
    assert!(whole.len() > elements(), "{}", whole.len());
    assert_eq!(union.symmetric_difference(&whole).take(3).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(seen.iter().sum::<usize>(), elements() - 2, "one cannot be read, two share a list: {seen:?}");

    // What the shards kept warms the one that writes, and is hashed again: it asks for nothing that they have.
    let warm = cache("warm");
    for k in 1..=SHARDS {
        copy(&cache(&format!("{k}-{SHARDS}")).join("objects"), &warm.join("objects"));
    }
    let before = requests();
    let (written, writing) = regenerate(single.path(), &warm, &[]);
    let of_writer = requests() - before;
    assert!(written["blocks"].as_array().unwrap().iter().any(|block| block["status"] == "mended"));
    for k in 1..=SHARDS {
        let shard = format!("{k}/{SHARDS}");
        let mut command = program();
        command.args(["regenerate", "--shard", &shard, "--project"]).arg(sharded.path()).arg("--cache").arg(&warm);
        ended(&command.arg("--alias").arg(format!("up={}", server.root())).output().unwrap());
    }
    let (one, many) = (tree(single.path()), tree(sharded.path()));
    let other: Vec<&String> =
        one.iter().filter(|(path, text)| many.get(*path) != Some(*text)).map(|(path, _)| path).collect();
    assert!(other.is_empty() && one.len() == many.len(), "{:?}", other.iter().take(3).collect::<Vec<_>>());
    eprintln!(
        "{} elements, {UPSTREAMS} upstreams: one run {alone:.1?}, {of_single} requests; {SHARDS} shards, the longest \
         {longest:.1?}, {of_shards} requests in all; the writer over their caches {writing:.1?}, {of_writer} requests",
        elements()
    );
}

fn copy(from: &Path, to: &Path) {
    let mut found = BTreeMap::new();
    files(from, &mut found);
    for (path, bytes) in found {
        let path = to.join(Path::new(&path).strip_prefix(from).unwrap());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

#[test]
fn a_plan_names_shards_that_cover_the_project() {
    let files: Vec<(String, String)> = (0..9)
        .map(|n| {
            (
                format!("elements/e{n}.bst"),
                format!("sources:\n- kind: cargo2\n  ref:\n{}", block(&vec![("a", "1.0.0"); n], 2)),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let project = Project::new(&files);
    let plan: Value = serde_json::from_str(&project.run(&["plan", "--shards", "3"]).stdout).unwrap();
    let rows = plan["include"].as_array().unwrap();
    assert_eq!(rows.iter().map(|row| row["shard"].as_str().unwrap()).collect::<Vec<_>>(), ["1/3", "2/3", "3/3"]);
    let crates: Vec<u64> = rows.iter().map(|row| row["crates"].as_u64().unwrap()).collect();
    assert_eq!(
        (crates.iter().sum::<u64>(), rows.iter().map(|row| row["elements"].as_u64().unwrap()).sum::<u64>()),
        (37, 9)
    );
    assert!(crates.iter().all(|crates| (10..=15).contains(crates)), "{crates:?}");
    for bad in [["plan", "--shards", "0"], ["plan", "--shards", "257"], ["regenerate", "--shard", "4/3"]] {
        assert_eq!(project.run(&bad).code, Some(2), "{bad:?}");
    }
    let empty = project.run(&["regenerate", "--check", "--shard", "12/12"]);
    assert_eq!(empty.code, Some(0), "more shards than elements: {empty:?}");
}
