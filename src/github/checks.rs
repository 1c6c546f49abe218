//! The two checks on a head commit: what they say, and whether that is there already.

use super::facts::{Actor, CheckRun, CommitStatus};
use super::ids::{Conclusion, StatusState};
use super::plan::{Action, Annotation, At, WriteCheck, WriteStatus};
use crate::encode;

/// The check that says whether the blocks match `Cargo.lock`.
pub const BLOCK: &str = "cargo2 block";

/// The check that holds a pull request.
pub const HOLD: &str = crate::workflows::HOLD;

/// The output of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOutput {
    /// Its name.
    pub name: &'static str,
    /// Its outcome.
    pub outcome: Outcome,
    /// One line.
    pub title: String,
    /// Markdown, within GitHub's limit.
    pub summary: String,
    /// Lines of files.
    pub annotations: Vec<Annotation>,
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is well.
    Success,
    /// Something is wrong.
    Failure,
    /// A person has to act.
    ActionRequired,
}

impl Outcome {
    /// The conclusion of a check run that ends so.
    const fn conclusion(self) -> Conclusion {
        match self {
            Self::Success => Conclusion::Success,
            Self::Failure => Conclusion::Failure,
            Self::ActionRequired => Conclusion::ActionRequired,
        }
    }
}

/// The state of a commit status that says what a check run with this conclusion says.
const fn state_of(conclusion: &Conclusion) -> StatusState {
    match conclusion {
        Conclusion::Success => StatusState::Success,
        // It waits: nothing that looks at statuses takes it for passed.
        Conclusion::ActionRequired => StatusState::Pending,
        _ => StatusState::Failure,
    }
}

/// The checks that a commit has already, and how the bot writes them.
#[derive(Clone, Debug, Default)]
pub struct Written<'a> {
    /// The check runs there.
    pub checks: &'a [CheckRun],
    /// The statuses there.
    pub statuses: &'a [CommitStatus],
    /// Who the bot is.
    pub viewer: Actor,
    /// Whether commit statuses are written: the token may not write check runs.
    pub statuses_only: bool,
}

/// The prefix of the fingerprints of the bot's own runs.
const OWN_PREFIX: &str = "cargo2-bot:";

/// The maximum length of a title of a check, in characters.
const TITLE: usize = 200;

/// The maximum length of the description of a status, in characters: GitHub takes 140.
const DESCRIPTION: usize = 140;

impl CheckOutput {
    /// The action that writes it at a commit; none where it is there already.
    #[must_use]
    pub fn action(self, at: At, written: &Written<'_>) -> Option<Action> {
        if written.statuses_only { self.status(at, written) } else { self.check(at, written) }
    }

    fn check(self, at: At, written: &Written<'_>) -> Option<Action> {
        let conclusion = self.outcome.conclusion();
        let title = cut(&self.title, TITLE);
        let external_id = fingerprint(&[conclusion.as_str(), &title, &self.summary], &self.annotations);
        let app = written.viewer.login.trim_end_matches("[bot]");
        // A job of a workflow can have our name, and its app is that of the workflow's token.
        let same = written.checks.iter().filter(|run| run.name == self.name && run.app == app);
        let newest = same.max_by_key(|run| run.id).filter(|run| run.external_id.starts_with(OWN_PREFIX));
        if newest.is_some_and(|run| run.external_id == external_id && run.conclusion.as_ref() == Some(&conclusion)) {
            return None;
        }
        // Annotations cannot be taken back: what had some gets a new run.
        let id = newest.filter(|run| !run.external_id.ends_with("+lines")).map(|run| run.id);
        Some(Action::Check(WriteCheck {
            at,
            id,
            name: self.name.into(),
            conclusion,
            title,
            summary: self.summary,
            external_id,
            annotations: self.annotations,
        }))
    }

    fn status(self, at: At, written: &Written<'_>) -> Option<Action> {
        let state = state_of(&self.outcome.conclusion());
        let description = cut(&self.title, DESCRIPTION);
        let there = written.statuses.iter().any(|s| {
            s.context == self.name
                && s.state == state
                && s.description == description
                && s.creator.login == written.viewer.login
        });
        (!there).then(|| Action::Status(WriteStatus { at, context: self.name.into(), state, description }))
    }
}

/// The status that says what a check run would, where the token may write statuses alone.
#[must_use]
pub fn as_status(check: &WriteCheck) -> WriteStatus {
    let (at, context) = (check.at.clone(), check.name.clone());
    WriteStatus { at, context, state: state_of(&check.conclusion), description: cut(&check.title, DESCRIPTION) }
}

/// The first `limit` characters, with an ellipsis where something was cut.
#[must_use]
pub fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

