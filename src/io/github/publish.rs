//! Writing: applies the actions of a plan, and decides nothing.

use super::client::{Client, now};
use super::error::GitHubError;
use super::limits::RetryPolicy;
use super::read::refused;
use super::rest::{malformed, pull_of_branch, segment, value};
use super::wire::{Envelope, Numbered};
use crate::github::ids::{CheckRunId, CommitId, Moment, PullNumber};
use crate::github::plan::{
    Action, AddLabel, Annotation, At, ClosePull, DeleteComment, EditPull, OpenPull, React, RequestReviews,
    SubmitDependencies, WriteCheck, WriteComment, WriteStatus,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;

const AUTO_MERGE_OFF: &str = include_str!("queries/auto_merge_off.graphql");
const DEQUEUE: &str = include_str!("queries/dequeue.graphql");
const DRAFT: &str = include_str!("queries/draft.graphql");

/// The maximum number of annotations that a request may carry: GitHub's "Create a check run".
const ANNOTATIONS: usize = 50;

const CHECKS: &str = "checks: write";
pub(super) const CONTENTS: &str = "contents: write";
const ISSUES: &str = "issues: write";
const PULLS: &str = "pull-requests: write";
const STATUSES: &str = "statuses: write";

/// The result of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It is done, and there is nothing to report; or there was nothing to do.
    Nothing,
    /// The new head of the branch.
    Committed(CommitId),
    /// The check run that was written, and its commit.
    Checked(CommitId, CheckRunId),
    /// The number of the pull request.
    Opened(PullNumber),
    /// It could not be done, and the rest of the plan can: a sentence that says why.
    Missing(String),
}

/// The only type that writes to GitHub.
#[derive(Debug)]
pub struct Publisher {
    pub(super) client: Arc<Client>,
    /// The last commit that it made.
    pub(super) committed: Option<CommitId>,
    /// Labels that the repository has.
    labels: HashSet<String>,
}

impl Publisher {
    pub(super) fn new(client: Arc<Client>) -> Self {
        Self { client, committed: None, labels: HashSet::new() }
    }

    /// Does one action of a plan. [`At::Committed`] is the last commit or branch that this publisher made.
    ///
    /// # Errors
    /// [`GitHubError::Moved`] when a branch is not where the plan expects it; else as GitHub answers. An action that fails
    /// half-way (a closed pull request whose branch could not be deleted) is finished by doing it again.
    pub async fn publish(&mut self, action: &Action) -> Result<Done, GitHubError> {
        match action {
            Action::Commit(action) => self.commit(action).await,
            Action::Branch(action) => self.branch(action).await,
            Action::OpenPull(action) => self.open(action).await,
            Action::EditPull(action) => self.edit(action).await,
            Action::ClosePull(action) => self.close(action).await,
            Action::Check(action) => self.check(action).await,
            Action::Status(action) => self.status(action).await,
            Action::Comment(action) => self.comment(action).await,
            Action::DeleteComment(action) => self.delete_comment(action).await,
            Action::Label(action) => self.label(action).await,
            Action::RequestReview(action) => self.request_review(action).await,
            Action::AutoMergeOff(pull) => {
                let what = format!("switch the auto-merge of the pull request {} off", pull.number);
                self.change(AUTO_MERGE_OFF, &pull.node_id, &what).await
            }
            Action::Dequeue(pull) => {
                let what = format!("take the pull request {} out of the merge queue", pull.number);
                self.change(DEQUEUE, &pull.node_id, &what).await
            }
            Action::Draft(pull) => {
                // It is tried once only: GitHub's word that the token may not is the only one that is final.
                match self.mutate(DRAFT, &pull.node_id, &format!("make the pull request {} a draft", pull.number)).await
                {
                    Err(refusal @ GitHubError::Forbidden { .. }) => Ok(Done::Missing(refusal.to_string())),
                    outcome => outcome.map(|()| Done::Nothing),
                }
            }
            Action::React(action) => self.react(action).await,
            Action::SubmitDependencies(action) => self.submit(action).await,
            Action::Issue(action) => self.issue(action).await,
        }
    }

