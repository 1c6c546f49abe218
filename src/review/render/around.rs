//! The parts around the evidence: the hold, what the bot did, the checklist, how to reproduce it locally.

use super::display_budget::DisplayBudget;
use super::words::{count, listed};
use super::{Frame, Hold, links};
use crate::github::approval::NEEDS_APPROVAL;
use crate::report::markdown::{code, fence, fold, link, list, text};
use crate::review::{Point, PointState, Review};

/// The longest patch that is shown, in bytes. A part of a patch is of no use, so longer ones are not shown.
const PATCH: usize = 20_000;

/// Says in one line whether the pull request is held, and what releases it.
pub(super) fn hold(frame: &Frame) -> Option<String> {
    Some(match frame.hold.as_ref()? {
        Hold::Held { why, approve } => {
            let comment = approve.as_ref().map(|id| code(&format!("/cargo2 approve {id}")));
            match (why.trim(), comment) {
                ("" | NEEDS_APPROVAL, comment) => {
                    let comment = comment.map(|comment| format!(", or comments {comment}")).unwrap_or_default();
                    format!(
                        "**Held** until someone with write access, other than the author, approves this pull request{comment}."
                    )
                }
                (why, comment) => {
                    let comment =
                        comment.map(|comment| format!(" To approve this content: a review, or the comment {comment}."));
                    format!("**Held**: {}.{}", text(why).trim_end_matches('.'), comment.unwrap_or_default())
                }
            }
        }
        Hold::Released { by } if by.is_empty() => "**Released**: this content was approved.".to_owned(),
        Hold::Released { by } => format!("**Released**: {} approved this content.", text(&listed(by, 5))),
        Hold::Promoted { what } => format!("**Released**: this {}.", text(what)),
        Hold::NotNeeded => "**Not held**: nothing here needs a human.".to_owned(),
    })
}

/// Why something beside Rust elements decides, where it does: each in a paragraph of its own.
pub(super) fn reasons(frame: &Frame) -> String {
    frame.reasons.iter().map(|reason| format!("{}.\n\n", text(reason.trim_end_matches('.')))).collect()
}

/// Lists what the bot did or could not do.
pub(super) fn notes(frame: &Frame, room: DisplayBudget) -> String {
    let lines: Vec<String> = frame.notes.iter().filter(|n| !n.trim().is_empty()).map(|n| text(n)).collect();
    short(&lines, room)
}

/// Shows the changes that the bot could not make itself.
pub(super) fn patches(frame: &Frame, room: DisplayBudget) -> String {
    let mut out = String::new();
    for (title, diff) in frame.patches.iter().filter(|_| room.extras > 0) {
        if room.patches && diff.len() <= PATCH {
            out.push_str(&fold(&format!("Patch: {title}"), &fence("diff", diff)));
        } else {
            let why = "its patch is too long to be shown; `cargo2-bot check --fix --dry-run` prints it";
            out.push_str(&format!("- {}: {}\n", text(title), text(why)));
        }
    }
    out
}

/// The checklist: folded unless a point is known to be wrong.
pub(super) fn checklist(review: &Review, room: DisplayBudget) -> String {
    if review.checklist.is_empty() || room.extras == 0 {
        return String::new();
    }
    let of = |state: PointState| review.checklist.iter().filter(|p| p.state == state).count();
    let (yes, no, open) = (of(PointState::Yes), of(PointState::No), of(PointState::Open));
    let lines: Vec<String> = review.checklist.iter().map(point).collect();
    let body = short(&lines, room);
    let mut title = format!("Checklist: {yes} of {} verified", review.checklist.len());
    if no > 0 {
        title += &format!(", {no} not met");
    }
    if open > 0 {
        title += &format!(", {open} for the reviewer");
    }
    if no > 0 { format!("{title}\n\n{body}") } else { fold(&title, &body) }
}

fn point(point: &Point) -> String {
    let (mark, word) = match point.state {
        PointState::Yes => ("x", ""),
        PointState::No => (" ", "❌ **not met**: "),
        PointState::Open => (" ", ""),
    };
    let by = if point.by.trim().is_empty() { String::new() } else { format!(" ({})", text(&point.by)) };
    format!("[{mark}] {word}{}{by}", text(&point.text))
}

/// Lists the commands that reproduce the report on a checkout.
pub(super) fn reproduce(review: &Review, room: DisplayBudget) -> String {
    if review.reproduce.is_empty() || room.extras == 0 {
        return String::new();
    }
    let lines: Vec<&str> =
        review.reproduce.iter().map(String::as_str).filter(|l| l.len() <= 2000).take(room.extras).collect();
    fold("Reproduce locally", &fence("sh", &lines.join("\n")))
}

/// Lists what was looked at and what was not, and counts what was so before.
pub(super) fn not_looked_up(review: &Review, frame: &Frame, room: DisplayBudget) -> String {
    let mut out = String::new();
    let lines: Vec<String> = review.not_looked_up.iter().map(|l| format!("not looked at: {}", text(l))).collect();
    let looked: Vec<String> = frame.looked.iter().map(|l| text(l)).collect();
    if room.extras > 0 && !(lines.is_empty() && looked.is_empty()) {
        let title = match lines.len() {
            0 => "What was looked at".to_owned(),
            n => format!("What was looked at, and {} not", count(n, "point")),
        };
        out.push_str(&fold(&title, &short(&[looked, lines].concat(), room)));
    }
    if review.before > 0 {
        out.push_str(&format!("\n{}\n", before(review.before)));
    }
    out.trim_start().to_owned()
}

/// Counts the findings that are no news.
pub(super) fn before(n: usize) -> String {
    match n {
        1 => "1 finding was there before this change: `cargo2-bot check` has it.".to_owned(),
        n => format!("{n} findings were there before this change: `cargo2-bot check` has them."),
    }
}

/// The last line: where to read on, and the commands.
pub(super) fn footer(frame: &Frame) -> String {
    let read = links::guide(&frame.links).map(|href| format!("{} · ", link("how to read this", &href)));
    let commands = if frame.hold.is_some() { " · `/cargo2 recheck` · `/cargo2 regenerate`" } else { "" };
    format!("cargo2-bot · {}`cargo2-bot explain RULE` explains a rule{commands}", read.unwrap_or_default())
}

/// A list, and how many lines are missing.
fn short(lines: &[String], room: DisplayBudget) -> String {
    let mut out = list(&lines[..lines.len().min(room.extras)]);
    if lines.len() > room.extras {
        out.push_str(&format!("- and {} more\n", lines.len() - room.extras));
    }
    out
}
