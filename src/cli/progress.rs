//! Progress of long work.

use crate::io::Progress;
use crate::io::pace::{Pace, Stopwatch};
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};

/// The line of progress: one that is written over on a terminal, a few plain ones elsewhere.
pub(super) struct Status {
    quiet: bool,
    terminal: bool,
    pace: Pace,
    since: Stopwatch,
    now: Mutex<Now>,
}

/// What the line shows.
#[derive(Default)]
struct Now {
    /// How many blocks are verified, of how many, and the element of the last one.
    verified: (usize, usize, String),
    /// What is being fetched.
    fetching: String,
}

impl Status {
    pub(super) fn new(quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let every = std::time::Duration::from_millis(if terminal { 100 } else { 10_000 });
        Self { quiet, terminal, pace: Pace::new(every), since: Stopwatch::start(), now: Mutex::default() }
    }

    /// Shows progress, unless something was shown a moment ago.
    pub(super) fn show(&self, progress: &Progress) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Progress::Verified(done, total, name) => now.verified = (*done, *total, name.clone()),
            Progress::Fetching(what) => now.fetching.clone_from(what),
        }
        if self.quiet || !self.pace.is_time() {
            return;
        }
        let text = line(&now, self.since.seconds());
        let line = if self.terminal { format!("\r\x1b[K{text}") } else { format!("{text}\n") };
        let _ = std::io::stderr().write_all(line.as_bytes());
    }

    /// Clears the line when the value is dropped: at the end of the work, and when it is given up.
    pub(super) fn cleared(&self) -> Cleared<'_> {
        Cleared(self)
    }
}

/// `12 s, 3 of 9 blocks verified (core/bootc.bst), fetching …`.
fn line(now: &Now, seconds: u64) -> String {
    let (done, total, name) = &now.verified;
    let blocks = (*total > 0).then(|| format!("{done} of {total} blocks verified ({name})"));
    let fetching = Some(now.fetching.clone()).filter(|what| !what.is_empty() && (*total == 0 || done < total));
    let parts = [Some(format!("{seconds} s")), blocks, fetching];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    // One line of a terminal, whatever a server is called.
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

/// The end of the line.
pub(super) struct Cleared<'a>(&'a Status);

impl Drop for Cleared<'_> {
    fn drop(&mut self) {
        if self.0.terminal && !self.0.quiet {
            let _ = std::io::stderr().write_all(b"\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_long_how_many_and_what() {
        let line = |done, total, fetching: &str, seconds| {
            line(&Now { verified: (done, total, "a.bst".into()), fetching: fetching.into() }, seconds)
        };
        assert_eq!(line(0, 0, "fetching x: 3 KiB", 2), "2 s, fetching x: 3 KiB");
        assert_eq!(line(1, 3, "fetching x", 2), "2 s, 1 of 3 blocks verified (a.bst), fetching x");
        assert_eq!(line(3, 3, "fetching x", 9), "9 s, 3 of 3 blocks verified (a.bst)");
        assert_eq!(line(0, 0, &"a\x1b[2J".repeat(90), 0).len(), 100);
    }
}
