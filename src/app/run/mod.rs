//! `cargo2-bot run`: from an event to what is published. Gathers through `workspace`, lets `github` decide, and publishes.

mod around;
mod base;
mod bundle;
mod classified;
mod configured;
mod confirm;
mod content;
mod dashboard;
mod dependencies;
mod expired;
mod facts;
mod group;
mod hold;
mod judged;
mod local;
mod origins;
mod outcome;
mod promotion;
mod pull;
mod section;
mod side;
mod state;
mod tracking;

pub use local::{Change, Classifier, Decides, HeldPath, Pin};
pub use outcome::{Outcome, Released, ReviewSection};

use crate::config::{BotConfig, Mode};
use crate::github::checks::{self, Written};
use crate::github::decide;
use crate::github::event::{self, Command, Event, Pulls, Scope, Started};
use crate::github::facts::{CheckRun, PullRequest};
use crate::github::ids::{CommentId, CommitId, Conclusion, PullNumber, Reaction};
use crate::github::plan::{Action, Plan, React, WriteCheck, WriteComment, WriteStatus};
use crate::github::settings::Settings;
use crate::io::commit::Layered;
use crate::io::github::{Done, GitHub, GitHubError, Permission, Publisher};
use crate::io::{Listener, Setup};
use facts::Reader;
use futures_util::stream::{self, StreamExt as _};
use state::States;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The request for a run.
#[derive(Clone, Debug, Default)]
pub struct RunRequest {
    /// `GITHUB_EVENT_NAME`.
    pub event: String,
    /// The text of the file of `GITHUB_EVENT_PATH`.
    pub payload: String,
    /// `GITHUB_REF`: the ref whose workflow runs. Empty where it is not known.
    pub git_ref: String,
    /// The settings of the bot, unless the configuration or the inputs say something else.
    pub settings: Settings,
    /// What the inputs of the action say about them. It wins over the configuration.
    pub inputs: BotConfig,
    /// The folder of the project below the repository's root; empty for the root.
    pub folder: String,
    /// Only these elements; none for all.
    pub elements: Vec<String>,
    /// Only this pull request.
    pub pull: Option<PullNumber>,
    /// Whether nothing is written: the plan is only reported.
    pub dry_run: bool,
    /// Whether the archives of changed crates are read.
    pub deep: bool,
    /// `owner/name`.
    pub repository: String,
    /// `GITHUB_SERVER_URL`.
    pub server: String,
    /// The names of the checks that validate and build the project.
    pub validate: String,
    /// As `validate`.
    pub build: String,
    /// The id of the run of the workflow, or another word for it.
    pub job: String,
    /// The time for reading. What was not looked at then stays held.
    pub time: RunTime,
}

/// The time of a run for reading: jobs have half an hour, and what holds has to be written in it as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunTime(pub Duration);

impl Default for RunTime {
    fn default() -> Self {
        Self(Duration::from_secs(25 * 60))
    }
}

/// The number of times that a pull request whose head moves is planned again in one run.
const AGAIN: usize = 3;

/// One run.
pub(crate) struct Bot {
    reader: Arc<Reader>,
    /// None in a dry run, and where nothing may be written.
    publisher: Option<Publisher>,
    statuses_only: bool,
    /// The successes that are due.
    releases: Vec<confirm::Release>,
    /// The check runs that this run wrote, each with its commit.
    runs: Vec<(CommitId, CheckRun)>,
    /// Who had the bot write to a branch, by a command.
    commander: Option<String>,
    /// Whether a pull request is not known in full, or one of its blocks could not be verified.
    unknown: bool,
    /// The commit that was made last, while what belongs to it is not written yet.
    made: Option<CommitId>,
    outcome: Outcome,
}

