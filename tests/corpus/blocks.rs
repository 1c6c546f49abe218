//! Real elements with the locks that they came from: nothing to do where the block is right, and the original back where it was damaged.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails loudly")]

use crate::support;

use cargo2_bot::app::regenerate::{Mode, Request, regenerate};
use cargo2_bot::cargo2::discover::Selection;
use cargo2_bot::finding::Severity;
use cargo2_bot::io::{Setup, Workspace};
use cargo2_bot::registry;
use cargo2_bot::report::{Report, Status};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use support::{Project, corpus};

/// A pair of the corpus: an element's file, and the locks that its crate lists came from.
struct Pair {
    repository: String,
    file: String,
    locks: Vec<(String, String)>,
    equal: bool,
    notes: String,
}

/// The pairs of `pairs.tsv` for the cargo2 plugin that have a lock.
fn pairs(corpus: &Path) -> Vec<Pair> {
    let table = std::fs::read_to_string(corpus.join("pairs.tsv")).unwrap();
    let mut pairs: BTreeMap<String, Pair> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [path, "cargo2" | "cargo", _, _, _, lock, .., result, notes] = cells[..] else { continue };
        let Some((inside, mut saved)) = lock.split_once(" -> ") else { continue };
        let Some((repository, file)) = path.strip_prefix("elements/").and_then(|p| p.split_once('/')) else { continue };
        if file.starts_with('.') {
            continue; // A cache of BuildStream that was checked in.
        }
        // Elements whose own patches change the lock: without the patched lock they differ, by the patch.
        let patched = notes.split_once("(saved ").map(|(_, rest)| rest.split_once(')').unwrap().0);
        let here = patched.filter(|patched| corpus.join(patched).exists());
        saved = here.unwrap_or(saved);
        let text = std::fs::read_to_string(corpus.join(saved)).unwrap();
        let pair = pairs.entry(path.to_owned()).or_insert_with(|| Pair {
            repository: repository.to_owned(),
            file: file.to_owned(),
            locks: Vec::new(),
            equal: true,
            notes: notes.to_owned(),
        });
        pair.equal &= result == "EQUAL" && patched.is_none_or(|_| here.is_some());
        pair.locks.push((inside.to_owned(), text));
    }
    pairs.into_values().collect()
}

/// The project of a pair with its own project.conf and includes, its one element, and its locks in the folder `locks`.
struct Case {
    project: Project,
    element: String,
    file: String,
}

fn case(corpus: &Path, pair: &Pair) -> Case {
    let root = corpus.join("elements").join(&pair.repository);
    let project = Project::new(&[]);
    if let Ok(conf) = std::fs::read(root.join("project.conf")) {
        project.write("project.conf", conf);
    }
    copy_includes(&root.join("include"), &project, "include");
    project.write(&pair.file, std::fs::read(root.join(&pair.file)).unwrap());
    let element = if pair.file.ends_with(".bst") {
        pair.file.strip_prefix("elements/").unwrap().to_owned()
    } else {
        project.write("elements/including.bst", format!("kind: manual\n(@): {}\n", pair.file));
        "including.bst".to_owned()
    };
    for (path, text) in &pair.locks {
        project.write(&format!("locks/{path}"), text);
        if let [_] = pair.locks[..] {
            // A local source may be a folder further up: its lock is named by the path below that.
            project.write("locks/Cargo.lock", text);
        }
    }
    Case { project, element, file: pair.file.clone() }
}

fn copy_includes(from: &Path, project: &Project, to: &str) {
    for entry in std::fs::read_dir(from).into_iter().flatten().flatten() {
        let path = format!("{to}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            copy_includes(&entry.path(), project, &path);
        } else {
            project.write(&path, std::fs::read(entry.path()).unwrap());
        }
    }
}

fn regenerated(case: &Case, check: bool) -> Report {
    let setup = Setup {
        project: case.project.path().to_owned(),
        offline: true,
        locks: vec![(case.element.clone(), case.project.path().join("locks"))],
        jobs: 2,
        rules: registry::all(),
        ..Setup::default()
    };
    let workspace = Arc::new(Workspace::open(setup, Arc::new(|_| ())).unwrap());
    let mode = if check { Mode::Look } else { Mode::Write };
    let request = Request { selection: Selection::default(), mode, ..Request::default() };
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(regenerate(&workspace, &request))
        .unwrap()
}

fn told(report: &Report) -> String {
    cargo2_bot::report::human::report(report, false)
}

/// The entries of the old form with the kind that they gain.
fn with_kinds(text: &str) -> String {
    text.replace("\n  - name: ", "\n  - kind: registry\n    name: ")
}

