//! Git over REST: objects, refs, comparisons, commits.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use git2::{FileMode, Oid};
use serde_json::{Value, json};

use super::super::bodies::Bodies;
use super::super::http::Answer;
use super::super::serve::Call;
use super::super::state::State;
use super::super::token::{Access, Kind};
use super::{Reply, invalid, not_found, refuse};

pub(super) fn route(state: &mut State, call: &Call, path: &[&str]) -> Option<Reply> {
    Some(match (call.method.as_str(), path) {
        ("GET", ["git", "ref", "heads", branch @ ..]) => read_ref(state, call, &branch.join("/")),
        ("GET", ["git", "matching-refs", "heads", prefix @ ..]) => matching(state, call, path, &prefix.join("/")),
        ("POST", ["git", "refs"]) => make_ref(state, call),
        ("PATCH", ["git", "refs", "heads", branch @ ..]) => move_ref(state, call, &branch.join("/")),
        ("DELETE", ["git", "refs", "heads", branch @ ..]) => delete_ref(state, call, &branch.join("/")),
        ("GET", ["compare", pair @ ..]) if !pair.is_empty() => compare(state, call, &pair.join("/")),
        ("GET", ["git", "trees", rev @ ..]) if !rev.is_empty() => tree(state, call, &rev.join("/")),
        ("POST", ["git", "trees"]) => make_tree(state, call),
        ("GET", ["git", "blobs", sha]) => blob(state, call, sha),
        ("POST", ["git", "blobs"]) => make_blob(state, call),
        ("POST", ["git", "commits"]) => make_commit(state, call),
        ("GET", ["git", "commits", sha]) => match state.commit_of(sha) {
            Some(_) => Ok(Answer::json(200, Bodies::new(state, call).git_commit(sha))),
            None => Err(not_found()),
        },
        ("GET", ["commits", sha, "pulls"]) => pulls_of(state, call, path, sha),
        ("GET", ["commits", rev]) => match state.resolve(rev) {
            Some(sha) => Ok(Answer::json(200, Bodies::new(state, call).commit(&sha))),
            None => Err(refuse(422, &format!("No commit found for SHA: {rev}"))),
        },
        _ => return None,
    })
}

fn read_ref(state: &State, call: &Call, branch: &str) -> Reply {
    let sha = state.tip(&state.owner, branch).ok_or_else(not_found)?;
    Ok(Answer::json(200, Bodies::new(state, call).reference(branch, &sha)))
}

/// All branches whose name starts so; those of the merge queue are among them.
fn matching(state: &State, call: &Call, path: &[&str], prefix: &str) -> Reply {
    let bodies = Bodies::new(state, call);
    let named = state.branches().into_iter().filter(|name| name.starts_with(prefix));
    let shown = named.filter_map(|name| Some(bodies.reference(&name, &state.tip(&state.owner, &name)?)));
    Ok(call.page(state, path, shown.collect()))
}

fn make_ref(state: &mut State, call: &Call) -> Reply {
    call.needs(&["contents"], Access::Write)?;
    let owner = state.owner.clone();
    let (name, sha) = (call.required("Reference", "ref")?, call.required("Reference", "sha")?);
    let Some(branch) = name.strip_prefix("refs/heads/") else {
        return Err(refuse(422, "Reference name must start with 'refs/'."));
    };
    if state.tip(&owner, branch).is_some() {
        return Err(refuse(422, "Reference already exists"));
    }
    if state.commit_of(sha).is_none() {
        return Err(refuse(422, "Object does not exist"));
    }
    let base = state.tip(&owner, &state.default_branch);
    state.may_write_workflows(call, base.as_deref(), sha).map_err(|message| refuse(422, &message))?;
    state.may_move(&call.token.login, branch, Some(sha)).map_err(|message| refuse(422, &message))?;
    state.set_branch(&call.token.login, &owner, branch, Some(sha));
    Ok(Answer::json(201, Bodies::new(state, call).reference(branch, sha)))
}

