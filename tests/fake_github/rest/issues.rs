//! Comments, labels and reactions.

use serde_json::Value;

use super::super::bodies::Bodies;
use super::super::http::Answer;
use super::super::serve::Call;
use super::super::state::{Comment, Issue, Label, Reaction, State};
use super::super::token::Access;
use super::{Reply, invalid, not_found, refuse};

/// The longest text of a comment, issue or pull request.
pub(super) const LONGEST_BODY: usize = 65_536;

/// Either permission opens what pull requests share with issues.
const TALK: [&str; 2] = ["issues", "pull_requests"];

pub(super) fn route(state: &mut State, call: &Call, path: &[&str]) -> Option<Reply> {
    let number = |text: &str| text.parse::<u64>().unwrap_or(0);
    Some(match (call.method.as_str(), path) {
        ("GET", ["issues"]) => list_issues(state, call, path),
        ("POST", ["issues"]) => open_issue(state, call),
        ("PATCH", ["issues", n]) => edit_issue(state, call, number(n)),
        ("GET", ["issues", n, "comments"]) => list(state, call, path, number(n)),
        ("POST", ["issues", n, "comments"]) => add(state, call, number(n)),
        ("GET", ["issues", "comments", id]) => show(state, call, number(id)),
        // Some clients send POST, which GitHub takes as PATCH.
        ("PATCH" | "POST", ["issues", "comments", id]) => edit(state, call, number(id)),
        ("DELETE", ["issues", "comments", id]) => delete(state, call, number(id)),
        ("GET", ["issues", "comments", id, "reactions"]) => reactions(state, call, path, number(id)),
        ("POST", ["issues", "comments", id, "reactions"]) => react(state, call, number(id)),
        ("GET", ["issues", n, "labels"]) => labels_of(state, call, path, number(n)),
        ("POST", ["issues", n, "labels"]) => add_labels(state, call, number(n)),
        ("DELETE", ["issues", n, "labels", name]) => remove_label(state, call, number(n), name),
        ("GET", ["labels"]) => {
            let labels = state.labels.keys().map(|name| Bodies::new(state, call).label(name)).collect();
            Ok(call.page(state, path, labels))
        }
        ("POST", ["labels"]) => make_label(state, call),
        ("GET", ["labels", name]) => match state.labels.contains_key(*name) {
            true => Ok(Answer::json(200, Bodies::new(state, call).label(name))),
            false => Err(not_found()),
        },
        _ => return None,
    })
}

/// The text of a body, within the limit.
pub(super) fn body<'a>(call: &'a Call, resource: &str) -> Result<&'a str, Answer> {
    let body = call.required(resource, "body")?;
    match body.chars().count() {
        0 => Err(invalid(resource, "body", "body can't be blank")),
        n if n > LONGEST_BODY => Err(invalid(resource, "body", "body is too long (maximum is 65536 characters)")),
        _ => Ok(body),
    }
}

/// Issues alone: none of the tests' lists needs the pull requests among them.
fn list_issues(state: &State, call: &Call, path: &[&str]) -> Reply {
    call.needs(&["issues"], Access::Read)?;
    let creator = call.parameter("creator");
    let bodies = Bodies::new(state, call);
    let own = state.issues.values().filter(|issue| creator.is_none_or(|login| issue.author == login));
    Ok(call.page(state, path, own.map(|issue| bodies.issue(issue)).collect()))
}

fn open_issue(state: &mut State, call: &Call) -> Reply {
    call.needs(&["issues"], Access::Write)?;
    let (title, body) = (call.required("Issue", "title")?.to_owned(), body(call, "Issue")?.to_owned());
    let (number, now) = (state.next_number(), state.tick());
    let issue = Issue { number, author: call.token.login.clone(), title, body, created: now, updated: now };
    let shown = Bodies::new(state, call).issue(&issue);
    state.issues.insert(number, issue);
    Ok(Answer::json(201, shown))
}

fn edit_issue(state: &mut State, call: &Call, number: u64) -> Reply {
    call.needs(&["issues"], Access::Write)?;
    let mut issue = state.issues.get(&number).cloned().ok_or_else(not_found)?;
    issue.body = body(call, "Issue")?.to_owned();
    issue.title = call.required("Issue", "title")?.to_owned();
    issue.updated = state.tick();
    let shown = Bodies::new(state, call).issue(&issue);
    state.issues.insert(number, issue);
    Ok(Answer::json(200, shown))
}

fn list(state: &State, call: &Call, path: &[&str], issue: u64) -> Reply {
    call.needs(&TALK, Access::Read)?;
    state.pulls.get(&issue).ok_or_else(not_found)?;
    let bodies = Bodies::new(state, call);
    let comments = state.comments.values().filter(|c| c.issue == issue);
    Ok(call.page(state, path, comments.map(|c| bodies.comment(c)).collect()))
}

fn add(state: &mut State, call: &Call, issue: u64) -> Reply {
    call.needs(&TALK, Access::Write)?;
    state.pulls.get(&issue).ok_or_else(not_found)?;
    let body = body(call, "IssueComment")?.to_owned();
    let (id, now) = (state.id(), state.tick());
    let comment = Comment {
        id,
        issue,
        author: call.token.login.clone(),
        body,
        created: now,
        updated: now,
        editor: None,
        seen: state.seen(issue, None),
    };
    let shown = Bodies::new(state, call).comment(&comment);
    state.comments.insert(id, comment);
    Ok(Answer::json(201, shown))
}

