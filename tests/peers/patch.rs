//! What this crate says a patch does, against what GNU patch and git really do.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]
#![allow(clippy::cast_possible_truncation, clippy::semicolon_if_nothing_returned)]

pub(crate) mod make;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cargo2_bot::bst::patch::{ApplyError, Dialect, Effect, PatchError, PatchLimits, parse};
use make::{Lines, NOISE, Op, Rng, Tree, after, bytes, damage, disturb, edit, file, header_name, hunks, section};

/// What one program did: the tree afterwards, `None` where it failed.
fn real(dialect: Dialect, tree: &Tree, patch: &[u8]) -> Option<Tree> {
    let work = tempfile::tempdir().unwrap();
    let root = work.path().join("tree");
    std::fs::create_dir(&root).unwrap();
    for (path, bytes) in tree {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let file = work.path().join("the.patch");
    std::fs::write(&file, patch).unwrap();
    let mut command = match dialect {
        Dialect::GnuPatch { strip } => {
            let mut command = Command::new("patch");
            command.arg(format!("-p{strip}")).arg("-i").arg(&file).arg("-d").arg(&root);
            command
        }
        Dialect::GitApply => {
            let mut command = Command::new("git");
            command.arg("-C").arg(&root).arg("--git-dir").arg(root.join(".git"));
            command.arg("--work-tree").arg(&root).arg("apply").arg(&file);
            command.env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", work.path());
            command
        }
    };
    let output = command.stdin(Stdio::null()).current_dir(work.path()).output().unwrap();
    output.status.success().then(|| read(&root, &root))
}

fn read(root: &Path, folder: &Path) -> Tree {
    let mut tree = Tree::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tree.extend(read(root, &path));
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            tree.insert(name, std::fs::read(&path).unwrap());
        }
    }
    tree
}

fn ours(dialect: Dialect, tree: &Tree, patch: &[u8], path: &str) -> Result<Effect, PatchError> {
    let parsed = parse(patch, dialect, &PatchLimits::default())?;
    let mut before = |name: &str| Ok::<_, std::convert::Infallible>(tree.get(name).cloned());
    parsed.apply_to(path, &mut before).map_err(|error| match error {
        ApplyError::Patch(error) => error,
        ApplyError::Read(never) => match never {},
    })
}

/// The kind of an error, without what differs from case to case.
fn class(error: &PatchError) -> String {
    match error {
        PatchError::Unsupported { what, .. } => format!("unsupported: {what}"),
        PatchError::Failed { why, .. } => format!("failed: {why}"),
        other => other.to_string(),
    }
}

/// Everything in a patch that may be the name of a file, with any number of folders removed.
fn named(patch: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(patch).replace("\\056", ".");
    let mut names = BTreeSet::new();
    for word in text.split(|c: char| c.is_ascii_whitespace() || c == '"') {
        if word.ends_with(".lock") || word.ends_with(".txt") || word.ends_with(".orig") {
            let parts: Vec<&str> = word.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
            names.extend((0..parts.len()).map(|from| parts[from..].join("/")));
        }
    }
    names
}

