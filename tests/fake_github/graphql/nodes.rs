//! The objects of GraphQL with all fields that are known. What is not selected is thrown away.

use serde_json::{Map, Value, json};

use super::super::bodies::time;
use super::super::state::{Comment, Happening, Pull, Review};
use super::{COMMIT, LIST, PULL, Run};

/// An account as GraphQL shows it: apps without the `[bot]` of REST.
pub(super) fn actor(login: &str) -> Value {
    match login.strip_suffix("[bot]") {
        Some(app) => json!({ "__typename": "Bot", "login": app }),
        None => json!({ "__typename": "User", "login": login }),
    }
}

impl Run<'_> {
    pub(super) fn root(&self) -> Map<String, Value> {
        let remaining = self.state.remaining;
        let root = json!({
            "__typename": "Query",
            // The viewer of an app's token has the name of REST.
            "viewer": { "__typename": "User", "login": self.call.token.login },
            "rateLimit": {
                "__typename": "RateLimit", "limit": 5000, "remaining": remaining, "used": 5000_u64.saturating_sub(remaining),
                "cost": 1, "resetAt": time(4_102_444_800),
            },
        });
        let Value::Object(root) = root else { return Map::new() };
        root
    }

    pub(super) fn repository(&self, arguments: &Value, path: &[Value]) -> Value {
        let state = self.state;
        if arguments["owner"] != json!(state.owner) || arguments["name"] != json!(state.name) {
            let wanted = format!("{}/{}", arguments["owner"], arguments["name"]).replace('"', "");
            return self.missing(
                "NOT_FOUND",
                &format!("Could not resolve to a Repository with the name '{wanted}'."),
                path,
            );
        }
        if !self.may_read("pull_requests") {
            // A list that must be there and cannot be read takes its parent with it.
            return self.forbidden(&[path, &[json!("pullRequests")]].concat());
        }
        let pulls = state
            .pulls
            .values()
            .map(|p| json!({ PULL: p.number, "state": standing(p), "createdAt": p.created, "updatedAt": p.updated }));
        json!({
            "__typename": "Repository", "id": self.bodies().repository_id(), "name": state.name,
            "nameWithOwner": state.full_name(), "owner": actor(&state.owner), "isPrivate": false,
            "defaultBranchRef": self.branch(&state.default_branch),
            "pullRequests": { LIST: pulls.collect::<Vec<_>>() },
        })
    }

    /// A branch of the repository; null where it is gone.
    fn branch(&self, name: &str) -> Value {
        match self.state.tip(&self.state.owner, name) {
            Some(sha) => json!({ "__typename": "Ref", "name": name, "target": { COMMIT: sha } }),
            None => Value::Null,
        }
    }

    pub(super) fn pull_by_number(&self, arguments: &Value, path: &[Value]) -> Value {
        let number = arguments["number"].as_u64().unwrap_or(0);
        match self.state.pulls.contains_key(&number) {
            true => json!({ PULL: number }),
            false => {
                let message = format!("Could not resolve to a PullRequest with the number of {number}.");
                self.missing("NOT_FOUND", &message, path)
            }
        }
    }

    pub(super) fn node(&self, arguments: &Value, path: &[Value]) -> Value {
        let id = arguments["id"].as_str().unwrap_or("");
        let number = id.strip_prefix("PR_").and_then(|n| n.parse::<u64>().ok());
        match number.filter(|n| self.state.pulls.contains_key(n)) {
            Some(number) => json!({ PULL: number }),
            None => {
                self.missing("NOT_FOUND", &format!("Could not resolve to a node with the global id of '{id}'"), path)
            }
        }
    }

    pub(super) fn pull(&self, pull: &Pull) -> Value {
        let state = self.state;
        let listed = state.pull_files(pull);
        let files: Vec<Value> = listed
            .iter()
            // GitHub ends the list there.
            .take(3000)
            .map(|file| {
                let kind = match file.status {
                    "added" => "ADDED",
                    "removed" => "DELETED",
                    "renamed" => "RENAMED",
                    _ => "MODIFIED",
                };
                json!({
                    "__typename": "PullRequestChangedFile", "path": file.path, "additions": file.additions,
                    "deletions": file.deletions, "changeType": kind,
                })
            })
            .collect();
        let comments = state.comments.values().filter(|c| c.issue == pull.number).map(comment);
        let reviews = state.reviews.iter().filter(|r| r.pull == pull.number).map(|r| self.review(r));
        let commits = state
            .pull_commits(pull)
            .into_iter()
            .map(|sha| json!({ "__typename": "PullRequestCommit", "commit": { COMMIT: sha } }));
        let labels = pull.labels.iter().map(|name| json!({ "__typename": "Label", "name": name }));
        let users = pull.asked_users.iter().map(|login| actor(login));
        let teams = pull.asked_teams.iter().map(|slug| json!({ "__typename": "Team", "slug": slug, "name": slug }));
        let asked = users.chain(teams).map(|who| json!({ "__typename": "ReviewRequest", "requestedReviewer": who }));
        let head = pull.head_owner.as_ref().map(|owner| {
            let full = format!("{owner}/{}", state.name);
            json!({ "__typename": "Repository", "nameWithOwner": full, "name": state.name, "owner": actor(owner) })
        });
        let automatic =
            pull.auto_merge.then(|| json!({ "__typename": "AutoMergeRequest", "enabledAt": time(pull.updated) }));
        let same = pull.head_owner.as_deref() == Some(&state.owner);
        let (mergeable, merge_state) = state.merge_state(pull);
        let timeline = state.timeline.iter().filter(|item| item.pull == pull.number).map(happening);
        // Where a push brought it, nobody asked for it.
        let merging = state.timeline.iter().rfind(|item| item.pull == pull.number && item.kind == "MergedEvent");
        let merged_at = pull.merged.then(|| time(merging.map_or(pull.updated, |item| item.at)));
        json!({
            "__typename": "PullRequest", "id": format!("PR_{}", pull.number), "number": pull.number, "title": pull.title,
            "body": pull.body, "state": standing(pull), "closed": !pull.open, "merged": pull.merged,
            "isDraft": pull.draft, "author": actor(&pull.author), "headRefName": pull.head_ref,
            "headRefOid": pull.head_sha, "headRepository": head, "isCrossRepository": !same,
            "headRef": if same { self.branch(&pull.head_ref) } else { Value::Null },
            "baseRefName": pull.base_ref, "baseRefOid": pull.base_sha, "baseRef": self.branch(&pull.base_ref),
            "autoMergeRequest": automatic, "isInMergeQueue": pull.queued,
            "mergeQueueEntry": pull.queued.then(|| self.queue_entry(pull)),
            "url": self.bodies().html(&format!("/pull/{}", pull.number)), "createdAt": time(pull.created),
            "updatedAt": time(pull.updated), "labels": { LIST: labels.collect::<Vec<_>>() },
            "reviewRequests": { LIST: asked.collect::<Vec<_>>() }, "changedFiles": listed.len(),
            "files": { LIST: files }, "comments": { LIST: comments.collect::<Vec<_>>() },
            "mergeable": mergeable, "mergeStateStatus": merge_state, "maintainerCanModify": pull.maintainer_can_modify,
            "mergedAt": merged_at, "mergedBy": merging.map(|item| actor(&item.actor)),
            "mergeCommit": pull.merge_commit.as_ref().map(|sha| json!({ COMMIT: sha })),
            "timelineItems": { LIST: timeline.collect::<Vec<_>>() },
            "reviews": { LIST: reviews.collect::<Vec<_>>() }, "commits": { LIST: commits.collect::<Vec<_>>() },
        })
    }

    /// The merge queue of a branch; null where it has none.
    pub(super) fn merge_queue(&self, arguments: &Value) -> Value {
        let branch = arguments["branch"].as_str().unwrap_or(&self.state.default_branch);
        let entries = self.state.queues.get(branch).into_iter().flatten();
        let mut entries: Vec<Value> = entries.map(|entry| self.queue_entry(&self.state.pulls[&entry.pull])).collect();
        // Those that a test has put there without a group.
        let grouped =
            |number: u64| self.state.queues.get(branch).is_some_and(|all| all.iter().any(|e| e.pull == number));
        let pulls = self.state.pulls.values().filter(|p| p.queued && p.base_ref == branch && !grouped(p.number));
        entries.extend(pulls.map(queue_entry));
        if self.state.rules_of(branch).queue.is_none() && entries.is_empty() {
            return Value::Null;
        }
        json!({ "__typename": "MergeQueue", "id": format!("MQ_{branch}"), "entries": { LIST: entries } })
    }

    fn queue_entry(&self, pull: &Pull) -> Value {
        let entries = self.state.queues.get(&pull.base_ref);
        let found = entries.and_then(|all| all.iter().enumerate().find(|(_, entry)| entry.pull == pull.number));
        let Some((at, entry)) = found else { return queue_entry(pull) };
        let rules = self.state.rules_of(&pull.base_ref);
        let green = self.state.unmet_checks(&rules, &entry.head).is_empty();
        json!({
            "__typename": "MergeQueueEntry", "id": format!("MQE_{}", pull.number), "position": at + 1,
            "state": if green { "MERGEABLE" } else { "AWAITING_CHECKS" }, "baseCommit": { COMMIT: entry.base },
            "headCommit": { COMMIT: entry.head }, "enqueuer": actor(&entry.enqueuer), "enqueuedAt": time(entry.at),
            "jump": false, "solo": false, "pullRequest": { PULL: pull.number },
        })
    }

    /// A ref by its name; null where there is none.
    pub(super) fn reference(&self, arguments: &Value) -> Value {
        let name = arguments["qualifiedName"].as_str().unwrap_or("");
        self.branch(name.strip_prefix("refs/heads/").unwrap_or(name))
    }

    /// A commit by its id, or by the name of its branch.
    pub(super) fn git_object(&self, arguments: &Value) -> Value {
        let named = arguments["oid"].as_str().or_else(|| arguments["expression"].as_str()).unwrap_or("");
        self.state.resolve(named).map_or(Value::Null, |sha| json!({ COMMIT: sha }))
    }

    fn review(&self, review: &Review) -> Value {
        json!({
            "__typename": "PullRequestReview", "id": format!("PRR_{}", review.id), "fullDatabaseId": review.id.to_string(),
            "state": review.state, "body": review.body, "author": actor(&review.author),
            "authorCanPushToRepository": self.state.may_push(&review.author),
            // One that is not submitted yet has no time.
            "submittedAt": (review.state != "PENDING").then(|| time(review.submitted)),
            "commit": { COMMIT: review.commit }, "databaseId": review.id,
            "lastEditedAt": review.edited.map(time),
        })
    }
}

