//! The shapes of GitHub's answers, as far as they are read. Missing and null fields are tolerated where GitHub documents
//! them as optional, or where nothing depends on them.

use crate::github::facts::{Actor, CheckRun, CommitStatus};
use crate::github::ids::{CheckRunId, CommitId, Conclusion, PullNumber, StatusState};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Takes null for the empty value.
pub(super) fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// Takes anything that is not of the type for the empty value: errors are read even where they are odd.
fn lenient<'de, D: Deserializer<'de>, T: Default + serde::de::DeserializeOwned>(from: D) -> Result<T, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(from)?).unwrap_or_default())
}

/// The body of a REST answer that is no success.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Refusal {
    #[serde(default, deserialize_with = "lenient")]
    message: String,
    #[serde(default, deserialize_with = "lenient")]
    errors: Vec<Value>,
}

impl Refusal {
    /// The message, and those of the single errors.
    pub(super) fn text(&self) -> String {
        let single = self.errors.iter().filter_map(|e| {
            let field = |name: &str| e.get(name).and_then(Value::as_str);
            let code = field("code").map(|code| format!("{} {code}", field("field").unwrap_or_default()));
            e.as_str().or_else(|| field("message")).map(str::to_owned).or(code)
        });
        let message = (!self.message.is_empty()).then(|| self.message.clone());
        message.into_iter().chain(single).collect::<Vec<_>>().join(": ")
    }
}

/// A GraphQL answer.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Envelope {
    /// The requested data; parts that failed are null.
    #[serde(default)]
    pub(super) data: Value,
    /// The errors.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) errors: Vec<GraphError>,
}

/// An error of a GraphQL request.
#[derive(Debug, Default, Deserialize)]
pub(super) struct GraphError {
    /// `NOT_FOUND`, `FORBIDDEN`, …; empty for errors of the document itself.
    #[serde(rename = "type", default, deserialize_with = "lenient")]
    pub(super) kind: String,
    /// GitHub's message.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) message: String,
    /// Where.
    #[serde(default, deserialize_with = "lenient")]
    pub(super) path: Vec<Value>,
}

impl GraphError {
    /// Returns whether it lies at or below a field of one of these names.
    pub(super) fn within(&self, fields: &[&str]) -> bool {
        self.path.iter().filter_map(Value::as_str).any(|name| fields.contains(&name))
    }
}

/// A user of REST.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct User {
    #[serde(default, deserialize_with = "nullable")]
    login: String,
    #[serde(rename = "type", default, deserialize_with = "nullable")]
    kind: String,
}

impl From<User> for Actor {
    fn from(user: User) -> Self {
        let bot = user.kind == "Bot" || user.login.ends_with("[bot]");
        Self { login: user.login, bot }
    }
}

/// A user, an app or another actor of GraphQL.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Someone {
    #[serde(rename = "__typename", default, deserialize_with = "nullable")]
    kind: String,
    #[serde(default, deserialize_with = "nullable")]
    login: String,
    /// Of a team only.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) slug: String,
}

impl From<Someone> for Actor {
    /// GraphQL writes an app's login without the `[bot]` that REST writes.
    fn from(someone: Someone) -> Self {
        let suffix = if someone.kind == "Bot" && !someone.login.ends_with("[bot]") { "[bot]" } else { "" };
        let login = format!("{}{suffix}", someone.login);
        let bot = login.ends_with("[bot]");
        Self { login, bot }
    }
}

/// Check runs of REST.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Runs {
    /// One page of them.
    pub(super) check_runs: Vec<Run>,
}

/// A check run of REST.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Run {
    id: CheckRunId,
    #[serde(default, deserialize_with = "nullable")]
    name: String,
    #[serde(default, deserialize_with = "nullable")]
    app: App,
    #[serde(default, deserialize_with = "nullable")]
    status: String,
    conclusion: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    output: Output,
    #[serde(default, deserialize_with = "nullable")]
    external_id: String,
}

/// An app.
#[derive(Debug, Default, Deserialize)]
pub(super) struct App {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) slug: String,
}

#[derive(Debug, Default, Deserialize)]
struct Output {
    #[serde(default, deserialize_with = "nullable")]
    title: String,
    #[serde(default, deserialize_with = "nullable")]
    summary: String,
}

impl From<Run> for CheckRun {
    fn from(run: Run) -> Self {
        Self {
            id: run.id,
            name: run.name,
            app: run.app.slug,
            conclusion: run
                .conclusion
                .filter(|_| run.status == "completed" || run.status.is_empty())
                .map(|word| Conclusion::read(&word)),
            title: run.output.title,
            summary: run.output.summary,
            external_id: run.external_id,
        }
    }
}

/// A commit status of REST.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Status {
    context: String,
    state: String,
    #[serde(default, deserialize_with = "nullable")]
    description: String,
    #[serde(default, deserialize_with = "nullable")]
    creator: User,
}

impl From<Status> for CommitStatus {
    fn from(status: Status) -> Self {
        let Status { context, state, description, creator } = status;
        Self { context, state: StatusState::read(&state), description, creator: creator.into() }
    }
}

/// A git object's name.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Object {
    /// Its id.
    pub(super) sha: String,
}

/// A git ref.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Ref {
    /// The object that it points to.
    pub(super) object: CommitObject,
}

/// A commit.
#[derive(Debug, Default, Deserialize)]
pub(super) struct CommitObject {
    /// Its id.
    pub(super) sha: CommitId,
}

/// Anything with a number.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Numbered {
    /// Its number.
    pub(super) number: PullNumber,
}
