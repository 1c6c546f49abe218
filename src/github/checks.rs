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
    /// The id of the content that it is about, in full, where it is about one: see `content_of`.
    pub content: Option<String>,
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

/// The end of the fingerprint of a run that has lines of files.
const LINES: &str = "+lines";

/// The maximum length of a title of a check, in characters.
const TITLE: usize = 200;

/// The maximum length of the description of a status, in characters: GitHub takes 140.
const DESCRIPTION: usize = 140;

/// Whether the bot wrote a check run: a job of a workflow with the same name has no fingerprint.
#[must_use]
pub(crate) fn is_own_run(run: &CheckRun) -> bool {
    is_own_id(&run.external_id)
}

/// The same, by the external id of a run.
#[must_use]
pub(crate) fn is_own_id(external_id: &str) -> bool {
    external_id.starts_with(OWN_PREFIX)
}

impl CheckOutput {
    /// The actions that write it at a commit; none where it is there already. A check run and a status of one name are both
    /// required, so where both are there they say the same.
    #[must_use]
    pub fn actions(self, at: &At, written: &Written<'_>) -> Vec<Action> {
        let is_own =
            |status: &CommitStatus| status.context == self.name && status.creator.login == written.viewer.login;
        let status = written.statuses.iter().any(is_own);
        let runs = self.own_runs(written);
        if written.statuses_only {
            return self.status(at, written).into_iter().collect();
        }
        let second = if status { self.status(at, written) } else { None };
        // The status says it already: a run is tried again with the next word.
        if status && second.is_none() && runs.is_empty() {
            return Vec::new();
        }
        self.checks(at, written, &runs).into_iter().chain(second).collect()
    }

    /// The bot's own runs of this name, oldest first.
    fn own_runs<'a>(&self, written: &'a Written<'_>) -> Vec<&'a CheckRun> {
        let mut runs: Vec<&CheckRun> = self.runs(written).filter(|run| is_own_run(run)).collect();
        runs.sort_by_key(|run| run.id);
        runs
    }