/// `OPEN`, `CLOSED` or `MERGED`.
fn standing(pull: &Pull) -> &'static str {
    match (pull.open, pull.merged) {
        (true, _) => "OPEN",
        (_, true) => "MERGED",
        _ => "CLOSED",
    }
}

/// A place in the queue, of a pull request that a test has put there without a group.
pub(super) fn queue_entry(pull: &Pull) -> Value {
    json!({
        "__typename": "MergeQueueEntry", "id": format!("MQE_{}", pull.number), "position": 1, "state": "QUEUED",
        "baseCommit": null, "headCommit": null, "enqueuer": actor(&pull.author), "enqueuedAt": time(pull.updated),
        "jump": false, "solo": false, "pullRequest": { PULL: pull.number },
    })
}

/// An item of a timeline, with the fields of its type.
fn happening(item: &Happening) -> Value {
    let mut shown = json!({
        "__typename": item.kind, "id": format!("EV_{}", item.id), "actor": actor(&item.actor), "createdAt": time(item.at),
    });
    if let (Value::Object(all), Value::Object(fields)) = (&mut shown, item.fields.clone()) {
        all.extend(fields);
    }
    shown
}

fn comment(comment: &Comment) -> Value {
    json!({
        "__typename": "IssueComment", "id": format!("IC_{}", comment.id),
        "fullDatabaseId": comment.id.to_string(), "body": comment.body, "author": actor(&comment.author),
        "createdAt": time(comment.created), "updatedAt": time(comment.updated), "isMinimized": false,
        "lastEditedAt": comment.editor.as_ref().map(|_| time(comment.updated)), "editor": comment.editor.as_deref().map(actor),
        "includesCreatedEdit": comment.editor.is_some(), "databaseId": comment.id,
    })
}