/// Returns the fingerprint that distinguishes two states of a check. `+lines` at its end says that there are annotations.
fn fingerprint(texts: &[&str], annotations: &[Annotation]) -> String {
    let mut bytes = Vec::new();
    for text in texts {
        bytes.extend_from_slice(&text.len().to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    for a in annotations {
        let line = format!("{}\0{}\0{}\0{}\0{}\0", a.path, a.line, a.level.as_str(), a.title, a.message);
        bytes.extend_from_slice(line.as_bytes());
    }
    let mut digest = encode::sha256(bytes);
    digest.truncate(32);
    format!("{OWN_PREFIX}{digest}{}", if annotations.is_empty() { "" } else { "+lines" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::ids::{AnnotationLevel, CommitId};

    fn said(outcome: Outcome) -> CheckOutput {
        CheckOutput { name: HOLD, outcome, title: "waits".into(), summary: "s".into(), annotations: Vec::new() }
    }

    fn bot() -> Actor {
        Actor { login: "github-actions[bot]".into(), bot: true }
    }

    fn run(action: &Action, id: u64) -> CheckRun {
        let Action::Check(check) = action else { panic!() };
        CheckRun {
            id: id.into(),
            name: check.name.clone(),
            app: "github-actions".into(),
            conclusion: Some(check.conclusion.clone()),
            external_id: check.external_id.clone(),
            ..CheckRun::default()
        }
    }

    #[test]
    fn what_is_there_is_not_written_again() {
        let at = || At::Sha(CommitId::of("head"));
        let first =
            said(Outcome::ActionRequired).action(at(), &Written { viewer: bot(), ..Written::default() }).unwrap();
        let checks = [run(&first, 5)];
        let written = Written { checks: &checks, viewer: bot(), ..Written::default() };
        assert_eq!(said(Outcome::ActionRequired).action(at(), &written), None);
        let Some(Action::Check(check)) = said(Outcome::Success).action(at(), &written) else { panic!() };
        assert_eq!(check.id, Some(5.into()));
    }

    #[test]
    fn a_run_of_the_same_name_by_another_app_does_not_count() {
        let viewer = || Written { viewer: bot(), ..Written::default() };
        let first = said(Outcome::Success).action(At::Sha(CommitId::of("head")), &viewer()).unwrap();
        let checks = [CheckRun { app: "other".into(), ..run(&first, 5) }];
        let again =
            said(Outcome::Success).action(At::Sha(CommitId::of("head")), &Written { checks: &checks, ..viewer() });
        assert_eq!(again, Some(first));
    }

    #[test]
    fn a_job_of_a_workflow_with_our_name_is_outdone_by_a_run_of_ours() {
        let viewer = || Written { viewer: bot(), ..Written::default() };
        let first = said(Outcome::ActionRequired).action(At::Sha(CommitId::of("head")), &viewer()).unwrap();
        let job = CheckRun { external_id: "job".into(), conclusion: Some(Conclusion::Success), ..run(&first, 9) };
        let checks = [run(&first, 5), job];
        let again = said(Outcome::ActionRequired)
            .action(At::Sha(CommitId::of("head")), &Written { checks: &checks, ..viewer() });
        assert!(matches!(again, Some(Action::Check(WriteCheck { id: None, .. }))), "{again:?}");
    }

    #[test]
    fn annotations_that_are_gone_need_a_new_run() {
        let line = Annotation {
            path: "a".into(),
            line: 1,
            level: AnnotationLevel::Failure,
            title: "t".into(),
            message: "m".into(),
        };
        let viewer = || Written { viewer: bot(), ..Written::default() };
        let with = CheckOutput { annotations: vec![line], ..said(Outcome::Failure) };
        let first = with.action(At::Sha(CommitId::of("head")), &viewer()).unwrap();
        let checks = [run(&first, 5)];
        let next =
            said(Outcome::Success).action(At::Sha(CommitId::of("head")), &Written { checks: &checks, ..viewer() });
        assert!(matches!(next, Some(Action::Check(WriteCheck { id: None, .. }))));
    }

    #[test]
    fn a_status_waits_and_is_written_once() {
        let viewer = Actor { login: "ann".into(), bot: false };
        let nothing = Written { viewer: viewer.clone(), statuses_only: true, ..Written::default() };
        let first = said(Outcome::ActionRequired).action(At::Committed, &nothing).unwrap();
        let Action::Status(status) = first else { panic!() };
        assert_eq!(status.state, StatusState::Pending);
        let check = said(Outcome::ActionRequired).action(At::Committed, &Written::default());
        let Some(Action::Check(check)) = check else { panic!() };
        assert_eq!(as_status(&check), status);
        let WriteStatus { context, state, description, .. } = status;
        let statuses = [CommitStatus { context, state, description, creator: viewer }];
        let there = Written { statuses: &statuses, ..nothing };
        assert_eq!(said(Outcome::ActionRequired).action(At::Committed, &there), None);
    }

    #[test]
    fn long_titles_are_cut_by_characters() {
        assert_eq!(cut("ääää", 3), "ää…");
        assert_eq!(cut("äää", 3), "äää");
    }
}
