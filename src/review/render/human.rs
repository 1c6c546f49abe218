//! The review for people at a terminal.

use super::needs;
use super::words::{self, verdict};
use crate::finding::Finding;
use crate::report;
use crate::report::markdown::{middle, visible};
use crate::review::{Attention, CrateChange, ElementReview, PointState, Review, SourceMove};
use crate::text::Span;
use std::fmt::Write as _;

/// The number of routine changes of an element that are shown. The JSON report has all.
const ROWS: usize = 40;

/// The number of lines that name findings before their facts: with the verdict, ten.
const FIRST: usize = 7;

/// Renders a review. `color` says whether escape codes may be written; no other code reaches the terminal.
#[must_use]
pub fn human(review: &Review, color: bool) -> String {
    let (on, off) = if color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    let mut out = format!("{on}{}{off}\n\n", visible(&verdict(review)));
    let findings: Vec<Finding> = needs::sorted(review).into_iter().map(clean).collect();
    out.push_str(&first(&findings));
    out.push_str(&report::human::findings(&findings, color));
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
    section(&mut out, "not looked up", review.not_looked_up.iter().cloned());
    section(&mut out, "reproduce locally", review.reproduce.iter().cloned());
    if review.before > 0 {
        let verb = if review.before == 1 { "was" } else { "were" };
        let _ = writeln!(out, "{} {verb} there before and not repeated here.", words::count(review.before, "finding"));
    }
    out.truncate(out.trim_end().len());
    out + "\n"
}

/// Lists what needs a look, a line each, where there is more than one thing: the facts of the first would hide the
/// others.
fn first(findings: &[Finding]) -> String {
    if findings.len() < 2 {
        return String::new();
    }
    let all: Vec<&Finding> = findings.iter().collect();
    let groups = needs::groups(&all);
    let mut out = String::new();
    for group in groups.iter().take(FIRST) {
        let (finding, many) = (group[0], group.len());
        let names = words::distinct(group.iter().filter_map(|f| f.krate.as_deref().or(f.element.as_deref())));
        let what = match many {
            1 => visible(&middle(&finding.message, 200)),
            _ => format!("{many} × {}", visible(&words::listed(&names, 6))),
        };
        let _ = writeln!(out, "  {}: {what} [{}]", finding.severity.name(), finding.rule.id);
    }
    let hidden: usize = groups.iter().skip(FIRST).map(Vec::len).sum();
    if hidden > 0 {
        let _ = writeln!(out, "  and {hidden} more");
    }
    out + "\n"
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
    let known = words::known(change);
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
