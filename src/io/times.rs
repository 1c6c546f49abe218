//! How long a run may wait: for one element, for one host, and for everything.
//!
//! One slow host must neither keep the others waiting nor use up the time of the job. What was not looked at in time is a
//! finding of its own, and never passes.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::finding::{Finding, rules};

/// The limits of time.
#[derive(Clone, Debug)]
pub struct Times {
    /// For the lock of one crate list, and all that has to be fetched for it.
    pub element: Duration,
    /// For all requests to one host together. Those that are under way at the same time count once.
    pub host: Duration,
    /// For all that is read about one pull request.
    pub pull: Duration,
    /// The end of the run. None for a run of a person, who can end it.
    pub until: Option<Instant>,
}

impl Default for Times {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        Self { element: minutes(5), host: minutes(10), pull: minutes(8), until: None }
    }
}

/// There was no time left for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotInTime {
    /// How long it took.
    pub after: Option<Duration>,
}

impl fmt::Display for NotInTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.after {
            Some(after) => write!(f, "not looked at in time: it took longer than {} seconds", after.as_secs_f32()),
            None => f.write_str("not looked at in time: the time of the run is used up"),
        }
    }
}

impl std::error::Error for NotInTime {}

impl NotInTime {
    /// The finding that says so.
    pub(super) fn finding(self) -> Box<Finding> {
        Box::new(Finding::new(&rules::NOT_IN_TIME, format!("the lock was {self}")))
    }
}

impl Times {
    /// Sets the end of the run: so long from now on.
    pub fn end_after(&mut self, time: Duration) {
        self.until = Some(Instant::now() + time);
    }

    /// Waits for work that has this long, and no longer than the run.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn within<T>(&self, time: Duration, work: impl Future<Output = T>) -> Result<T, NotInTime> {
        let end = Instant::now() + time;
        let (end, after) = match self.until {
            Some(until) if until < end => (until, None),
            _ => (end, Some(time)),
        };
        // Work that would end at once is not begun any more.
        if end <= Instant::now() {
            return Err(NotInTime { after });
        }
        timeout_at(end, work).await.map_err(|_| NotInTime { after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_ends_with_its_own_time_or_with_the_run() {
        let (short, long) = (Duration::from_secs(1), Duration::from_secs(9));
        let times = Times { until: Some(Instant::now() + Duration::from_secs(5)), ..Times::default() };
        let sleep = tokio::time::sleep;
        assert_eq!(times.within(long, sleep(short)).await, Ok(()));
        assert_eq!(times.within(short, sleep(long)).await, Err(NotInTime { after: Some(short) }));
        assert_eq!(times.within(long, sleep(long)).await, Err(NotInTime { after: None }));
        assert_eq!(times.within(long, async {}).await, Err(NotInTime { after: None }), "nothing is begun any more");
    }
}
