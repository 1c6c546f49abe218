//! How the archives of two versions of a crate differ: what it costs to review, and how what runs at its build changed.

use super::{Contents, odd, reach, script};
use crate::review::evidence::{ArchiveDelta, ScriptDiff};
use crate::review::inputs::{InputDiff, InputText, compare};
use crate::text::SourceText;
use std::collections::{BTreeMap, BTreeSet};

/// Compares two archives; the one before is missing for a new crate.
#[must_use]
pub fn difference(before: Option<&Contents>, after: &Contents) -> ArchiveDelta {
    let none = Contents::default();
    let before = before.unwrap_or(&none);
    let mut delta = ArchiveDelta::default();
    for path in before.lines.keys().chain(after.lines.keys()).collect::<BTreeSet<_>>() {
        if before.digests.get(path) == after.digests.get(path) {
            continue;
        }
        let (added, removed) = lines(before.lines.get(path), after.lines.get(path));
        delta.files += u32::from(added + removed > 0);
        delta.added += added;
        delta.removed += removed;
    }
    delta.scripts = scripts(before, after);
    delta.script_news = script_news(before, after);
    delta
}

/// The numbers of lines that only one of two files has.
fn lines(old: Option<&Vec<u64>>, new: Option<&Vec<u64>>) -> (u64, u64) {
    let mut counts: BTreeMap<u64, i64> = BTreeMap::new();
    new.into_iter().flatten().for_each(|line| *counts.entry(*line).or_default() += 1);
    old.into_iter().flatten().for_each(|line| *counts.entry(*line).or_default() -= 1);
    let sum = |sign: i64| counts.values().map(|n| u64::try_from(n * sign).unwrap_or(0)).sum();
    (sum(1), sum(-1))
}

/// The scripts first, then what they include and run.
fn scripts(before: &Contents, after: &Contents) -> Vec<ScriptDiff> {
    let code = |contents: &Contents| -> BTreeSet<String> {
        contents.facts.script_code.keys().chain(&contents.scripts).cloned().collect()
    };
    let mut paths: Vec<String> = code(before).union(&code(after)).cloned().collect();
    paths.sort_by_key(|path| !after.scripts.contains(path) && !before.scripts.contains(path));
    let diff = |path: String| {
        let diff = match (text(before, &path), text(after, &path)) {
            (Some(old), Some(new)) => compare(&old, &new, &[]),
            _ if before.digests.get(&path) == after.digests.get(&path) => None,
            _ => Some(InputDiff::Unreadable(format!("it is no text, or longer than {} KiB", super::SCRIPT >> 10))),
        };
        Some(ScriptDiff { diff: diff?, path })
    };
    paths.into_iter().filter_map(diff).collect()
}

/// What the script after newly runs, reads and says, where there was one before and all of both is known.
fn script_news(before: &Contents, after: &Contents) -> Option<Vec<String>> {
    let (old, new) = (&before.facts, &after.facts);
    if before.scripts.is_empty() || after.scripts.is_empty() || new.script_code.len() >= script::MOST {
        return None;
    }
    let (before_code, after_code) = (rust(before)?, rust(after)?);
    let other = |path: &&String| match old.script_code.get(*path) {
        None => true,
        Some(sha256) => !is_rust(path) && new.script_code.get(*path) != Some(sha256),
    };
    let files = new.script_code.keys().filter(other).chain(new.script_reads.difference(&old.script_reads));
    Some(files.cloned().chain(reach::news(&before_code, &after_code)).collect())
}

/// The Rust code that runs with the build script; none where not all of it is known.
fn rust(of: &Contents) -> Option<Vec<&str>> {
    let paths = of.facts.script_code.keys().filter(|path| is_rust(path));
    paths.map(|path| of.texts.get(path).map(String::as_str)).collect()
}

fn is_rust(path: &str) -> bool {
    odd::extension(path).as_deref() == Some("rs")
}

/// A file that runs with the build script: not there where the archive does not have it or does not run it; none where it is not known.
fn text(of: &Contents, path: &str) -> Option<InputText> {
    match of.texts.get(path) {
        Some(text) => Some(InputText::Text(SourceText::new(path, text.as_str()), Vec::new())),
        None if !of.digests.contains_key(path) || !of.facts.script_code.contains_key(path) => Some(InputText::Absent),
        None => None,
    }
}
