//! The element rules on real elements: every error must be true, every fix must mend what it is for.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what was found is for people to read"
)]

use cargo2_bot::bst::project::{self, Project};
use cargo2_bot::finding::read::Read;
use cargo2_bot::finding::{Finding, Severity};
use cargo2_bot::lint::{self, Context, Subject};
use cargo2_bot::text::SourceText;
use cargo2_bot::yaml;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A project for the parts of the corpus that come without a project.conf.
const BARE: &str = "name: corpus\nelement-path: elements\n";

/// Every error on the corpus, each read by a person: `project element rule`.
const TRUE_ERRORS: &[&str] =
    &["HuntedRaven7+Yutyrannus bluefin/sudo-rs.bst ref-without-commit the ref `v0.2.15` does not end in a commit"];

fn corpus() -> Option<PathBuf> {
    crate::support::corpus().map(|folder| folder.join("elements"))
}

fn elements(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            elements(&path, out);
        } else if path.extension().is_some_and(|e| e == "bst") {
            out.push(path);
        }
    }
}

fn text(root: &Path, path: &str) -> Option<Arc<SourceText>> {
    let text = std::fs::read_to_string(root.join(path)).ok()?;
    Some(Arc::new(SourceText::new(path, text)))
}

/// One project of the corpus with its elements.
fn project(root: &Path) -> (Project, Vec<Subject>) {
    let read = |path: &str| text(root, path).map_or(Read::Absent, Read::Known);
    let conf = text(root, "project.conf").unwrap_or_else(|| Arc::new(SourceText::new("project.conf", BARE)));
    let project = project::parse(&conf, &read, &[]).unwrap();
    let mut paths = Vec::new();
    elements(root, &mut paths);
    paths.sort();
    let subject = |path: &PathBuf| {
        let path = path.strip_prefix(root).unwrap().to_str().unwrap();
        let element = yaml::parse(&text(root, path)?).ok()?;
        Some(lint::subject(project.element_of(path).unwrap_or(path), &element, &project, &read))
    };
    let subjects = paths.iter().filter_map(subject).collect();
    (project, subjects)
}

fn run(project: &Project, subjects: &[Subject]) -> Vec<Finding> {
    let stack = lint::default_stack(subjects);
    lint::lint(&Context { project: &project.name, subjects, stack, ..Context::default() })
}

#[test]
fn errors_on_real_elements_are_true_and_fixes_mend() {
    let Some(corpus) = corpus() else {
        eprintln!("skipped: no corpus");
        return;
    };
    let mut by_rule: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let (mut errors, mut count, mut rust) = (Vec::new(), 0, 0);
    for entry in std::fs::read_dir(&corpus).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        let (project, subjects) = project(&entry.path());
        count += subjects.len();
        rust += subjects.iter().filter(|s| s.rust).count();
        for finding in run(&project, &subjects) {
            let element = finding.element.as_deref().unwrap();
            let place = finding.location.as_ref().unwrap();
            assert!(!finding.message.contains('\n') && place.line > 0, "{finding:?}");
            let line = format!("{name} {element}:{}:{} {}", place.line, place.column, finding.message);
            by_rule.entry(finding.rule.id).or_default().push(line);
            if finding.severity == Severity::Error {
                errors.push(format!("{name} {element} {} {}", finding.rule.id, finding.message));
            }
            mends(&finding, &project, subjects.iter().find(|s| s.name == element).unwrap());
        }
    }
    for (rule, lines) in &by_rule {
        println!("{rule}: {}", lines.len());
        lines.iter().for_each(|line| println!("    {line}"));
    }
    println!("{count} elements, {rust} of them Rust");
    errors.sort();
    assert_eq!(errors, TRUE_ERRORS);
}

/// A fix takes its own finding away and brings no other.
fn mends(finding: &Finding, project: &Project, subject: &Subject) {
    let Some(fix) = &finding.fix else { return };
    let mut new = fix.file.text.to_string();
    for edit in fix.edits.iter().rev() {
        new.replace_range(edit.span.start..edit.span.end, &edit.text);
    }
    let file = Arc::new(SourceText::new(&fix.file.path, new));
    let alone =
        |file: &Arc<SourceText>| lint::subject(&subject.name, &yaml::parse(file).unwrap(), project, &|_| Read::Absent);
    let fixed = alone(&file);
    let own = |findings: Vec<Finding>| {
        let mut rules: Vec<&str> = findings.iter().map(|f| f.rule.id).collect();
        rules.sort_unstable();
        rules
    };
    let before = alone(&subject.file);
    let (old, now) = (own(run(project, &[before])), own(run(project, &[fixed])));
    assert_eq!(old.len(), now.len() + 1, "{}: {old:?} {now:?}", subject.name);
}
