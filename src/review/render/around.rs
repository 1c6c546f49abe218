//! The parts around the evidence: the hold, what the bot did, the checklist, how to reproduce it locally.

use super::display_budget::DisplayBudget;
use super::words::{count, listed};
use super::{Frame, Hold};
use crate::report::markdown::{fence, fold, list, text};
use crate::review::{Point, PointState, Review};

/// The longest patch that is shown, in bytes. A part of a patch is of no use, so longer ones are not shown.
const PATCH: usize = 20_000;

/// Says in one line whether the pull request is held.
pub(super) fn hold(frame: &Frame) -> Option<String> {
    Some(match frame.hold.as_ref()? {
        Hold::Held { why } if why.trim().is_empty() => {
            "**Held** until a maintainer other than the author approves.".to_owned()
        }
        Hold::Held { why } => format!("**Held**: {}", text(why)),
        Hold::Released { by } if by.is_empty() => "**Released**: this content was approved.".to_owned(),
        Hold::Released { by } => format!("**Released**: {} approved this content.", text(&listed(by, 5))),
        Hold::NotNeeded => "**Not held**: nothing here needs a human.".to_owned(),
    })
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

/// Lists what was not looked up, and counts what was so before.
pub(super) fn not_looked_up(review: &Review, room: DisplayBudget) -> String {
    let mut out = String::new();
    if !review.not_looked_up.is_empty() && room.extras > 0 {
        let lines: Vec<String> = review.not_looked_up.iter().map(|l| text(l)).collect();
        out.push_str(&fold(&format!("Not looked up: {}", count(lines.len(), "point")), &short(&lines, room)));
    }
    if review.before > 0 {
        let verb = if review.before == 1 { "was" } else { "were" };
        out.push_str(&format!("\n{} {verb} there before and not repeated here.\n", count(review.before, "finding")));
    }
    out.trim_start().to_owned()
}

/// A list, and how many lines are missing.
fn short(lines: &[String], room: DisplayBudget) -> String {
    let mut out = list(&lines[..lines.len().min(room.extras)]);
    if lines.len() > room.extras {
        out.push_str(&format!("- and {} more\n", lines.len() - room.extras));
    }
    out
}
