//! The audit trail: a check that releases says who approved which content, and what GitHub keeps of that is read back.

use super::approval::Hold;
use super::checks::is_own_run;
use super::content::ContentId;
use super::event::{Command, command};
use super::facts::{CheckRun, Heads, Marked, PullRequest};
use super::ids::{CommitId, Conclusion, Moment, PullNumber, ReviewState};
use crate::report::markdown;
use serde::Serialize;

/// The beginning of the note for programs, which is the beginning of the summary: nothing from outside comes before it.
const RELEASED: &str = "<!-- cargo2-bot released: ";

/// The most people that a note names.
const NAMES: usize = 12;

/// The most bytes that a note takes.
pub(crate) const NOTE: usize = 1_500;

/// The note on a release: content, as people copy its id, people and times, or where it was approved. Empty where nothing is released, or
/// the content has no id.
#[must_use]
pub(crate) fn note(pull: &PullRequest, hold: &Hold, content: Option<&str>) -> String {
    let Some(content) = content.map(|id| id.get(..ContentId::COPIED).unwrap_or(id)) else { return String::new() };
    let (by, why) = match hold {
        Hold::Held(_) => return String::new(),
        Hold::Promoted(promotion) => (Vec::new(), promotion.to_string()),
        Hold::Released(by) => {
            let by: Vec<&str> = by.iter().take(NAMES).map(String::as_str).collect();
            let with_time = |login: &&str| match approved_at(pull, login) {
                Some(at) => format!("{} ({at})", markdown::code(login)),
                None => markdown::code(login),
            };
            let people: Vec<String> = by.iter().map(with_time).collect();
            (by, format!("approved by {}", people.join(", ")))
        }
    };
    let words: Vec<&str> = std::iter::once(content).chain(by).collect();
    format!("{RELEASED}{} -->\nReleased: the content `{content}`, {why}.\n\n", words.join(" "))
}

/// When somebody approved a pull request last: by a review, or by a comment.
fn approved_at(pull: &PullRequest, login: &str) -> Option<Moment> {
    let is = |author: &str| author.eq_ignore_ascii_case(login);
    let reviews =
        pull.reviews.iter().filter(|review| review.state == ReviewState::Approved && is(&review.author.login));
    let approves = |body: &str| matches!(command(body), Some(Command::Approve(_)));
    let comments = pull.comments.iter().filter(|comment| is(&comment.author.login) && approves(&comment.body));
    reviews.filter_map(|review| review.submitted_at).chain(comments.map(|comment| comment.created_at)).max()
}

/// The content and the people that a summary says were released.
fn released(summary: &str) -> Option<(String, Vec<String>)> {
    let (words, _) = summary.strip_prefix(RELEASED)?.split_once(" -->")?;
    let mut words = words.split(' ').map(str::to_owned);
    Some((words.next()?, words.filter(|word| !word.is_empty()).collect()))
}

/// What the hold came to at a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// People approved the content, here or on the branch that it is promoted from.
    Released,
    /// Nothing of it needed an approval, or a version before the audit trail wrote the check.
    Passed,
    /// It waits, or waited when it was closed.
    Held,
    /// It was merged although it did not pass.
    MergedAround,
}

/// What is known of the hold at one commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Entry {
    /// The pull request.
    pub pull: PullNumber,
    /// Whether it is `open`, `merged` or `closed`.
    pub state: &'static str,
    /// Its base branch.
    pub base: String,
    /// The commit at which the check is.
    pub commit: CommitId,
    /// What the hold came to.
    pub outcome: Outcome,
    /// When the check was written last.
    pub at: Option<Moment>,
    /// Who approved.
    pub by: Vec<String>,
    /// The id of the content that they approved.
    pub content: Option<String>,
    /// The app that wrote the check.
    pub app: String,
    /// The title of the check.
    pub says: String,
}

