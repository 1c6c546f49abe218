//! The hosts of a run: the filters that they refuse, and how many requests one of them gets at a time.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::locked::lock;
use super::protocol::Filter;

/// The number of requests that a host gets at a time.
const AT_A_TIME: usize = 8;

/// The hosts of a run.
#[derive(Default)]
pub(super) struct Hosts {
    known: Mutex<HashMap<String, Arc<Host>>>,
}

impl Hosts {
    /// The host of `url`.
    pub(super) fn of(&self, url: &str) -> Arc<Host> {
        let host: String = url.split('/').take(3).collect::<Vec<_>>().join("/");
        Arc::clone(lock(&self.known).entry(host).or_default())
    }
}

/// One host.
pub(super) struct Host {
    places: Arc<Semaphore>,
    refused: Mutex<BTreeSet<Filter>>,
}

impl Default for Host {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_A_TIME)), refused: Mutex::default() }
    }
}

impl Host {
    /// Waits until the host may be asked. The place is free again when it is dropped.
    pub(super) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    /// Those of `filters` that the host has not refused in this run, in their order.
    pub(super) fn allowed(&self, filters: &[Filter]) -> Vec<Filter> {
        let refused = lock(&self.refused);
        filters.iter().filter(|filter| !refused.contains(filter)).copied().collect()
    }

    /// Notes that the host does not allow these filters.
    pub(super) fn refuses(&self, filters: &[Filter]) {
        lock(&self.refused).extend(filters);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_filter_is_not_allowed_on_that_host() {
        let hosts = Hosts::default();
        hosts.of("https://one.example/a").refuses(&[Filter::RootTrees]);
        let all = [Filter::RootTrees, Filter::NoTrees];
        assert_eq!(hosts.of("https://one.example/b").allowed(&all), [Filter::NoTrees]);
        assert_eq!(hosts.of("https://two.example/a").allowed(&all), all);
    }
}