    async fn edit(&self, EditPull { number, title, body }: &EditPull) -> Result<Done, GitHubError> {
        let what = format!("edit the pull request {number}");
        let request = self.client.patch(&format!("pulls/{number}"), json!({ "title": title, "body": body }), what);
        self.client.send(&request.needs(PULLS)).await.map(|_| Done::Nothing)
    }

    /// Writes a commit status.
    ///
    /// # Errors
    /// As [`Publisher::publish`].
    pub async fn status(&self, status: &WriteStatus) -> Result<Done, GitHubError> {
        let WriteStatus { at, context, state, description } = status;
        let sha = self.sha(at)?;
        let what = format!("write the commit status `{context}` of {sha}");
        let body = json!({ "state": state, "context": context, "description": description });
        let request = self.client.post(&format!("statuses/{sha}"), body, what);
        self.client.send(&request.needs(STATUSES)).await.map(|_| Done::Nothing)
    }

    async fn delete_comment(&self, DeleteComment { id }: &DeleteComment) -> Result<Done, GitHubError> {
        let what = format!("delete the comment {id}");
        let request = self.client.delete(&format!("issues/comments/{id}"), what).needs(PULLS);
        gone(self.client.send(&request).await.map(|_| Done::Nothing))
    }

    async fn react(&self, React { comment, content }: &React) -> Result<Done, GitHubError> {
        let what = format!("react to the comment {comment}");
        let path = format!("issues/comments/{comment}/reactions");
        // GitHub keeps one of each kind and person.
        let request = self.client.post(&path, json!({ "content": content }), what).needs(ISSUES).idempotent();
        self.client.send(&request).await.map(|_| Done::Nothing)
    }

    async fn submit(
        &self,
        SubmitDependencies { branch, snapshot, .. }: &SubmitDependencies,
    ) -> Result<Done, GitHubError> {
        let mut body = snapshot.clone();
        body["scanned"] = json!(Moment(i64::try_from(now()).unwrap_or_default()));
        let what = format!("submit the dependencies of `{branch}`");
        // The same snapshot takes its own place.
        let request = self.client.post("dependency-graph/snapshots", body, what).needs(CONTENTS).idempotent();
        self.client.send(&request).await.map(|_| Done::Nothing)
    }

    /// The commit that is meant.
    fn sha(&self, at: &At) -> Result<CommitId, GitHubError> {
        match at {
            At::Sha(sha) => Ok(sha.clone()),
            At::Committed => self.committed.clone().ok_or_else(|| GitHubError::Setup {
                why: "the plan speaks of its own commit before it makes one".to_owned(),
            }),
        }
    }

    async fn open(&self, pull: &OpenPull) -> Result<Done, GitHubError> {
        let OpenPull { head, base, title, body, labels } = pull;
        let what = format!("open a pull request for the branch `{head}`");
        let fields = json!({ "head": head, "base": base, "title": title, "body": body });
        let request = self.client.post("pulls", fields, what).needs(PULLS);
        let number = match self.client.json::<Numbered>(&request).await {
            Ok(pull) => pull.number,
            // Somebody was faster, or an earlier run was cut off.
            Err(GitHubError::Rejected { status: 422, message, .. }) if message.contains("already exists") => {
                pull_of_branch(&self.client, head).await?.ok_or_else(|| GitHubError::Rejected {
                    what: request.what(),
                    status: 422,
                    message,
                })?
            }
            Err(GitHubError::Forbidden { what, why, .. }) if why.contains("not permitted to create") => {
                let setting = "the setting \"Allow GitHub Actions to create and approve pull requests\"";
                return Err(GitHubError::Forbidden { what, permission: Some(setting.to_owned()), why });
            }
            Err(error) => return Err(error),
        };
        if let Err(error) = self.add_labels(number, labels).await {
            // The pull request is there all the same, and the next run sees that they lack.
            tracing::warn!("{error}");
        }
        Ok(Done::Opened(number))
    }

