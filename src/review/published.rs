//! When releases were published: how old they were at the bump, and until when they are too young to be taken without a look.
//!
//! An age is one at the bump, so that it stays true however late the report is made or read. Whether a release is too young
//! is another question: that ends by itself, so it is judged against the time of the report.
//!
//! The index keeps times since 2026 only, and gave them to the older lines of a crate when it wrote the file anew for a later version. So a crate
//! without any time was not published since, and is no news; one of which some versions have a time has lost that of the others.

use super::change_context::{ChangeContext, DAY, day};

impl ChangeContext<'_> {
    /// The age of a release at the bump, in words; at the time of the report where nobody knows when the bump was.
    #[must_use]
    pub fn age_in_words(&self, published: i64) -> String {
        let (at, what) = match self.evidence.bumped {
            Some(bumped) => (bumped, "before the bump"),
            None => (self.evidence.now, "ago"),
        };
        match at.saturating_sub(published) {
            // The index's clock and that of the one who made the commit.
            late if late < 0 && self.evidence.bumped.is_some() => "which is after the bump".into(),
            age => format!("{} {what}", days(age.max(0))),
        }
    }

    /// When a release is no longer too young, if it still is: after so many days.
    #[must_use]
    pub fn quiet_until(&self, published: i64, days: u16) -> Option<i64> {
        let end = published.saturating_add(i64::from(days) * DAY);
        (self.evidence.now < end).then_some(end)
    }
}

/// The line that says when a warning ends.
#[must_use]
pub(super) fn ends(end: i64) -> String {
    format!("this warning ends on {}", day(end))
}

/// In whole days, so that the same facts give the same text all day long.
fn days(age: i64) -> String {
    match age / DAY {
        0 => "less than a day".into(),
        1 => "a day".into(),
        n => format!("{n} days"),
    }
}
