//! The comment on a pull request, and the step summary of a run.

use super::display_budget::{DisplayBudget, Unit, fit};
use super::words::{self, verdict};
use super::{Frame, around, element, needs};
use crate::github::MARKER;
use crate::report::markdown::{text, text_to};
use crate::review::Review;

/// The length that a comment may have for sure, in UTF-16 code units: GitHub takes 65,536 characters.
pub const COMMENT_LIMIT: usize = 65_000;

/// The length that a step summary may have for sure, in bytes: GitHub takes 1,024 KiB of a step.
pub const SUMMARY_LIMIT: usize = 1_000_000;

/// The least room, in bytes, that a pull request gets in a summary; with less, only its verdict is listed.
const PART: usize = 300;

/// The number of characters of the verdict that are shown where only it fits.
const VERDICT: usize = 500;

/// The comment, of at most `limit` UTF-16 code units ([`COMMENT_LIMIT`] on GitHub; not less than 1,000 makes sense). What does not fit is
/// left out, crates first, and counted.
#[must_use]
pub fn comment(review: &Review, frame: &Frame, limit: usize) -> String {
    let room = limit.saturating_sub(MARKER.len() + 1);
    format!("{MARKER}\n{}", body(review, frame, room, Unit::Utf16))
}

/// The step summary of a run over several pull requests, each with its heading, of at most `limit` bytes ([`SUMMARY_LIMIT`]). Where not
/// all fit, each gets the same room; where even their verdicts do not fit, the last are counted.
#[must_use]
pub fn summary(parts: &[(String, &Review, &Frame)], limit: usize) -> String {
    let headings: Vec<String> = parts.iter().map(|(heading, ..)| format!("## {}\n\n", text_to(heading, 120))).collect();
    let taken: usize = headings.iter().map(|h| h.len() + 1).sum();
    let even = limit.saturating_sub(taken) / parts.len().max(1);
    for share in [limit, even].into_iter().filter(|share| *share >= PART) {
        let mut out = String::new();
        for (heading, (_, review, frame)) in headings.iter().zip(parts) {
            out.push_str(heading);
            out.push_str(&body(review, frame, share, Unit::Bytes));
            out.push('\n');
            if out.len() > limit {
                break;
            }
        }
        if out.len() <= limit {
            return out;
        }
    }
    let mut out = String::new();
    for (at, (heading, review, _)) in parts.iter().enumerate() {
        let line = format!("- {}: {}\n", text_to(heading, 100), text_to(&verdict(review), 200));
        if out.len() + line.len() + 60 > limit {
            out.push_str(&format!("- and {} more pull requests\n", parts.len() - at));
            break;
        }
        out.push_str(&line);
    }
    if out.len() <= limit { out } else { String::new() }
}

/// The report as Markdown, without the marker.
pub(super) fn body(review: &Review, frame: &Frame, limit: usize, unit: Unit) -> String {
    let total = review.elements.iter().map(|e| e.changes.len()).sum();
    let full = fit(limit, unit, total, |room| page(review, frame, room));
    if !full.is_empty() {
        return full;
    }
    let least = text_to(&verdict(review), limit.min(VERDICT) / 8) + "\n";
    if unit.measure(&least) <= limit { least } else { String::new() }
}

/// All parts, in the order in which a reviewer wants them.
fn page(review: &Review, frame: &Frame, room: DisplayBudget) -> String {
    let harmless = words::harmless(review);
    let mut head = if harmless { quiet(review) } else { format!("### {}\n", text(&verdict(review))) };
    if let Some(hold) = around::hold(frame) {
        head.push_str(&hold);
        head.push('\n');
    }
    let parts = [
        head,
        needs::top(review, frame, room),
        needs::evidence(review, frame, room),
        around::notes(frame, room),
        element::all(review, frame, room, harmless),
        around::patches(frame, room),
        around::checklist(review, room),
        around::reproduce(review, room),
        around::not_looked_up(review, room),
        left_out(review, room),
    ];
    let parts: Vec<&str> = parts.iter().map(|part| part.trim_end_matches('\n')).filter(|p| !p.is_empty()).collect();
    parts.join("\n\n") + "\n"
}

/// The one line of a harmless bump.
fn quiet(review: &Review) -> String {
    let line = format!("**{}.**", text(&verdict(review)));
    match review.elements.as_slice() {
        [one] => match one.sources.as_slice() {
            [] => format!("{line}\n"),
            [moved] => format!("{line} {}\n", element::source(moved, false)),
            many => format!("{line} {} moved.\n", words::count(many.len(), "source")),
        },
        _ => format!("{line}\n"),
    }
}

/// Says that something is missing where there was no room for anything but the verdict.
fn left_out(review: &Review, room: DisplayBudget) -> String {
    if room.extras > 0 || (review.elements.is_empty() && review.checklist.is_empty()) {
        return String::new();
    }
    "The rest does not fit here: `cargo2-bot review --format json` has all.".to_owned()
}
