//! GitHub's side: the token, the rules of every guarded branch, and who reports the checks.

use super::{Mark, Seen};
use crate::config::Mode;
use crate::github::branches::Branches;
use crate::github::checks::{BLOCK, HOLD};
use crate::github::facts::Actor;
use crate::github::rules::{Kept, Promise, Reporter, promises};
use crate::io::github::{GitHub, Overview};
use std::collections::BTreeMap;

/// Looks at the repository. Without `branches`, at the default branch alone.
pub(super) async fn look(
    github: &GitHub,
    overview: &Overview,
    branches: Option<&Branches>,
    mode: Mode,
    seen: &mut Seen,
) {
    token(&overview.viewer, seen);
    let open = overview.pulls.len();
    seen.add(Mark::Good, format!("repository: `{}`, {open} open pull requests", overview.repository.full_name), None);
    let reporters = reporters(overview);
    second_bot(&overview.viewer, &reporters, seen);
    let reporter = reporter(github, &overview.viewer, &reporters).await;
    if let Some(why) = branches.and_then(Branches::unknown) {
        seen.add(Mark::Unknown, format!("guarded branches: there may be more: {why}"), None);
    }
    let default = overview.repository.default_branch.as_str();
    let guarded: Vec<&str> = branches.map_or_else(|| vec![default], |branches| branches.iter().collect());
    for branch in guarded {
        let rules = github.rules(branch).await;
        if mode == Mode::Report && rules.checks.iter().any(|check| [HOLD, BLOCK].contains(&check.name.as_str())) {
            let text = format!("mode: `report` writes no checks, and `{branch}` requires them: nothing can be merged");
            seen.add(Mark::Bad, text, Some("write `mode: enforce`, or take the checks out of the ruleset until then"));
        }
        for promise in promises(&rules, &reporter) {
            add(&promise, seen);
        }
    }
}

/// One line for each promise.
fn add(promise: &Promise, seen: &mut Seen) {
    match promise.kept {
        Kept::Kept => seen.add(Mark::Good, promise.line(), None),
        Kept::NotKept(_) => seen.add(Mark::Weak, promise.line(), Some(&promise.remedy)),
        Kept::NotSeen(_) => seen.add(Mark::Unknown, promise.line(), Some("ask somebody who may read it")),
    }
}

/// Describes the account of the token.
fn token(viewer: &Actor, seen: &mut Seen) {
    match (viewer.login.as_str(), viewer.bot) {
        ("github-actions[bot]", _) => seen.add(
            Mark::Weak,
            "token: the workflow's own; what it commits starts no workflows, and it cannot write workflow files",
            Some("give the action the token of a GitHub App to have both, and a hold that binds people who may push"),
        ),
        (login, true) => seen.add(Mark::Good, format!("token: of the app `{login}`"), None),
        (login, false) => seen.add(
            Mark::Weak,
            format!("token: of the person `{login}`; it cannot write check runs, so the hold is a commit status"),
            Some("use the workflow's token or that of a GitHub App"),
        ),
    }
}

/// The apps that report checks of the bot's names on the heads of open pull requests, with those pull requests.
fn reporters(overview: &Overview) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pull in &overview.pulls {
        for run in pull.checks.iter().filter(|run| [HOLD, BLOCK].contains(&run.name.as_str())) {
            let number = format!("#{}", pull.number);
            let numbers = all.entry(run.app.clone()).or_default();
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
    }
    all
}

/// The slug of the app of the token. None for a person's.
fn own_slug(viewer: &Actor) -> Option<&str> {
    viewer.login.strip_suffix("[bot]")
}

/// Two apps that report the same check: what one says, the other may take back.
fn second_bot(viewer: &Actor, reporters: &BTreeMap<String, Vec<String>>, seen: &mut Seen) {
    // A person's token reports no check runs: whoever does is the bot, as long as it is one.
    let own = own_slug(viewer).or_else(|| reporters.keys().next().map(String::as_str));
    for (app, numbers) in reporters.iter().filter(|(app, _)| Some(app.as_str()) != own) {
        let shown = numbers.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
        let more = if numbers.len() > 10 { ", …" } else { "" };
        seen.add(
            Mark::Bad,
            format!("reporter: the app `{app}` reports checks of the bot's names, too: {shown}{more}"),
            Some(
                "stop the second bot, or rename the job; after a change of the token, push to these pull requests once, \
                 as checks belong to commits",
            ),
        );
    }
}

/// The app that reports the bot's checks.
async fn reporter(github: &GitHub, viewer: &Actor, reporters: &BTreeMap<String, Vec<String>>) -> Reporter {
    match (own_slug(viewer), reporters.len()) {
        (Some(slug), _) => github.reporter(slug).await,
        (None, 1) => {
            let slug = reporters.keys().next().map(String::as_str).unwrap_or_default();
            github.reporter(slug).await
        }
        (None, 0) => Reporter::Unknown("no check of the bot was found, and this token is a person's".into()),
        (None, _) => Reporter::Unknown("more than one app reports the checks".into()),
    }
}
