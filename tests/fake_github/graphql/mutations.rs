//! The mutations: commits against an expected head, and what is switched on pull requests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use git2::FileMode;
use serde_json::{Value, json};

use super::super::serve::Call;
use super::super::state::{Pull, State};
use super::super::token::{Access, Kind};
use super::nodes::queue_entry;
use super::{COMMIT, PULL, Refusal, refusal};

/// Carries a mutation out and returns its payload.
pub(super) fn run(state: &mut State, call: &Call, name: &str, input: &Value) -> Result<Value, Refusal> {
    let area = if name == "createCommitOnBranch" { "contents" } else { "pull_requests" };
    if !call.token.may(area, Access::Write) {
        return Err(refusal("FORBIDDEN", "Resource not accessible by integration"));
    }
    match name {
        "createCommitOnBranch" => commit(state, call, input),
        "disablePullRequestAutoMerge" => {
            let pull = pull_of(state, &input["pullRequestId"])?;
            if !pull.auto_merge {
                return Err(refusal("UNPROCESSABLE", "Can't disable auto-merge for this pull request"));
            }
            pull.auto_merge = false;
            Ok(json!({ "__typename": "DisablePullRequestAutoMergePayload", "pullRequest": { PULL: pull.number } }))
        }
        "dequeuePullRequest" => {
            let pull = pull_of(state, &input["id"])?;
            if !pull.queued {
                return Err(refusal("UNPROCESSABLE", "Pull request is not in the merge queue"));
            }
            let (shown, mut pull) = (queue_entry(pull), pull.clone());
            state.unqueue(&mut pull, &call.token.login, "dequeued");
            let base = pull.base_ref.clone();
            state.pulls.insert(pull.number, pull);
            state.build_groups(&base);
            Ok(json!({ "__typename": "DequeuePullRequestPayload", "mergeQueueEntry": shown }))
        }
        "enqueuePullRequest" => {
            let number = pull_of(state, &input["pullRequestId"])?.number;
            state.enqueue(number, &call.token.login).map_err(|why| refusal("UNPROCESSABLE", &why))?;
            let entry = queue_entry(&state.pulls[&number]);
            Ok(json!({ "__typename": "EnqueuePullRequestPayload", "mergeQueueEntry": entry }))
        }
        "enablePullRequestAutoMerge" => {
            let pull = pull_of(state, &input["pullRequestId"])?.clone();
            if state.blocked(&pull).is_empty() && state.rules_of(&pull.base_ref).queue.is_none() {
                return Err(refusal("UNPROCESSABLE", "Pull request Pull request is in clean status"));
            }
            state.pulls.get_mut(&pull.number).unwrap().auto_merge = true;
            Ok(json!({ "__typename": "EnablePullRequestAutoMergePayload", "pullRequest": { PULL: pull.number } }))
        }
        "convertPullRequestToDraft" => {
            let pull = pull_of(state, &input["pullRequestId"])?;
            pull.draft = true;
            Ok(json!({ "__typename": "ConvertPullRequestToDraftPayload", "pullRequest": { PULL: pull.number } }))
        }
        _ => {
            let message = format!("Field '{name}' doesn't exist on type 'Mutation'");
            Err(Refusal(json!({ "message": message, "extensions": { "code": "undefinedField" } })))
        }
    }
}

fn pull_of<'s>(state: &'s mut State, id: &Value) -> Result<&'s mut Pull, Refusal> {
    let text = id.as_str().unwrap_or("");
    let number = text.strip_prefix("PR_").and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    let found = state.pulls.get_mut(&number);
    found.ok_or_else(|| refusal("NOT_FOUND", &format!("Could not resolve to a node with the global id of '{text}'")))
}

fn commit(state: &mut State, call: &Call, input: &Value) -> Result<Value, Refusal> {
    let owner = state.owner.clone();
    let wrong = |what: &str| refusal("UNPROCESSABLE", what);
    if input["branch"]["repositoryNameWithOwner"] != json!(state.full_name()) {
        return Err(refusal("NOT_FOUND", "Could not resolve to a Repository with that name."));
    }
    let branch = input["branch"]["branchName"].as_str().ok_or_else(|| wrong("branchName is missing"))?;
    let branch = branch.strip_prefix("refs/heads/").unwrap_or(branch);
    let Some(head) = state.tip(&owner, branch) else {
        return Err(refusal("NOT_FOUND", &format!("No branch named {branch} was found.")));
    };
    let expected = input["expectedHeadOid"].as_str().unwrap_or("");
    if head != expected {
        let message = format!("Expected branch to point to \"{expected}\" but it did not. Pull and try again.");
        return Err(refusal("STALE_DATA", &message));
    }
    let headline = input["message"]["headline"].as_str().filter(|text| !text.is_empty());
    let headline = headline.ok_or_else(|| wrong("A commit message is required"))?;
    let message = match input["message"]["body"].as_str().filter(|body| !body.is_empty()) {
        Some(body) => format!("{headline}\n\n{body}"),
        None => headline.to_owned(),
    };
    let sha = write(state, call, &head, &input["fileChanges"], &message)?;
    state.may_write_workflows(call, Some(&head), &sha).map_err(|message| wrong(&message))?;
    state.may_move(&call.token.login, branch, Some(&sha)).map_err(|message| wrong(&message))?;
    state.set_branch(&call.token.login, &owner, branch, Some(&sha));
    let named = json!({ "__typename": "Ref", "name": branch, "target": { COMMIT: sha } });
    Ok(json!({ "__typename": "CreateCommitOnBranchPayload", "commit": { COMMIT: sha }, "ref": named }))
}

/// A commit that is on no branch yet. GitHub commits for bots and signs.
fn write(state: &mut State, call: &Call, head: &str, files: &Value, message: &str) -> Result<String, Refusal> {
    let wrong = |what: &str| refusal("UNPROCESSABLE", what);
    let mut changes = Vec::new();
    let path = |file: &Value| file["path"].as_str().map(str::to_owned).ok_or_else(|| wrong("a path is missing"));
    for file in files["additions"].as_array().into_iter().flatten() {
        let contents = STANDARD.decode(file["contents"].as_str().unwrap_or("!"));
        let contents = contents.map_err(|_| wrong("contents is not valid Base64"))?;
        changes.push((path(file)?, Some((state.git.blob(&contents).unwrap(), FileMode::Blob))));
    }
    for file in files["deletions"].as_array().into_iter().flatten() {
        changes.push((path(file)?, None));
    }
    let tree = {
        let base = state.commit_of(head).unwrap().tree().unwrap();
        state.tree_with(Some(&base), &changes).map_err(|message| wrong(&message))?
    };
    let author = call.token.login.clone();
    let committer = if call.token.kind == Kind::User { author.clone() } else { "web-flow".to_owned() };
    let sha = state.write_commit(tree, &[head.to_owned()], &author, &committer, message);
    state.signed.insert(sha.clone());
    Ok(sha)
}