#[derive(Debug, Default)]
struct Tally {
    cases: usize,
    applied: usize,
    failed: usize,
    elsewhere: usize,
    refused: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tally {
    fn compare(&mut self, dialect: Dialect, tree: &Tree, patch: &[u8]) {
        self.cases += 1;
        let real = real(dialect, tree, patch);
        let mut paths: BTreeSet<String> = tree.keys().cloned().collect();
        paths.extend(real.iter().flat_map(BTreeMap::keys).cloned());
        paths.extend(named(patch));
        paths.retain(|path| !path.ends_with(".orig") || tree.contains_key(path));
        let effects: Vec<_> = paths.iter().map(|path| (path, ours(dialect, tree, patch, path))).collect();
        let Some(real) = &real else {
            if effects.iter().any(|(_, effect)| effect.is_err()) {
                self.failed += 1;
            } else if effects.iter().all(|(_, effect)| *effect == Ok(Effect::Untouched)) {
                // It fails at something that names none of the files: nothing to say about them.
                self.elsewhere += 1;
            } else {
                self.wrong(dialect, tree, patch, &format!("the program fails, ours says {effects:?}"));
            }
            return;
        };
        let mut refused = None;
        for (path, effect) in &effects {
            let expected = real.get(*path);
            let same = match effect {
                Ok(Effect::Untouched) => expected == tree.get(*path),
                Ok(Effect::Becomes(bytes)) => expected == Some(bytes),
                Ok(Effect::Deleted) => expected.is_none(),
                Err(error) => {
                    refused = Some(error);
                    continue;
                }
            };
            // Backups beside a file are the program's own business.
            if !same && !path.ends_with(".orig") {
                self.wrong(dialect, tree, patch, &format!("{path}: ours {effect:?}, the program {expected:?}"));
                return;
            }
        }
        match refused {
            None => self.applied += 1,
            Some(error) => {
                *self.refused.entry(class(error)).or_default() += 1;
            }
        }
    }

    fn wrong(&mut self, dialect: Dialect, tree: &Tree, patch: &[u8], what: &str) {
        let tree: BTreeMap<_, _> = tree.iter().map(|(path, text)| (path, String::from_utf8_lossy(text))).collect();
        let text = String::from_utf8_lossy(patch);
        self.wrong.push(format!("{dialect:?}\n{what}\ntree {tree:?}\npatch\n{text}"));
    }

    fn report(&self, name: &str) {
        let refused: usize = self.refused.values().sum();
        println!(
            "{name}: {} cases, {} applied alike, {} failed alike, {} failed at no file, {refused} refused by ours alone, {} wrong",
            self.cases,
            self.applied,
            self.failed,
            self.elsewhere,
            self.wrong.len()
        );
        for (class, count) in &self.refused {
            println!("  refused {count:5}  {class}");
        }
        for wrong in self.wrong.iter().take(9) {
            println!("WRONG {wrong}");
        }
    }
}

/// Runs a generator against both programs, for a number of cases or a while.
fn run(name: &str, dialects: &[Dialect], mut case: impl FnMut(&mut Rng, Dialect) -> (Tree, Vec<u8>)) {
    let number =
        |name: &str, default: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let cases = number("CARGO2_BOT_PEER_CASES", 300);
    let mut rng = Rng(number("CARGO2_BOT_PEER_SEED", 1));
    let mut wrong = 0;
    for &dialect in dialects {
        let program = if dialect == Dialect::GitApply { "git" } else { "patch" };
        if Command::new(program).arg("--version").output().is_err() {
            assert!(std::env::var_os("CARGO2_BOT_REQUIRE_PEERS").is_none(), "`{program}` is not installed");
            println!("{name}: skipped, `{program}` is not installed");
            continue;
        }
        let start = Instant::now();
        let mut tally = Tally::default();
        for _ in 0..cases {
            let (tree, patch) = case(&mut rng, dialect);
            tally.compare(dialect, &tree, &patch);
            if start.elapsed() > Duration::from_secs(number("CARGO2_BOT_PEER_SECONDS", 5)) {
                break;
            }
        }
        tally.report(&format!("{name} ({dialect:?})"));
        assert!(tally.applied > 0, "{name}: nothing applied, so nothing was compared");
        wrong += tally.wrong.len();
    }
    assert_eq!(wrong, 0, "{name}: results that differ from the program's");
}

const P1: Dialect = Dialect::GnuPatch { strip: 1 };
const BOTH: [Dialect; 2] = [P1, Dialect::GitApply];

fn tree(files: &[(&str, &Lines)]) -> Tree {
    files.iter().map(|(path, lines)| ((*path).to_owned(), bytes(lines))).collect()
}

fn plain(ops: &[Op], context: usize) -> String {
    format!("--- a/Cargo.lock\n+++ b/Cargo.lock\n{}", hunks(ops, context))
}

#[test]
fn hunks_go_where_the_programs_put_them() {
    run("hunks", &BOTH, |rng, _| {
        let mut old = file(rng, 40);
        let ops = edit(rng, &old);
        let context = [0, 1, 2, 3, 3, 3][rng.below(6)];
        let patch = plain(&ops, context);
        if !rng.one_in(4) {
            disturb(rng, &mut old);
        }
        (tree(&[("Cargo.lock", &old)]), patch.into_bytes())
    });
}

#[test]
fn patches_that_are_already_applied_fail() {
    run("applied", &BOTH, |rng, _| {
        let old = file(rng, 30);
        let ops = edit(rng, &old);
        let mut new = after(&ops);
        if rng.one_in(2) {
            new = old;
        } else if rng.one_in(2) {
            disturb(rng, &mut new);
        }
        (tree(&[("Cargo.lock", &new)]), plain(&ops, rng.below(4)).into_bytes())
    });
}

#[test]
fn damaged_patches_never_apply_differently() {
    run("damaged", &BOTH, |rng, _| {
        let mut old = file(rng, 20);
        let ops = edit(rng, &old);
        let mut text = if rng.one_in(2) { git(&ops) } else { plain(&ops, 3) };
        if rng.one_in(3) {
            let (other, ops) = (file(rng, 9), 3);
            text.push_str(&plain(&edit(rng, &other), ops).replace("Cargo.lock", "other.txt"));
        }
        let patch = damage(rng, &text);
        if rng.one_in(4) {
            disturb(rng, &mut old);
        }
        let other = file(rng, 3);
        let mut files = vec![("Cargo.lock", &old)];
        if rng.one_in(2) {
            files.push(("other.txt", &other));
        }
        (tree(&files), patch.into_bytes())
    });
}

fn git(ops: &[Op]) -> String {
    let text = hunks(ops, 3);
    if text.is_empty() {
        return "diff --git a/Cargo.lock b/Cargo.lock\nold mode 100644\nnew mode 100755\n".into();
    }
    format!(
        "diff --git a/Cargo.lock b/Cargo.lock\nindex 1234567..89abcde 100644\n--- a/Cargo.lock\n+++ b/Cargo.lock\n{text}"
    )
}

#[test]
fn headers_choose_the_file_that_the_programs_choose() {
    let all = [Dialect::GnuPatch { strip: 0 }, P1, Dialect::GnuPatch { strip: 2 }, Dialect::GitApply];
    run("headers", &all, |rng, _| {
        let old = file(rng, 12);
        let ops = edit(rng, &old);
        let mut text = String::new();
        if rng.one_in(3) {
            text.push_str(
                "From 0123 Mon Sep 17 00:00:00 2001\nSubject: [PATCH] x\n\n body\n---\n Cargo.lock | 2 +-\n\n",
            );
        }
        if rng.one_in(6) {
            text.push_str(rng.pick(&NOISE));
        }
        let (one, two) = (header_name(rng), header_name(rng));
        if rng.one_in(5) {
            text.push_str(&format!("Index: {}\n", header_name(rng)));
        }
        text.push_str(&format!("--- {one}\n+++ {}\n", if rng.one_in(2) { one.clone() } else { two }));
        text.push_str(&hunks(&ops, 3));
        let mut files = Vec::new();
        for path in ["Cargo.lock", "sub/Cargo.lock", "Cargo.lock.orig", "other.txt", "a/Cargo.lock", "b/Cargo.lock"] {
            if rng.one_in(2) {
                files.push((path, &old));
            }
        }
        (tree(&files), text.into_bytes())
    });
}

#[test]
fn files_are_created_and_deleted_as_by_the_programs_and_moves_refused() {
    run("sections", &BOTH, |rng, _| {
        let mut files: BTreeMap<&'static str, Lines> = BTreeMap::new();
        for path in ["Cargo.lock", "other.txt", "sub/third.lock"] {
            if !rng.one_in(4) {
                files.insert(path, file(rng, 15));
            }
        }
        let mut before: Tree = files.iter().map(|(path, lines)| ((*path).to_owned(), bytes(lines))).collect();
        before.insert("keep".into(), b"keep\n".to_vec());
        let mut text = String::new();
        for _ in 0..=rng.below(3) {
            text.push_str(&section(rng, &mut files));
        }
        if rng.one_in(3) {
            text.push_str("-- \n2.40.1\n\n");
        }
        (before, text.into_bytes())
    });
}

#[test]
fn moves_modes_and_binaries_that_the_programs_take_are_refused() {
    let hunk = "@@ -1,2 +1,2 @@\n a\n-b\n+c\n";
    let head = "diff --git a/Cargo.lock b/Cargo.lock\n";
    let moved = |word: &str| {
        let lines = format!("similarity index 50%\n{word} from old.lock\n{word} to Cargo.lock\n");
        format!("diff --git a/old.lock b/Cargo.lock\n{lines}--- a/old.lock\n+++ b/Cargo.lock\n{hunk}")
    };
    let names = "--- a/Cargo.lock\n+++ b/Cargo.lock\n";
    let modes = format!("{head}old mode 100644\nnew mode 100755\n");
    let context =
        "*** a/Cargo.lock\n--- b/Cargo.lock\n***************\n*** 1,2 ****\n  a\n! b\n--- 1,2 ----\n  a\n! c\n";
    let gnu: &[Dialect] = &[P1];
    for (tree, dialects, patch) in [
        ("old.lock", &BOTH[..], moved("rename")),
        ("old.lock", &BOTH[..], moved("copy")),
        ("Cargo.lock", &BOTH[..], modes.clone()),
        ("Cargo.lock", &BOTH[..], format!("{modes}{names}{hunk}")),
        ("Cargo.lock", gnu, context.to_owned()),
        ("Cargo.lock", gnu, "Index: x/Cargo.lock\n2c2\n< b\n---\n> c\n".to_owned()),
        ("Cargo.lock", gnu, format!("--- a/Cargo.lock.orig\n+++ b/Cargo.lock\n{hunk}")),
        ("Cargo.lock", gnu, format!("{names}{hunk}").replace('\n', "\r\n")),
        (
            "Cargo.lock",
            gnu,
            format!("{names}{hunk}").replace("\n", "\n  ").trim_end_matches(' ').replacen('-', "  -", 1),
        ),
    ] {
        let tree = Tree::from([(tree.to_owned(), b"a\nb\n".to_vec())]);
        for &dialect in dialects {
            let program = if dialect == Dialect::GitApply { "git" } else { "patch" };
            if Command::new(program).arg("--version").output().is_ok() {
                assert!(real(dialect, &tree, patch.as_bytes()).is_some(), "{dialect:?} takes\n{patch}");
            }
            let error = ours(dialect, &tree, patch.as_bytes(), "Cargo.lock").unwrap_err();
            assert!(error.to_string().contains("`--lock ELEMENT=PATH`"), "{error}");
        }
    }
}

#[test]
fn noise_never_applies_differently() {
    run("noise", &BOTH, |rng, _| {
        let old = file(rng, 5);
        let mut text = String::new();
        let parts = [3, 12][rng.below(2)];
        for _ in 0..rng.below(parts) {
            match rng.below(4) {
                0 => text.push_str(&hunks(&edit(rng, &old), 3)),
                1 => text.push_str(&git(&edit(rng, &old))),
                _ => text.push_str(rng.pick(&NOISE)),
            }
        }
        let other = file(rng, 3);
        let mut files = vec![("keep", &other)];
        if !rng.one_in(3) {
            files.push(("Cargo.lock", &old));
        }
        if rng.one_in(2) {
            files.push(("other.txt", &old));
        }
        (tree(&files), text.into_bytes())
    });
}

#[test]
fn hunks_out_of_order_never_apply_differently() {
    run("shuffled", &BOTH, |rng, _| {
        let mut old = file(rng, 30);
        let mut text = String::from("--- a/Cargo.lock\n+++ b/Cargo.lock\n");
        for _ in 0..=rng.below(3) {
            let context = rng.below(4);
            let hunks = hunks(&edit(rng, &old), context);
            let starts: Vec<usize> = hunks.match_indices("@@ -").map(|(at, _)| at).collect();
            let parts: Vec<&str> = starts
                .iter()
                .enumerate()
                .map(|(index, &at)| &hunks[at..starts.get(index + 1).copied().unwrap_or(hunks.len())])
                .collect();
            if !parts.is_empty() {
                text.push_str(parts[rng.below(parts.len())]);
            }
        }
        if rng.one_in(3) {
            disturb(rng, &mut old);
        }
        (tree(&[("Cargo.lock", &old)]), text.into_bytes())
    });
}

/// Locks of the corpus, by project.
fn corpus() -> Option<BTreeMap<String, Vec<Vec<u8>>>> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("CARGO2_BOT_CORPUS").map_or(beside, Into::into).join("locks");
    let mut locks: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    let mut files: Vec<_> = std::fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files.iter().filter(|path| path.extension().is_some_and(|end| end == "lock")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let project = name.split('@').next().unwrap().to_owned();
        locks.entry(project).or_default().push(std::fs::read(path).unwrap());
    }
    Some(locks)
}

