//! Pull requests, their files, reviews and reviewers.

use serde_json::{Value, json};

use super::super::bodies::Bodies;
use super::super::http::Answer;
use super::super::serve::Call;
use super::super::state::{Pull, State};
use super::super::token::{Access, Kind};
use super::issues::LONGEST_BODY;
use super::{Reply, invalid, not_found, refuse};

const PULLS: [&str; 1] = ["pull_requests"];

pub(super) fn route(state: &mut State, call: &Call, path: &[&str]) -> Option<Reply> {
    let number = |text: &str| text.parse::<u64>().unwrap_or(0);
    Some(match (call.method.as_str(), path) {
        ("GET", ["pulls"]) => list(state, call, path),
        ("POST", ["pulls"]) => open(state, call),
        ("GET", ["pulls", n]) => show(state, call, number(n), 200),
        ("PATCH", ["pulls", n]) => edit(state, call, number(n)),
        ("GET", ["pulls", n, "files"]) => files(state, call, path, number(n)),
        ("GET", ["pulls", n, "reviews"]) => reviews(state, call, path, number(n)),
        ("GET", ["pulls", n, "commits"]) => commits(state, call, path, number(n)),
        ("PUT", ["pulls", n, "merge"]) => merge(state, call, number(n)),
        ("POST", ["pulls", n, "reviews"]) => submit(state, call, number(n)),
        ("PUT", ["pulls", n, "reviews", id, "dismissals"]) => dismiss(state, call, number(n), number(id)),
        ("POST", ["pulls", n, "requested_reviewers"]) => ask(state, call, number(n)),
        _ => return None,
    })
}

fn list(state: &State, call: &Call, path: &[&str]) -> Reply {
    call.needs(&PULLS, Access::Read)?;
    let wanted = call.parameter("state").unwrap_or("open");
    let of_state = |p: &Pull| wanted == "all" || p.open == (wanted == "open");
    let of_head = |p: &Pull| match call.parameter("head").and_then(|head| head.split_once(':')) {
        Some((owner, branch)) => p.head_owner.as_deref() == Some(owner) && p.head_ref == branch,
        None => true,
    };
    let of_base = |p: &Pull| call.parameter("base").is_none_or(|base| p.base_ref == base);
    let mut found: Vec<&Pull> = state.pulls.values().filter(|p| of_state(p) && of_head(p) && of_base(p)).collect();
    // The newest come first unless asked for otherwise.
    if call.parameter("direction") != Some("asc") {
        found.reverse();
    }
    let bodies = Bodies::new(state, call);
    Ok(call.page(state, path, found.into_iter().map(|p| bodies.pull_simple(p)).collect()))
}

fn show(state: &State, call: &Call, number: u64, status: u16) -> Reply {
    call.needs(&PULLS, Access::Read)?;
    let pull = state.pulls.get(&number).ok_or_else(not_found)?;
    Ok(Answer::json(status, Bodies::new(state, call).pull(pull)))
}

/// The title and text of a request, within the limits.
fn check_texts(call: &Call) -> Result<(), Answer> {
    if call.text("body").is_some_and(|body| body.chars().count() > LONGEST_BODY) {
        return Err(invalid("PullRequest", "body", "body is too long (maximum is 65536 characters)"));
    }
    if call.text("title").is_some_and(|title| title.is_empty() || title.chars().count() > 256) {
        return Err(invalid("PullRequest", "title", "title is too long (maximum is 256 characters)"));
    }
    Ok(())
}

fn open(state: &mut State, call: &Call) -> Reply {
    call.needs(&PULLS, Access::Write)?;
    if call.token.kind == Kind::Workflow && !state.workflows_open_pulls {
        return Err(refuse(403, "GitHub Actions is not permitted to create or approve pull requests."));
    }
    check_texts(call)?;
    let (head, base) = (call.required("PullRequest", "head")?, call.required("PullRequest", "base")?);
    let title = call.required("PullRequest", "title")?;
    let own = state.owner.clone();
    let (owner, head) = head.split_once(':').unwrap_or((own.as_str(), head));
    let opened = state.open(owner, head, base, &call.token.login, title);
    let number = opened.map_err(|message| invalid("PullRequest", "head", &message))?;
    let pull = state.pulls.get_mut(&number).unwrap();
    pull.body = call.text("body").unwrap_or_default().to_owned();
    pull.draft = call.body["draft"] == json!(true);
    show(state, call, number, 201)
}

fn edit(state: &mut State, call: &Call, number: u64) -> Reply {
    call.needs(&PULLS, Access::Write)?;
    check_texts(call)?;
    let mut pull = state.pulls.get(&number).ok_or_else(not_found)?.clone();
    if let Some(title) = call.text("title") {
        pull.title = title.into();
    }
    if let Some(body) = call.text("body") {
        pull.body = body.into();
    }
    state.pulls.insert(number, pull.clone());
    match call.text("state") {
        Some("closed") => state.close_pull(number),
        Some("open") if !pull.open && !pull.merged => {
            state.reopen(number).map_err(|why| invalid("PullRequest", "state", &why))?;
        }
        _ => {}
    }
    if let Some(base) = call.text("base").filter(|base| *base != pull.base_ref) {
        state.retarget(&call.token.login, number, base).map_err(|why| invalid("PullRequest", "base", &why))?;
    }
    state.touch(number);
    show(state, call, number, 200)
}

