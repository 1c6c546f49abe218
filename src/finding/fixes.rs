//! The fixes of findings, put together file by file.

use crate::finding::{Finding, Fix};
use crate::text::{Edit, SourceText};
use crate::yaml;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file as it was read, and as it will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// As it was read.
    pub old: Arc<SourceText>,
    /// As it will be.
    pub new: Arc<SourceText>,
}

/// Combines the fixes of findings into changes, and says for each finding whether its fix is among them.
///
/// Each fix was proved alone when it was made. Two that overlap cannot both be applied: the later one waits for the next run.
#[must_use]
pub(crate) fn combine(findings: &[Finding]) -> (Vec<Change>, Vec<bool>) {
    let mut by_file: BTreeMap<Arc<str>, (Arc<SourceText>, Vec<Edit>)> = BTreeMap::new();
    let mut used = Vec::with_capacity(findings.len());
    for finding in findings {
        let taken = finding.fix.as_ref().is_some_and(|fix| take(fix, &mut by_file));
        used.push(taken);
    }
    let changes = by_file.into_values().filter_map(|(old, edits)| change(old, &edits)).collect();
    (changes, used)
}

/// Combines fixes into changes; one that is in the way of another is left out.
#[must_use]
pub(crate) fn together(fixes: &[Fix]) -> Vec<Change> {
    let mut by_file = BTreeMap::new();
    for fix in fixes {
        take(fix, &mut by_file);
    }
    by_file.into_values().filter_map(|(old, edits)| change(old, &edits)).collect()
}

/// Adds the edits of a fix to those of its file, unless they are in the way of others.
fn take(fix: &Fix, by_file: &mut BTreeMap<Arc<str>, (Arc<SourceText>, Vec<Edit>)>) -> bool {
    let (file, edits) = by_file.entry(fix.file.path.clone()).or_insert_with(|| (fix.file.clone(), Vec::new()));
    let new: Vec<&Edit> = fix.edits.iter().filter(|edit| !edits.contains(edit)).collect();
    let meets = |a: &Edit, b: &Edit| a.span.start < b.span.end && b.span.start < a.span.end;
    if file.text != fix.file.text || new.iter().any(|edit| edits.iter().any(|other| meets(edit, other))) {
        return false;
    }
    edits.extend(new.into_iter().cloned());
    true
}

/// A file's text with its edits, if it still is YAML.
fn change(old: Arc<SourceText>, edits: &[Edit]) -> Option<Change> {
    let (new, _) = old.edited(edits).ok()?;
    let new = Arc::new(new);
    (old.text != new.text && yaml::parse(&new).is_ok()).then_some(Change { old, new })
}

/// A change as a unified diff.
#[must_use]
pub(crate) fn diff(change: &Change) -> String {
    let diff = similar::TextDiff::from_lines(&*change.old.text, &*change.new.text);
    let path = &change.old.path;
    diff.unified_diff().context_radius(2).header(&format!("a/{path}"), &format!("b/{path}")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::rules;
    use crate::text::Span;

    fn finding(file: &Arc<SourceText>, start: usize, end: usize, text: &str) -> Finding {
        let edit = Edit { span: Span::new(start, end), text: text.into() };
        Finding::new(&rules::BLOCK_DRIFT, "x").fix(file, vec![edit])
    }

    #[test]
    fn fixes_of_a_file_come_together_and_overlapping_ones_wait() {
        let file = Arc::new(SourceText::new("a.yml", "a: 1\nb: 2\n"));
        let all = [
            finding(&file, 3, 4, "9"),
            finding(&file, 8, 9, "8"),
            finding(&file, 3, 9, "7"),
            finding(&file, 3, 4, "9"),
        ];
        let (changes, used) = combine(&all);
        assert_eq!(used, [true, true, false, true]);
        assert_eq!(&*changes[0].new.text, "a: 9\nb: 8\n");
        assert_eq!(diff(&changes[0]), "--- a/a.yml\n+++ b/a.yml\n@@ -1,2 +1,2 @@\n-a: 1\n-b: 2\n+a: 9\n+b: 8\n");
    }

    #[test]
    fn fixes_that_together_break_the_file_do_not_count() {
        let file = Arc::new(SourceText::new("a.yml", "a: 1\n"));
        assert!(combine(&[finding(&file, 3, 4, "[")]).0.is_empty());
    }
}