/// A small generator of the same numbers in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// The entries of every crate list in a text: runs of lines that begin with the dash of an entry.
fn entries(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    let (mut at, mut open) = (0, None);
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        let begins = line.starts_with("  - name: ")
            || line.trim_start().starts_with("- kind: registry")
            || line.trim_start().starts_with("- kind: git\n");
        if let Some((start, column)) = open
            && (begins || indent <= column)
        {
            found.push(start..at);
            open = None;
        }
        if begins {
            open = Some((at, indent));
        }
        at += line.len();
    }
    found.extend(open.map(|(start, _)| start..at));
    found
}

/// Damages a text: an entry goes, changes, moves or is doubled.
fn damaged(text: &str, dice: &mut Dice) -> Option<String> {
    let all = entries(text);
    let entry = all.get(dice.below(all.len().max(1)))?.clone();
    let other = all[dice.below(all.len())].clone();
    let own = &text[entry.clone()];
    if text.matches(own).count() > 1 {
        return None; // The same entry stands in another list, too: which one would be damaged?
    }
    Some(match dice.below(5) {
        0 => format!("{}{}", &text[..entry.start], &text[entry.end..]),
        1 => format!("{}{own}{}", &text[..entry.end], &text[entry.end..]),
        2 => text.replacen(own, &own.replacen("version: ", "version: 9", 1), 1),
        3 if entry.end <= other.start => {
            format!(
                "{}{}{}{own}{}",
                &text[..entry.start],
                &text[other.clone()],
                &text[entry.end..other.start],
                &text[other.end..]
            )
        }
        _ => {
            let column = own.len() - own.trim_start().len();
            let pad = " ".repeat(column);
            let new = format!(
                "{pad}- kind: registry\n{pad}  name: intruder\n{pad}  version: 1.0.0\n{pad}  sha: {}\n",
                "ab".repeat(32)
            );
            format!("{}{new}{}", &text[..entry.start], &text[entry.start..])
        }
    })
}

#[test]
fn right_blocks_are_found_right_and_damaged_ones_come_back() {
    let Some(corpus) = corpus() else {
        println!("skipped: the corpus is not here");
        return;
    };
    let (mut right, mut mended) = (0, 0);
    for (number, pair) in pairs(&corpus).iter().filter(|pair| pair.equal).enumerate() {
        let case = case(&corpus, pair);
        let original = case.project.read(&case.file);
        let mut report = regenerated(&case, true);
        if report.count(Status::Drifted) > 0 && pair.file.contains('@') {
            // An older version of the element: today's project.conf maps git URLs that its own did not.
            assert!(
                report.blocks.iter().all(|b| b.drift.lines().iter().all(|l| l.contains(": repo "))),
                "{}",
                told(&report)
            );
            case.project.write("project.conf", "name: old\nelement-path: elements\n");
            report = regenerated(&case, true);
        }
        assert!(report.blocks.iter().all(|b| b.status == Status::Right), "{}: {}", pair.file, told(&report));
        assert!(!report.findings.iter().any(|f| f.severity == Severity::Error), "{}: {}", pair.file, told(&report));
        right += report.blocks.len();
        // Entries of the old form gain their kind with the first change, as `bst source track` does it.
        let old_form = pair.notes.contains("entries without kind");
        let mut dice = Dice(number as u64);
        for _ in 0..4 {
            let Some(damaged) = damaged(&original, &mut dice).filter(|text| *text != original) else { continue };
            case.project.write(&case.file, &damaged);
            let report = regenerated(&case, false);
            assert!(report.count(Status::Regenerated) > 0, "{}: {}\n{damaged}", pair.file, told(&report));
            let came_back = case.project.read(&case.file);
            let expected = if old_form { with_kinds(&original) } else { original.clone() };
            assert!(came_back == expected, "{} did not come back", pair.file);
            mended += 1;
        }
    }
    println!("{right} blocks right, {mended} damaged files mended");
    assert!(right >= 160 && mended >= 600, "{right} right, {mended} mended");
}

#[test]
fn blocks_that_differ_are_told_with_the_difference() {
    let Some(corpus) = corpus() else {
        println!("skipped: the corpus is not here");
        return;
    };
    let mut explained = Vec::new();
    for pair in pairs(&corpus).iter().filter(|pair| !pair.equal) {
        let case = case(&corpus, pair);
        let report = regenerated(&case, true);
        let drifted: Vec<_> = report.blocks.iter().filter(|b| b.status == Status::Drifted).collect();
        assert_eq!(drifted.len(), 1, "{}: {}", pair.file, told(&report));
        let lines = drifted[0].drift.lines();
        explained.push(format!(
            "{} {}",
            pair.file.rsplit('/').next().unwrap(),
            lines.first().map_or("", String::as_str)
        ));
    }
    explained.sort();
    explained.dedup();
    for expected in [
        "bootc.bst + bcvk-qemu",
        "query rev=2203e8f331cc41afafa0f81e9a2df7d681e9f631 → rev=2203e8f",
        "live.bst ",
        "repo ",
    ] {
        assert!(explained.iter().any(|line| line.contains(expected)), "{expected}: {explained:#?}");
    }
}
