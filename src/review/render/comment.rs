//! The comment on a pull request, and the step summary of a run.

use super::display_budget::{DisplayBudget, Unit, fit};
use super::{Frame, around, besides, bundle, headline, items, known, proof, rows, scripts, verdict};
use crate::github::MARKER;
use crate::report::markdown::{list, text_to};
use crate::review::Review;

/// The length that a comment may have for sure, in UTF-16 code units: GitHub takes 65,536 characters.
pub const COMMENT_LIMIT: usize = 65_000;

/// The length that a step summary may have for sure, in bytes: GitHub takes 1,024 KiB of a step.
pub const SUMMARY_LIMIT: usize = 1_000_000;

/// The number of characters of the verdict that are shown where only it fits.
const VERDICT: usize = 500;

/// The comment, of at most `limit` UTF-16 code units ([`COMMENT_LIMIT`] on GitHub; not less than 1,000 makes sense). What does not fit is
/// left out, crates first, and counted.
#[must_use]
pub fn comment(review: &Review, frame: &Frame, limit: usize) -> String {
    let room = limit.saturating_sub(MARKER.len() + 1);
    format!("{MARKER}\n{}", body(review, frame, room, Unit::Utf16))
}

/// The step summary of a run over several pull requests, of at most `limit` bytes ([`SUMMARY_LIMIT`]): a line for each with its
/// verdict, and below it what has to be looked at. Where not all fit, the last are counted.
#[must_use]
pub fn summary(parts: &[(String, &Review, &Frame)], limit: usize) -> String {
    for items in [true, false] {
        let mut out = String::new();
        for (at, (heading, review, frame)) in parts.iter().enumerate() {
            let heading = text_to(heading, 120);
            let heading = if heading.is_empty() { "(no title)" } else { &heading };
            let mut part = format!("- **{heading}**: {}\n", signed(review, frame, VERDICT));
            if items {
                let list = items::list(review, frame, DisplayBudget::FULL);
                part.extend(list.lines().map(|line| if line.is_empty() { "\n".into() } else { format!("  {line}\n") }));
                // There may be no comment that has them.
                let rest = [around::notes(frame, DisplayBudget::FULL), around::patches(frame, DisplayBudget::FULL)];
                part.extend(
                    rest.iter().filter(|rest| !rest.is_empty()).map(|rest| format!("\n{}\n\n", rest.trim_end())),
                );
            }
            let rest = format!("- and {} more pull requests\n", parts.len() - at);
            if out.len() + part.len() + rest.len() > limit {
                out.push_str(&rest);
                break;
            }
            out.push_str(&part);
        }
        if out.len() <= limit && (!items || !out.ends_with("more pull requests\n")) {
            return out;
        }
    }
    String::new()
}

/// The headline with its sign, of at most `max` characters of the headline.
fn signed(review: &Review, frame: &Frame, max: usize) -> String {
    format!("{} {}", verdict(review, frame).sign(), text_to(&headline(review, frame), max))
}

/// The report as Markdown, without the marker.
fn body(review: &Review, frame: &Frame, limit: usize, unit: Unit) -> String {
    let total = review.elements.iter().map(|e| e.changes.len()).sum();
    fitted(review, frame, (limit, unit), total, |room| page(review, frame, room))
}

/// The headline, the proof, what releases the hold, what has to be looked at: for check runs, which the comment stands beside.
pub(super) fn brief(review: &Review, frame: &Frame, limit: usize, unit: Unit) -> String {
    fitted(review, frame, (limit, unit), 0, |room| joined(&first_screen(review, frame, room)))
}

/// The fullest rendering within a limit, and the headline alone where not even the least one fits.
fn fitted(
    review: &Review,
    frame: &Frame,
    (limit, unit): (usize, Unit),
    rows: usize,
    render: impl Fn(DisplayBudget) -> String,
) -> String {
    let full = fit(limit, unit, rows, render);
    if !full.is_empty() {
        return full;
    }
    let least = signed(review, frame, limit.min(VERDICT) / 8) + "\n";
    if unit.measure(&least) <= limit { least } else { String::new() }
}

/// All parts, in the order in which a reviewer wants them.
fn page(review: &Review, frame: &Frame, room: DisplayBudget) -> String {
    let more = [
        folds(&[rows::all(review, frame, room), scripts::all(review, frame, room), known::all(review, frame, room)]),
        items::all(review, frame, room),
        proof::folded(review, frame, room),
        around::patches(frame, room),
        around::checklist(review, room),
        around::not_looked_up(review, frame, room),
        around::reproduce(review, room),
        left_out(review, room),
        around::footer(frame),
    ];
    joined(&[&first_screen(review, frame, room)[..], &more].concat())
}

/// Parts of which the folds are beside each other, a line each.
fn folds(parts: &[String; 3]) -> String {
    let mut out = String::new();
    for part in parts.iter().map(|part| part.trim_end_matches('\n')).filter(|part| !part.is_empty()) {
        let beside = out.is_empty() || (out.ends_with("</details>\n") && part.starts_with("<details>"));
        out.push_str(if beside { "" } else { "\n" });
        out.push_str(part);
        out.push('\n');
    }
    out
}

/// What comes before the crates.
fn first_screen(review: &Review, frame: &Frame, room: DisplayBudget) -> [String; 6] {
    [
        head(review, frame),
        around::reasons(frame),
        bundle::all(review, frame, room),
        items::list(review, frame, room),
        besides::all(review, frame, room),
        around::notes(frame, room),
    ]
}

fn joined(parts: &[String]) -> String {
    let parts: Vec<&str> = parts.iter().map(|part| part.trim_end_matches('\n')).filter(|p| !p.is_empty()).collect();
    parts.join("\n\n") + "\n"
}

/// The headline, the proof and the hold.
fn head(review: &Review, frame: &Frame) -> String {
    let mut lines = vec![format!("### {}", signed(review, frame, VERDICT))];
    match proof::lines(review, frame).as_slice() {
        [] => {}
        [one] => lines.push(one.clone()),
        [one, looked] if review.elements.len() != 2 => lines.push(format!("{one} {looked}")),
        many => lines.push(list(many)),
    }
    lines.extend(around::hold(frame));
    lines.join("\n")
}

/// Says that something is missing where there was no room for anything but the verdict.
fn left_out(review: &Review, room: DisplayBudget) -> String {
    if room.extras > 0 || (review.elements.is_empty() && review.checklist.is_empty()) {
        return String::new();
    }
    "The rest does not fit here: `cargo2-bot review --format json` has all.".to_owned()
}
