//! The reaction to an answer: take it, wait, or send the request again. And how fast writes may follow each other.
//! This is the retry policy of GitHub's API, beside that of `io/http`, which sends reads only.
//!
//! The rules are those of GitHub's "Rate limits for the REST API" and "Best practices for using the REST API".

use super::wire::Envelope;
use http::HeaderMap;
use std::time::Duration;
use tokio::time::Instant;

/// The policy for sending a request a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RetryPolicy {
    /// Nothing: it only reads.
    Read,
    /// Nothing more: it leaves the same state.
    Idempotent,
    /// It would be done twice.
    Once,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    /// The HTTP status.
    pub(super) status: u16,
    /// The headers.
    pub(super) headers: HeaderMap,
    /// The body.
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// A header's text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.header(name)?.trim().parse().ok()
    }

    /// The text of a short body, in which a refusal can be. An answer that holds data is no refusal of the whole.
    fn short(&self) -> Option<&str> {
        const SHORT: usize = 64 << 10;
        std::str::from_utf8(&self.body).ok().filter(|text| text.len() <= SHORT)
    }

    /// Returns whether a short body holds just these words. All answers are asked, so it is a search of its own.
    fn says(&self, words: &str) -> bool {
        self.short().is_some_and(|text| text.contains(words))
    }

    /// Returns when the primary limit begins anew, in seconds since 1970 UTC.
    pub(super) fn reset(&self) -> Option<u64> {
        self.number("x-ratelimit-reset")
    }

    /// Returns whether it says that a rate limit is used up. Then nothing was done.
    pub(super) fn limited(&self) -> bool {
        match self.status {
            429 => true,
            403 => {
                self.number("x-ratelimit-remaining") == Some(0)
                    || self.headers.contains_key("retry-after")
                    || self.short().is_some_and(|text| text.to_ascii_lowercase().contains("rate limit"))
            }
            200 => self.says("RATE_LIMITED") && self.has_error(|kind, _| kind == "RATE_LIMITED"),
            _ => false,
        }
    }

    /// Returns whether the server failed.
    fn failed(&self) -> bool {
        const TIMEOUT: &str = "Something went wrong while executing your query";
        self.status >= 500
            || (self.status == 200 && self.says(TIMEOUT) && self.has_error(|_, message| message.starts_with(TIMEOUT)))
    }

    /// Returns whether a GraphQL answer has an error for which `wanted(type, message)` holds.
    fn has_error(&self, wanted: impl Fn(&str, &str) -> bool) -> bool {
        let envelope: Option<Envelope> = serde_json::from_slice(&self.body).ok();
        envelope.is_some_and(|e| e.errors.iter().any(|e| wanted(&e.kind, &e.message)))
    }
}

/// The reaction to an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is taken.
    Take,
    /// A limit: the same request after this time.
    Wait(Duration),
    /// The server failed: the same request after this time.
    Retry(Duration),
}

/// The number of times that a request is sent again after a failure of the server or the network.
pub(super) const RETRIES: u32 = 4;

/// The number of times that a request is sent again because of limits. The budget usually ends it sooner.
pub(super) const WAITS: u32 = 8;

/// Decides the reaction to an answer, after so many attempts, at a time in seconds since 1970 UTC.
pub(super) fn classify_reply(reply: &Reply, again: RetryPolicy, attempts: u32, now: u64) -> Verdict {
    if reply.limited() {
        return if attempts < WAITS { Verdict::Wait(wait(reply, attempts, now)) } else { Verdict::Take };
    }
    if reply.failed() && again != RetryPolicy::Once && attempts < RETRIES {
        return Verdict::Retry(backoff(attempts));
    }
    Verdict::Take
}

/// Returns how long to wait for a limit: what `retry-after` says, else until the reset, else a minute, doubled each time.
pub(super) fn wait(reply: &Reply, attempts: u32, now: u64) -> Duration {
    let seconds = match (reply.number("retry-after"), reply.number("x-ratelimit-remaining"), reply.reset()) {
        (Some(after), _, _) => after,
        (None, Some(0), Some(reset)) => reset.saturating_sub(now).saturating_add(1),
        _ => 60 << attempts.min(10),
    };
    Duration::from_secs(seconds)
}

/// Returns how long to wait after a failure: half a second, doubled each time.
pub(super) fn backoff(attempts: u32) -> Duration {
    Duration::from_millis(500 << attempts.min(10))
}

/// How long a run may still wait for limits and repeated requests. Requests wait side by side: what one waits for, the others
/// wait for as well, and it counts once.
#[derive(Debug)]
pub(super) struct Budget {
    left: Duration,
    /// Until when is waited already.
    until: Option<Instant>,
}

impl Budget {
    /// A budget of this time.
    pub(super) const fn new(left: Duration) -> Self {
        Self { left, until: None }
    }

    /// Takes a waiting time that begins now, if it is in the budget. Returns its end.
    pub(super) fn spend(&mut self, time: Duration, now: Instant) -> Option<Instant> {
        let end = now.checked_add(time)?;
        let begin = self.until.map_or(now, |until| until.max(now));
        self.left = self.left.checked_sub(end.saturating_duration_since(begin))?;
        self.until = Some(begin.max(end));
        Some(end)
    }
}

/// The number of writes that are sent without a pause. More would look like abuse: GitHub wants a second between writes.
const FREE_WRITES: usize = 20;

/// The time of the writes.
#[derive(Debug, Default)]
pub(super) struct Pace {
    sent: usize,
    last: Option<Instant>,
}

impl Pace {
    /// Returns how long the next write has to wait. It counts as sent then.
    pub(super) fn next(&mut self, now: Instant) -> Duration {
        let pause = match self.last {
            Some(last) if self.sent >= FREE_WRITES => (last + Duration::from_secs(1)).saturating_duration_since(now),
            _ => Duration::ZERO,
        };
        self.sent += 1;
        self.last = Some(now + pause);
        pause
    }
}