fn move_ref(state: &mut State, call: &Call, branch: &str) -> Reply {
    call.needs(&["contents"], Access::Write)?;
    let owner = state.owner.clone();
    let old = state.tip(&owner, branch).ok_or_else(|| refuse(422, "Reference does not exist"))?;
    let sha = call.required("Reference", "sha")?;
    if state.commit_of(sha).is_none() {
        return Err(refuse(422, "Object does not exist"));
    }
    if call.body["force"] != json!(true) && !state.is_ancestor(&old, sha) {
        return Err(refuse(422, "Update is not a fast forward"));
    }
    state.may_write_workflows(call, Some(&old), sha).map_err(|message| refuse(422, &message))?;
    state.may_move(&call.token.login, branch, Some(sha)).map_err(|message| refuse(422, &message))?;
    state.set_branch(&call.token.login, &owner, branch, Some(sha));
    Ok(Answer::json(200, Bodies::new(state, call).reference(branch, sha)))
}

fn delete_ref(state: &mut State, call: &Call, branch: &str) -> Reply {
    call.needs(&["contents"], Access::Write)?;
    let owner = state.owner.clone();
    state.tip(&owner, branch).ok_or_else(|| refuse(422, "Reference does not exist"))?;
    state.may_move(&call.token.login, branch, None).map_err(|message| refuse(422, &message))?;
    state.set_branch(&call.token.login, &owner, branch, None);
    Ok(Answer::empty(204))
}

fn compare(state: &State, call: &Call, pair: &str) -> Reply {
    let (base, head) = pair.split_once("...").ok_or_else(not_found)?;
    let (base, head) = (state.resolve(base).ok_or_else(not_found)?, state.resolve(head).ok_or_else(not_found)?);
    // Who asks for no page gets the oldest 250 commits.
    let number = |name: &str| call.parameter(name).and_then(|n| n.parse::<usize>().ok()).map(|n| n.max(1));
    let size = match (number("page"), number("per_page")) {
        (None, None) => 250,
        (_, size) => size.unwrap_or(30).min(100).min(state.page),
    };
    let body = Bodies::new(state, call).comparison(&base, &head, (number("page").unwrap_or(1), size));
    body.map(|body| Answer::json(200, body)).ok_or_else(not_found)
}

fn tree(state: &State, call: &Call, rev: &str) -> Reply {
    let commit = state.resolve(rev).and_then(|sha| Some(state.commit_of(&sha)?.tree_id()));
    let id = commit.or_else(|| Oid::from_str(rev).ok()).ok_or_else(not_found)?;
    let body = Bodies::new(state, call).tree(id, call.parameter("recursive").is_some());
    body.map(|body| Answer::json(200, body)).ok_or_else(not_found)
}

fn make_tree(state: &mut State, call: &Call) -> Reply {
    call.needs(&["contents"], Access::Write)?;
    let mut changes = Vec::new();
    for entry in call.body["tree"].as_array().ok_or_else(|| invalid("Tree", "tree", "tree wasn't supplied"))? {
        let path = entry["path"].as_str().ok_or_else(|| refuse(422, "tree.path wasn't supplied"))?;
        let mode = match entry["mode"].as_str() {
            Some("100755") => FileMode::BlobExecutable,
            Some("120000") => FileMode::Link,
            Some("040000") => FileMode::Tree,
            _ => FileMode::Blob,
        };
        let to = match (entry["content"].as_str(), &entry["sha"]) {
            (Some(content), _) => Some(state.git.blob(content.as_bytes()).unwrap()),
            (None, Value::String(sha)) => {
                let id = Oid::from_str(sha).ok().filter(|id| state.git.odb().unwrap().exists(*id));
                Some(id.ok_or_else(|| refuse(422, &format!("tree.sha {sha} is not a valid object")))?)
            }
            // `null` deletes; without both the entry is malformed.
            (None, Value::Null) if entry.get("sha").is_some() => None,
            _ => return Err(refuse(422, "Must supply either tree.sha or tree.content.")),
        };
        changes.push((path.to_owned(), to.map(|id| (id, mode))));
    }
    let base = match call.text("base_tree") {
        Some(sha) => Some(base_tree(state, sha).ok_or_else(not_found)?),
        None => None,
    };
    let base = base.map(|id| state.git.find_tree(id).unwrap());
    let id = state.tree_with(base.as_ref(), &changes).map_err(|message| refuse(422, &message))?;
    Ok(Answer::json(201, Bodies::new(state, call).tree(id, false).unwrap()))
}

