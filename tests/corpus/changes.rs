//! All changes of a real project, classified by what a run classifies them by, against labels that were made by reading. Skipped
//! where the corpus is absent: `cargo test --test corpus changes:: -- --nocapture`.
//!
//! `krytis-labels.tsv` has a commit and a label in each line. `rust`: an input of a Rust element. `merges`: a workflow or
//! configuration that decides what merges, or could. `pins`: only pins of actions move. `script`: scripts and tool pins that
//! workflows run, whose contents are not in the corpus. `harmless`: everything else.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails loudly, and what was found is for people to read"
)]

use crate::support::corpus;
use cargo2_bot::app::run::{Change, Classifier, Decides};
use cargo2_bot::io::Setup;
use cargo2_bot::io::commit::LocalObjects;
use git2::{Index, IndexEntry, IndexTime, Oid, Repository, Signature, Time};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

const LABELS: &str = include_str!("krytis-labels.tsv");

/// The percentage of the changes that are not Rust of which less may be held, where the project configures nothing.
const MOST_HELD: usize = 12;

/// The same, where it says in [`CONFIGURATION`] that two workflows with secrets cannot merge anything.
const MOST_HELD_CONFIGURED: usize = 8;

/// Both workflows have secrets and save caches. What their secrets are for, no file says: only people know.
const CONFIGURATION: &str = "guard:
- {path: .github/workflows/publish.yml, hold: false, reason: its secrets open a registry and a vault of keys for images}
- {path: .github/workflows/cache-warm.yml, hold: false, reason: its secrets open a cache of builds}
";

/// The changes as a repository.
struct Rebuilt {
    folder: tempfile::TempDir,
    /// The commits, oldest first, behind an empty one.
    commits: Vec<String>,
    /// What they are called in the project.
    names: Vec<String>,
}

/// Rebuilds the changes, with these files in every state. A file whose content is not there has its id as its content.
fn rebuild(source: &Path, always: &[(&str, &str)]) -> Rebuilt {
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::init(folder.path()).unwrap();
    let who = Signature::new("Test", "test@example.com", &Time::new(1_700_000_000, 0)).unwrap();
    let mut index = Index::new().unwrap();
    for (path, text) in always {
        index.add(&entry(path, 0o100_644, repository.blob(text.as_bytes()).unwrap())).unwrap();
    }
    let mut parent: Option<Oid> = None;
    let mut commit = |index: &mut Index| {
        let tree = repository.find_tree(index.write_tree_to(&repository).unwrap()).unwrap();
        let parents: Vec<_> = parent.iter().map(|id| repository.find_commit(*id).unwrap()).collect();
        let parents: Vec<_> = parents.iter().collect();
        let id = repository.commit(Some("HEAD"), &who, &who, "a change", &tree, &parents).unwrap();
        parent = Some(id);
        id.to_string()
    };
    let mut rebuilt = Rebuilt { commits: vec![commit(&mut index)], names: Vec::new(), folder };
    let text = std::fs::read_to_string(source.join("changes.tsv")).unwrap();
    let rows: Vec<Vec<&str>> =
        text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect()).collect();
    for change in rows.chunk_by(|a, b| a[0] == b[0]) {
        // What goes first: a folder may take the place of a file.
        for row in change.iter().filter(|row| row[4] == "000000") {
            index.remove(Path::new(row[7]), 0).unwrap();
        }
        for row in change.iter().filter(|row| row[4] != "000000") {
            let mode = u32::from_str_radix(row[4], 8).unwrap();
            let id = if mode == 0o160_000 {
                Oid::from_str(row[6]).unwrap()
            } else {
                let content = std::fs::read(source.join("blobs").join(row[6]));
                repository.blob(content.as_deref().unwrap_or(row[6].as_bytes())).unwrap()
            };
            index.add(&entry(row[7], mode, id)).unwrap();
        }
        rebuilt.names.push(change[0][0].to_owned());
        rebuilt.commits.push(commit(&mut index));
    }
    rebuilt
}

fn entry(path: &str, mode: u32, id: Oid) -> IndexEntry {
    let never = IndexTime::new(0, 0);
    IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}

fn classifier(rebuilt: &Rebuilt) -> Classifier {
    let setup = Setup { jobs: 2, ..Setup::default() };
    Classifier::new(LocalObjects::around(rebuilt.folder.path()).unwrap().unwrap(), setup, "")
}

/// The strictest class of a change, as a column of the table.
fn column(change: &Change) -> &'static str {
    match change.held.iter().map(|path| path.decides).min() {
        Some(Decides::Unknown) => "unknown",
        Some(Decides::Input) => "input",
        Some(Decides::Element) => "element",
        Some(Decides::Merges) => "merges",
        None if change.to_be_proven.is_empty() => "harmless",
        None => "to be proven",
    }
}

fn print_table(found: &[(&str, &str, Change)]) {
    const COLUMNS: [&str; 6] = ["unknown", "input", "element", "merges", "to be proven", "harmless"];
    let mut table: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for (_, label, change) in found {
        *table.entry(label).or_default().entry(column(change)).or_default() += 1;
    }
    println!("{:10} {}", "label", COLUMNS.map(|name| format!("{name:>13}")).concat());
    for (label, row) in &table {
        println!("{label:10} {}", COLUMNS.map(|name| format!("{:>13}", row.get(name).unwrap_or(&0))).concat());
    }
}

