//! Writing commits: on a branch that others use, and on branches of the bot's own.

use super::client::ApiRequest;
use super::error::{GitHubError, said};
use super::limits::RetryPolicy;
use super::publish::{CONTENTS, Done, Publisher};
use super::read::refused;
use super::rest::segment;
use super::wire::{CommitObject, Envelope, GraphError, Object, Ref};
use crate::github::ids::CommitId;
use crate::github::plan::{CommitFiles, WriteBranch};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

const COMMIT: &str = include_str!("queries/commit.graphql");

impl Publisher {
    pub(super) async fn commit(&mut self, commit: &CommitFiles) -> Result<Done, GitHubError> {
        let CommitFiles { branch, expected, headline, body, files, executable } = commit;
        if !executable.is_empty() {
            return self.commit_with_modes(commit).await;
        }
        let additions: Vec<Value> =
            files.iter().map(|(path, text)| json!({ "path": path, "contents": STANDARD.encode(text) })).collect();
        let input = json!({
            "branch": { "repositoryNameWithOwner": self.client.repository(), "branchName": branch },
            "message": { "headline": headline, "body": body },
            "expectedHeadOid": expected,
            "fileChanges": { "additions": additions },
        });
        let what = format!("commit to the branch `{branch}`");
        let request = self.client.graph(COMMIT, &json!({ "input": input }), what, RetryPolicy::Once).needs(CONTENTS);
        let answer: Envelope = self.client.json(&request).await?;
        if let Some(error) = answer.errors.first() {
            return Err(self.not_committed(&request, branch, error));
        }
        let oid = answer.data.pointer("/createCommitOnBranch/commit/oid").and_then(Value::as_str);
        let made = oid.and_then(|oid| CommitId::parse(oid).ok());
        let made =
            made.ok_or_else(|| GitHubError::Malformed { what: request.what(), why: "it names no commit".to_owned() })?;
        self.committed = Some(made.clone());
        Ok(Done::Committed(made))
    }

    fn not_committed(&self, request: &ApiRequest, branch: &str, error: &GraphError) -> GitHubError {
        let why = said(&error.message, self.client.token());
        if error.kind == "STALE_DATA" || error.message.contains("Expected branch to point to") {
            return GitHubError::Moved { branch: branch.to_owned(), why };
        }
        if error.message.contains("`workflows` permission") {
            return GitHubError::Forbidden {
                what: request.what(),
                permission: Some("workflows: write".to_owned()),
                why,
            };
        }
        refused(request, error, self.client.token())
    }

    /// The same through git's own objects, since GraphQL makes every file a plain one. The head is read just before: moving a ref
    /// alone would bring commits back that somebody took away.
    async fn commit_with_modes(&mut self, commit: &CommitFiles) -> Result<Done, GitHubError> {
        let CommitFiles { branch, expected, headline, body, files, executable } = commit;
        let message = if body.is_empty() { headline.clone() } else { format!("{headline}\n\n{body}") };
        let change = Change { tree_of: expected, parents: vec![expected], message: &message, files, executable };
        let made = self.unreferenced(branch, &change).await?;
        let request =
            self.client.get(&format!("git/ref/heads/{}", segment(branch)), format!("read the branch `{branch}`"));
        let head = self.client.json::<Ref>(&request).await?.object.sha;
        if head != *expected {
            return Err(GitHubError::Moved { branch: branch.clone(), why: format!("it is at {head}") });
        }
        self.point(branch, true, made).await
    }

    pub(super) async fn branch(&mut self, written: &WriteBranch) -> Result<Done, GitHubError> {
        let WriteBranch { branch, head, base, message, files, executable } = written;
        let parents = head.iter().filter(|head| *head != base).chain([base]).collect();
        let made = self.unreferenced(branch, &Change { tree_of: base, parents, message, files, executable }).await?;
        self.point(branch, head.is_some(), made).await
    }

    /// Makes a commit that no branch holds yet.
    async fn unreferenced(&self, branch: &str, change: &Change<'_>) -> Result<CommitId, GitHubError> {
        let Change { tree_of, parents, message, files, executable } = change;
        #[derive(Deserialize)]
        struct Commit {
            tree: Object,
        }
        let client = &self.client;
        let read = client.get(&format!("git/commits/{tree_of}"), format!("read the commit {tree_of}"));
        let base_tree = client.json::<Commit>(&read).await?.tree.sha;
        let entry = |(path, text): &(String, String)| {
            let mode = if executable.contains(path) { "100755" } else { "100644" };
            json!({ "path": path, "mode": mode, "type": "blob", "content": text })
        };
        let entries: Vec<Value> = files.iter().map(entry).collect();
        let what = || format!("commit to the branch `{branch}`");
        let body = json!({ "base_tree": base_tree, "tree": entries });
        let tree: Object = client.json(&client.post("git/trees", body, what()).needs(CONTENTS).idempotent()).await?;
        let body = json!({ "message": message, "tree": tree.sha, "parents": parents });
        // A commit that no branch holds is nothing to anybody.
        let made: CommitObject =
            client.json(&client.post("git/commits", body, what()).needs(CONTENTS).idempotent()).await?;
        Ok(made.sha)
    }

    /// Lets a branch, which is made where it is not there, point to a commit that holds its head.
    async fn point(&mut self, branch: &str, is_there: bool, made: CommitId) -> Result<Done, GitHubError> {
        let (client, what) = (&self.client, format!("commit to the branch `{branch}`"));
        let request = if is_there {
            client.patch(&format!("git/refs/heads/{}", segment(branch)), json!({ "sha": made, "force": false }), what)
        } else {
            client.post("git/refs", json!({ "ref": format!("refs/heads/{branch}"), "sha": made }), what)
        };
        match client.send(&request.needs(CONTENTS)).await {
            Ok(_) => {
                self.committed = Some(made.clone());
                Ok(Done::Committed(made))
            }
            Err(GitHubError::Rejected { status: 422, message: why, .. }) if is_move(&why) => {
                Err(GitHubError::Moved { branch: branch.to_owned(), why })
            }
            Err(GitHubError::NotFound { .. }) if is_there => {
                Err(GitHubError::Moved { branch: branch.to_owned(), why: "it is gone".to_owned() })
            }
            Err(error) => Err(error),
        }
    }
}

/// A commit to be made.
struct Change<'a> {
    /// The commit whose tree is changed.
    tree_of: &'a CommitId,
    parents: Vec<&'a CommitId>,
    message: &'a str,
    files: &'a [(String, String)],
    /// Those of the files that are executable.
    executable: &'a [String],
}

/// Returns whether GitHub refuses a ref because it is not where it was: "Update is not a fast forward", "Reference
/// already exists", "Reference does not exist".
fn is_move(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("fast forward") || message.contains("fast-forward") || message.contains("reference")
}
