//! What a test disturbs: limits, failures, broken connections, and things that happen in between.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::http::Answer;
use super::{Handle, Shared};

/// How a request fails.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The primary rate limit is used up; it is reset at this time (seconds since 1970).
    Primary { status: u16, reset: u64 },
    /// The secondary rate limit; with or without `retry-after` in seconds.
    Secondary { status: u16, retry_after: Option<u64> },
    /// This status, with a body that is not of the API. Nothing was carried out.
    Status(u16),
    /// This status, but the request was carried out.
    StatusAfter(u16),
    /// GraphQL's form of the primary limit: status 200, with an error and without data.
    GraphqlLimit { reset: u64 },
    /// Any answer in place of the true one.
    Answer { status: u16, body: Value },
    /// The connection ends before the request is carried out.
    ResetBefore,
    /// The request is carried out and the connection ends without an answer.
    ResetAfter,
    /// The request is carried out, and half of the true answer arrives.
    Truncated,
    /// The request is carried out, and this text arrives with the true status.
    Text(&'static str),
    /// This text arrives with status 200; nothing was carried out.
    TextBefore(&'static str),
    /// The answer takes this long.
    Slow(Duration),
    /// No answer comes and the connection stays open, until the client gives up. Without a socket it ends at once.
    Stall {
        /// Whether the request is carried out.
        carried_out: bool,
    },
}

/// A request as predicates see it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// From 1, over the whole life of the server.
    pub number: usize,
    pub method: String,
    /// Without the prefix of Enterprise; `/graphql` for GraphQL.
    pub path: String,
    /// The name of the GraphQL operation.
    pub operation: Option<String>,
    pub body: Value,
}

type Predicate = Box<dyn Fn(&Seen) -> bool + Send>;
type Hook = Box<dyn FnOnce(&Handle) + Send>;
type Watcher = Arc<dyn Fn(&Handle, &Seen) + Send + Sync>;

#[derive(Default)]
pub(crate) struct Disturb {
    faults: Vec<(usize, Predicate, Fault)>,
    hooks: Vec<(Predicate, Hook)>,
    watcher: Option<Watcher>,
}

impl Shared {
    /// The fault that strikes this request, used up once.
    pub(crate) fn fault(&self, seen: &Seen) -> Option<Fault> {
        let mut disturb = self.disturb.lock().unwrap();
        let (left, _, fault) = disturb.faults.iter_mut().find(|(left, matches, _)| *left > 0 && matches(seen))?;
        *left -= 1;
        Some(fault.clone())
    }

    pub(crate) fn watcher(&self) -> Option<Watcher> {
        self.disturb.lock().unwrap().watcher.clone()
    }

    /// The hooks that wait for this request, taken out.
    pub(crate) fn hooks(&self, seen: &Seen) -> Vec<Hook> {
        let mut disturb = self.disturb.lock().unwrap();
        let (due, later) = std::mem::take(&mut disturb.hooks).into_iter().partition(|(matches, _)| matches(seen));
        disturb.hooks = later;
        due.into_iter().map(|(_, hook): (Predicate, Hook)| hook).collect()
    }
}

impl Handle {
    /// The next `times` requests that match fail in this way.
    pub fn fail(&self, times: usize, matches: impl Fn(&Seen) -> bool + Send + 'static, fault: Fault) {
        self.shared.disturb.lock().unwrap().faults.push((times, Box::new(matches), fault));
    }

    /// Runs once, when the first request that matches has arrived and before it is carried out.
    pub fn before(&self, matches: impl Fn(&Seen) -> bool + Send + 'static, hook: impl FnOnce(&Self) + Send + 'static) {
        self.shared.disturb.lock().unwrap().hooks.push((Box::new(matches), Box::new(hook)));
    }

    /// Runs before request number `number` is carried out (the first one is 1).
    pub fn before_request(&self, number: usize, hook: impl FnOnce(&Self) + Send + 'static) {
        self.before(move |seen| seen.number == number, hook);
    }

    /// Runs after each request that was carried out, before its answer is sent.
    pub fn watch(&self, watcher: impl Fn(&Self, &Seen) + Send + Sync + 'static) {
        self.shared.disturb.lock().unwrap().watcher = Some(Arc::new(watcher));
    }

    /// How many requests arrived so far.
    pub fn sent(&self) -> usize {
        self.shared.log.lock().unwrap().len()
    }

    /// Forgets the faults, hooks and the watcher that still wait.
    pub fn calm(&self) {
        *self.shared.disturb.lock().unwrap() = Disturb::default();
    }

    /// How many faults and hooks still wait; a test that expects them to strike asks for 0.
    pub fn pending(&self) -> usize {
        let disturb = self.shared.disturb.lock().unwrap();
        disturb.faults.iter().filter(|(left, ..)| *left > 0).count() + disturb.hooks.len()
    }
}

const DOCS: &str = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api";

impl Fault {
    /// The answer that replaces the true one.
    pub(crate) fn answer(&self) -> Option<Answer> {
        let limited = |status: u16, what: &str| {
            let message = format!("{what} Please wait a few minutes before you try again.");
            Answer::json(status, json!({ "message": message, "documentation_url": DOCS }))
        };
        match self {
            Self::Primary { status, reset } => Some(
                limited(*status, "API rate limit exceeded for installation ID 1.")
                    .header("x-ratelimit-limit", &1000)
                    .header("x-ratelimit-remaining", &0)
                    .header("x-ratelimit-used", &1000)
                    .header("x-ratelimit-reset", reset)
                    .header("x-ratelimit-resource", "core"),
            ),
            Self::Secondary { status, retry_after } => {
                let answer = limited(*status, "You have exceeded a secondary rate limit.");
                Some(match retry_after {
                    Some(seconds) => answer.header("retry-after", seconds),
                    None => answer,
                })
            }
            Self::Status(status) | Self::StatusAfter(status) => {
                Some(Answer::json(*status, json!({ "message": "Server Error", "documentation_url": DOCS })))
            }
            Self::GraphqlLimit { reset } => {
                let error =
                    json!({ "type": "RATE_LIMITED", "message": "API rate limit exceeded for installation ID 1." });
                let answer = Answer::json(200, json!({ "errors": [error] }));
                Some(answer.header("x-ratelimit-remaining", &0).header("x-ratelimit-reset", reset))
            }
            Self::Answer { status, body } => Some(Answer::json(*status, body.clone())),
            Self::TextBefore(text) => {
                let mut answer = Answer::json(200, Value::Null);
                answer.raw = Some((*text).to_owned());
                Some(answer)
            }
            Self::ResetBefore
            | Self::ResetAfter
            | Self::Slow(_)
            | Self::Stall { .. }
            | Self::Truncated
            | Self::Text(_) => None,
        }
    }

    /// Whether the request is carried out all the same.
    pub(crate) fn carried_out(&self) -> bool {
        matches!(
            self,
            Self::StatusAfter(_)
                | Self::ResetAfter
                | Self::Slow(_)
                | Self::Stall { carried_out: true }
                | Self::Truncated
                | Self::Text(_)
        )
    }
}
