//! The advisories that a change frees the lists from, and those that stay: a line each, in one fold.

use super::display_budget::DisplayBudget;
use super::words::count;
use super::{Frame, links};
use crate::report::markdown::{code, fold, ident, link, list, text};
use crate::review::advisories::AdvisoryNote;
use crate::review::{Review, distinct};

/// The ids of the advisories that affect no version of the new lists and did affect one before.
pub(super) fn fixed(review: &Review) -> Vec<String> {
    let still: Vec<&str> = ids(review, false);
    distinct(ids(review, true).into_iter().filter(|id| !still.contains(id)))
}

fn ids(review: &Review, fixed: bool) -> Vec<&str> {
    review.advisories.iter().filter(|note| note.fixed == fixed).map(|note| note.id.as_str()).collect()
}

/// What a change fixes, in words; empty where that is nothing.
pub(super) fn fixes(review: &Review) -> String {
    match fixed(review).len() {
        0 => String::new(),
        1 => "fixes 1 advisory".to_owned(),
        n => format!("fixes {n} advisories"),
    }
}

/// The fold.
pub(super) fn all(review: &Review, _: &Frame, room: DisplayBudget) -> String {
    if review.advisories.is_empty() || room.extras == 0 {
        return String::new();
    }
    let fixed = fixed(review);
    let still = distinct(ids(review, false).into_iter()).len();
    let title = match (fixed.len(), still) {
        (0, still) => format!("Still affected by {}", advisories(still)),
        (fixed, 0) => format!("{} fixed", advisories(fixed)),
        (fixed, still) => format!("{} fixed, still affected by {}", advisories(fixed), advisories(still)),
    };
    let mut lines: Vec<String> = review.advisories.iter().rev().take(room.extras).map(line).collect();
    let hidden = review.advisories.len() - lines.len();
    lines.extend((hidden > 0).then(|| format!("{} left out here", count(hidden, "more line"))));
    fold(&title, &list(&lines))
}

fn advisories(n: usize) -> String {
    if n == 1 { "1 advisory".to_owned() } else { format!("{n} advisories") }
}

fn line(note: &AdvisoryNote) -> String {
    let id = code(&ident(&note.id));
    let id = links::advisory(&note.id).map_or(id.clone(), |href| link(&id, &href));
    let cve = note.cve.as_ref().map(|cve| format!(" ({})", text(cve))).unwrap_or_default();
    let what = if note.fixed { "fixed" } else { "still there" };
    let krate = code(&format!("{} {}", ident(&note.krate), note.version));
    format!("{what}: {id}{cve} in {krate}: {}", text(&note.title))
}
