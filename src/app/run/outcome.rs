//! The outcome of a run, for its outputs, its summary and its exit code.

use crate::config::{CONFIG, Mode};
use crate::finding::{Finding, Severity};
use crate::github::ids::{CommitId, PullNumber};
use crate::github::plan::Plan;
use crate::report::markdown;
use crate::report::{Exit, Report, Status};
use crate::review::{Review, render};
use serde::Serialize;
use serde_json::{Value, json};

/// The most actions that the summary of a run in report mode lists.
const MAX_WOULD_BE: usize = 200;

/// The outcome of a run.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The report on each pull request and on the base branch.
    pub sections: Vec<ReviewSection>,
    /// Notes that a user must read, one line each.
    pub notes: Vec<String>,
    /// The pull requests that are held.
    pub held: Vec<PullNumber>,
    /// The holds that this run released.
    pub released: Vec<Released>,
    /// The pull requests that were opened.
    pub opened: Vec<PullNumber>,
    /// The number of blocks that were regenerated, or would be in a dry run.
    pub regenerated: usize,
    /// The number of blocks that do not match their `Cargo.lock` or are not verified, and were not regenerated.
    pub drifted: usize,
    /// Everything that was done, or would be.
    pub plans: Vec<(String, Plan)>,
    /// The number of requests that were sent: reads and writes.
    pub requests: (usize, usize),
    /// Whether a permission was missing or the bot failed somewhere.
    pub failed: bool,
    /// Whether the configuration says that nothing is written: everything that was done is what would be.
    pub report_only: bool,
}

/// A hold that a run released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Released {
    /// The pull request.
    pub pull: PullNumber,
    /// The commit whose check passed.
    pub commit: CommitId,
    /// The id of the content that was approved.
    pub content: String,
    /// Who approved it. Nobody where it is promoted: its parts were approved on another guarded branch.
    pub by: Vec<String>,
}

/// The report on one pull request, or on the base branch.
#[derive(Clone, Debug)]
pub struct ReviewSection {
    /// Its subject: `#12 Track sudo-rs`, `main`.
    pub heading: String,
    /// The evidence.
    pub review: Review,
    /// The parts around the evidence.
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

    /// Forgets what was said about a pull request that is evaluated again.
    pub(super) fn forget(&mut self, number: PullNumber) {
        let heading = format!("#{number} ");
        self.sections.retain(|section| !section.heading.starts_with(&heading));
        self.held.retain(|held| *held != number);
        self.released.retain(|released| released.pull != number);
    }

    /// Something that should have been written was refused.
    pub(super) fn refused(&mut self, why: &str) {
        self.failed = true;
        self.note(why.to_owned());
    }

    pub(super) fn count(&mut self, report: &Report) {
        self.regenerated += report.count(Status::Regenerated);
        self.drifted += report.count(Status::Drifted) + report.count(Status::Unverified);
    }

    /// Counts the findings of severity error.
    #[must_use]
    pub fn errors(&self) -> usize {
        let findings = self.sections.iter().flat_map(|section| &section.findings);
        findings.filter(|finding| finding.severity == Severity::Error).count()
    }

    /// Returns the verdict of the run in one line.
    #[must_use]
    pub fn verdict(&self) -> String {
        if self.sections.is_empty() {
            return self.notes.first().cloned().unwrap_or_else(|| "no Rust element is touched".into());
        }
        format!(
            "{} errors; {} blocks regenerated, {} not; {} pull requests held, {} opened",
            self.errors(),
            self.regenerated,
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

    /// What would be written if the bot were to act: Markdown.
    fn would_be(&self) -> String {
        let mut text = format!(
            "**Report mode: nothing was written.** {} has `mode: report`; with `mode: enforce` the bot would do this:\n\n",
            markdown::code(CONFIG)
        );
        let shown = self.plans.iter().flat_map(|(what, plan)| plan.actions.iter().map(move |action| (what, action)));
        let lines: Vec<String> = shown
            .map(|(what, action)| format!("- {}: {}\n", markdown::text(what), markdown::text(&action.to_string())))
            .collect();
        lines.iter().take(MAX_WOULD_BE).for_each(|line| text.push_str(line));
        match lines.len() {
            0 => text.push_str("- nothing\n"),
            all if all > MAX_WOULD_BE => text.push_str(&format!("- and {} more\n", all - MAX_WOULD_BE)),
            _ => {}
        }
        text
    }

    /// All of it, as one document.
    #[must_use]
    pub fn json(&self) -> Value {
        let review =
            |section: &ReviewSection| json!({ "heading": section.heading, "review": render::json(&section.review) });
        let plan = |(what, plan): &(String, Plan)| json!({ "what": what, "actions": plan.actions });
        json!({
            "verdict": self.verdict(),
            "errors": self.errors(),
            "drifted": self.drifted,
            "mended": self.regenerated,
            "held": self.held,
            "released": self.released,
            "opened": self.opened,
            "mode": if self.report_only { Mode::Report } else { Mode::Enforce },
            "notes": self.notes,
            "requests": { "read": self.requests.0, "wrote": self.requests.1 },
            "reviews": self.sections.iter().map(review).collect::<Vec<_>>(),
            "plans": self.plans.iter().map(plan).collect::<Vec<_>>(),
        })
    }

    /// The step summary: Markdown of at most `limit` bytes.
    #[must_use]
    pub fn summary(&self, limit: usize) -> String {
        let parts: Vec<_> = self.sections.iter().map(|t| (t.heading.clone(), &t.review, &t.frame)).collect();
        let mut notes: String = self.released.iter().map(Released::line).collect();
        notes.extend(self.notes.iter().map(|note| format!("- {}\n", markdown::text(note))));
        let first = if self.report_only { format!("{}\n", self.would_be()) } else { String::new() };
        if parts.is_empty() {
            notes = format!("{first}{}\n\n{notes}", markdown::text(&self.verdict()));
            return notes;
        }
        let text = render::summary(&parts, limit.saturating_sub(notes.len() + first.len()));
        if notes.is_empty() { first + &text } else { format!("{first}{text}\n{notes}") }
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
            ("mended", self.regenerated.to_string()),
            ("held", list(&self.held)),
            ("opened", list(&self.opened)),
            ("report", report.to_owned()),
        ];
        all.iter().map(|(name, value)| format!("{name}={}\n", one_line(value))).collect()
    }

    /// Returns the exit code of the run.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match (self.failed, self.errors() > 0 || self.drifted > 0) {
            (true, _) => Exit::Failed,
            (false, true) => Exit::Findings,
            (false, false) => Exit::Done,
        }
    }
}

impl Released {
    /// One item of a list, in Markdown.
    fn line(&self) -> String {
        let by: Vec<String> = self.by.iter().map(|login| markdown::code(login)).collect();
        let (commit, content) = (markdown::code(self.commit.short()), markdown::code(&self.content));
        let how = if by.is_empty() { "promoted".to_owned() } else { format!("approved by {}", by.join(", ")) };
        format!("- released: #{} at {commit}, the content {content}, {how}\n", self.pull)
    }
}

fn one_line(text: &str) -> String {
    crate::report::github::harmless(text)
}