/// A tree by its own id or that of a commit.
fn base_tree(state: &State, sha: &str) -> Option<Oid> {
    let commit = state.commit_of(sha).map(|commit| commit.tree_id());
    commit.or_else(|| state.git.find_tree(Oid::from_str(sha).ok()?).ok().map(|tree| tree.id()))
}

fn blob(state: &State, call: &Call, sha: &str) -> Reply {
    let blob = Oid::from_str(sha).ok().and_then(|id| state.git.find_blob(id).ok()).ok_or_else(not_found)?;
    // GitHub breaks the base64 into lines.
    let mut content = String::new();
    for (at, c) in STANDARD.encode(blob.content()).chars().enumerate() {
        if at > 0 && at % 60 == 0 {
            content.push('\n');
        }
        content.push(c);
    }
    content.push('\n');
    let url = Bodies::new(state, call).api(&format!("/git/blobs/{sha}"));
    Ok(Answer::json(
        200,
        json!({
            "sha": sha, "node_id": format!("B_{sha}"), "url": url, "size": blob.size(), "content": content,
            "encoding": "base64",
        }),
    ))
}

fn make_blob(state: &State, call: &Call) -> Reply {
    call.needs(&["contents"], Access::Write)?;
    let content = call.required("Blob", "content")?;
    let content = match call.text("encoding") {
        Some("base64") => {
            STANDARD.decode(content.replace('\n', "")).map_err(|_| refuse(422, "content is not valid Base64"))?
        }
        _ => content.as_bytes().to_vec(),
    };
    let sha = state.git.blob(&content).unwrap().to_string();
    let url = Bodies::new(state, call).api(&format!("/git/blobs/{sha}"));
    Ok(Answer::json(201, json!({ "sha": sha, "url": url })))
}

fn make_commit(state: &mut State, call: &Call) -> Reply {
    call.needs(&["contents"], Access::Write)?;
    let (message, tree) = (call.required("Commit", "message")?, call.required("Commit", "tree")?);
    let tree = Oid::from_str(tree).ok().filter(|id| state.git.find_tree(*id).is_ok());
    let tree = tree.ok_or_else(|| refuse(422, "Tree SHA does not exist"))?;
    let parents = call.texts("parents");
    if parents.iter().any(|sha| state.commit_of(sha).is_none()) {
        return Err(refuse(422, "Parent SHA does not exist or is not a commit object"));
    }
    let login = call.token.login.clone();
    let given = call.body["author"]["email"].as_str().and_then(super::super::git::login_of);
    let author = given.clone().unwrap_or_else(|| login.clone());
    let sha = state.write_commit(tree, &parents, &author, &author, message);
    // Only commits of bots and Apps without an author of their own are signed.
    if call.token.kind != Kind::User && call.body.get("author").is_none() && call.body.get("committer").is_none() {
        state.signed.insert(sha.clone());
    }
    Ok(Answer::json(201, Bodies::new(state, call).git_commit(&sha)))
}

fn pulls_of(state: &State, call: &Call, path: &[&str], sha: &str) -> Reply {
    if state.commit_of(sha).is_none() {
        return Err(refuse(422, &format!("No commit found for SHA: {sha}")));
    }
    let bodies = Bodies::new(state, call);
    let holds = |p: &&super::super::state::Pull| p.head_sha == sha || state.pull_commits(p).iter().any(|c| c == sha);
    let pulls = state.pulls.values().filter(holds).map(|p| bodies.pull_simple(p)).collect();
    Ok(call.page(state, path, pulls))
}

impl State {
    /// Err: the sentence with which GitHub refuses workflow files of a token without that right.
    pub fn may_write_workflows(&self, call: &Call, old: Option<&str>, new: &str) -> Result<(), String> {
        if call.token.may("workflows", Access::Write) {
            return Ok(());
        }
        let Some(base) = old.and_then(|old| self.merge_base(old, new)) else { return Ok(()) };
        let protected = |path: &str| path.starts_with(".github/workflows/");
        match self.changed(&base, new).iter().find(|file| protected(&file.path)) {
            Some(file) => Err(format!(
                "refusing to allow a GitHub App to create or update workflow `{}` without `workflows` permission",
                file.path
            )),
            None => Ok(()),
        }
    }
}
