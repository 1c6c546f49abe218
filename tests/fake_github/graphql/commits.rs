//! Commits in GraphQL, with their suites, check runs, statuses and signatures.

use git2::{Oid, Sort};
use serde_json::{Value, json};

use super::super::bodies::time;
use super::super::state::{CheckRun, Pull};
use super::nodes::actor;
use super::{COMMIT, LIST, PULL, Run};

impl Run<'_> {
    pub(super) fn commit(&self, sha: &str) -> Value {
        let Some(commit) = self.state.commit_of(sha) else { return Value::Null };
        let contexts: Vec<Value> = self
            .state
            .latest_statuses(sha)
            .into_iter()
            .map(|status| {
                json!({
                    "__typename": "StatusContext", "id": format!("SC_{}", status.id), "context": status.context,
                    "state": status.state.to_uppercase(), "description": status.description,
                    "targetUrl": status.target_url, "creator": actor(&status.creator),
                })
            })
            .collect();
        let status = (!contexts.is_empty()).then(|| {
            let state = self.bodies().combined_status(sha)["state"].as_str().unwrap().to_uppercase();
            json!({ "__typename": "Status", "state": state, "contexts": contexts })
        });
        let message = commit.message().unwrap();
        let author = super::super::git::login_of(commit.author().email().unwrap());
        json!({
            "__typename": "Commit", "id": format!("C_{sha}"), "oid": sha, "message": message,
            "messageHeadline": message.lines().next(),
            "author": {
                "__typename": "GitActor", "name": commit.author().name().unwrap(),
                "email": commit.author().email().unwrap(), "user": author.as_deref().map(actor),
            },
            "status": status, "checkSuites": { LIST: self.suites(sha) },
            "committer": self.git_actor(&commit.committer()), "authors": { LIST: [self.git_actor(&commit.author())] },
            "authoredByCommitter": commit.author().email().ok() == commit.committer().email().ok(),
            "committedViaWeb": commit.committer().email().ok() == Some("noreply@github.com"),
            "committedDate": time(u64::try_from(commit.time().seconds()).unwrap_or(0)),
            "tree": { "__typename": "Tree", "oid": commit.tree_id().to_string() },
            "parents": { LIST: commit.parent_ids().map(|id| json!({ COMMIT: id.to_string() })).collect::<Vec<_>>() },
            "signature": self.signature(sha),
        })
    }

    /// The commits that lead to a commit, itself among them, as `git log` lists them.
    pub(super) fn history(&self, of: &Value) -> Value {
        let mut walk = self.state.git.revwalk().unwrap();
        walk.set_sorting(Sort::TIME | Sort::TOPOLOGICAL).unwrap();
        walk.push(Oid::from_str(of["oid"].as_str().unwrap()).unwrap()).unwrap();
        json!({ LIST: walk.map(|id| json!({ COMMIT: id.unwrap().to_string() })).collect::<Vec<_>>() })
    }

    /// What is at a path of a commit; null where nothing is.
    pub(super) fn file(&self, of: &Value, arguments: &Value) -> Value {
        let commit = self.state.commit_of(of["oid"].as_str().unwrap()).unwrap();
        let path = arguments["path"].as_str().unwrap_or("");
        let entry = commit.tree().unwrap().get_path(std::path::Path::new(path));
        entry.map_or(Value::Null, |entry| {
            json!({ "__typename": "TreeEntry", "mode": entry.filemode(), "oid": entry.id().to_string(), "path": path })
        })
    }

    /// The pull requests that a commit came by, or would come by.
    pub(super) fn associated(&self, of: &Value) -> Value {
        let sha = of["oid"].as_str().unwrap();
        let brings = |pull: &&Pull| {
            let merge = pull.merge_commit.as_deref() == Some(sha) || pull.landed.iter().any(|landed| landed == sha);
            (pull.merged && merge)
                || ((pull.open || pull.merged) && self.state.pull_commits(pull).iter().any(|c| c == sha))
        };
        let pulls = self.state.pulls.values().filter(brings);
        json!({ LIST: pulls.map(|pull| json!({ PULL: pull.number })).collect::<Vec<_>>() })
    }

    fn git_actor(&self, who: &git2::Signature<'_>) -> Value {
        let login = super::super::git::login_of(who.email().unwrap());
        json!({
            "__typename": "GitActor", "name": who.name().unwrap(), "email": who.email().unwrap(),
            "user": login.as_deref().filter(|login| self.state.knows(login)).map(actor),
        })
    }

    /// Only GitHub signs here; what clients push is not signed.
    fn signature(&self, sha: &str) -> Value {
        if !self.state.signed.contains(sha) {
            return Value::Null;
        }
        json!({
            "__typename": "GpgSignature", "isValid": true, "state": "VALID", "wasSignedByGitHub": true,
            "signer": actor("web-flow"), "verifiedAt": time(1_790_000_000),
        })
    }

    /// Who pushed a commit to a branch. What an app pushed has no person.
    fn push_of(&self, sha: &str) -> Value {
        let mut pushes = self.state.activity.iter().filter(|a| a.after == sha && !a.actor.ends_with("[bot]"));
        pushes.next_back().map_or(Value::Null, |push| {
            json!({
                "__typename": "Push", "id": format!("PU_{}", push.id), "pusher": actor(&push.actor), "previousSha": push.before,
                "nextSha": push.after,
            })
        })
    }

    /// All runs of an app at a commit are one suite.
    fn suites(&self, sha: &str) -> Vec<Value> {
        let runs = self.state.checks_at(sha);
        let mut apps: Vec<&str> = Vec::new();
        for run in &runs {
            if !apps.contains(&run.app.as_str()) {
                apps.push(&run.app);
            }
        }
        let suite = |app: &str| {
            let of = runs.iter().filter(|run| run.app == app);
            let id = runs.iter().find(|run| run.app == app).map(|run| self.bodies().suite(run));
            json!({
                "__typename": "CheckSuite", "id": format!("CS_{}", id.unwrap_or(0)), "databaseId": id,
                "app": { "__typename": "App", "slug": app, "name": app, "databaseId": self.state.app_id(app) },
                "push": self.push_of(sha),
                "checkRuns": { LIST: of.map(|run| check_run(run)).collect::<Vec<_>>() },
            })
        };
        apps.into_iter().map(suite).collect()
    }
}

fn check_run(run: &CheckRun) -> Value {
    json!({
        "__typename": "CheckRun", "id": format!("CR_{}", run.id), "databaseId": run.id, "name": run.name,
        "status": run.status.to_uppercase(), "conclusion": run.conclusion.as_ref().map(|c| c.to_uppercase()),
        "title": run.title, "summary": run.summary, "text": run.text, "externalId": run.external_id,
        "startedAt": time(run.started), "completedAt": run.completed.map(time), "detailsUrl": run.details_url,
    })
}
