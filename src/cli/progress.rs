//! Progress of long work.

use crate::io::Progress;
use crate::io::pace::Pace;
use std::io::{IsTerminal as _, Write as _};

/// The line of progress: one that is written over on a terminal, a few plain ones elsewhere.
pub(super) struct Status {
    terminal: bool,
    pace: Pace,
}

impl Status {
    pub(super) fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        let every = std::time::Duration::from_millis(if terminal { 100 } else { 10_000 });
        Self { terminal, pace: Pace::new(every) }
    }

    /// Shows progress, unless something was shown a moment ago.
    pub(super) fn show(&self, progress: &Progress) {
        if !self.pace.is_time() {
            return;
        }
        let text = match progress {
            Progress::Verified(done, total) => format!("{done} of {total} blocks"),
            Progress::Fetching(what) => what.clone(),
        };
        let line = if self.terminal { format!("\r\x1b[K{text}") } else { format!("{text}\n") };
        let _ = std::io::stderr().write_all(line.as_bytes());
    }

    /// Clears the line when the value is dropped: at the end of the work, and when it is given up.
    pub(super) fn cleared(&self) -> Cleared<'_> {
        Cleared(self)
    }
}

/// The end of the line.
pub(super) struct Cleared<'a>(&'a Status);

impl Drop for Cleared<'_> {
    fn drop(&mut self) {
        if self.0.terminal {
            let _ = std::io::stderr().write_all(b"\r\x1b[K");
        }
    }
}