    async fn close(&self, ClosePull { number, branch, comment }: &ClosePull) -> Result<Done, GitHubError> {
        if let Some(body) = comment {
            self.comment(&WriteComment { number: *number, id: None, body: body.clone() }).await?;
        }
        // The branch first: closed with the branch left, it would look like a person's answer.
        let what = format!("delete the branch `{branch}`");
        let request = self.client.delete(&format!("git/refs/heads/{}", segment(branch)), what).needs(CONTENTS);
        match self.client.send(&request).await.map(|_| ()) {
            Err(GitHubError::Rejected { status: 422, message, .. }) if message.contains("does not exist") => {}
            Err(GitHubError::NotFound { .. }) | Ok(()) => {}
            Err(error) => return Err(error),
        }
        let what = format!("close the pull request {number}");
        let request = self.client.patch(&format!("pulls/{number}"), json!({ "state": "closed" }), what);
        gone(self.client.send(&request.needs(PULLS)).await.map(|_| Done::Nothing))
    }

    async fn check(&self, check: &WriteCheck) -> Result<Done, GitHubError> {
        let WriteCheck { at, id, name, conclusion, title, summary, external_id, annotations } = check;
        #[derive(Deserialize)]
        struct Written {
            id: CheckRunId,
        }
        let sha = self.sha(at)?;
        let what = || format!("write the check run `{name}` of {sha}");
        let mut batches = annotations.chunks(ANNOTATIONS);
        let mut body = json!({
            "name": name,
            "status": "completed",
            "conclusion": conclusion,
            "external_id": external_id,
            "output": output(title, summary, batches.next().unwrap_or_default()),
        });
        let request = match id {
            Some(id) => self.client.patch(&format!("check-runs/{id}"), body, what()),
            None => {
                body["head_sha"] = Value::from(sha.as_str());
                self.client.post("check-runs", body, what())
            }
        };
        let run: Written = self.client.json(&request.needs(CHECKS)).await?;
        for batch in batches {
            let body = json!({ "output": output(title, summary, batch) });
            // Annotations are added each time.
            let request = self.client.patch(&format!("check-runs/{}", run.id), body, what()).needs(CHECKS).once();
            self.client.send(&request).await?;
        }
        Ok(Done::Checked(sha, run.id))
    }

    async fn comment(&self, WriteComment { number, id, body }: &WriteComment) -> Result<Done, GitHubError> {
        let body = json!({ "body": body });
        let what = format!("comment on the pull request {number}");
        let request = match id {
            Some(id) => self.client.patch(&format!("issues/comments/{id}"), body, what),
            None => self.client.post(&format!("issues/{number}/comments"), body, what),
        };
        // A comment that was made has a number: whatever else is answered, it is not known to be there.
        #[derive(Deserialize)]
        struct Made {
            #[serde(rename = "id")]
            _id: u64,
        }
        self.client.json::<Made>(&request.needs(PULLS)).await.map(|_| Done::Nothing)
    }

    async fn label(&mut self, label: &AddLabel) -> Result<Done, GitHubError> {
        let name = &label.name;
        if !self.labels.contains(name) {
            let request = self.client.get(&format!("labels/{}", value(name)), format!("read the label `{name}`"));
            match self.client.send(&request).await {
                Err(GitHubError::NotFound { .. }) => self.make_label(label).await?,
                outcome => drop(outcome?),
            }
            self.labels.insert(name.to_owned());
        }
        self.add_labels(label.number, std::slice::from_ref(name)).await?;
        Ok(Done::Nothing)
    }