fn print_held(found: &[&(&str, &str, Change)]) {
    for (name, label, change) in found {
        println!("{} {label}", &name[..8]);
        for path in &change.held {
            println!("    {:?} {}: {}", path.decides, path.path, path.why);
        }
    }
}

fn print_times(times: &mut [Duration]) {
    times.sort_unstable();
    let all: Duration = times.iter().sum();
    let (middle, longest) = (times[times.len() / 2], times[times.len() - 1]);
    println!(
        "{} changes in {all:.1?}: half of them in less than {middle:.1?}, each in at most {longest:.1?}",
        times.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rust_change_is_held_and_few_others_are() {
    let Some(source) = corpus().map(|corpus| corpus.join("changes/krytis")).filter(|path| path.is_dir()) else {
        println!("skipped: no corpus here");
        return;
    };
    let rebuilt = rebuild(&source, &[]);
    let labels: BTreeMap<&str, &str> = LABELS.lines().filter_map(|line| line.split_once('\t')).collect();
    let classifier = classifier(&rebuilt);
    let (mut found, mut times) = (Vec::new(), Vec::new());
    for (name, pair) in rebuilt.names.iter().zip(rebuilt.commits.windows(2)) {
        let start = Instant::now();
        let change = classifier.classify(&pair[0], &pair[1]).await.unwrap().unwrap();
        times.push(start.elapsed());
        found.push((name.as_str(), labels[name.as_str()], change));
    }
    print_table(&found);
    print_times(&mut times);
    let of = |label: &str| found.iter().filter(|(_, own, _)| *own == label).collect::<Vec<_>>();
    let (scripts, held): (Vec<_>, Vec<_>) = found
        .iter()
        .filter(|(_, label, change)| *label != "rust" && !change.held.is_empty())
        .partition(|(_, label, _)| *label == "script");
    println!("\nheld, and not Rust:");
    print_held(&held);
    println!("\nheld, of scripts whose contents are not there:");
    print_held(&scripts);

    assert_eq!(found.len(), labels.len());
    let names =
        |found: &[&(&str, &str, Change)]| found.iter().map(|(name, ..)| (*name).to_owned()).collect::<BTreeSet<_>>();
    let none = BTreeSet::new();
    let unknown: Vec<_> = found.iter().filter(|(.., change)| column(change) == "unknown").collect();
    assert_eq!(names(&unknown), none, "not known");
    let rust =
        |change: &Change| change.held.iter().any(|path| matches!(path.decides, Decides::Input | Decides::Element));
    let released: Vec<_> = of("rust").into_iter().filter(|(.., change)| !rust(change)).collect();
    assert_eq!(names(&released), none, "Rust changes that are not held as such");
    let harmless: Vec<_> = of("harmless").into_iter().filter(|(.., change)| !change.held.is_empty()).collect();
    assert_eq!(names(&harmless), none, "harmless changes that are held");
    let (others, count) = (found.len() - of("rust").len(), held.len() + scripts.len());
    println!("\n{count} of {others} changes that are not Rust are held");
    assert!(count * 100 < others * MOST_HELD, "{count} of {others} are {MOST_HELD} % or more");

    let again: BTreeSet<String> = names(&held).union(&names(&scripts)).cloned().collect();
    let count = still_held(&source, &again).await;
    println!("{count} of them where the project says that two of its workflows cannot merge");
    assert!(count * 100 < others * MOST_HELD_CONFIGURED, "{count} of {others} are {MOST_HELD_CONFIGURED} % or more");
}

/// How many of these changes are held with [`CONFIGURATION`].
async fn still_held(source: &Path, names: &BTreeSet<String>) -> usize {
    let rebuilt = rebuild(source, &[(cargo2_bot::config::CONFIG, CONFIGURATION)]);
    let classifier = classifier(&rebuilt);
    let mut held = 0;
    for (_, pair) in rebuilt.names.iter().zip(rebuilt.commits.windows(2)).filter(|(name, _)| names.contains(*name)) {
        let change = classifier.classify(&pair[0], &pair[1]).await.unwrap().unwrap();
        held += usize::from(!change.held.is_empty());
    }
    held
}

/// The most memory that this process had so far, in MiB. None where the system does not say.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes >> 10)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_change_of_a_whole_project_is_classified_by_itself() {
    let Some(source) = corpus().map(|corpus| corpus.join("changes/krytis")).filter(|path| path.is_dir()) else {
        println!("skipped: no corpus here");
        return;
    };
    let rebuilt = rebuild(&source, &[]);
    let [.., tip, head] = rebuilt.commits.as_slice() else { panic!("no changes") };
    let (before, start) = (most_memory(), Instant::now());
    let change = classifier(&rebuilt).classify(tip, head).await.unwrap().unwrap();
    println!(
        "a change of {} paths in {:.1?}, from the first object on; the most memory before: {before:?} MiB, after: {:?} MiB",
        change.paths,
        start.elapsed(),
        most_memory()
    );
    assert_eq!(column(&change), "input", "the last change moves a Rust element");
}
