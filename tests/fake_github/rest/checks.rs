//! Check runs and commit statuses.

use serde_json::{Value, json};

use super::super::bodies::Bodies;
use super::super::http::Answer;
use super::super::serve::Call;
use super::super::state::{CheckRun, State, Status};
use super::super::token::{Access, Kind};
use super::{Reply, invalid, not_found, refuse};

/// How many annotations a request may carry.
const ANNOTATIONS: usize = 50;

/// The longest summary and text of a check run.
const LONGEST_OUTPUT: usize = 65_535;

const CONCLUSIONS: [&str; 8] =
    ["action_required", "cancelled", "failure", "neutral", "success", "skipped", "stale", "timed_out"];

pub(super) fn route(state: &mut State, call: &Call, path: &[&str]) -> Option<Reply> {
    let number = |text: &str| text.parse::<u64>().unwrap_or(0);
    Some(match (call.method.as_str(), path) {
        ("POST", ["check-runs"]) => make(state, call),
        ("PATCH", ["check-runs", id]) => change(state, call, number(id)),
        ("GET", ["check-runs", id]) => match state.checks.get(&number(id)) {
            Some(run) => Ok(Answer::json(200, Bodies::new(state, call).check_run(run))),
            None => Err(not_found()),
        },
        ("GET", ["check-runs", id, "annotations"]) => annotations(state, call, path, number(id)),
        ("GET", ["commits", rev @ .., "check-runs"]) => list(state, call, path, &rev.join("/")),
        ("POST", ["statuses", sha]) => make_status(state, call, sha),
        ("GET", ["commits", rev @ .., "statuses"]) => statuses(state, call, path, &rev.join("/")),
        ("GET", ["commits", rev @ .., "status"]) => match state.resolve(&rev.join("/")) {
            Some(sha) => Ok(Answer::json(200, Bodies::new(state, call).combined_status(&sha))),
            None => Err(not_found()),
        },
        _ => return None,
    })
}

/// Only Apps write check runs; the workflow token is one.
fn may_write(call: &Call) -> Result<(), Answer> {
    if call.token.kind == Kind::User {
        return Err(refuse(403, "You must authenticate via a GitHub App."));
    }
    call.needs(&["checks"], Access::Write)
}

fn make(state: &mut State, call: &Call) -> Reply {
    may_write(call)?;
    let (name, sha) = (call.required("CheckRun", "name")?, call.required("CheckRun", "head_sha")?);
    if state.commit_of(sha).is_none() {
        return Err(refuse(422, &format!("No commit found for SHA: {sha}")));
    }
    let (id, now) = (state.id(), state.tick());
    let mut run = CheckRun {
        id,
        sha: sha.into(),
        name: name.into(),
        app: call.token.app.clone(),
        status: "queued".into(),
        conclusion: None,
        title: None,
        summary: None,
        text: None,
        annotations: Vec::new(),
        external_id: String::new(),
        details_url: None,
        started: now,
        completed: None,
    };
    fill(&mut run, call, now)?;
    let shown = Bodies::new(state, call).check_run(&run);
    state.checks.insert(id, run);
    Ok(Answer::json(201, shown))
}

/// An app changes its own runs only.
fn change(state: &mut State, call: &Call, id: u64) -> Reply {
    may_write(call)?;
    let mut run = state.checks.get(&id).ok_or_else(not_found)?.clone();
    if run.app != call.token.app {
        return Err(refuse(
            403,
            "Invalid app_id `1` - check run can only be modified by the GitHub App that created it.",
        ));
    }
    if let Some(name) = call.text("name") {
        run.name = name.into();
    }
    let now = state.tick();
    fill(&mut run, call, now)?;
    let shown = Bodies::new(state, call).check_run(&run);
    state.checks.insert(id, run);
    Ok(Answer::json(200, shown))
}

/// Takes over what a request says. A conclusion completes the run.
fn fill(run: &mut CheckRun, call: &Call, now: u64) -> Result<(), Answer> {
    if let Some(status) = call.text("status") {
        if !["queued", "in_progress", "completed"].contains(&status) {
            return Err(invalid("CheckRun", "status", "status is not one of the known ones"));
        }
        run.status = status.into();
        if status != "completed" {
            (run.conclusion, run.completed) = (None, None);
        }
    }
    match call.text("conclusion") {
        Some(conclusion) if CONCLUSIONS.contains(&conclusion) => {
            run.conclusion = Some(conclusion.into());
            (run.status, run.completed) = ("completed".into(), Some(now));
        }
        Some(_) => return Err(invalid("CheckRun", "conclusion", "conclusion is not one of the known ones")),
        None if run.status == "completed" && run.conclusion.is_none() => {
            return Err(refuse(422, "Invalid request.\n\nFor 'allOf/0', nil is not a string: conclusion."));
        }
        None => {}
    }
    if let Some(id) = call.text("external_id") {
        run.external_id = id.into();
    }
    if let Some(url) = call.text("details_url") {
        run.details_url = Some(url.into());
    }
    match call.body.get("output") {
        Some(output) => fill_output(run, output),
        None => Ok(()),
    }
}