/// `diff -u` between two files, with names as in a source tree.
fn diff(old: &[u8], new: &[u8], context: usize) -> Vec<u8> {
    let work = tempfile::tempdir().unwrap();
    std::fs::write(work.path().join("old"), old).unwrap();
    std::fs::write(work.path().join("new"), new).unwrap();
    let mut command = Command::new("diff");
    command.arg(format!("-U{context}")).args(["--label", "a/Cargo.lock", "--label", "b/Cargo.lock", "old", "new"]);
    command.current_dir(work.path()).output().unwrap().stdout
}

#[test]
fn patches_between_real_locks_apply_as_by_the_programs() {
    let Some(locks) = corpus() else {
        println!("locks: skipped, there is no corpus");
        return;
    };
    for (dialect, program) in [(P1, "patch"), (Dialect::GitApply, "git")] {
        if [program, "diff"].iter().any(|tool| Command::new(tool).arg("--version").output().is_err()) {
            assert!(std::env::var_os("CARGO2_BOT_REQUIRE_PEERS").is_none(), "`{program}` or `diff` is not installed");
            println!("locks: skipped, `{program}` or `diff` is not installed");
            continue;
        }
        let mut tally = Tally::default();
        let start = Instant::now();
        for versions in locks.values().filter(|versions| versions.len() > 1) {
            for (index, old) in versions.iter().enumerate() {
                let new = &versions[(index + 1) % versions.len()];
                let patch = diff(old, new, 3);
                if patch.is_empty() {
                    continue;
                }
                // On its own lock, and on every other version, where hunks move, fuzz and fail.
                for target in versions {
                    let tree = Tree::from([("Cargo.lock".to_owned(), target.clone())]);
                    tally.compare(dialect, &tree, &patch);
                }
                assert_eq!(
                    ours(dialect, &Tree::from([("Cargo.lock".to_owned(), old.clone())]), &patch, "Cargo.lock"),
                    Ok(Effect::Becomes(new.clone()))
                );
                if start.elapsed() > Duration::from_secs(60) {
                    break;
                }
            }
        }
        tally.report(&format!("locks ({dialect:?})"));
        assert!(tally.wrong.is_empty() && tally.applied > 0);
    }
}
