//! The vocabulary of reports: findings, their severity and their place.

pub(crate) mod fixes;
pub mod read;
pub mod rules;

use crate::text::{Edit, Location, SourceText};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// The severity of a finding. An error makes the run end with exit code 3.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Notice,
    /// Should be looked at.
    Warning,
    /// Not verified, or wrong.
    Error,
}

impl Severity {
    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Something that the bot looks for. Rule ids are stable.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// The stable name, in kebab case.
    pub id: &'static str,
    /// The severity of its findings.
    pub severity: Severity,
    /// The meaning of its findings.
    pub means: &'static str,
    /// The advice on how to fix them.
    pub remedy: &'static str,
}

/// A problem, or a fact, to report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that it belongs to.
    pub rule: &'static Rule,
    /// The severity: the rule's own, unless the configuration overrides it.
    pub severity: Severity,
    /// The message: one line, a lower-case fragment.
    pub message: String,
    /// The element that it is about, by the name that BuildStream uses.
    pub element: Option<String>,
    /// The crate that it is about.
    pub krate: Option<String>,
    /// The place.
    pub location: Option<Location>,
    /// More facts, one line each.
    pub notes: Vec<String>,
    /// The advice, if there is some.
    pub help: Option<String>,
    /// Whether `regenerate` or `--fix` would fix it.
    pub fixable: bool,
    /// The fix, where it is a change of the project's own files.
    pub fix: Option<Fix>,
    /// A stable key of what caused it. Findings with equal causes are one thing to look at, and reports may show them as one item.
    pub cause: Option<String>,
}

/// A change that fixes a finding: edits of one file that do not overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The file as it was read.
    pub file: Arc<SourceText>,
    /// The edits.
    pub edits: Vec<Edit>,
}

impl Finding {
    /// A finding of `rule` with its severity.
    pub fn new(rule: &'static Rule, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            message: message.into(),
            element: None,
            krate: None,
            location: None,
            notes: Vec::new(),
            help: None,
            fixable: false,
            fix: None,
            cause: None,
        }
    }

    /// Sets the place.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// Sets the element, unless it has one.
    #[must_use]
    pub fn of(mut self, element: &str) -> Self {
        self.element.get_or_insert_with(|| element.to_owned());
        self
    }

    /// Sets the crate.
    #[must_use]
    pub fn about(mut self, krate: &str) -> Self {
        self.krate = Some(krate.to_owned());
        self
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Sets the edits that fix it.
    #[must_use]
    pub fn fix(mut self, file: &Arc<SourceText>, edits: Vec<Edit>) -> Self {
        self.fixable = true;
        self.fix = Some(Fix { file: file.clone(), edits });
        self
    }

    /// Sets what caused it: a stable key, equal for all findings that one event explains.
    #[must_use]
    pub fn because_of(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Sets the advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Sorts findings by place, then by severity, and removes duplicates.
pub fn sort_and_dedup(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| key(a).cmp(&key(b)));
    findings.dedup();
}

/// The order of findings in every report.
fn key(f: &Finding) -> (&str, usize, usize, std::cmp::Reverse<Severity>, &str, &str, &Option<String>) {
    let (path, line, column) = f.location.as_ref().map_or(("", 0, 0), |l| (&*l.path, l.line, l.column));
    (path, line, column, std::cmp::Reverse(f.severity), f.rule.id, &f.message, &f.element)
}
