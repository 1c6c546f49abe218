//! What a run did, for its outputs, its summary and its exit code.

use crate::finding::{Finding, Severity};
use crate::github::ids::PullNumber;
use crate::github::plan::Plan;
use crate::report::markdown;
use crate::report::{Exit, Report, Status};
use crate::review::{Review, render};
use serde_json::{Value, json};

/// What a run did.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What is told of each pull request and of the base branch.
    pub told: Vec<ReviewSection>,
    /// What else a user must know, one line each.
    pub notes: Vec<String>,
    /// The pull requests that are held.
    pub held: Vec<PullNumber>,
    /// The pull requests that were opened.
    pub opened: Vec<PullNumber>,
    /// How many blocks were mended, or would be in a dry run.
    pub mended: usize,
    /// How many blocks are not what their lock asks for, and stay so.
    pub drifted: usize,
    /// Everything that was done, or would be.
    pub plans: Vec<(String, Plan)>,
    /// How many requests were sent: reads and writes.
    pub requests: (usize, usize),
    /// Whether a permission was missing or the bot failed somewhere.
    pub failed: bool,
}

/// What is told of one pull request, or of the base branch.
#[derive(Clone, Debug)]
pub struct ReviewSection {
    /// What it is about: `#12 Track sudo-rs`, `main`.
    pub heading: String,
    /// The evidence.
    pub review: Review,
    /// What is said around it.
    pub frame: crate::review::render::Frame,
    /// The findings, for annotations.
    pub findings: Vec<Finding>,
}

impl Outcome {
    /// A run that had nothing to do.
    #[must_use]
    pub fn nothing(why: &str) -> Self {
        Self { notes: vec![why.to_owned()], ..Self::default() }
    }

    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Something that should have been written was refused.
    pub(super) fn refused(&mut self, why: &str) {
        self.failed = true;
        self.note(why.to_owned());
    }

    pub(super) fn count(&mut self, report: &Report) {
        self.mended += report.count(Status::Updated);
        self.drifted += report.count(Status::Drifted) + report.count(Status::Unverified);
    }

    /// How many findings of severity error there are.
    #[must_use]
    pub fn errors(&self) -> usize {
        let findings = self.told.iter().flat_map(|told| &told.findings);
        findings.filter(|finding| finding.severity == Severity::Error).count()
    }

    /// What the run says in one line.
    #[must_use]
    pub fn verdict(&self) -> String {
        if self.told.is_empty() {
            return self.notes.first().cloned().unwrap_or_else(|| "no Rust element is touched".into());
        }
        format!(
            "{} errors; {} blocks mended, {} not; {} pull requests held, {} opened",
            self.errors(),
            self.mended,
            self.drifted,
            self.held.len(),
            self.opened.len()
        )
    }

    /// The plans, for people: one action a line, long texts left out.
    #[must_use]
    pub fn plan_text(&self) -> String {
        let mut text = String::new();
        for (what, plan) in self.plans.iter().filter(|(_, plan)| !plan.actions.is_empty()) {
            text.push_str(&format!("{}:\n", one_line(what)));
            plan.actions.iter().for_each(|action| text.push_str(&format!("  {}\n", one_line(&action.to_string()))));
        }
        if text.is_empty() { "nothing would be written\n".into() } else { text }
    }

    /// All of it, as one document.
    #[must_use]
    pub fn json(&self) -> Value {
        let review = |told: &ReviewSection| json!({ "heading": told.heading, "review": render::json(&told.review) });
        let plan = |(what, plan): &(String, Plan)| json!({ "what": what, "actions": plan.actions });
        json!({
            "verdict": self.verdict(),
            "errors": self.errors(),
            "drifted": self.drifted,
            "mended": self.mended,
            "held": self.held,
            "opened": self.opened,
            "notes": self.notes,
            "requests": { "read": self.requests.0, "wrote": self.requests.1 },
            "reviews": self.told.iter().map(review).collect::<Vec<_>>(),
            "plans": self.plans.iter().map(plan).collect::<Vec<_>>(),
        })
    }

    /// The step summary: Markdown of at most `limit` bytes.
    #[must_use]
    pub fn summary(&self, limit: usize) -> String {
        let parts: Vec<_> = self.told.iter().map(|t| (t.heading.clone(), &t.review, &t.frame)).collect();
        let mut notes: String = self.notes.iter().map(|note| format!("- {}\n", markdown::text(note))).collect();
        if parts.is_empty() {
            notes = format!("{}\n\n{notes}", markdown::text(&self.verdict()));
            return notes;
        }
        let text = render::summary(&parts, limit.saturating_sub(notes.len()));
        if notes.is_empty() { text } else { format!("{text}\n{notes}") }
    }

    /// The outputs of the step, as lines of `GITHUB_OUTPUT`. No value holds a line break.
    #[must_use]
    pub fn outputs(&self, report: &str) -> String {
        let list = |numbers: &[PullNumber]| {
            let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            format!("[{}]", numbers.join(","))
        };
        let all = [
            ("verdict", self.verdict()),
            ("errors", self.errors().to_string()),
            ("drifted", self.drifted.to_string()),
            ("mended", self.mended.to_string()),
            ("held", list(&self.held)),
            ("opened", list(&self.opened)),
            ("report", report.to_owned()),
        ];
        all.iter().map(|(name, value)| format!("{name}={}\n", one_line(value))).collect()
    }

    /// How the run ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match (self.failed, self.errors() > 0 || self.drifted > 0) {
            (true, _) => Exit::Failed,
            (false, true) => Exit::Findings,
            (false, false) => Exit::Done,
        }
    }
}

fn one_line(text: &str) -> String {
    crate::report::github::harmless(text)
}
