//! The repository itself: branches and their rules, people, the account of the token.

use serde_json::{Value, json};

use super::super::bodies::{Bodies, merged, time};
use super::super::http::Answer;
use super::super::serve::Call;
use super::super::state::{Activity, State};
use super::super::token::{Access, Kind};
use super::{Reply, invalid, not_found, refuse};

pub(super) fn route(state: &mut State, call: &Call, path: &[&str]) -> Option<Reply> {
    if let ("POST", ["dependency-graph", "snapshots"]) = (call.method.as_str(), path) {
        return Some(submit(state, call));
    }
    let bodies = Bodies::new(state, call);
    Some(match (call.method.as_str(), path) {
        ("GET", []) => Ok(Answer::json(200, bodies.repository(&state.owner))),
        ("GET", ["branches", branch @ .., "protection"]) => protection(&bodies, call, &branch.join("/")),
        ("GET", ["branches", branch @ ..]) if !branch.is_empty() => {
            let branch = branch.join("/");
            match state.tip(&state.owner, &branch) {
                Some(sha) => Ok(Answer::json(200, bodies.branch(&branch, &sha))),
                None => Err(refuse(404, "Branch not found")),
            }
        }
        ("GET", ["rules", "branches", branch @ ..]) => {
            let rules = state.rules.get(&branch.join("/")).cloned().unwrap_or_default();
            Ok(call.page(state, path, rules))
        }
        ("GET", ["rulesets", id]) => ruleset(state, call, id),
        ("GET", ["activity"]) => activity(state, call, &state.owner),
        ("GET", ["collaborators", login, "permission"]) => match state.knows(login) {
            true => Ok(Answer::json(200, bodies.permission(login))),
            false => Err(refuse(404, &format!("{login} is not a user"))),
        },
        _ => return None,
    })
}

/// A snapshot of dependencies. The one of the same job takes the place of an older one.
fn submit(state: &mut State, call: &Call) -> Reply {
    call.needs(&["contents"], Access::Write)?;
    let sha = call.required("Snapshot", "sha")?.to_owned();
    state.commit_of(&sha).ok_or_else(|| invalid("Snapshot", "sha", "sha is not a commit"))?;
    for field in ["ref", "scanned"] {
        call.required("Snapshot", field)?;
    }
    let id = state.id();
    let created_at = call.text("scanned").unwrap_or_default();
    let answer = json!({
        "id": id, "created_at": created_at, "result": "SUCCESS", "message": "Dependency results for the repo have been successfully updated.",
    });
    let correlator = call.body["job"]["correlator"].clone();
    state.snapshots.retain(|known| known["job"]["correlator"] != correlator);
    state.snapshots.push(call.body.clone());
    Ok(Answer::json(201, answer))
}

/// The moves of all branches of a repository, the newest first. Merges and deletions are among them. The pages have no
/// numbers: the link to the next one has a cursor.
pub(super) fn activity(state: &State, call: &Call, owner: &str) -> Reply {
    call.needs(&["contents"], Access::Read)?;
    let branch = call.parameter("ref").map(|name| name.strip_prefix("refs/heads/").unwrap_or(name).to_owned());
    let kinds: Vec<&str> = call.parameter("activity_type").map(|kinds| kinds.split(',').collect()).unwrap_or_default();
    let after = call.parameter("after").and_then(|cursor| cursor.strip_prefix("before-")?.parse::<u64>().ok());
    let wanted = |a: &&Activity| {
        a.owner == owner
            && after.is_none_or(|id| a.id < id)
            && branch.as_ref().is_none_or(|branch| a.branch == *branch)
            && (kinds.is_empty() || kinds.contains(&a.kind))
            && call.parameter("actor").is_none_or(|actor| a.actor == actor)
    };
    let size = call.parameter("per_page").and_then(|n| n.parse().ok()).unwrap_or(30_usize);
    let size = size.clamp(1, state.page.min(100));
    let all: Vec<&Activity> = state.activity.iter().rev().filter(wanted).collect();
    let bodies = Bodies::new(state, call);
    let shown = all.iter().take(size).map(|a| {
        json!({
            "id": a.id, "node_id": format!("PSH_{}", a.id), "before": a.before, "after": a.after,
            "ref": format!("refs/heads/{}", a.branch), "timestamp": time(a.at), "activity_type": a.kind,
            "actor": bodies.user(&a.actor),
        })
    });
    let body = json!(shown.collect::<Vec<_>>());
    let address = format!("{}/repos/{owner}/{}/activity", bodies.root(), state.name);
    let others = call.query.iter().filter(|(name, _)| name != "after");
    let others: String = others.map(|(name, value)| format!("{name}={}&", value.replace('/', "%2F"))).collect();
    let next = |last: &&Activity| format!("<{address}?{others}after=before-{}>; rel=\"next\"", last.id);
    let link = all.get(..size).filter(|_| all.len() > size).and_then(|page| page.last()).map(next);
    let answer = Answer::json(200, body);
    Ok(link.into_iter().fold(answer, |answer, link| answer.header("link", &link)))
}

