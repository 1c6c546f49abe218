//! The time that is spent on each host: one that is slow gets no more than its part of a run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::HttpError;

/// The hosts of a client. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Spent {
    hosts: Arc<Mutex<HashMap<String, Host>>>,
}

/// The time of one host. What is under way at the same time counts once.
#[derive(Debug, Default)]
struct Host {
    under_way: usize,
    /// Since when something is under way.
    since: Option<Instant>,
    before: Duration,
}

/// A request that is under way, until it is dropped.
#[derive(Debug)]
pub(super) struct UnderWay {
    spent: Spent,
    host: String,
    /// When the time of the host is used up.
    pub(super) end: Instant,
    limit: Duration,
}

impl Spent {
    /// Begins a request to a host that may have so much time in all.
    ///
    /// # Errors
    /// [`HttpError::HostTime`] when that is used up.
    pub(super) fn begin(&self, host: &str, limit: Duration) -> Result<UnderWay, HttpError> {
        let now = Instant::now();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let known = hosts.entry(host.to_owned()).or_default();
        let so_far = known.before + known.since.map_or(Duration::ZERO, |since| now - since);
        if so_far >= limit {
            return Err(used_up(host, limit));
        }
        known.under_way += 1;
        known.since.get_or_insert(now);
        Ok(UnderWay { spent: self.clone(), host: host.to_owned(), end: now + (limit - so_far), limit })
    }
}

fn used_up(host: &str, limit: Duration) -> HttpError {
    HttpError::HostTime { host: host.to_owned(), seconds: limit.as_secs() }
}

impl UnderWay {
    /// The error of a request to `url` that did not end in time: in its own, or in that of its host.
    pub(super) fn late(&self, url: &str) -> HttpError {
        if Instant::now() >= self.end { used_up(&self.host, self.limit) } else { HttpError::out_of_time(url) }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut hosts = self.spent.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(host) = hosts.get_mut(&self.host) else { return };
        host.under_way = host.under_way.saturating_sub(1);
        if host.under_way == 0
            && let Some(since) = host.since.take()
        {
            host.before += since.elapsed();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn what_is_under_way_at_the_same_time_counts_once_and_pauses_do_not() {
        let spent = Spent::default();
        let pass = |seconds| tokio::time::advance(Duration::from_secs(seconds));
        let (one, two) = (spent.begin("h", LIMIT).unwrap(), spent.begin("h", LIMIT).unwrap());
        pass(4).await;
        drop(one);
        pass(2).await;
        drop(two);
        pass(100).await;
        let three = spent.begin("h", LIMIT).unwrap();
        assert_eq!(three.end, Instant::now() + Duration::from_secs(4));
        pass(4).await;
        assert!(matches!(spent.begin("h", LIMIT), Err(HttpError::HostTime { seconds: 10, .. })));
        assert!(spent.begin("other", LIMIT).is_ok(), "each host has its own time");
        drop(three);
        assert!(spent.begin("h", LIMIT).is_err());
    }
}