fn fill_output(run: &mut CheckRun, output: &Value) -> Result<(), Answer> {
    let text = |name: &str| output[name].as_str().map(str::to_owned);
    let summary = text("summary").ok_or_else(|| refuse(422, "Invalid request.\n\n\"summary\" wasn't supplied."))?;
    let title = text("title").or_else(|| run.title.clone());
    let title = title.ok_or_else(|| refuse(422, "Invalid request.\n\n\"title\" wasn't supplied."))?;
    for (name, text) in [("summary", Some(&summary)), ("text", text("text").as_ref())] {
        if text.is_some_and(|text| text.chars().count() > LONGEST_OUTPUT) {
            return Err(refuse(
                422,
                &format!("Invalid request.\n\nOnly 65535 characters are allowed; {name} has more."),
            ));
        }
    }
    let annotations = output["annotations"].as_array().cloned().unwrap_or_default();
    if annotations.len() > ANNOTATIONS {
        let message = format!("No more than {ANNOTATIONS} items are allowed; {} were supplied.", annotations.len());
        return Err(refuse(422, &format!("Invalid request.\n\n{message}")));
    }
    for one in &annotations {
        let complete = ["path", "annotation_level", "message"].iter().all(|name| one[*name].is_string());
        let known = ["notice", "warning", "failure"].contains(&one["annotation_level"].as_str().unwrap_or(""));
        let lines = (one["start_line"].as_u64(), one["end_line"].as_u64());
        let ordered = matches!(lines, (Some(start), Some(end)) if start >= 1 && start <= end);
        if !complete || !known || !ordered || one["title"].as_str().is_some_and(|t| t.chars().count() > 255) {
            return Err(refuse(422, "Invalid request.\n\nAn annotation is incomplete or too long."));
        }
    }
    // What came before stays: this is how more than 50 are written.
    run.annotations.extend(annotations);
    (run.title, run.summary) = (Some(title), Some(summary));
    run.text = text("text").or_else(|| run.text.take());
    Ok(())
}

fn annotations(state: &State, call: &Call, path: &[&str], id: u64) -> Reply {
    let run = state.checks.get(&id).ok_or_else(not_found)?;
    let bodies = Bodies::new(state, call);
    let shown = run.annotations.iter().map(|one| {
        json!({
            "path": one["path"], "blob_href": bodies.html(&format!("/blob/{}", run.sha)), "title": one["title"],
            "start_line": one["start_line"], "end_line": one["end_line"], "start_column": one["start_column"],
            "end_column": one["end_column"], "annotation_level": one["annotation_level"], "message": one["message"],
            "raw_details": one["raw_details"],
        })
    });
    Ok(call.page(state, path, shown.collect()))
}

/// Without `filter=all` only the newest run of each name and app is shown.
fn list(state: &State, call: &Call, path: &[&str], rev: &str) -> Reply {
    call.needs(&["checks"], Access::Read)?;
    let sha = state.resolve(rev).ok_or_else(|| refuse(422, &format!("No commit found for SHA: {rev}")))?;
    let named = |run: &&CheckRun| call.parameter("check_name").is_none_or(|name| run.name == name);
    let runs: Vec<&CheckRun> = state.checks_at(&sha).into_iter().filter(named).collect();
    let newest = |at: usize| !runs[at + 1..].iter().any(|r| r.name == runs[at].name && r.app == runs[at].app);
    let all = call.parameter("filter") == Some("all");
    let bodies = Bodies::new(state, call);
    let shown: Vec<Value> =
        (0..runs.len()).filter(|at| all || newest(*at)).map(|at| bodies.check_run(runs[at])).collect();
    let total = shown.len();
    let (page, headers) = call.paged(state, path, shown);
    Ok(Answer { headers, ..Answer::json(200, json!({ "total_count": total, "check_runs": page })) })
}

/// All statuses of a commit, the newest first.
fn statuses(state: &State, call: &Call, path: &[&str], rev: &str) -> Reply {
    call.needs(&["statuses"], Access::Read)?;
    let sha = state.resolve(rev).ok_or_else(not_found)?;
    let bodies = Bodies::new(state, call);
    let shown = state.statuses.iter().rev().filter(|s| s.sha == sha).map(|s| bodies.status(s));
    Ok(call.page(state, path, shown.collect()))
}

fn make_status(state: &mut State, call: &Call, sha: &str) -> Reply {
    call.needs(&["statuses"], Access::Write)?;
    if state.commit_of(sha).is_none() {
        return Err(refuse(422, &format!("No commit found for SHA: {sha}")));
    }
    let verdict = call.required("Status", "state")?;
    if !["error", "failure", "pending", "success"].contains(&verdict) {
        return Err(invalid("Status", "state", "state is not one of the known ones"));
    }
    let description = call.text("description").map(str::to_owned);
    if description.as_ref().is_some_and(|d| d.chars().count() > 140) {
        return Err(invalid("Status", "description", "description is too long (maximum is 140 characters)"));
    }
    let (id, created) = (state.id(), state.tick());
    let status = Status {
        id,
        sha: sha.into(),
        context: call.text("context").unwrap_or("default").into(),
        state: verdict.into(),
        description,
        target_url: call.text("target_url").map(str::to_owned),
        creator: call.token.login.clone(),
        created,
    };
    let shown = Bodies::new(state, call).status(&status);
    state.statuses.push(status);
    Ok(Answer::json(201, shown))
}