/// The entries of all commits at which the bot wrote the hold, the newest first. A commit that several pull requests have is there for each.
#[must_use]
pub fn entries(pulls: &[Heads]) -> Vec<Entry> {
    let of = |pull: &Heads| {
        let marked = pull.commits.iter().chain(&pull.replaced).chain(&pull.merge);
        let mut entries: Vec<Entry> = marked.filter_map(|marked| entry(pull, marked)).collect();
        entries.dedup();
        entries
    };
    let mut all: Vec<Entry> = pulls.iter().flat_map(of).collect();
    all.sort_by(|a, b| (b.at, b.pull, &b.commit).cmp(&(a.at, a.pull, &a.commit)));
    all
}

fn entry(pull: &Heads, marked: &Marked) -> Option<Entry> {
    let run: &CheckRun = marked.checks.iter().filter(|run| is_own_run(run)).max_by_key(|run| run.id)?;
    let told = released(&run.summary);
    let outcome = match (&run.conclusion, &told) {
        (Some(Conclusion::Success), Some(_)) => Outcome::Released,
        (Some(Conclusion::Success), None) => Outcome::Passed,
        _ if run.title.starts_with(super::around::TITLE) => Outcome::MergedAround,
        _ => Outcome::Held,
    };
    let (content, by) = told.filter(|_| outcome == Outcome::Released).unzip();
    Some(Entry {
        pull: pull.number,
        state: match (pull.open, pull.merged) {
            (true, _) => "open",
            (_, true) => "merged",
            _ => "closed",
        },
        base: pull.base_ref.clone(),
        commit: marked.commit.clone(),
        outcome,
        at: marked.said_at,
        by: by.unwrap_or_default(),
        content,
        app: run.app.clone(),
        says: run.title.clone(),
    })
}

/// The entries as lines for a terminal.
#[must_use]
pub fn text(entries: &[Entry]) -> String {
    let word = |outcome| match outcome {
        Outcome::Released => "released",
        Outcome::Passed => "passed",
        Outcome::Held => "held",
        Outcome::MergedAround => "merged around",
    };
    let line = |entry: &Entry| {
        let at = entry.at.map_or_else(|| "-".repeat(20), |at| at.to_string());
        let content = entry.content.as_ref().map(|id| format!("; content {id}")).unwrap_or_default();
        let says = crate::report::github::harmless(&entry.says);
        let (word, commit) = (word(entry.outcome), entry.commit.short());
        let base = entry.base.escape_debug();
        format!("{at}  {word:13}  #{} ({} into {base}) at {commit}: {says}{content}\n", entry.pull, entry.state)
    };
    entries.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::facts::{Actor, Review};

    fn pull() -> PullRequest {
        let review = |login: &str, state, at| Review {
            id: "R".into(),
            author: Actor { login: login.into(), bot: false },
            state,
            commit: None,
            may_write: true,
            submitted_at: Some(Moment(at)),
            edited: false,
        };
        let reviews = vec![
            review("Ann", ReviewState::Approved, 0),
            review("ann", ReviewState::Commented, 99),
            review("bob", ReviewState::Approved, 5),
        ];
        PullRequest { reviews, ..PullRequest::default() }
    }

    #[test]
    fn a_note_is_read_back_and_only_at_the_beginning() {
        let hold = Hold::Released(vec!["ann".into(), "carl".into()]);
        let note = note(&pull(), &hold, Some("0123"));
        insta::assert_snapshot!(note, @r"
        <!-- cargo2-bot released: 0123 ann carl -->
        Released: the content `0123`, approved by `ann` (1970-01-01T00:00:00Z), `carl`.
        ");
        assert_eq!(released(&note), Some(("0123".into(), vec!["ann".into(), "carl".into()])));
        assert_eq!(released(&format!("x\n{note}")), None, "what comes later may be from outside");
        assert_eq!(super::note(&pull(), &Hold::Held("x".into()), Some("0123")), "");
    }

    #[test]
    fn a_note_keeps_its_limit() {
        let hold = Hold::Released((0..500).map(|n| format!("{n:0>39}")).collect());
        let pull = PullRequest {
            reviews: (0..500)
                .map(|n| Review {
                    author: Actor { login: format!("{n:0>39}"), bot: false },
                    ..pull().reviews[0].clone()
                })
                .collect(),
            ..PullRequest::default()
        };
        let long = note(&pull, &hold, Some(&"a".repeat(32)));
        assert!(long.len() <= NOTE, "{}", long.len());
    }
}
