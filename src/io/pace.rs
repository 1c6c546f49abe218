//! The pace at which something is shown.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Says when it is time again. The first time comes one interval after the first question.
#[derive(Debug)]
pub(crate) struct Pace {
    every: Duration,
    last: Mutex<Option<Instant>>,
}

impl Pace {
    /// A pace of one time in each interval.
    #[must_use]
    pub(crate) const fn new(every: Duration) -> Self {
        Self { every, last: Mutex::new(None) }
    }

    /// Returns whether an interval has passed since the last time.
    #[must_use]
    pub(crate) fn is_time(&self) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = last.get_or_insert_with(Instant::now).elapsed() >= self.every;
        if passed {
            *last = Some(Instant::now());
        }
        passed
    }
}

/// The time since something began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins now.
    #[must_use]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Whole seconds since then.
    #[must_use]
    pub(crate) fn seconds(self) -> u64 {
        self.0.elapsed().as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_shown_before_an_interval_has_passed() {
        assert!(!Pace::new(Duration::from_secs(3600)).is_time());
        let always = Pace::new(Duration::ZERO);
        assert!(always.is_time() && always.is_time());
    }
}