fn show(state: &State, call: &Call, id: u64) -> Reply {
    call.needs(&TALK, Access::Read)?;
    let comment = state.comments.get(&id).ok_or_else(not_found)?;
    Ok(Answer::json(200, Bodies::new(state, call).comment(comment)))
}

fn edit(state: &mut State, call: &Call, id: u64) -> Reply {
    let mut comment = own(state, call, id)?;
    comment.body = body(call, "IssueComment")?.to_owned();
    comment.updated = state.tick();
    comment.editor = Some(call.token.login.clone());
    comment.seen = state.seen(comment.issue, None);
    let shown = Bodies::new(state, call).comment(&comment);
    state.comments.insert(id, comment);
    Ok(Answer::json(200, shown))
}

fn delete(state: &mut State, call: &Call, id: u64) -> Reply {
    own(state, call, id)?;
    state.comments.remove(&id);
    Ok(Answer::empty(204))
}

/// A comment that the token may change: its own, or any with write permission.
fn own(state: &State, call: &Call, id: u64) -> Result<Comment, Answer> {
    call.needs(&TALK, Access::Write)?;
    state.comments.get(&id).cloned().ok_or_else(not_found)
}

fn reactions(state: &State, call: &Call, path: &[&str], comment: u64) -> Reply {
    state.comments.get(&comment).ok_or_else(not_found)?;
    let bodies = Bodies::new(state, call);
    let reactions = state.reactions.iter().filter(|r| r.comment == comment);
    Ok(call.page(state, path, reactions.map(|r| bodies.reaction(r)).collect()))
}

/// The same reaction by the same account is there once: 200 instead of 201.
fn react(state: &mut State, call: &Call, comment: u64) -> Reply {
    call.needs(&TALK, Access::Write)?;
    state.comments.get(&comment).ok_or_else(not_found)?;
    let (user, content) = (call.token.login.clone(), call.required("Reaction", "content")?.to_owned());
    let known = ["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"];
    if !known.contains(&content.as_str()) {
        return Err(invalid("Reaction", "content", "content is not one of the reactions"));
    }
    let same = |r: &&Reaction| r.comment == comment && r.user == user && r.content == content;
    if let Some(reaction) = state.reactions.iter().find(same) {
        return Ok(Answer::json(200, Bodies::new(state, call).reaction(reaction)));
    }
    let (id, created) = (state.id(), state.tick());
    let reaction = Reaction { id, comment, user, content, created };
    let shown = Bodies::new(state, call).reaction(&reaction);
    state.reactions.push(reaction);
    Ok(Answer::json(201, shown))
}

fn shown_labels(state: &State, call: &Call, issue: u64) -> Vec<Value> {
    let bodies = Bodies::new(state, call);
    state.pulls[&issue].labels.iter().map(|name| bodies.label(name)).collect()
}

fn labels_of(state: &State, call: &Call, path: &[&str], issue: u64) -> Reply {
    call.needs(&TALK, Access::Read)?;
    state.pulls.get(&issue).ok_or_else(not_found)?;
    Ok(call.page(state, path, shown_labels(state, call, issue)))
}

/// Labels that are missing are made, as GitHub does.
fn add_labels(state: &mut State, call: &Call, issue: u64) -> Reply {
    call.needs(&TALK, Access::Write)?;
    state.pulls.get(&issue).ok_or_else(not_found)?;
    for name in call.texts("labels") {
        if name.chars().count() > 50 {
            return Err(invalid("Label", "name", "name is too long (maximum is 50 characters)"));
        }
        // Names of labels are the same in any case.
        let known = state.labels.keys().find(|known| known.eq_ignore_ascii_case(&name)).cloned();
        let name = known.unwrap_or(name);
        let id = state.id();
        let label = Label { id, color: "ededed".into(), description: None };
        state.labels.entry(name.clone()).or_insert(label);
        let labels = &mut state.pulls.get_mut(&issue).unwrap().labels;
        if !labels.contains(&name) {
            labels.push(name);
        }
    }
    state.touch(issue);
    Ok(Answer::json(200, Value::Array(shown_labels(state, call, issue))))
}

fn remove_label(state: &mut State, call: &Call, issue: u64, name: &str) -> Reply {
    call.needs(&TALK, Access::Write)?;
    let labels = &mut state.pulls.get_mut(&issue).ok_or_else(not_found)?.labels;
    let at = labels.iter().position(|l| l == name).ok_or_else(|| refuse(404, "Label does not exist"))?;
    labels.remove(at);
    Ok(Answer::json(200, Value::Array(shown_labels(state, call, issue))))
}

fn make_label(state: &mut State, call: &Call) -> Reply {
    call.needs(&TALK, Access::Write)?;
    let name = call.required("Label", "name")?.to_owned();
    let color = call.text("color").unwrap_or("ededed").to_owned();
    if state.labels.keys().any(|known| known.eq_ignore_ascii_case(&name)) {
        return Err(Answer::json(
            422,
            serde_json::json!({
                "message": "Validation Failed", "documentation_url": super::DOCS, "status": "422",
                "errors": [{ "resource": "Label", "code": "already_exists", "field": "name" }],
            }),
        ));
    }
    if color.len() != 6 || !color.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(invalid("Label", "color", "color is not 6 hex digits"));
    }
    let description = call.text("description").map(str::to_owned);
    if name.chars().count() > 50 || description.as_ref().is_some_and(|d| d.chars().count() > 100) {
        return Err(invalid("Label", "name", "name or description is too long"));
    }
    let id = state.id();
    state.labels.insert(name.clone(), Label { id, color, description });
    Ok(Answer::json(201, Bodies::new(state, call).label(&name)))
}
