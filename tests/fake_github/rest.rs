//! The REST routes of the repository.

mod administration;
mod checks;
mod code;
mod issues;
mod pulls;
mod repository;

use serde_json::{Value, json};

use super::http::Answer;
use super::serve::Call;
use super::state::State;
use super::token::{Access, Kind};

/// Err: what GitHub answers instead.
pub(crate) type Reply = Result<Answer, Answer>;

const DOCS: &str = "https://docs.github.com/rest";

/// An error in GitHub's form.
pub(crate) fn refuse(status: u16, message: &str) -> Answer {
    Answer::json(status, json!({ "message": message, "documentation_url": DOCS, "status": status.to_string() }))
}

pub(crate) fn not_found() -> Answer {
    refuse(404, "Not Found")
}

/// 422 about a field of a resource.
pub(crate) fn invalid(resource: &str, field: &str, message: &str) -> Answer {
    Answer::json(
        422,
        json!({
            "message": "Validation Failed", "documentation_url": DOCS, "status": "422",
            "errors": [{ "resource": resource, "code": "custom", "field": field, "message": message }],
        }),
    )
}

pub(crate) fn answer(state: &mut State, mut call: Call) -> Answer {
    let path = std::mem::take(&mut call.path);
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let reply = match (call.method.as_str(), parts.as_slice()) {
        ("GET", ["user"]) => repository::viewer(state, &call),
        ("GET", ["rate_limit"]) => repository::rate_limit(state),
        ("GET", ["apps", slug]) => Some(repository::app(state, &call, slug)),
        ("GET", ["installation", "repositories"]) => repository::installation(state, &call),
        ("POST", ["user", "repos"]) => Some(administration::make(state, &call)),
        (_, ["repos", owner, name, ..]) if state.removed && *owner == state.owner && *name == state.name => {
            Some(Err(not_found()))
        }
        (_, ["repos", owner, name, rest @ ..]) if *owner == state.owner && *name == state.name => {
            inside(state, &call, rest)
        }
        // Whether an App sees the activity of a fork is not settled: it does where a test says so.
        ("GET", ["repos", owner, name, "activity"]) if *name == state.name => Some(match state.fork_activity {
            true => repository::activity(state, &call, owner),
            false => Err(not_found()),
        }),
        _ => None,
    };
    match reply {
        Some(Ok(answer) | Err(answer)) => answer,
        None => {
            state.unknown.push(format!("{} /{}", call.method, path.join("/")));
            not_found()
        }
    }
}

/// None: there is no such route.
fn inside(state: &mut State, call: &Call, path: &[&str]) -> Option<Reply> {
    let found = administration::route(state, call, path);
    let found = found.or_else(|| repository::route(state, call, path));
    let found = found.or_else(|| code::route(state, call, path));
    let found = found.or_else(|| issues::route(state, call, path));
    let found = found.or_else(|| pulls::route(state, call, path));
    found.or_else(|| checks::route(state, call, path))
}

impl Call {
    /// Refuses tokens without this access to any of the areas.
    pub fn needs(&self, areas: &[&str], access: Access) -> Result<(), Answer> {
        if areas.iter().any(|area| self.token.may(area, access)) {
            return Ok(());
        }
        let level = if access == Access::Write { "write" } else { "read" };
        let named: Vec<String> = areas.iter().map(|area| format!("{area}={level}")).collect();
        let message = match self.token.kind {
            Kind::User => "Resource not accessible by personal access token",
            Kind::App | Kind::Workflow => "Resource not accessible by integration",
        };
        Err(refuse(403, message).header("x-accepted-github-permissions", &named.join("; ")))
    }

    /// A text of the body that must be there.
    pub fn required(&self, resource: &str, name: &str) -> Result<&str, Answer> {
        self.text(name).ok_or_else(|| invalid(resource, name, &format!("{name} wasn't supplied")))
    }

    /// A list of texts of the body; empty where it is not there.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let list = self.body.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(|text| Some(text.as_str()?.to_owned())).collect()
    }

    /// The page that was asked for, with links to its neighbours.
    pub fn page(&self, state: &State, path: &[&str], all: Vec<Value>) -> Answer {
        let (page, links) = self.paged(state, path, all);
        Answer { headers: links, ..Answer::json(200, json!(page)) }
    }

    /// The entries of the page that was asked for, and the header with the links.
    pub fn paged(&self, state: &State, path: &[&str], all: Vec<Value>) -> (Vec<Value>, Vec<(String, String)>) {
        let number = |name: &str, default: usize| self.parameter(name).and_then(|n| n.parse().ok()).unwrap_or(default);
        let size = number("per_page", 30).clamp(1, state.page.min(100));
        let (page, last) = (number("page", 1).max(1), all.len().div_ceil(size).max(1));
        let address = format!("{}/repos/{}/{}", self.root, state.full_name(), path.join("/"));
        let others = self.query.iter().filter(|(name, _)| name != "page");
        let others: String = others.map(|(name, value)| format!("&{name}={value}")).collect();
        let link = |to: usize, rel: &str| format!("<{address}?page={to}{others}>; rel=\"{rel}\"");
        let mut links = Vec::new();
        if page > 1 {
            links.extend([link(page - 1, "prev"), link(1, "first")]);
        }
        if page < last {
            links.extend([link(page + 1, "next"), link(last, "last")]);
        }
        let header = (!links.is_empty()).then(|| ("link".to_owned(), links.join(", ")));
        (all.into_iter().skip((page - 1) * size).take(size).collect(), header.into_iter().collect())
    }
}
