//! What an owner does with a repository: makes and removes it, sets its rules, starts its workflows.

use serde_json::{Value, json};

use super::super::bodies::Bodies;
use super::super::http::Answer;
use super::super::serve::Call;
use super::super::state::State;
use super::super::token::Access;
use super::{Reply, invalid, not_found};

/// Makes the repository, which is there once.
pub(super) fn make(state: &mut State, call: &Call) -> Reply {
    let name = call.required("Repository", "name")?.to_owned();
    if name != state.name || !state.removed {
        return Err(invalid("Repository", "name", "name already exists on this account"));
    }
    state.removed = false;
    Ok(Answer::json(201, Bodies::new(state, call).repository(&state.owner)))
}

pub(super) fn route(state: &mut State, call: &Call, path: &[&str]) -> Option<Reply> {
    Some(match (call.method.as_str(), path) {
        ("DELETE", []) => {
            state.removed = true;
            Ok(Answer::empty(204))
        }
        ("PUT", ["actions", "permissions", "workflow"]) => {
            state.workflows_open_pulls = call.body["can_approve_pull_request_reviews"] == true;
            Ok(Answer::empty(204))
        }
        ("POST", ["actions", "workflows", file, "dispatches"]) => dispatch(state, call, file),
        ("POST", ["rulesets"]) => ruleset(state, call, 201),
        ("PUT", ["rulesets", id])
            if state.rules.values().flatten().any(|rule| rule["ruleset_id"].as_u64() == id.parse().ok()) =>
        {
            ruleset(state, call, 200)
        }
        _ => return None,
    })
}

/// A workflow runs on a branch that has its file. Nothing runs here: the test plays it.
fn dispatch(state: &State, call: &Call, file: &str) -> Reply {
    let tip = state.tip(&state.owner, call.required("Workflow", "ref")?).ok_or_else(not_found)?;
    let there = state.file_at(&tip, &format!(".github/workflows/{file}"));
    let text = there.ok_or_else(not_found)?;
    let known = |name: &String| text.contains(&format!("\n      {name}:\n"));
    let inputs = call.body["inputs"].as_object().cloned().unwrap_or_default();
    match inputs.keys().find(|name| !known(name)) {
        Some(name) => Err(invalid("Workflow", "inputs", &format!("Unexpected inputs provided: [\"{name}\"]"))),
        None => Ok(Answer::empty(204)),
    }
}

/// A ruleset of branches by name, in the place of that of the same number.
fn ruleset(state: &mut State, call: &Call, status: u16) -> Reply {
    call.needs(&["administration"], Access::Write)?;
    let name = call.required("Ruleset", "name")?.to_owned();
    let include = call.body["conditions"]["ref_name"]["include"].as_array().cloned().unwrap_or_default();
    let named = |pattern: &Value| match pattern.as_str()? {
        "~DEFAULT_BRANCH" => Some(state.default_branch.clone()),
        name => name.strip_prefix("refs/heads/").filter(|name| !name.contains(['*', '?'])).map(str::to_owned),
    };
    let Some(branches) = include.iter().map(named).collect::<Option<Vec<String>>>() else {
        return Err(invalid("Ruleset", "conditions", "only branches by name are known here"));
    };
    const ID: u64 = 42;
    let source = state.full_name();
    let rules: Vec<Value> = call.body["rules"].as_array().cloned().unwrap_or_default();
    let kept = rules.iter().map(|rule| {
        json!({
            "type": rule["type"], "parameters": rule["parameters"], "ruleset_source_type": "Repository",
            "ruleset_source": source, "ruleset_id": ID,
        })
    });
    let kept: Vec<Value> = kept.collect();
    for branch in branches {
        state.rules.insert(branch, kept.clone());
    }
    // The role 5 is that of administrators.
    let bypass = call.body["bypass_actors"].as_array().into_iter().flatten();
    let administrators = bypass.clone().any(|actor| actor["actor_type"] == "RepositoryRole" && actor["actor_id"] == 5);
    let admins: Vec<String> =
        state.permissions.iter().filter(|(_, level)| *level == "admin").map(|(login, _)| login.clone()).collect();
    for login in admins {
        state.bypass.remove(&login);
        if administrators {
            state.bypass.insert(login);
        }
    }
    let body = json!({
        "id": ID, "name": name, "target": "branch", "source_type": "Repository", "source": source, "enforcement": "active",
        "rules": rules, "conditions": call.body["conditions"], "bypass_actors": bypass.collect::<Vec<_>>(),
    });
    Ok(Answer::json(status, body))
}