    async fn make_label(&self, label: &AddLabel) -> Result<(), GitHubError> {
        let AddLabel { name, color, description, .. } = label;
        let body = json!({ "name": name, "color": color, "description": description });
        let request = self.client.post("labels", body, format!("make the label `{name}`")).needs(ISSUES).idempotent();
        match self.client.send(&request).await {
            Err(GitHubError::Rejected { status: 422, message, .. }) if message.contains("already_exists") => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    async fn add_labels(&self, number: PullNumber, labels: &[String]) -> Result<(), GitHubError> {
        if labels.is_empty() {
            return Ok(());
        }
        let what = format!("label the pull request {number}");
        let request = self.client.post(&format!("issues/{number}/labels"), json!({ "labels": labels }), what);
        self.client.send(&request.needs(PULLS).idempotent()).await.map(drop)
    }

    async fn request_review(
        &self,
        RequestReviews { number, users, teams }: &RequestReviews,
    ) -> Result<Done, GitHubError> {
        if users.is_empty() && teams.is_empty() {
            return Ok(Done::Nothing);
        }
        let refusal = match self.request(*number, users, teams).await {
            Ok(()) => return Ok(Done::Nothing),
            Err(GitHubError::Rejected { status: 422, message, .. }) => message,
            Err(error) => return Err(error),
        };
        // A login that cannot review fails the whole request: then each is requested alone.
        let alone = users.len() + teams.len() == 1;
        let users = users.iter().map(|u| (format!("`{u}`"), vec![u.clone()], vec![]));
        let teams = teams.iter().map(|t| (format!("the team `{t}`"), vec![], vec![t.clone()]));
        let mut missing = Vec::new();
        for (name, users, teams) in users.chain(teams) {
            match if alone { Ok(()) } else { self.request(*number, &users, &teams).await } {
                Ok(()) if alone => missing.push(format!("{name} ({refusal})")),
                Ok(()) => {}
                Err(GitHubError::Rejected { status: 422, message, .. }) => missing.push(format!("{name} ({message})")),
                Err(error) => return Err(error),
            }
        }
        if missing.is_empty() {
            return Ok(Done::Nothing);
        }
        Ok(Done::Missing(format!(
            "no review of the pull request {number} could be requested from {}",
            missing.join(", ")
        )))
    }

    async fn request(&self, number: PullNumber, users: &[String], teams: &[String]) -> Result<(), GitHubError> {
        let mut body = json!({ "reviewers": users });
        if !teams.is_empty() {
            body["team_reviewers"] = json!(teams);
        }
        let what = format!("request reviews of the pull request {number}");
        let request = self.client.post(&format!("pulls/{number}/requested_reviewers"), body, what);
        // The comment remembers who was asked: an answer that is none is no request.
        self.client.json::<Numbered>(&request.needs(PULLS).idempotent()).await.map(drop)
    }

    /// A mutation that a token may not be allowed, and that the plan can do without.
    async fn change(&self, document: &str, id: &str, what: &str) -> Result<Done, GitHubError> {
        match self.mutate(document, id, what).await {
            Err(
                refusal @ (GitHubError::Forbidden { .. }
                | GitHubError::NotFound { .. }
                | GitHubError::Rejected { status: 200, .. }),
            ) => Ok(Done::Missing(refusal.to_string())),
            outcome => outcome.map(|()| Done::Nothing),
        }
    }

    async fn mutate(&self, document: &str, id: &str, what: &str) -> Result<(), GitHubError> {
        let request = self.client.graph(document, &json!({ "id": id }), what, RetryPolicy::Once).needs(PULLS);
        let answer: Envelope = self.client.json(&request).await?;
        match answer.errors.first() {
            Some(error) => Err(refused(&request, error, self.client.token())),
            // An answer without errors and without data is none.
            None if answer.data.is_null() => Err(malformed(what, "it has no data")),
            None => Ok(()),
        }
    }
}

fn output(title: &str, summary: &str, annotations: &[Annotation]) -> Value {
    let line = |a: &Annotation| {
        json!({
            "path": a.path,
            "start_line": a.line,
            "end_line": a.line,
            "annotation_level": a.level,
            "title": a.title,
            "message": a.message,
        })
    };
    let mut output = json!({ "title": title, "summary": summary });
    if !annotations.is_empty() {
        output["annotations"] = annotations.iter().map(line).collect();
    }
    output
}

/// Counts an object that does not exist as deleted.
fn gone(outcome: Result<Done, GitHubError>) -> Result<Done, GitHubError> {
    match outcome {
        Err(GitHubError::NotFound { .. }) => Ok(Done::Nothing),
        outcome => outcome,
    }
}
