//! For the tests of rules: a project from texts.

use crate::bst::project;
use crate::finding::Finding;
use crate::lint::{self, Context, Manifest, Subject};
use crate::text::SourceText;
use std::sync::Arc;

/// A project's elements, and what is configured.
pub(crate) struct Project {
    subjects: Vec<Subject>,
    pub(crate) targets: Vec<&'static str>,
    pub(crate) manifests: Vec<Manifest>,
}

impl Project {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let conf = Arc::new(SourceText::new("project.conf", "name: p\n"));
        let project = project::parse(&conf, &|_| crate::finding::read::Read::Absent, &[]).unwrap();
        let subject = |(name, text): &(&str, &str)| {
            let root = crate::yaml::parse(&Arc::new(SourceText::new(name, *text))).unwrap();
            lint::subject(name, &root, &project, &|_| crate::finding::read::Read::Absent)
        };
        Self { subjects: files.iter().map(subject).collect(), targets: Vec::new(), manifests: Vec::new() }
    }

    pub(crate) fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    pub(crate) fn lint(&self) -> Vec<Finding> {
        lint::lint(&Context {
            project: "p",
            subjects: &self.subjects,
            stack: lint::default_stack(&self.subjects),
            targets: &self.targets,
            manifests: &self.manifests,
        })
    }
}

/// The findings of a rule as `ELEMENT LINE:COLUMN MESSAGE`.
pub(crate) fn messages(rule: &str, findings: &[Finding]) -> Vec<String> {
    let one = |f: &Finding| {
        let place = f.location.as_ref().unwrap();
        format!("{} {}:{} {}", f.element.as_deref().unwrap(), place.line, place.column, f.message)
    };
    findings.iter().filter(|f| f.rule.id == rule).map(one).collect()
}

/// The findings of a rule on one element as `LINE:COLUMN MESSAGE`.
pub(crate) fn found(rule: &str, text: &str) -> Vec<String> {
    let all = messages(rule, &Project::new(&[("x.bst", text)]).lint());
    all.into_iter().map(|line| line.strip_prefix("x.bst ").unwrap().to_owned()).collect()
}

/// The element with all fixes of a rule applied.
pub(crate) fn fixed(rule: &str, text: &str) -> String {
    let findings = Project::new(&[("x.bst", text)]).lint();
    let mut edits: Vec<_> =
        findings.iter().filter(|f| f.rule.id == rule).filter_map(|f| f.fix.as_ref()).flat_map(|f| &f.edits).collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
    let mut text = text.to_owned();
    edits.iter().for_each(|edit| text.replace_range(edit.span.start..edit.span.end, &edit.text));
    text
}