/// Handles an event.
///
/// # Errors
/// When the event cannot be read, or GitHub cannot be read at all. What is wrong with a pull request is in the outcome.
pub async fn run(
    github: &GitHub,
    objects: Arc<Layered>,
    mut setup: Setup,
    request: &RunRequest,
    listener: Listener,
) -> anyhow::Result<Outcome> {
    setup.times.end_after(request.time.0);
    let relay = &request.settings.relay;
    let started = Started { name: &request.event, payload: &request.payload, git_ref: &request.git_ref, relay };
    let event = event::read(&started)?;
    let scope = event::scope(&event, request.pull, &event::default_branch(&request.payload));
    if let Some(why) = event.nothing_to_do(request.pull.is_some()) {
        return Ok(Outcome::nothing(why));
    }
    if scope == event::Scope::default() {
        return Ok(Outcome::nothing("the event needs no action"));
    }
    let overview = match scope.pulls {
        Pulls::One(number) => github.pull(number).await?,
        Pulls::None => {
            let number = scope.group.as_ref().map(|group| group.number).or(scope.closed);
            github.pull(number.unwrap_or_default()).await?
        }
        Pulls::Head { .. } | Pulls::Into(_) | Pulls::All => github.pulls().await?,
    };
    let writes = !request.dry_run && scope.read_only.is_none();
    // Only apps may write check runs.
    let (statuses_only, side_by_side) = (!overview.viewer.bot, setup.jobs.max(1));
    let mut reader = Reader {
        github: github.clone(),
        request: request.clone(),
        states: States::new(objects, setup, listener, &request.folder),
        overview,
        read_only: scope.read_only.clone(),
        side_by_side,
        ended: AtomicBool::new(false),
        late: Default::default(),
        all: scope.pulls.among_all(),
        pulls: Default::default(),
        branches: Default::default(),
        lines: Default::default(),
    };
    let mode = reader.configure().await;
    let mut bot = Bot {
        reader: Arc::new(reader),
        publisher: (writes && mode == Mode::Enforce).then(|| github.publisher()),
        statuses_only,
        releases: Vec::new(),
        runs: Vec::new(),
        commander: None,
        unknown: false,
        made: None,
        outcome: Outcome { report_only: mode == Mode::Report, ..Outcome::default() },
    };
    if let Event::Command { comment, author, command, .. } = &event {
        if !bot.obeys(*comment, &author.login, author.bot, command).await? {
            return Ok(bot.outcome);
        }
        bot.commander = (*command == Command::Regenerate).then(|| author.login.clone());
    }
    if let Err(error) = bot.scoped_and_answered(&scope, &event).await {
        // The work done until then is reported anyway.
        bot.outcome.refused(&format!("{error:#}"));
    }
    bot.outcome.requests = github.requests();
    Ok(bot.outcome)
}

/// Returns whether an error ends a plan: limits and tokens always; for actions that the rest depends on, every error.
fn stops(error: &GitHubError, action: &Action) -> bool {
    let ground = matches!(
        action,
        Action::Commit(_) | Action::Branch(_) | Action::Check(_) | Action::Status(_) | Action::OpenPull(_)
    );
    ground
        || matches!(error, GitHubError::Limited { .. } | GitHubError::Unauthorized { .. } | GitHubError::Moved { .. })
}

/// Returns whether a status says what a check run should have said: where the token may write no runs, and where an own run that
/// may say more than is true could not be changed.
fn is_said_by_status(error: &GitHubError, check: &WriteCheck) -> bool {
    let changed = check.id.is_some() && check.conclusion != Conclusion::Success;
    error.is_missing_permission() || (changed && matches!(error, GitHubError::Forbidden { .. }))
}

/// The comment that does not remember what failed: requests for reviews, and the draft. None for every other action.
fn remembering_less(action: &Action, failed: &[&Action]) -> Option<Action> {
    let Action::Comment(comment) = action else { return None };
    let body = failed.iter().fold(comment.body.clone(), |body, failed| match failed {
        Action::RequestReview(refused) => decide::without_requests(&body, refused),
        Action::Draft(_) => decide::without_draft(&body),
        _ => body,
    });
    Some(Action::Comment(WriteComment { body, ..comment.clone() }))
}

impl Bot {
    /// Does what is to be done, and answers the command that asked for it: who is answered does not ask again.
    async fn scoped_and_answered(&mut self, scope: &Scope, event: &Event) -> anyhow::Result<()> {
        self.scoped(scope).await?;
        if let Event::Command { comment, command, number, .. } = event {
            // What could not be done was reported; without an answer it can be asked for again.
            let done = match command {
                Command::Approve(_) => !self.outcome.held.contains(number),
                Command::Regenerate => !self.unknown,
                Command::Recheck | Command::Unknown => true,
            };
            if !done || self.outcome.failed {
                return Ok(());
            }
            self.answer(*comment, Reaction::ThumbsUp).await?;
        }
        Ok(())
    }

    async fn scoped(&mut self, scope: &Scope) -> anyhow::Result<()> {
        // The hosts that the default branch trusts are those of the whole run.
        if self.reader.overview.head.is_some() {
            let default = self.reader.overview.repository.default_branch.clone();
            if let Err(error) = self.reader.base_of(&default).await {
                // Each pull request into it says so, and stays held.
                self.outcome.refused(&format!("{default}: {error:#}"));
            }
        }
        match &scope.group {
            Some(group) => self.group(group).await?,
            None => self.pulls(&scope.pulls, scope.insist).await?,
        }
        self.confirm().await?;
        if scope.group.is_none() {
            let pulls = self.reader.overview.pulls.clone();
            self.live_groups(&pulls).await?;
        }
        if scope.base {
            let base = self.base().await?;
            match self.tracking().await {
                Err(error) if error.downcast_ref().is_some_and(facts::ends_run) => return Err(error),
                Err(error) => self.outcome.refused(&format!("Rust elements were not tracked: {error:#}")),
                Ok(()) => {}
            }
            self.confirm().await?;
            self.dashboard(&base).await?;
        }
        if self.reader.all || scope.closed.is_some() {
            self.take_back_former().await?;
        }
        Ok(())
    }

