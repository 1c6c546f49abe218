//! The review for people at a terminal.

use super::{Frame, around, headline, items, words};
use crate::finding::Finding;
use crate::report;
use crate::report::markdown::{middle, visible};
use crate::review::inputs::InputDiff;
use crate::review::{Attention, CrateChange, ElementReview, PointState, Review, SourceMove};
use crate::text::Span;
use std::fmt::Write as _;

/// The number of routine changes of an element that are shown. The JSON report has all.
const ROWS: usize = 40;

/// The number of lines of a difference that are shown.
const LINES: usize = 60;

/// The number of lines that name findings before their facts: with the verdict, ten.
const FIRST: usize = 7;

/// Renders a review. `color` says whether escape codes may be written; no other code reaches the terminal.
#[must_use]
pub fn human(review: &Review, color: bool) -> String {
    let (on, off) = if color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    let mut out = format!("{on}{}{off}\n\n", visible(&headline(review, &Frame::default())));
    let findings: Vec<Finding> = items::sorted(review).into_iter().map(clean).collect();
    out.push_str(&first(review));
    out.push_str(&report::human::findings(&findings, color));
    out.push_str(&inputs(review));
    for element in &review.elements {
        out.push_str(&one(element, on, off));
    }
    section(
        &mut out,
        "checklist",
        review.checklist.iter().map(|p| {
            let mark = match p.state {
                PointState::Yes => "[x]",
                PointState::No => "[!]",
                PointState::Open => "[ ]",
            };
            let by = if p.by.is_empty() { String::new() } else { format!(" ({})", p.by) };
            format!("{mark} {}{by}", p.text)
        }),
    );
    section(&mut out, "not looked at", review.not_looked_up.iter().cloned());
    section(&mut out, "reproduce locally", review.reproduce.iter().cloned());
    if review.before > 0 {
        let _ = writeln!(out, "{}", around::before(review.before));
    }
    out.truncate(out.trim_end().len());
    out + "\n"
}

/// Lists what needs a look, a line each, where there is more than one thing: the facts of the first would hide the
/// others.
fn first(review: &Review) -> String {
    let items = items::items(review);
    if items.len() < 2 {
        return String::new();
    }
    let mut out = String::new();
    for item in items.iter().take(FIRST) {
        let claim = visible(&middle(&item.claim(), 200));
        let _ = writeln!(out, "  {}: {claim} [{}]", item.severity.name(), item.findings[0].rule.id);
    }
    if items.len() > FIRST {
        let _ = writeln!(out, "  and {} more", items.len() - FIRST);
    }
    out + "\n"
}

/// The lines that differ beside the crate lists.
fn inputs(review: &Review) -> String {
    let mut out = String::new();
    for input in &review.inputs {
        let _ = writeln!(out, "{} differs beside the crate list:", visible(&input.path));
        match &input.diff {
            InputDiff::Lines { lines, .. } => {
                for line in lines.iter().take(LINES) {
                    let _ = writeln!(out, "  {}", visible(line));
                }
                if lines.len() > LINES {
                    let _ = writeln!(out, "  {}", words::count(lines.len() - LINES, "more line"));
                }
            }
            InputDiff::Content(..) => out.push_str("  its content, which is no text or too long\n"),
            InputDiff::Unreadable(why) => {
                let _ = writeln!(out, "  it cannot be compared: {}", visible(why));
            }
        }
        out.push('\n');
    }
    out
}

/// A finding whose texts show what they hold.
fn clean(finding: &Finding) -> Finding {
    let mut finding = finding.clone();
    finding.message = visible(&finding.message);
    finding.notes = finding.notes.iter().map(|n| visible(n)).collect();
    finding.help = finding.help.as_deref().map(visible);
    finding.element = finding.element.as_deref().map(visible);
    if let Some(place) = &mut finding.location {
        place.path = visible(&place.path).into();
        let line = place.excerpt.replace('\t', " ");
        let part = |from: usize, to: usize| visible(line.get(from..to).unwrap_or_default());
        let (start, end) = (place.mark.start.min(line.len()), place.mark.end.min(line.len()));
        let (before, marked) = (part(0, start), part(start, end));
        place.mark = Span::new(before.len(), before.len() + marked.len());
        place.excerpt = before + &marked + &part(end, line.len());
    }
    finding
}

fn one(element: &ElementReview, on: &str, off: &str) -> String {
    let changes: Vec<&CrateChange> = element.changes.iter().collect();
    let moved = if changes.is_empty() { "no crate moved".to_owned() } else { words::counts(&changes) };
    let mut out = String::new();
    let (name, status, sizes) = (visible(&element.element), words::status(element), words::sizes(element));
    let _ = writeln!(out, "{on}{name}{off} {status}; {sizes}: {moved}");
    for moved in &element.sources {
        let _ = writeln!(out, "  source {}", visible(&source(moved)));
    }
    let mut sorted = changes;
    sorted.sort_by_key(|c| c.attention);
    let unusual = sorted.iter().take_while(|c| c.attention <= Attention::Medium).count();
    let shown = (unusual + ROWS).min(sorted.len());
    for change in &sorted[..shown] {
        out.push_str(&line(change));
    }
    if shown < sorted.len() {
        let rest = words::count(sorted.len() - shown, "more crate");
        let _ = writeln!(out, "    {rest}; `--format json` has all");
    }
    out + "\n"
}

fn line(change: &CrateChange) -> String {
    let mark = match change.attention {
        Attention::High => "!",
        Attention::Medium => "?",
        Attention::Low | Attention::Elsewhere => " ",
    };
    let mut out = format!("  {mark} {} {}", visible(&change.name), visible(&words::change(change).replace('`', "")));
    let facts: Vec<String> = change.facts.iter().map(ToString::to_string).collect();
    let known = words::known(&facts, change.attention);
    if !known.is_empty() {
        let _ = write!(out, " — {}", visible(&known));
    }
    if !change.brought_by.is_empty() {
        let _ = write!(out, " (through {})", words::listed(&change.brought_by, 3).replace('`', ""));
    }
    out + "\n"
}

fn source(moved: &SourceMove) -> String {
    match (&moved.old, &moved.new) {
        (Some(old), Some(new)) => {
            let track = words::track(old, new).map(|t| format!(", {}", t.replace('`', ""))).unwrap_or_default();
            let url = if old.url == new.url { new.url.clone() } else { format!("{} → {}", old.url, new.url) };
            format!("{url}: {} → {}{track}", words::short(&old.pinned), words::short(&new.pinned))
        }
        (None, Some(new)) => format!("{} is new: {}", new.url, words::short(&new.pinned)),
        (Some(old), None) => format!("{} is gone: {}", old.url, words::short(&old.pinned)),
        (None, None) => String::new(),
    }
}

/// A titled list. Nothing where it is empty.
fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.map(|line| format!("  {}\n", visible(&line))).collect();
    if !lines.is_empty() {
        let _ = write!(out, "{title}:\n{}\n", lines.concat());
    }
}
