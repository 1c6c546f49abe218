//! When a request is sent again: attempts, one budget for all requests, waits with jitter, and what the server requests.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{HttpError, HttpSettings};

/// The rules for all requests of a client. Clones share the budget.
#[derive(Debug, Clone)]
pub(super) struct RetryPolicy {
    attempts: u32,
    backoff: Duration,
    max_retry_after: Duration,
    budget: Arc<AtomicU32>,
}

/// A failed attempt, with what the server said about trying again.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: HttpError,
    pub(super) retry_after: Option<Duration>,
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        Self { error, retry_after: None }
    }
}

impl RetryPolicy {
    pub(super) fn new(settings: &HttpSettings) -> Self {
        Self {
            attempts: settings.attempts,
            backoff: settings.backoff,
            max_retry_after: settings.max_retry_after,
            budget: Arc::new(AtomicU32::new(settings.retry_budget)),
        }
    }

    /// Waits for the time of attempt `round + 1`, counted from 1.
    ///
    /// # Errors
    /// The error of the failed attempt, when it was the last one: it is for good, or attempts, budget or time are used up.
    pub(super) async fn wait(&self, failure: Failure, round: u32, deadline: Instant) -> Result<(), HttpError> {
        let Some(wait) = self.pause(&failure, round) else { return Err(failure.error) };
        if Instant::now() + wait >= deadline || !self.spend() {
            return Err(failure.error);
        }
        tracing::debug!("trying again in {wait:?}: {}", failure.error);
        sleep(wait).await;
        Ok(())
    }

    /// Returns how long to wait before the next attempt; `None` when there should be none.
    fn pause(&self, failure: &Failure, round: u32) -> Option<Duration> {
        if !failure.error.is_transient() || round >= self.attempts {
            return None;
        }
        match failure.retry_after {
            Some(wait) if wait > self.max_retry_after => None,
            Some(wait) => Some(wait),
            None => Some(jittered(self.backoff * 2_u32.saturating_pow(round - 1).min(64))),
        }
    }

    fn spend(&self) -> bool {
        self.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

/// Half of `wait` to all of it, so that many clients do not come back at the same moment.
fn jittered(wait: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish() % 512;
    wait / 2 + wait / 2 * u32::try_from(random).unwrap_or(0) / 512
}