    async fn pulls(&mut self, wanted: &Pulls, insist: bool) -> anyhow::Result<()> {
        let known = &self.reader.overview.pulls;
        let mut pulls: Vec<PullRequest> =
            known.iter().filter(|pull| pull.open && wanted.covers(pull)).cloned().collect();
        // What comes from forks comes last: nobody who may not push keeps those who may waiting.
        let own = &self.reader.request.repository;
        pulls.sort_by_key(|pull| pull.head_repository.as_deref().is_none_or(|head| !head.eq_ignore_ascii_case(own)));
        if let (Pulls::One(number), true) = (wanted, pulls.is_empty()) {
            self.outcome.note(format!("there is no open pull request #{number}"));
        }
        // They are read side by side, in tasks that go on while others are published; what is written comes one after the
        // other, in the order of the pull requests.
        let reader = self.reader.clone();
        let read = stream::iter(pulls).map(|pull| reader.start(pull, insist)).buffered(reader.bound());
        let mut read = std::pin::pin!(read);
        while let Some((pull, facts)) = read.next().await {
            self.pull(pull, insist, facts).await?;
        }
        Ok(())
    }

    /// Returns whether a command is carried out: only for people with write permission. One that is not is answered at once.
    async fn obeys(&mut self, comment: CommentId, login: &str, bot: bool, command: &Command) -> anyhow::Result<bool> {
        let allowed = !bot && self.reader.github.permission(login).await? >= Permission::Write;
        let good = allowed && *command != Command::Unknown;
        if !allowed {
            self.outcome
                .note(format!("a command by {} is not carried out: it takes write permission", login.escape_debug()));
        }
        if !good {
            self.answer(comment, Reaction::Confused).await?;
        }
        Ok(good)
    }

    /// Answers a command with a reaction, once.
    async fn answer(&mut self, comment: CommentId, content: Reaction) -> anyhow::Result<()> {
        let viewer = &self.reader.overview.viewer.login;
        let reactions = self.reader.github.reactions(comment).await?;
        if !reactions.iter().any(|(who, what)| who.login == *viewer && *what == content) {
            let react = Action::React(React { comment, content });
            self.publish(Plan { actions: vec![react] }, "the command").await?;
        }
        Ok(())
    }

    /// Applies a plan, or only records it. Returns the new head, where a commit was made, and the pull request that was
    /// opened.
    async fn publish(&mut self, plan: Plan, what: &str) -> Result<(Option<CommitId>, Option<PullNumber>), GitHubError> {
        let (mut committed, mut opened) = (None, None);
        let mut failed: Vec<&Action> = Vec::new();
        let mut by_status: Vec<WriteStatus> = Vec::new();
        for planned in &plan.actions {
            if matches!(planned, Action::Status(status) if by_status.contains(status)) {
                continue;
            }
            let changed = remembering_less(planned, &failed);
            let action = changed.as_ref().unwrap_or(planned);
            let Some(publisher) = &mut self.publisher else { break };
            let done = match (publisher.publish(action).await, action) {
                (Ok(Done::Checked(sha, id)), Action::Check(check)) => {
                    let app = self.reader.overview.viewer.login.trim_end_matches("[bot]").to_owned();
                    self.runs.retain(|(_, known)| known.id != id);
                    self.runs.push((sha, check.as_run(id, app)));
                    Ok(Done::Nothing)
                }
                (Err(error), Action::Check(check)) if is_said_by_status(&error, check) => {
                    // The token may write no check runs: from here on statuses say it.
                    self.statuses_only |= error.is_missing_permission();
                    self.outcome.failed |= !error.is_missing_permission();
                    let status = checks::as_status(check);
                    let done = publisher.status(&status).await;
                    by_status.push(status);
                    done
                }
                (done, _) => done,
            };
            match done {
                Ok(Done::Committed(sha)) => {
                    self.made = Some(sha.clone());
                    committed = Some(sha);
                }
                Ok(Done::Opened(number)) => opened = Some(number),
                Ok(Done::Missing(why)) => self.outcome.note(format!("{what}: {why}")),
                Ok(Done::Nothing | Done::Checked(..)) => {}
                Err(error) if stops(&error, action) => return Err(error),
                // The checks are written already, or come next: one thing that is refused does not keep the others from being done.
                Err(error) => {
                    self.outcome.refused(&format!("{what}: {error}"));
                    failed.push(planned);
                }
            }
        }
        self.outcome.plans.push((what.to_owned(), plan));
        Ok((committed, opened))
    }

    /// The check runs at a commit, with those that this run wrote since they were read.
    fn with_own_runs(&self, sha: &CommitId, mut runs: Vec<CheckRun>) -> Vec<CheckRun> {
        for (_, own) in self.runs.iter().filter(|(at, _)| at == sha) {
            runs.retain(|run| run.id != own.id);
            runs.push(own.clone());
        }
        runs
    }

    fn written<'b>(&self, pull: &'b PullRequest) -> Written<'b> {
        Written {
            checks: &pull.checks,
            statuses: &pull.statuses,
            viewer: self.reader.overview.viewer.clone(),
            statuses_only: self.statuses_only,
        }
    }
}