/// A ruleset without its rules: its name, and whether the token's account may bypass it.
fn ruleset(state: &State, call: &Call, id: &str) -> Reply {
    call.needs(&["metadata"], Access::Read)?;
    let known = |id: &u64| state.rules.values().flatten().any(|rule| rule["ruleset_id"] == *id);
    let Some(id) = id.parse::<u64>().ok().filter(known) else { return Err(not_found()) };
    let bypass = if state.bypass.contains(&call.token.login) { "always" } else { "never" };
    Ok(Answer::json(
        200,
        json!({
            "id": id, "name": "the rules", "target": "branch", "source_type": "Repository", "source": state.full_name(),
            "enforcement": "active", "current_user_can_bypass": bypass,
        }),
    ))
}

/// What everybody may know of an app.
pub(super) fn app(state: &State, call: &Call, slug: &str) -> Reply {
    let known = state.tokens.values().any(|token| !token.app.is_empty() && token.app == slug);
    if known { Ok(Answer::json(200, Bodies::new(state, call).app(slug))) } else { Err(not_found()) }
}

/// Only administrators may read the classic protection.
fn protection(bodies: &Bodies<'_>, call: &Call, branch: &str) -> Reply {
    call.needs(&["administration"], Access::Read)?;
    if bodies.state.tip(&bodies.state.owner, branch).is_none() {
        return Err(refuse(404, "Branch not found"));
    }
    match bodies.protection(branch) {
        Some(body) => Ok(Answer::json(200, body)),
        None => Err(refuse(404, "Branch not protected")),
    }
}

/// `GET /user` answers people only.
pub(super) fn viewer(state: &State, call: &Call) -> Option<Reply> {
    if call.token.kind != Kind::User {
        return Some(Err(refuse(403, "Resource not accessible by integration")));
    }
    let Value::Object(user) = Bodies::new(state, call).user(&call.token.login) else { return None };
    let now = time(1_790_000_000);
    let rest = json!({
        "bio": null, "blog": null, "company": null, "email": null, "followers": 0, "following": 0, "hireable": null,
        "user_view_type": "private", "location": null, "name": null, "collaborators": 0, "disk_usage": 0, "owned_private_repos": 0, "private_gists": 0,
        "total_private_repos": 0, "two_factor_authentication": true, "public_gists": 0, "public_repos": 1, "created_at": now, "updated_at": now,
    });
    Some(Ok(Answer::json(200, merged(user, rest))))
}

pub(super) fn rate_limit(state: &State) -> Option<Reply> {
    let rate = json!({ "limit": 5000, "remaining": state.remaining, "reset": 4_102_444_800_u64, "used": 5000 - state.remaining });
    Some(Ok(Answer::json(200, json!({ "rate": rate, "resources": { "core": rate, "search": rate, "graphql": rate } }))))
}

pub(super) fn installation(state: &State, call: &Call) -> Option<Reply> {
    if call.token.kind == Kind::User {
        return Some(Err(not_found()));
    }
    let repository = Bodies::new(state, call).repository(&state.owner);
    Some(Ok(Answer::json(200, json!({ "total_count": 1, "repositories": [repository] }))))
}
