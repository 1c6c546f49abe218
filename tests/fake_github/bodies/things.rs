//! Bodies of pull requests, comments, reviews, check runs, statuses and labels.

use serde_json::{Map, Value, json};

use super::super::state::{CheckRun, Comment, Issue, Pull, Reaction, Review, Status};
use super::{Bodies, merged, time, user_id};

impl Bodies<'_> {
    pub fn comment(&self, comment: &Comment) -> Value {
        let (id, issue) = (comment.id, comment.issue);
        json!({
            "id": id, "node_id": format!("IC_{id}"), "url": self.api(&format!("/issues/comments/{id}")),
            "html_url": self.html(&format!("/pull/{issue}#issuecomment-{id}")), "body": comment.body,
            "issue_url": self.api(&format!("/issues/{issue}")), "user": self.user(&comment.author),
            "created_at": time(comment.created), "updated_at": time(comment.updated),
            "author_association": self.association(&comment.author),
        })
    }

    pub fn issue(&self, issue: &Issue) -> Value {
        let n = issue.number;
        let api = self.api(&format!("/issues/{n}"));
        json!({
            "id": 700_000 + n, "node_id": format!("I_{n}"), "number": n, "title": issue.title, "body": issue.body, "state": "open",
            "url": api, "repository_url": self.api(""), "labels_url": format!("{api}/labels{{/name}}"),
            "comments_url": format!("{api}/comments"), "events_url": format!("{api}/events"),
            "html_url": self.html(&format!("/issues/{n}")), "user": self.user(&issue.author), "labels": [], "assignee": null,
            "assignees": [], "milestone": null, "locked": false, "comments": 0, "closed_at": null,
            "created_at": time(issue.created), "updated_at": time(issue.updated),
            "author_association": self.association(&issue.author),
        })
    }

    pub fn reaction(&self, reaction: &Reaction) -> Value {
        json!({
            "id": reaction.id, "node_id": format!("REA_{}", reaction.id), "user": self.user(&reaction.user),
            "content": reaction.content, "created_at": time(reaction.created),
        })
    }

    pub fn label(&self, name: &str) -> Value {
        let label = &self.state.labels[name];
        let url = self.api(&format!("/labels/{}", name.replace(' ', "%20")));
        json!({
            "id": label.id, "node_id": format!("LA_{}", label.id), "url": url, "name": name, "color": label.color,
            "default": false, "description": label.description,
        })
    }

    /// What lists show of a pull request.
    pub fn pull_simple(&self, pull: &Pull) -> Value {
        let n = pull.number;
        let (api, html) = (self.api(&format!("/pulls/{n}")), self.html(&format!("/pull/{n}")));
        let issue = self.api(&format!("/issues/{n}"));
        let links = [
            ("self", "url", api.clone()),
            ("html", "html_url", html.clone()),
            ("issue", "issue_url", issue.clone()),
            ("comments", "comments_url", format!("{issue}/comments")),
            ("review_comments", "review_comments_url", format!("{api}/comments")),
            ("review_comment", "review_comment_url", self.api("/pulls/comments{/number}")),
            ("commits", "commits_url", format!("{api}/commits")),
            ("statuses", "statuses_url", self.api(&format!("/statuses/{}", pull.head_sha))),
        ];
        let mut body = Map::new();
        let mut under_links = Map::new();
        for (short, field, address) in links {
            under_links.insert(short.into(), json!({ "href": address }));
            body.insert(field.into(), json!(address));
        }
        let closed = (!pull.open).then(|| time(pull.updated));
        let auto_merge = pull.auto_merge.then(|| {
            json!({ "enabled_by": self.user(&self.state.owner), "merge_method": "squash", "commit_title": pull.title, "commit_message": "" })
        });
        let team = |slug: &String| self.team(slug);
        let rest = json!({
            "_links": under_links, "diff_url": format!("{html}.diff"), "patch_url": format!("{html}.patch"), "number": n,
            "id": 50_000 + n, "node_id": format!("PR_{n}"), "state": if pull.open { "open" } else { "closed" },
            "locked": false, "title": pull.title, "body": pull.body, "user": self.user(&pull.author), "draft": pull.draft,
            "created_at": time(pull.created), "updated_at": time(pull.updated), "closed_at": closed,
            "merged_at": closed.as_ref().filter(|_| pull.merged), "merge_commit_sha": pull.merge_commit,
            "assignee": null, "assignees": [], "milestone": null, "auto_merge": auto_merge,
            "author_association": self.association(&pull.author),
            "labels": pull.labels.iter().map(|l| self.label(l)).collect::<Vec<_>>(),
            "requested_reviewers": pull.asked_users.iter().map(|u| self.user(u)).collect::<Vec<_>>(),
            "requested_teams": pull.asked_teams.iter().map(team).collect::<Vec<_>>(),
            "base": self.end(Some(&self.state.owner), &pull.base_ref, &pull.base_sha),
            "head": self.end(pull.head_owner.as_deref(), &pull.head_ref, &pull.head_sha),
        });
        merged(body, rest)
    }

    /// One pull request in full.
    pub fn pull(&self, pull: &Pull) -> Value {
        let Value::Object(body) = self.pull_simple(pull) else { return Value::Null };
        let files = self.state.pull_files(pull);
        let comments = self.state.comments.values().filter(|c| c.issue == pull.number).count();
        let (mergeable, state) = self.state.merge_state(pull);
        let mergeable = match mergeable {
            "MERGEABLE" => json!(true),
            "CONFLICTING" => json!(false),
            _ => Value::Null,
        };
        let rest = json!({
            "additions": files.iter().map(|f| f.additions).sum::<usize>(),
            "deletions": files.iter().map(|f| f.deletions).sum::<usize>(),
            "changed_files": files.len(), "comments": comments, "review_comments": 0,
            "commits": self.state.pull_commits(pull).len(), "mergeable": mergeable, "mergeable_state": state.to_lowercase(),
            "merged": pull.merged, "maintainer_can_modify": pull.maintainer_can_modify, "merged_by": null, "rebaseable": true,
        });
        merged(body, rest)
    }

    /// An end of a pull request: a branch of the repository or of a fork.
    fn end(&self, owner: Option<&str>, branch: &str, sha: &str) -> Value {
        let label = format!("{}:{branch}", owner.unwrap_or("unknown"));
        let user = owner.map(|owner| self.user(owner));
        let repository = owner.map(|owner| self.repository(owner));
        json!({ "label": label, "ref": branch, "sha": sha, "user": user, "repo": repository })
    }

    fn team(&self, slug: &str) -> Value {
        let id = user_id(slug);
        let api = format!("{}/organizations/1/team/{id}", self.api("").split("/repos/").next().unwrap());
        json!({
            "id": id, "node_id": format!("T_{id}"), "name": slug, "slug": slug, "description": null, "privacy": "closed",
            "permission": "push", "url": api, "members_url": format!("{api}/members{{/member}}"),
            "repositories_url": format!("{api}/repos"), "parent": null, "type": "organization",
            "html_url": format!("https://github.com/orgs/{}/teams/{slug}", self.state.owner),
        })
    }

    pub fn review(&self, review: &Review) -> Value {
        let html = self.html(&format!("/pull/{}#pullrequestreview-{}", review.pull, review.id));
        let pull = self.api(&format!("/pulls/{}", review.pull));
        json!({
            "id": review.id, "node_id": format!("PRR_{}", review.id), "user": self.user(&review.author),
            "body": review.body, "state": review.state, "commit_id": review.commit, "html_url": html,
            "pull_request_url": pull, "_links": { "html": { "href": html }, "pull_request": { "href": pull } },
            "author_association": self.association(&review.author), "submitted_at": time(review.submitted),
        })
    }

    pub fn check_run(&self, run: &CheckRun) -> Value {
        let url = self.api(&format!("/check-runs/{}", run.id));
        let html = self.html(&format!("/runs/{}", run.id));
        let pulls = self.state.pulls.values().filter(|p| p.open && p.head_sha == run.sha);
        json!({
            "id": run.id, "node_id": format!("CR_{}", run.id), "head_sha": run.sha, "name": run.name, "url": url,
            "html_url": html, "details_url": run.details_url.as_ref().unwrap_or(&html), "status": run.status,
            "conclusion": run.conclusion, "started_at": time(run.started), "completed_at": run.completed.map(time),
            "external_id": run.external_id, "check_suite": { "id": self.suite(run) },
            "output": {
                "title": run.title, "summary": run.summary, "text": run.text,
                "annotations_count": run.annotations.len(), "annotations_url": format!("{url}/annotations"),
            },
            "app": self.app(&run.app), "pull_requests": pulls.map(|p| self.pull_minimal(p)).collect::<Vec<_>>(),
        })
    }

    /// All runs of an app at a commit are one suite.
    pub fn suite(&self, run: &CheckRun) -> u64 {
        user_id(&format!("{}{}", run.app, run.sha))
    }

    fn pull_minimal(&self, pull: &Pull) -> Value {
        let end = |owner: &str, branch: &str, sha: &str| {
            let full = format!("{owner}/{}", self.state.name);
            json!({ "ref": branch, "sha": sha, "repo": { "id": user_id(&full), "url": self.api(""), "name": self.state.name } })
        };
        let owner = pull.head_owner.as_deref().unwrap_or("unknown");
        json!({
            "id": 50_000 + pull.number, "number": pull.number, "url": self.api(&format!("/pulls/{}", pull.number)),
            "head": end(owner, &pull.head_ref, &pull.head_sha),
            "base": end(&self.state.owner, &pull.base_ref, &pull.base_sha),
        })
    }

    pub fn app(&self, slug: &str) -> Value {
        let id = self.state.app_id(slug);
        json!({
            "id": id, "slug": slug, "node_id": format!("A_{id}"), "owner": self.user("github"), "name": slug,
            "description": "", "external_url": "https://example.com", "html_url": format!("https://github.com/apps/{slug}"),
            "created_at": time(1_790_000_000), "updated_at": time(1_790_000_000), "permissions": { "checks": "write" },
            "events": [],
        })
    }

    /// A status with its creator; the combined answer leaves the creator out.
    pub fn status(&self, status: &Status) -> Value {
        json!({
            "url": self.api(&format!("/statuses/{}", status.sha)), "avatar_url": "https://avatars.githubusercontent.com/u/1",
            "id": status.id, "node_id": format!("SC_{}", status.id), "state": status.state, "context": status.context,
            "description": status.description, "target_url": status.target_url, "created_at": time(status.created),
            "updated_at": time(status.created), "creator": self.user(&status.creator),
        })
    }

    pub fn combined_status(&self, sha: &str) -> Value {
        let latest = self.state.latest_statuses(sha);
        let has = |state: &str| latest.iter().any(|s| s.state == state);
        let state = match () {
            () if has("failure") || has("error") => "failure",
            () if has("pending") || latest.is_empty() => "pending",
            () => "success",
        };
        json!({
            "state": state, "sha": sha, "total_count": latest.len(), "repository": self.repository(&self.state.owner),
            "statuses": latest.iter().map(|s| self.status(s)).collect::<Vec<_>>(),
            "commit_url": self.api(&format!("/commits/{sha}")), "url": self.api(&format!("/commits/{sha}/status")),
        })
    }

    /// What somebody may do, with the wider name that older clients know.
    pub fn permission(&self, login: &str) -> Value {
        let role = self.state.permission(login);
        let permission = match role {
            "maintain" => "write",
            "triage" => "read",
            other => other,
        };
        let mut user = self.user(login);
        user["role_name"] = json!(role);
        user["permissions"] = json!({
            "admin": role == "admin", "maintain": matches!(role, "admin" | "maintain"),
            "push": self.state.may_push(login), "triage": role != "none" && role != "read", "pull": role != "none",
        });
        json!({ "permission": permission, "role_name": role, "user": user })
    }
}
