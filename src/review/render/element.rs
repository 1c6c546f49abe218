//! The elements: what their sources and crates moved from and to.

use super::display_budget::DisplayBudget;
use super::words::{self, count, counts};
use super::{Frame, links};
use crate::report::Status;
use crate::report::markdown::{code, fold, ident, link, list, table, text};
use crate::review::{Attention, ChangeKind, CrateChange, ElementReview, Review, SourceMove};

/// Crates that are not unusual are shown unfolded up to here, if anything else is.
const OPEN: usize = 4;

/// The whole part, the most important elements first. `folded` puts all of it behind one line.
pub(super) fn all(review: &Review, frame: &Frame, room: DisplayBudget, folded: bool) -> String {
    if room.elements == 0 || review.elements.is_empty() {
        return String::new();
    }
    let mut elements: Vec<&ElementReview> = review.elements.iter().collect();
    elements.sort_by_cached_key(|e| (!matches!(e.status, Status::Drifted | Status::Unverified), worst(e)));
    let allowed = share(&elements, room.rows);
    let mut out = String::new();
    for (element, rows) in elements.iter().zip(allowed).take(room.elements) {
        out.push_str(&one(element, frame, rows, folded));
        out.push('\n');
    }
    if elements.len() > room.elements {
        out.push_str(&format!("{} left out here.\n", count(elements.len() - room.elements, "more element")));
    }
    if !folded {
        return out;
    }
    let changes: Vec<&CrateChange> = review.elements.iter().flat_map(|e| &e.changes).collect();
    let names: Vec<&str> = elements.iter().map(|e| e.element.as_str()).collect();
    fold(&format!("What moved in {}: {}", words::listed(&names, 4), counts(&changes)), &out)
}

/// Returns the attention that the most important crate of an element needs.
fn worst(element: &ElementReview) -> Attention {
    // An element without a changed crate is routine.
    element.changes.iter().map(|c| c.attention).min().unwrap_or(Attention::Low)
}

/// Counts the crates of each element among the first `rows` of all.
fn share(elements: &[&ElementReview], rows: usize) -> Vec<usize> {
    let each = elements.iter().enumerate();
    let mut all: Vec<(Attention, usize)> =
        each.flat_map(|(at, e)| e.changes.iter().map(move |c| (c.attention, at))).collect();
    all.sort_unstable();
    let mut out = vec![0; elements.len()];
    for (_, at) in all.iter().take(rows) {
        out[*at] += 1;
    }
    out
}

/// One element: a line, its sources, its crates.
fn one(element: &ElementReview, frame: &Frame, rows: usize, open: bool) -> String {
    let label = code(&element.element);
    let name = match links::file(&frame.links, &element.file, element.line) {
        Some(href) if element.line > 0 => link(&label, &href),
        _ => label,
    };
    let changes: Vec<&CrateChange> = element.changes.iter().collect();
    let moved = if changes.is_empty() { "no crate moved".to_owned() } else { counts(&changes) };
    let mut out = format!("**{name}** {}; {}: {moved}\n\n", words::status(element), words::sizes(element));
    if !element.sources.is_empty() {
        let moves: Vec<String> =
            element.sources.iter().take(10).map(|s| format!("source {}", source(s, true))).collect();
        out.push_str(&list(&moves));
        out.push('\n');
    }
    out + &crates(element, frame, rows, open)
}

/// The tables: what is unusual open, the rest folded.
fn crates(element: &ElementReview, frame: &Frame, rows: usize, open: bool) -> String {
    let mut changes: Vec<&CrateChange> = element.changes.iter().collect();
    changes.sort_by_key(|c| c.attention);
    let hidden = changes.len() - rows.min(changes.len());
    changes.truncate(rows);
    let unusual = changes.iter().take_while(|c| c.attention <= Attention::Medium).count();
    let split = if open || (unusual > 0 && changes.len() <= unusual + OPEN) { changes.len() } else { unusual };
    let (first, rest) = changes.split_at(split);
    let mut out = String::new();
    if !first.is_empty() {
        out.push_str(&rows_of(first, frame));
        out.push('\n');
    }
    if !rest.is_empty() {
        let others = rest.iter().filter(|c| c.attention == Attention::Elsewhere).count();
        let routine = count(rest.len(), &format!("routine {}", noun(rest)));
        let title = match others {
            0 => routine,
            n if n == rest.len() => format!("{routine}, for other platforms only"),
            n => format!("{routine}, {n} of them for other platforms only"),
        };
        out.push_str(&fold(&title, &rows_of(rest, frame)));
    }
    if hidden > 0 {
        let what = count(hidden, if changes.is_empty() { "crate" } else { "more crate" });
        out.push_str(&format!("\n{what} left out here: `cargo2-bot review --format json` has all.\n"));
    }
    out
}

/// Returns the word for these changes: `update` where only versions differ.
fn noun(changes: &[&CrateChange]) -> &'static str {
    if changes.iter().all(|c| matches!(c.kind, ChangeKind::Up(_))) { "update" } else { "change" }
}

fn rows_of(changes: &[&CrateChange], frame: &Frame) -> String {
    let rows: Vec<Vec<String>> = changes
        .iter()
        .map(|c| {
            let name = code(&ident(&c.name));
            let page = c.after.as_ref().and_then(|e| links::page(&frame.links, e));
            let moved = text(&words::change(c));
            let known = if c.attention == Attention::High { "**look**: " } else { "" };
            vec![
                page.map_or(name.clone(), |href| link(&name, &href)),
                links::change(&frame.links, c).map_or(moved.clone(), |href| link(&moved, &href)),
                format!("{known}{}", text(&words::known(c))).trim_end_matches(": ").to_owned(),
                text(&words::listed(&c.brought_by, 3)),
            ]
        })
        .collect();
    table(&["crate", "change", "known", "through"], &rows)
}

/// A source that moved. `named` adds its repository.
pub(super) fn source(moved: &SourceMove, named: bool) -> String {
    let pin = |pinned: &str| code(&words::short(pinned));
    match (&moved.old, &moved.new) {
        (Some(old), Some(new)) => {
            let arrow = format!("{} → {}", pin(&old.pinned), pin(&new.pinned));
            let arrow = links::pins(old, new).map_or(arrow.clone(), |href| link(&arrow, &href));
            let track = words::track(old, new).map(|t| format!(", {}", text(&t))).unwrap_or_default();
            match (old.url == new.url, named) {
                (true, true) => format!("{}: {arrow}{track}", code(&new.url)),
                (true, false) => format!("{arrow}{track}"),
                (false, _) => format!("**moved** {} → {}: {arrow}{track}", code(&old.url), code(&new.url)),
            }
        }
        (None, Some(new)) => format!("**new** {}: {}", code(&new.url), pin(&new.pinned)),
        (Some(old), None) => format!("**gone** {}: {}", code(&old.url), pin(&old.pinned)),
        (None, None) => "(nothing)".to_owned(),
    }
}