    /// The runs of this name by the bot's app. With the workflow's token a job of any workflow is one.
    fn runs<'a>(&self, written: &'a Written<'_>) -> impl Iterator<Item = &'a CheckRun> + use<'a> {
        let (name, app) = (self.name, written.viewer.login.trim_end_matches("[bot]").to_owned());
        written.checks.iter().filter(move |run| run.name == name && run.app == app)
    }

    fn checks(&self, at: &At, written: &Written<'_>, own: &[&CheckRun]) -> Vec<Action> {
        let conclusion = self.outcome.conclusion();
        let title = cut(&self.title, TITLE);
        let texts = [conclusion.as_str(), &title, &self.summary];
        let external_id = fingerprint(&texts, &self.annotations, self.content.as_deref());
        let write = |run: Option<&CheckRun>| {
            // Lines cannot be taken back, and would be there twice: they are written once.
            let lines = run.is_some_and(|run| run.external_id.ends_with(LINES));
            let annotations = if lines { Vec::new() } else { self.annotations.clone() };
            let (name, title, summary) = (self.name.to_owned(), title.clone(), self.summary.clone());
            let external_id = if lines && !external_id.ends_with(LINES) {
                format!("{external_id}{LINES}")
            } else {
                external_id.clone()
            };
            let (at, id, conclusion) = (at.clone(), run.map(|run| run.id), conclusion.clone());
            WriteCheck { at, id, name, conclusion, title, summary, external_id, annotations }
        };
        let newest = self.runs(written).max_by_key(|run| run.id);
        let newest_is_own = newest.is_some_and(|run| own.last().is_some_and(|own| own.id == run.id));
        let (last, earlier) = match own.split_last() {
            Some((last, earlier)) if newest_is_own => (Some(*last), earlier),
            _ => (None, own),
        };
        let first = write(last);
        let there = last
            .is_some_and(|run| run.external_id == first.external_id && run.conclusion.as_ref() == Some(&conclusion));
        // Which of several runs of one name counts is not settled: all of them say the same.
        let differs = |run: &&&CheckRun| run.conclusion.as_ref() != Some(&conclusion);
        let earlier = earlier.iter().filter(differs).map(|run| Action::Check(write(Some(run))));
        (!there).then_some(Action::Check(first)).into_iter().chain(earlier).collect()
    }

    fn status(&self, at: &At, written: &Written<'_>) -> Option<Action> {
        let state = state_of(&self.outcome.conclusion());
        let description = cut(&self.title, DESCRIPTION);
        let there = written.statuses.iter().any(|s| {
            s.context == self.name
                && s.state == state
                && s.description == description
                && s.creator.login == written.viewer.login
        });
        let at = at.clone();
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

/// The id of the content that one of the bot's own runs is about, in full. None where the run is not the bot's, or names none.
#[must_use]
pub(crate) fn content_of(run: &CheckRun) -> Option<&str> {
    let (_, rest) = run.external_id.strip_prefix(OWN_PREFIX)?.split_once(':')?;
    Some(rest.strip_suffix(LINES).unwrap_or(rest)).filter(|id| !id.is_empty())
}

/// Returns the fingerprint that distinguishes two states of a check, and the id of the content behind it. [`LINES`] at its end says
/// that there are annotations.
fn fingerprint(texts: &[&str], annotations: &[Annotation], content: Option<&str>) -> String {
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
    let content = content.map(|id| format!(":{id}")).unwrap_or_default();
    format!("{OWN_PREFIX}{digest}{content}{}", if annotations.is_empty() { "" } else { LINES })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::ids::{AnnotationLevel, CommitId};

    fn said(outcome: Outcome) -> CheckOutput {
        let (title, summary) = ("waits".into(), "s".into());
        CheckOutput { name: HOLD, outcome, title, summary, annotations: Vec::new(), content: None }
    }

    fn line() -> Annotation {
        let level = AnnotationLevel::Failure;
        Annotation { path: "a".into(), line: 1, level, title: "t".into(), message: "m".into() }
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

    fn viewer() -> Written<'static> {
        Written { viewer: bot(), ..Written::default() }
    }

    fn head() -> At {
        At::Sha(CommitId::of("head"))
    }

    fn one(actions: Vec<Action>) -> Action {
        let [action] = <[Action; 1]>::try_from(actions).unwrap();
        action
    }

    /// The ids and conclusions of check runs that are written.
    fn written_runs(actions: &[Action]) -> Vec<(Option<u64>, Conclusion)> {
        let run = |action: &Action| {
            let Action::Check(check) = action else { panic!("{action:?}") };
            (check.id.map(|id| id.0), check.conclusion.clone())
        };
        actions.iter().map(run).collect()
    }

    #[test]
    fn what_is_there_is_not_written_again() {
        let first = one(said(Outcome::ActionRequired).actions(&head(), &viewer()));
        let checks = [run(&first, 5)];
        let written = Written { checks: &checks, ..viewer() };
        assert_eq!(said(Outcome::ActionRequired).actions(&head(), &written), []);
        let next = said(Outcome::Success).actions(&head(), &written);
        assert_eq!(written_runs(&next), [(Some(5), Conclusion::Success)]);
    }

    #[test]
    fn a_run_of_the_same_name_by_another_app_does_not_count() {
        let first = one(said(Outcome::Success).actions(&head(), &viewer()));
        let checks = [CheckRun { app: "other".into(), ..run(&first, 5) }];
        let again = said(Outcome::Success).actions(&head(), &Written { checks: &checks, ..viewer() });
        assert_eq!(again, [first]);
    }

    #[test]
    fn a_job_of_a_workflow_with_our_name_is_outdone_by_a_run_of_ours() {
        let first = one(said(Outcome::ActionRequired).actions(&head(), &viewer()));
        let job = CheckRun { external_id: "job".into(), conclusion: Some(Conclusion::Success), ..run(&first, 9) };
        let checks = [run(&first, 5), job];
        let again = said(Outcome::ActionRequired).actions(&head(), &Written { checks: &checks, ..viewer() });
        assert_eq!(written_runs(&again), [(None, Conclusion::ActionRequired)]);
    }

    #[test]
    fn of_several_runs_of_ours_none_keeps_another_conclusion() {
        let first = one(said(Outcome::Success).actions(&head(), &viewer()));
        let checks = [run(&first, 7), run(&first, 5)];
        let held = said(Outcome::ActionRequired).actions(&head(), &Written { checks: &checks, ..viewer() });
        let held = written_runs(&held);
        assert_eq!(held, [(Some(7), Conclusion::ActionRequired), (Some(5), Conclusion::ActionRequired)]);
    }

    #[test]
    fn lines_of_files_are_written_once() {
        let with = || CheckOutput { annotations: vec![line()], ..said(Outcome::Failure) };
        let first = one(with().actions(&head(), &viewer()));
        let mut checks = [run(&first, 5)];
        assert_eq!(with().actions(&head(), &Written { checks: &checks, ..viewer() }), []);
        let next = one(said(Outcome::Success).actions(&head(), &Written { checks: &checks, ..viewer() }));
        checks = [run(&next, 5)];
        assert_eq!(said(Outcome::Success).actions(&head(), &Written { checks: &checks, ..viewer() }), []);
        let Action::Check(again) = one(with().actions(&head(), &Written { checks: &checks, ..viewer() })) else {
            panic!()
        };
        assert_eq!((again.id, again.annotations.len()), (Some(5.into()), 0));
    }

    #[test]
    fn a_run_names_the_content_that_it_is_about() {
        let about = |annotations| CheckOutput { content: Some("0af".into()), annotations, ..said(Outcome::Success) };
        for annotations in [Vec::new(), vec![line()]] {
            let written = run(&one(about(annotations).actions(&head(), &viewer())), 1);
            assert_eq!(content_of(&written), Some("0af"), "{}", written.external_id);
        }
        let none = run(&one(said(Outcome::Success).actions(&head(), &viewer())), 1);
        let foreign = CheckRun { external_id: "x:0af".into(), ..none.clone() };
        assert_eq!((content_of(&none), content_of(&foreign)), (None, None));
    }

    #[test]
    fn a_status_waits_and_is_written_once() {
        let viewer = Actor { login: "ann".into(), bot: false };
        let nothing = Written { viewer: viewer.clone(), statuses_only: true, ..Written::default() };
        let Action::Status(status) = one(said(Outcome::ActionRequired).actions(&At::Committed, &nothing)) else {
            panic!()
        };
        assert_eq!(status.state, StatusState::Pending);
        let check = one(said(Outcome::ActionRequired).actions(&At::Committed, &Written::default()));
        let Action::Check(check) = check else { panic!() };
        assert_eq!(as_status(&check), status);
        let WriteStatus { context, state, description, .. } = status;
        let statuses = [CommitStatus { context, state, description, creator: viewer }];
        let there = Written { statuses: &statuses, ..nothing };
        assert_eq!(said(Outcome::ActionRequired).actions(&At::Committed, &there), []);
    }

    #[test]
    fn a_status_and_a_run_of_one_name_never_disagree() {
        let held = one(said(Outcome::ActionRequired).actions(&head(), &viewer()));
        let checks = [run(&held, 5)];
        let state = StatusState::Pending;
        let statuses = [CommitStatus { context: HOLD.into(), state, description: "waits".into(), creator: bot() }];
        let both = Written { checks: &checks, statuses: &statuses, ..viewer() };
        assert_eq!(said(Outcome::ActionRequired).actions(&head(), &both), []);
        let next = said(Outcome::Success).actions(&head(), &both);
        assert!(matches!(next[..], [Action::Check(_), Action::Status(_)]), "{next:?}");
        // One refusal is not for good: with the next word a run is tried again.
        let alone = Written { statuses: &statuses, ..viewer() };
        assert_eq!(said(Outcome::ActionRequired).actions(&head(), &alone), []);
        let next = said(Outcome::Success).actions(&head(), &alone);
        assert!(matches!(next[..], [Action::Check(_), Action::Status(_)]), "{next:?}");
        // Where the token may write no runs, the status alone goes on.
        let alone = Written { statuses_only: true, ..alone };
        assert!(matches!(said(Outcome::Success).actions(&head(), &alone)[..], [Action::Status(_)]));
    }

    #[test]
    fn long_titles_are_cut_by_characters() {
        assert_eq!(cut("ääää", 3), "ää…");
        assert_eq!(cut("äää", 3), "äää");
    }
}