fn files(state: &State, call: &Call, path: &[&str], number: u64) -> Reply {
    call.needs(&PULLS, Access::Read)?;
    let pull = state.pulls.get(&number).ok_or_else(not_found)?;
    let bodies = Bodies::new(state, call);
    let files = state.pull_files(pull);
    // GitHub ends the list there.
    let shown = files.iter().take(3000).map(|file| bodies.changed(file, &pull.head_sha));
    Ok(call.page(state, path, shown.collect()))
}

fn reviews(state: &State, call: &Call, path: &[&str], number: u64) -> Reply {
    call.needs(&PULLS, Access::Read)?;
    state.pulls.get(&number).ok_or_else(not_found)?;
    let bodies = Bodies::new(state, call);
    let reviews = state.reviews.iter().filter(|r| r.pull == number);
    Ok(call.page(state, path, reviews.map(|r| bodies.review(r)).collect()))
}

fn commits(state: &State, call: &Call, path: &[&str], number: u64) -> Reply {
    call.needs(&PULLS, Access::Read)?;
    let pull = state.pulls.get(&number).ok_or_else(not_found)?;
    let bodies = Bodies::new(state, call);
    let commits: Vec<Value> = state.pull_commits(pull).iter().map(|sha| bodies.commit(sha)).collect();
    Ok(call.page(state, path, commits))
}

/// `contents` decides, not `pull_requests`.
fn merge(state: &mut State, call: &Call, number: u64) -> Reply {
    call.needs(&["contents"], Access::Write)?;
    let method = call.text("merge_method").unwrap_or("merge").to_owned();
    let merged = state.merge_pull(&call.token.login, number, &method, call.text("sha"));
    let sha = merged.map_err(|(status, why)| refuse(status, &why))?;
    Ok(Answer::json(200, json!({ "sha": sha, "merged": true, "message": "Pull Request successfully merged" })))
}

/// A review by the account of the token. The author's own approval is refused.
fn submit(state: &mut State, call: &Call, number: u64) -> Reply {
    call.needs(&PULLS, Access::Write)?;
    let pull = state.pulls.get(&number).ok_or_else(not_found)?.clone();
    let verdict = match call.text("event") {
        Some("APPROVE") => "APPROVED",
        Some("REQUEST_CHANGES") => "CHANGES_REQUESTED",
        Some("COMMENT") => "COMMENTED",
        _ => "PENDING",
    };
    if verdict != "COMMENTED" && pull.author == call.token.login {
        return Err(refuse(422, "Unprocessable Entity: Can not approve your own pull request"));
    }
    let commit = call.text("commit_id").unwrap_or(&pull.head_sha).to_owned();
    let review = state.add_review(number, &call.token.login, verdict, &commit);
    Ok(Answer::json(200, Bodies::new(state, call).review(&review)))
}

fn dismiss(state: &mut State, call: &Call, number: u64, id: u64) -> Reply {
    call.needs(&PULLS, Access::Write)?;
    call.required("PullRequestReview", "message")?;
    let found = state.reviews.iter().find(|r| r.id == id && r.pull == number).ok_or_else(not_found)?.id;
    let actor = if call.token.kind == Kind::User { call.token.login.clone() } else { state.owner.clone() };
    state.dismiss(&actor, found).map_err(|why| refuse(422, &why))?;
    let review = state.reviews.iter().find(|r| r.id == found).ok_or_else(not_found)?;
    Ok(Answer::json(200, Bodies::new(state, call).review(review)))
}

/// One bad name fails the whole request.
fn ask(state: &mut State, call: &Call, number: u64) -> Reply {
    call.needs(&PULLS, Access::Write)?;
    let mut pull = state.pulls.get(&number).ok_or_else(not_found)?.clone();
    let (users, teams) = (call.texts("reviewers"), call.texts("team_reviewers"));
    if users.contains(&pull.author) {
        return Err(refuse(422, "Review cannot be requested from pull request author."));
    }
    let collaborator = |login: &String| state.permission(login) != "none";
    if let Some(stranger) = users.iter().find(|login| !collaborator(login)) {
        let message = "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator";
        return Err(refuse(422, &format!("{message} of the {} repository: {stranger}", state.full_name())));
    }
    if teams.iter().any(|team| !state.teams.contains(team)) {
        return Err(refuse(422, "Could not resolve to a node with the global id of a team."));
    }
    for user in users {
        if !pull.asked_users.contains(&user) {
            pull.asked_users.push(user);
        }
    }
    for team in teams {
        if !pull.asked_teams.contains(&team) {
            pull.asked_teams.push(team);
        }
    }
    let shown = Bodies::new(state, call).pull_simple(&pull);
    state.pulls.insert(number, pull);
    Ok(Answer::json(201, shown))
}
